"""The copy of one lane: one ordered read, many commits, each with its ledger row and its checkpoint."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from ...kernel.errors import Failed, WorkbenchError
from ..control import Control, Progress, stop_if_wished
from ..converting import Pair
from ..databases.base import Batch, BinarySource, BinaryTarget, RowsRefused, Source, Target
from ..expressions.contract import Evaluator
from ..ledger import Accounts, Checkpoint, Ledger, enter_changes
from ..planning.plan import PlannedTable
from .chunk import Chunk, Preparer, quarantine_rows

BATCH_BYTES = 8_000_000
"""What one chunk holds at most, about; with the rows limit it keeps a chunk under a second and memory flat."""


class RowRejected(
    WorkbenchError,
    code="row-rejected",
    status=409,
    safe="The chunks before it are committed; this one was rolled back.",
    next="Correct the mapping or the row, or run again with --on-reject quarantine.",
):
    """A row of {table} cannot be written: column {column}: {reason}."""


class TooManyRejects(
    WorkbenchError,
    code="too-many-rejects",
    status=409,
    safe="The chunks before are committed, their rejected rows are in quarantine.",
    next="dms runs quarantine {run_id}",
):
    """More than {limit} rows are rejected ({found} so far, the last of them in {table}): {reason}."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run behaves; none of it changes what arrives, so none of it is part of the resume key."""

    on_reject: Literal["quarantine", "stop"] = "quarantine"
    max_rejects: int | None = None
    lanes: int = 1
    chunk_rows: int = 50_000
    new_run: bool = False
    verify: bool = True


@dataclass(slots=True)
class Tally:
    """Rows of one table map so far, all lanes together, for progress only: the books count for themselves."""

    table: PlannedTable
    control: Control
    rows_total: int = 0
    read: int = 0
    written: int = 0
    filtered: int = 0
    quarantined: int = 0
    quarantined_elsewhere: int = 0
    """Rows of the run's other table maps that are in quarantine already: the limit on rejects counts them all."""

    def add(self, accounts: Accounts) -> None:
        """Count a committed chunk and report."""
        self.read += accounts.read
        self.written += accounts.written
        self.filtered += accounts.filtered
        self.quarantined += accounts.quarantined
        self.report()

    def report(self, message: str = "") -> None:
        """Tell where the table stands."""
        self.control.report(
            Progress(
                phase="copy",
                map_no=self.table.map_no,
                source=self.table.source_label,
                target=self.table.target_label,
                rows_total=self.rows_total,
                read=self.read,
                written=self.written,
                filtered=self.filtered,
                quarantined=self.quarantined,
                message=message,
            )
        )


@dataclass(slots=True)
class Lane:
    """One stream of a table map: its own source and target connection, its own place in the ledger."""

    table: PlannedTable
    source: Source
    target: Target
    ledger: Ledger
    checkpoint: Checkpoint
    options: RunOptions
    control: Control
    tally: Tally
    evaluator: Evaluator | None = None
    key: tuple[str, ...] = field(init=False)
    preparer: Preparer = field(init=False)

    def __post_init__(self) -> None:
        self.key = self.source.position_columns(self.table.source)
        self.preparer = Preparer(self.table, Pair(self.source.can.database, self.target.can.database), self.evaluator)

    def copy(self) -> None:
        """Move what is left of the lane. Raises Stopped, LedgerConflict, and the databases' errors."""
        if self.checkpoint.done:
            return
        strategy = next(strategy for strategy in STRATEGIES if strategy.fits(self))
        if self.key:
            strategy.copy_keyed(self)
            with self.target.transaction():
                self.checkpoint = self.ledger.advance(self.checkpoint, self.checkpoint.position, done=True)
        else:
            strategy.copy_whole(self)

    def batches(self, *, after: str, until: str) -> Iterator[Batch]:
        """The rows left, in chunks; asks for the wish before each."""
        for batch in self.source.read(
            self.table.source,
            self.preparer.read_columns,
            after=after,
            until=until,
            batch_rows=self.options.chunk_rows,
            batch_bytes=BATCH_BYTES,
        ):
            stop_if_wished(self.control)
            yield batch

    def commit(self, batch: Batch) -> None:
        """Write one batch with its ledger row and its checkpoint in one transaction."""
        chunk = self.preparer.prepare(batch)
        try:
            with self.target.transaction():
                accounts, checkpoint = self.enter(chunk, self.write(chunk), batch.position)
        except RowsRefused:
            with self.target.transaction():
                self.drop_refused(chunk)
                accounts, checkpoint = self.enter(chunk, self.write_rest(chunk), batch.position)
        self.checkpoint = checkpoint
        self.tally.add(accounts)

    def drop_refused(self, chunk: Chunk) -> None:
        """Let the target name the rows it refuses, and set them apart."""
        if chunk.rows:
            chunk.drop(self.target.diagnose(self.table.target, self.preparer.targets, chunk.columns))

    def write(self, chunk: Chunk) -> int:
        """Write the rows of a chunk; returns the target's count."""
        return self.target.write(self.table.target, self.preparer.targets, chunk.columns) if chunk.rows else 0

    def write_rest(self, chunk: Chunk) -> int:
        """Write what is left after the refused rows were set apart."""
        try:
            return self.write(chunk)
        except RowsRefused as error:
            raise Failed(
                reason=f"{self.table.target.name} refuses rows and does not say which: {error.hint}",
                where=str(self.table.target.name),
            ) from error

    def enter(self, chunk: Chunk, written: int, position: str) -> tuple[Accounts, Checkpoint]:
        """Enter a chunk's accounts, quarantine and checkpoint; in the transaction that writes it."""
        rows = quarantine_rows(chunk, self.preparer, self.key)
        self.check_rejects(rows)
        self.ledger.quarantine(self.checkpoint, rows)
        enter_changes(self.ledger, self.checkpoint, chunk.changed())
        accounts = Accounts(chunk.batch.rows, written, chunk.filtered, len(rows))
        self.ledger.enter(self.checkpoint, position, accounts, snapshot=self.source.snapshot, at=utc_now())
        return accounts, self.ledger.advance(self.checkpoint, position)

    def check_rejects(self, rows: Sequence[Any]) -> None:
        """Stop the run where its options say so."""
        if not rows:
            return
        table, first = self.table.source_label, rows[0]
        if self.options.on_reject == "stop":
            raise RowRejected(table=table, column=first.column or "(row)", reason=first.reason, where=table)
        limit = self.options.max_rejects
        found = self.tally.quarantined_elsewhere + self.tally.quarantined + len(rows)
        if limit is not None and found > limit:
            raise TooManyRejects(
                limit=limit, found=found, table=table, reason=first.reason, run_id=self.ledger.run_id, where=table
            )


class Rows:
    """Any pair: columns of values, converted exactly."""

    def fits(self, _lane: Lane) -> bool:
        """Always."""
        return True

    def copy_keyed(self, lane: Lane) -> None:
        """A transaction a chunk, resumable at each."""
        for batch in lane.batches(after=lane.checkpoint.position, until=lane.checkpoint.until):
            lane.commit(batch)

    def copy_whole(self, lane: Lane) -> None:
        """One transaction for a table without key: after a crash nothing of it is there, and it starts again."""
        with lane.target.transaction():
            for batch in lane.batches(after="", until=""):
                chunk = lane.preparer.prepare(batch)
                accounts, lane.checkpoint = lane.enter(chunk, self.write_inside(lane, chunk), "")
                lane.tally.add(accounts)
            lane.checkpoint = lane.ledger.advance(lane.checkpoint, "", done=True)

    def write_inside(self, lane: Lane, chunk: Chunk) -> int:
        """Write inside a transaction that must survive refused rows."""
        if not lane.target.can.has_savepoints:
            lane.drop_refused(chunk)
            return lane.write_rest(chunk)
        try:
            with lane.target.savepoint():
                return lane.write(chunk)
        except RowsRefused:
            lane.drop_refused(chunk)
            return lane.write_rest(chunk)


class PostgresBytes:
    """COPY out straight into COPY in: rows are cut at their ends, never decoded but for the last key of a chunk."""

    def fits(self, lane: Lane) -> bool:
        """Between PostgreSQL databases, where every column has the very same type on both sides."""
        table = lane.table
        return (
            lane.source.can.copies_binary
            and lane.target.can.copies_binary
            and table.plain
            and bool(table.columns)
            and all(table.source.column(column.source or "").type == column.target.type for column in table.columns)
            and binary_source(lane).reads_binary(table.source)
            and set(lane.key) <= {column.source for column in table.columns}
        )

    def copy_keyed(self, lane: Lane) -> None:
        """A transaction a block; a block with refused rows is read again as values."""
        names, targets = ordered_columns(lane)
        for block in binary_source(lane).read_binary(
            lane.table.source,
            names,
            after=lane.checkpoint.position,
            until=lane.checkpoint.until,
            batch_rows=lane.options.chunk_rows,
            batch_bytes=BATCH_BYTES,
        ):
            stop_if_wished(lane.control)
            try:
                with lane.target.transaction():
                    written = binary_target(lane).write_binary(lane.table.target, targets, block.lines)
                    accounts = Accounts(len(block.lines), written)
                    lane.ledger.enter(
                        lane.checkpoint, block.position, accounts, snapshot=lane.source.snapshot, at=utc_now()
                    )
                    checkpoint = lane.ledger.advance(lane.checkpoint, block.position)
            except RowsRefused:
                self.read_again(lane, block.position)
            else:
                lane.checkpoint = checkpoint
                lane.tally.add(accounts)

    def read_again(self, lane: Lane, until: str) -> None:
        """The rows up to a position as values, under the same snapshot on another connection."""
        aside = lane.source.lane()
        try:
            for batch in aside.read(
                lane.table.source, lane.preparer.read_columns, after=lane.checkpoint.position, until=until,
                batch_rows=lane.options.chunk_rows, batch_bytes=BATCH_BYTES,
            ):  # fmt: skip
                lane.commit(batch)
        finally:
            aside.close()

    def copy_whole(self, lane: Lane) -> None:
        """One transaction; with refused rows all of it is undone and read again as values."""
        names, targets = ordered_columns(lane)
        start, tally = lane.checkpoint, (lane.tally.read, lane.tally.written)
        source = binary_source(lane).lane()
        try:
            with lane.target.transaction():
                for block in source.read_binary(
                    lane.table.source, names, batch_rows=lane.options.chunk_rows, batch_bytes=BATCH_BYTES
                ):
                    stop_if_wished(lane.control)
                    written = binary_target(lane).write_binary(lane.table.target, targets, block.lines)
                    accounts = Accounts(len(block.lines), written)
                    lane.ledger.enter(lane.checkpoint, "", accounts, snapshot=lane.source.snapshot, at=utc_now())
                    lane.checkpoint = lane.ledger.advance(lane.checkpoint, "")
                    lane.tally.add(accounts)
                lane.checkpoint = lane.ledger.advance(lane.checkpoint, "", done=True)
        except RowsRefused:
            lane.checkpoint, (lane.tally.read, lane.tally.written) = start, tally
            Rows().copy_whole(lane)
        finally:
            source.close()


def binary_source(lane: Lane) -> BinarySource:
    """The source of a lane that copies binary."""
    return cast(BinarySource, lane.source)


def binary_target(lane: Lane) -> BinaryTarget:
    """The target of a lane that copies binary."""
    return cast(BinaryTarget, lane.target)


STRATEGIES = (PostgresBytes(), Rows())
"""The first that fits; fastest first; the last always fits."""


def ordered_columns(lane: Lane) -> tuple[list[str], list[str]]:
    """Source and target names of the columns, those of the key first."""
    pairs = {column.source or "": column.target.name for column in lane.table.columns}
    names = [*lane.key, *(name for name in pairs if name not in lane.key)]
    return names, [pairs[name] for name in names]


def utc_now() -> str:
    """Now, for a person reading the ledger; nothing is decided by it."""
    return datetime.datetime.fromtimestamp(time.time(), datetime.UTC).isoformat(timespec="milliseconds")
