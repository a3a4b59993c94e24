"""Rows of SQLite that the statement hands over itself are those that are fetched from it, in the same order."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from dms_workbench.engine.databases.sqlite.gather import gathered
from dms_workbench.engine.databases.sqlite.lines import Fetching
from dms_workbench.engine.databases.sqlite.read import Reading, Snapshot, SqliteSource
from dms_workbench.engine.databases.urls import database_for

KEYS = {
    "rowid": ")",
    "integer": ", primary key (a))",
    "text": ", primary key (s))",
    "two columns": ", primary key (b, s))",
    "two columns without rowid": ", primary key (b, s)) without rowid",
    "collated": ", primary key (s collate nocase))",
}


def source_of(url: str, key: str, bad: bool = False) -> SqliteSource:
    """A file with a table of 300 rows, one of them with text that is not UTF-8 if wished."""
    with closing(sqlite3.connect(url.partition("///")[2])) as file:
        file.execute(f"create table t (a integer not null, b real not null, s text not null, x blob{key}")
        file.executemany(
            "insert into t values (?, ?, ?, ?)",
            ((i * 37 % 300, i % 7, f"{'aB'[i % 2]}{i:03}\0", None if i % 3 else b"\0" * i) for i in range(300)),
        )
        if bad:
            file.execute("update t set x = cast(x'ff41' as text) where a = 150")
        file.commit()
    source = database_for(url).open_source(url)
    assert isinstance(source, SqliteSource)
    return source


def fetched(source: SqliteSource, after: str, until: str, *, gather: bool) -> tuple[list[tuple[Any, ...]], list[str]]:
    """Rows between two positions, seven at a time, and the position behind each seven."""
    (table,) = source.catalogue().tables
    reading = Reading(source._open, table, ["a", "b", "s", "x"])
    fetching = Fetching(reading, after, until, wide=False)
    assert fetching.gathered is not None
    if not gather:
        fetching.gathered = None
    rows, positions = [], []
    while some := fetching.some(7):
        positions.append(reading.batch(some).position)
        fetching.learn(positions[-1], 1, len(some))
        fetching.size = 7
        rows += some
    return rows, positions


@pytest.mark.parametrize("key", KEYS)
def test_gathered_rows_are_those_that_are_fetched_between_any_positions(
    new_database: Callable[[str], str], key: str
) -> None:
    with closing(source_of(new_database("sqlite"), KEYS[key])) as source:
        rows, positions = fetched(source, "", "", gather=False)
        assert len(rows) == 300
        for after, until in (("", ""), (positions[5], ""), ("", positions[5]), (positions[5], positions[30])):
            assert fetched(source, after, until, gather=True) == fetched(source, after, until, gather=False)


def test_text_that_is_no_text_is_told_by_the_plain_way_behind_the_rows_before_it(
    new_database: Callable[[str], str],
) -> None:
    with closing(source_of(new_database("sqlite"), ", primary key (a))", bad=True)) as source:
        with pytest.raises(sqlite3.OperationalError, match="decode to UTF-8") as caught:
            fetched(source, "", "", gather=True)
        source._open.be_lenient(caught.value)
        rows, _ = fetched(source, "", "", gather=True)
        assert rows == fetched(source, "", "", gather=False)[0]
        assert [row[0] for row in rows] == list(range(300))


def test_rows_are_not_gathered_where_sqlite_would_sort_them_or_a_function_cannot_take_them(
    new_database: Callable[[str], str],
) -> None:
    with closing(source_of(new_database("sqlite"), ", primary key (a))")) as source:
        snapshot: Snapshot = source._open
        assert gathered(snapshot, "t", ["t.a"], "", (), ["t.a"]) is not None
        assert gathered(snapshot, "t", ["t.a"], "", (), ["t.b"]) is None
        assert gathered(snapshot, "t", ["t.a"] * 101, "", (), ["t.a"]) is None


def test_readers_of_one_file_that_take_turns_get_their_own_rows(new_database: Callable[[str], str]) -> None:
    with closing(source_of(new_database("sqlite"), ", primary key (a))")) as source:
        (table,) = source.catalogue().tables
        readings = [Reading(source._open, table, ["a"]).gathered("", "") for _ in range(3)]
        found: list[list[int]] = [[], [], []]
        for _ in range(60):
            for at, reading in enumerate(readings):
                assert reading is not None
                found[at] += [row[0] for row in reading.some(5)]
        assert found == [list(range(300))] * 3
