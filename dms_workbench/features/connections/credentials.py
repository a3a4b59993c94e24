"""Passwords of connections: sealed here, opened only for whoever connects."""

from __future__ import annotations

from ...engine.databases.urls import ConnectionUrl, normalise
from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.master_keys import check_forgettable, forget_master_key, key_ring, rotate_master_key
from ...kernel.messages import Command
from ...kernel.sealing import keys_for, rewrap, seal, unseal
from ...kernel.secrets import Secret
from . import store
from .addresses import check_usable
from .errors import KeyOpensRows, PasswordUseless, RowsNotLookedFor, VariableRefused
from .model import Connection, KeyRotation, SealedRows, Status, hide


class RotateCredential(
    Command[Connection],
    route="POST /connections/{connection_id}/rotate",
    scope="connections:edit",
    raises=(PasswordUseless, VariableRefused),
):
    """Replace a connection's password. The one before is gone for good; test the connection afterwards.

    connection_id: the connection's id or name.
    password: the new password, or ``${VARIABLE}`` to take it from the environment each time.
    """

    connection_id: str
    password: Secret[str]

    def __post_init__(self) -> None:
        """Hide the password before anything can show it."""
        hide(self, "password")


@handles(RotateCredential)
def rotate_credential(command: RotateCredential, ctx: Context) -> Connection:
    connection = store.get_to_change(ctx.db, command.connection_id)
    url = normalise(connection.url)
    if url.is_file:
        raise PasswordUseless(name=connection.name)
    url = check_usable(url.with_password(command.password.reveal()), ctx.db)
    values = {"status": Status.UNTESTED.value, "tested_at": None, "problem": None}
    store.change(ctx.db, connection.id, {**values, "version": connection.version + 1, "changed_at": ctx.now})
    keep_password(ctx, connection.id, url)
    return store.get(ctx.db, connection.id)


class RotateKeys(Command[KeyRotation], route="POST /connections/keys/rotate", scope="connections:edit"):
    """Make a new master key and wrap every stored secret's key with it. Connections go on working meanwhile.

    Old keys stay until ``dms connections forget-key`` removes them.
    """


@handles(RotateKeys)
def rotate_keys(_: RotateKeys, ctx: Context) -> KeyRotation:
    ring = rotate_master_key()
    held = store.seals(ctx.db, ctx.caller.organisation_id)
    for connection_id, sealed, place in held:
        store.put_seal(ctx.db, connection_id, rewrap(sealed, place, ring), place.version)
    used = store.seals_by_key(ctx.db)
    unused = sorted(key for key in ring.keys if key != ring.current and key not in used)
    return KeyRotation(ring.current, len(held), tuple(unused))


class ForgetKey(
    Command[None],
    route="POST /connections/keys/forget",
    scope="connections:edit",
    raises=(KeyOpensRows, RowsNotLookedFor),
):
    """Remove an old master key that no secret needs any more, for good.

    The ledgers in the targets of all runs are looked into first: while the key opens rows in quarantine there, a target does
    not answer, or a run is under way, it is kept.

    key: its id, as the rotation told it.
    with_quarantine: also where rows in quarantine can then never be read, replayed or verified again.
    """

    key: str
    with_quarantine: bool = False


@handles(ForgetKey)
def forget_key(command: ForgetKey, ctx: Context) -> None:
    check_forgettable(command.key, store.seals_by_key(ctx.db))
    found: SealedRows = ctx.prepared
    if found.rows and not command.with_quarantine:
        said = ", ".join(f"{count:,} {'row' if count == 1 else 'rows'} {place}" for place, count in found.rows.items())
        raise KeyOpensRows(key_id=command.key, rows=said)
    if found.unread and not command.with_quarantine:
        raise RowsNotLookedFor(key_id=command.key, places=", ".join(found.unread))
    forget_master_key(command.key, store.seals_by_key(ctx.db))


def keep_password(ctx: Context, connection_id: str, url: ConnectionUrl) -> None:
    """Seal the URL's password for the connection; a reference is kept as it is, and none drops the one before."""
    store.change(ctx.db, connection_id, {"password_variable": url.password_variable})
    if url.password is None or url.password_variable is not None:
        store.drop_seal(ctx.db, connection_id)
        return
    place = store.next_place(ctx.db, connection_id)
    ring = key_ring(create=not store.seals_by_key(ctx.db))
    store.put_seal(ctx.db, connection_id, seal(url.password, place, ring), place.version)


def connection_name(ctx: Context, connection_id: str) -> str:
    """What a connection is called, of whatever project; for whoever has looked whether it may be told."""
    return store.get(ctx.db, connection_id).name


def full_url(ctx: Context, connection: Connection) -> ConnectionUrl:
    """The connection's URL with its password. Raises KeyMissing, SealBroken, OwnStoreRefused."""
    url = check_usable(normalise(connection.url), ctx.db)
    if connection.password_variable is not None:
        return url.with_password("${" + connection.password_variable + "}")
    kept = store.sealed_password(ctx.db, connection.id)
    return url if kept is None else url.with_password(unseal(*kept, key_ring()))


def resolve_url(ctx: Context, connection_id: str) -> str:
    """The URL to connect with, password included: for workers and handlers, never part of an answer.

    connection_id: an id that was checked already. A reference to the environment stays one until the connection opens.
    Raises KeyMissing, KeyUnusable, SealBroken, OwnStoreRefused.
    """
    return full_url(ctx, store.get(ctx.db, connection_id)).with_secrets


def purpose_keys(ctx: Context, purpose: str) -> tuple[str, dict[str, bytes]]:
    """Keys for something else that must be sealed, by the master keys' ids, and the id of the current one.

    The first master key is made where there is none and nothing is sealed yet. Raises KeyUnusable.
    """
    ring = key_ring(create=not store.seals_by_key(ctx.db))
    return ring.current, keys_for(purpose, ring)
