"""The books, kept in the target: what a run did, where each lane stands, what became of each row.

A chunk's rows, its ledger row, its quarantined rows and the lane's checkpoint commit in one
transaction of the target. A checkpoint moves only by compare-and-set on position and epoch, so neither a worker that
wakes up late nor a COMMIT still in flight can write a chunk twice.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...kernel.errors import WorkbenchError
from ..databases.base import Position
from .sealing import Seals
from .tables import FORMAT, LedgerTables

FINISHED = ("succeeded", "succeeded_with_quarantine")


class LedgerConflict(
    WorkbenchError,
    code="ledger-conflict",
    status=409,
    safe="This chunk was rolled back: nothing was written twice.",
    next="dms status {run_id}",
):
    """Another worker has taken over run {run_id}, or moved its checkpoint: this one stops."""


@dataclass(frozen=True, slots=True)
class LedgerRun:
    """A run as the ledger knows it."""

    run_id: str
    resume_key: str
    selection: str
    status: str
    epoch: int
    finished_at: str
    mapping: str
    result: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where one lane of one table map stands: chunks committed, the position of the last row, and the end of its range."""

    map_no: int
    lane_no: int
    epoch: int
    chunk_no: int = 0
    position: Position = ""
    until: Position = ""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Accounts:
    """Rows by account."""

    read: int = 0
    written: int = 0
    filtered: int = 0
    quarantined: int = 0
    unchanged: int = 0
    merged: int = 0


@dataclass(frozen=True, slots=True)
class LedgerQuarantine:
    """One quarantined row with all its values, for the ledger only."""

    row_no: int
    source: str
    key: str
    values: str
    column: str | None
    code: str
    reason: str
    keyed: bool = True
    """False where the source has no key, so that ``key`` holds all values."""


class Ledger(LedgerTables):
    """The ledger of one target, for one run. Not for two threads at a time; each lane makes its own on its own connection."""

    def runs_of(self, source_identity: str, target_identity: str) -> list[LedgerRun]:
        """Copies between two databases, newest first; none if there is no ledger.

        Runs that stem from a copy (undo, replay, repair) have a colon in their resume key, and are left out.
        """
        if not self.exists():
            return []
        rows = self.query(
            "SELECT run_id, resume_key, selection, status, epoch, coalesce(finished_at, ''), mapping, coalesce(result, '') FROM {runs} "
            "WHERE source_identity = ? AND target_identity = ? ORDER BY started_at DESC, run_id DESC",
            (source_identity, target_identity),
        )
        return [LedgerRun(*row) for row in rows if ":" not in row[1]]

    def run(self) -> LedgerRun | None:
        """This run, if the ledger has it."""
        rows = self.query(
            "SELECT run_id, resume_key, selection, status, epoch, coalesce(finished_at, ''), mapping, coalesce(result, '') "
            "FROM {runs} WHERE run_id = ?",
            (self.run_id,),
        )
        return LedgerRun(*rows[0]) if rows else None

    def begin(  # noqa: PLR0913  what a run is known by
        self,
        *,
        resume_key: str,
        identities: tuple[str, str],
        selection: str,
        mapping: str,
        at: str,
        kind: str = "copy",
        mode: str = "create",
        parent_run_id: str | None = None,
    ) -> None:
        """Enter the run. Call in a transaction, together with the tables it makes."""
        self.execute(
            "INSERT INTO {runs} (run_id, resume_key, source_identity, target_identity, selection, status, epoch, format, started_at, "
            "mapping, kind, mode, parent_run_id) VALUES (?, ?, ?, ?, ?, 'running', 0, ?, ?, ?, ?, ?, ?)",
            (self.run_id, resume_key, *identities, selection, FORMAT, at, mapping, kind, mode, parent_run_id),
        )

    def enter_table(
        self, map_no: int, names: tuple[str, str], baseline_rows: int, facts: dict[str, Any] | None = None
    ) -> None:
        """Note how many rows a target table had before the run, and what else an undo has to know; what is noted stays.

        names: of the source and the target.
        """
        if not self.query("SELECT 1 FROM {tables} WHERE run_id = ? AND map_no = ?", (self.run_id, map_no)):
            self.execute(
                "INSERT INTO {tables} (run_id, map_no, source_name, target_name, baseline_rows, facts) VALUES (?, ?, ?, ?, ?, ?)",
                (self.run_id, map_no, *names, baseline_rows, json.dumps(facts or {})),
            )

    def facts(self) -> dict[int, dict[str, Any]]:
        """What was noted of each table map, by map number."""
        rows = self.query("SELECT map_no, facts FROM {tables} WHERE run_id = ?", (self.run_id,))
        return {int(map_no): json.loads(facts or "{}") for map_no, facts in rows}

    def add_facts(self, map_no: int, facts: dict[str, Any]) -> None:
        """Note more of a table map. Call in a transaction."""
        known = self.facts().get(map_no, {})
        self.execute(
            "UPDATE {tables} SET facts = ? WHERE run_id = ? AND map_no = ?",
            (json.dumps({**known, **facts}), self.run_id, map_no),
        )

    def baselines(self) -> dict[int, int]:
        """Rows each target table had before the run, by map number."""
        return dict(self.query("SELECT map_no, baseline_rows FROM {tables} WHERE run_id = ?", (self.run_id,)))

    def take_over(self) -> int:
        """Raise the run's epoch, so that any earlier worker's next commit fails; returns the new epoch."""
        with self.target.transaction():
            self.execute(
                "UPDATE {runs} SET epoch = epoch + 1, status = 'running', finished_at = NULL WHERE run_id = ?",
                (self.run_id,),
            )
            self.execute("UPDATE {checkpoints} SET epoch = epoch + 1 WHERE run_id = ?", (self.run_id,))
            epoch = int(self.query("SELECT epoch FROM {runs} WHERE run_id = ?", (self.run_id,))[0][0])
            self.execute("UPDATE {checkpoints} SET epoch = ? WHERE run_id = ?", (epoch, self.run_id))
        return epoch

    def lanes(self, map_no: int) -> list[Checkpoint]:
        """The lanes of a table map that were opened, in order."""
        rows = self.query(
            "SELECT map_no, lane_no, epoch, chunk_no, position, until_position, done FROM {checkpoints} "
            "WHERE run_id = ? AND map_no = ? ORDER BY lane_no",
            (self.run_id, map_no),
        )
        return [Checkpoint(row[0], row[1], row[2], row[3], row[4], row[5], bool(row[6])) for row in rows]

    def open_lanes(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Enter the lanes of a table map, all at once. Raises LedgerConflict if another worker has taken the run over."""
        with self.target.transaction():
            for epoch in {lane.epoch for lane in checkpoints}:
                self.fence(epoch)
            self.enter_lanes(checkpoints)

    def enter_lanes(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Enter lanes, in a transaction that has fenced their epoch."""
        for lane in checkpoints:
            self.execute(
                "INSERT INTO {checkpoints} (run_id, map_no, lane_no, epoch, chunk_no, position, until_position, done) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
                (self.run_id, lane.map_no, lane.lane_no, lane.epoch, lane.chunk_no, lane.position, lane.until),
            )

    def enter(self, lane: Checkpoint, to: Position, accounts: Accounts, *, snapshot: str, at: str) -> None:
        """Enter one chunk. Call in the transaction that writes its rows."""
        self.execute(
            "INSERT INTO {chunks} (run_id, map_no, lane_no, chunk_no, epoch, from_position, to_position, rows_read, rows_written, "
            "rows_filtered, rows_quarantined, rows_unchanged, rows_merged, snapshot_id, committed_at, transaction_id) "
            f"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {self.target.can.ledger.transaction})",
            (
                self.run_id, lane.map_no, lane.lane_no, lane.chunk_no + 1, lane.epoch, lane.position, to, accounts.read,
                accounts.written, accounts.filtered, accounts.quarantined, accounts.unchanged, accounts.merged, snapshot, at,
            ),
        )  # fmt: skip

    def quarantine(self, lane: Checkpoint, rows: Sequence[LedgerQuarantine], seals: Seals | None = None) -> None:
        """As `enter_quarantine`. Call in the transaction of their chunk."""
        from .quarantine import enter_quarantine

        enter_quarantine(self, lane, rows, seals)

    def advance(self, lane: Checkpoint, to: Position, *, done: bool = False) -> Checkpoint:
        """Move a lane's checkpoint by compare-and-set. Raises LedgerConflict unless exactly one row was hit."""
        moved = self.execute(
            "UPDATE {checkpoints} SET position = ?, chunk_no = ?, done = ? "
            "WHERE run_id = ? AND map_no = ? AND lane_no = ? AND position = ? AND chunk_no = ? AND epoch = ? AND done = 0",
            (
                to, lane.chunk_no + 1, int(done), self.run_id, lane.map_no, lane.lane_no, lane.position, lane.chunk_no, lane.epoch,
            ),
        )  # fmt: skip
        if moved != 1:
            raise LedgerConflict(run_id=self.run_id)
        return replace(lane, position=to, chunk_no=lane.chunk_no + 1, done=done)

    def accounts(self) -> dict[int, Accounts]:
        """What the chunks of each table map add up to, by map number; rows that replays put through are where they went."""
        found = self.sums("run_id = ?")
        replays = self.sums("run_id IN (SELECT run_id FROM {runs} WHERE parent_run_id = ? AND kind = 'replay')")
        for map_no, moved in replays.items():
            before = found.get(map_no, Accounts())
            found[map_no] = Accounts(
                before.read,
                before.written + moved.written,
                before.filtered + moved.filtered,
                before.quarantined - moved.read + moved.quarantined,
                before.unchanged + moved.unchanged,
                before.merged + moved.merged,
            )
        return found

    def sums(self, which: str) -> dict[int, Accounts]:
        """What the chunks of some runs add up to, by map number. which: a condition with one parameter, this run's id."""
        wide = self.exists("images")
        if not wide and "parent_run_id" in which:
            return {}
        later = ", coalesce(sum(rows_unchanged), 0), coalesce(sum(rows_merged), 0)" if wide else ""
        rows = self.query(
            "SELECT map_no, sum(rows_read), sum(rows_written), sum(rows_filtered), sum(rows_quarantined)"
            f"{later} FROM {{chunks}} WHERE {which} GROUP BY map_no",
            (self.run_id,),
        )
        return {int(row[0]): Accounts(*(int(count) for count in row[1:])) for row in rows}

    def open_only(self) -> str:
        """The condition that a row is still in quarantine, to stand behind others."""
        return " AND replayed_by IS NULL" if self.exists("images") else ""

    def quarantine_count(self) -> int:
        """Rows in quarantine."""
        count = f"SELECT count(*) FROM {{quarantine}} WHERE run_id = ?{self.open_only()}"
        return int(self.query(count, (self.run_id,))[0][0])

    def quarantined(
        self, *, offset: int = 0, limit: int = 1_000
    ) -> list[tuple[str, dict[str, Any], str | None, str, str]]:
        """Source table, key, column, code and reason of quarantined rows, in the order they were found.

        The key is empty where the table has none and the row is sealed.
        """
        rows = self.query(
            f"SELECT source_name, row_key, column_name, code, reason FROM {{quarantine}} WHERE run_id = ?{self.open_only()} "
            f"ORDER BY map_no, lane_no, chunk_no, row_no LIMIT {int(limit)} OFFSET {int(offset)}",
            (self.run_id,),
        )
        return [(row[0], json.loads(row[1]), row[2], row[3], row[4]) for row in rows]

    def fence(self, epoch: int) -> None:
        """Raise LedgerConflict unless the run is still in this epoch; to the transaction's end nobody takes it over."""
        if self.execute("UPDATE {runs} SET epoch = ? WHERE run_id = ? AND epoch = ?", (epoch, self.run_id, epoch)) != 1:
            raise LedgerConflict(run_id=self.run_id)

    def finish(self, epoch: int, status: str, result: str, at: str) -> None:
        """Enter how the run ended. Raises LedgerConflict if another worker has taken it over since this epoch."""
        with self.target.transaction():
            self.fence(epoch)
            self.execute(
                "UPDATE {runs} SET status = ?, result = ?, finished_at = ? WHERE run_id = ?",
                (status, result, at, self.run_id),
            )
