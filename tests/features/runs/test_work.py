from __future__ import annotations

from pathlib import Path

from dms_workbench.features.plans import PlanSummary
from dms_workbench.features.runs import Outcome, RunQueue, TableProgress, Worker
from dms_workbench.features.runs.steering import News
from dms_workbench.kernel.store import Store
from dms_workbench.platform import FileLock, host_name
from dms_workbench.workbench import Workbench
from tests.migrating import make_plan, make_source

from .conftest import NOW


def other_queue(store: Store) -> RunQueue:
    return RunQueue(store, Worker("worker-2", host_name(), "/no/such/lock"))


def test_a_queued_run_goes_to_one_worker_only(
    local: Workbench, plan: PlanSummary, queue: RunQueue, store: Store
) -> None:
    run = local.runs.start(plan.id)

    job = queue.claim(NOW)

    assert job is not None
    assert (job.run.id, job.epoch, job.run.status) == (run.id, 1, "running")
    assert other_queue(store).claim(NOW) is None
    assert not queue.waiting()


def test_the_oldest_queued_run_is_claimed_first(local: Workbench, tmp_path: Path, queue: RunQueue) -> None:
    source = make_source(tmp_path / "s.db")
    runs = [local.runs.start(make_plan(local, source, tmp_path / f"{n}.db").id).id for n in range(3)]

    jobs = [queue.claim(NOW) for _ in range(3)]

    assert [job.run.id for job in jobs if job is not None] == runs


def test_what_an_earlier_claim_still_writes_is_ignored(
    local: Workbench, plan: PlanSummary, queue: RunQueue, lock: FileLock
) -> None:
    run = local.runs.start(plan.id)
    late = queue.claim(NOW)
    lock.release()
    local.runs.resume(run.id)
    job = queue.claim(NOW)
    assert late is not None
    assert job is not None

    queue.tell(late, News("copy", (TableProgress(0, "a", "b", written=99),)), NOW)
    queue.finish(late, Outcome("succeeded", 1.0), News(""), NOW, leaving=False)

    assert job.epoch == 2
    assert local.runs.get(run.id).tables == ()
    assert (run.id, job.epoch) in queue.wishes()


def test_runs_of_dead_workers_are_written_down_as_interrupted(
    local: Workbench, plan: PlanSummary, queue: RunQueue, store: Store
) -> None:
    run = local.runs.start(plan.id)
    assert other_queue(store).claim(NOW) is not None

    queue.mark_interrupted(NOW)

    seen = local.runs.get(run.id)
    assert seen.status == "interrupted"
    assert seen.error is not None
    assert seen.error["next"] == f"dms runs resume {run.id}"
    assert local.runs.events(run.id)[-1].data == {"status": "interrupted"}


def test_runs_of_living_workers_stay_as_they_are(local: Workbench, plan: PlanSummary, queue: RunQueue) -> None:
    run = local.runs.start(plan.id)
    assert queue.claim(NOW) is not None

    queue.mark_interrupted(NOW)

    assert local.runs.get(run.id).status == "running"


def test_a_sign_of_life_is_seen(local: Workbench, plan: PlanSummary, queue: RunQueue) -> None:
    run = local.runs.start(plan.id)
    assert queue.claim(NOW) is not None
    later = NOW.replace(minute=5)

    queue.heartbeat(later)

    assert local.runs.get(run.id).heard_at == later
