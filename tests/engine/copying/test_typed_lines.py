"""PostgreSQL to DuckDB and Parquet: rows that pass as CSV arrive as those do that pass as values, and the same are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from dms_workbench.engine.copying import RunOptions
from dms_workbench.engine.databases.duckdb.write import DuckdbTarget
from dms_workbench.engine.databases.files.write import FilesTarget
from tests.engine.copying.conftest import run_sql

TABLE = """create table nasty (k text, id integer, t text, v varchar(9), c char(6), j json, jb jsonb, ts timestamp,
  tz timestamptz, d date, tm time, iv interval, u uuid, b bytea, n numeric, m numeric(38,4), p money, f float8, r real,
  s smallint, l bigint, ok boolean, primary key (k, id))"""
GOOD = """insert into nasty select 'k"' || i || E',\\n', i,
  (array['', 'a,b', E'line\\nline', E'quote " \\\\ \\t', 'NULL', '\\N', null, 'ü€😀', '\\.'])[i % 9 + 1], 'v' || i, 'c',
  '{"a": [1,  2], "b": "ü"}', '{"x": null}', timestamp '0001-01-01' + i * interval '7777 hours 3 microseconds',
  timestamptz '9999-12-31 23:59:59.5+00' - i * interval '99 days', date '1600-02-29' + i, time '00:00' + i * interval '977.123 s',
  i * interval '1 mon -3 days 02:00:00.5', md5(i::text)::uuid, decode(repeat(md5(i::text), i % 4), 'hex'),
  i / 7.0, -i / 9999.0, i::text::money, i / 3.0::float8, (i / 3.0)::real, -i, i * 10000000000, i % 2 = 0
  from generate_series(1, 200) i"""
NULLS = "insert into nasty (k, id) values ('only the key', 0)"
ODD = [
    "insert into nasty (k, id, d) values ('infinite', 1, 'infinity')",
    "insert into nasty (k, id, d) values ('before', 2, '0044-03-15 BC')",
    "insert into nasty (k, id, ts) values ('far', 3, '294276-12-31 23:59:59.999999')",
    "insert into nasty (k, id, tm) values ('midnight', 4, '24:00')",
    "insert into nasty (k, id, m) values ('none', 5, 'NaN')",
    "insert into nasty (k, id, f, r) values ('floats', 6, 'NaN', '-Infinity')",
    "insert into nasty (k, id, n) values ('large', 7, 'NaN'), ('tiny', 8, 1e-300)",
    """insert into nasty (k, id, j) values ('blanks', 9, ' { "a" :1e3,\n"a" : -0.0 } '), ('half', 10, '"\\ud800"'), ('long', 11,
      '123456789012345678901234567890.10')""",
]


@pytest.fixture
def source(new_database: Any) -> str:
    url: str = new_database("postgres")
    run_sql(url, TABLE, GOOD, NULLS)
    return url


def as_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DuckdbTarget, "line_forms", ())
    monkeypatch.setattr(FilesTarget, "write_lines", None)
    made = FilesTarget.__init__

    def without_lines(self: Any, *given: Any) -> None:
        made(self, *given)
        self.line_forms = ()

    monkeypatch.setattr(FilesTarget, "__init__", without_lines)


def rows_of_duckdb(url: str) -> list[Any]:
    return run_sql(url, "select columns(*)::varchar from nasty order by k, id")


@pytest.mark.parametrize("odd", [False, True], ids=["no row refused", "rows refused"])
def test_duckdb_holds_the_same_rows_whichever_way_they_came(
    odd: bool, source: str, new_database: Any, migrate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_sql(source, *(ODD if odd else ["select 1"]))
    lines, values = new_database("duckdb"), new_database("duckdb")
    options = RunOptions(chunk_rows=70)
    first = migrate(source, lines, options=options)
    as_values(monkeypatch)
    second = migrate(source, values, options=options)
    assert rows_of_duckdb(lines) == rows_of_duckdb(values)
    assert (first.status, first.tables) == (second.status, second.tables)
    assert first.status == ("succeeded_with_quarantine" if odd else "succeeded")


@pytest.mark.parametrize("odd", [False, True], ids=["no row refused", "rows refused"])
def test_parquet_holds_the_same_rows_whichever_way_they_came(
    odd: bool, source: str, tmp_path: Path, migrate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_sql(source, *(ODD if odd else ["select 1"]))
    lines, values = tmp_path / "lines", tmp_path / "values"
    options = RunOptions(chunk_rows=70)
    first = migrate(source, f"parquet:///{lines}", options=options)
    as_values(monkeypatch)
    second = migrate(source, f"parquet:///{values}", options=options)
    found, wanted = (pyarrow.parquet.read_table(folder / "nasty") for folder in (lines, values))
    assert str(found.to_pylist()) == str(wanted.to_pylist())
    assert found.schema == wanted.schema
    assert (first.status, first.tables) == (second.status, second.tables)


def test_a_large_cell_and_a_row_without_any_value_pass(new_database: Any, migrate: Any) -> None:
    source, target = new_database("postgres"), new_database("duckdb")
    run_sql(source, "create table one (v text)", "insert into one values (null), (''), (repeat('x\"', 5000000))")
    assert migrate(source, target).tables[0].verified == "equal"
    assert run_sql(target, "select v is null, length(v) from one order by 1, 2") == [
        (False, 0), (False, 10_000_000), (True, None)
    ]  # fmt: skip


def test_a_table_without_a_key_passes_in_one_transaction(new_database: Any, migrate: Any) -> None:
    source, target = new_database("postgres"), new_database("duckdb")
    run_sql(
        source,
        "create table heap (a integer, b text)",
        "insert into heap select i % 3, 'x' from generate_series(1, 90) i",
    )
    assert migrate(source, target, options=RunOptions(chunk_rows=20)).status == "succeeded"
    assert run_sql(target, "select a, count(*) from heap group by a order by a") == [(0, 30), (1, 30), (2, 30)]
