"""Keep versions of mapping files. Their content travels in messages, paths never."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from annotated_types import Len

from ...engine.mapping.errors import InvalidMapping
from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Command, Query
from . import store
from .errors import MappingConflict, MappingNotFound, MappingVersionNotFound
from .model import MappingVersion

Name: TypeAlias = Annotated[str, Len(1, 200)]
Text: TypeAlias = Annotated[str, Len(1, 10_000_000)]


class SaveMapping(
    Command[MappingVersion],
    route="PUT /projects/{project_id}/mappings/{name}",
    scope="mappings:edit",
    raises=(MappingConflict, InvalidMapping),
):
    """Keep a mapping file's content as the newest version of its name; the same content again is the same version.

    project_id: the project it belongs to.
    name: what the mapping is called.
    text: the content of the file.
    based_on: the version the text was made from; what the file itself says if left out. If the newest version is
        another one, nothing is saved.
    """

    project_id: str
    name: Name
    text: Text
    based_on: str | None = None


@handles(SaveMapping)
def save_mapping(command: SaveMapping, ctx: Context) -> MappingVersion:
    from ...engine.mapping import mapping_sha, parse_mapping
    from .memory import contribute

    based_on = command.based_on or parse_mapping(command.text, path=command.name).based_on
    latest = store.latest(ctx.db, command.project_id, command.name)
    sha = mapping_sha(command.text)
    if latest is not None and latest.sha == sha:
        return latest
    if latest is not None and latest.sha != based_on:
        raise MappingConflict(
            project_id=command.project_id, name=command.name, based_on=based_on or "no version", latest=latest.sha
        )
    version = MappingVersion(
        project_id=command.project_id,
        name=command.name,
        sha=sha,
        number=1 if latest is None else latest.number + 1,
        based_on=based_on,
        saved_at=ctx.now,
        saved_by=ctx.caller.name,
        text=command.text,
    )
    store.add(ctx.db, id=ctx.new_id(), organisation_id=ctx.caller.organisation_id, **vars(version))
    contribute(ctx, command.project_id, command.name, command.text)
    return version


class GetMapping(
    Query[MappingVersion],
    route="GET /projects/{project_id}/mappings/{name}",
    scope="mappings:read",
    raises=(MappingNotFound, MappingVersionNotFound),
):
    """A version of a mapping, with its text.

    project_id: the project it belongs to.
    name: what the mapping is called.
    sha: the version, or the beginning of its SHA-256; the newest one if left out.
    """

    project_id: str
    name: str
    sha: Annotated[str, Len(4, 80)] | None = None


@handles(GetMapping)
def get_mapping(query: GetMapping, ctx: Context) -> MappingVersion:
    latest = store.latest(ctx.db, query.project_id, query.name)
    if latest is None:
        raise MappingNotFound(name=query.name)
    if query.sha is None:
        return latest
    sha = query.sha if query.sha.startswith("sha256:") else f"sha256:{query.sha}"
    found = store.version(ctx.db, query.project_id, query.name, sha)
    if found is None:
        raise MappingVersionNotFound(name=query.name, sha=query.sha)
    return found


class ListMappings(Query[list[MappingVersion]], route="GET /projects/{project_id}/mappings", scope="mappings:read"):
    """The newest version of each mapping of a project, by name, without texts.

    project_id: the project.
    """

    project_id: str


@handles(ListMappings)
def list_mappings(query: ListMappings, ctx: Context) -> list[MappingVersion]:
    return store.latest_of_each(ctx.db, query.project_id)


class ListMappingVersions(
    Query[list[MappingVersion]],
    route="GET /projects/{project_id}/mappings/{name}/versions",
    scope="mappings:read",
    raises=(MappingNotFound,),
):
    """All versions of a mapping, newest first, without texts.

    project_id: the project it belongs to.
    name: what the mapping is called.
    """

    project_id: str
    name: str


@handles(ListMappingVersions)
def list_mapping_versions(query: ListMappingVersions, ctx: Context) -> list[MappingVersion]:
    versions = store.history(ctx.db, query.project_id, query.name)
    if not versions:
        raise MappingNotFound(name=query.name)
    return versions
