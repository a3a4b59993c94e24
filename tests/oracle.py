"""Compares two databases without anything of dms_workbench, for tests that must not trust its verifier.

    python -m tests.oracle SOURCE_URL TARGET_URL [--tables source:target,...]

prints one JSON object: ``{table: {"lost": n, "duplicated": n, "altered": n, "extra": n}}`` by the target's table name, counts in
rows. Columns are paired by name; a table with a primary key on both sides is joined on it, any other compared as a multiset.
URLs: postgresql://…, mysql://…, sqlite:///path, duckdb:///path, or the path of a file.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import struct
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

Row = tuple[Any, ...]
HIDDEN = re.compile(r"dms_ledger.*|sqlite_.*")
TEMPORAL = re.compile(r"date|time|interval", re.IGNORECASE)
FLOAT32 = re.compile(r"real|float4|float", re.IGNORECASE)


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


def number(value: Any) -> Any:
    """Equal numbers alike, whatever they are held in."""
    if isinstance(value, bool):
        return Decimal(int(value))
    try:
        read = Decimal(repr(value) if isinstance(value, float) else value)
    except (InvalidOperation, TypeError, ValueError):
        return ("no number", str(value))
    return str(read) if read.is_nan() else read.normalize() if read else Decimal(0)


def single(value: Any) -> Any:
    """A number at 32 bits, where one side holds no more."""
    try:
        return repr(struct.unpack("f", struct.pack("f", float(value)))[0])
    except (TypeError, ValueError, OverflowError):
        return number(value)


def double(value: Any) -> Any:
    """A float by its value; the sign of a zero counts."""
    try:
        return repr(float(value))
    except (TypeError, ValueError):
        return ("no number", str(value))


WORDS = {
    "true": True,
    "t": True,
    "yes": True,
    "y": True,
    "1": True,
    "false": False,
    "f": False,
    "no": False,
    "n": False,
    "0": False,
}


def truth(value: Any) -> Any:
    """True or false, from 0 and 1 and the usual words too."""
    return (
        bool(value)
        if isinstance(value, bool | int | float) and value in (0, 1)
        else WORDS.get(str(value).lower(), value)
    )


def moment(value: Any) -> Any:
    """Dates and times in one spelling."""
    text = re.sub(r"^(\S+) \(BC\)(.*)$", r"\1\2 BC", str(value).strip())
    text = re.sub(r"^(\d[\d-]+)T", r"\1 ", text).replace("Z", "+00").replace("+00:00", "+00")
    text = re.sub(r"(\.\d*?)0+(?=\D|$)", r"\1", text).replace(".+", "+").rstrip(".")
    text = re.sub(r" months?\b", lambda found: found[0].replace("month", "mon"), text)
    return re.sub(r"^(\d{4,}-\d\d-\d\d)( BC)?$", r"\1 00:00:00\2", text).replace("+00", "")


def raw(value: Any) -> Any:
    """Bytes; text as its UTF-8."""
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else bytes(value)


def text(value: Any) -> Any:
    """Text as it stands, other values as they print."""
    return str(value).lower() if isinstance(value, bool) else value if isinstance(value, str | bytes) else str(value)


Form = Callable[[Any], Any]
FORMS: tuple[tuple[str, Form], ...] = (
    (r"bool.*", truth),
    (r"interval|date.*|time.*", moment),
    (r".*int.*|numeric.*|decimal.*|serial.*|number.*", number),
    (r"double.*|real|float.*", double),
    (r"blob|bytea|.*binary.*", raw),
)


def family(type_: str) -> Form:
    """How the values of a type are compared."""
    return next((form for pattern, form in FORMS if re.fullmatch(pattern, type_.lower())), text)


def form_of(source: tuple[str, str], target: tuple[str, str]) -> Form:
    """How a column's values are compared: by the target's type, numbers by the narrower side.

    source, target: product and declared type.
    """
    form = family(target[1])
    if form is text and family(source[1]) in (truth, moment, number, double):
        form = family(source[1])
    if form is double:
        narrow = any(product != "sqlite" and FLOAT32.fullmatch(type_) for product, type_ in (source, target))
        to_sqlite = target[0] == "sqlite"
        return single if narrow else (lambda value: double(value).replace("-0.0", "0.0")) if to_sqlite else double
    return form


def canonical(row: Row, forms: Sequence[Form]) -> Row:
    """A row in the forms; NULL is itself."""
    return tuple(None if value is None else form(value) for value, form in zip(row, forms, strict=True))


def compare_keyed(
    source: Iterable[Row], target: Iterable[Row], forms: Sequence[Form], key: Sequence[int]
) -> dict[str, int]:
    """Full outer join on the key."""
    forms_of_key = [forms[place] for place in key]
    quick = double not in forms
    wanted = {canonical([row[place] for place in key], forms_of_key): row for row in source}  # type: ignore[arg-type]
    counts = {"lost": 0, "duplicated": 0, "altered": 0, "extra": 0}
    seen: set[Row] = set()
    for row in target:
        name = canonical([row[place] for place in key], forms_of_key)  # type: ignore[arg-type]
        expected = wanted.get(name)
        if name in seen:
            counts["duplicated"] += 1
        elif expected is None:
            counts["extra"] += 1
        elif not (quick and expected == row) and canonical(expected, forms) != canonical(row, forms):
            counts["altered"] += 1
        seen.add(name)
    counts["lost"] = sum(1 for name in wanted if name not in seen)
    return counts


def compare_keyless(source: Iterable[Row], target: Iterable[Row], forms: Sequence[Form]) -> dict[str, int]:
    """Multisets of rows: EXCEPT ALL both ways."""
    wanted = Counter(canonical(row, forms) for row in source)
    found = Counter(canonical(row, forms) for row in target)
    surplus = found - wanted
    duplicated = sum(count for row, count in surplus.items() if row in wanted)
    lost = sum((wanted - found).values())
    return {"lost": lost, "duplicated": duplicated, "altered": 0, "extra": sum(surplus.values()) - duplicated}


def compare_table(source: tuple[Reader, str, Shape], target: tuple[Reader, str, Shape]) -> dict[str, int]:
    """One table: reader, name and shape of both sides."""
    names = [name for name in source[2].columns if name in target[2].columns]
    forms = [
        form_of((source[0].product, source[2].columns[name]), (target[0].product, target[2].columns[name]))
        for name in names
    ]
    left, right = (
        reader.rows(table, {name: shape.columns[name] for name in names}) for reader, table, shape in (source, target)
    )
    key = source[2].key if set(source[2].key) <= set(names) and source[2].key == target[2].key else ()
    if key:
        return compare_keyed(left, right, forms, [names.index(name) for name in key])
    return compare_keyless(left, right, forms)


def compare(source_url: str, target_url: str, tables: dict[str, str] | None = None) -> dict[str, dict[str, int]]:
    """Compare tables (source name to target name; by default all of the source); a missing target table is all lost."""
    with closing(open_reader(source_url)) as source, closing(open_reader(target_url)) as target:
        left, right = source.shapes(), target.shapes()
        results = {}
        for name, other in (tables or {name: name for name in left}).items():
            if other in right:
                results[other] = compare_table((source, name, left[name]), (target, other, right[other]))
            else:
                lost = sum(1 for _ in source.rows(name, left[name].columns))
                results[other] = {"lost": lost, "duplicated": 0, "altered": 0, "extra": 0}
        return results


def main(arguments: Sequence[str]) -> int:
    """Print the comparison as JSON; 0 if nothing differs, else 1."""
    parser = argparse.ArgumentParser(description="Compare two databases, independently of dms_workbench.")
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--tables", default="", help="source:target,... (default: every table to its namesake)")
    given = parser.parse_args(arguments)
    pairs = [pair.partition(":") for pair in given.tables.split(",") if pair]
    results = compare(given.source, given.target, {name: other or name for name, _, other in pairs} or None)
    sys.stdout.write(json.dumps(results, ensure_ascii=False) + "\n")
    return int(any(any(counts.values()) for counts in results.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
