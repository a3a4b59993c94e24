from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable

import pytest

from dms_workbench.kernel.errors import NotFound
from dms_workbench.surfaces.widgets import RunWidget
from dms_workbench.surfaces.widgets.base import WIDGET_VIEW
from tests.surfaces.widgets.runs import RUN_ID, table_result

LIMIT_SECONDS = 15.0


def until(reached: Callable[[], bool]) -> None:
    """Wait for what the widget's thread brings about."""
    end = time.monotonic() + LIMIT_SECONDS
    while not reached():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def followers() -> list[threading.Thread]:
    """The threads of run widgets."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("dms-run-")]


@pytest.fixture
def widget(workbench, worker):
    made = RunWidget(workbench, RUN_ID)
    yield made
    made.close()


def test_a_new_widget_shows_the_run_as_it_stands(widget):
    assert (widget.state["status"], widget.state["share"]) == ("running", 0.25)
    assert [table["source"] for table in widget.tables] == ["tbl_ord"]


def test_progress_of_the_worker_arrives_by_itself(widget, worker):
    worker.copies(read=500, written=490, filtered=7, quarantined=3)

    until(lambda: widget.state["rows_done"] == 500)
    assert widget.tables[0]["written"] == 490


def test_a_click_on_pause_is_a_wish_in_the_store(widget, workbench):
    answer = widget.answer({"id": "1", "name": "PauseRun", "fields": {"run_id": RUN_ID}})

    assert answer["result"]["wish"] == workbench.runs.get(RUN_ID).wish == "pause"
    assert widget.state["word"] == "Pausing"


def test_the_pause_itself_arrives_when_the_worker_has_paused(widget, worker):
    worker.sets("running", "paused")

    until(lambda: widget.state["word"] == "Paused")
    assert widget.state["can"] == {"pause": False, "resume": True, "cancel": True}


def test_the_thread_ends_when_the_run_is_done(widget, worker):
    worker.sets("running", "succeeded", result={"tables": [table_result()], "objects": []})

    until(lambda: not followers())
    assert widget.state["books"]["closes"]


def test_closing_ends_the_thread_and_leaves_the_run(widget, workbench):
    widget.close()

    assert not followers()
    assert workbench.runs.get(RUN_ID).status == "running"


def test_the_thread_does_not_keep_the_kernel_alive(widget):
    assert all(thread.daemon for thread in followers())
    assert len(followers()) == 1


def test_a_run_that_does_not_exist_is_refused_at_once(workbench):
    with pytest.raises(NotFound):
        RunWidget(workbench, "0196f3a2-7c41-7d10-9b52-5a3e8f10ffff")

    assert not followers()


def test_its_text_is_stable_and_its_bundle_holds_picture_and_widget(widget):
    data, _ = widget._repr_mimebundle_()

    assert repr(widget) == f"RunWidget(run_id='{RUN_ID}')"
    assert data[WIDGET_VIEW]["model_id"] == widget.model_id
    assert "250 of" in data["text/plain"]
    assert f"class='{widget.still}'" in data["text/html"]


def test_outside_a_notebook_it_shows_as_text(widget, capsys):
    widget._ipython_display_()

    assert capsys.readouterr().out == f"{widget}\n"


def test_watching_prints_lines_until_the_run_has_ended(widget, worker):
    out = io.StringIO()
    threading.Timer(1.0, worker.sets, ("running", "paused")).start()

    run = widget.watch(out)

    lines = out.getvalue().splitlines()
    assert run.status == "paused"
    assert lines[0].startswith("Running: Copying rows. [######")
    assert f"Migration {RUN_ID}: Paused" in lines


def test_a_store_that_fails_is_told_on_the_page_and_asked_again(widget, workbench, monkeypatch):
    real, failing = workbench.runs.get, threading.Event()

    def get(run_id):
        if failing.is_set():
            raise OSError("disk full of secrets")
        return real(run_id)

    monkeypatch.setattr(workbench.runs, "get", get)
    failing.set()
    until(lambda: widget.state["trouble"] == "No news: an unexpected OSError")
    failing.clear()
    until(lambda: widget.state["trouble"] == "")
