from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.engine.databases.catalogue import DataType
from dms_workbench.engine.databases.duckdb.forms import duckdb_interval, duckdb_text, postgres_interval
from dms_workbench.engine.databases.duckdb.types import parse_type, render_type


@pytest.mark.parametrize(
    ("native", "kind", "bits"),
    [
        ("INTEGER", "integer", 32),
        ("UBIGINT", "integer", 64),
        ("HUGEINT", "integer", 128),
        ("FLOAT", "float", 32),
        ("DOUBLE", "float", 64),
        ("BOOLEAN", "boolean", None),
        ("VARCHAR", "text", None),
        ("ENUM('a', '', 'b')", "text", None),
        ("ENUM('a')[]", "other", None),
        ("INTEGER[]", "other", None),
        ("STRUCT(a INTEGER)", "other", None),
        ("BIT", "other", None),
        ("TIME WITH TIME ZONE", "other", None),
        ("TIMESTAMP WITH TIME ZONE", "timestamptz", None),
        ("TIMESTAMP_NS", "timestamp", None),
        ("BIGNUM", "decimal", None),
        ("JSON", "json", None),
        ("INTERVAL", "interval", None),
    ],
)
def test_types_have_their_common_meaning(native: str, kind: str, bits: int | None) -> None:
    found = parse_type(native)
    assert (found.kind, found.bits, found.native) == (kind, bits, native)


def test_parameters_and_signs_are_kept_and_synonyms_resolved() -> None:
    assert parse_type("DECIMAL(10,2)") == DataType("decimal", "DECIMAL(10,2)", precision=10, scale=2)
    assert parse_type("decimal(7)") == DataType("decimal", "DECIMAL(7,0)", precision=7, scale=0)
    assert parse_type("numeric").native == "DECIMAL(18,3)"
    assert parse_type("UTINYINT").unsigned
    assert parse_type("timestamptz").native == "TIMESTAMP WITH TIME ZONE"
    assert parse_type("varchar(20)") == parse_type("text") == DataType("text", "VARCHAR")
    assert [parse_type(name).scale for name in ("TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP", "TIMESTAMP_NS")] == [
        0,
        3,
        6,
        9,
    ]


@pytest.mark.parametrize(
    ("type", "native"),
    [
        (DataType("integer", "smallint", bits=16), "SMALLINT"),
        (DataType("integer", "INTEGER", bits=64), "BIGINT"),
        (DataType("integer", "bigint unsigned", bits=64, unsigned=True), "UBIGINT"),
        (DataType("decimal", "numeric(38,10)", precision=38, scale=10), "DECIMAL(38,10)"),
        (DataType("decimal", "numeric(39,10)", precision=39, scale=10), "VARCHAR"),
        (DataType("decimal", "numeric"), "VARCHAR"),
        (DataType("decimal", "numeric(3,-2)", precision=3, scale=-2), "VARCHAR"),
        (DataType("decimal", "numeric(2,5)", precision=2, scale=5), "VARCHAR"),
        (DataType("float", "real", bits=32), "FLOAT"),
        (DataType("text", "varchar(10)", length=10), "VARCHAR"),
        (DataType("timestamp", "timestamp", scale=6), "TIMESTAMP"),
        (DataType("timestamp", "x", scale=9), "TIMESTAMP_NS"),
        (DataType("timestamptz", "timestamptz", scale=6), "TIMESTAMP WITH TIME ZONE"),
        (DataType("interval", "interval"), "VARCHAR"),
        (DataType("json", "jsonb"), "VARCHAR"),
        (DataType("uuid", "uuid"), "UUID"),
        (DataType("other", "inet"), "VARCHAR"),
    ],
)
def test_a_common_type_becomes_one_that_holds_every_value(type: DataType, native: str) -> None:
    assert render_type(type) == native


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("1 year 2 months 3 days 04:05:06.7", "1 year 2 mons 3 days 04:05:06.7"),
        ("-1 year -2 months 3 days -04:05:06.7", "-1 years -2 mons +3 days -04:05:06.7"),
        ("1 month", "1 mon"),
        ("-1 day", "-1 days"),
        ("-3 days 04:05:06", "-3 days +04:05:06"),
        ("-00:00:00.000001", "-00:00:00.000001"),
        ("00:00:00", "00:00:00"),
        ("2562047788:00:54.775807", "2562047788:00:54.775807"),
    ],
)
def test_an_interval_is_written_as_postgresql_writes_it(theirs: str, ours: str) -> None:
    assert postgres_interval(theirs) == ours


def test_an_interval_is_read_as_months_days_and_microseconds() -> None:
    assert duckdb_interval("-1 years -2 mons +3 days -04:05:06.7") == "-14 months 3 days -14706700000 microseconds"
    assert duckdb_interval("25:00:00") == "0 months 0 days 90000000000 microseconds"
    for text in ("", "soon", "1 fortnight", "P1Y"):
        assert duckdb_interval(text) is None


def test_a_year_before_christ_stands_where_duckdb_wants_it() -> None:
    assert duckdb_text("0044-03-15 BC", parse_type("DATE")) == "0044-03-15 (BC)"
    assert duckdb_text("0044-03-15 12:00:00+00 BC", parse_type("TIMESTAMPTZ")) == "0044-03-15 (BC) 12:00:00+00"
    assert duckdb_text("x BC", parse_type("VARCHAR")) == "x BC"


@given(st.integers(-(2**31), 2**31 - 1), st.integers(-(2**31), 2**31 - 1), st.integers(-(2**62), 2**62))
def test_the_text_of_an_interval_says_months_days_and_microseconds_apart(months: int, days: int, clock: int) -> None:
    parts = [
        f"{value} {unit}" for value, unit in ((months // 12, "years"), (months % 12, "mons"), (days, "days")) if value
    ]
    sign, rest = ("-" if clock < 0 else ""), abs(clock)
    hours, rest = divmod(rest, 3_600_000_000)
    minutes, rest = divmod(rest, 60_000_000)
    seconds, fraction = divmod(rest, 1_000_000)
    text = " ".join([*parts, f"{sign}{hours:02}:{minutes:02}:{seconds:02}.{fraction:06}"])
    assert duckdb_interval(text) == f"{months} months {days} days {clock} microseconds"


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("bool", "BOOLEAN"),
        ("Int8", "BIGINT"),
        ("double  precision", "DOUBLE"),
        ("character varying(80)", "VARCHAR"),
        ("CHAR", "VARCHAR"),
        ("DECIMAL ( 10, 2 )", "DECIMAL(10,2)"),
        ("dec(7)", "DECIMAL(7,0)"),
    ],
)
def test_a_type_means_the_same_as_people_write_it_and_as_duckdb_prints_it(written: str, printed: str) -> None:
    assert parse_type(written) == parse_type(printed)
