from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from dms_workbench.engine.control import Control, Stopped
from dms_workbench.features.plans import PlanSummary
from dms_workbench.features.runs import Assignment, RunQueue, assign, carry_out, executors
from dms_workbench.kernel.errors import Failed, Refused
from dms_workbench.kernel.store import Store
from dms_workbench.workbench import Workbench

from .conftest import NOW


@pytest.fixture
def work(local: Workbench, plan: PlanSummary, queue: RunQueue, store: Store, tmp_path: Path) -> Assignment:
    """A claimed copy with plan and addresses."""
    local.runs.start(plan.id)
    job = queue.claim(NOW)
    assert job is not None
    with store.reading() as db:
        bus: Any = local.bus
        return assign(job, replace(bus, db=db).context(), tmp_path)


def test_an_assignment_holds_addresses_and_never_shows_them(work: Assignment, tmp_path: Path) -> None:
    assert work.source_url.endswith("source.db")
    assert work.plan.ledger_schema == "dms_ledger"
    assert repr(work) == f"Assignment({work.job.run.id})"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Stopped("pause"), "paused"),
        (Stopped("cancel"), "cancelled"),
        (Refused(reason="no"), "refused"),
        (Failed(reason="broken"), "failed"),
    ],
)
def test_an_error_is_an_outcome(
    work: Assignment, error: Exception, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(_work: Assignment, _control: Control) -> NoReturn:
        raise error

    monkeypatch.setitem(executors.EXECUTORS, "copy", end)

    assert carry_out(work, Control()).status == status


def test_a_copy_is_carried_out_and_then_known_as_done(work: Assignment) -> None:
    first = carry_out(work, Control())
    second = carry_out(work, Control())

    assert (first.status, first.already_done) == ("succeeded", False)
    assert (second.status, second.already_done) == ("succeeded", True)
