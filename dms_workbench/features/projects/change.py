"""Changing a project: description, name, state, archive; and deleting it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.events import Event, publish
from ...kernel.messages import Command
from .. import access
from . import store
from .errors import (
    IllegalTransition,
    InvalidProjectName,
    ProjectArchived,
    ProjectChanged,
    ProjectNameTaken,
    ProjectNotArchived,
    ReasonNeeded,
)
from .model import Description, Project, ProjectChange, Reason, State, check_transition, checked_name, difference


class ProjectStateChanged(Event):
    """A project went from one state to another."""

    project_id: str
    before: str
    after: str


class ProjectDeleted(Event):
    """A project was deleted for good."""

    project_id: str
    name: str


class UpdateProject(
    Command[Project],
    route="PATCH /projects/{project_id}",
    scope="projects:edit",
    raises=(ProjectNameTaken, InvalidProjectName, ProjectArchived, ProjectChanged),
):
    """Change a project's name or description; what is left out stays.

    project_id: the project's id or name.
    name: the new name.
    description: the new description, at most 500 characters.
    expected_version: refuse when the project is not at this version any more.
    """

    project_id: str
    name: str | None = None
    description: Description | None = None
    expected_version: int | None = None


@handles(UpdateProject)
def update_project(command: UpdateProject, ctx: Context) -> Project:
    project = changeable(ctx, command.project_id)
    if command.expected_version not in (None, project.version):
        raise ProjectChanged(name=project.name, version=project.version, expected=command.expected_version)
    changed = project
    if command.name is not None:
        changed = replace(changed, name=free_name(ctx, command.name, project))
    if command.description is not None:
        changed = replace(changed, description=command.description)
    return saved(ctx, project, changed, "updated")


class ChangeProjectState(
    Command[Project],
    route="POST /projects/{project_id}/state",
    scope="projects:edit",
    raises=(IllegalTransition, ReasonNeeded, ProjectArchived),
):
    """Move a project on: draft to in_progress, in_progress to completed or failed, and back to in_progress.

    project_id: the project's id or name.
    state: the new state.
    reason: why; needed to open a completed project again.
    """

    project_id: str
    state: State
    reason: Reason = ""


@handles(ChangeProjectState)
def change_project_state(command: ChangeProjectState, ctx: Context) -> Project:
    project = changeable(ctx, command.project_id)
    check_transition(project, command.state, command.reason)
    changed = saved(ctx, project, replace(project, state=command.state), "state changed", reason=command.reason)
    publish(ctx, ProjectStateChanged(project.id, project.state.value, changed.state.value))
    return changed


class ArchiveProject(Command[Project], route="POST /projects/{project_id}/archive", scope="projects:edit"):
    """Put a project away: it stays readable, is not changed any more, and can be deleted.

    project_id: the project's id or name.
    """

    project_id: str


@handles(ArchiveProject)
def archive_project(command: ArchiveProject, ctx: Context) -> Project:
    project = store.get_to_change(ctx.db, command.project_id)
    return saved(ctx, project, replace(project, archived=True), "archived")


class UnarchiveProject(Command[Project], route="POST /projects/{project_id}/unarchive", scope="projects:edit"):
    """Take a project out of the archive.

    project_id: the project's id or name.
    """

    project_id: str


@handles(UnarchiveProject)
def unarchive_project(command: UnarchiveProject, ctx: Context) -> Project:
    project = store.get_to_change(ctx.db, command.project_id)
    return saved(ctx, project, replace(project, archived=False), "unarchived")


class DeleteProject(
    Command[None], route="DELETE /projects/{project_id}", scope="projects:delete", raises=(ProjectNotArchived,)
):
    """Delete an archived project for good, with its history. The audit keeps its entries.

    project_id: the project's id or name.
    """

    project_id: str


@handles(DeleteProject)
def delete_project(command: DeleteProject, ctx: Context) -> None:
    project = store.get_to_change(ctx.db, command.project_id)
    if not project.archived:
        raise ProjectNotArchived(name=project.name)
    access.remove_members(ctx, project.id)
    store.remove(ctx.db, project.id)
    publish(ctx, ProjectDeleted(project.id, project.name))


def changeable(ctx: Context, project_id: str) -> Project:
    """The project, locked. Raises ProjectArchived."""
    project = store.get_to_change(ctx.db, project_id)
    if project.archived:
        raise ProjectArchived(name=project.name)
    return project


def free_name(ctx: Context, name: str, project: Project) -> str:
    """The new name, if it obeys the rule and no other project has it. Raises InvalidProjectName, ProjectNameTaken."""
    holder = store.locate(ctx.db, ctx.caller.organisation_id, checked_name(name))
    if holder is not None and holder.id != project.id:
        raise ProjectNameTaken(name=name)
    return name


def saved(ctx: Context, before: Project, after: Project, what: str, **details: str) -> Project:
    """The changed project, written with its next version; nothing is written when nothing changed."""
    touched = difference(before, after)
    if not touched:
        return before
    return noted(ctx, after, what, touched | {name: text for name, text in details.items() if text})


def noted(ctx: Context, project: Project, what: str, details: dict[str, Any]) -> Project:
    """The project at its next version, and the change that made it."""
    current = replace(project, version=project.version + 1, changed_at=ctx.now)
    store.save(ctx.db, current)
    change = ProjectChange(current.version, ctx.now, ctx.caller.name, what, details)
    store.add_change(ctx.db, ctx.caller.organisation_id, current, change)
    return current
