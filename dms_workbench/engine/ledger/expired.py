"""Undo data that were to be kept until a day that is past: nothing drops them by itself, and all of them go by one command."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from ..databases.base import Target
from ..databases.errors import RunLocked
from .images import UNDONE, UndoData, drop_undo_data, undo_data, undo_of
from .ledger import Ledger

ENDED = frozenset(("succeeded", "succeeded_with_quarantine", "differences", "not_verified", UNDONE))
"""How a run stands that writes no image any more."""
LOCK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Expiry:
    """The undo data of one run, and whether they may go."""

    data: UndoData
    stays: str
    """Why they stay; empty if they may go."""


def expiries(target: Target, at: datetime.datetime) -> list[Expiry]:
    """All undo data of a target, those that are kept longest last. at: with a time zone, the moment that decides."""
    found = [Expiry(data, why_it_stays(target, data, at)) for data in undo_data(target)]
    return sorted(found, key=lambda each: (until(each.data), each.data.run_id))


def until(data: UndoData) -> datetime.datetime:
    """The end of the time for which they are kept."""
    moment = datetime.datetime.fromisoformat(data.kept_until)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=datetime.UTC)


def why_it_stays(target: Target, data: UndoData, at: datetime.datetime) -> str:
    """Why undo data are not to be dropped by themselves at a moment; empty if they are."""
    if until(data) > at:
        return f"kept until {data.kept_until[:10]}"
    ledger = Ledger(target, data.run_id)
    run = ledger.run()
    if run is not None and run.status not in ENDED:
        return f"the run has not ended: it is {run.status}"
    undo_id = undo_of(ledger)
    undo = Ledger(target, undo_id).run() if undo_id is not None else None
    if undo is not None and undo.status != "succeeded":
        return f"its undo has not ended: it is {undo.status}"
    return ""


def drop_expired(target: Target, at: datetime.datetime) -> Iterator[Expiry]:
    """Drop the undo data whose time is over, run by run in a transaction each; gives all undo data as they are then.

    A run that somebody works on keeps its own. Raises the errors of a connection.
    """
    for each in expiries(target, at):
        if each.stays:
            yield each
            continue
        try:
            target.lock(f"dms:{each.data.run_id}", timeout_seconds=LOCK_SECONDS)
        except RunLocked:
            yield Expiry(each.data, "the run is under way")
            continue
        stays = why_it_stays(target, each.data, at)
        if not stays:
            drop_undo_data(target, each.data.run_id)
        yield Expiry(each.data, stays)
