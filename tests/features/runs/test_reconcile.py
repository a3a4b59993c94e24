from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from dms_workbench.engine.control import Control
from dms_workbench.features.plans import PlanSummary
from dms_workbench.features.runs import Outcome, RunQueue, assign, carry_out
from dms_workbench.features.runs import store as runs_store
from dms_workbench.features.runs.steering import News
from dms_workbench.kernel.store import Store
from dms_workbench.workbench import Workbench

from .conftest import NOW


def copied(local: Workbench, plan: PlanSummary, queue: RunQueue, store: Store, spool: Path) -> str:
    """A copy that ended well in the target, of which the store was told that it failed."""
    run = local.runs.start(plan.id)
    job = queue.claim(NOW)
    assert job is not None
    with store.reading() as db:
        bus: Any = local.bus
        work = assign(job, replace(bus, db=db).context(), spool)
    assert carry_out(work, Control()).status == "succeeded"
    queue.finish(job, Outcome("failed", 1.0), News(""), NOW, leaving=False)
    return run.id


def test_the_ledger_wins_where_the_store_says_otherwise(
    local: Workbench, plan: PlanSummary, queue: RunQueue, store: Store, tmp_path: Path
) -> None:
    run_id = copied(local, plan, queue, store, tmp_path)

    done = local.runs.reconcile(plan.project_id)

    assert (done.looked_at, done.changed, done.added) == (1, (run_id,), ())
    run = local.runs.get(run_id)
    assert run.status == "succeeded"
    assert run.result is not None
    assert run.result["tables"][0]["written"] == 1000
    assert local.runs.reconcile(plan.project_id).changed == ()


def test_a_run_the_store_lost_is_entered_again(
    local: Workbench, plan: PlanSummary, queue: RunQueue, store: Store, tmp_path: Path
) -> None:
    run_id = copied(local, plan, queue, store, tmp_path)
    with store.writing() as db:
        db.execute(sa.delete(runs_store.runs))

    done = local.runs.reconcile(plan.project_id)

    assert done.added == (run_id,)
    assert local.runs.get(run_id).status == "succeeded"


def test_a_target_that_does_not_answer_is_named(local: Workbench, plan: PlanSummary) -> None:
    done = local.runs.reconcile(plan.project_id)

    assert done.unreachable == (plan.target_connection_id,)
