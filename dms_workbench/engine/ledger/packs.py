"""Entries of many lanes at once, each of which is begun and done in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..databases.together import portions
from ..failpoints import reach
from .ledger import Accounts, Checkpoint, Ledger

ROWS_AT_A_TIME = 50
"""Rows of one INSERT: at fifteen values each they keep to the parameters that every database takes."""


@dataclass(frozen=True, slots=True)
class Packed:
    """One lane that is copied whole: ``done`` is where it stands at its end; accounts None where there was nothing to copy."""

    done: Checkpoint
    accounts: Accounts | None = None


def lanes_of_all(ledger: Ledger) -> dict[int, list[Checkpoint]]:
    """The lanes of every table map that were opened, in order, by map number."""
    rows = ledger.query(
        "SELECT map_no, lane_no, epoch, chunk_no, position, until_position, done FROM {checkpoints} "
        "WHERE run_id = ? ORDER BY map_no, lane_no",
        (ledger.run_id,),
    )
    found: dict[int, list[Checkpoint]] = {}
    for row in rows:
        found.setdefault(int(row[0]), []).append(
            Checkpoint(row[0], row[1], row[2], row[3], row[4], row[5], bool(row[6]))
        )
    return found


def enter_pack(ledger: Ledger, epoch: int, packed: Sequence[Packed], *, snapshot: str, at: str) -> None:
    """Enter lanes with their only chunks, all done. Call in the transaction that writes their rows.

    Raises LedgerConflict if another worker has taken the run over. Two workers of one epoch cannot both enter a lane: it has a key.
    """
    ledger.fence(epoch)
    chunks = [
        (
            ledger.run_id, of.done.map_no, of.done.lane_no, 1, epoch, "", of.done.position, of.accounts.read, of.accounts.written,
            of.accounts.filtered, of.accounts.quarantined, of.accounts.unchanged, of.accounts.merged, snapshot, at,
        )
        for of in packed
        if of.accounts is not None
    ]  # fmt: skip
    insert(
        ledger,
        "INSERT INTO {chunks} (run_id, map_no, lane_no, chunk_no, epoch, from_position, to_position, rows_read, rows_written, "
        "rows_filtered, rows_quarantined, rows_unchanged, rows_merged, snapshot_id, committed_at, transaction_id)",
        chunks,
        f", {ledger.target.can.ledger.transaction}",
    )
    for _ in chunks:
        reach("chunk.entered")
    insert(
        ledger,
        "INSERT INTO {checkpoints} (run_id, map_no, lane_no, epoch, chunk_no, position, until_position, done)",
        [
            (ledger.run_id, of.done.map_no, of.done.lane_no, epoch, of.done.chunk_no, of.done.position, of.done.until, 1)
            for of in packed
        ],
    )  # fmt: skip
    for _ in packed:
        reach("chunk.checkpoint-moved")


def enter_tables(ledger: Ledger, tables: Mapping[int, tuple[str, str, int, str]]) -> None:
    """As `Ledger.enter_table`, of many tables. tables: names of source and target, rows before and facts as JSON, by map number."""
    known = ledger.baselines()
    insert(
        ledger,
        "INSERT INTO {tables} (run_id, map_no, source_name, target_name, baseline_rows, facts)",
        [(ledger.run_id, map_no, *values) for map_no, values in tables.items() if map_no not in known],
    )


def insert(ledger: Ledger, into: str, rows: Sequence[Sequence[Any]], end: str = "") -> None:
    """Add rows, many with a statement. into: the statement up to VALUES; end: SQL that closes each row."""
    for portion in portions(rows, ROWS_AT_A_TIME):
        row = f"({', '.join('?' * len(portion[0]))}{end})"
        values = [value for each in portion for value in each]
        ledger.execute(f"{into} VALUES {', '.join([row] * len(portion))}", values)
