"""The quarantine of a run: rows by cause, read in the order they were found, and what becomes of them in a replay."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ..databases.base import Reject, Target, Value
from .ledger import Checkpoint, Ledger, LedgerConflict, LedgerQuarantine
from .sealing import Opened, Seals, Spot, opened, sealed, sealed_start
from .values import decode_row

ROWS_IN_STATEMENT = 200
"""Rows entered or marked by one statement: far below any database's limit of parameters."""
PAGE_ROWS = 1_000
PAGE_BYTES = 8_000_000
"""What is read of the ledger at a time; a single row may be larger."""
FIELDS = "map_no, lane_no, chunk_no, row_no, row_key, row_values, source_name, column_name, code, reason"


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that were rejected for one reason: a table map, the column to blame (if one is) and a code."""

    map_no: int
    source: str
    column: str | None
    code: str
    open: int = 0
    """Rows still in quarantine."""
    replayed: int = 0
    """Rows that a replay has put through."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One quarantined row as it lies in the ledger."""

    spot: Spot
    key: str
    values: str
    source: str
    column: str | None
    code: str
    reason: str

    def opened(self, seals: Seals | None) -> Opened:
        """Its key and values. Raises QuarantineSealed, QuarantineDamaged."""
        return opened(self.spot, self.key, self.values, seals)

    def readable_key(self) -> dict[str, Value]:
        """Its key without opening anything; empty where the table has none and the row is sealed."""
        return decode_row(self.key)


@dataclass(frozen=True, slots=True)
class SealedCount:
    """How many rows of a source table of a run one key has sealed."""

    run_id: str
    table: str
    rows: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """A replay that has put rows of a table map through with expressions in place of the map's own."""

    run_id: str
    map_no: int
    expressions: dict[str, str]
    """By target column."""
    as_text: tuple[str, ...]
    """Source columns that the expressions are given as text, since they held what their type does not."""


def enter_quarantine(ledger: Ledger, lane: Checkpoint, rows: Sequence[LedgerQuarantine], seals: Seals | None) -> None:
    """Put rows into quarantine, many in a statement, sealed where there are keys. Call in the transaction of their chunk."""
    for at in range(0, len(rows), ROWS_IN_STATEMENT):
        part = rows[at : at + ROWS_IN_STATEMENT]
        ledger.execute(
            "INSERT INTO {quarantine} (run_id, map_no, lane_no, chunk_no, row_no, source_name, row_key, row_values, column_name, "
            f"code, reason) VALUES {', '.join(['(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'] * len(part))}",
            [field for row in part for field in entry(ledger, lane, row, seals)],
        )


def entry(ledger: Ledger, lane: Checkpoint, row: LedgerQuarantine, seals: Seals | None) -> tuple[Any, ...]:
    """The fields of one row."""
    spot = Spot(ledger.run_id, lane.map_no, lane.lane_no, lane.chunk_no + 1, row.row_no)
    kept = (row.key, row.values) if seals is None else sealed(spot, row.key, row.values, keyed=row.keyed, seals=seals)
    place = (spot.run_id, spot.map_no, spot.lane_no, spot.chunk_no, spot.row_no)
    return (*place, row.source, *kept, row.column, row.code, row.reason)


def groups(ledger: Ledger) -> list[Group]:
    """The causes of a run's rejects, in a fixed order; those without open rows too."""
    replayed = "sum(CASE WHEN replayed_by IS NULL THEN 0 ELSE 1 END)" if ledger.exists("images") else "0"
    rows = ledger.query(
        f"SELECT map_no, source_name, column_name, code, count(*), {replayed} FROM {{quarantine}} WHERE run_id = ? "
        "GROUP BY map_no, source_name, column_name, code",
        (ledger.run_id,),
    )
    found = [Group(int(row[0]), row[1], row[2], row[3], int(row[4]) - int(row[5]), int(row[5])) for row in rows]
    return sorted(found, key=lambda group: (group.map_no, group.column or "", group.code))


def rows_of(ledger: Ledger, group: Group, *, after: Sequence[int] = (-1, -1, -1)) -> Iterator[Kept]:
    """The open rows of a cause in the order they were found, behind a lane, chunk and row."""
    condition = "map_no = ? AND code = ? AND replayed_by IS NULL AND column_name"
    if group.column is None:
        return pages(ledger, f"{condition} IS NULL", (group.map_no, group.code), after)
    return pages(ledger, f"{condition} = ?", (group.map_no, group.code, group.column), after)


def open_rows(ledger: Ledger, map_no: int) -> Iterator[Kept]:
    """The rows of a table map that are in quarantine."""
    return pages(ledger, "map_no = ?" + ledger.open_only(), (map_no,))


def sealed_rows(target: Target, key_id: str) -> list[SealedCount]:
    """The rows in a target's ledger that a key has sealed, of all runs; those that were replayed since, too: verification opens
    them again.
    """
    ledger = Ledger(target)
    if not ledger.exists("quarantine"):
        return []
    start = sealed_start(key_id)
    rows = ledger.query(
        f"SELECT run_id, source_name, count(*) FROM {{quarantine}} WHERE substr(row_values, 1, {len(start)}) = ? "
        "GROUP BY run_id, source_name ORDER BY run_id, source_name",
        (start,),
    )
    return [SealedCount(run_id, table, int(count)) for run_id, table, count in rows]


def replayed_rows(ledger: Ledger, map_no: int, by: str) -> Iterator[Kept]:
    """The rows of a table map that a replay has put through."""
    return pages(ledger, "map_no = ? AND replayed_by = ?", (map_no, by))


def pages(
    ledger: Ledger, condition: str, parameters: Sequence[Any], after: Sequence[int] = (-1, -1, -1)
) -> Iterator[Kept]:
    """Rows of the quarantine that meet a condition, never many in memory."""
    lane, chunk, row = after
    where = f"run_id = ? AND {condition} AND (lane_no > ? OR (lane_no = ? AND (chunk_no > ? OR (chunk_no = ? AND row_no > ?))))"
    order = "ORDER BY lane_no, chunk_no, row_no LIMIT"
    while True:
        given = (ledger.run_id, *parameters, lane, lane, chunk, chunk, row)
        sizes = ledger.query(
            f"SELECT length(row_values) + length(row_key) FROM {{quarantine}} WHERE {where} {order} {PAGE_ROWS}", given
        )
        fit = fitting([int(size) for (size,) in sizes])
        if not fit:
            return
        for found in ledger.query(f"SELECT {FIELDS} FROM {{quarantine}} WHERE {where} {order} {fit}", given):
            spot = Spot(ledger.run_id, *map(int, found[:4]))
            lane, chunk, row = spot.lane_no, spot.chunk_no, spot.row_no
            yield Kept(spot, *found[4:])


def row_at(ledger: Ledger, offset: int) -> Kept:
    """The row of a run's quarantine at a place, in the order of `Ledger.quarantined`."""
    found = ledger.query(
        f"SELECT {FIELDS} FROM {{quarantine}} WHERE run_id = ?{ledger.open_only()} "
        f"ORDER BY map_no, lane_no, chunk_no, row_no LIMIT 1 OFFSET {int(offset)}",
        (ledger.run_id,),
    )[0]
    return Kept(Spot(ledger.run_id, *map(int, found[:4])), *found[4:])


def fitting(sizes: Sequence[int]) -> int:
    """How many of the first rows to read at once; one at least."""
    total = 0
    for number, size in enumerate(sizes):
        total += size
        if total > PAGE_BYTES and number:
            return number
    return len(sizes)


def mark_replayed(ledger: Ledger, spots: Sequence[Spot], by: str) -> None:
    """Write down which run has put rows through. Call in the transaction that writes them.

    Raises LedgerConflict unless exactly these rows were in quarantine.
    """
    for place, alike in groupby(spots, key=lambda spot: (spot.map_no, spot.lane_no, spot.chunk_no)):
        numbers = [spot.row_no for spot in alike]
        for at in range(0, len(numbers), ROWS_IN_STATEMENT):
            part = numbers[at : at + ROWS_IN_STATEMENT]
            marked = ledger.execute(
                "UPDATE {quarantine} SET replayed_by = ? WHERE run_id = ? AND map_no = ? AND lane_no = ? AND chunk_no = ? "
                f"AND row_no IN ({', '.join('?' * len(part))}) AND replayed_by IS NULL",
                (by, ledger.run_id, *place, *part),
            )
            if marked != len(part):
                raise LedgerConflict(run_id=ledger.run_id)


def reject_again(ledger: Ledger, spot: Spot, reject: Reject) -> None:
    """Write down why a row stays in quarantine. Call in the transaction of its chunk."""
    ledger.execute(
        "UPDATE {quarantine} SET column_name = ?, code = ?, reason = ? WHERE run_id = ? AND map_no = ? AND lane_no = ? "
        "AND chunk_no = ? AND row_no = ? AND replayed_by IS NULL",
        (
            reject.column, reject.code, reject.reason, spot.run_id, spot.map_no, spot.lane_no, spot.chunk_no, spot.row_no,
        ),
    )  # fmt: skip


def replays_with_expression(ledger: Ledger) -> list[Replayed]:
    """The replays of a run that had expressions of their own, oldest first; none in a ledger that was made before there were any."""
    if not ledger.exists("images"):
        return []
    rows = ledger.query(
        "SELECT run_id, mapping FROM {runs} WHERE parent_run_id = ? AND kind = 'replay' ORDER BY started_at, run_id",
        (ledger.run_id,),
    )
    found = [(run_id, json.loads(mapping)) for run_id, mapping in rows]
    return [
        Replayed(run_id, facts["map_no"], facts["expressions"], tuple(facts["as_text"]))
        for run_id, facts in found
        if facts["expressions"]
    ]
