"""Drop undo data whose time is over."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from ...kernel.bus import handles, prepares
from ...kernel.context import Context
from ...kernel.messages import Command
from ..connections import resolve_url
from .undo_data import ExpiredUndo, UndoData

if TYPE_CHECKING:
    from ...engine.ledger.expired import Expiry


class DropExpiredUndo(
    Command[ExpiredUndo], route="POST /connections/{connection_id}/drop-expired-undo", scope="runs:control"
):
    """Drop what a target keeps to take runs back, where it was to be kept until a day that is past; or say what that would drop.

    How long it is to be kept, the plan says (``undo_days``). Afterwards those runs can no longer be taken back where they met
    rows. What a run needs that has not ended, or whose undo has not, stays.

    connection_id: the target.
    ledger_schema: where it keeps the books.
    preview: only say what would be dropped.
    """

    connection_id: str
    ledger_schema: str = "dms_ledger"
    preview: bool = True


@prepares(DropExpiredUndo)
def drop_in_target(command: DropExpiredUndo, ctx: Context) -> list[Expiry]:
    """Look at the undo data, and drop what is to go; harmless when it is gone already."""
    from ...engine.databases.urls import database_for
    from ...engine.ledger.expired import drop_expired, expiries

    url = resolve_url(ctx, command.connection_id)
    options = {"ledger_schema": command.ledger_schema}
    with closing(database_for(url).open_target(url, create=False, options=options)) as target:
        return expiries(target, ctx.now) if command.preview else list(drop_expired(target, ctx.now))


@handles(DropExpiredUndo)
def drop_expired_undo(command: DropExpiredUndo, ctx: Context) -> ExpiredUndo:
    found: list[Expiry] = ctx.prepared
    seen = [UndoData(each.data.run_id, each.data.tables, each.data.kept_until, each.stays) for each in found]
    return ExpiredUndo(
        command.connection_id,
        command.preview,
        tuple(each for each in seen if not each.stays),
        tuple(each for each in seen if each.stays),
    )
