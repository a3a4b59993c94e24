"""Expressions, filters and lookups computed again, and several tables that go into one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dms_workbench.engine.databases.urls import database_for
from dms_workbench.engine.mapping.model import Lookup
from dms_workbench.engine.planning.plan import PlannedColumn, PlannedTable
from dms_workbench.engine.verifying import QuarantinedRow, verify
from tests.engine.verifying.conftest import PRODUCTS, Bench
from tests.engine.verifying.tables import KEYED, ROWS, MakeBench, counts, same


def test_expressions_filter_and_lookups_are_computed_again(bench: MakeBench) -> None:
    made = bench("sqlite", "postgres")
    made.run(
        "source",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, first TEXT, last TEXT, active TEXT, kind INTEGER, born TEXT);\n"
        "INSERT INTO t VALUES (1, 'Ann', 'Lee', 'Y', 1, '2000-01-02'), (2, 'Bo', NULL, 'N', 2, NULL), (3, 'C', 'Ox', 'Y', 2, '1999-12-31')",
    )
    made.run(
        "target",
        "CREATE TABLE t (id int PRIMARY KEY, name text, kind text, born date, origin text);\n"
        "INSERT INTO t VALUES (1, 'Ann Lee', 'new', '2000-01-02', 'shop'), (3, 'C Ox', 'old', '1999-12-31', 'shop')",
    )
    expressions = {
        "name": "first || ' ' || last",
        "kind": "lookup('kinds', kind)",
        "born": "CAST(born AS DATE)",
        "origin": "'shop'",
    }
    lookups = (Lookup("kinds", values={1: "new", 2: "old"}),)
    result = made.verify(where="active = 'Y'", expressions=expressions, lookups=lookups)
    assert (counts(result), result.filtered) == (("equal", 0, 0, 0), 1)
    made.run("target", "UPDATE t SET kind = 'new', born = '1999-12-30' WHERE id = 3")
    result = made.verify(where="active = 'Y'", expressions=expressions, lookups=lookups)
    assert [(finding.key, finding.columns) for finding in result.findings] == [({"id": "3"}, ("kind", "born"))]


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_lookup_in_a_table_is_read_again(bench: MakeBench, product: str) -> None:
    made = bench(product, "duckdb")
    made.run(
        "source",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, kind INTEGER);\nINSERT INTO t VALUES (1, 5), (2, 6);\n"
        "CREATE TABLE kinds (code INTEGER PRIMARY KEY, price DECIMAL(8,2));\nINSERT INTO kinds VALUES (5, 1.25), (6, 9.5)",
    )
    made.run(
        "target",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, price DECIMAL(8,2));\nINSERT INTO t VALUES (1, 1.25), (2, 9.50)",
    )
    arguments: dict[str, Any] = {
        "expressions": {"price": "lookup('kinds', kind)"},
        "lookups": (Lookup("kinds", table="kinds", key="code", value="price"),),
    }
    assert made.verify(**arguments).result == "equal"
    made.run("target", "UPDATE t SET price = 9.51 WHERE id = 2")
    assert counts(made.verify(**arguments)) == ("different", 0, 0, 1)


def test_a_row_whose_expression_fails_and_is_not_in_quarantine_is_a_difference(bench: MakeBench) -> None:
    made = bench("sqlite", "duckdb")
    made.run("source", "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT);\nINSERT INTO t VALUES (1, '1'), (2, 'two')")
    made.run("target", "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER);\nINSERT INTO t VALUES (1, 1)")
    expressions = {"n": "CAST(n AS INTEGER)"}
    assert counts(made.verify(expressions=expressions)) == ("different", 1, 0, 0)
    assert made.verify([QuarantinedRow(key={"id": 2}, row=None)], expressions=expressions).result == "equal"
    made.run("target", "INSERT INTO t VALUES (2, NULL)")
    assert made.verify(expressions=expressions).result == "different"


def test_an_expression_that_is_wrong_is_not_verified(bench: MakeBench) -> None:
    made = same(bench, "sqlite", "duckdb", f"{KEYED};\n{ROWS}")
    result = made.verify(expressions={"name": "nonsense || 'x'"})
    assert (result.result, "nonsense" in result.reason) == ("not_verified", True)


def maps_into_one(made: Bench, quarantined: dict[int, list[QuarantinedRow]] | None = None) -> list[Any]:
    """Verify the source tables a and b, both copied into t."""
    source = database_for(made.urls["source"]).open_source(made.urls["source"])
    target = database_for(made.urls["target"]).open_source(made.urls["target"])
    try:
        written = target.catalogue().table("t")
        tables = tuple(
            PlannedTable(
                number,
                table,
                written,
                tuple(PlannedColumn(written.column(column.name), column.name) for column in table.columns),
                creates=True,
            )
            for number, table in enumerate(source.catalogue().tables)
        )
        plan = replace(made.empty_plan(source, target), tables=tables)
        return verify(plan, source, target, control=made.control, spool_directory=made.folder, quarantined=quarantined)
    finally:
        source.close()
        target.close()


def test_two_tables_into_one_are_compared_together(bench: MakeBench) -> None:
    made = bench("sqlite", "duckdb")
    made.run("source", "CREATE TABLE a (n INTEGER, s TEXT);\nINSERT INTO a VALUES (1, 'x')")
    made.run("source", "CREATE TABLE b (n INTEGER, s TEXT);\nINSERT INTO b VALUES (1, 'x'), (2, 'y')")
    made.run("target", "CREATE TABLE t (n INTEGER, s VARCHAR);\nINSERT INTO t VALUES (1, 'x'), (1, 'x'), (2, 'y')")
    assert [result.result for result in maps_into_one(made)] == ["equal", "equal"]
    made.run("target", "UPDATE t SET s = 'z' WHERE n = 2")
    assert [result.result for result in maps_into_one(made)] == ["different", "different"]
    made.run("target", "DELETE FROM t;\nINSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z')")
    assert [result.result for result in maps_into_one(made)] == ["different", "different"]


def test_two_tables_with_other_columns_into_one_are_compared_in_all_of_them(bench: MakeBench) -> None:
    made = bench("sqlite", "duckdb")
    made.run("source", "CREATE TABLE a (n INTEGER PRIMARY KEY, s TEXT);\nINSERT INTO a VALUES (1, 'x')")
    made.run("source", "CREATE TABLE b (n INTEGER PRIMARY KEY, u TEXT);\nINSERT INTO b VALUES (2, 'y')")
    made.run(
        "target",
        "CREATE TABLE t (n INTEGER PRIMARY KEY, s VARCHAR, u VARCHAR);\nINSERT INTO t VALUES (1, 'x', NULL), (2, NULL, 'y')",
    )
    assert [result.result for result in maps_into_one(made)] == ["equal", "equal"]
    made.run("target", "UPDATE t SET u = 'z' WHERE n = 2")
    found = maps_into_one(made)
    assert [result.result for result in found] == ["equal", "different"]
    assert [(finding.key, finding.columns) for finding in found[1].findings] == [({"n": "2"}, ("u",))]
