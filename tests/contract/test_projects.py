"""Projects, the same embedded and through the service."""

from __future__ import annotations

import pytest

from dms_workbench import Workbench
from dms_workbench.features.projects import (
    IllegalTransition,
    InvalidProjectName,
    ProjectArchived,
    ProjectChanged,
    ProjectNameTaken,
    ProjectNotArchived,
    ReasonNeeded,
    State,
)
from dms_workbench.features.projects.errors import UnknownVersion
from dms_workbench.kernel.errors import NotFound, NotPermitted
from dms_workbench.kernel.wire import Invalid
from tests.workbenches import Team

LONGEST = 100
DESCRIPTION_LIMIT = 500


def test_a_new_project_is_a_draft_at_version_one(workbench: Workbench) -> None:
    project = workbench.projects.create("shop", description="the old shop")

    assert (project.name, project.description, project.state) == ("shop", "the old shop", State.DRAFT)
    assert (project.version, project.archived) == (1, False)
    assert workbench.projects.get(project.id) == project
    assert workbench.projects.get("shop") == project


def test_a_name_is_unique(workbench: Workbench) -> None:
    workbench.projects.create("shop")

    with pytest.raises(ProjectNameTaken, match="shop") as refused:
        workbench.projects.create("shop")

    assert refused.value.next == "dms projects get shop"
    assert type(refused.value) is ProjectNameTaken


@pytest.mark.parametrize("name", ["", "two words", "ümlaut", "a/b", "x" * (LONGEST + 1), "line\n", "'; drop table"])
def test_a_name_outside_the_rule_is_refused_with_the_rule(workbench: Workbench, name: str) -> None:
    with pytest.raises(InvalidProjectName, match="1 to 100 letters"):
        workbench.projects.create(name)


@pytest.mark.parametrize("name", ["a", "x" * LONGEST, "Shop_2-b", "0"])
def test_a_name_within_the_rule_is_taken(workbench: Workbench, name: str) -> None:
    assert workbench.projects.create(name).name == name


def test_a_description_holds_500_characters_and_no_more(workbench: Workbench) -> None:
    assert len(workbench.projects.create("a", "é" * DESCRIPTION_LIMIT).description) == DESCRIPTION_LIMIT
    with pytest.raises(Invalid, match="description"):
        workbench.projects.create("b", "é" * (DESCRIPTION_LIMIT + 1))


@pytest.mark.parametrize("text", ["a\0b", "half a character: \ud83d"])
def test_text_that_cannot_be_stored_is_invalid(workbench: Workbench, text: str) -> None:
    with pytest.raises(Invalid, match="description"):
        workbench.projects.create("shop", text)


def test_a_project_that_does_not_exist_is_not_found(workbench: Workbench) -> None:
    for name in ("nothing", "a/b", "..", "a b", "%2F", "ü"):
        with pytest.raises(NotFound, match="There is no project"):
            workbench.projects.get(name)


def test_ensure_creates_once(workbench: Workbench) -> None:
    first = workbench.projects.ensure()

    assert first.name == "default"
    assert workbench.projects.ensure() == first


def test_states_go_the_legal_way_only(workbench: Workbench) -> None:
    workbench.projects.create("shop")
    with pytest.raises(IllegalTransition, match="From draft it can become: in_progress"):
        workbench.projects.change_state("shop", State.COMPLETED)

    for state in (State.IN_PROGRESS, State.FAILED, State.IN_PROGRESS, State.COMPLETED):
        assert workbench.projects.change_state("shop", state).state is state


def test_a_completed_project_is_opened_again_with_a_reason_only(workbench: Workbench) -> None:
    workbench.projects.create("shop")
    workbench.projects.change_state("shop", State.IN_PROGRESS)
    workbench.projects.change_state("shop", State.COMPLETED)

    with pytest.raises(ReasonNeeded):
        workbench.projects.change_state("shop", State.IN_PROGRESS, reason="  ")
    workbench.projects.change_state("shop", State.IN_PROGRESS, reason="a table was forgotten")

    assert workbench.projects.history("shop")[0].details["reason"] == "a table was forgotten"


def test_an_unknown_state_is_invalid(workbench: Workbench) -> None:
    workbench.projects.create("shop")
    with pytest.raises(Invalid, match="state"):
        workbench.projects.change_state("shop", "done")  # type: ignore[arg-type]


def test_every_change_makes_a_version_that_can_be_seen_again(workbench: Workbench) -> None:
    first = workbench.projects.create("shop")
    second = workbench.projects.update("shop", description="new")
    third = workbench.projects.update(first.id, name="store")

    assert [change.version for change in workbench.projects.history("store")] == [3, 2, 1]
    assert workbench.projects.history("store")[0].details == {"name": {"before": "shop", "after": "store"}}
    assert [workbench.projects.version("store", number) for number in (1, 2, 3)] == [first, second, third]
    with pytest.raises(UnknownVersion, match="version 3"):
        workbench.projects.version("store", 4)


def test_a_change_that_changes_nothing_makes_no_version(workbench: Workbench) -> None:
    project = workbench.projects.create("shop")
    assert workbench.projects.update("shop", name="shop") == project


def test_a_change_of_an_older_version_is_refused(workbench: Workbench) -> None:
    workbench.projects.create("shop")
    workbench.projects.update("shop", description="mine", expected_version=1)
    with pytest.raises(ProjectChanged, match="version 2 now, not 1"):
        workbench.projects.update("shop", description="yours", expected_version=1)


def test_a_new_name_obeys_the_rules_too(workbench: Workbench) -> None:
    workbench.projects.create("shop")
    workbench.projects.create("store")
    with pytest.raises(ProjectNameTaken):
        workbench.projects.update("shop", name="store")
    with pytest.raises(InvalidProjectName):
        workbench.projects.update("shop", name="my shop")


def test_an_archived_project_is_not_changed(workbench: Workbench) -> None:
    workbench.projects.create("shop")
    assert workbench.projects.archive("shop").archived

    with pytest.raises(ProjectArchived):
        workbench.projects.update("shop", description="new")
    with pytest.raises(ProjectArchived):
        workbench.projects.change_state("shop", State.IN_PROGRESS)
    with pytest.raises(ProjectArchived):
        workbench.projects.add_member("shop", "anna")
    assert not workbench.projects.unarchive("shop").archived


def test_only_an_archived_project_is_deleted(workbench: Workbench) -> None:
    workbench.projects.create("shop")
    with pytest.raises(ProjectNotArchived):
        workbench.projects.delete("shop")
    workbench.projects.archive("shop")

    workbench.projects.delete("shop")

    with pytest.raises(NotFound):
        workbench.projects.get("shop")
    workbench.projects.create("shop")


def test_projects_are_listed_in_pages(workbench: Workbench) -> None:
    for name in ("c", "a", "e", "b", "d"):
        workbench.projects.create(name)

    page = workbench.projects.list(limit=2, offset=1)

    assert [project.name for project in page] == ["b", "c"]
    assert (page.total, page.more) == (5, True)
    assert not workbench.projects.list(limit=2, offset=3).more


@pytest.mark.parametrize(("limit", "offset"), [(0, 0), (1001, 0), (10, -1)])
def test_a_page_outside_the_limits_is_invalid(workbench: Workbench, limit: int, offset: int) -> None:
    with pytest.raises(Invalid):
        workbench.projects.list(limit=limit, offset=offset)


def test_projects_are_filtered(workbench: Workbench) -> None:
    workbench.projects.create("shop", "Sells 100% of all things")
    workbench.projects.create("store")
    workbench.projects.create("attic")
    workbench.projects.archive("attic")
    workbench.projects.change_state("store", State.IN_PROGRESS)

    def names(**chosen: object) -> list[str]:
        return [project.name for project in workbench.projects.list(**chosen)]  # type: ignore[arg-type]

    assert names(state=State.IN_PROGRESS) == ["store"]
    assert names(archived=True) == ["attic"]
    assert names(archived=False) == ["shop", "store"]
    assert names(search="sells 100%") == ["shop"]
    assert names(search="_") == []


def test_members_have_roles_and_are_part_of_the_history(team: Team) -> None:
    workbench = team.administrator
    team.person("anna")
    workbench.projects.create("shop")

    assert {member.user: member.role for member in workbench.projects.add_member("shop", "anna", "developer")}[
        "anna"
    ] == "developer"
    workbench.projects.add_member("shop", "anna", "data_engineer")
    assert "anna" not in [member.user for member in workbench.projects.remove_member("shop", "anna")]

    assert [change.what for change in workbench.projects.history("shop")] == [
        "member removed",
        "member added",
        "member added",
        "created",
    ]


def test_whoever_creates_a_project_manages_it(team: Team) -> None:
    anna = team.person("anna", role="project_manager")
    anna.projects.create("shop")

    anna = team.again(anna)

    assert [(member.user, member.role) for member in anna.projects.members("shop")] == [("anna", "project_manager")]
    assert anna.projects.update("shop", description="mine").version == 2


def test_a_stranger_sees_nothing_of_a_project(team: Team) -> None:
    team.administrator.projects.create("secret")
    anna = team.person("anna", role="project_manager")

    assert anna.projects.list().total == 0
    with pytest.raises(NotFound) as hidden:
        anna.projects.get("secret")
    with pytest.raises(NotFound) as absent:
        anna.projects.get("absent")
    assert hidden.value.message == absent.value.message.replace("absent", "secret")


def test_a_viewer_sees_and_does_not_change(team: Team) -> None:
    workbench = team.administrator
    workbench.projects.create("shop")
    anna = team.person("anna")
    workbench.projects.add_member("shop", "anna", "viewer")
    anna = team.again(anna)

    assert anna.projects.get("shop").name == "shop"
    assert [project.name for project in anna.projects.list()] == ["shop"]
    with pytest.raises(NotPermitted, match="projects:edit"):
        anna.projects.archive("shop")
    with pytest.raises(NotPermitted, match="projects:create"):
        anna.projects.create("other")
