"""Two PostgreSQL databases between which rows pass undecoded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg

from dms_workbench.engine.databases.base import LineColumn, LineLimits, LineQuery, Lines
from dms_workbench.engine.databases.catalogue import Table
from dms_workbench.engine.databases.postgres import PostgresSource, PostgresTarget, database
from tests.servers import PostgresServer

FORMS = ("postgres-frames", "postgres-binary", "postgres-text")
WIDE = 300_000
"""Bytes of a cell that is in several reads."""
EMPTY = """
do $$ declare name text; begin
  for name in select quote_ident(nspname) from pg_namespace where nspname !~ '^(pg_|information_schema)' loop
    execute 'drop schema ' || name || ' cascade';
  end loop;
  perform lo_unlink(oid) from pg_largeobject_metadata;
end $$;
create schema public
"""


class Ends:
    """A source and a target database of one server, and connections to them that are closed at the end."""

    def __init__(self, server: PostgresServer, stack: contextlib.ExitStack, options: str = "") -> None:
        self.stack = stack
        self.urls = [server.create_database() + options for _ in range(2)]

    def sql(self, end: int, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements in the source's (0) or the target's (1) database."""
        with psycopg.connect(self.urls[end], autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def both(self, *statements: str) -> None:
        for end in range(2):
            self.sql(end, *statements)

    def source(self) -> PostgresSource:
        source = database.open_source(self.urls[0])
        self.stack.callback(source.close)
        return source

    def target(self) -> PostgresTarget:
        target = database.open_target(self.urls[1])
        self.stack.callback(target.close)
        return target

    def rows(self, name: str = "t") -> list[list[tuple[Any, ...]]]:
        """All rows of both ends, as text."""
        return [self.sql(end, f"select t::text from public.{name} t order by 1") for end in range(2)]


@contextlib.contextmanager
def emptied(ends: Ends) -> Iterator[None]:
    """Connections are closed and both databases emptied at the end."""
    with contextlib.ExitStack() as ends.stack:
        yield
    ends.both(EMPTY)


def query(source: Table, target: Table, form: str, where: str = "", **sql: str) -> LineQuery:
    """All columns; ``sql``: expressions in place of columns, of the target column's type."""
    columns = tuple(
        LineColumn(to := target.column(column.name), None if column.name in sql else column,
                   sql.get(column.name, ""), to.type if column.name in sql else None)
        for column in source.copied_columns
    )  # fmt: skip
    return LineQuery(source, columns, form, where)


def copy(source: PostgresSource, target: PostgresTarget, asked: LineQuery, rows: int = 50_000, after: str = "") -> int:
    """All chunks, a transaction each; the rows written."""
    written = 0
    table = target.catalogue().table(asked.table.name.name)
    columns = [column.target for column in asked.columns]
    for lines in source.read_lines(asked, limits=LineLimits(rows), after=after):
        with target.transaction():
            written += target.write_lines(table, columns, lines)
            assert target.query("select 1") == [(1,)]
    return written


def copied(ends: Ends, form: str, rows: int = 50_000, name: str = "t", **options: str) -> int:
    source, target = ends.source(), ends.target()
    asked = query(source.catalogue().table(name), target.catalogue().table(name), form, **options)
    assert source.gives_lines(asked)
    return copy(source, target, asked, rows)


def read(lines: Lines) -> bool:
    lines.drain()
    return True
