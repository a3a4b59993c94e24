from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy.exc import OperationalError

from dms_workbench.engine.control import Control, Progress, stop_if_wished
from dms_workbench.engine.copying import RunResult
from dms_workbench.features.access import local_caller
from dms_workbench.features.plans import PlanSummary
from dms_workbench.features.runs import Assignment, RunQueue, Worker, executors
from dms_workbench.kernel.store import Store
from dms_workbench.platform import FileLock, host_name
from dms_workbench.surfaces.worker.process import WorkerProcess
from dms_workbench.workbench import Workbench
from tests.migrating import make_plan, make_source, until

SECRET = "hunter2"


@pytest.fixture
def kept() -> Iterator[Store]:
    """The store of the test's data folder."""
    from dms_workbench.workbench import open_store

    opened = open_store()
    yield opened
    opened.close()


@pytest.fixture
def workbench(kept: Store) -> Workbench:
    """An embedded workbench that starts no worker of its own."""
    from dms_workbench.workbench import local_bus

    return Workbench.over(local_bus(kept, local_caller(kept)))


@pytest.fixture
def plan(workbench: Workbench, tmp_path: Path) -> PlanSummary:
    """A plan of one table."""
    return make_plan(workbench, make_source(tmp_path / "s.db"), tmp_path / "t.db")


@pytest.fixture
def process(kept: Store, tmp_path: Path) -> Iterator[WorkerProcess]:
    """A worker in a thread of the test; it is asked to end afterwards."""
    lock = FileLock.take(tmp_path / "alive.lock")
    assert lock is not None
    queue = RunQueue(kept, Worker("worker-1", host_name(), str(lock.path)))
    worker = WorkerProcess(kept, queue, tmp_path, idle_seconds=60)
    worker.start_listening()
    thread = threading.Thread(target=worker.serve)
    thread.start()
    yield worker
    worker.leave()
    thread.join(20)
    lock.release()


@contextmanager
def unreachable(kept: Store) -> Iterator[None]:
    """The store cannot be written meanwhile."""

    def refuse() -> NoReturn:
        raise OperationalError("", {}, Exception(SECRET))

    writing = kept.writing
    kept.writing = refuse  # type: ignore[method-assign]
    yield
    kept.writing = writing  # type: ignore[method-assign]


def test_a_copy_goes_on_while_the_store_cannot_be_written(
    process: WorkerProcess, workbench: Workbench, plan: PlanSummary, kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, reported = threading.Event(), threading.Event()

    def copy(work: Assignment, control: Control) -> RunResult:
        go_on.wait(20)
        control.report(Progress("copy", 0, "a", "b", 10, 10, 10))
        reported.set()
        return RunResult(work.job.run.id, "succeeded", 1.0)

    monkeypatch.setitem(executors.EXECUTORS, "copy", copy)
    run = workbench.runs.start(plan.id)
    until(lambda: run.refresh().status == "running")
    with unreachable(kept):
        go_on.set()
        assert reported.wait(20)
        time.sleep(0.5)
        assert run.refresh().status == "running"

    until(lambda: run.refresh().status == "succeeded")
    assert run.refresh().tables[0].written == 10
    assert not process.leaving.is_set()


@pytest.mark.usefixtures("process")
def test_an_unexpected_fault_ends_the_run_with_an_error_that_shows_no_value(
    workbench: Workbench, plan: PlanSummary, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def copy(_work: Assignment, _control: Control) -> NoReturn:
        raise ZeroDivisionError(SECRET)

    monkeypatch.setitem(executors.EXECUTORS, "copy", copy)
    with caplog.at_level(logging.ERROR, "dms_workbench.worker"):
        run = workbench.runs.start(plan.id)
        until(lambda: not run.refresh().active)

    ended = run.refresh()
    assert ended.status == "failed"
    assert ended.error is not None
    assert (ended.error["code"], ended.error["next"]) == ("run-broke", f"dms runs resume {run.id}")
    assert "ZeroDivisionError" in ended.error["message"]
    assert SECRET not in str(ended.error)
    assert SECRET not in " ".join(line.message for line in workbench.runs.log(run.id))


@pytest.mark.usefixtures("process")
def test_runs_go_on_beside_one_another_and_each_hears_its_own_wish(
    workbench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy(_work: Assignment, control: Control) -> NoReturn:
        while True:
            stop_if_wished(control)
            time.sleep(0.02)

    monkeypatch.setitem(executors.EXECUTORS, "copy", copy)
    source = make_source(tmp_path / "many.db")
    first, second = (workbench.runs.start(make_plan(workbench, source, tmp_path / f"{n}.db").id) for n in range(2))
    until(lambda: workbench.runs.list(status="running").total == 2)

    first.pause()
    until(lambda: first.refresh().status == "paused")
    assert second.refresh().status == "running"
    second.cancel()
    until(lambda: second.refresh().status == "cancelled")


def test_a_worker_with_nothing_to_do_leaves(kept: Store, tmp_path: Path) -> None:
    worker = WorkerProcess(kept, RunQueue(kept, Worker("w", host_name(), "")), tmp_path, idle_seconds=0.3)
    started = time.monotonic()

    worker.serve()

    assert 0.3 <= time.monotonic() - started < 5
