"""What a run has kept of its verification, so that a later one can tell which side has changed since."""

from __future__ import annotations

from collections.abc import Mapping

from .ledger import Ledger


def keep_fingerprints(ledger: Ledger, texts: Mapping[int, str]) -> None:
    """Keep what was verified last, by map number."""
    if not texts or not ledger.exists("fingerprints"):
        return
    with ledger.target.transaction():
        for map_no, text in texts.items():
            ledger.execute("DELETE FROM {fingerprints} WHERE run_id = ? AND map_no = ?", (ledger.run_id, map_no))
            ledger.execute(
                "INSERT INTO {fingerprints} (run_id, map_no, sums) VALUES (?, ?, ?)", (ledger.run_id, map_no, text)
            )


def fingerprints_of(ledger: Ledger) -> dict[int, str]:
    """What the run has kept, by map number; nothing in a ledger that was made before there were such."""
    if not ledger.exists("fingerprints"):
        return {}
    rows = ledger.query("SELECT map_no, sums FROM {fingerprints} WHERE run_id = ?", (ledger.run_id,))
    return {int(map_no): text for map_no, text in rows}
