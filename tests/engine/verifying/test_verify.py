"""What verification says of whole tables: rows lost, doubled, swapped, there before."""

from __future__ import annotations

import pytest

from tests.engine.verifying.conftest import PRODUCTS
from tests.engine.verifying.tables import KEYED, KEYLESS, ROWS, MakeBench, counts, same


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_dropped_row_is_missing_and_named(bench: MakeBench, product: str) -> None:
    made = same(bench, "sqlite", product, f"{KEYED};\n{ROWS}")
    made.run("target", "DELETE FROM t WHERE id = 2")
    result = made.verify()
    assert counts(result) == ("different", 1, 0, 0)
    assert [(finding.kind, finding.key) for finding in result.findings] == [("missing", {"id": "2"})]


@pytest.mark.parametrize("product", PRODUCTS)
def test_rows_of_a_table_without_key_are_counted_not_only_seen(bench: MakeBench, product: str) -> None:
    rows = "INSERT INTO t VALUES (1, 'x'), (1, 'x'), (1, 'x'), (2, NULL), (NULL, NULL)"
    made = same(bench, "sqlite", product, f"{KEYLESS};\n{rows}")
    assert made.verify().result == "equal"
    made.run("target", "INSERT INTO t VALUES (1, 'x')")
    assert counts(made.verify()) == ("different", 0, 1, 0)
    made.run("source", "INSERT INTO t VALUES (1, 'x'), (1, 'x')")
    assert counts(made.verify()) == ("different", 1, 0, 0)


def test_swapped_values_of_two_rows_without_key_are_found(bench: MakeBench) -> None:
    made = bench("sqlite", "duckdb")
    made.run("source", f"{KEYLESS};\nINSERT INTO t VALUES (1, 'x'), (2, 'y')")
    made.run("target", f"{KEYLESS};\nINSERT INTO t VALUES (1, 'y'), (2, 'x')")
    assert made.verify().result == "different"


def test_values_that_run_together_do_not_look_alike(bench: MakeBench) -> None:
    made = bench("sqlite", "sqlite")
    made.run("source", "CREATE TABLE t (a TEXT, b TEXT);\nINSERT INTO t VALUES ('1:a', NULL), ('ab', 'c'), ('N', '')")
    made.run("target", "CREATE TABLE t (a TEXT, b TEXT);\nINSERT INTO t VALUES ('1', 'a'), ('a', 'bc'), (NULL, '')")
    result = made.verify()
    assert (result.result, result.missing + result.changed, result.extra + result.changed) == ("different", 3, 3)


def test_keys_that_are_equal_to_a_collation_are_not_equal(bench: MakeBench) -> None:
    made = bench("sqlite", "sqlite")
    made.run("source", "CREATE TABLE t (id TEXT COLLATE NOCASE PRIMARY KEY NOT NULL);\nINSERT INTO t VALUES ('a')")
    made.run("target", "CREATE TABLE t (id TEXT COLLATE NOCASE PRIMARY KEY NOT NULL);\nINSERT INTO t VALUES ('A')")
    assert counts(made.verify()) == ("different", 1, 1, 0)


@pytest.mark.parametrize("product", PRODUCTS)
def test_an_empty_table_is_equal_to_an_empty_table(bench: MakeBench, product: str) -> None:
    made = same(bench, product, product, KEYED)
    assert counts(made.verify()) == ("equal", 0, 0, 0)


def test_tables_without_common_columns_are_compared_by_their_rows(bench: MakeBench) -> None:
    made = bench("sqlite", "duckdb")
    made.run("source", "CREATE TABLE t (a INTEGER);\nINSERT INTO t VALUES (1), (2)")
    made.run("target", "CREATE TABLE t (b INTEGER);\nINSERT INTO t VALUES (1)")
    assert counts(made.verify()) == ("different", 1, 0, 0)
    made.run("target", "INSERT INTO t VALUES (5)")
    assert counts(made.verify()) == ("equal", 0, 0, 0)


@pytest.mark.parametrize("target", PRODUCTS)
def test_three_hundred_columns_and_odd_names_are_compared(bench: MakeBench, target: str) -> None:
    names = ['"a""b"', '"%s"', '"select"', '"Über"', *(f"c{number}" for number in range(296))]
    made = same(
        bench,
        "sqlite",
        target,
        f"CREATE TABLE t ({', '.join(f'{name} TEXT' for name in names)});\n"
        f"INSERT INTO t VALUES ({', '.join(repr(str(number)) for number in range(300))});\n"
        f"INSERT INTO t VALUES ({', '.join(repr(str(number)) for number in range(300))})",
    )
    assert made.verify().result == "equal"
    made.run("target", 'UPDATE t SET "a""b" = \'other\'')
    result = made.verify()
    assert counts(result) == ("different", 0, 0, 2)
    assert [finding.columns for finding in result.findings] == [('a"b',), ('a"b',)]


def test_more_than_a_hundred_differences_are_all_counted(bench: MakeBench) -> None:
    made = bench("sqlite", "sqlite")
    made.run(
        "source",
        f"{KEYED};\nWITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12345) INSERT INTO t SELECT i, 'x' FROM n",
    )
    made.run(
        "target",
        f"{KEYED};\nWITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12345) INSERT INTO t SELECT i, 'y' FROM n",
    )
    result = made.verify()
    assert counts(result) == ("different", 0, 0, 12_345)
    assert len(result.findings) == 100
    assert result.findings[0].key == {"id": "1"}


@pytest.mark.parametrize("product", PRODUCTS)
def test_rows_that_were_there_before_are_allowed_but_counted(bench: MakeBench, product: str) -> None:
    made = same(bench, "sqlite", product, f"{KEYED};\n{ROWS}")
    made.run("target", "INSERT INTO t VALUES (10, 'before'), (11, 'before')")
    assert counts(made.verify()) == ("different", 0, 2, 0)
    assert counts(made.verify(baseline=2)) == ("equal", 0, 0, 0)
    assert counts(made.verify(baseline=1)) == ("different", 0, 1, 0)
    assert counts(made.verify(baseline=3)) == ("different", 1, 0, 0)
