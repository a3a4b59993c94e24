from __future__ import annotations

from pathlib import Path

import pytest

from dms_workbench.features.plans import PlanSummary
from dms_workbench.features.runs import Outcome, RunNotActive, RunNotResumable, RunQueue
from dms_workbench.features.runs.steering import News
from dms_workbench.platform import FileLock
from dms_workbench.workbench import Workbench
from tests.migrating import make_plan, make_source

from .conftest import NOW


def finished(queue: RunQueue, status: str) -> None:
    job = queue.claim(NOW)
    assert job is not None
    queue.finish(job, Outcome(status, 1.0), News(""), NOW, leaving=True)


def test_pausing_a_queued_run_pauses_it_at_once(workbench: Workbench, tmp_path: Path) -> None:
    run = workbench.runs.start(make_plan(workbench, make_source(tmp_path / "s.db"), tmp_path / "t.db").id)

    assert workbench.runs.pause(run.id).status == "paused"
    assert workbench.runs.pause(run.id).status == "paused"
    assert workbench.runs.resume(run.id).status == "queued"
    assert workbench.runs.cancel(run.id).status == "cancelled"
    assert workbench.runs.resume(run.id).status == "queued"


def test_pausing_a_running_run_is_a_wish_for_its_worker(local: Workbench, plan: PlanSummary, queue: RunQueue) -> None:
    run = local.runs.start(plan.id)
    job = queue.claim(NOW)
    assert job is not None

    assert local.runs.pause(run.id).status == "running"
    assert queue.wishes() == {(run.id, job.epoch): "pause"}


def test_a_pause_taken_back_before_the_worker_stopped_queues_the_run_again(
    local: Workbench, plan: PlanSummary, queue: RunQueue
) -> None:
    run = local.runs.start(plan.id)
    job = queue.claim(NOW)
    assert job is not None
    local.runs.pause(run.id)
    local.runs.resume(run.id)

    queue.finish(job, Outcome("paused", 1.0), News(""), NOW, leaving=False)

    assert local.runs.get(run.id).status == "queued"


def test_a_worker_that_leaves_pauses_its_runs(local: Workbench, plan: PlanSummary, queue: RunQueue) -> None:
    run = local.runs.start(plan.id)
    job = queue.claim(NOW)
    assert job is not None

    queue.finish(job, Outcome("paused", 1.0), News(""), NOW, leaving=True)

    assert local.runs.get(run.id).status == "paused"


def test_a_finished_run_can_be_neither_paused_nor_resumed_nor_cancelled(
    local: Workbench, plan: PlanSummary, queue: RunQueue
) -> None:
    run = local.runs.start(plan.id)
    finished(queue, "succeeded")

    with pytest.raises(RunNotActive, match="succeeded"):
        local.runs.pause(run.id)
    with pytest.raises(RunNotActive):
        local.runs.cancel(run.id)
    with pytest.raises(RunNotResumable):
        local.runs.resume(run.id)


def test_a_run_whose_worker_died_can_be_resumed_or_cancelled(
    local: Workbench, plan: PlanSummary, queue: RunQueue, lock: FileLock
) -> None:
    run = local.runs.start(plan.id)
    assert queue.claim(NOW) is not None
    lock.release()

    assert local.runs.cancel(run.id).status == "cancelled"
    assert local.runs.resume(run.id).status == "queued"


@pytest.mark.parametrize("status", ["failed", "refused", "paused", "cancelled", "interrupted", "not_verified"])
def test_what_did_not_finish_can_be_resumed(local: Workbench, plan: PlanSummary, queue: RunQueue, status: str) -> None:
    run = local.runs.start(plan.id, new_run=True)
    finished(queue, status)

    again = local.runs.resume(run.id)

    assert again.status == "queued"
    assert not again.settings.new_run
    assert again.error is None
