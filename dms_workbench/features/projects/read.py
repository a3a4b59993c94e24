"""Reading projects, their history and versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.locators import Place, locates
from ...kernel.messages import Query
from ...kernel.paging import Limit, Offset, Page, page
from . import store
from .errors import UnknownVersion
from .model import Project, ProjectChange, State

if TYPE_CHECKING:
    from sqlalchemy import Connection


@locates("project_id")
def locate_project(db: Connection, organisation_id: str, name_or_id: str) -> Place | None:
    """A project is its own place, by id or name."""
    project = store.locate(db, organisation_id, name_or_id)
    return None if project is None else Place(project.id, project_id=project.id)


class GetProject(Query[Project], route="GET /projects/{project_id}", scope="projects:read"):
    """Show one project.

    project_id: the project's id or name.
    """

    project_id: str


@handles(GetProject)
def get_project(query: GetProject, ctx: Context) -> Project:
    return store.get(ctx.db, query.project_id)


class ListProjects(Query[Page[Project]], route="GET /projects", scope="projects:read"):
    """List your projects by name.

    state: only those in this state.
    archived: only archived ones (true) or only the others (false); left out, all.
    search: only those whose name or description holds these words.
    limit: projects on a page at most; offset: projects to leave out at the start.
    """

    state: State | None = None
    archived: bool | None = None
    search: str | None = None
    limit: Limit = 100
    offset: Offset = 0


@handles(ListProjects)
def list_projects(query: ListProjects, ctx: Context) -> Page[Project]:
    chosen = store.Filter(
        ctx.caller.organisation_id, ctx.caller.visible_projects, query.state, query.archived, query.search
    )
    projects, total = store.listed(ctx.db, chosen, query.limit, query.offset)
    return page(projects, total=total, offset=query.offset, limit=query.limit)


class ProjectHistory(Query[Page[ProjectChange]], route="GET /projects/{project_id}/history", scope="projects:read"):
    """List every change of a project, newest first.

    project_id: the project's id or name.
    limit: changes on a page at most; offset: changes to leave out at the start.
    """

    project_id: str
    limit: Limit = 100
    offset: Offset = 0


@handles(ProjectHistory)
def project_history(query: ProjectHistory, ctx: Context) -> Page[ProjectChange]:
    changes, total = store.history(ctx.db, query.project_id, query.limit, query.offset)
    return page(changes, total=total, offset=query.offset, limit=query.limit)


class GetProjectVersion(
    Query[Project],
    route="GET /projects/{project_id}/versions/{version}",
    scope="projects:read",
    raises=(UnknownVersion,),
):
    """Show a project as it was at one of its versions.

    project_id: the project's id or name.
    version: 1 for the project as created; each change adds one.
    """

    project_id: str
    version: Annotated[int, Ge(1)]


@handles(GetProjectVersion)
def get_project_version(query: GetProjectVersion, ctx: Context) -> Project:
    found = store.version(ctx.db, query.project_id, query.version)
    if found is None:
        project = store.get(ctx.db, query.project_id)
        raise UnknownVersion(name=project.name, version=query.version, newest=project.version)
    return found
