"""SQLite's storage classes: a value that stands in another class than the copy writes is a difference, on every path."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import product

import pytest

from tests.engine.verifying.conftest import Bench

MakeBench = Callable[[str, str], Bench]
VALUES = (
    "1", "1.0", "'1'", "'1.0'", "x'31'", "9e999", "-9e999", "'Inf'", "'inf'", "'INF'", "'Inf '", "'Infinity'", "x'496e66'",
    "'A'", "x'41'", "0.0", "-0.0", "0", "NULL", "''", "x''", "'true'", "'NaN'", "cast(x'ff' as text)", "x'ff'",
)  # fmt: skip
DECLARED = (
    "INTEGER", "REAL", "TEXT", "BLOB", "NUMERIC", "DECIMAL(12,3)", "", "BOOLEAN", "VARCHAR(20)", "DATE", "UUID", "JSON",
    "STRING", "BYTEA",
)  # fmt: skip
WRITTEN = (
    # declared in SQLite, type and value in DuckDB, what the copy stores for it
    ("INTEGER", "BIGINT", "1", "1"),
    ("REAL", "DOUBLE", "'inf'", "9e999"),
    ("REAL", "DOUBLE", "'-inf'", "-9e999"),
    ("REAL", "DOUBLE", "1", "1.0"),
    ("REAL", "DOUBLE", "0", "0.0"),
    ("TEXT", "VARCHAR", "'1'", "'1'"),
    ("TEXT", "VARCHAR", "'A'", "'A'"),
    ("TEXT", "VARCHAR", "''", "''"),
    ("TEXT", "VARCHAR", "NULL", "NULL"),
    ("TEXT", "VARCHAR", "'Inf'", "'Inf'"),
    ("", "VARCHAR", "'1'", "'1'"),
    ("", "VARCHAR", "'1.0'", "'1.0'"),
    ("", "VARCHAR", "'A'", "'A'"),
    ("STRING", "VARCHAR", "'1'", "1"),
    ("BLOB", "BLOB", "'A'::BLOB", "x'41'"),
    ("BLOB", "BLOB", "''::BLOB", "x''"),
    ("BYTEA", "BLOB", "'1'::BLOB", "x'31'"),
    ("BOOLEAN", "BOOLEAN", "true", "1"),
    ("DECIMAL(12,3)", "DECIMAL(12,3)", "1", "1"),
    ("DECIMAL(12,3)", "DECIMAL(12,3)", "0", "0"),
)
READ = (
    # declared and stored in SQLite, type and value in DuckDB, does the one become the other?
    ("REAL", "9e999", "DOUBLE", "'inf'", True),
    ("REAL", "'Inf'", "DOUBLE", "'inf'", False),
    ("REAL", "'Inf '", "DOUBLE", "'inf'", False),
    ("REAL", "x'31'", "DOUBLE", "1", False),
    ("TEXT", "'inf'", "DOUBLE", "'inf'", False),
    ("TEXT", "x'41'", "VARCHAR", "'A'", False),
    ("TEXT", "NULL", "VARCHAR", "''", False),
    ("INTEGER", "x'31'", "BIGINT", "1", False),
    ("", "1", "VARCHAR", "'1'", True),
    ("", "1.0", "VARCHAR", "'1'", False),
    ("", "1.0", "VARCHAR", "'1.0'", True),
    ("", "x'31'", "VARCHAR", "'1'", False),
    ("BLOB", "'A'", "BLOB", "'A'::BLOB", True),
    ("BLOB", "65", "BLOB", "'A'::BLOB", False),
    ("BLOB", "NULL", "BLOB", "''::BLOB", False),
)


def stored(path: str) -> dict[int, tuple[bytes, str]]:
    """What a file holds, as SQLite itself tells it."""
    with closing(sqlite3.connect(path)) as file:
        file.text_factory = bytes
        rows = file.execute("SELECT id, typeof(v), v FROM t").fetchall()
    return {row[0]: (row[1], repr(row[2])) for row in rows}


def fill(made: Bench, side: str, declared: str, values: list[str], *, strict: bool = False) -> None:
    """Table t with a value a row; a value that the column does not take is left out."""
    with closing(sqlite3.connect(made.urls[side])) as file:
        file.execute(f"CREATE TABLE t (id INTEGER PRIMARY KEY, v {declared}){' STRICT' if strict else ''}")
        for number, value in enumerate(values):
            file.execute(f"INSERT INTO t VALUES ({number}, {value})")
        file.commit()


@pytest.mark.parametrize("where", [None, "id >= 0"], ids=["by hashes", "by rows"])
@pytest.mark.parametrize("declared", [*DECLARED, "ANY"])
def test_between_two_files_every_change_of_value_or_storage_class_is_named(bench: MakeBench, declared, where):
    made, pairs = bench("sqlite", "sqlite"), list(product(VALUES, repeat=2))
    fill(made, "source", declared, [one for one, _ in pairs], strict=declared == "ANY")
    fill(made, "target", declared, [other for _, other in pairs], strict=declared == "ANY")
    left, right = stored(made.urls["source"]), stored(made.urls["target"])
    differing = {number for number in left if left[number] != right[number]}
    result = made.verify(where=where)
    assert (result.changed, result.missing, result.extra) == (len(differing), 0, 0)
    assert {int((found.key or {})["id"] or -1) for found in result.findings} <= differing


@pytest.mark.parametrize(("declared", "type_", "value", "written"), WRITTEN)
def test_what_another_product_sent_is_found_in_its_own_storage_class_only(
    bench: MakeBench, declared, type_, value, written
):
    made = bench("duckdb", "sqlite")
    made.run("source", f"CREATE TABLE t (id INTEGER PRIMARY KEY, v {type_})")
    made.run("source", f"INSERT INTO t SELECT i, {value} FROM range({len(VALUES) + 1}) s(i)")
    fill(made, "target", declared, [*VALUES, written])
    right = stored(made.urls["target"])
    differing = {number for number in right if right[number] != right[len(VALUES)]}
    assert differing
    assert {int((found.key or {})["id"] or -1) for found in made.verify().findings} == differing


@pytest.mark.parametrize(("declared", "value", "type_", "sent", "same"), READ)
def test_a_value_of_a_source_is_what_the_copy_makes_of_its_storage_class(
    bench: MakeBench, declared, value, type_, sent, same
):
    made = bench("sqlite", "duckdb")
    fill(made, "source", declared, [value])
    made.run("target", f"CREATE TABLE t (id INTEGER PRIMARY KEY, v {type_});\nINSERT INTO t VALUES (0, {sent})")
    assert made.verify().result == ("equal" if same else "different")
