"""The proof of an undo: rows and objects of the target against what was noted of them before the run."""

from __future__ import annotations

from ...databases.base import Target
from ...databases.catalogue import Catalogue
from ...ledger import Ledger
from ...ledger.images import Rows, rows_of_table, state_before
from ...ledger.marks import marks_of
from ..marking import marks_before
from .result import Structure
from .rows import Place

NOT_NOTED = "the rows before the run were counted but not hashed; there are {count:,} now, and there were {before:,}"
OTHERS = (
    "{count:,} rows now, {before:,} before: rows of others are among them; each row of the run was looked at by itself"
)
CHANGED = "{count:,} rows as before, but others have changed some; each row of the run was looked at by itself"


def proved_rows(ledger: Ledger, place: Place, baseline: int, touched: bool) -> str:
    """What comparing a table with its state before the run shows. Reads all its rows.

    baseline: rows there were; touched: did the run come to write into it?
    """
    if not touched:
        return "the run had not written into it"
    target: Target = place.target
    before = state_before(ledger, place.table.map_no)
    now = rows_of_table(target, place.sql)
    if before is None and baseline:
        return NOT_NOTED.format(count=now.count, before=baseline)
    before = before or Rows()
    if now == before:
        return f"equal to before by count and hash: {now.count:,} rows" if now.count else "empty, as before"
    return (CHANGED if now.count == before.count else OTHERS).format(count=now.count, before=before.count)


def proved_structure(ledger: Ledger, catalogue: Catalogue) -> Structure:
    """What comparing all objects with those before the run shows."""
    before = marks_of(ledger, "before")
    if before is None:
        return Structure(0, known=False)
    now = marks_before(catalogue)
    different = [
        f"{called(place)}: {word(place, before, now)}"
        for place in sorted({**before, **now})
        if before.get(place) != now.get(place)
    ]
    return Structure(sum(now.get(place) == mark for place, mark in before.items()), tuple(different))


def called(place: str) -> str:
    """An object by its kind and name."""
    kind, _, name = place.split("\t", 2)
    return f"{kind} {name}"


def word(place: str, before: dict[str, str], now: dict[str, str]) -> str:
    """How an object differs."""
    if place not in before:
        return "was not there before"
    return "differs from before" if place in now else "is not there any more"
