"""Making connections: by a person, or on the way from a URL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.databases.errors import InvalidUrl, OptionNotAllowed, UnknownDatabase
from ...engine.databases.urls import ConnectionUrl, normalise
from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Command
from ...kernel.secrets import Secret
from ..projects import GetProject, ProjectArchived
from . import store
from .addresses import check_permitted, check_usable, from_environment, from_parts
from .credentials import full_url, keep_password
from .errors import (
    ConnectionIncomplete,
    ConnectionNameTaken,
    InvalidConnectionName,
    OwnStoreRefused,
    UnknownConnection,
    VariableRefused,
)
from .model import SAVED_SIGN, Connection, Status, ad_hoc_name, checked_name, hide

URL_ERRORS = (InvalidUrl, OptionNotAllowed, UnknownDatabase, OwnStoreRefused, VariableRefused)


class CreateConnection(
    Command[Connection],
    route="POST /connections",
    scope="connections:edit",
    raises=(ConnectionNameTaken, InvalidConnectionName, ConnectionIncomplete, ProjectArchived, *URL_ERRORS),
):
    """Save a connection, from a URL, from an environment variable that holds one, or from its parts.

    project_id: the project's id or name.
    name: unique in the project.
    url: as SQLAlchemy writes them, or the path of a file. The password is sealed and never shown again;
        ``postgresql://me:${VARIABLE}@host/db`` takes it from the environment each time.
    environment: the name of an environment variable with such a URL, read now.
    database: postgres, sqlite or duckdb, when the connection is given in parts.
    host: of the server; port: 5432 unless said otherwise.
    user: on the server; password: sealed at once.
    database_name: on the server; path: of the file.
    production: runs that write to it may need the approval of a second person.
    """

    project_id: str
    name: str
    url: Secret[str] | None = None
    environment: str | None = None
    database: str | None = None
    host: str | None = None
    port: int | None = None
    user: str | None = None
    password: Secret[str] | None = None
    database_name: str | None = None
    path: str | None = None
    production: bool = False

    def __post_init__(self) -> None:
        """Hide what is secret before anything can show it."""
        hide(self, "url", "password")


@handles(CreateConnection)
def create_connection(command: CreateConnection, ctx: Context) -> Connection:
    project = ctx.bus.send(GetProject(command.project_id))
    if project.archived:
        raise ProjectArchived(name=project.name)
    name = checked_name(command.name)
    url = check_permitted(check_usable(given_url(command), ctx.db), ctx.caller)
    if store.find(ctx.db, command.project_id, name) is not None:
        raise ConnectionNameTaken(name=name)
    return enter(ctx, command.project_id, url, {"name": name, "production": command.production, "ad_hoc": False})


def given_url(command: CreateConnection) -> ConnectionUrl:
    """The URL that the command means. Raises ConnectionIncomplete and the errors of URLs."""
    if sum(given is not None for given in (command.url, command.environment, command.database)) != 1:
        raise ConnectionIncomplete(reason="give either url, or environment, or database and its parts")
    parts = ("host", "port", "user", "password", "database_name", "path")
    given: dict[str, Any] = {name: getattr(command, name) for name in parts if getattr(command, name) is not None}
    if command.database is not None:
        if command.password is not None:
            given["password"] = command.password.reveal()
        return from_parts(command.database, given)
    url = normalise(command.url.reveal()) if command.url else from_environment(command.environment or "")
    if given.keys() - {"password"}:
        raise ConnectionIncomplete(reason=f"{', '.join(given)} and a URL cannot be given at a time")
    return url.with_password(command.password.reveal()) if command.password else url


class EnsureConnection(
    Command[Connection],
    route="PUT /connections",
    scope="connections:edit",
    raises=(UnknownConnection, ProjectArchived, *URL_ERRORS),
):
    """Give the connection of a URL, made if there is none yet; ``@name`` gives the saved connection of that name.

    project_id: the project's id or name.
    url: a URL or path. Connections made here are known again by the URL without its password; a password that is
        given is kept in place of the one before.
    """

    project_id: str
    url: Secret[str]

    def __post_init__(self) -> None:
        """Hide the password in the URL before anything can show it."""
        hide(self, "url")


@handles(EnsureConnection)
def ensure_connection(command: EnsureConnection, ctx: Context) -> Connection:
    text = command.url.reveal().strip()
    if text.startswith(SAVED_SIGN):
        return saved(ctx, command.project_id, text.removeprefix(SAVED_SIGN))
    url = check_permitted(check_usable(normalise(text), ctx.db), ctx.caller)
    name = ad_hoc_name(url.without_secrets)
    found = store.find(ctx.db, command.project_id, name)
    if found is None:
        project = ctx.bus.send(GetProject(command.project_id))
        if project.archived:
            raise ProjectArchived(name=project.name)
        return enter(ctx, command.project_id, url, {"name": name, "production": False, "ad_hoc": True})
    if url.password is not None and full_url(ctx, found).password != url.password:
        keep_password(ctx, found.id, url)
        store.change(ctx.db, found.id, {"version": found.version + 1, "changed_at": ctx.now})
    return store.get(ctx.db, found.id)


def saved(ctx: Context, project_id: str, name: str) -> Connection:
    """The project's connection of a name. Raises UnknownConnection."""
    found = store.find(ctx.db, project_id, name)
    if found is None:
        raise UnknownConnection(name=name if checked_or_none(name) else "of that name")
    return found


def checked_or_none(name: str) -> str | None:
    """The name, if it obeys the rule."""
    try:
        return checked_name(name)
    except InvalidConnectionName:
        return None


def enter(ctx: Context, project_id: str, url: ConnectionUrl, values: Mapping[str, Any]) -> Connection:
    """Write a new connection and its sealed password."""
    connection_id = ctx.new_id()
    own = {
        "id": connection_id,
        "organisation_id": ctx.caller.organisation_id,
        "project_id": project_id,
        "database": url.database,
        "url": url.without_secrets,
        "status": Status.UNTESTED.value,
        "version": 1,
        "created_at": ctx.now,
        "created_by": ctx.caller.name,
        "changed_at": ctx.now,
    }
    store.insert(ctx.db, {**own, **values})
    keep_password(ctx, connection_id, url)
    return store.get(ctx.db, connection_id)
