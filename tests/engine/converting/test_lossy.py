"""Lossy rules: what each changes, and that none touches a value that fits."""

from __future__ import annotations

from typing import Any

import pytest

from dms_workbench.engine.converting import RULES, Losses, Pair, convert_column
from dms_workbench.engine.databases.catalogue import Column, DataType

TEXT = DataType("text", "text")
SQLITE_TO_POSTGRES = Pair("sqlite", "postgres")
MYSQL_TO_POSTGRES, MYSQL_TO_DUCKDB = Pair("mysql", "postgres"), Pair("mysql", "duckdb")
POSTGRES_TO_MYSQL, POSTGRES_TO_SQLITE = Pair("postgres", "mysql"), Pair("postgres", "sqlite")
DATE, STAMP = DataType("date", "date"), DataType("timestamp", "timestamp", scale=6)
MOMENT, FLOAT = DataType("timestamptz", "timestamptz", scale=6), DataType("float", "float8", bits=64)
NUMERIC = DataType("decimal", "numeric(6,2)", precision=6, scale=2)


@pytest.mark.parametrize(
    ("rule", "value", "source", "target", "pair", "wanted"),
    [
        ("round", 0.1 + 0.2, NUMERIC, NUMERIC, SQLITE_TO_POSTGRES, "0.30"),
        ("round", "2.345", TEXT, NUMERIC, SQLITE_TO_POSTGRES, "2.35"),
        ("round", "-2.345", TEXT, NUMERIC, SQLITE_TO_POSTGRES, "-2.35"),
        ("round", 2.5, TEXT, DataType("integer", "integer", bits=32), SQLITE_TO_POSTGRES, 3),
        ("round", 2**53 + 1, TEXT, FLOAT, SQLITE_TO_POSTGRES, 2.0**53),
        ("truncate-time", "10:00:00.1239", TEXT, DataType("time", "time(3)", scale=3), SQLITE_TO_POSTGRES, "10:00:00.123"),
        ("strip-nul", "a\0b", TEXT, TEXT, SQLITE_TO_POSTGRES, "ab"),
        ("replace-invalid", "a\udcff", TEXT, TEXT, SQLITE_TO_POSTGRES, "a\ufffd"),
        ("replace-invalid", b"a\xff", TEXT, TEXT, SQLITE_TO_POSTGRES, "a\ufffd"),
        ("cut-text", "äöüß", TEXT, DataType("text", "varchar(3)", length=3), SQLITE_TO_POSTGRES, "äöü"),
        ("zero-date-to-null", "0000-00-00", DATE, DATE, MYSQL_TO_POSTGRES, None),
        ("zero-date-to-null", "2024-05-00 01:02:03", STAMP, STAMP, MYSQL_TO_DUCKDB, None),
        ("naive-utc", "2024-01-01 12:00:00.5+02:00", TEXT, STAMP, SQLITE_TO_POSTGRES, "2024-01-01 10:00:00.5"),
        ("naive-utc", "2024-01-01T12:00:00Z", TEXT, STAMP, SQLITE_TO_POSTGRES, "2024-01-01 12:00:00"),
        ("naive-utc", "2024-01-01 12:00:00", TEXT, MOMENT, SQLITE_TO_POSTGRES, "2024-01-01 12:00:00+00"),
        ("nan-to-null", float("nan"), FLOAT, FLOAT, POSTGRES_TO_SQLITE, None),
        ("nan-to-null", "Infinity", DataType("decimal", "numeric"), NUMERIC, POSTGRES_TO_MYSQL, None),
        ("array-bounds", "[0:1]={5,6}", DataType("other", "integer[]"), DataType("json", "json"), POSTGRES_TO_MYSQL, "[5,6]"),
    ],
)  # fmt: skip
def test_a_rule_changes_a_value_that_does_not_fit(
    rule: str, value: Any, source: DataType, target: DataType, pair: Pair, wanted: Any
):
    column = Column("c", target)
    assert convert_column([value], source, column, pair)[1], "without the rule it goes to quarantine"

    losses = Losses((rule,))
    assert convert_column([value], source, column, pair, losses) == ([wanted], [])
    assert losses.changed == [(0, rule)]


def test_unsigned_zero_loses_its_sign_where_the_target_has_none():
    float8 = DataType("float", "float8", bits=64)
    losses = Losses(("unsigned-zero",))
    values, rejects = convert_column([-0.0, 1.0], float8, Column("c", float8), POSTGRES_TO_MYSQL, losses)
    assert (repr(values), rejects, losses.changed) == ("[0.0, 1.0]", [], [(0, "unsigned-zero")])


def test_values_that_fit_are_not_touched_by_any_rule():
    losses = Losses(tuple(RULES))
    values = ["a", "ä", "", None]
    assert convert_column(values, TEXT, Column("c", TEXT), SQLITE_TO_POSTGRES, losses) == (values, [])
    assert losses.changed == []


def test_a_value_that_no_rule_makes_fit_is_still_rejected():
    losses = Losses(("round",))
    _, rejects = convert_column(["x", "123456.1"], TEXT, Column("c", NUMERIC), SQLITE_TO_POSTGRES, losses)
    assert [(reject.row, reject.code) for reject in rejects] == [(0, "invalid-value"), (1, "out-of-range")]
    assert losses.changed == []


def test_a_rule_that_makes_null_is_refused_where_the_column_takes_none():
    date = DATE
    column = Column("c", date, nullable=False)
    _, rejects = convert_column(["0000-00-00"], date, column, MYSQL_TO_POSTGRES, Losses(("zero-date-to-null",)))
    assert [reject.code for reject in rejects] == ["not-null"]
