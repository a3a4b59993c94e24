"""Lanes that are cut while their table is under way, and how large the last chunks of a table were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..databases.base import Position
from .ledger import Checkpoint, Ledger, LedgerConflict

CHUNKS_LOOKED_AT = 3


def cut_lane(ledger: Ledger, lane: Checkpoint, bounds: Sequence[Position]) -> list[Checkpoint]:
    """Let a lane that nobody copies end at the first bound, and enter lanes for the parts behind it; returns all of them.

    bounds: rising positions, all behind the lane's own and before its end. The parts are numbered after the table's other
    lanes. Raises LedgerConflict if the lane has moved meanwhile or another worker has taken the run over.
    """
    ends = [*bounds[1:], lane.until]
    with ledger.target.transaction():
        ledger.fence(lane.epoch)
        free = 1 + max(known.lane_no for known in ledger.lanes(lane.map_no))
        cut = ledger.execute(
            "UPDATE {checkpoints} SET until_position = ? WHERE run_id = ? AND map_no = ? AND lane_no = ? AND position = ? "
            "AND chunk_no = ? AND epoch = ? AND done = 0",
            (bounds[0], ledger.run_id, lane.map_no, lane.lane_no, lane.position, lane.chunk_no, lane.epoch),
        )
        if cut != 1:
            raise LedgerConflict(run_id=ledger.run_id)
        parts = [
            Checkpoint(lane.map_no, free + number, lane.epoch, position=start, until=end)
            for number, (start, end) in enumerate(zip(bounds, ends, strict=True))
        ]
        ledger.enter_lanes(parts)
    return [replace(lane, until=bounds[0]), *parts]


def last_chunk_rows(ledger: Ledger, map_no: int) -> int:
    """Rows of the largest of the last chunks of a table map, which earlier workers have committed; 0 if there are none."""
    rows = ledger.query(
        "SELECT rows_read FROM {chunks} WHERE run_id = ? AND map_no = ? ORDER BY committed_at DESC "
        f"LIMIT {CHUNKS_LOOKED_AT}",
        (ledger.run_id, map_no),
    )
    return max((int(row[0]) for row in rows), default=0)
