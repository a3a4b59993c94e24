"""How the oracle reads each product: its tables' shapes and their rows, in the product's own words."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

Row = tuple[Any, ...]
HIDDEN = re.compile(r"dms_ledger.*|sqlite_.*")
TEMPORAL = re.compile(r"date|time|interval", re.IGNORECASE)


class Shape(NamedTuple):
    """A table's columns with their declared types, and its primary key."""

    columns: dict[str, str]
    key: tuple[str, ...]


class Reader:
    """One database, read with its own driver."""

    product = ""

    def shapes(self) -> dict[str, Shape]:
        """Every table but the hidden ones."""
        raise NotImplementedError

    def rows(self, table: str, columns: dict[str, str]) -> Iterator[Row]:
        """All rows of some columns."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the connection."""
        raise NotImplementedError


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class SqliteReader(Reader):
    product = "sqlite"

    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path)
        self.connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")

    def shapes(self) -> dict[str, Shape]:
        names = [name for (name,) in self.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: self.shape(name) for name in names if not HIDDEN.fullmatch(name)}

    def shape(self, table: str) -> Shape:
        found = self.connection.execute(
            "SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden = 0", (table,)
        ).fetchall()
        key = sorted((place, name) for name, _, place in found if place)
        return Shape({name: type_ for name, type_, _ in found}, tuple(name for _, name in key))

    def rows(self, table: str, columns: dict[str, str]) -> Iterator[Row]:
        yield from self.connection.execute(f"SELECT {', '.join(map(quoted, columns))} FROM {quoted(table)}")

    def close(self) -> None:
        self.connection.close()


class DuckdbReader(Reader):
    product = "duckdb"

    def __init__(self, path: str) -> None:
        import duckdb

        self.connection = duckdb.connect(path, read_only=True)
        self.connection.execute("SET TimeZone = 'UTC'")

    def shapes(self) -> dict[str, Shape]:
        columns = self.connection.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal"
            " AND table_oid IN (SELECT table_oid FROM duckdb_tables()) ORDER BY table_name, column_index"
        ).fetchall()
        keys = dict(
            self.connection.execute(
                "SELECT table_name, constraint_column_names FROM duckdb_constraints()"
                " WHERE constraint_type = 'PRIMARY KEY' AND schema_name = 'main'"
            ).fetchall()
        )
        names = dict.fromkeys(table for table, _, _ in columns if not HIDDEN.fullmatch(table))
        return {
            name: Shape({column: type_ for table, column, type_ in columns if table == name}, tuple(keys.get(name, ())))
            for name in names
        }

    def rows(self, table: str, columns: dict[str, str]) -> Iterator[Row]:
        fields = [
            f"CAST({quoted(name)} AS VARCHAR)" if TEMPORAL.search(type_) else quoted(name)
            for name, type_ in columns.items()
        ]
        cursor = self.connection.execute(f"SELECT {', '.join(fields)} FROM main.{quoted(table)}")
        while batch := cursor.fetchmany(20_000):
            yield from batch

    def close(self) -> None:
        self.connection.close()


class PostgresReader(Reader):
    product = "postgres"

    def __init__(self, url: str) -> None:
        import psycopg
        from psycopg.types.string import TextLoader

        options = (
            "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=1 -c row_security=off"
        )
        self.connection = psycopg.connect(re.sub(r"^postgres(ql)?(\+\w+)?:", "postgresql:", url), options=options)
        for name in ("date", "time", "timetz", "timestamp", "timestamptz", "interval", "json", "jsonb", "uuid"):
            self.connection.adapters.register_loader(name, TextLoader)

    def shapes(self) -> dict[str, Shape]:
        columns = self.connection.execute(
            "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), c.oid::int8 FROM pg_class c"
            " JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
            " AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum"
        ).fetchall()
        keys: dict[str, list[str]] = {}
        for table, column in self.connection.execute(
            "SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
            " CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY k(number, place)"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number"
            " WHERE i.indisprimary AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname, k.place"
        ):
            keys.setdefault(table, []).append(column)
        names = dict.fromkeys(row[0] for row in columns if not HIDDEN.fullmatch(row[0]))
        return {
            name: Shape({row[1]: row[2] for row in columns if row[0] == name}, tuple(keys.get(name, ())))
            for name in names
        }

    def rows(self, table: str, columns: dict[str, str]) -> Iterator[Row]:
        from psycopg import sql

        fields = sql.SQL(", ").join(map(sql.Identifier, columns))
        with self.connection.cursor(name="oracle") as cursor:
            cursor.itersize = 20_000
            yield from cursor.execute(sql.SQL("SELECT {} FROM public.{}").format(fields, sql.Identifier(table)))

    def close(self) -> None:
        self.connection.close()


class MariadbReader(Reader):
    product = "mariadb"

    def __init__(self, url: str) -> None:
        import pymysql
        from pymysql.converters import conversions

        at = urlsplit(url)
        plain = {code: read for code, read in conversions.items() if code not in (7, 10, 11, 12)}
        self.connection = pymysql.connect(
            host=at.hostname, port=at.port or 3306, user=unquote(at.username or ""), password=unquote(at.password or ""),
            database=unquote(at.path[1:]), charset="utf8mb4", init_command="SET time_zone = '+00:00'", conv=plain,
        )  # fmt: skip
        self.connection.cursor().execute("SET SESSION sql_mode = 'ANSI_QUOTES'")

    def shapes(self) -> dict[str, Shape]:
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.table_name, c.column_name, c.data_type, c.column_key FROM information_schema.columns c"
                " JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name"
                " WHERE c.table_schema = database() AND t.table_type = 'BASE TABLE' ORDER BY c.table_name, c.ordinal_position"
            )
            columns = [row for row in cursor.fetchall() if not HIDDEN.fullmatch(row[0])]
            cursor.execute(
                "SELECT table_name, column_name FROM information_schema.statistics WHERE table_schema = database()"
                " AND index_name = 'PRIMARY' ORDER BY table_name, seq_in_index"
            )
            keys: dict[str, list[str]] = {}
            for table, column in cursor.fetchall():
                keys.setdefault(table, []).append(column)
        return {
            name: Shape({row[1]: row[2] for row in columns if row[0] == name}, tuple(keys.get(name, ())))
            for name in dict.fromkeys(row[0] for row in columns)
        }

    def rows(self, table: str, columns: dict[str, str]) -> Iterator[Row]:
        from pymysql.cursors import SSCursor

        with self.connection.cursor(SSCursor) as cursor:
            cursor.execute(f"SELECT {', '.join(map(quoted, columns))} FROM {quoted(table)}")
            yield from cursor

    def close(self) -> None:
        self.connection.close()


def open_reader(url: str) -> Reader:
    """The reader for a URL or path."""
    scheme, separator, rest = url.partition("://")
    if separator and scheme.startswith("postgres"):
        return PostgresReader(url)
    if separator and scheme in ("mysql", "mariadb"):
        return MariadbReader(url)
    path = rest.removeprefix("/") if separator else url
    if scheme == "duckdb" or path.endswith((".duckdb", ".ddb")):
        return DuckdbReader(path)
    return SqliteReader(path)
