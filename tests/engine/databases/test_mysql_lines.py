"""Rows of MariaDB as lines: their places, their end, and sessions that are few."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from dms_workbench.engine.databases.base import LineColumn, LineLimits, LineQuery, Lines, LinesUnfit, RowsRefused
from dms_workbench.engine.databases.catalogue import Column, DataType, Table
from dms_workbench.engine.databases.errors import ConnectionLost, DatabaseError
from dms_workbench.engine.databases.mysql import database
from dms_workbench.engine.databases.mysql.read import MysqlSource
from dms_workbench.engine.databases.mysql.write import NO_LOADS, MysqlTarget
from dms_workbench.engine.databases.postgres.types import parse_type, render_type
from tests.engine.databases.test_mysql_read import KEYS

pytestmark = pytest.mark.mariadb


@pytest.fixture
def fill(mariadb, mariadb_url) -> Callable[..., str]:
    """Run statements in a fresh database; its URL."""

    def run(*statements: str) -> str:
        mariadb.execute("; ".join(statements), mariadb_url.rpartition("/")[2])
        return str(mariadb_url)

    return run


@pytest.fixture
def source_of():
    """Opens sources and closes them."""
    with contextlib.ExitStack() as stack:

        def run(url: str, **options: Any) -> MysqlSource:
            source = database.open_source(url, options=options)
            stack.callback(source.close)
            return source

        yield run


@pytest.fixture
def target(mariadb_url):
    """An open target."""
    opened = database.open_target(mariadb_url)
    yield opened
    opened.close()


def query(table: Table, *names: str) -> LineQuery:
    """Columns for a PostgreSQL made by a plan."""
    columns = [table.column(name) for name in names]
    made = [Column(column.name, parse_type(render_type(column.type))) for column in columns]
    return LineQuery(table, tuple(map(LineColumn, made, columns)), "postgres-text")


def read(source: MysqlSource, asked: LineQuery, **options: Any) -> list[tuple[str, bytes]]:
    """Position and bytes of each chunk."""
    limits = LineLimits(rows=options.pop("rows", 1))
    return [(lines.position, b"".join(pieces)) for lines, pieces in chunks(source, asked, limits, **options)]


def chunks(source: MysqlSource, asked: LineQuery, limits: LineLimits, **options: Any):
    """Chunks, each with its pieces."""
    for lines in source.read_lines(asked, limits=limits, **options):
        pieces = list(lines.pieces)
        yield lines, pieces


@pytest.mark.parametrize("kind", KEYS)
def test_lines_have_the_places_that_values_have(kind, fill, source_of):
    type_, values = KEYS[kind]
    rows = ", ".join(f"({value}, {number})" for number, value in enumerate(values))
    create = f"create table t (k {type_} not null primary key, n int)"
    source = source_of(fill("set sql_mode = ''", create, f"insert into t values {rows}"))
    table = source.catalogue().table("t")
    wanted = [(batch.position, b"%d\n" % batch.columns[0][0]) for batch in source.read(table, ["n"], batch_rows=1)]
    assert read(source, query(table, "n")) == wanted
    for at, (position, _) in enumerate(wanted):
        assert read(source, query(table, "n"), after=position) == wanted[at + 1 :]
        assert read(source, query(table, "n"), until=position, rows=2)[-1][0] == position


def test_chunks_end_by_rows_and_by_bytes_and_say_their_size(fill, source_of):
    create = "create table t (id int primary key, v varchar(200))"
    source = source_of(fill(create, "insert into t select seq, repeat('x', 150) from seq_1_to_5000"))
    asked = query(source.catalogue().table("t"), "id", "v")
    for limits, rows in ((LineLimits(1000, 1 << 30), 1000), (LineLimits(1 << 30, 60_000), 370)):
        found = list(chunks(source, asked, limits))
        assert sum(lines.rows for lines, _ in found) == 5000
        assert all(lines.size_bytes == sum(map(len, pieces)) for lines, pieces in found)
        assert all(abs(lines.rows - rows) <= rows // 20 for lines, _ in found[:-1])
        text = b"".join(piece for _, pieces in found for piece in pieces)
        assert text == b"".join(b"%d\t%s\n" % (number, b"x" * 150) for number in range(1, 5001))


def test_a_lane_that_needs_a_second_session_gets_its_own_and_reads_on_behind_it(mariadb, fill, source_of):
    url = fill(
        "create table t (id int primary key, v varchar(300))",
        "insert into t select seq, repeat('x', 300) from seq_1_to_20000",
    )
    lane = source_of(url).lane()
    table = lane.catalogue().table("t")
    seen: list[int] = []
    for number, lines in enumerate(lane.read_lines(query(table, "id", "v"), limits=LineLimits(rows=3000))):
        seen += [int(row.partition(b"\t")[0]) for row in b"".join(lines.pieces).splitlines()]
        if number == 0:
            mariadb.execute("delete from t", url.rpartition("/")[2])
        if number in (1, 3):
            aside = lane.lane()
            (batch,) = aside.read(table, ["id"], after='[["i",3]]', until=lines.position, batch_rows=50_000)
            assert batch.columns[0] == list(range(4, seen[-1] + 1))
            aside.close()
    assert seen == list(range(1, 20_001))
    lane.close()
    lane.close()


def test_a_lane_closed_in_the_middle_of_lines_leaves_its_session_usable(fill, source_of):
    url = fill(
        "create table t (id int primary key, v varchar(300))",
        "insert into t select seq, repeat('x', 300) from seq_1_to_20000",
    )
    source = source_of(url)
    table = source.catalogue().table("t")
    lane = source.lane()
    reading = lane.read_lines(query(table, "id", "v"), limits=LineLimits(rows=100))
    lines = next(reading)
    next(lines.pieces)
    lane.close()
    other = source.lane()
    assert other.count(table) == 20_000
    del reading
    assert sum(batch.rows for batch in other.read(table, ["id"])) == 20_000
    other.close()


def test_a_line_larger_than_a_packet_is_none(fill, source_of):
    create = "create table t (id int primary key, a text character set utf8mb4, b longblob)"
    source = source_of(
        fill(create, "insert into t values (1, 'x', 'y'), (2, 'x', repeat('y', 5000000)), (3, null, null)")
    )
    asked = query(source.catalogue().table("t"), "id", "a", "b")
    reading = source.read_lines(asked, limits=LineLimits(rows=1))
    assert b"".join(next(reading).pieces) == b"1\tx\t\\\\x79\n"
    with pytest.raises(LinesUnfit):
        list(next(reading).pieces)
    del reading
    assert source.count(asked.table) == 3


def test_a_session_that_ends_among_the_rows_is_a_lost_connection(mariadb, fill, source_of):
    url = fill(
        "create table t (id int primary key, v varchar(2000))",
        "insert into t select seq, repeat('x', 2000) from seq_1_to_20000",
    )
    source = source_of(url)
    asked = query(source.catalogue().table("t"), "id", "v")
    reading = source.read_lines(asked, limits=LineLimits(rows=100))
    next(next(reading).pieces)
    mariadb.execute(f"kill {source.connection.session}")
    with pytest.raises((ConnectionLost, DatabaseError)) as raised:
        for lines in reading:
            lines.drain()
    assert isinstance(raised.value, ConnectionLost) or not source.connection.open


def test_an_error_among_the_rows_is_raised(fill, source_of):
    create = "create table t (id int primary key, v varchar(2000))"
    url = fill(create, "insert into t select seq, repeat('x', 2000) from seq_1_to_20000")
    source, other = source_of(url), source_of(url)
    asked = query(source.catalogue().table("t"), "id", "v")
    reading = source.read_lines(asked, limits=LineLimits(rows=100))
    next(next(reading).pieces)
    other.query(f"kill query {source.connection.session}")
    with pytest.raises(DatabaseError, match="interrupted"):
        for lines in reading:
            lines.drain()
    assert source.count(asked.table) == 20_000


@pytest.mark.parametrize(
    ("create", "rows"),
    [
        ("k bigint primary key", "select seq, seq from seq_1_to_4000"),
        ("k bigint primary key", "select seq * seq * 1000, seq from seq_1_to_4000"),
        (
            "k varchar(20) collate utf8mb4_general_ci primary key",
            "select concat(char(65 + seq % 50), seq), seq from seq_1_to_4000",
        ),
        ("k varbinary(20) primary key", "select unhex(md5(seq)), seq from seq_1_to_4000"),
        ("k uuid primary key", "select uuid(), seq from seq_1_to_4000"),
        (
            "k enum('z', 'a', 'b') not null, m int not null, primary key (k, m)",
            "select 1 + seq % 3, seq, seq from seq_1_to_4000",
        ),
        (
            "k datetime(3) primary key",
            "select timestamp '2020-01-01 00:00:00' + interval seq * 7 second, seq from seq_1_to_4000",
        ),
    ],
)
def test_a_table_of_any_key_is_cut_into_parts_of_about_the_same_size(create, rows, fill, source_of):
    source = source_of(fill(f"create table t ({create}, n int)", f"insert into t {rows}"))
    table = source.catalogue().table("t")
    bounds = source.lane_bounds(table, 4)
    assert len(bounds) == 3
    parts = [
        [n for batch in source.read(table, ["n"], after=after, until=until) for n in batch.columns[0]]
        for after, until in zip(["", *bounds], [*bounds, ""], strict=True)
    ]
    assert sorted(n for part in parts for n in part) == list(range(1, 4001))
    assert all(abs(len(part) - 1000) <= 10 for part in parts)


def load(target: MysqlTarget, table: Table, pieces: list[bytes], rows: int) -> int:
    """Add rows as lines in a transaction."""
    lines = Lines("mysql-text")
    lines.rows, lines.pieces = rows, iter(pieces)
    with target.transaction():
        return target.write_lines(table, table.copied_columns, lines)


def make(target: MysqlTarget, create: str) -> Table:
    """A table."""
    target.execute(create)
    return target.catalogue().table("t")


SILENT = {
    "a word for a number": ("int", b"x"),
    "nothing for a number": ("int", b""),
    "a number too large": ("tinyint", b"128"),
    "a sign that is none": ("int unsigned", b"-1"),
    "digits rounded": ("decimal(4,1)", b"1.25"),
    "a decimal too large": ("decimal(4,1)", b"1000"),
    "not a number": ("double", b"NaN"),
    "an infinity": ("double", b"Infinity"),
    "too much for a float": ("float", b"1e300"),
    "a day that is none": ("date", b"2024-02-30"),
    "infinity for a day": ("date", b"infinity"),
    "a moment out of range": ("timestamp null", b"2040-01-01 00:00:00"),
    "an hour too many": ("time", b"839:00:00"),
    "text too long": ("varchar(3)", b"abcd"),
    "signs the charset has not": ("varchar(9) character set latin1", "ж".encode()),
    "bytes that are no text": ("varchar(9) character set utf8mb4", b"a\xff"),
    "no such label": ("enum('a', 'b')", b"c"),
    "no document": ("json", b"{"),
    "a null that is not allowed": ("int not null", b"\\N"),
    "bytes too long": ("varbinary(2)", b"616263"),
    "no uuid": ("uuid", b"x"),
    "too many fields": ("int", b"1\t2"),
}


@pytest.mark.parametrize("kind", SILENT)
def test_what_a_load_would_change_in_silence_is_refused(kind, target):
    type_, field = SILENT[kind]
    table = make(target, f"create table t (id int primary key, v {type_})")
    with pytest.raises(RowsRefused):
        load(
            target,
            table,
            [b"1\t\\N\n2\t", field, b"\n"] if "not null" not in type_ else [b"1\t1\n2\t" + field + b"\n"],
            2,
        )
    assert target.count(table) == 0


def test_rows_that_a_load_leaves_out_are_refused(target):
    table = make(target, "create table t (id int primary key, v int check (v < 5), w int unique)")
    for rows in (b"1\t1\t1\n1\t2\t2\n", b"1\t1\t1\n2\t2\t1\n", b"1\t1\t1\n2\t9\t2\n", b"1\t1\n2\t1\t1\n", b"1\t1\t1\n"):
        with pytest.raises(RowsRefused):
            load(target, table, [rows], 2)
        assert target.count(table) == 0


def test_lines_in_any_pieces_arrive_and_a_row_too_large_is_refused(target):
    table = make(target, "create table t (id int primary key, v longtext)")
    assert load(target, table, [b"1\tab", b"", b"c\\n", b"d\n2", b"\t\\N\n"], 2) == 2
    assert target.query("select id, v from t order by id") == [(1, "abc\nd"), (2, None)]
    half = b"x" * (target.packet_bytes // 4)
    with pytest.raises(RowsRefused, match="max_allowed_packet"):
        load(target, table, [b"3\t", half, half, half + b"\n"], 1)
    assert target.count(table) == 2


def test_pieces_that_cannot_be_read_leave_nothing_and_the_session_usable(target):
    table = make(target, "create table t (id int primary key, v int)")

    def pieces():
        yield b"1\t1\n"
        raise LinesUnfit

    lines = Lines("mysql-text")
    lines.pieces = pieces()
    with pytest.raises(LinesUnfit), target.transaction():
        target.write_lines(table, table.copied_columns, lines)
    assert target.count(table) == 0


def test_where_the_server_takes_no_loads_it_takes_no_lines_and_says_so(mariadb, mariadb_url):
    mariadb.execute("set global local_infile = 0")
    try:
        opened = database.open_target(mariadb_url)
        assert (opened.line_forms, opened.notes) == ((), [NO_LOADS])
        table = make(opened, "create table t (id int primary key)")
        with opened.transaction():
            assert opened.write(table, [Column("id", DataType("integer", "int"))], [list(range(100))]) == 100
        opened.close()
    finally:
        mariadb.execute("set global local_infile = 1")
