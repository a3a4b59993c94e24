"""Values that a lossy rule of the mapping has changed, counted chunk by chunk in the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from .ledger import Checkpoint, Ledger

Changes = dict[int, Counter[tuple[str, str]]]
"""By map number: how many values of a target column a rule has changed."""


def enter_changes(ledger: Ledger, lane: Checkpoint, changes: Mapping[tuple[str, str], int]) -> None:
    """Enter what the rules changed in one chunk. Call in the transaction that writes its rows, before the checkpoint moves."""
    for (column, rule), values in changes.items():
        ledger.execute(
            "INSERT INTO {changes} (run_id, map_no, lane_no, chunk_no, column_name, rule_name, values_changed) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (ledger.run_id, lane.map_no, lane.lane_no, lane.chunk_no + 1, column, rule, values),
        )


def changes_of(ledger: Ledger) -> Changes:
    """What the rules changed in the run; nothing in a ledger that was made before there were such rules."""
    if not ledger.exists("changes"):
        return {}
    rows = ledger.query(
        "SELECT map_no, column_name, rule_name, sum(values_changed) FROM {changes} WHERE run_id = ? "
        "GROUP BY map_no, column_name, rule_name",
        (ledger.run_id,),
    )
    found: Changes = {}
    for map_no, column, rule, values in rows:
        found.setdefault(int(map_no), Counter())[column, rule] = int(values)
    return found
