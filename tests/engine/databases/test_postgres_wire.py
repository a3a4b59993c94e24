"""Rows that pass in the messages of the wire, inside TLS and without: whole whatever their size, in order whatever breaks."""

from __future__ import annotations

import contextlib
import select
from collections.abc import Iterator

import pytest

from dms_workbench.engine.databases.base import LineLimits, Lines, LinesUnfit, RowsRefused
from dms_workbench.engine.databases.errors import ConnectionLost
from dms_workbench.engine.databases.postgres import line
from dms_workbench.engine.databases.sockets import shut
from tests.benchmarks.tls import with_tls
from tests.engine.databases.postgres_lines import FORMS, WIDE, Ends, copied, copy, emptied, query
from tests.servers import PostgresServer, postgres_server


@pytest.fixture(scope="module")
def protected() -> Iterator[PostgresServer]:
    """A server that speaks TLS."""
    with postgres_server() as server:
        with_tls(server)
        yield server


@pytest.fixture(scope="module", params=["", "?sslmode=require"], ids=["plain", "tls"])
def two(request: pytest.FixtureRequest, protected: PostgresServer) -> Iterator[Ends]:
    with contextlib.ExitStack() as stack:
        yield Ends(protected, stack, request.param or "?sslmode=disable")


@pytest.fixture
def ends(two: Ends) -> Iterator[Ends]:
    """Two empty databases."""
    with emptied(two):
        yield two


@pytest.mark.parametrize("form", FORMS)
def test_rows_larger_than_what_is_read_at_once_pass_whole(ends, form):
    ends.both("create table t (id int primary key, b bytea, s text)")
    ends.sql(0, f"insert into t select i, decode(repeat(md5(i::text), {WIDE // 16} * (i % 3)), 'hex'), "
                f"repeat(i::text, {WIDE} * (i % 2)) from generate_series(1, 12) i")  # fmt: skip
    assert copied(ends, form, rows=5) == 12
    found = ends.rows()
    assert found[0] == found[1]


def test_rows_arrive_a_little_at_a_time_where_that_is_wished(ends):
    ends.both("create table t (id int primary key, s text)")
    ends.sql(0, "insert into t select i, repeat(md5(i::text), 40) from generate_series(1, 2000) i")
    source, target = ends.source(), ends.target()
    asked = query(source.catalogue().table("t"), target.catalogue().table("t"), "postgres-frames")
    sizes: list[int] = []
    for lines in source.read_lines(asked, limits=LineLimits(1 << 30, 1 << 30, read_bytes=40_000)):
        sizes += map(len, lines.pieces)
        assert lines.rows == 2_000
    assert sum(sizes) > 2_000 * 1_280
    assert max(sizes) < 42_000, "what was read, and the beginning of a message that was kept"


@pytest.mark.parametrize("form", FORMS)
def test_a_row_that_the_target_refuses_leaves_both_sides_in_order(ends, form):
    ends.both("create table t (id int primary key, v text)")
    ends.sql(0, "insert into t select i, repeat('x', 500) from generate_series(1, 5000) i")
    ends.sql(1, "insert into t values (1234, 'there')")
    source, target = ends.source(), ends.target()
    table, columns = target.catalogue().table("t"), target.catalogue().table("t").columns
    asked = query(source.catalogue().table("t"), table, form)
    written, refused = 0, []
    for lines in source.read_lines(asked, limits=LineLimits(1000)):
        try:
            with target.transaction():
                written += target.write_lines(table, columns, lines)
        except RowsRefused as error:
            lines.drain()
            refused.append((lines.rows, lines.position, error.hint))
    assert written == 4000
    assert refused == [(1000, '["2000"]', 'duplicate key value violates unique constraint "t_pkey"')]
    assert source.query("select count(*) from public.t") == [(5000,)]


@pytest.mark.parametrize("form", FORMS)
def test_notices_on_both_sides_are_no_rows(ends, form):
    noisy = "create function noisy(v text) returns text language plpgsql as $$ begin raise notice '%', repeat(v, 300); return v; end $$"
    trigger = "create function t() returns trigger language plpgsql as $$ begin raise notice '%', repeat('n', 900); return new; end $$"
    ends.both("create table t (id int primary key, v text)", noisy, trigger)
    ends.sql(1, "create trigger t before insert on t for each row execute function t()")
    ends.sql(0, "insert into t select i, i::text from generate_series(1, 12000) i")
    assert copied(ends, form, rows=10_000, v="public.noisy(v)") == 12_000
    assert ends.rows()[0] == ends.rows()[1]


@pytest.mark.parametrize("form", FORMS)
def test_an_expression_that_fails_ends_the_lines_where_it_fails(ends, form):
    ends.both("create table t (id int primary key, v int)")
    ends.sql(0, "insert into t select i, i from generate_series(1, 5000) i")
    source, target = ends.source(), ends.target()
    asked = query(source.catalogue().table("t"), target.catalogue().table("t"), form, v="1000 / (v - 4321)")
    with pytest.raises(LinesUnfit):
        copy(source, target, asked, rows=1000)
    assert 4000 <= target.query("select count(*) from public.t")[0][0] <= 4320


@pytest.mark.parametrize("form", FORMS)
def test_a_source_that_goes_away_in_the_middle_leaves_the_target_in_order(ends, form):
    ends.both("create table t (id int primary key, v text)")
    ends.sql(0, f"insert into t select i, repeat(md5(i::text), {WIDE // 10}) from generate_series(1, 40) i")
    source, target = ends.source(), ends.target()
    table = target.catalogue().table("t")
    asked = query(source.catalogue().table("t"), table, form)
    chunks = source.read_lines(asked, limits=LineLimits(2, 10**9))
    with target.transaction():
        assert target.write_lines(table, table.columns, next(chunks)) == 2
    ends.sql(1, f"select pg_terminate_backend({source.connection.info.backend_pid})")
    with pytest.raises(ConnectionLost):
        for lines in chunks:
            with target.transaction():
                target.write_lines(table, table.columns, lines)
    count = target.query("select count(*) from public.t")[0][0]
    assert 2 <= count < 40
    assert ends.rows()[1] == ends.sql(0, f"select t::text from t where id <= {count} order by 1")


@pytest.mark.parametrize("form", FORMS)
def test_a_target_that_goes_away_in_the_middle_is_a_lost_connection(ends, form):
    ends.both("create table t (id int primary key, v text)")
    ends.sql(0, f"insert into t select i, repeat(md5(i::text), {WIDE // 10}) from generate_series(1, 40) i")
    source, target = ends.source(), ends.target()
    table, process = target.catalogue().table("t"), target.connection.info.backend_pid
    asked = query(source.catalogue().table("t"), table, form)

    def killing(lines: Lines) -> Iterator[bytes]:
        pieces = lines.pieces
        yield next(pieces)
        ends.sql(0, f"select pg_terminate_backend({process}, 5000)")
        yield from pieces

    chunks = source.read_lines(asked, limits=LineLimits(40, 10**9))
    lines = next(chunks)
    rest = Lines(lines.form, lines.dialect)
    rest.pieces = killing(lines)
    with pytest.raises(ConnectionLost), target.transaction():
        target.write_lines(table, table.columns, rest)
    assert ends.sql(1, "select count(*) from t") == [(0,)]


@pytest.mark.parametrize("end", ["source", "target"])
def test_a_line_that_is_shut_while_rows_pass_is_a_lost_connection(ends, end):
    ends.both("create table t (id int primary key, v text)")
    ends.sql(0, f"insert into t select i, repeat(md5(i::text), {WIDE // 10}) from generate_series(1, 40) i")
    sides = {"source": ends.source(), "target": ends.target()}
    source, target = sides["source"], sides["target"]
    table = target.catalogue().table("t")
    chunks = source.read_lines(
        query(source.catalogue().table("t"), table, "postgres-frames"), limits=LineLimits(40, 10**9)
    )
    lines = next(chunks)

    def shutting(pieces: Iterator[bytes]) -> Iterator[bytes]:
        yield next(pieces)
        assert shut(sides[end].connection)
        yield from pieces

    lines.pieces = shutting(lines.pieces)
    with pytest.raises(ConnectionLost), target.transaction():
        target.write_lines(table, table.columns, lines)
    assert ends.sql(1, "select count(*) from t") == [(0,)]


def test_inside_tls_it_is_the_session_of_libpq_that_is_read_and_written(protected):
    with contextlib.ExitStack() as stack:
        connection = Ends(protected, stack, "?sslmode=require").target().connection
        assert connection.pgconn.ssl_in_use
        taken = line.line_of(connection)
        assert isinstance(taken, line.TlsLine)
        statement = b"Q\0\0\0\x10select 'x'||1\0"
        statement = statement[:1] + (len(statement) - 1).to_bytes(4, "big") + statement[5:]
        assert taken.send(statement, 0) == len(statement)
        heard = b""
        while not heard.endswith(b"Z\0\0\0\x05I"):
            heard += taken.receive() or b""
        assert b"x1" in heard
        assert taken.receive() is None
        assert taken.wanted == select.POLLIN
        taken.close()
        assert connection.execute("select 7").fetchall() == [(7,)]


def test_a_session_of_tls_is_left_alone_once_its_connection_is_closed(protected):
    with contextlib.ExitStack() as stack:
        connection = Ends(protected, stack, "?sslmode=require").target().connection
        taken = line.line_of(connection)
        connection.close()
        with pytest.raises(OSError, match="closed"):
            taken.receive()
        with pytest.raises(OSError, match="closed"):
            taken.send(b"Q", 0)
        taken.close()


def test_without_the_session_of_tls_rows_pass_through_libpq(protected, monkeypatch):
    monkeypatch.setattr(line, "openssl", lambda: None)
    with contextlib.ExitStack() as stack:
        ends = Ends(protected, stack, "?sslmode=require")
        ends.both("create table t (id int primary key, v text, b bytea)")
        ends.sql(
            0,
            "insert into t select i, i::text, decode(repeat(md5(i::text), i * 100), 'hex') from generate_series(1, 99) i",
        )
        source, target = ends.source(), ends.target()
        assert source.connection.pgconn.ssl_in_use
        assert target.line_forms[0] == "postgres-binary"
        asked = query(source.catalogue().table("t"), target.catalogue().table("t"), "postgres-frames")
        assert not source.gives_lines(asked)
        assert copied(ends, "postgres-binary", rows=10) == 99
        assert ends.rows()[0] == ends.rows()[1]
