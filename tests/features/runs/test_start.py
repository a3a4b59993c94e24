from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dms_workbench.features.plans import PlanSummary
from dms_workbench.features.runs import Outcome, RunOfOtherProject, RunQueue
from dms_workbench.features.runs.steering import News
from dms_workbench.kernel.errors import NotFound
from dms_workbench.kernel.secrets import Secret
from dms_workbench.platform import FileLock
from dms_workbench.workbench import Workbench
from tests.migrating import make_plan, make_source

from .conftest import NOW


def finish(queue: RunQueue, status: str) -> None:
    job = queue.claim(NOW)
    assert job is not None
    queue.finish(job, Outcome(status, 1.0), News(""), NOW, leaving=True)


def test_a_started_run_is_queued_with_its_settings(workbench: Workbench, tmp_path: Path) -> None:
    plan = make_plan(workbench, make_source(tmp_path / "s.db"), tmp_path / "t.db", request_key="asked")

    run = workbench.runs.start(plan.id, on_reject="stop", max_rejects=3, lanes=2, chunk_rows=10, verify=False)

    assert (run.status, run.kind, run.plan_id, run.project_id) == ("queued", "copy", plan.id, plan.project_id)
    assert (run.settings.on_reject, run.settings.max_rejects, run.settings.lanes) == ("stop", 3, 2)
    assert (run.settings.chunk_rows, run.settings.verify, run.request_key) == (10, False, "asked")


def test_starting_twice_gives_the_same_run(workbench: Workbench, tmp_path: Path) -> None:
    plan = make_plan(workbench, make_source(tmp_path / "s.db"), tmp_path / "t.db")
    first = workbench.runs.start(plan.id)

    assert workbench.runs.start(plan.id).id == first.id
    assert workbench.runs.list().total == 1


def test_another_plan_of_the_same_rows_gives_the_active_run(
    local: Workbench, plan: PlanSummary, tmp_path: Path
) -> None:
    first = local.runs.start(plan.id)
    again = make_plan(local, tmp_path / "source.db", tmp_path / "target.db")

    assert again.id != plan.id
    assert local.runs.start(again.id).id == first.id


def test_a_plan_that_is_not_there_is_not_found(workbench: Workbench) -> None:
    with pytest.raises(NotFound):
        workbench.runs.start("no-such-plan")


def test_an_interrupted_run_is_continued_under_its_id(
    local: Workbench, plan: PlanSummary, queue: RunQueue, lock: FileLock
) -> None:
    first = local.runs.start(plan.id)
    assert queue.claim(NOW) is not None
    lock.release()

    again = local.runs.start(plan.id, chunk_rows=7)

    assert (again.id, again.status, again.settings.chunk_rows) == (first.id, "queued", 7)


def test_a_run_that_finished_after_the_plan_was_made_is_continued_not_repeated(
    local: Workbench, plan: PlanSummary, queue: RunQueue
) -> None:
    first = local.runs.start(plan.id)
    finish(queue, "succeeded")

    assert local.runs.start(plan.id).id == first.id


def test_a_new_run_after_a_finished_one_has_another_id(local: Workbench, plan: PlanSummary, queue: RunQueue) -> None:
    first = local.runs.start(plan.id)
    finish(queue, "succeeded")

    assert local.runs.start(plan.id, new_run=True).id != first.id


def test_a_new_run_that_was_interrupted_is_continued_by_the_same_command(
    local: Workbench, plan: PlanSummary, queue: RunQueue
) -> None:
    first = local.runs.start(plan.id, new_run=True)
    finish(queue, "interrupted")

    assert local.runs.start(plan.id, new_run=True).id == first.id


def test_the_same_migration_in_another_project_names_the_run_to_resume(
    local: Workbench, plan: PlanSummary, queue: RunQueue, tmp_path: Path
) -> None:
    run = local.runs.start(plan.id)
    finish(queue, "paused")
    other = local.projects.create("other").id
    source = local.connections.ensure(other, Secret(str(tmp_path / "source.db"))).id
    target = local.connections.ensure(other, Secret(str(tmp_path / "target.db"))).id

    with pytest.raises(RunOfOtherProject, match=run.id):
        local.runs.start(local.plans.create(other, source, target).id)


def test_a_verification_is_a_run_of_its_own(workbench: Workbench, tmp_path: Path) -> None:
    plan = make_plan(workbench, make_source(tmp_path / "s.db"), tmp_path / "t.db")
    copy = workbench.runs.start(plan.id)

    check = workbench.runs.verify(plan.id)

    assert (check.kind, check.status) == ("verify", "queued")
    assert check.id != copy.id


def test_a_run_of_the_ledger_that_the_store_lost_keeps_its_id(local: Workbench, plan: PlanSummary) -> None:
    from dms_workbench.features.runs.model import RunSettings
    from dms_workbench.features.runs.start import begin
    from dms_workbench.workbench import open_store

    known = replace(plan, ledger_run_id="0198f0a0-0000-7000-8000-000000000001", ledger_status="paused")
    bus: Any = local.bus
    with open_store().writing() as db:
        run = begin(replace(bus, db=db, writes=True).context(), known, "copy", RunSettings())

    assert (run.id, run.status) == (known.ledger_run_id, "queued")
