"""Under which snapshots of the source the rows of a run were read."""

from __future__ import annotations

from .ledger import Ledger


def snapshot_changes(ledger: Ledger) -> list[tuple[int, str]]:
    """Map number and position from which on a lane was read under a later snapshot than its beginning."""
    first = ledger.query(
        "SELECT map_no, lane_no, snapshot_id, min(chunk_no) FROM {chunks} WHERE run_id = ? GROUP BY map_no, lane_no, snapshot_id "
        "ORDER BY 1, 2, 4",
        (ledger.run_id,),
    )
    found, last = [], (-1, -1)
    for map_no, lane_no, _, chunk_no in first:
        if (map_no, lane_no) == last:
            position = ledger.query(
                "SELECT from_position FROM {chunks} WHERE run_id = ? AND map_no = ? AND lane_no = ? AND chunk_no = ?",
                (ledger.run_id, map_no, lane_no, chunk_no),
            )
            found.append((int(map_no), str(position[0][0])))
        last = (map_no, lane_no)
    return found


def snapshots(ledger: Ledger) -> int:
    """Under how many snapshots the rows of a run were read."""
    return int(
        ledger.query("SELECT count(DISTINCT snapshot_id) FROM {chunks} WHERE run_id = ?", (ledger.run_id,))[0][0]
    )
