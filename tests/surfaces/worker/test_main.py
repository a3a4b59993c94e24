from __future__ import annotations

import os
import signal
import stat
import time
from pathlib import Path

import pytest

from dms_workbench.features.runs import Run, ensure_worker, worker_folder, worker_lock, worker_log
from dms_workbench.kernel.store import Store
from dms_workbench.platform import is_locked
from dms_workbench.workbench import Workbench
from tests.migrating import copied_some, kill_workers, make_plan, make_source, rows_in, until, worker_ids

MANY = 40_000
SMALL_CHUNK = 50
PAUSE_SECONDS = 2.0
PAUSES_TRIED = 3


def kept(workbench: Workbench) -> Store:
    store: Store = workbench.bus.store  # type: ignore[attr-defined]  # it is embedded
    return store


def slow_run(workbench: Workbench, folder: Path, target: str = "target.duckdb") -> Run:
    """A copy that commits so often that it takes many seconds, seen in the middle of its rows."""
    plan = make_plan(workbench, make_source(folder / "source.db", MANY), folder / target)
    run = workbench.runs.start(plan.id, chunk_rows=SMALL_CHUNK)
    until(lambda: copied_some(run.refresh()), seconds=40)
    return run.refresh()


def test_a_run_goes_through_the_worker_to_closed_books(embedded: Workbench, tmp_path: Path) -> None:
    plan = make_plan(embedded, make_source(tmp_path / "source.db"), tmp_path / "target.db")

    run = embedded.runs.start(plan.id).wait(timeout_seconds=60)

    assert (run.status, run.error, run.attempts) == ("succeeded", None, 1)
    assert run.result is not None
    assert [(table["read"], table["written"], table["verified"]) for table in run.result["tables"]] == [
        (1000, 1000, "equal")
    ]
    assert len(rows_in(tmp_path / "target.db")) == 1000
    assert [event.data["status"] for event in embedded.runs.events(run.id) if event.kind == "status"] == [
        "queued",
        "running",
        "succeeded",
    ]


def test_the_same_command_after_a_finished_run_moves_nothing(embedded: Workbench, tmp_path: Path) -> None:
    plan = make_plan(embedded, make_source(tmp_path / "source.db"), tmp_path / "target.duckdb")
    first = embedded.runs.start(plan.id).wait(timeout_seconds=60)
    again = make_plan(embedded, tmp_path / "source.db", tmp_path / "target.duckdb")

    second = embedded.runs.start(again.id).wait(timeout_seconds=60)

    assert (second.id, second.status, second.already_done) == (first.id, "succeeded", True)
    assert len(rows_in(tmp_path / "target.duckdb")) == 1000


def test_a_verification_finds_a_row_that_was_changed(embedded: Workbench, tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    plan = make_plan(embedded, make_source(tmp_path / "source.db"), tmp_path / "target.db")
    embedded.runs.start(plan.id).wait(timeout_seconds=60)
    with closing(sqlite3.connect(tmp_path / "target.db")) as connection:
        connection.execute("UPDATE customers SET name = 'x' WHERE id = 7")
        connection.commit()
    again = make_plan(embedded, tmp_path / "source.db", tmp_path / "target.db")

    run = embedded.runs.verify(again.id).wait(timeout_seconds=60)

    assert (run.kind, run.status) == ("verify", "differences")


@pytest.mark.slow
def test_a_pause_is_answered_within_two_seconds_and_resuming_goes_on(embedded: Workbench, tmp_path: Path) -> None:
    run = slow_run(embedded, tmp_path)

    seconds, pauses = seconds_until_paused(run), 1
    while seconds >= PAUSE_SECONDS and pauses < PAUSES_TRIED:
        run.resume()
        until(lambda: run.refresh().status == "running")
        seconds, pauses = seconds_until_paused(run), pauses + 1

    assert seconds < PAUSE_SECONDS
    moved = len(rows_in(tmp_path / "target.duckdb"))
    assert 0 < moved < MANY
    resumed = run.resume().wait(timeout_seconds=90)
    assert (resumed.status, resumed.attempts, resumed.error) == ("succeeded", pauses + 1, None)
    assert rows_in(tmp_path / "target.duckdb") == rows_in(tmp_path / "source.db")


def seconds_until_paused(run: Run) -> float:
    """How long a pause takes to be answered. Other work on the machine can delay one pause, never hasten it."""
    asked = time.monotonic()
    run.pause()
    assert run.wait(timeout_seconds=30).status == "paused"
    return time.monotonic() - asked


@pytest.mark.slow
def test_a_killed_worker_interrupts_its_run_and_the_same_command_resumes_it(
    embedded: Workbench, tmp_path: Path
) -> None:
    run = slow_run(embedded, tmp_path)

    kill_workers(kept(embedded))

    assert run.refresh().status == "interrupted"
    again = make_plan(embedded, tmp_path / "source.db", tmp_path / "target.duckdb")
    resumed = embedded.runs.start(again.id).wait(timeout_seconds=90)
    assert (resumed.id, resumed.status, resumed.error) == (run.id, "succeeded", None)
    assert rows_in(tmp_path / "target.duckdb") == rows_in(tmp_path / "source.db")


def test_a_cancelled_run_keeps_what_is_committed(embedded: Workbench, tmp_path: Path) -> None:
    run = slow_run(embedded, tmp_path, "target.db")

    run.cancel()

    assert run.wait(timeout_seconds=30).status == "cancelled"
    assert 0 < len(rows_in(tmp_path / "target.db")) < MANY


def test_a_worker_asked_to_end_pauses_its_runs_first(embedded: Workbench, tmp_path: Path) -> None:
    run = slow_run(embedded, tmp_path, "target.db")

    os.kill(worker_ids(kept(embedded))[0], signal.SIGTERM)
    until(lambda: not worker_ids(kept(embedded)))

    assert run.refresh().status == "paused"


def test_a_run_that_cannot_connect_fails_with_the_reason_and_the_next_step(embedded: Workbench, tmp_path: Path) -> None:
    plan = make_plan(embedded, make_source(tmp_path / "source.db"), tmp_path / "target.db")
    (tmp_path / "source.db").unlink()

    run = embedded.runs.start(plan.id).wait(timeout_seconds=60)

    assert run.status == "failed"
    assert run.error is not None
    assert run.error["code"] == "file-missing"


def test_there_is_one_worker_for_a_store_and_it_leaves_when_idle(embedded: Workbench, tmp_path: Path) -> None:
    source = make_source(tmp_path / "source.db")
    runs = [embedded.runs.start(make_plan(embedded, source, tmp_path / f"target{n}.db").id) for n in range(3)]
    until(lambda: bool(worker_ids(kept(embedded))))
    ensure_worker(kept(embedded))

    assert [run.wait(timeout_seconds=90).status for run in runs] == ["succeeded"] * 3
    assert len(worker_ids(kept(embedded))) <= 1
    until(lambda: not worker_ids(kept(embedded)))
    assert not is_locked(worker_lock(worker_folder(kept(embedded))))


def test_only_the_owner_can_read_what_the_worker_writes(embedded: Workbench, tmp_path: Path) -> None:
    embedded.runs.start(make_plan(embedded, make_source(tmp_path / "s.db"), tmp_path / "t.db").id).wait(60)
    folder = worker_folder(kept(embedded))

    assert stat.S_IMODE(worker_log(folder).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list((folder / "spool").iterdir()) == []
