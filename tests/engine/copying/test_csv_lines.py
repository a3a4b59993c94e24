"""CSV files into PostgreSQL as the bytes they are and as values: the same rows arrive, and the same are set apart."""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dms_workbench.engine.copying import RunOptions
from dms_workbench.engine.copying.passage import Rows
from dms_workbench.engine.databases.base import LineColumn, LineLimits, LineQuery
from dms_workbench.engine.databases.catalogue import Column
from dms_workbench.engine.databases.files.read import FilesSource
from dms_workbench.engine.databases.postgres.types import parse_type
from dms_workbench.engine.databases.urls import database_for

TYPED = (
    "id,n,d,day,at,zoned,flag,u,s\n"
    + "".join(
        f"{i},{i * 7 - 50 if i % 5 else ''},{i}.{i % 90 + 10},2024-02-{i % 29 + 1:02},2024-01-31T12:30:0{i % 10},"
        f'2024-01-31 12:30:00Z,{"true" if i % 2 else "false"},00000000-0000-0000-0000-{i:012},"a ""q"" {i}\nb,c"\n'
        for i in range(60)
    )
).encode()
CONTENTS: dict[str, bytes] = {
    "typed": TYPED,
    "typed, lines end with two characters": TYPED.replace(b"\n", b"\r\n"),
    "no newline at the end": b"a,b\n1,x\n2,y",
    "without a header": b"1,2.50\n2,3.50\n3,4.25\n",
    "one row without a header": b"1,2.50\n",
    "empty and null": b'a,b\n,""\n"",\nx,y\n',
    "null marks": b'a,b\n\\N,""\n"\\N",\nx,y\n',
    "one column": b"a\n1\n\n3\n",
    "a field too many": b"a,b\n1,2\n1,2,3\n3,4\n",
    "a blank line": b"a,b\n1,2\n\n3,4\n",
    "a quote in a field": b'a,b\n1,x"y\n2,"z"w\n3,4\n',
    "an open quote": b'a,b\n1,2\n3,"4\n5,6\n',
    "a byte that is no UTF-8": "a,b\n1,é\n2,".encode() + b"\xff\n3,x\n",
    "a NUL": b"a,b\n1,x\0y\n2,z\n",
    "a mark": b"\xef\xbb\xbfa,b\n1,x\n",
    "another encoding": "a;b\n1;Müller\n".encode("latin-1"),
    "end of data for older servers": b'a,b\n1,"x\n\\.\ny"\n2,z\n',
    "a line that ends the data": b"a\nx\n\\.\ny\n",
    "mixed line ends": b"a,b\n1,2\r\n3,4\n",
    "a stray return": b"a,b\n1,x\ry\n3,4\n",
    "numbers that stay text": b"a,b\n007,1e3\n+5, 12\n",
    "other delimiters": b"a|b\n1|'x'\n2|y,z\n",
    "only a header": b"a,b\n",
    "too large for the type": b"a,b\n1,99999999999\n2,3\n",
}


def contents(url: str) -> dict[str, Any]:
    """All rows as text, and the quarantine."""
    with psycopg.connect(url) as connection:
        names = [row[0] for row in connection.execute("select tablename from pg_tables where schemaname = 'public'")]
        found: dict[str, Any] = {
            name: sorted(row[0] for row in connection.execute(f'select t::text from "{name}" t')) for name in names
        }
        found["quarantine"] = connection.execute(
            "select source_name, row_key, column_name, code, reason from dms_ledger.quarantine order by 1, 2, 3"
        ).fetchall()
    return found


@pytest.mark.parametrize("chunk_rows", [3, 50_000])
def test_bytes_and_values_give_the_same_rows_and_the_same_quarantine(
    tmp_path: Path,
    new_database: Callable[[str], str],
    migrate: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    chunk_rows: int,
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, content in CONTENTS.items():
        (folder / f"{name.replace(' ', '_').replace(',', '')}.csv").write_bytes(content)
    gives, found = FilesSource.gives_lines, []
    for allowed in (True, False):
        monkeypatch.setattr(FilesSource, "gives_lines", lambda self, asked, a=allowed: a and gives(self, asked))
        target = new_database("postgres")
        with psycopg.connect(target) as connection:
            connection.execute("create table too_large_for_the_type (a integer, b integer)")
        migrate(f"csv:///{folder}", target, options=RunOptions(verify=False, chunk_rows=chunk_rows))
        found.append(contents(target))
    assert found[0] == found[1]
    assert found[0]["quarantine"]
    assert len(found[0]) == len(CONTENTS) + 1


@pytest.mark.parametrize("packed", [False, True])
def test_a_clean_file_passes_as_its_bytes(
    tmp_path: Path,
    new_database: Callable[[str], str],
    migrate: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    packed: bool,
) -> None:
    (tmp_path / ("t.csv.gz" if packed else "t.csv")).write_bytes(gzip.compress(TYPED) if packed else TYPED)
    monkeypatch.setattr(Rows, "copy_keyed", lambda *_: pytest.fail("read as values"))
    monkeypatch.setattr(Rows, "copy_some", lambda *_: pytest.fail("read as values"))
    target = new_database("postgres")
    migrate(f"csv:///{tmp_path}", target, options=RunOptions(verify=False, chunk_rows=7))
    with psycopg.connect(target) as connection:
        rows = connection.execute("select id, n, d::text, day::text, at::text, flag, s from t order by id").fetchall()
    assert len(rows) == 60
    assert rows[5] == (5, None, "5.15", "2024-02-06", "2024-01-31 12:30:05", True, 'a "q" 5\nb,c')


def test_types_that_would_change_a_value_are_not_given_bytes(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"d,n,s,at\n1.25,5,x,2024-01-01 00:00:00.5\n2.50,6,y,2024-01-01 00:00:00.25\n")
    source = database_for(f"csv:///{tmp_path}").open_source(f"csv:///{tmp_path}")
    assert isinstance(source, FilesSource)
    (table,) = source.catalogue().tables
    good = ["numeric(8,2)", "bigint", "text", "timestamp without time zone"]
    assert source.gives_lines(query(table, good))
    for at, native in (
        (0, "numeric(8,1)"), (0, "double precision"), (1, "double precision"), (1, "boolean"), (2, "character varying(1)"),
        (2, "character(3)"), (2, "name"), (3, "timestamp(0) without time zone"), (3, "timestamp with time zone"), (3, "date"),
    ):  # fmt: skip
        assert not source.gives_lines(
            query(table, [native if at == place else other for place, other in enumerate(good)])
        )


def query(table: Any, natives: list[str]) -> LineQuery:
    """The columns of a table for types."""
    columns = [
        LineColumn(Column(column.name, parse_type(native)), column)
        for column, native in zip(table.columns, natives, strict=True)
    ]
    return LineQuery(table, tuple(columns), "csv")


FIELDS = st.one_of(st.none(), st.text(alphabet='a1,;"|\r\n\\. é', max_size=6))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(FIELDS, FIELDS, FIELDS), min_size=1, max_size=12),
    st.sampled_from([",", ";", "|", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 5),
    st.integers(1, 60),
    st.booleans(),
)
def test_chunks_of_bytes_are_whole_records_and_all_of_the_file(
    rows: list[tuple[Any, ...]], delimiter: str, end: str, chunk_rows: int, chunk_bytes: int, ended: bool
) -> None:
    lines = [delimiter.join("" if v is None else '"' + v.replace('"', '""') + '"' for v in row) for row in rows]
    data = (delimiter.join("xyz") + end + end.join(lines) + (end if ended else "")).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(data)
        url = f"csv:///{folder}"
        options = {"delimiter": delimiter, "header": True, "types": "text", "null": "", "quote": '"'}
        source = database_for(url).open_source(url, options=options)
        assert isinstance(source, FilesSource)
        (table,) = source.catalogue().tables
        asked = query(table, ["text"] * 3)
        if not source.gives_lines(asked):
            return
        after, whole = "", b""
        for chunk in source.read_lines(asked, limits=LineLimits(chunk_rows, chunk_bytes)):
            piece = b"".join(chunk.pieces)
            assert chunk.size_bytes == len(piece)
            assert chunk.rows <= chunk_rows
            parsed = list(csv.reader(io.StringIO(piece.decode(), newline=""), delimiter=delimiter, strict=True))
            assert len(parsed) == chunk.rows
            values = list(source.read(table, [c.name for c in table.columns], after=after, until=chunk.position))
            assert sum(batch.rows for batch in values) == chunk.rows
            assert values[-1].position == chunk.position
            after, whole = chunk.position, whole + piece
        assert data.endswith(whole)
        assert len(data) - len(whole) == len(delimiter.join("xyz") + end)
