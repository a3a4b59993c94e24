"""Columns: the whole column at once gives what value by value gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.engine.converting.convert import convert_column, convert_each, without
from dms_workbench.engine.converting.forms import Pair
from dms_workbench.engine.databases.catalogue import Column, DataType

SQLITE_TO_POSTGRES, POSTGRES_TO_SQLITE = Pair("sqlite", "postgres"), Pair("postgres", "sqlite")
TYPES = [
    DataType("integer", "int", bits=32),
    DataType("decimal", "d", precision=8, scale=2),
    DataType("decimal", "n"),
    DataType("float", "f", bits=64),
    DataType("text", "t", length=5),
    DataType("bytes", "b"),
    DataType("boolean", "o"),
    DataType("date", "date"),
    DataType("time", "time", scale=3),
    DataType("timestamp", "ts", scale=6),
]
WORDS = [
    "2024-02-29",
    "2023-02-29",
    "2024-01-01 10:00:00.25",
    "10:00:00",
    "1.50",
    "1.005",
    "x\0y",
    "",
    "t",
    "123456789",
    "0000-01-01",
    "1900-02-29",
]
VALUES = (
    st.none()
    | st.integers(-(2**40), 2**40)
    | st.floats()
    | st.sampled_from(WORDS)
    | st.binary(max_size=3)
    | st.text(max_size=7)
)


@given(st.lists(VALUES, max_size=30), st.sampled_from(TYPES), st.booleans())
def test_a_whole_column_converts_as_its_values_do(values, type, nullable):
    target = Column("c", type, nullable=nullable)
    source = DataType(type.kind, "source", precision=type.precision, scale=type.scale)
    got = convert_column(values, source, target, SQLITE_TO_POSTGRES)
    expected = convert_each(values, source, target, SQLITE_TO_POSTGRES, identical=False)
    assert [reject.row for reject in got[1]] == [reject.row for reject in expected[1]]
    assert list(map(repr, got[0])) == list(map(repr, expected[0]))


def test_the_same_type_of_the_same_product_takes_everything():
    values = [1, "x", b"\0", None, float("inf")]
    column = Column("c", DataType("integer", "INTEGER", bits=64))
    assert convert_column(values, column.type, column, Pair("sqlite", "sqlite")) == (values, [])


def test_null_is_refused_where_the_target_forbids_it():
    column = Column("c", DataType("integer", "int", bits=32), nullable=False)
    values, rejects = convert_column([1, None], column.type, column, POSTGRES_TO_SQLITE)
    assert values == [1, None]
    assert [(reject.row, reject.code) for reject in rejects] == [(1, "not-null")]


@pytest.mark.parametrize(
    ("value", "kind", "pair", "fits"),
    [
        (float("nan"), "float", POSTGRES_TO_SQLITE, False),
        (float("nan"), "float", Pair("postgres", "duckdb"), True),
        ("NaN", "decimal", POSTGRES_TO_SQLITE, False),
        ("NaN", "decimal", Pair("duckdb", "postgres"), True),
        ("a\0b", "text", SQLITE_TO_POSTGRES, False),
        ("a\0b", "text", Pair("sqlite", "duckdb"), True),
        ("infinity", "timestamp", Pair("postgres", "duckdb"), True),
    ],
)
def test_what_the_target_cannot_hold_is_refused(value, kind, pair, fits):
    type = DataType(kind, "other native", bits=64 if kind == "float" else None)
    _, rejects = convert_column([value], DataType(kind, "native", bits=type.bits), Column("c", type), pair)
    assert (rejects == []) is fits


def test_negative_zero_keeps_its_sign_beside_zero():
    column = Column("c", DataType("float", "double", bits=64), nullable=False)
    values, _ = convert_column([0.0, -0.0, None], DataType("float", "real", bits=64), column, SQLITE_TO_POSTGRES)
    assert list(map(repr, values[:2])) == ["0.0", "-0.0"]


def test_a_second_of_more_digits_than_the_target_holds_is_refused():
    source, target = (
        DataType("timestamp", "timestamp", scale=6),
        Column("c", DataType("timestamp", "timestamp(3)", scale=3)),
    )
    values, rejects = convert_column(
        ["2024-01-01 00:00:00.1234", "2024-01-01 00:00:00.123"], source, target, Pair("duckdb", "postgres")
    )
    assert [(reject.row, reject.code) for reject in rejects] == [(0, "loses-precision")]
    assert values[1] == "2024-01-01 00:00:00.123"


def test_rows_are_left_out_by_number():
    assert without(["a", "b", "c"], {1}) == ["a", "c"]
