from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dms_workbench.engine.databases.base import Reject, RowsRefused
from dms_workbench.engine.databases.catalogue import Column, DataType, Table, TableName
from dms_workbench.engine.databases.errors import DatabaseError
from dms_workbench.engine.databases.sqlite import database
from dms_workbench.engine.databases.sqlite.write import SqliteTarget

Rows = list[tuple[Any, ...]]


@pytest.fixture
def target(tmp_path: Path) -> Iterator[SqliteTarget]:
    opened = database.open_target(f"sqlite:///{tmp_path / 'target.db'}")
    yield opened
    opened.close()


def make(target: SqliteTarget, *statements: str) -> Table:
    with target.transaction():
        for statement in statements:
            target.execute(statement)
    return target.catalogue().tables[0]


def columns_of(rows: Rows) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def write(target: SqliteTarget, table: Table, rows: Rows) -> int:
    with target.transaction():
        return target.write(table, table.copied_columns, columns_of(rows))


def diagnose(target: SqliteTarget, table: Table, rows: Rows) -> list[Reject]:
    with target.transaction():
        return target.diagnose(table, table.copied_columns, columns_of(rows))


def codes(rejects: list[Reject]) -> list[tuple[int, str | None, str]]:
    return [(reject.row, reject.column, reject.code) for reject in rejects]


def test_rows_are_written_and_counted_by_sqlite(target: SqliteTarget) -> None:
    table = make(target, "create table t (id integer primary key, a text)")
    assert write(target, table, [(1, "x"), (2, None), (3, "")]) == 3
    assert target.count(table) == 3
    assert target.query("select * from t where id > ?", [1]) == [(2, None), (3, "")]


def test_a_transaction_is_undone_by_any_exception(target: SqliteTarget) -> None:
    table = make(target, "create table t (id integer primary key)")
    with pytest.raises(KeyboardInterrupt), target.transaction():
        target.write(table, table.columns, [[1]])
        raise KeyboardInterrupt
    assert target.count(table) == 0
    assert write(target, table, [(1,)]) == 1


def test_the_commit_is_durable_and_the_journal_mode_stays(tmp_path: Path) -> None:
    path = tmp_path / "wal.db"
    connection = sqlite3.connect(path)
    connection.execute("pragma journal_mode = wal")
    connection.close()
    target = database.open_target(f"sqlite:///{path}")
    assert target.query("pragma synchronous") == [(2,)]
    assert target.query("pragma journal_mode") == [("wal",)]
    assert target.query("pragma foreign_keys") == [(0,)]
    target.close()


def test_rows_a_trigger_swallows_are_missing_in_the_count_and_rows_it_adds_are_not_in_it(target: SqliteTarget) -> None:
    table = make(
        target,
        "create table t (id integer primary key)",
        "create table u (a)",
        "create trigger swallow before insert on t when new.id = 2 begin select raise(ignore); end",
        "create trigger more after insert on t begin insert into u values (1), (2); end",
    )
    assert write(target, table, [(1,), (2,), (3,)]) == 2
    assert target.count(table) == 2


def test_a_conflict_clause_of_the_table_swallows_and_replaces_nothing(target: SqliteTarget) -> None:
    table = make(
        target, "create table t (id integer primary key on conflict replace, a text unique on conflict ignore)"
    )
    write(target, table, [(1, "x")])
    for rows in ([(1, "y")], [(2, "x")]):
        with pytest.raises(RowsRefused):
            write(target, table, rows)
    assert target.query("select * from t") == [(1, "x")]


def test_refused_rows_leave_the_transaction_as_it_was(target: SqliteTarget) -> None:
    table = make(target, "create table t (id integer primary key)")
    with target.transaction():
        target.write(table, table.columns, [[1]])
        with pytest.raises(RowsRefused):
            target.write(table, table.columns, [[2, 3, 1]])
        target.write(table, table.columns, [[4]])
    assert target.query("select id from t") == [(1,), (4,)]


def test_a_savepoint_undoes_its_part_alone(target: SqliteTarget) -> None:
    table = make(target, "create table t (id integer primary key)")
    with target.transaction():
        target.write(table, table.columns, [[1]])
        with pytest.raises(RowsRefused), target.savepoint():
            target.write(table, table.columns, [[2]])
            target.write(table, table.columns, [[1]])
        with target.savepoint():
            target.write(table, table.columns, [[3]])
    assert target.query("select id from t") == [(1,), (3,)]


def test_every_bad_row_is_found_in_one_pass_and_none_stays(target: SqliteTarget) -> None:
    table = make(
        target,
        "create table t (id integer primary key, a text not null, n decimal(6,2), f real, u text, v"
        " int, check (f < 100), unique (u, v))",
    )
    write(target, table, [(1, "x", "1.00", 1.0, "taken", 1)])
    rows: Rows = [
        (2, "x", "1.00", 1.0, "a", 1),
        (1, "x", "1.00", 1.0, "b", 1),
        (3, None, "1.00", 1.0, "c", 1),
        (4, "x", "1.00", 100.0, "d", 1),
        (5, "x", "1.00", math.nan, "e", 1),
        (6, "x", "1.00", 1.0, "taken", 1),
        (7, "x", "1.00", 1.0, "a", 1),
        (8, "x", "12345678901234567.89", 1.0, "f", 1),
        (9, "x", "NaN", 1.0, "f", 1),
        (2**63, "x", "1.00", 1.0, "g", 1),
        ("ten", "x", "1.00", 1.0, "h", 1),
        (11, "\ud800", "1.00", 1.0, "i", 1),
        (12, "x", "1.00", -0.0, "j", 1),
        (13, "x", "1.00", 1.0, None, None),
        (14, "x", "1.00", 1.0, None, None),
    ]
    expected = [
        (1, "id", "unique"), (2, "a", "not-null"), (3, None, "check"), (4, "f", "invalid-value"), (5, None, "unique"),
        (6, None, "unique"), (7, "n", "loses-precision"), (8, "n", "invalid-value"), (9, "id", "out-of-range"),
        (10, None, "invalid-value"), (11, "a", "invalid-text"), (12, "f", "loses-precision"),
    ]  # fmt: skip
    with target.transaction():
        rejects = target.diagnose(table, table.columns, columns_of(rows))
        assert codes(rejects) == expected
        assert target.count(table) == 1
        bad = {reject.row for reject in rejects}
        assert target.write(table, table.columns, columns_of([row for n, row in enumerate(rows) if n not in bad])) == 3
    for reject in rejects:
        assert "taken" not in reject.reason
        assert "12345" not in reject.reason


def test_a_trigger_that_refuses_or_ends_the_transaction_is_named_without_its_message(target: SqliteTarget) -> None:
    table = make(
        target,
        "create table t (id integer primary key)",
        "create trigger a before insert on t when new.id = 2 begin select raise(abort, 'secret'); end",
        "create trigger b before insert on t when new.id = 4 begin select raise(rollback, 'secret'); end",
        "create trigger c before insert on t when new.id = 6 begin select raise(fail, 'secret'); end",
    )
    rejects = diagnose(target, table, [(1,), (2,), (3,), (4,), (5,), (6,), (7,), (7,)])
    assert codes(rejects)[:3] == [
        (1, None, "refused-by-target"),
        (3, None, "refused-by-target"),
        (5, None, "refused-by-target"),
    ]
    assert codes(rejects)[3] == (7, "id", "unique")
    assert "secret" not in repr(rejects)
    with pytest.raises(RowsRefused) as refusal:
        write(target, table, [(1,), (4,)])
    assert "secret" not in str(refusal.value)
    assert target.count(table) == 0


def test_a_strict_table_names_the_column_that_refuses(target: SqliteTarget) -> None:
    table = make(target, "create table t (a int, b blob, x any) strict")
    assert write(target, table, [(1, b"x", "007")]) == 1
    assert codes(diagnose(target, table, [("text", b"x", 1), (1, "text", 1)])) == [
        (0, "a", "invalid-value"),
        (1, "b", "invalid-value"),
    ]
    assert target.query("select x from t") == [("007",)]


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ("string", "007"),
        ("string", "1e5"),
        ("string", "1.50"),
        ("string", " 12 "),
        ("string", "9223372036854775808"),
        ("json", "1.0"),
        ("integer", "+5"),
        ("real", "1"),
        ("decimal(10,2)", "123456789012345678.12"),
        ("numeric", "0.1234567890123456789"),
        ("real", 2**53 + 1),
        ("text", 0.1),
    ],
)
def test_what_affinity_would_change_is_refused(target: SqliteTarget, declared: str, value: Any) -> None:
    table = make(target, f"create table t (a {declared})")
    with pytest.raises(RowsRefused):
        write(target, table, [(value,)])
    assert codes(diagnose(target, table, [(value,), ("fine",)])) == [(0, "a", "loses-precision")]


@pytest.mark.parametrize(
    ("declared", "value", "stored"),
    [
        ("string", "123", 123),
        ("string", "abc", "abc"),
        ("json", '{"a": 1}', '{"a": 1}'),
        ("date", "2024-02-29", "2024-02-29"),
        ("decimal(10,2)", "12.50", 12.5),
        ("decimal(10,2)", "7.00", 7),
        ("decimal(10,2)", "-0.05", -0.05),
        ("numeric", "9223372036854775807", 9223372036854775807),
        ("numeric", "Infinity", math.inf),
        ("boolean", True, 1),
        ("text", "a\0b", "a\0b"),
        ("text", "\udcffA", "\udcffA"),
        ("", "\udcff", "\udcff"),
        ("real", math.inf, math.inf),
        ("real", 5e-324, 5e-324),
        ("blob", b"\0\xff", b"\0\xff"),
        ("", -0.0, -0.0),
        ("integer", b"x", b"x"),
        ("uuid", "1e5", None),
    ],
)
def test_what_is_stored_is_equal_to_what_was_given(
    target: SqliteTarget, declared: str, value: Any, stored: Any
) -> None:
    table = make(target, f"create table t (a {declared})")
    if stored is None:
        with pytest.raises(RowsRefused):
            write(target, table, [(value,)])
        return
    assert write(target, table, [(value,), (None,)]) == 2
    found = target.query("select a from t order by rowid")
    assert [type(row[0]) for row in found] == [type(stored), type(None)]
    assert repr(found[0][0]) == repr(stored)


def test_text_that_is_not_utf8_stands_beside_bytes_in_one_column(target: SqliteTarget) -> None:
    table = make(target, "create table t (v text)")
    values = ["\udcffA", b"\xff\x00", "plain", None, b"", "\udc80"]
    with target.transaction():
        assert target.write(table, table.columns, [values]) == 6
    assert target.query("select typeof(v), hex(v) from t") == [
        ("text", "FF41"),
        ("blob", "FF00"),
        ("text", "706C61696E"),
        ("null", ""),
        ("blob", ""),
        ("text", "80"),
    ]


def test_utf16_databases_take_text_but_no_text_that_is_not_unicode(tmp_path: Path) -> None:
    path = tmp_path / "utf16.db"
    connection = sqlite3.connect(path)
    connection.executescript("pragma encoding = 'UTF-16le'; create table t (a text)")
    connection.close()
    target = database.open_target(f"sqlite:///{path}")
    table = target.catalogue().table("t")
    assert write(target, table, [("é😀",)]) == 1
    assert codes(diagnose(target, table, [("\udcff",)])) == [(0, "a", "invalid-text")]
    assert target.query("select a from t") == [("é😀",)]
    target.close()


def test_odd_names_are_written_to(target: SqliteTarget) -> None:
    table = make(target, 'create table "or""der.x" ("" text not null, "a,b" text unique)')
    assert write(target, table, [("x", "y")]) == 1
    assert codes(diagnose(target, table, [(None, "z"), ("x", "y")])) == [(0, "", "not-null"), (1, "a,b", "unique")]


def test_a_column_added_since_is_known(target: SqliteTarget) -> None:
    table = make(target, "create table t (a text)")
    write(target, table, [("x",)])
    with target.transaction():
        target.execute("alter table t add column b string")
    table = target.catalogue().table("t")
    with pytest.raises(RowsRefused):
        write(target, table, [("x", "007")])


def test_a_table_that_is_not_there_is_an_error(target: SqliteTarget) -> None:
    ghost = Table(TableName(None, "ghost"), (Column("a", DataType("text", "TEXT")),))
    with pytest.raises(DatabaseError, match="ghost"):
        write(target, ghost, [("x",)])


def test_the_ledger_has_names_of_its_own_and_the_write_transaction_is_the_lock(target: SqliteTarget) -> None:
    assert target.ledger_table("chunks") == '"dms_ledger_chunks"'
    target.lock("run", timeout_seconds=0.1)
    with target.transaction():
        target.lock("run", timeout_seconds=0.1)
    with pytest.raises(DatabaseError, match="one writer"):
        target.lane()


def test_identity_numbers_go_on_behind_the_largest(target: SqliteTarget) -> None:
    table = make(target, "create table t (id integer primary key autoincrement, a text)")
    write(target, table, [(41, "x")])
    target.advance_identity(table, "id")
    target.execute("insert into t (a) values ('next')")
    assert target.query("select max(id) from t") == [(42,)]
