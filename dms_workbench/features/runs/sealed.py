"""Rows in quarantine that a master key still opens: found in the targets' ledgers before the key is forgotten."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from ...kernel.bus import prepares
from ...kernel.context import Context
from ...kernel.errors import WorkbenchError
from ..connections import ForgetKey, SealedRows, resolve_url
from ..plans import LedgerPlace, ledger_places
from . import store

if TYPE_CHECKING:
    from ...engine.ledger import SealedCount


@prepares(ForgetKey)
def rows_sealed(command: ForgetKey, ctx: Context) -> SealedRows:
    """Look into the ledgers of all runs of the store, whoever's they are: a master key is everybody's.

    Of another organisation's rows, or of a project that the caller does not see, only the number is told. A run that is
    under way may still put rows in quarantine with the key with which it was begun.
    """
    rows: dict[str, int] = {}
    unread: list[str] = []
    for place in ledger_places(ctx, store.plans_used(ctx.db)):
        try:
            found = sealed_in(ctx, place, command.key)
        except WorkbenchError:
            name = f"target {place.name}" if seen(ctx, place) else "a target that you may not see"
            unread.append(f"{name}, which does not answer")
            continue
        for each in found:
            name = (
                f"of {each.table} of run {each.run_id} in {place.name}"
                if seen(ctx, place)
                else "of a run that you may not see"
            )
            rows[name] = rows.get(name, 0) + each.rows
    unread += [f"run {run_id}, which is under way" for run_id in store.under_way(ctx.db)]
    return SealedRows(rows, tuple(dict.fromkeys(unread)))


def seen(ctx: Context, place: LedgerPlace) -> bool:
    """May the caller know of a ledger?"""
    return place.organisation_id == ctx.caller.organisation_id and ctx.caller.sees(place.project_id)


def sealed_in(ctx: Context, place: LedgerPlace, key: str) -> list[SealedCount]:
    """The rows of one ledger that a key has sealed. Raises the errors of connecting."""
    from ...engine.ledger import open_for_reading, sealed_rows

    url = resolve_url(ctx, place.connection_id)
    with closing(open_for_reading(url, place.ledger_schema)) as target:
        return sealed_rows(target, key)
