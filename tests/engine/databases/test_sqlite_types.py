from __future__ import annotations

import sqlite3

import pytest

from dms_workbench.engine.databases.catalogue import DataType
from dms_workbench.engine.databases.sqlite.types import affinity, declarable, parse_type, render_type


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ("INTEGER", "integer"),
        ("int", "integer"),
        ("BIGINT", "integer"),
        ("UNSIGNED BIG INT", "decimal"),
        ("TINYINT(1)", "integer"),
        ("int auto_increment", "integer"),
        ("CHARINT", "integer"),
        ("BOOLEAN", "boolean"),
        ("bool", "boolean"),
        ("DECIMAL(10,2)", "decimal"),
        ("NUMERIC", "decimal"),
        ("REAL", "float"),
        ("DOUBLE PRECISION", "float"),
        ("FLOATING POINT", "float"),
        ("TEXT", "text"),
        ("VARCHAR(255) COLLATE NOCASE", "text"),
        ("NATIVE CHARACTER(70)", "text"),
        ("NVARCHAR(MAX)", "text"),
        ("STRING", "text"),
        ("", "text"),
        ("ANY", "text"),
        ("GEOMETRY", "text"),
        ("BLOB", "bytes"),
        ("VARBINARY(16)", "bytes"),
        ("DATE", "date"),
        ("TIME", "time"),
        ("DATETIME", "timestamp"),
        ("timestamp", "timestamp"),
        ("TIMESTAMP WITH TIME ZONE", "timestamptz"),
        ("TIMESTAMPTZ", "timestamptz"),
        ("UUID", "uuid"),
        ("JSON", "json"),
    ],
)
def test_a_declared_type_is_read_by_the_convention_behind_its_name(declared: str, kind: str) -> None:
    assert parse_type(declared).kind == kind
    assert parse_type(declared).native == declared


def test_lengths_precisions_and_scales_are_kept() -> None:
    assert parse_type("NVARCHAR(160)").length == 160
    assert parse_type("CHAR(3)").fixed
    assert not parse_type("VARCHAR(3)").fixed
    assert (parse_type("NUMERIC(10,2)").precision, parse_type("NUMERIC(10,2)").scale) == (10, 2)
    assert (parse_type("DECIMAL(5)").precision, parse_type("DECIMAL(5)").scale) == (5, 0)


def test_a_precision_that_makes_no_sense_is_no_limit() -> None:
    assert parse_type("DECIMAL(2,5)").precision is None
    assert parse_type("DECIMAL(0)").precision is None


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("VARCHAR(5)", "TEXT"),
        ("FLOATING POINT", "INTEGER"),
        ("", "BLOB"),
        ("DOUBLE", "REAL"),
        ("DECIMAL(4,2)", "NUMERIC"),
    ],
)
def test_the_affinity_is_the_one_of_the_documentation(declared: str, expected: str) -> None:
    assert affinity(declared) == expected


@pytest.mark.parametrize(
    ("type", "native"),
    [
        (DataType("integer", "bigint", bits=64), "INTEGER"),
        (DataType("integer", "UBIGINT", bits=64, unsigned=True), "TEXT"),
        (DataType("integer", "UINTEGER", bits=32, unsigned=True), "INTEGER"),
        (DataType("integer", "HUGEINT", bits=128), "TEXT"),
        (DataType("decimal", "numeric(10,2)", precision=10, scale=2), "DECIMAL(10,2)"),
        (DataType("decimal", "numeric(38,10)", precision=38, scale=10), "TEXT"),
        (DataType("decimal", "numeric"), "TEXT"),
        (DataType("decimal", "numeric(3,-2)", precision=3, scale=-2), "TEXT"),
        (DataType("float", "real", bits=32), "REAL"),
        (DataType("boolean", "boolean"), "INTEGER"),
        (DataType("text", "character(6)", length=6, fixed=True), "TEXT"),
        (DataType("text", "character varying(6)", length=6), "VARCHAR(6)"),
        (DataType("bytes", "bytea"), "BLOB"),
        (DataType("date", "date"), "TEXT"),
        (DataType("timestamptz", "timestamptz", scale=6), "TEXT"),
        (DataType("interval", "interval"), "TEXT"),
        (DataType("uuid", "uuid"), "TEXT"),
        (DataType("json", "jsonb"), "TEXT"),
        (DataType("other", "inet"), "TEXT"),
    ],
)
def test_a_common_type_becomes_one_whose_affinity_changes_no_value(type: DataType, native: str) -> None:
    assert render_type(type) == native


@pytest.mark.parametrize("declared", ["INTEGER", "decimal(10, 2)", "", "UNSIGNED BIG INT", "TIMESTAMP WITH TIME ZONE"])
def test_a_plain_declared_type_stands_as_it_is(declared: str) -> None:
    assert declarable(declared) == declared


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ("NVARCHAR(MAX)", "text"),
        ("VARCHAR(255) COLLATE NOCASE", "text"),
        ("int auto_increment", "integer"),
        ("INT); DROP TABLE t; --", "integer"),
        ('say "INT"', "integer"),
        ("TEXT PRIMARY KEY", "text"),
        ("GEOMETRY", "text"),
        ("int(1,2,3)", "integer"),
    ],
)
def test_any_other_declared_type_is_quoted_and_means_the_same(declared: str, kind: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"create table t (a {declarable(declared)}, b)")
    assert connection.execute("select type, pk from pragma_table_info('t')").fetchall() == [(declared, 0), ("", 0)]
    connection.close()
    assert parse_type(declarable(declared)).kind == parse_type(declared).kind == kind
