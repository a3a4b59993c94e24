"""A small migration for tests: a source file, an empty target, a plan; and workers to carry it out."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb

from dms_workbench.features.plans import PlanSummary
from dms_workbench.features.runs import Run, worker_folder
from dms_workbench.kernel.secrets import Secret
from dms_workbench.kernel.store import Store
from dms_workbench.platform import is_locked
from dms_workbench.workbench import Workbench

PROJECT = "shop"


def make_source(path: Path, rows: int = 1_000) -> Path:
    """A SQLite file with one table of this many rows."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
        connection.executemany("INSERT INTO customers VALUES (?, ?)", ((n, f"customer {n}") for n in range(rows)))
        connection.commit()
    return path


def make_plan(workbench: Workbench, source: Path, target: Path, **options: object) -> PlanSummary:
    """A plan between two files, in a project made for it."""
    return plan_between(workbench, str(source), str(target), **options)


def plan_between(workbench: Workbench, source: str, target: str, **options: object) -> PlanSummary:
    """A plan between two places, in a project made for it."""
    project = workbench.projects.ensure(PROJECT)
    from_id = workbench.connections.ensure(project.id, Secret(source)).id
    to_id = workbench.connections.ensure(project.id, Secret(target)).id
    return workbench.plans.create(project.id, from_id, to_id, **options)  # type: ignore[arg-type]


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until a condition holds; fail if it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def worker_ids(kept: Store) -> list[int]:
    """The process ids of the store's living workers."""
    alive = [path for path in (worker_folder(kept) / "alive").glob("*.lock") if is_locked(path)]
    return [int(text) for text in (path.read_text() for path in alive) if text.strip()]


def kill_workers(kept: Store) -> None:
    """Kill the process groups of the store's workers, as a crash would, and wait until they are gone."""
    for process_id in worker_ids(kept):
        os.killpg(process_id, signal.SIGKILL)
    until(lambda: not worker_ids(kept))


def rows_in(target: Path, table: str = "customers") -> list[tuple[object, ...]]:
    """All rows of a table of a SQLite or DuckDB file that nobody writes to now."""
    if target.suffix == ".duckdb":
        with duckdb.connect(str(target), read_only=True) as reader:
            return reader.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
    with closing(sqlite3.connect(target)) as connection:
        return connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()


def copied_some(run: Run) -> bool:
    """Is the run in the middle of its rows?"""
    return any(0 < table.written < table.rows_total for table in run.tables)
