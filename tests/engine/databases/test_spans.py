"""Parts of files that PostgreSQL gets without their being read: the bytes that stand there, or an error and a line in order."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest

from dms_workbench.engine.databases.base import LineColumn, LineLimits, LineQuery, RowsRefused
from dms_workbench.engine.databases.errors import ConnectionLost
from dms_workbench.engine.databases.files import csv_lines
from dms_workbench.engine.databases.files.errors import FileChanged
from dms_workbench.engine.databases.files.read import FilesSource
from dms_workbench.engine.databases.postgres.write import PostgresTarget
from dms_workbench.engine.databases.spans import CSV_SPANS, Span
from dms_workbench.engine.databases.urls import database_for

ROWS = 30_000
CONTENT = "id,s\n" + "".join(f'{i},"row ""{i}"", {i * 7}"\n' for i in range(ROWS))
LIMITS = LineLimits(10**9, 10**9)


class Ends:
    """A file and an empty table of its columns."""

    def __init__(self, path: Path, url: str) -> None:
        self.path = path
        with psycopg.connect(url) as connection:
            connection.execute("create table t (id bigint primary key, s text)")
        self.target = cast(PostgresTarget, database_for(url).open_target(url))
        self.table = self.target.catalogue().table("t")

    def lines(self, limits: LineLimits = LIMITS) -> Iterator[Any]:
        """The chunks of the file, in spans."""
        source = self.source()
        (table,) = source.catalogue().tables
        columns = [LineColumn(own, of) for own, of in zip(self.table.columns, table.columns, strict=True)]
        asked = LineQuery(table, tuple(columns), CSV_SPANS)
        assert source.gives_lines(asked)
        return source.read_lines(asked, limits=limits)

    def source(self) -> FilesSource:
        """The folder of the file."""
        return cast(FilesSource, database_for(f"csv:///{self.path.parent}").open_source(f"csv:///{self.path.parent}"))

    def write(self, lines: Any) -> int:
        """Write a chunk in a transaction."""
        with self.target.transaction():
            return self.target.write_lines(self.table, self.table.columns, lines)

    def rows(self) -> list[tuple[Any, ...]]:
        """All rows of the table."""
        return self.target.query("select * from public.t order by id")


@pytest.fixture
def ends(tmp_path: Path, postgres_url: str) -> Iterator[Ends]:
    (tmp_path / "t.csv").write_text(CONTENT)
    made = Ends(tmp_path / "t.csv", postgres_url)
    yield made
    made.target.close()


def expected(count: int = ROWS) -> list[tuple[Any, ...]]:
    """The rows of the file."""
    return [(i, f'row "{i}", {i * 7}') for i in range(count)]


def test_the_bytes_of_a_file_arrive_without_being_read(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Span, "read", lambda *_: pytest.fail("read"))
    assert sum(ends.write(lines) for lines in ends.lines(LineLimits(7_000, 10**9))) == ROWS
    assert ends.rows() == expected()


@pytest.mark.parametrize("why", [errno.EINVAL, errno.EIO])
def test_a_file_from_which_the_system_sends_nothing_is_read(
    ends: Ends, monkeypatch: pytest.MonkeyPatch, why: int
) -> None:
    def fail(*_: object) -> int:
        raise OSError(why, os.strerror(why))

    monkeypatch.setattr(Span, "send", fail)
    assert sum(map(ends.write, ends.lines())) == ROWS
    assert ends.rows() == expected()


def test_a_file_that_becomes_shorter_writes_nothing_and_leaves_the_line_in_order(ends: Ends) -> None:
    chunks = ends.lines()
    lines = next(chunks)
    whole = lines.pieces

    def cut_off() -> Iterator[Any]:
        for number, span in enumerate(whole):
            if number == 1:
                os.truncate(ends.path, span.offset + 10)
            yield span

    lines.pieces = cut_off()
    with pytest.raises(FileChanged):
        ends.write(lines)
    assert ends.rows() == []


def test_a_file_that_is_written_to_meanwhile_is_not_committed(ends: Ends) -> None:
    chunks = ends.lines()
    lines = next(chunks)
    os.utime(ends.path, (1, 1))
    with pytest.raises(FileChanged):
        ends.write(lines)
    assert ends.rows() == []


def test_a_row_that_the_target_refuses_leaves_the_line_in_order(ends: Ends) -> None:
    ends.target.execute("insert into public.t values (12345, 'there')")
    chunks = ends.lines()
    lines = next(chunks)
    with pytest.raises(RowsRefused, match="duplicate key"):
        ends.write(lines)
    assert ends.rows() == [(12345, "there")]


def test_a_server_that_goes_away_is_a_lost_connection(ends: Ends) -> None:
    chunks = ends.lines()
    lines = next(chunks)
    whole, process = lines.pieces, ends.target.connection.info.backend_pid

    def ended() -> Iterator[Any]:
        for number, span in enumerate(whole):
            if number == 1:
                with psycopg.connect(ends.target.url, autocommit=True) as other:
                    other.execute("select pg_terminate_backend(%s, 5000)", (process,))
            yield span

    lines.pieces = ended()
    with pytest.raises(ConnectionLost):
        ends.write(lines)


@pytest.mark.parametrize(
    ("name", "content"),
    [("t.csv", b"s\nx\n\\.\ny\n"), ("t.csv", b's,t\n\\.x,"y\n\\."\n'), ("t.csv", b"s\n\\.\n")],
    ids=["a line of its own", "the beginning of the first line, and within a field", "the first line"],
)
def test_lines_that_end_the_data_for_older_servers_are_not_sent_unread(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    source = cast(FilesSource, database_for(f"csv:///{tmp_path}").open_source(f"csv:///{tmp_path}"))
    (table,) = source.catalogue().tables
    ((file, known),) = source.csv(source.found(table))
    assert known.rows
    assert csv_lines.regular(known)
    assert not csv_lines.passes_unread(file.path, known)
