from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.engine.copying import RunResult
from dms_workbench.engine.databases.urls import database_for

Migrate = Callable[..., RunResult]

SCRIPT = """
    create virtual table pages using fts5(title, "odd, name", body unindexed, tokenize = 'porter', prefix = '2 3');
    insert into pages values ('hello', 'running', 'x'), ('second', null, 'y''s');
    create virtual table old using fts4(a text, b, tokenize=porter);
    insert into old values ('p', 'q');
    create table articles (id integer primary key, said text);
    create virtual table of_articles using fts5(said, content = 'articles', content_rowid = 'id');
    insert into articles values (1, 'kept once');
"""


@pytest.fixture
def library(tmp_path: Path) -> str:
    path = tmp_path / "library.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCRIPT)
    return str(path)


def test_rows_of_full_text_tables_arrive_as_rows(library: str, tmp_path: Path, migrate: Migrate) -> None:
    target = str(tmp_path / "new.duckdb")
    result = migrate(library, target)
    assert result.status == "succeeded"
    assert {table.source: table.written for table in result.tables} == {"articles": 1, "old": 1, "pages": 2}
    with closing(database_for(target).open_source(target)) as source:
        (rows,) = source.stream('select title, "odd, name", body from pages order by 1')
    assert rows == [("hello", "running", "x"), ("second", None, "y's")]


def test_a_full_text_table_is_one_again_in_sqlite(library: str, tmp_path: Path, migrate: Migrate) -> None:
    target = tmp_path / "new.sqlite"
    assert migrate(library, str(target)).status == "succeeded"
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("select title from pages where pages match 'run'").fetchall() == [("hello",)]
        assert connection.execute("select a from old where old match 'q'").fetchall() == [("p",)]


def test_what_holds_no_rows_of_its_own_is_told(library: str, tmp_path: Path, migrate: Migrate) -> None:
    result = migrate(library, str(tmp_path / "new.duckdb"))
    left = {item.name for item in result.objects if item.kind == "virtual table" and item.outcome == "left_out"}
    assert left == {"of_articles"}
