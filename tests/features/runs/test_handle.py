from __future__ import annotations

import io
import threading

import pytest

from dms_workbench.features.plans import PlanSummary
from dms_workbench.features.runs import Outcome, RunQueue
from dms_workbench.features.runs.handle import RunNotBound
from dms_workbench.features.runs.steering import News
from dms_workbench.kernel.wire import from_json, to_json
from dms_workbench.workbench import Workbench

from .conftest import NOW


def test_a_run_in_hand_can_be_steered(local: Workbench, plan: PlanSummary) -> None:
    run = local.runs.start(plan.id)

    assert run.pause().status == "paused"
    assert run.refresh().status == "paused"
    assert run.resume().status == "queued"
    assert run.refresh().cancel().status == "cancelled"


def test_runs_of_a_list_can_be_steered(local: Workbench, plan: PlanSummary) -> None:
    local.runs.start(plan.id)

    assert next(iter(local.runs.list())).cancel().status == "cancelled"


def test_waiting_ends_with_the_run(local: Workbench, plan: PlanSummary, queue: RunQueue) -> None:
    run = local.runs.start(plan.id)
    job = queue.claim(NOW)
    assert job is not None
    end = Outcome("succeeded", 1.0)
    threading.Timer(0.3, lambda: queue.finish(job, end, News("done"), NOW, leaving=False)).start()

    assert run.wait(timeout_seconds=20).status == "succeeded"


def test_waiting_gives_up_after_the_time_given(local: Workbench, plan: PlanSummary) -> None:
    assert local.runs.start(plan.id).wait(timeout_seconds=0.2).status == "queued"


def test_watching_prints_how_it_goes(local: Workbench, plan: PlanSummary, queue: RunQueue) -> None:
    run = local.runs.start(plan.id)
    job = queue.claim(NOW)
    assert job is not None
    queue.finish(job, Outcome("succeeded", 1.0), News("done"), NOW, leaving=False)
    out = io.StringIO()

    run.watch(out)

    assert out.getvalue() == f"run {run.id}: succeeded\n"


def test_a_run_that_came_from_no_facade_says_how_to_get_it(local: Workbench, plan: PlanSummary) -> None:
    run = local.runs.start(plan.id)
    value = from_json(to_json(run), type(run))

    assert value == run
    with pytest.raises(RunNotBound, match=run.id):
        value.pause()


def test_a_run_without_facade_shows_as_text(
    local: Workbench, plan: PlanSummary, capsys: pytest.CaptureFixture[str]
) -> None:
    run = local.runs.start(plan.id)

    from_json(to_json(run), type(run))._ipython_display_()

    assert capsys.readouterr().out == f"run {run.id}: queued\n"


def test_a_run_shows_as_text_in_a_terminal(
    local: Workbench, plan: PlanSummary, capsys: pytest.CaptureFixture[str]
) -> None:
    run = local.runs.start(plan.id)

    run._ipython_display_()

    assert capsys.readouterr().out == f"run {run.id}: queued\n"


def test_a_run_shows_as_its_widget_in_a_notebook(
    local: Workbench, plan: PlanSummary, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dms_workbench.surfaces.widgets.run import RunWidget

    shown: list[str] = []

    def note(widget: RunWidget) -> None:
        shown.append(widget.run_id)
        widget.close()

    monkeypatch.setattr("dms_workbench.features.runs.handle.in_notebook", lambda: True)
    monkeypatch.setattr(RunWidget, "_ipython_display_", note)
    run = local.runs.start(plan.id)

    run._ipython_display_()

    assert shown == [run.id]
