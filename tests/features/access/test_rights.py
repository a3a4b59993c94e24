"""Roles, areas and permissions: the matrix of the requirements with its two repairs."""

from __future__ import annotations

import pytest

from dms_workbench.kernel.context import Caller
from dms_workbench.kernel.scopes import allows, roles

MATRIX = {
    "system_admin": "full full full full full full",
    "org_admin": "full full full full full full",
    "project_manager": "full full full full read none",
    "data_engineer": "read full full full read none",
    "developer": "read read read none read none",
    "viewer": "read read read none read none",
}
AREAS = ("project", "connection", "schema", "migration", "analytics", "admin")


@pytest.mark.parametrize("role", MATRIX)
def test_a_role_has_the_rights_of_the_matrix(role: str) -> None:
    assert [roles()[role].areas[area] for area in AREAS] == MATRIX[role].split()


def test_a_developer_edits_drafts_and_rehearses_but_starts_no_run() -> None:
    assert all(
        allows("developer", scope) for scope in ("mappings:edit", "rules:edit", "notebooks:edit", "runs:rehearse")
    )
    assert not allows("developer", "runs:start")
    assert not allows("developer", "connections:edit")


@pytest.mark.parametrize("role", MATRIX)
def test_no_role_approves(role: str) -> None:
    assert not allows(role, "approve")
    assert Caller("1", "anna", "local", role=role, granted=frozenset({"approve"})).may("approve")


def test_a_role_in_one_project_is_none_in_another() -> None:
    anna = Caller("1", "anna", "local", project_roles={"a": "data_engineer", "b": "viewer"})
    assert anna.may("runs:start", "a")
    assert not anna.may("runs:start", "b")
    assert not anna.may("runs:start", "c")
    assert not anna.may("runs:start")


def test_a_role_in_the_organisation_counts_in_projects_only_for_administrators() -> None:
    assert Caller("1", "olga", "local", role="org_admin").may("projects:edit", "a")
    assert not Caller("1", "max", "local", role="project_manager").may("projects:edit", "a")


def test_a_limit_takes_away_and_never_gives() -> None:
    limited = Caller("1", "anna", "local", role="viewer", limit=frozenset({"projects:read", "projects:edit"}))
    assert limited.may("projects:read")
    assert not limited.may("projects:edit")
    assert not limited.may("schemas:read")


def test_everybody_may_manage_their_own_tokens() -> None:
    assert Caller("1", "anna", "local").may("tokens:own")
