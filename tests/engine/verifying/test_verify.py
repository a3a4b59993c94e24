"""What verification says of whole tables: rows lost, doubled, swapped, in quarantine, there before, unreadable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from dms_workbench.engine.control import Control, Progress, Stopped, Wish
from dms_workbench.engine.databases.errors import ConnectionLost
from dms_workbench.engine.databases.urls import database_for
from dms_workbench.engine.mapping.model import Lookup
from dms_workbench.engine.planning.plan import PlannedColumn, PlannedTable
from dms_workbench.engine.verifying import QuarantinedRow, verify
from tests.engine.verifying.conftest import PRODUCTS, Bench

MakeBench = Callable[[str, str], Bench]
KEYED = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)"
KEYLESS = "CREATE TABLE t (a INTEGER, b TEXT)"
ROWS = "INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, NULL)"


class Wrapped:
    """A source that streams something else than what is there."""

    def __init__(self, source: Any, change: Callable[[list[tuple[Any, ...]]], Iterator[list[tuple[Any, ...]]]]) -> None:
        self.source = source
        self.change = change

    def __getattr__(self, name: str) -> Any:
        return getattr(self.source, name)

    def stream(
        self, sql: str, parameters: Sequence[Any] = (), *, batch_rows: int = 10_000
    ) -> Iterator[list[tuple[Any, ...]]]:
        for rows in self.source.stream(sql, parameters, batch_rows=batch_rows):
            yield from self.change(rows) if len(rows) > 1 else [rows]


def same(bench: MakeBench, source: str, target: str, statements: str) -> Bench:
    """A bench with the same statements run on both sides."""
    made = bench(source, target)
    made.run("source", statements)
    made.run("target", statements)
    return made


def counts(result: Any) -> tuple[str, int, int, int]:
    return result.result, result.missing, result.extra, result.changed


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


def test_quarantined_rows_are_expected_to_be_missing(bench: MakeBench) -> None:
    made = same(bench, "sqlite", "duckdb", f"{KEYED};\n{ROWS}")
    made.run("target", "DELETE FROM t WHERE id = 2")
    result = made.verify([QuarantinedRow(key={"id": 2}, row=None)])
    assert (counts(result), result.quarantined) == (("equal", 0, 0, 0), 1)


def test_quarantine_does_not_hide_another_lost_row(bench: MakeBench) -> None:
    made = same(bench, "sqlite", "duckdb", f"{KEYED};\n{ROWS}")
    made.run("target", "DELETE FROM t WHERE id = 3")
    result = made.verify([QuarantinedRow(key={"id": 2}, row=None)])
    assert counts(result) == ("different", 1, 1, 0)


def test_a_quarantined_row_that_the_source_does_not_have_is_a_difference(bench: MakeBench) -> None:
    made = same(bench, "sqlite", "duckdb", f"{KEYED};\n{ROWS}")
    result = made.verify([QuarantinedRow(key={"id": 9}, row=None)])
    assert result.result == "different"
    assert [(finding.kind, finding.key) for finding in result.findings] == [("quarantine_unknown", {"id": "9"})]


def test_quarantined_rows_without_key_are_taken_out_one_for_one(bench: MakeBench) -> None:
    rows = "INSERT INTO t VALUES (1, 'x'), (1, 'x'), (1, 'x'), (2, NULL)"
    made = same(bench, "sqlite", "duckdb", f"{KEYLESS};\n{rows}")
    made.run("target", "DELETE FROM t WHERE a = 1;\nINSERT INTO t VALUES (1, 'x')")
    row = QuarantinedRow(key=None, row={"a": 1, "b": "x"})
    assert made.verify([row, row]).result == "equal"
    assert counts(made.verify([row])) == ("different", 1, 0, 0)
    assert made.verify([row, row, row, row]).result == "different"


def test_values_that_the_target_cannot_hold_belong_in_quarantine(bench: MakeBench) -> None:
    made = bench("sqlite", "postgres")
    made.run(
        "source",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, d DATE);\n"
        "INSERT INTO t VALUES (1, 7, '2024-02-29'), (2, 'abc', NULL), (3, 1.5, NULL), (4, x'01', NULL), (5, 5, '2023-02-30')",
    )
    made.run(
        "target", "CREATE TABLE t (id int PRIMARY KEY, n bigint, d date);\nINSERT INTO t VALUES (1, 7, '2024-02-29')"
    )
    rows = [QuarantinedRow(key={"id": number}, row=None) for number in (2, 3, 4, 5)]
    assert made.verify(rows).result == "equal"
    made.run("target", "INSERT INTO t VALUES (3, 2, NULL)")
    result = made.verify([row for row in rows if row["key"] != {"id": 3}])
    assert [(finding.kind, finding.key, finding.columns) for finding in result.findings] == [
        ("changed", {"id": "3"}, ("n",))
    ]


def test_text_that_is_not_utf8_is_read_and_only_right_in_quarantine(bench: MakeBench) -> None:
    made = bench("sqlite", "duckdb")
    made.run(
        "source", "CREATE TABLE t (a TEXT, b INTEGER);\nINSERT INTO t VALUES ('fine', 1), (CAST(x'ff41' AS TEXT), 2)"
    )
    made.run("target", "CREATE TABLE t (a VARCHAR, b INTEGER);\nINSERT INTO t VALUES ('fine', 1)")
    assert counts(made.verify()) == ("different", 1, 0, 0)
    row = QuarantinedRow(key=None, row={"a": b"\xffA".decode("utf-8", "surrogateescape"), "b": 2})
    assert made.verify([row]).result == "equal"


@pytest.mark.parametrize("product", PRODUCTS)
def test_rows_that_were_there_before_are_allowed_but_counted(bench: MakeBench, product: str) -> None:
    made = same(bench, "sqlite", product, f"{KEYED};\n{ROWS}")
    made.run("target", "INSERT INTO t VALUES (10, 'before'), (11, 'before')")
    assert counts(made.verify()) == ("different", 0, 2, 0)
    assert counts(made.verify(baseline=2)) == ("equal", 0, 0, 0)
    assert counts(made.verify(baseline=1)) == ("different", 0, 1, 0)
    assert counts(made.verify(baseline=3)) == ("different", 1, 0, 0)


def test_a_reader_that_fails_half_way_is_not_verified(bench: MakeBench) -> None:
    def fail(rows: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
        yield rows[:1]
        raise ConnectionLost(database="the test", reason="cut")

    made = same(bench, "sqlite", "duckdb", f"{KEYED};\n{ROWS}")
    for side in (0, 1):
        result = made.verify(
            adapt=lambda *both, side=side: tuple(Wrapped(s, fail) if n == side else s for n, s in enumerate(both))
        )
        assert (result.result, "cut" in result.reason) == ("not_verified", True)


def test_a_reader_that_ends_early_without_an_error_is_not_verified(bench: MakeBench) -> None:
    made = same(bench, "sqlite", "duckdb", f"{KEYED};\n{ROWS}")
    result = made.verify(
        adapt=lambda source, target: (
            Wrapped(source, lambda rows: iter([rows[:-1]])),
            Wrapped(target, lambda rows: iter([rows[:-1]])),
        )
    )
    assert (result.result, result.reason) == ("not_verified", "2 rows of t were read, but the database counts 3")


def test_an_error_of_a_driver_is_not_verified_and_shows_no_value(bench: MakeBench) -> None:
    def fail(rows: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
        raise ValueError(f"cannot read {rows}")

    made = same(bench, "sqlite", "duckdb", f"{KEYED};\n{ROWS}")
    result = made.verify(adapt=lambda source, target: (source, Wrapped(target, fail)))
    assert (result.result, result.reason) == ("not_verified", "ValueError while it was read or compared")


def test_a_missing_target_table_is_not_verified(bench: MakeBench) -> None:
    made = same(bench, "sqlite", "sqlite", f"{KEYED};\n{ROWS}")

    def dropping(source: Any, target: Any) -> tuple[Any, Any]:
        target.close()
        return source, target

    assert made.verify(adapt=dropping).result == "not_verified"


def test_a_wish_to_stop_is_heard(bench: MakeBench) -> None:
    class Impatient(Control):
        def wish(self) -> Wish:
            return "pause"

    made = same(bench, "sqlite", "sqlite", f"{KEYED};\n{ROWS}")
    made.control = Impatient()
    with pytest.raises(Stopped):
        made.verify()
    assert list(made.folder.glob("*.duckdb")) == []


def test_progress_counts_the_rows_of_both_sides(bench: MakeBench) -> None:
    seen: list[Progress] = []

    class Watching(Control):
        def report(self, progress: Progress) -> None:
            seen.append(progress)

    made = same(bench, "sqlite", "sqlite", f"{KEYED};\n{ROWS}")
    made.control = Watching()
    made.verify()
    assert [(progress.phase, progress.verified_rows) for progress in seen][-1] == ("verify", 6)


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


def test_blanks_at_the_end_of_a_fixed_length_text_have_no_meaning(bench: MakeBench) -> None:
    made = bench("postgres", "duckdb")
    made.run("source", "CREATE TABLE t (id int PRIMARY KEY, a char(6));\nINSERT INTO t VALUES (1, 'ab'), (2, '')")
    made.run(
        "target", "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR);\nINSERT INTO t VALUES (1, 'ab    '), (2, '')"
    )
    assert made.verify().result == "equal"
    made.run("target", "UPDATE t SET a = ' ab' WHERE id = 1")
    assert made.verify().result == "different"


def test_jsonb_is_compared_by_its_meaning(bench: MakeBench) -> None:
    made = bench("sqlite", "postgres")
    made.run(
        "source",
        'CREATE TABLE t (id INTEGER PRIMARY KEY, j JSON);\nINSERT INTO t VALUES (1, \'{ "b":1.0, "a":[1,"\\u00e9"] }\')',
    )
    made.run(
        "target",
        'CREATE TABLE t (id int PRIMARY KEY, j jsonb);\nINSERT INTO t VALUES (1, \'{"a": [1, "é"], "b": 1.0}\')',
    )
    assert made.verify().result == "equal"
    made.run("target", 'UPDATE t SET j = \'{"a": [1, "e"], "b": 1.0}\'')
    assert made.verify().result == "different"


def test_a_float_of_32_bits_may_be_its_exact_value_or_its_shortest_text_in_a_wider_column(bench: MakeBench) -> None:
    made = bench("postgres", "duckdb")
    made.run("source", "CREATE TABLE t (id int PRIMARY KEY, f real);\nINSERT INTO t VALUES (1, 0.1)")
    made.run("target", "CREATE TABLE t (id INTEGER PRIMARY KEY, f DOUBLE);\nINSERT INTO t VALUES (1, 0.1)")
    assert made.verify().result == "equal"
    made.run("target", "UPDATE t SET f = 0.10000000149011612")
    assert made.verify().result == "equal"
    made.run("target", "UPDATE t SET f = 0.10000000000000002")
    assert made.verify().result == "different"


def test_a_double_rounded_to_32_bits_is_a_difference(bench: MakeBench) -> None:
    made = bench("postgres", "duckdb")
    made.run("source", "CREATE TABLE t (id int PRIMARY KEY, f float8);\nINSERT INTO t VALUES (1, 0.1), (2, 0.5)")
    made.run("target", "CREATE TABLE t (id INTEGER PRIMARY KEY, f FLOAT);\nINSERT INTO t VALUES (1, 0.1), (2, 0.5)")
    result = made.verify()
    assert [(finding.key, finding.columns) for finding in result.findings] == [({"id": "1"}, ("f",))]


@pytest.mark.parametrize(
    ("target", "result"), [("duckdb", "different"), ("postgres", "different"), ("sqlite", "equal")]
)
def test_the_sign_of_a_zero_counts_where_the_target_can_hold_it(bench: MakeBench, target: str, result: str) -> None:
    made = bench("postgres", target)
    made.run("source", "CREATE TABLE t (id int PRIMARY KEY, f float8);\nINSERT INTO t VALUES (1, '-0')")
    made.run("target", "CREATE TABLE t (id INTEGER PRIMARY KEY, f DOUBLE PRECISION);\nINSERT INTO t VALUES (1, 0.0)")
    assert made.verify().result == result


def test_words_for_true_and_false_are_read(bench: MakeBench) -> None:
    made = bench("sqlite", "postgres")
    made.run(
        "source",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b BOOLEAN);\nINSERT INTO t VALUES (1, 'true'), (2, 'f'), (3, 1), (4, ' No ')",
    )
    made.run(
        "target",
        "CREATE TABLE t (id int PRIMARY KEY, b boolean);\nINSERT INTO t VALUES (1, true), (2, false), (3, true), (4, false)",
    )
    assert made.verify().result == "equal"
    made.run("target", "UPDATE t SET b = NOT b")
    assert counts(made.verify()) == ("different", 0, 0, 4)


def test_other_types_are_compared_as_their_database_prints_them(bench: MakeBench) -> None:
    made = bench("postgres", "duckdb")
    made.run(
        "source",
        "CREATE TABLE t (id int PRIMARY KEY, a inet, b int4range);\nINSERT INTO t VALUES (1, '10.0.0.1', '[1,5)'), (2, NULL, NULL)",
    )
    made.run(
        "target",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR, b VARCHAR);\nINSERT INTO t VALUES (1, '10.0.0.1', '[1,5)'), (2, NULL, NULL)",
    )
    assert made.verify().result == "equal"
    made.run("target", "UPDATE t SET b = '[1,6)' WHERE id = 1")
    assert made.verify().result == "different"


def test_an_array_is_compared_as_the_json_it_becomes(bench: MakeBench) -> None:
    made = bench("postgres", "duckdb")
    made.run("source", "CREATE TABLE t (id int PRIMARY KEY, a int[]);\nINSERT INTO t VALUES (1, '{1,NULL}'), (2, NULL)")
    made.run(
        "target", "CREATE TABLE t (id int PRIMARY KEY, a VARCHAR);\nINSERT INTO t VALUES (1, '[1,null]'), (2, NULL)"
    )
    assert made.verify().result == "equal"
    made.run("target", "UPDATE t SET a = '[1,0]' WHERE id = 1")
    assert made.verify().result == "different"


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
