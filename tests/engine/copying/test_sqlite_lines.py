"""SQLite into PostgreSQL as lines and as values: the same rows arrive, and the same are set apart."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal, getcontext
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dms_workbench.engine.converting import Pair
from dms_workbench.engine.copying import RunOptions
from dms_workbench.engine.copying.passage import Rows, line_column
from dms_workbench.engine.databases.base import LineLimits, LineQuery, LinesUnfit
from dms_workbench.engine.databases.catalogue import Column
from dms_workbench.engine.databases.postgres.types import parse_type
from dms_workbench.engine.databases.sqlite.binary import BinaryColumn
from dms_workbench.engine.databases.sqlite.read import SqliteSource
from dms_workbench.engine.databases.urls import database_for

getcontext().prec = 500

NASTY: dict[str, list[Any]] = {
    "integer": [0, -1, 2**63 - 1, -(2**63), 5.0, 5.5, "abc", " 12 ", "1_000", "0x1F", b"12", None, 1e300],
    "integer not null": [0, None, -7],
    "smallint": [32767, -32768, 32768],
    "decimal(12,2)": [0, 1, -0.0, 0.1, 12.34, 0.1 + 0.2, 1.005, -9999999999.99, 1e10, 1e-7, 1e15, "abc", b"1", None, 2**62],
    "decimal(18,4)": [0.0001, 123456789.1234, 99999999999999.0, 12345, -1.5, 1e22],
    "decimal": [0.1, 1, 1e-9, 1e22, 2**60],
    "real": [0.1, -0.0, 1e308, float("inf"), float("-inf"), 3, "x"],
    "date": [
        "2024-02-29", "2023-02-29", "1999-1-8", "today", "now", "infinity", "0000-01-01", "2024-01-01 00:00:00", "2024-01-01\0",
        20240101,
    ],
    "timestamp": [
        "2024-01-01 12:00:00", "2024-01-01T12:00:00", "2024-01-01 12:00:00.120", "2024-01-01", "now", "24:00",
        "9999-12-31 23:59:59.999999", "2024-01-01 12:00:00+02",
    ],
    "boolean": [0, 1, 2, "t", "yes", 1.0, None],
    "text": ["", "\\N", "a\tb", "a\nb\r\n", "\\.", 'q"u', "é\U0001f600", "nul\0inside", b"bytes", 5, 1.5, None, "x" * 5000],
    "varchar(3)": ["abc", "abcd", "abc ", ""],
    "blob": [b"", b"\0\xff", "text", 5],
    "uuid": ["00000000-0000-0000-0000-00000000000A", "no"],
    "json": ['{"a": 1}', "{", "null", 5],
    "time": ["12:00:00", "24:00:00", "allballs", "12:00"],
}  # fmt: skip
"""Values by declared type: those that arrive, and those that must not."""


def fill(url: str, key: str, without_rowid: bool = False) -> None:
    """A table for each type, with a good row between any two."""
    with closing(sqlite3.connect(url.partition("///")[2])) as file:
        for number, (declared, values) in enumerate(NASTY.items()):
            name = f"t{number}"
            columns = f"k {key}, v {declared}, n integer, w text"
            file.execute(f"create table {name} ({columns}){' without rowid' if without_rowid else ''}")
            for row, value in enumerate(values):
                if value is None and "not null" in declared:
                    continue
                made = f"k{row:03}" if "text" in key else row
                file.execute(f"insert into {name} values (?, ?, ?, ?)", (made, value, row, f"row {row}"))
        file.execute(
            "insert into t10 values (?, cast(x'ff41' as text), 1, 'not UTF-8')", ("z" if "text" in key else 99,)
        )
        file.commit()


def content(url: str) -> dict[str, Any]:
    """All rows of all tables as text, and the quarantine."""
    with psycopg.connect(url) as connection:
        names = [row[0] for row in connection.execute("select tablename from pg_tables where schemaname = 'public'")]
        found: dict[str, Any] = {
            name: sorted(row[0] for row in connection.execute(f"select t::text from {name} t")) for name in names
        }
        found["quarantine"] = connection.execute(
            "select source_name, row_key, column_name, code, reason from dms_ledger.quarantine order by 1, 2, 3"
        ).fetchall()
    return found


@pytest.mark.parametrize("form", ["postgres-binary", "postgres-text"])
@pytest.mark.parametrize(
    ("key", "without_rowid"),
    [("integer primary key", False), ("text primary key not null", False), ("text not null primary key", True), ("integer", False)],
)  # fmt: skip
def test_lines_and_values_of_any_kind_give_the_same_rows_and_the_same_quarantine(
    new_database: Callable[[str], str],
    migrate: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    key: str,
    without_rowid: bool,
) -> None:
    source = new_database("sqlite")
    fill(source, key, without_rowid)
    found = []
    gives = SqliteSource.gives_lines
    for allowed in (True, False):
        monkeypatch.setattr(
            SqliteSource, "gives_lines", lambda self, asked, a=allowed: a and asked.form == form and gives(self, asked)
        )
        target = new_database("postgres")
        migrate(source, target, options=RunOptions(verify=False, chunk_rows=2))
        found.append(content(target))
    assert found[0] == found[1]
    assert found[0]["quarantine"]


def test_clean_rows_pass_as_lines_alone(
    new_database: Callable[[str], str], migrate: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = new_database("sqlite"), new_database("postgres")
    with closing(sqlite3.connect(source.partition("///")[2])) as file:
        file.execute(
            "create table t (k integer primary key, d decimal(12,2), s text, day date, at timestamp, n integer)"
        )
        file.executemany(
            "insert into t values (?, ?, ?, ?, ?, ?)",
            (
                (i, (i * 37 - 50_000) / 100, None if i % 7 == 0 else f"é\\ \t {i}", f"2024-01-{i % 31 + 1:02}",
                 f"2024-01-31 12:30:00.{i % 9 + 1}", None if i % 5 else i)
                for i in range(7_000)
            ),
        )  # fmt: skip
        file.commit()
        wanted = file.execute("select k, round(d * 100), s, day, at, n from t order by k").fetchall()
    monkeypatch.setattr(Rows, "copy_keyed", lambda *_: pytest.fail("read as values"))
    monkeypatch.setattr(Rows, "copy_some", lambda *_: pytest.fail("read as values"))
    migrate(source, target, options=RunOptions(verify=False, chunk_rows=3_000))
    with psycopg.connect(target) as connection:
        rows = connection.execute("select k, (d * 100)::float8, s, day::text, at::text, n from t order by k").fetchall()
    assert rows == wanted


@pytest.mark.parametrize("form", ["postgres-binary", "postgres-text"])
@pytest.mark.parametrize(
    "key",
    [
        "k integer primary key",
        "k text primary key not null",
        "k real not null unique",
        "k blob primary key not null",
        "k integer",
    ],
)
def test_a_read_goes_on_where_lines_or_values_have_stopped(
    new_database: Callable[[str], str], form: str, key: str
) -> None:
    url = new_database("sqlite")
    with closing(sqlite3.connect(url.partition("///")[2])) as file:
        file.execute(f"create table t (a text, {key})")
        made: Callable[[int], Any] = str if "text" in key else (lambda i: b"%03d" % i) if "blob" in key else int
        file.executemany("insert into t values (?, ?)", ((f"a{i}", made(i)) for i in range(100)))
        file.commit()
    source = database_for(url).open_source(url)
    assert isinstance(source, SqliteSource)
    (table,) = source.catalogue().tables
    asked = query(source, form)
    chunks = [read_through(lines) for lines in source.read_lines(asked, limits=LineLimits(rows=10))]
    batches = list(source.read(table, ["a", "k"], batch_rows=10))
    assert [position for _, position in chunks] == [batch.position for batch in batches]
    assert [rows for rows, _ in chunks] == [10] * 10
    after = next(iter(source.read_lines(asked, limits=LineLimits(rows=10), after=batches[4].position)))
    assert read_through(after) == chunks[5]
    source.close()


def query(source: Any, form: str) -> LineQuery:
    """All columns of the one table."""
    (table,) = source.catalogue().tables
    types = {"text": "text", "integer": "bigint", "float": "double precision", "bytes": "bytea"}
    columns = [
        line_column(column, Column(column.name, parse_type(types[column.type.kind])), Pair("sqlite", "postgres"))
        for column in table.columns
    ]
    return LineQuery(table, tuple(columns), form)


def read_through(lines: Any) -> tuple[int, str]:
    """Rows and position of a chunk."""
    lines.drain()
    return lines.rows, lines.position


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.none(), st.integers(-(10**15), 10**15), st.floats(allow_nan=False),
            st.integers(-(10**11), 10**11).map(lambda number: number / 100),
        ), min_size=1, max_size=30,
    ),
    st.sampled_from(["numeric(12,2)", "numeric(4,0)", "numeric(15,7)", "numeric", "numeric(20,2)", "bigint", "integer"]),
)  # fmt: skip
def test_numbers_in_binary_are_those_that_conversion_makes(values: list[Any], native: str) -> None:
    source, target = Column("d", parse_type("numeric(20,2)")), Column("d", parse_type(native))
    column = line_column(source, target, Pair("sqlite", "postgres"))
    binary = BinaryColumn(column, 10)
    wanted = column.convert(values) if column.convert is not None else None
    try:
        made = binary.fields(tuple(values))
        fields = [bytes(row) for row in made] if not isinstance(made, list) else list(made[0])
    except LinesUnfit:
        fields = None
    if wanted is None:
        assert fields is None
    else:
        assert fields is not None
        assert [shown(field, native) for field in fields] == [
            None if value is None else amount(value) for value in wanted
        ]


def amount(value: Any) -> Decimal:
    """The number alone."""
    return Decimal(value)


def shown(field: bytes, native: str) -> Decimal | None:
    """What PostgreSQL reads in a field."""
    length = int.from_bytes(field[:4], "big", signed=True)
    if length < 0:
        return None
    assert length == len(field) - 4
    if not native.startswith("numeric"):
        return Decimal(int.from_bytes(field[4:], "big", signed=True))
    count, weight, sign, scale, *digits = struct.unpack(f">hhHh{(length - 8) // 2}h", field[4:])
    assert count == len(digits)
    number = sum((Decimal(digit) * Decimal(10_000) ** (weight - at) for at, digit in enumerate(digits)), Decimal(0))
    assert number == round(number, scale)
    return -number if sign else number
