"""Rows in the forms that PostgreSQL takes, whoever made them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing

import pytest

from dms_workbench.engine.databases.base import Lines, LinesUnfit, RowsRefused
from dms_workbench.engine.databases.catalogue import Table
from dms_workbench.engine.databases.postgres import PostgresTarget, database
from tests.servers import PostgresServer

Made = tuple[PostgresTarget, Table]


@pytest.fixture
def made(postgres: PostgresServer, postgres_url: str) -> Iterator[Callable[[str], Made]]:
    """A target with a table made by a statement."""
    with closing(database.open_target(postgres_url)) as target:

        def make(statement: str) -> Made:
            target.execute(statement)
            return target, target.catalogue().table("t")

        yield make


def lines(form: str, pieces: Iterable[bytes], dialect: str = "") -> Lines:
    found = Lines(form, dialect)
    found.pieces = iter(pieces)
    return found


def written(made: Made, given: Lines) -> list[tuple[object, ...]]:
    target, table = made
    with target.transaction():
        target.write_lines(table, table.columns, given)
    return target.query("select * from public.t order by 1")


TWO = "create table public.t (a int primary key, b text)"


def test_lines_of_text_are_read_as_copy_reads_them(made):
    pieces = [b"1\tone\\tt", b"wo\n2\t\\N", b"\n3\t\\\\N\n"]
    assert written(made(TWO), lines("postgres-text", pieces)) == [(1, "one\ttwo"), (2, None), (3, "\\N")]


def test_csv_has_the_marks_that_lines_say(made):
    dialect = json.dumps({"delimiter": ";", "quote": "'", "escape": "\\", "null": "-"})
    pieces = [b"1;'it\\'s; ", b"so'\n2;-\n3;'-'\n4;\n"]
    assert written(made(TWO), lines("csv", pieces, dialect)) == [(1, "it's; so"), (2, None), (3, "-"), (4, "")]


def test_csv_without_marks_is_the_usual_one(made):
    pieces = [b'1,"a ""b"", c"\r\n', b'2,\r\n3,""\r\n']
    assert written(made(TWO), lines("csv", pieces)) == [(1, 'a "b", c'), (2, None), (3, "")]


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_line_that_ends_the_data_for_some_servers_is_refused(made, cut):
    target, table = made("create table public.t (a text)")
    whole = b"one\n\\.\nthree\n"
    with pytest.raises(RowsRefused), target.transaction():
        target.write_lines(table, table.columns, lines("csv", [whole[:cut], whole[cut:]]))
    assert target.count(table) == 0
    assert written((target, table), lines("csv", [b"one\\.\n"])) == [("one\\.",)]


@pytest.mark.parametrize(
    ("form", "pieces"),
    [
        ("postgres-text", [b"1\ta\n", b"x\tb\n", b"3\tc\n"]),
        ("csv", [b"1,a\n", b"1,b\n", b"3,c\n"]),
        ("postgres-binary", [b"\x00\x02\x00\x00\x00\x04\x00\x00\x00\x01\xff\xff\xff\xff" * 2]),
    ],
)
def test_refused_lines_leave_a_connection_that_writes_on(made, form, pieces):
    target, table = made(TWO)
    given = lines(form, pieces)
    with pytest.raises(RowsRefused), target.transaction():
        target.write_lines(table, table.columns, given)
    assert list(given.pieces) == []
    assert written((target, table), lines("postgres-text", [b"7\tg\n"])) == [(7, "g")]


def test_lines_that_cannot_be_read_leave_a_connection_that_writes_on(made):
    target, table = made(TWO)

    def broken() -> Iterator[bytes]:
        yield b"1\ta\n"
        raise LinesUnfit

    with pytest.raises(LinesUnfit), target.transaction():
        target.write_lines(table, table.columns, lines("postgres-text", broken()))
    assert written((target, table), lines("postgres-text", [b"7\tg\n"])) == [(7, "g")]


def test_a_table_that_is_missing_is_told_before_anything_is_read(made):
    target, table = made(TWO)
    target.execute("drop table public.t")
    given = lines("postgres-text", [b"1\ta\n"])
    with pytest.raises(Exception, match="does not exist"), target.transaction():
        target.write_lines(table, table.columns, given)
    assert list(given.pieces) == [b"1\ta\n"]
    assert target.query("select 1") == [(1,)]
