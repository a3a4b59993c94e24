from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dms_workbench.engine.databases.base import Reject, RowsRefused
from dms_workbench.engine.databases.catalogue import Table
from dms_workbench.engine.databases.duckdb import database
from dms_workbench.engine.databases.duckdb.rounds import rounds_of
from dms_workbench.engine.databases.duckdb.write import DuckdbTarget
from dms_workbench.engine.databases.errors import DatabaseError

Rows = list[tuple[Any, ...]]


@pytest.fixture
def target(tmp_path: Path) -> Iterator[DuckdbTarget]:
    opened = database.open_target(f"duckdb:///{tmp_path / 'target.duckdb'}")
    yield opened
    opened.close()


def make(target: DuckdbTarget, *statements: str, name: str = "t") -> Table:
    with target.transaction():
        for statement in statements:
            target.execute(statement)
    return target.catalogue().table(name)


def columns_of(rows: Rows) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def write(target: DuckdbTarget, table: Table, rows: Rows) -> int:
    with target.transaction():
        return target.write(table, table.copied_columns, columns_of(rows))


def codes(target: DuckdbTarget, table: Table, rows: Rows) -> list[tuple[int, str | None, str]]:
    with target.transaction():
        found = target.diagnose(table, table.copied_columns, columns_of(rows))
    return [(reject.row, reject.column, reject.code) for reject in found]


def rest(rows: Rows, rejects: list[Reject]) -> Rows:
    bad = {reject.row for reject in rejects}
    return [row for number, row in enumerate(rows) if number not in bad]


def test_rows_are_written_and_counted_by_duckdb(target: DuckdbTarget) -> None:
    table = make(target, "create table t (id integer primary key, a varchar)")
    assert write(target, table, [(1, "x"), (2, None), (3, "")]) == 3
    assert target.count(table) == 3
    assert target.query("select * from t where id > ? order by id", [1]) == [(2, None), (3, "")]


def test_statements_say_how_many_rows_they_touched(target: DuckdbTarget) -> None:
    assert target.execute("create table t (id integer)") == -1
    assert target.execute("insert into t select range from range(5)") == 5
    assert target.execute("update t set id = id + 1 where id > ?", [2]) == 2
    assert target.execute("delete from t") == 5


def test_a_transaction_is_undone_by_any_exception(target: DuckdbTarget) -> None:
    table = make(target, "create table t (id integer primary key)")
    with pytest.raises(KeyboardInterrupt), target.transaction():
        target.write(table, table.columns, [[1]])
        raise KeyboardInterrupt
    assert target.count(table) == 0
    assert write(target, table, [(1,)]) == 1


def test_a_transaction_with_an_error_in_it_is_never_committed(target: DuckdbTarget) -> None:
    table = make(target, "create table t (id integer primary key)")
    for bad in ("x", 1):
        with pytest.raises(DatabaseError, match="failed before"), target.transaction():
            target.write(table, table.columns, [[1]])
            with pytest.raises(RowsRefused):
                target.write(table, table.columns, [[bad]])
        assert target.count(table) == 0


def test_every_value_is_written_in_its_agreed_form(target: DuckdbTarget) -> None:
    forms: dict[str, tuple[str, Any]] = {
        "bo": ("boolean", True), "si": ("smallint", -32768), "ub": ("ubigint", 2**64 - 1), "hu": ("hugeint", -(2**127)),
        "uh": ("uhugeint", 2**128 - 1), "bn": ("bignum", "1" * 60), "d1": ("decimal(10,2)", "-12.5"),
        "d2": ("decimal(38,10)", "1234567890123456789012345678.0123456789"), "f4": ("float", 1.5), "f8": ("double", -0.0),
        "tx": ("varchar", "a\0😀'\"\\"), "by": ("blob", b"\x00\xff"), "da": ("date", "0044-03-15 BC"), "di": ("date", "-infinity"),
        "dy": ("date", "290000-01-01"), "ti": ("time", "24:00:00"), "ts": ("timestamp", "290309-12-22 00:00:00 BC"),
        "tn": ("timestamp_ns", "2024-01-31 12:00:00.123456789"), "tm": ("timestamp_ms", "2024-01-31 12:00:00.12"),
        "tz": ("timestamptz", "0044-03-15 12:00:00.5+00 BC"), "iv": ("interval", "-1 years -2 mons +3 days -04:05:06.7"),
        "uu": ("uuid", "abcdef00-0000-0000-0000-000000000000"), "js": ("json", '{"a": 1 }'), "en": ("enum('a', '')", ""),
        "li": ("integer[]", "[1, NULL]"), "st": ("struct(a integer)", "{'a': 1}"), "bi": ("bit", "101"), "tt": ("timetz", "12:00:00+02"),
    }  # fmt: skip
    definitions = ", ".join(f'"{name}" {native}' for name, (native, _) in forms.items())
    table = make(target, f"create table t ({definitions})")
    values = [value for _, value in forms.values()]
    assert codes(target, table, [tuple(values)]) == []
    assert write(target, table, [tuple(values), tuple([None] * len(values))]) == 2
    source = database.open_source(f"duckdb:///{target.path}")
    (batch,) = source.read(table, list(forms))
    expected = ["-12.50" if value == "-12.5" else value for value in values]
    assert [repr(column[0]) for column in batch.columns] == list(map(repr, expected))
    assert {column[1] for column in batch.columns} == {None}
    source.close()


BAD_VALUES = [
    ("integer", 2**31, "out-of-range"),
    ("utinyint", -1, "out-of-range"),
    ("hugeint", 2**127, "out-of-range"),
    ("integer", "5", "invalid-value"),
    ("integer", 1.5, "invalid-value"),
    ("integer", True, "invalid-value"),
    ("boolean", 1, "invalid-value"),
    ("decimal(10,2)", "1.005", "loses-precision"),
    ("decimal(10,2)", "123456789.00", "out-of-range"),
    ("decimal(38,0)", "9" * 39, "out-of-range"),
    ("decimal(10,2)", "NaN", "invalid-value"),
    ("float", 0.1, "loses-precision"),
    ("varchar", "\udcff", "invalid-text"),
    ("varchar", b"x", "invalid-value"),
    ("blob", "x", "invalid-value"),
    ("date", "2023-02-30", "invalid-value"),
    ("date", "01/02/2024", "invalid-value"),
    ("date", "2024-1-1", "invalid-value"),
    ("date", "today", "invalid-value"),
    ("date", "", "invalid-value"),
    ("timestamp", "2024-12-31 24:00:00", "invalid-value"),
    ("timestamp", "2024-01-01 12:00:00+02:00", "invalid-value"),
    ("timestamp", "2024-01-01 12:00:00.1234567", "invalid-value"),
    ("timestamp", "294276-12-31 23:59:59.999999", "invalid-value"),
    ("timestamp_s", "2024-01-01 12:00:00.5", "invalid-value"),
    ("time", "24:00:01", "invalid-value"),
    ("interval", "soon", "invalid-value"),
    ("uuid", "no", "invalid-value"),
    ("json", "{bad", "invalid-value"),
    ("enum('a')", "b", "invalid-value"),
    ("integer[]", "[01]", "invalid-value"),
]


@pytest.mark.parametrize(("native", "value", "code"), BAD_VALUES)
def test_what_a_column_cannot_hold_exactly_is_refused_and_named(
    target: DuckdbTarget, native: str, value: Any, code: str
) -> None:
    table = make(target, f"create table t (id int primary key, v {native})")
    with pytest.raises(RowsRefused) as refusal:
        write(target, table, [(1, value)])
    assert str(value) not in str(refusal.value) or len(str(value)) < 4
    assert codes(target, table, [(1, None), (2, value), (3, None)]) == [(1, "v", code)]
    assert target.count(table) == 0


def test_every_bad_row_is_found_and_the_rest_can_be_written(target: DuckdbTarget) -> None:
    table = make(
        target,
        "create type mood as enum ('ok')",
        "create table parent (id integer primary key, region varchar, unique (region, id))",
        "insert into parent values (1, 'north')",
        "create table t (id integer primary key, a varchar not null, n decimal(6,2) check (n <> 13), u varchar unique,"
        " m mood, p integer references parent (id), r varchar, foreign key (r, p) references parent (region, id))",
        "insert into t values (1, 'x', 1, 'taken', 'ok', 1, 'north')",
    )
    rows: Rows = [
        (2, "x", "1.00", "a", "ok", 1, "north"),
        (1, "x", "1.00", "b", "ok", 1, None),
        (3, None, "1.00", "c", "ok", 1, None),
        (4, "x", "13.00", "d", "ok", 1, None),
        (5, "x", "1.00", "taken", "ok", 1, None),
        (6, "x", "1.00", "a", "ok", 1, None),
        (7, "x", "1.005", "e", "ok", 1, None),
        (8, "x", "1.00", "f", "bad", 1, None),
        (9, "x", "1.00", "g", "ok", 77, None),
        (10, "x", "1.00", "h", "ok", 1, "south"),
        (11, "x", "1.00", None, None, None, "south"),
        (11, "x", "1.00", None, None, None, None),
        (3, "x", "1.00", "c", "ok", None, None),
    ]
    with target.transaction():
        rejects = target.diagnose(table, table.columns, columns_of(rows))
        assert [(reject.row, reject.column, reject.code) for reject in rejects] == [
            (1, "id", "unique"), (2, "a", "not-null"), (3, None, "check"), (4, "u", "unique"), (5, "u", "unique"),
            (6, "n", "loses-precision"), (7, "m", "invalid-value"), (8, "p", "foreign-key"), (9, None, "foreign-key"),
            (11, "id", "unique"),
        ]  # fmt: skip
        assert target.count(table) == 1
        assert target.write(table, table.columns, columns_of(rest(rows, rejects))) == 3
    assert "taken" not in repr(rejects)


def test_columns_with_the_names_used_inside_are_no_trap(target: DuckdbTarget) -> None:
    table = make(
        target,
        "create table dms_incoming (c0 integer, k integer, b integer, p integer, unique (k, b))",
        "create table t (c1 integer, r varchar primary key, k integer, k0 integer, b integer, p"
        " integer, t integer, check (t > 0),"
        " foreign key (k, b) references dms_incoming (k, b))",
        "insert into dms_incoming values (1, 1, 1, 1)",
    )
    rows: Rows = [(1, "a", 1, 1, 1, 1, 1), (1, "b", 1, 1, 9, 1, 1), (1, "c", 1, 1, 1, 1, -1), (1, "a", 1, 1, 1, 1, 1)]
    assert codes(target, table, rows) == [(1, None, "foreign-key"), (2, None, "check"), (3, "r", "unique")]
    assert write(target, table, rows[:1]) == 1


def test_a_unique_index_over_an_expression_is_known(target: DuckdbTarget) -> None:
    table = make(
        target,
        'create table t (id integer, "a b" varchar)',
        'create unique index i on t (lower("a b"))',
        "insert into t values (0, 'Old')",
    )
    assert codes(target, table, [(1, "old"), (2, "New"), (3, "nEW"), (4, None), (5, None)]) == [
        (0, None, "unique"),
        (2, None, "unique"),
    ]


def test_a_collation_does_not_make_keys_equal_that_the_index_keeps_apart(target: DuckdbTarget) -> None:
    table = make(target, "create table t (a varchar collate nocase primary key)", "insert into t values ('x')")
    rows: Rows = [("X",), ("y",), ("Y",), ("x",)]
    assert codes(target, table, rows) == [(3, "a", "unique")]
    assert write(target, table, rows[:3]) == 3


def test_a_row_refused_itself_keeps_no_later_row_out(target: DuckdbTarget) -> None:
    table = make(target, "create table t (a integer unique, b integer unique, c integer not null)")
    rows: Rows = [(1, 1, 0), (1, 2, 0), (3, 2, 0), (4, 4, None), (4, 4, 0)]
    assert codes(target, table, rows) == [(1, "a", "unique"), (3, "c", "not-null")]


def test_columns_not_given_take_their_default_in_checks_and_must_not_miss(target: DuckdbTarget) -> None:
    table = make(
        target,
        "create table t (a integer, b integer default 5, g integer generated always as (a * 10), check (a < b))",
    )
    with target.transaction():
        found = target.diagnose(table, [table.column("a")], [[1, 5, 7]])
    assert [(reject.row, reject.code) for reject in found] == [(1, "check"), (2, "check")]
    assert write(target, table, [(1, 9)]) == 1
    other = make(target, "create table must (a integer, b integer not null)", name="must")
    with target.transaction():
        found = target.diagnose(other, [other.column("a")], [[1]])
    assert [(reject.row, reject.column, reject.code) for reject in found] == [(0, "b", "not-null")]


def test_a_check_that_cannot_be_evaluated_refuses_the_row(target: DuckdbTarget) -> None:
    table = make(target, "create table t (a varchar, check (cast(a as integer) > 0))")
    assert codes(target, table, [("1",), ("x",), ("-1",), (None,)]) == [(1, None, "check"), (2, None, "check")]


TREE = "create table t (id integer primary key, parent integer references t (id))"


def test_rows_that_refer_to_their_own_table_are_written_behind_their_parents(target: DuckdbTarget) -> None:
    table = make(target, TREE)
    rows: Rows = [(5, 4), (4, 3), (3, None), (6, 3), (7, 5)]
    assert codes(target, table, rows) == []
    assert write(target, table, rows) == 5
    assert write(target, table, [(8, 7)]) == 1


def test_a_long_chain_is_written_too(target: DuckdbTarget) -> None:
    table = make(target, TREE)
    rows: Rows = [(number, number - 1 or None) for number in range(60, 0, -1)]
    assert write(target, table, rows) == 60


def test_rows_in_circles_behind_them_and_without_parent_are_refused(target: DuckdbTarget) -> None:
    table = make(target, TREE)
    rows: Rows = [(1, None), (2, 99), (3, 2), (4, 4), (5, 6), (6, 5), (7, 6), (8, 1), (1, None)]
    assert codes(target, table, rows) == [
        (1, "parent", "foreign-key"),
        (2, "parent", "foreign-key"),
        (3, "parent", "foreign-key"),
        (4, "parent", "foreign-key"),
        (5, "parent", "foreign-key"),
        (6, "parent", "foreign-key"),
        (8, "id", "unique"),
    ]
    with pytest.raises(RowsRefused):
        write(target, table, rows)
    assert write(target, table, [rows[0], rows[7]]) == 2


def test_the_round_of_a_row_is_the_longest_way_to_it(target: DuckdbTarget) -> None:
    table = make(target, "create table t (id int primary key, a int references t (id), b int references t (id))")
    rows: Rows = [(1, None, None), (2, 1, None), (3, 2, 1), (4, 1, 3), (5, 5, None), (6, 5, 1)]
    assert rounds_of(table, table.columns, columns_of(rows)) == [0, 1, 2, 3, None, None]
    assert write(target, table, rows[:4]) == 4


def test_odd_names_are_written_to(target: DuckdbTarget) -> None:
    with target.transaction():
        target.execute('create schema "odd ""s"')
        target.execute(
            'create table "odd ""s"."or""der.x" ("a,b" varchar primary key, "select" integer not null check ("select" > 0))'
        )
    table = target.catalogue('odd "s').tables[0]
    assert write(target, table, [("x", 1)]) == 1
    assert codes(target, table, [("x", 1), ("y", None), ("z", -1)]) == [
        (0, "a,b", "unique"),
        (1, "select", "not-null"),
        (2, None, "check"),
    ]


def test_identity_numbers_go_on_behind_the_largest(target: DuckdbTarget) -> None:
    table = make(target, "create sequence numbers", "create table t (id integer default nextval('numbers'), a varchar)")
    target.advance_identity(table, "id")
    write(target, table, [(41, "x")])
    target.advance_identity(table, "id")
    target.execute("insert into t (a) values ('next')")
    assert target.query("select max(id) from t") == [(42,)]
    target.advance_identity(table, "a")


def test_the_ledger_has_a_schema_of_its_own_and_there_is_one_writer(tmp_path: Path) -> None:
    target = database.open_target(f"duckdb:///{tmp_path / 'new.duckdb'}", options={"ledger_schema": "my ledger"})
    assert target.ledger_table("chunks") == '"my ledger"."chunks"'
    for refused in (target.lane, target.savepoint):
        with pytest.raises(DatabaseError):
            refused()
    target.close()


def test_a_variant_whose_type_json_does_not_have_is_refused_by_its_name_of_a_type(target: DuckdbTarget) -> None:
    table = make(target, "create table t (v variant)")
    assert codes(target, table, [("DATE: 2020-01-01",), ('"x"',), ("5",)]) == [(0, "v", "invalid-value")]
    assert write(target, table, [('{"a":[1,2]}',), (None,)]) == 2
    assert target.query("select variant_typeof(v) from t order by rowid")[0] == ("OBJECT(a)",)


def test_the_member_of_a_union_is_kept(target: DuckdbTarget) -> None:
    table = make(target, "create table t (v union(n integer, s varchar))")
    assert write(target, table, [('{"n":5}',), ('{"s":"5"}',)]) == 2
    assert target.query("select union_tag(v)::varchar from t order by rowid") == [("n",), ("s",)]
    assert codes(target, table, [("5",), ('{"gone":1}',)]) == [(0, "v", "invalid-value"), (1, "v", "invalid-value")]
