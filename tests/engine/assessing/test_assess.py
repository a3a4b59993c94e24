from __future__ import annotations

import sqlite3
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from dms_workbench.engine.assessing import Assessment, ColumnFit
from dms_workbench.engine.assessing.assess import assess
from dms_workbench.engine.assessing.masked import masked
from dms_workbench.engine.control import Control, Progress
from dms_workbench.engine.copying import RunOptions, RunResult, execute_run
from dms_workbench.engine.databases.urls import database_for
from dms_workbench.engine.planning import PlanOptions, build_plan
from dms_workbench.engine.schema.rename_sample import canonical

PAIRS = yaml.safe_load((Path(__file__).parents[2] / "cases" / "schema_diff" / "lossy_pairs.yaml").read_text())


def name_of(number: int) -> str:
    """The table of a pair."""
    return f"pair_{number:02}"


@pytest.fixture
def lossy(tmp_path: Path, postgres_url: str) -> tuple[str, str]:
    """A source with a table for each lossy pair, and a target with empty tables of the other types."""
    path = tmp_path / "source.sqlite"
    with closing(sqlite3.connect(path)) as source, psycopg.connect(postgres_url, autocommit=True) as target:
        for number, pair in enumerate(PAIRS):
            source.execute(f"CREATE TABLE {name_of(number)} (id INTEGER PRIMARY KEY, v {pair['source']})")
            rows = list(enumerate(pair["values"]))
            source.executemany(f"INSERT INTO {name_of(number)} VALUES (?, ?)", rows)
            target.execute(f"CREATE TABLE {name_of(number)} (id bigint PRIMARY KEY, v {pair['target']})")
        source.commit()
    return f"sqlite:///{path}", postgres_url


def migrate(source: str, target: str, folder: Path, options: PlanOptions | None = None) -> RunResult:
    """Plan and carry out."""
    plan = build_plan(source, target, options or PlanOptions())
    return execute_run(
        plan, source, target, run_id=str(uuid.uuid4()), options=RunOptions(), control=Control(), spool_directory=folder
    )


def column_of(found: Assessment, table: str, name: str = "v") -> ColumnFit:
    """One column of a report."""
    return next(
        column for each in found.tables if each.source == table for column in each.columns if column.target == name
    )


def values_of(url: str, table: str) -> dict[int, Any]:
    """The values of a table by key, as its own source gives them."""
    with closing(database_for(url).open_source(url)) as source:
        found = source.catalogue().table(table)
        return {
            int(key): value
            for batch in source.read(found, ["id", "v"])
            for key, value in zip(*batch.columns, strict=True)
        }


def rewritten(source: str, target: str, table: str) -> int:
    """How many values of a table arrived in another form."""
    before, after = values_of(source, table), values_of(target, table)
    return sum(
        type(before[key]) is not type(value) or before[key] != value
        for key, value in after.items()
        if canonical(before[key]) != canonical(value)
    )


def test_what_is_predicted_is_what_the_run_finds(lossy: tuple[str, str], tmp_path: Path) -> None:
    found = assess(*lossy, PlanOptions())
    result = migrate(*lossy, tmp_path)

    quarantined = Counter((row.table, row.column, row.code) for row in result.quarantine)
    predicted = Counter({
        (table.source, column.target, code): number
        for table in found.tables
        for column in table.columns
        for code, number in column.codes.items()
    })  # fmt: skip
    assert predicted == quarantined
    assert {table.source: table.rows_refused for table in found.tables} == {
        table.source: table.quarantined for table in result.tables
    }
    assert sum(predicted.values()) > len(PAIRS)
    converted = {table.source: column_of(found, table.source).converted for table in found.tables}
    assert converted == {table: rewritten(*lossy, table) for table in converted}


RULED = """format: dms-mapping/1
name: ruled
tables:
  - source: t
    target: t
    columns:
      id: id
      v: {source: v, lossy: [round]}
      w: {source: w, lossy: [cut-text]}
"""


def test_what_lossy_rules_will_change_is_what_they_change(tmp_path: Path, postgres_url: str) -> None:
    path = tmp_path / "source.sqlite"
    with closing(sqlite3.connect(path)) as source, psycopg.connect(postgres_url, autocommit=True) as target:
        source.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, w TEXT)")
        rows = [(1, "1.25", "abc"), (2, "1.255", "abcd"), (3, "x", "abcdef"), (4, "0.001", None)]
        source.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
        source.commit()
        target.execute("CREATE TABLE t (id bigint PRIMARY KEY, v numeric(6,2), w varchar(3))")
    options = PlanOptions(mapping_text=RULED)

    found = assess(f"sqlite:///{path}", postgres_url, options)
    result = migrate(f"sqlite:///{path}", postgres_url, tmp_path, options)

    predicted = [
        {"column": column.target, "rule": rule, "values": number}
        for column in found.tables[0].columns
        for rule, number in column.rules.items()
    ]
    assert predicted == sorted(result.tables[0].changes, key=lambda change: change["column"])
    assert [each["values"] for each in predicted] == [2, 1]
    assert column_of(found, "t").codes == {"invalid-value": 1}


def test_nothing_is_written(lossy: tuple[str, str]) -> None:
    assess(*lossy, PlanOptions())

    with psycopg.connect(lossy[1]) as target:
        assert target.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'dms_ledger'").fetchone() == (0,)
        assert target.execute("SELECT count(*) FROM pair_00").fetchone() == (0,)


@pytest.fixture
def files(tmp_path: Path) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection, str, str]]:
    """Two SQLite files, open to be filled."""
    paths = tmp_path / "a.sqlite", tmp_path / "b.sqlite"
    with closing(sqlite3.connect(paths[0])) as first, closing(sqlite3.connect(paths[1])) as second:
        first.isolation_level = second.isolation_level = None
        yield first, second, f"sqlite:///{paths[0]}", f"sqlite:///{paths[1]}"


def test_a_column_without_a_place_and_one_that_nothing_feeds_do_not_fit(files: Any) -> None:
    files[0].execute("CREATE TABLE t (id INTEGER PRIMARY KEY, gone TEXT)")
    files[1].execute("CREATE TABLE t (id INTEGER PRIMARY KEY, needed TEXT NOT NULL)")

    _, _, source, target = files

    found = assess(source, target, PlanOptions())

    assert [(each.source, each.target, each.verdict) for each in found.tables[0].columns[1:]] == [
        ("gone", "", "does not fit"),
        ("", "needed", "does not fit"),
    ]
    assert not found.fits


def test_a_table_that_is_made_by_the_run_fits(files: Any) -> None:
    files[0].execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)")
    files[0].execute("INSERT INTO t VALUES (1, 'one')")

    _, _, source, target = files

    found = assess(source, target, PlanOptions())

    assert found.fits
    assert [each.verdict for each in found.tables[0].columns] == ["fits", "fits"]


def test_a_sample_says_that_it_is_one(files: Any) -> None:
    files[0].execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)")
    files[0].executemany("INSERT INTO t VALUES (?, 'x')", [(number,) for number in range(100)])
    files[1].execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)")

    _, _, source, target = files

    found = assess(source, target, PlanOptions(), sample_rows=10)

    assert (found.tables[0].rows, found.tables[0].rows_total, found.tables[0].whole) == (10, 100, False)
    assert column_of(found, "t").refused == 10
    assert any("first 10 rows" in note for note in found.notes)


def test_examples_are_keys_and_a_key_of_text_is_masked(files: Any) -> None:
    files[0].execute("CREATE TABLE t (mail TEXT PRIMARY KEY NOT NULL, v TEXT)")
    files[0].execute("INSERT INTO t VALUES ('jane@example.org', 'secret words')")
    files[1].execute("CREATE TABLE t (mail TEXT PRIMARY KEY NOT NULL, v INTEGER)")

    _, _, source, target = files

    found = assess(source, target, PlanOptions())

    assert column_of(found, "t").examples == ({"mail": masked("jane@example.org")},)
    assert "jane" not in repr(found)
    assert "secret" not in repr(found)


def test_progress_tells_rows_and_total(files: Any) -> None:
    files[0].execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    files[0].executemany("INSERT INTO t VALUES (?)", [(number,) for number in range(10)])
    seen: list[Progress] = []

    class Watching(Control):
        def report(self, progress: Progress) -> None:
            seen.append(progress)

    _, _, source, target = files

    assess(source, target, PlanOptions(), control=Watching())

    assert (seen[-1].read, seen[-1].rows_total) == (10, 10)
