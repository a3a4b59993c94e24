from __future__ import annotations

import sys
import time

import pytest

from dms_workbench import platform
from dms_workbench.features.access import local_caller
from dms_workbench.features.plans import PlanSummary
from dms_workbench.features.runs import WorkerNotStarted, ensure_worker, starting, worker_folder, worker_lock
from dms_workbench.kernel.store import Store
from dms_workbench.workbench import Workbench, embedded_bus
from tests.migrating import until

SOME_SECONDS = 30


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands of the processes begun; each only ends."""
    commands: list[str] = []
    start = platform.start_detached

    def note(command: list[str], **options: object) -> object:
        commands.append(command[-1])
        return start([sys.executable, "-c", "raise SystemExit(3)"], **options)  # type: ignore[arg-type]

    monkeypatch.setattr(platform, "start_detached", note)
    monkeypatch.setattr(starting, "_started", {})
    return commands


def test_a_worker_that_is_there_is_enough(store: Store, begun: list[str]) -> None:
    lock = platform.FileLock.take(worker_lock(worker_folder(store)))
    assert lock is not None

    ensure_worker(store)
    lock.release()

    assert begun == []


def test_a_worker_that_failed_is_not_begun_again_at_once(store: Store, begun: list[str]) -> None:
    ensure_worker(store)
    until(lambda: starting._started[store.name][0].poll() is not None)

    ensure_worker(store)

    assert begun == [starting.MODULE]
    assert time.monotonic() - starting._started[store.name][1] < SOME_SECONDS


def test_whoever_sees_a_queued_run_has_a_worker_begun(store: Store, plan: PlanSummary, begun: list[str]) -> None:
    workbench = Workbench.over(embedded_bus(store, local_caller(store)))
    assert begun == []

    workbench.runs.start(plan.id)

    assert begun == [starting.MODULE]


def test_a_worker_that_cannot_be_begun_is_told_and_the_run_stays_queued(
    store: Store, plan: PlanSummary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(platform, "start_detached", refuse)
    monkeypatch.setattr(starting, "_started", {})
    workbench = Workbench.over(embedded_bus(store, local_caller(store)))

    with pytest.raises(WorkerNotStarted, match="Permission denied"):
        workbench.runs.start(plan.id)

    assert workbench.runs.list(status="queued").total == 1
