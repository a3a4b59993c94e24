"""The people of a project."""

from __future__ import annotations

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Command, Query
from .. import access
from ..access import Member, UnknownRole, UnknownUser
from .change import changeable, noted
from .errors import ProjectArchived


class AddMember(
    Command[list[Member]],
    route="PUT /projects/{project_id}/members",
    scope="projects:share",
    raises=(UnknownRole, UnknownUser, ProjectArchived),
):
    """Add a user to a project, or give a member another role. Returns all members.

    project_id: the project's id or name.
    user: the user's name or id.
    role: project_manager, data_engineer, developer or viewer.
    """

    project_id: str
    user: str
    role: str = "viewer"


@handles(AddMember)
def add_member(command: AddMember, ctx: Context) -> list[Member]:
    project = changeable(ctx, command.project_id)
    name = access.set_member(ctx, project.id, command.user, command.role)
    noted(ctx, project, "member added", {"user": name, "role": command.role})
    return access.members_of(ctx, project.id)


class RemoveMember(
    Command[list[Member]],
    route="DELETE /projects/{project_id}/members/{user}",
    scope="projects:share",
    raises=(UnknownUser, ProjectArchived),
):
    """Take a user out of a project. Returns the members left.

    project_id: the project's id or name.
    user: the user's name or id.
    """

    project_id: str
    user: str


@handles(RemoveMember)
def remove_member(command: RemoveMember, ctx: Context) -> list[Member]:
    project = changeable(ctx, command.project_id)
    name = access.remove_member(ctx, project.id, command.user)
    noted(ctx, project, "member removed", {"user": name})
    return access.members_of(ctx, project.id)


class ListMembers(Query[list[Member]], route="GET /projects/{project_id}/members", scope="projects:read"):
    """List the members of a project and their roles.

    project_id: the project's id or name.
    """

    project_id: str


@handles(ListMembers)
def list_members(query: ListMembers, ctx: Context) -> list[Member]:
    return access.members_of(ctx, query.project_id)
