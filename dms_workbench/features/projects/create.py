"""Making a project."""

from __future__ import annotations

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.events import Event, publish
from ...kernel.messages import Command
from .. import access
from . import store
from .errors import InvalidProjectName, ProjectNameTaken
from .model import DEFAULT, Description, Project, ProjectChange, State, checked_name

MANAGER = "project_manager"


class ProjectCreated(Event):
    """A project was created."""

    project_id: str
    name: str


class CreateProject(
    Command[Project],
    route="POST /projects",
    scope="projects:create",
    raises=(ProjectNameTaken, InvalidProjectName),
):
    """Create a project; you become its manager.

    name: unique in the organisation; 1 to 100 letters, digits, hyphens or underscores.
    description: what it is for, at most 500 characters.
    """

    name: str
    description: Description = ""


@handles(CreateProject)
def create_project(command: CreateProject, ctx: Context) -> Project:
    name = checked_name(command.name)
    if store.locate(ctx.db, ctx.caller.organisation_id, name) is not None:
        raise ProjectNameTaken(name=name)
    project = Project(
        id=ctx.new_id(),
        name=name,
        description=command.description,
        state=State.DRAFT,
        archived=False,
        version=1,
        created_at=ctx.now,
        created_by=ctx.caller.name,
        changed_at=ctx.now,
    )
    enter(project, ctx)
    return project


def enter(project: Project, ctx: Context) -> None:
    """Write the new project, its first version, its first member and the event."""
    organisation_id = ctx.caller.organisation_id
    first = {"name": project.name, "description": project.description}
    store.insert(ctx.db, organisation_id, project)
    store.add_change(
        ctx.db, organisation_id, project, ProjectChange(1, ctx.now, ctx.caller.name, "created", details=first)
    )
    access.set_member(ctx, project.id, ctx.caller.user_id, MANAGER)
    publish(ctx, ProjectCreated(project.id, project.name))


class EnsureProject(Command[Project], route="PUT /projects", scope="projects:create", raises=(InvalidProjectName,)):
    """Give the project of this name, created if there is none yet.

    name: the project's name.
    """

    name: str = DEFAULT


@handles(EnsureProject)
def ensure_project(command: EnsureProject, ctx: Context) -> Project:
    found = store.locate(ctx.db, ctx.caller.organisation_id, checked_name(command.name))
    return found or ctx.bus.send(CreateProject(command.name))
