"""The torture cases of `tests/cases/torture`, and readers of databases that share no code with the product."""

from __future__ import annotations

import json
import math
import re
import sqlite3
import struct
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb
import psycopg

CASES = Path(__file__).parent.parent / "cases" / "torture"
PRODUCTS = ("postgres", "mysql", "sqlite", "duckdb")
PLAIN_PRINTING = "-c TimeZone=UTC -c IntervalStyle=postgres -c DateStyle=ISO -c lc_monetary=C -c extra_float_digits=1"


@dataclass(frozen=True)
class Case:
    """One value of one table, and what must become of it."""

    table: str
    type: str
    id: int
    sql: str
    compare: str
    outcomes: dict[str, str]

    def outcome(self, target: str) -> str | None:
        """``quarantine``, a text, or None for a value that is kept."""
        return self.outcomes.get(target, self.outcomes.get("else"))


@dataclass(frozen=True)
class Torture:
    """All cases of one source product."""

    product: str
    setup: tuple[str, ...]
    cases: tuple[Case, ...]

    def tables(self) -> dict[str, list[Case]]:
        """The cases by table."""
        found: dict[str, list[Case]] = {}
        for case in self.cases:
            found.setdefault(case.table, []).append(case)
        return found

    def statements(self) -> Iterator[str]:
        """The SQL that makes the source."""
        yield from self.setup
        for table, cases in self.tables().items():
            yield f"create table {table} (id integer not null primary key, v {cases[0].type})"
            for case in cases:
                yield f"insert into {table} (id, v) values ({case.id}, {case.sql})"


def load(product: str) -> Torture:
    """The cases of a product's file."""
    data = tomllib.loads((CASES / f"{product}.toml").read_text(encoding="utf-8"))
    cases = tuple(
        Case(f"t{number:02}", table["type"], at, row["sql"], table.get("compare", "text"), outcomes(row))
        for number, table in enumerate(data["table"], 1)
        for at, row in enumerate(table["rows"], 1)
    )
    return Torture(product, tuple(data["setup"]), cases)


def outcomes(row: dict[str, str]) -> dict[str, str]:
    """What stands beside a row's value."""
    return {product: text for product, text in row.items() if product != "sql"}


def run(product: str, url: str, statements: Iterator[str]) -> None:
    """Run statements with the product's own driver."""
    path = url.partition("///")[2]
    if product == "postgres":
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
    elif product == "sqlite":
        with closing(sqlite3.connect(path)) as file:
            for statement in statements:
                file.execute(statement)
            file.commit()
    elif product == "duckdb":
        with duckdb.connect(path) as file:
            file.execute("set TimeZone = 'UTC'")
            for statement in statements:
                file.execute(statement)
    else:
        with closing(mysql(url)) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)


def mysql(url: str) -> Any:
    """A connection by PyMySQL."""
    import pymysql

    parts = urlsplit(url)
    return pymysql.connect(
        host=parts.hostname or "",
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=parts.path[1:],
        charset="utf8mb4",
        autocommit=True,
        init_command="set time_zone = '+00:00'",
    )


def read(product: str, url: str, tables: list[str]) -> dict[str, dict[int, str | None]]:
    """Every value as text, by table and id."""
    readers: dict[str, Callable[[str, list[str]], dict[str, dict[int, str | None]]]] = {
        "postgres": read_postgres,
        "sqlite": read_sqlite,
        "duckdb": read_duckdb,
        "mysql": read_mysql,
    }
    return readers[product](url, tables)


def read_postgres(url: str, tables: list[str]) -> dict[str, dict[int, str | None]]:
    """By casts to text; bytes in hexadecimal, and money and text as their own output."""
    found: dict[str, dict[int, str | None]] = {}
    with psycopg.connect(url, options=PLAIN_PRINTING) as connection:
        for table in tables:
            (type_,) = connection.execute(
                "select pg_typeof(v)::text from (select 1) o left join " + table + " on true limit 1"
            ).fetchone()  # type: ignore[misc]
            shown = "encode(v, 'hex')" if type_ == "bytea" else "case when v is null then null else format('%s', v) end"
            if type_ == "place":
                shown = "v::text"
            if type_ == "money":
                shown = "v::numeric::text"
            found[table] = dict(connection.execute(f"select id, {shown} from {table}").fetchall())
    return found


def read_sqlite(url: str, tables: list[str]) -> dict[str, dict[int, str | None]]:
    """By storage class: blobs in hexadecimal, text as its bytes say."""
    found: dict[str, dict[int, str | None]] = {}
    with closing(sqlite3.connect(url.partition("///")[2])) as file:
        file.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        for table in tables:
            rows = file.execute(f"select id, v from {table}").fetchall()
            found[table] = {key: shown(value) for key, value in rows}
    return found


def shown(value: Any) -> str | None:
    """A Python value as text."""
    if value is None or isinstance(value, str):
        return value
    return value.hex() if isinstance(value, bytes) else repr(value) if isinstance(value, float) else str(value)


def read_duckdb(url: str, tables: list[str]) -> dict[str, dict[int, str | None]]:
    """By casts to text; blobs in hexadecimal."""
    found = {}
    with duckdb.connect(url.partition("///")[2], read_only=True) as file:
        file.execute("set TimeZone = 'UTC'")
        for table in tables:
            (type_,) = file.execute(
                "select data_type from duckdb_columns() where column_name = 'v' and table_name = ?", [table]
            ).fetchone()  # type: ignore[misc]
            text = "lower(hex(v))" if type_ == "BLOB" else "cast(v as varchar)"
            found[table] = dict(file.execute(f"select id, {text} from {table}").fetchall())
    return found


def read_mysql(url: str, tables: list[str]) -> dict[str, dict[int, str | None]]:
    """By casts to text; bytes in hexadecimal, bits as zeros and ones, geometries as well-known text."""
    found = {}
    with closing(mysql(url)) as connection:
        cursor = connection.cursor()
        for table in tables:
            cursor.execute(
                "select data_type, coalesce(numeric_precision, 0) from information_schema.columns "
                "where table_schema = database() and table_name = %s and column_name = 'v'",
                (table,),
            )
            type_, bits = cursor.fetchone()
            cursor.execute(f"select id, {mysql_text(type_, bits)} from {table}")
            found[table] = {key: shown(value) for key, value in cursor.fetchall()}
    return found


def mysql_text(type_: str, bits: int) -> str:
    """The SQL of a value's text."""
    if "blob" in type_ or "binary" in type_:
        return "lower(hex(v))"
    if type_ == "bit":
        return f"lpad(bin(v), {bits}, '0')"
    if type_ in ("float", "double"):
        return "cast(v as double)"
    return "st_astext(v)" if type_ == "point" else "cast(v as char)"


def same(compare: str, one: str | None, other: str | None) -> bool:
    """Are two texts one value?"""
    if one is None or other is None:
        return one is other
    return bool(MEANINGS[compare](one) == MEANINGS[compare](other))


def number(text: str) -> Any:
    """A decimal, or a word for what is none."""
    made = Decimal(text)
    return made if made.is_finite() else str(made).lower()


def single(text: str) -> Any:
    """The bits of a 32 bit float; NaN is one."""
    value = float(text)
    return "nan" if math.isnan(value) else struct.pack("f", value)


def double(text: str) -> Any:
    """A float with its sign; NaN is one."""
    value = float(text)
    return "nan" if math.isnan(value) else value.hex()


def moment(text: str) -> str:
    """A date or time without separator, zone and needless zeros."""
    plain = re.sub(r"(\+00(:00)?|Z)$", "", text.replace("T", " "))
    return re.sub(r"\.$", "", re.sub(r"(\.\d*?)0+$", r"\1", plain))


def interval(text: str) -> tuple[int, int, int]:
    """Months, days and microseconds."""
    months = days = micros = 0
    for digits, unit in re.findall(r"([+-]?\d+) (year|mon|day)", text):
        months += int(digits) * {"year": 12, "mon": 1, "day": 0}[unit]
        days += int(digits) if unit == "day" else 0
    if match := re.search(r"([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d+))?$", text):
        sign, hours, minutes, seconds, fraction = match.groups()
        micros = (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * 1_000_000 + int(
            (fraction or "").ljust(6, "0")[:6]
        )
        micros = -micros if sign == "-" else micros
    return months, days, micros


def truth(text: str) -> bool | str:
    """A truth value in any spelling."""
    spellings = {"t": True, "true": True, "1": True, "f": False, "false": False, "0": False}
    return spellings.get(text.lower(), text)


MEANINGS: dict[str, Callable[[str], Any]] = {
    "text": str,
    "number": number,
    "float": double,
    "single": single,
    "truth": truth,
    "moment": moment,
    "interval": interval,
    "bytes": str,
    "padded": lambda text: text.rstrip(" "),
    "json": lambda text: json.loads(text, object_pairs_hook=list, parse_float=Decimal, parse_int=Decimal),
}
