from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from dms_workbench.features.projects import CreateProject, GetProject
from dms_workbench.surfaces.widgets import WorkbenchWidget
from dms_workbench.workbench import Workbench


class ProjectsWidget(WorkbenchWidget):
    """A widget that may create projects and nothing else."""

    bundle = "not-built"
    sends = (CreateProject,)


class BreakingWidget(ProjectsWidget):
    """A widget whose own code fails after a message."""

    def after(self, message):
        raise ZeroDivisionError(f"secret {message}")


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    with Workbench() as opened:
        yield opened


@pytest.fixture
def widget(workbench):
    made = ProjectsWidget(workbench)
    yield made
    made.close()


def test_a_message_of_the_page_is_carried_out_by_the_workbench(workbench, widget):
    answer = widget.answer({"id": "1", "name": "CreateProject", "fields": {"name": "shop"}})

    assert answer["id"] == "1"
    assert workbench.projects.get(answer["result"]["id"]).name == "shop"


def test_an_answer_is_plain_json(widget):
    assert json.loads(json.dumps(widget.answer({"id": "1", "name": "CreateProject", "fields": {"name": "shop"}})))


def test_a_message_not_on_the_list_is_refused_by_name(workbench, widget):
    project = workbench.projects.create("shop")

    answer = widget.answer({"id": "2", "name": GetProject.__name__, "fields": {"project_id": project.id}})

    assert answer["error"]["code"] == "not-sent-by-this-widget"
    assert answer["error"]["message"] == "ProjectsWidget does not send GetProject; it sends CreateProject."


@pytest.mark.parametrize("fields", [{"name": 5}, {"nom": "shop"}, {}, None, "name", ["name"]])
def test_wrong_fields_are_answered_with_an_error(widget, fields):
    assert widget.answer({"id": "3", "name": "CreateProject", "fields": fields})["error"]["code"] == "invalid-message"


@pytest.mark.parametrize("content", [None, 5, "CreateProject", [], {}, {"id": "4"}, {"id": "4", "name": None}])
def test_whatever_the_page_sends_is_answered(widget, content):
    assert widget.answer(content)["error"]["code"] == "not-sent-by-this-widget"


def test_an_error_of_the_handler_reaches_the_page_whole(widget):
    request = {"id": "5", "name": "CreateProject", "fields": {"name": "shop"}}
    widget.answer(request)

    error = widget.answer(request)["error"]

    assert error["code"] == "project-name-taken"
    assert {"message", "safe", "next"} <= set(error)


def test_an_unexpected_fault_is_answered_by_its_kind_alone(workbench):
    widget = BreakingWidget(workbench)

    error = widget.answer({"id": "6", "name": "CreateProject", "fields": {"name": "shop"}})["error"]

    assert error["message"] == "The kernel could not carry out CreateProject: an unexpected ZeroDivisionError."
    assert "secret" not in json.dumps(error)
    widget.close()


def test_the_text_of_a_widget_is_the_same_every_time(widget):
    data, _ = widget._repr_mimebundle_()

    assert data["text/plain"] == repr(widget) == "ProjectsWidget()"
