"""The audit, the same embedded and through the service."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from dms_workbench import Workbench
from dms_workbench.kernel.errors import NotFound, NotPermitted
from dms_workbench.platform import user_name
from tests.workbenches import Team

AMENDMENTS = [
    "UPDATE audit_entries SET user_name = 'somebody' WHERE number = 2",
    "UPDATE audit_entries SET at = '2020-01-01 00:00:00.000000' WHERE number = 2",
    "UPDATE audit_entries SET details = '{}' WHERE number = 2",
    "DELETE FROM audit_entries WHERE number = 2",
]


def test_every_command_leaves_an_entry_and_queries_none(workbench: Workbench) -> None:
    before = workbench.audit.entries().total
    project = workbench.projects.create("shop", "old")
    workbench.projects.get("shop")

    newest = workbench.audit.entries()

    assert newest.total == before + 1
    assert (newest[0].action, newest[0].user, newest[0].outcome) == ("CreateProject", user_name(), "done")
    assert newest[0].details == {"name": "shop", "description": "old"}
    assert newest[0].subject == {"id": project.id}


def test_a_command_that_fails_leaves_neither_change_nor_entry(workbench: Workbench) -> None:
    workbench.projects.create("shop")
    before = workbench.audit.entries().total
    with pytest.raises(Exception, match="shop"):
        workbench.projects.create("shop")
    assert workbench.audit.entries().total == before


def test_a_refused_attempt_is_recorded(team: Team) -> None:
    project = team.administrator.projects.create("shop")
    anna = team.person("anna", role="viewer")
    with pytest.raises(NotPermitted):
        anna.projects.create("other")
    with pytest.raises(NotFound):
        anna.projects.archive("shop")

    refused = [entry for entry in team.administrator.audit.entries() if entry.outcome == "refused"]

    assert [(entry.action, entry.user) for entry in refused] == [("ArchiveProject", "anna"), ("CreateProject", "anna")]
    assert refused[0].subject == {"project_id": project.id}


def test_entries_are_filtered(team: Team) -> None:
    workbench = team.administrator
    shop = workbench.projects.create("shop")
    workbench.projects.create("store")
    workbench.projects.archive("shop")

    assert [entry.action for entry in workbench.audit.entries(project_id="shop")] == ["ArchiveProject"]
    assert workbench.audit.entries(project_id=shop.id).total == 1
    assert workbench.audit.entries(action="CreateProject").total == 2
    assert workbench.audit.entries(user="nobody").total == 0


def test_an_untouched_chain_is_intact(workbench: Workbench) -> None:
    workbench.projects.create("shop")
    report = workbench.audit.verify()
    assert (report.intact, report.broken_at) == (True, None)
    assert report.head == workbench.audit.entries()[0].hash


@pytest.mark.parametrize("amendment", AMENDMENTS)
def test_a_change_of_the_past_shows(team: Team, amendment: str) -> None:
    for name in ("a", "b", "c"):
        team.administrator.projects.create(name)
    with team.store.writing() as db:
        db.execute(text(amendment))

    report = team.administrator.audit.verify()

    assert (report.intact, report.broken_at) == (False, 2)


def test_a_chain_cut_off_at_the_end_shows(team: Team) -> None:
    for name in ("a", "b", "c"):
        team.administrator.projects.create(name)
    last = team.administrator.audit.entries()[0].number
    with team.store.writing() as db:
        db.execute(text("DELETE FROM audit_entries WHERE number = :last"), {"last": last})

    report = team.administrator.audit.verify()

    assert (report.intact, report.broken_at) == (False, last)


def test_a_forged_entry_shows_whatever_its_number(team: Team) -> None:
    team.administrator.projects.create("a")
    with team.store.writing() as db:
        db.execute(text("UPDATE audit_entries SET number = -5 WHERE number = 1"))
    assert not team.administrator.audit.verify().intact
