"""Changing and deleting connections."""

from __future__ import annotations

from typing import Any

from ...engine.databases.urls import ConnectionUrl, normalise
from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Command
from ...kernel.secrets import Secret
from . import store
from .addresses import check_permitted, check_usable
from .create import URL_ERRORS
from .credentials import keep_password
from .errors import ConnectionChanged, ConnectionInUse, ConnectionNameTaken, InvalidConnectionName, PasswordAgain
from .model import Connection, Status, checked_name, hide


class UpdateConnection(
    Command[Connection],
    route="PATCH /connections/{connection_id}",
    scope="connections:edit",
    raises=(ConnectionNameTaken, InvalidConnectionName, ConnectionChanged, PasswordAgain, *URL_ERRORS),
):
    """Change a connection's name, address or production mark; what is left out stays.

    connection_id: the connection's id or name.
    name: the new name.
    url: the new URL. To another host, user or option the password has to be given again: the stored one is not sent
        where its owner did not send it.
    production: whether runs that write to it may need an approval.
    expected_version: refuse when the connection is not at this version any more.
    """

    connection_id: str
    name: str | None = None
    url: Secret[str] | None = None
    production: bool | None = None
    expected_version: int | None = None

    def __post_init__(self) -> None:
        """Hide the password in the URL before anything can show it."""
        hide(self, "url")


@handles(UpdateConnection)
def update_connection(command: UpdateConnection, ctx: Context) -> Connection:
    connection = store.get_to_change(ctx.db, command.connection_id)
    if command.expected_version not in (None, connection.version):
        raise ConnectionChanged(name=connection.name, version=connection.version, expected=command.expected_version)
    values: dict[str, Any] = {}
    if command.name is not None and command.name != connection.name:
        values |= {"name": free_name(ctx, connection, command.name), "ad_hoc": False}
    if command.production is not None:
        values["production"] = command.production
    if command.url is not None:
        values |= moved(ctx, connection, normalise(command.url.reveal()))
    if values:
        store.change(ctx.db, connection.id, {**values, "version": connection.version + 1, "changed_at": ctx.now})
    return store.get(ctx.db, connection.id)


def free_name(ctx: Context, connection: Connection, name: str) -> str:
    """The new name. Raises InvalidConnectionName, ConnectionNameTaken."""
    if store.find(ctx.db, connection.project_id, checked_name(name)) is not None:
        raise ConnectionNameTaken(name=name)
    return name


def moved(ctx: Context, connection: Connection, url: ConnectionUrl) -> dict[str, Any]:
    """The columns of the new address; its password is kept at once. Raises PasswordAgain, OwnStoreRefused."""
    check_permitted(check_usable(url, ctx.db), ctx.caller)
    if url.password is not None or not connection.has_password:
        keep_password(ctx, connection.id, url)
    elif not same_server(normalise(connection.url), url):
        raise PasswordAgain(name=connection.name)
    return {
        "database": url.database,
        "url": url.without_secrets,
        "status": Status.UNTESTED.value,
        "tested_at": None,
        "problem": None,
    }


def same_server(one: ConnectionUrl, other: ConnectionUrl) -> bool:
    """Would a password meet the same server, for the same user, under the same protection?"""
    return (one.hosts, one.user, dict(one.options)) == (other.hosts, other.user, dict(other.options))


class DeleteConnection(
    Command[None], route="DELETE /connections/{connection_id}", scope="connections:edit", raises=(ConnectionInUse,)
):
    """Delete a connection and its password for good. The database it leads to is not touched.

    connection_id: the connection's id or name.
    """

    connection_id: str


@handles(DeleteConnection)
def delete_connection(command: DeleteConnection, ctx: Context) -> None:
    from sqlalchemy.exc import IntegrityError

    connection = store.get_to_change(ctx.db, command.connection_id)
    try:
        with ctx.db.begin_nested():
            store.remove(ctx.db, connection.id)
    except IntegrityError:
        raise ConnectionInUse(name=connection.name) from None
