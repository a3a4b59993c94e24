from __future__ import annotations

import time
from pathlib import Path

import pytest

from dms_workbench.features.plans import PlanSummary
from dms_workbench.features.runs import Outcome, RunNotFound, RunQueue, TableProgress, Worker
from dms_workbench.features.runs.steering import News
from dms_workbench.kernel.errors import NotFound
from dms_workbench.kernel.store import Store
from dms_workbench.platform import FileLock
from dms_workbench.workbench import Workbench
from tests.migrating import make_plan, make_source

from .conftest import NOW

HALF = TableProgress(0, "customers", "customers", "copy", rows_total=1000, read=500, written=499, quarantined=1)


def test_a_run_is_found_by_its_keys(workbench: Workbench, tmp_path: Path) -> None:
    plan = make_plan(workbench, make_source(tmp_path / "s.db"), tmp_path / "t.db", request_key="asked")
    run = workbench.runs.start(plan.id)

    assert workbench.runs.find(request_key="asked").id == run.id
    assert workbench.runs.find(resume_key=plan.resume_key, active=True).id == run.id
    workbench.runs.cancel(run.id)
    with pytest.raises(RunNotFound):
        workbench.runs.find(request_key="asked", active=True)
    with pytest.raises(RunNotFound):
        workbench.runs.find()


def test_a_run_that_is_not_there_is_not_found(workbench: Workbench) -> None:
    with pytest.raises(NotFound, match="no-such-run"):
        workbench.runs.get("no-such-run")


def test_runs_are_listed_by_project_and_status(workbench: Workbench, tmp_path: Path) -> None:
    source = make_source(tmp_path / "s.db")
    first = workbench.runs.start(make_plan(workbench, source, tmp_path / "a.db").id)
    second = workbench.runs.start(make_plan(workbench, source, tmp_path / "b.db").id)
    workbench.runs.cancel(first.id)

    assert [run.id for run in workbench.runs.list()] == [second.id, first.id]
    assert [run.id for run in workbench.runs.list(status="cancelled")] == [first.id]
    assert [run.id for run in workbench.runs.list(project_id="shop", limit=1, offset=1)] == [first.id]
    assert workbench.runs.list(status="running").total == 0


def test_progress_and_log_of_the_worker_are_seen(local: Workbench, plan: PlanSummary, queue: RunQueue) -> None:
    run = local.runs.start(plan.id)
    job = queue.claim(NOW)
    assert job is not None

    queue.tell(job, News("copy", (HALF,), (("info", "half of it"), ("debug", "details"))), NOW)

    seen = local.runs.get(run.id)
    assert (seen.phase, seen.tables, seen.rows_done, seen.rows_total) == ("copy", (HALF,), 500, 1000)
    assert [line.message for line in local.runs.log(run.id)] == ["half of it"]
    assert [line.message for line in local.runs.log(run.id, level="debug", after=1)] == ["details"]


def test_events_are_numbered_from_one_without_gaps(local: Workbench, plan: PlanSummary, queue: RunQueue) -> None:
    run = local.runs.start(plan.id)
    job = queue.claim(NOW)
    assert job is not None
    queue.tell(job, News("copy", (HALF,)), NOW)
    local.runs.pause(run.id)

    events = local.runs.events(run.id)

    assert [event.number for event in events] == [1, 2, 3, 4]
    assert [event.kind for event in events] == ["status", "status", "progress", "wish"]
    assert [event.number for event in local.runs.events(run.id, after=3)] == [4]


def test_waiting_for_events_ends_when_there_is_one(local: Workbench, plan: PlanSummary, queue: RunQueue) -> None:
    import threading

    run = local.runs.start(plan.id)
    started = time.monotonic()
    threading.Timer(0.3, lambda: queue.claim(NOW)).start()

    events = local.runs.events(run.id, after=1, wait_seconds=20)

    assert [event.data["status"] for event in events] == ["running"]
    assert time.monotonic() - started < 10


def test_waiting_for_events_is_limited(local: Workbench, plan: PlanSummary) -> None:
    run = local.runs.start(plan.id)

    assert local.runs.events(run.id, after=1, wait_seconds=0.2) == []


def test_a_run_whose_worker_is_gone_is_interrupted_at_once(
    local: Workbench, plan: PlanSummary, queue: RunQueue, lock: FileLock
) -> None:
    run = local.runs.start(plan.id)
    assert queue.claim(NOW) is not None
    assert local.runs.get(run.id).status == "running"
    assert local.runs.list(status="running").total == 1

    lock.release()

    assert local.runs.get(run.id).status == "interrupted"
    assert local.runs.list(status="running").total == 0
    assert local.runs.list(status="interrupted").total == 1


def test_a_worker_on_another_host_lives_as_long_as_its_lease(
    local: Workbench, plan: PlanSummary, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = local.runs.start(plan.id)
    elsewhere = RunQueue(store, Worker("worker-2", "another-host", "/no/such/lock"))
    assert elsewhere.claim(NOW) is not None
    assert local.runs.get(run.id).status == "running"

    monkeypatch.setattr("dms_workbench.features.runs.leases.LEASE_SECONDS", -1.0)
    elsewhere.heartbeat(NOW)

    assert local.runs.get(run.id).status == "interrupted"


def test_the_result_of_a_run_is_kept(local: Workbench, plan: PlanSummary, queue: RunQueue) -> None:
    run = local.runs.start(plan.id)
    job = queue.claim(NOW)
    assert job is not None
    books = {"tables": [{"source": "a", "target": "b", "read": 2, "written": 2, "verified": "equal"}]}

    queue.finish(job, Outcome("succeeded", 1.5, books, already_done=True), News("done", (HALF,)), NOW, leaving=False)

    seen = local.runs.get(run.id)
    assert (seen.status, seen.seconds, seen.result, seen.already_done) == ("succeeded", 1.5, books, True)
    assert seen.tables == (HALF,)
    assert "a -> b: 2 read = 2 written, verified: equal" in str(seen)


def test_a_run_without_ledger_has_no_quarantine(local: Workbench, plan: PlanSummary, tmp_path: Path) -> None:
    run = local.runs.start(plan.id)
    make_source(tmp_path / "target.db", rows=0)

    assert local.runs.quarantine(run.id) == []
