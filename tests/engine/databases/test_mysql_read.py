"""MariaDB's read side: one snapshot, every value exactly, places that are found again in the key's own order."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from dms_workbench.engine.databases.base import Batch
from dms_workbench.engine.databases.errors import DatabaseError
from dms_workbench.engine.databases.mysql import database
from dms_workbench.engine.databases.mysql.read import MysqlSource

pytestmark = pytest.mark.mariadb
VALUES = Path(__file__).parents[2] / "cases" / "mysql" / "values.sql"


@pytest.fixture
def fill(mariadb, mariadb_url):
    def run(*statements: str) -> str:
        for statement in statements:
            mariadb.execute(statement, mariadb_url.rpartition("/")[2])
        return mariadb_url

    return run


@pytest.fixture
def source_of():
    with contextlib.ExitStack() as stack:

        def run(url: str, **options) -> MysqlSource:
            source = database.open_source(url, options=options)
            stack.callback(source.close)
            return source

        yield run


def rows_of(batches) -> list[tuple]:
    return [row for batch in batches for row in zip(*batch.columns, strict=True)]


def read(source: MysqlSource, name: str, **options) -> list[tuple]:
    table = source.catalogue().table(name)
    return rows_of(source.read(table, [column.name for column in table.columns], **options))


def test_every_type_arrives_as_it_is_stored(fill, source_of):
    first, nothing, third = read(source_of(fill(VALUES.read_text())), "each_type")
    assert first == (
        1, 2, 18446744073709551615, "5.50", "0.000000000000000000000000000001", 16777216.0, 5e-324, "0000-00-00",
        "2024-00-15 12:00:00.5", "2024-11-03 05:30:00.1+00", "-838:59:59.999999", 0, True, "00000101", "ab", "€", "\u3000",
        "\\N", "tab\tline\nreturn\rback\\slash", "é" * 70000, b"\x00\xff", b"\x00", "a", "x,z", "SRID=4326;POINT(0.1 -2)",
        "123e4567-e89b-12d3-a456-426655440000", "::ffff:1.2.3.4",
    )  # fmt: skip
    assert nothing == (2, *[None] * 26)
    assert third[5:12] == (0.1, 0.1, "9999-12-31", "1000-01-01 00:00:00", "1970-01-01 00:00:01+00", "25:30:00", 2155)
    assert third[14:24] == ("", "", "", "", "", "", b"", b"", "", "")


def test_text_without_a_form_in_unicode_is_seen_to_be_invalid(fill, source_of):
    url = fill(
        "create table t (id int primary key, a varchar(9) character set utf8mb4, b varchar(9) character set sjis) engine=innodb",
        "insert into t values (1, _utf8mb4 0x61EDA080, 'a'), (2, 'ok', _sjis 0xF040)",
    )
    rows = read(source_of(url), "t")
    assert rows[0][1].encode("utf-8", "surrogateescape") == b"a\xed\xa0\x80"
    with pytest.raises(UnicodeEncodeError):
        rows[1][2].encode()
    assert "?" not in rows[1][2]


def test_rows_wider_than_a_packet_are_read(mariadb, fill, source_of):
    url = fill(
        "create table t (id int primary key, a longtext, b longblob)",
        "insert into t values (1, repeat('x', 9000000), repeat(x'00ff', 4000000)), (2, null, null)",
    )
    (first, second) = read(source_of(url), "t")
    assert (len(first[1]), len(first[2]), second) == (9_000_000, 8_000_000, (2, None, None))


KEYS = {
    "int": ("int", ["-2147483648", "-1", "0", "7", "2147483647"]),
    "unsigned": ("bigint unsigned", ["0", "9223372036854775808", "18446744073709551615"]),
    "binary": ("varbinary(20)", ["''", "x'00'", "x'0001'", "x'61'", "x'ff'"]),
    "any case": ("varchar(20) character set utf8mb4 collate utf8mb4_general_ci", ["''", "'a'", "'B'", "'c'", "'Ä1'", "'😀'"]),
    "latin1": ("varchar(20) character set latin1", ["'a'", "'É1'", "'z'", "_latin1 0x80"]),
    "ucs2": ("varchar(20) character set ucs2", ["'a'", "'é'", "'z'", "_ucs2 0x3042"]),
    "float": ("float", ["-1.5", "0", "0.1", "16777216", "3.0e38"]),
    "double": ("double", ["-1e300", "5e-324", "0.1", "0.10000000000000002"]),
    "decimal": ("decimal(30,10)", ["-1.5", "0", "0.0000000001", "99999999999999999999"]),
    "date": ("date", ["'0000-00-00'", "'2024-00-15'", "'2024-01-01'", "'9999-12-31'"]),
    "datetime": ("datetime(6)", ["'1000-01-01'", "'2024-01-01 00:00:00.000001'", "'2024-01-01 00:00:00.000002'"]),
    "timestamp": ("timestamp(3)", ["'1970-01-01 00:00:01'", "'2024-01-01 00:00:00.001'", "'2038-01-19 03:14:07'"]),
    "time": ("time(6)", ["'-838:59:59'", "'-00:00:01'", "'00:00:00'", "'838:59:59'"]),
    "year": ("year", ["0", "1901", "1999", "2155"]),
    "enum": ("enum('z', 'b', '1', 'a')", ["'z'", "'b'", "'1'", "'a'"]),
    "set": ("set('x', 'y', 'z')", ["''", "'x'", "'y'", "'x,y'", "'z'"]),
    "bit": ("bit(64)", ["b'0'", "b'1'", "b'101'", "0xffffffffffffffff"]),
    "uuid": ("uuid", ["'00000000-0000-0000-0000-000000000001'",
        "'123e4567-e89b-12d3-a456-426655440000'", "'ff000000-0000-0000-0000-00000000000f'"]),
    "inet6": ("inet6", ["'::1'", "'::ffff:1.2.3.4'", "'ffff::1'"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", KEYS)
def test_a_read_goes_on_behind_any_key(kind, fill, source_of):
    type_, values = KEYS[kind]
    rows = ", ".join(f"({value}, {number})" for number, value in enumerate(values))
    source = source_of(
        fill(
            f"create table t (k {type_} not null primary key, n int)", f"set sql_mode = ''; insert into t values {rows}"
        )
    )
    table = source.catalogue().table("t")
    batches: list[Batch] = list(source.read(table, ["n"], batch_rows=1))
    assert sorted(batch.columns[0][0] for batch in batches) == list(range(len(values)))
    order = [batch.columns[0][0] for batch in batches]
    for at, batch in enumerate(batches):
        assert [row[0] for row in rows_of(source.read(table, ["n"], after=batch.position))] == order[at + 1 :]
        assert [row[0] for row in rows_of(source.read(table, ["n"], until=batch.position))] == order[: at + 1]


def test_a_key_of_several_columns_is_followed_row_by_row(fill, source_of):
    source = source_of(
        fill(
            "create table t (a varchar(5) collate utf8mb4_general_ci, b int unsigned, c date, primary key (a, b, c))",
            "insert into t values ('A', 1, '2024-01-01'), ('a', 1, '2024-01-02'), ('a', 2, '2024-01-01'), ('b', 0, '2024-01-01')",
        )
    )
    table = source.catalogue().table("t")
    batches = list(source.read(table, ["a", "b", "c"], batch_rows=1))
    for at, batch in enumerate(batches):
        rest = rows_of(source.read(table, ["a", "b", "c"], after=batch.position, until=batches[-1].position))
        assert len(rest) == len(batches) - at - 1


def test_nothing_written_later_is_seen(mariadb, fill, source_of):
    url = fill("create table t (id int primary key)", "insert into t values (1)")
    source = source_of(url, lanes=2)
    mariadb.execute("insert into t values (2)", url.rpartition("/")[2])
    lane = source.lane()
    assert read(source, "t") == read(lane, "t") == [(1,)]
    assert source.count(source.catalogue().table("t")) == 1
    lane.close()


def test_without_the_right_to_lock_lanes_take_turns_and_it_is_said(mariadb, fill, source_of):
    url = fill("create table t (id int primary key)", "insert into t values (1)")
    name = url.rpartition("/")[2]
    mariadb.execute("create or replace user lockless identified by 'x'")
    mariadb.execute(f"grant select on `{name}`.* to lockless")
    source = source_of(mariadb.url(name, user="lockless", password="x"), lanes=4)
    assert "RELOAD" in source.notes[0]
    lane = source.lane()
    assert read(lane, "t") == [(1,)]
    lane.close()
    assert read(source, "t") == [(1,)]


def test_a_read_left_early_leaves_the_snapshot_usable(mariadb, fill, source_of):
    url = fill("create table t (id int primary key, a varchar(200))")
    name = url.rpartition("/")[2]
    mariadb.execute("insert into t select seq, repeat('x', 200) from seq_1_to_60000", name)
    source = source_of(url)
    table = source.catalogue().table("t")
    reading = source.read(table, ["id", "a"], batch_rows=100)
    next(reading)
    with pytest.raises(DatabaseError):
        source.query("select 1")
    reading.close()
    mariadb.execute("delete from t", name)
    assert source.count(table) == 60_000


def test_a_table_without_transactions_is_read_and_noted(fill, source_of):
    source = source_of(fill("create table t (id int primary key) engine=myisam", "insert into t values (1)"))
    assert read(source, "t") == [(1,)]
    assert "MyISAM" in source.notes[0]


def test_names_with_every_sign_are_quoted(fill, source_of):
    source = source_of(
        fill('create table `a``b%s "c"` (`k%``{name}` int primary key)', 'insert into `a``b%s "c"` values (1)')
    )
    assert read(source, 'a`b%s "c"', after='[["i",0]]') == [(1,)]
