"""MariaDB's write side: what is stored is what was sent, or the row is named."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dms_workbench.engine.databases.base import RowsRefused
from dms_workbench.engine.databases.catalogue import Column, DataType, SequenceState, Table, TableName
from dms_workbench.engine.databases.errors import DatabaseError, RunLocked
from dms_workbench.engine.databases.mysql import database
from dms_workbench.engine.databases.mysql import write as writing
from dms_workbench.engine.databases.mysql.write import MysqlTarget, NotTransactional

pytestmark = pytest.mark.mariadb
VALUES = Path(__file__).parents[2] / "cases" / "mysql" / "values.sql"


@pytest.fixture
def target(mariadb_url):
    opened = database.open_target(mariadb_url)
    yield opened
    opened.close()


@pytest.fixture(params=["load", "insert"])
def way(request, monkeypatch):
    """Both ways of writing, however few rows there are."""
    monkeypatch.setattr(writing, "LOAD_MINIMUM_ROWS", 0 if request.param == "load" else 1_000_000)
    return request.param


def make(target: MysqlTarget, *statements: str, name: str = "t") -> Table:
    for statement in statements:
        target.execute(statement)
    return target.catalogue().table(name)


def columns_of(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def write(target: MysqlTarget, table: Table, rows: list[tuple[Any, ...]]) -> int:
    with target.transaction():
        return target.write(table, table.copied_columns, columns_of(rows))


def refused(target: MysqlTarget, table: Table, rows: list[tuple[Any, ...]]) -> list[tuple[int, str | None, str]]:
    with pytest.raises(RowsRefused):
        write(target, table, rows)
    assert target.count(table) == 0
    with target.transaction():
        found = target.diagnose(table, table.copied_columns, columns_of(rows))
    assert target.count(table) == 0
    return [(reject.row, reject.column, reject.code) for reject in found]


def test_every_type_is_written_as_it_was_read(mariadb, mariadb_url, target, way):
    name = mariadb_url.rpartition("/")[2]
    mariadb.execute(VALUES.read_text(), name)
    target.execute("create table copy like each_type")
    copy = target.catalogue().table("copy")
    with closing(database.open_source(mariadb_url)) as source:
        table = source.catalogue().table("each_type")
        names = [column.name for column in table.columns]
        (batch,) = source.read(table, names)
        assert write(target, copy, list(zip(*batch.columns, strict=True))) == 3
    same = " and ".join(f"hex(a.`{column}`) <=> hex(b.`{column}`)" for column in names)
    assert target.query(f"select count(*) from each_type a join copy b on {same}") == [(3,)]


@pytest.mark.parametrize(
    ("type_", "value", "code"),
    [
        ("int", 3_000_000_000, "out-of-range"),
        ("int unsigned", -1, "out-of-range"),
        ("decimal(5,2)", "1.234", "invalid-value"),
        ("decimal(5,2)", "NaN", "invalid-value"),
        ("double", float("nan"), "invalid-value"),
        ("double", float("inf"), "invalid-value"),
        ("float", 1e300, "out-of-range"),
        ("date", "2024-02-30", "invalid-value"),
        ("date", "infinity", "invalid-value"),
        ("date", "10000-01-01", "invalid-value"),
        ("datetime", "2024-01-01 25:00:00", "invalid-value"),
        ("timestamp null", "2040-01-01 00:00:00+00", "invalid-value"),
        ("time", "839:00:00", "invalid-value"),
        ("year", 70, "out-of-range"),
        ("varchar(3)", "four", "too-long"),
        ("varchar(3)", "\udcff", "invalid-text"),
        ("varchar(3) character set latin1", "あ", "invalid-value"),
        ("enum('a', 'b')", "c", "invalid-value"),
        ("json", "{", "check"),
        ("varbinary(2)", b"123", "too-long"),
        ("binary(4)", b"123", "invalid-value"),
        ("bit(2)", "101", "invalid-value"),
        ("inet6", "nowhere", "invalid-value"),
        ("point", "POINT(1", "invalid-value"),
    ],
)
def test_what_would_be_changed_is_refused_and_named(type_, value, code, target, way):
    if type_.startswith("varchar(3)") and code == "too-long":
        table = make(target, f"create table t (id int primary key, v {type_})")
    else:
        table = make(target, f"create table t (id int primary key, v {type_}, w int)")
    rows = (
        [(1, None), (2, value), (3, None)] if len(table.columns) == 2 else [(1, None, 5), (2, value, 6), (3, None, 7)]
    )
    found = refused(target, table, rows)
    assert [(row, code_) for row, _, code_ in found] == [(1, code)]


def test_bad_rows_are_found_among_many(target, way):
    table = make(
        target,
        "create table p (id int primary key)",
        "insert into p values (1)",
        "create table t (id int primary key, a varchar(3) not null, p int, u int unique, foreign key (p) references p (id))",
    )
    rows: list[tuple[Any, ...]] = [(number, "abc", 1, number) for number in range(500)]
    rows[7] = (7, "abcd", 1, 7)
    rows[100] = (100, "abc", 2, 100)
    rows[300] = (299, "abc", 1, 300)
    rows[499] = (499, "abc", None, 498)
    assert [(row, code) for row, _, code in refused(target, table, rows)] == [
        (7, "too-long"), (100, "foreign-key"), (300, "unique"), (499, "unique"),
    ]  # fmt: skip


def test_no_value_is_in_a_message(target, way):
    table = make(target, "create table t (id int primary key, v varchar(3) unique)")
    with target.transaction():
        (reject,) = target.diagnose(table, table.columns, columns_of([(1, "sec"), (2, "SEC")]))
    assert "sec" not in reject.reason.lower()


def test_a_zero_is_no_request_for_a_number(target, way):
    table = make(target, "create table t (id int auto_increment primary key)")
    assert write(target, table, [(0,), (5,)]) == 2
    assert target.query("select id from t order by id") == [(0,), (5,)]
    assert target.next_number(table, "id") == 6
    assert target.next_number(table, "id") == 6


def test_a_transaction_is_undone_by_any_exception(target, way):
    table = make(target, "create table t (id int primary key)")
    with pytest.raises(KeyboardInterrupt), target.transaction():
        target.write(table, table.columns, [[1]])
        raise KeyboardInterrupt
    assert target.count(table) == 0


def test_a_savepoint_can_fail_on_its_own(target, way):
    table = make(target, "create table t (id int primary key)")
    with target.transaction():
        target.write(table, table.columns, [[1]])
        with pytest.raises(RowsRefused), target.savepoint():
            target.write(table, table.columns, [[2, 1]])
        target.write(table, table.columns, [[3]])
    assert target.query("select id from t order by id") == [(1,), (3,)]


def test_a_row_larger_than_a_packet_is_named(mariadb, mariadb_url, target):
    packet = target.packet_bytes
    table = make(target, "create table t (id int primary key, v longblob)")
    with target.transaction():
        (reject,) = target.diagnose(table, table.columns, [[1, 2], [b"x", b"x" * packet]])
    assert (reject.row, reject.code) == (1, "too-long")


def test_a_table_without_transactions_is_refused_by_name(target):
    table = make(target, "create table t (id int primary key) engine=myisam")
    with pytest.raises(NotTransactional, match="MyISAM"):
        write(target, table, [(1,)])


def test_a_column_that_is_gone_is_said(target):
    target.execute("create table t (id int primary key)")
    table = Table(TableName(None, "t"), (Column("gone", DataType("integer", "int")),))
    with pytest.raises(DatabaseError, match="gone"):
        write(target, table, [(1,)])


def test_an_update_that_changes_nothing_counts_its_rows(target):
    make(target, "create table t (id int primary key, v int)", "insert into t values (1, 5)")
    assert target.execute("update t set v = 5 where id = %s", [1]) == 1


def test_a_lock_is_held_until_the_connection_closes(target):
    other = target.lane()
    other.lock("a name " * 20, timeout_seconds=1)
    with pytest.raises(RunLocked):
        target.lock("a name " * 20, timeout_seconds=0.1)
    other.close()
    target.lock("a name " * 20, timeout_seconds=2)


def test_a_read_only_server_is_known(mariadb, mariadb_url):
    mariadb.execute("set global read_only = 1")
    try:
        with closing(database.open_target(mariadb_url)) as target:
            assert "read_only" in target.read_only
    finally:
        mariadb.execute("set global read_only = 0")


def test_a_sequence_stands_where_it_stood(target):
    target.execute("create sequence s increment by 5")
    target.restore_sequence(TableName(None, "s"), SequenceState(21))
    assert target.query("select nextval(s)") == [(26,)]
    target.restore_sequence(TableName(None, "s"), SequenceState(6, is_called=False))
    assert target.query("select nextval(s)") == [(6,)]
