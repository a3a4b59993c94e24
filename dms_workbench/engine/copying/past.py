"""What a run keeps of its verification in the ledger, and what a later verification knows by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ledger import Ledger
from ..ledger.fingerprints import fingerprints_of, keep_fingerprints

if TYPE_CHECKING:
    from ..verifying import Kept, Past


def past_of(ledger: Ledger | None, *, keeps: bool) -> tuple[Past, dict[int, Kept]]:
    """What the run has kept, and where what it is to keep now is gathered. ledger: None where there are no books."""
    from ..verifying import Kept, Past

    gathered: dict[int, Kept] = {}
    if keeps or ledger is None:
        return Past(keep=gathered.__setitem__ if keeps else None), gathered
    known: dict[int, Kept] = {}
    for map_no, text in fingerprints_of(ledger).items():
        try:
            known[map_no] = Kept.from_text(text)
        except (ValueError, KeyError):  # of another version: nothing is known
            continue
    return Past(known), gathered


def keep(ledger: Ledger, gathered: dict[int, Kept]) -> None:
    """Keep what was gathered, in one transaction, when nobody reads the target any more."""
    keep_fingerprints(ledger, {map_no: kept.as_text() for map_no, kept in gathered.items()})
