"""The copy of one lane: one ordered read, many commits, each with its ledger row and its checkpoint."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...kernel.errors import Failed, WorkbenchError
from ..control import Control, stop_if_wished
from ..converting import Pair
from ..databases.base import Batch, LineLimits, RowsRefused, Source, Target
from ..expressions.contract import Evaluator
from ..failpoints import reach
from ..ledger import Accounts, Checkpoint, Ledger, enter_changes
from ..planning.plan import PlannedTable
from .chunk import Chunk, Preparer, quarantine_rows
from .options import RunOptions
from .pacing import Pace
from .recovering import Clock
from .sinks import Sink, Written
from .tally import Tally
from .tuning import FEWEST_BYTES, FEWEST_ROWS, OnChunk, Rhythm, Tuning


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
    sink: Sink
    pace: Pace
    open_source: Callable[[], Source]
    """Another connection under the run's snapshot."""
    tuning: Tuning
    on_chunk: OnChunk | None = None
    evaluator: Evaluator | None = None
    clock: Clock = field(default_factory=Clock)
    check: Callable[[], None] = lambda: None
    """Called in each chunk's transaction, after its rows are written; raises if they must not be committed."""
    key: tuple[str, ...] = field(init=False)
    preparer: Preparer = field(init=False)
    limits: LineLimits = field(init=False)
    rhythm: Rhythm = field(init=False)

    def __post_init__(self) -> None:
        self.key = self.source.position_columns(self.table.source)
        self.limits = self.tuning.limits()
        self.pace.limit(self.limits)
        fixed = self.tuning.chunk_rows is not None
        self.rhythm = Rhythm(self.tuning, self.table.source_label, self.limits, self.pace.limit, fixed)
        self.preparer = Preparer(self.table, Pair(self.source.can.database, self.target.can.database), self.evaluator)

    def shrink(self, times: int) -> None:
        """Let chunks be smaller: half as large, so many times; they stay so."""
        self.rhythm.fixed = self.rhythm.fixed or times > 0
        self.limits.rows = max(FEWEST_ROWS, self.limits.rows >> times)
        self.limits.size_bytes = max(FEWEST_BYTES, self.limits.size_bytes >> times)

    def renew_source(self) -> None:
        """Read on by a new connection: the old one was left in the middle of something."""
        self.source.close()
        self.source = self.open_source()
        self.rhythm.begins = True

    def batches(self, *, after: str, until: str, source: Source | None = None) -> Iterator[Batch]:
        """The rows left, in chunks; asks for the wish before each. source: another than the lane's own."""
        limits = self.tuning.held(self.limits)
        reach("chunk.before-read")
        for batch in (source or self.source).read(
            self.table.source,
            self.preparer.read_columns,
            after=after,
            until=until,
            batch_rows=limits.rows,
            batch_bytes=limits.size_bytes,
        ):
            stop_if_wished(self.control)
            reach("chunk.read")
            self.hold(batch.rows)
            yield batch
            del batch  # a large cell is not held while the next one is read
            reach("chunk.before-read")

    def hold(self, rows: int = 0) -> None:
        """Wait while the source is to be left alone, and until so many rows are allowed."""
        began = time.perf_counter()
        self.pace.before_chunk()
        if rows:
            self.pace.take(rows)
        self.rhythm.waited(time.perf_counter() - began)

    def commit(self, batch: Batch) -> None:
        """Write one batch with its ledger row and its checkpoint in one transaction."""
        self.tally.measure_batch(batch)
        chunk = self.preparer.prepare(batch)
        reach("chunk.transformed")
        self.rhythm.asked()
        try:
            with self.target.transaction():
                written = self.write(chunk)
                self.rhythm.written()
                reach("chunk.rows-written")
                accounts, checkpoint = self.enter(chunk, written, batch.position)
                reach("chunk.before-commit")
        except RowsRefused:
            with self.target.transaction():
                self.drop_refused(chunk)
                accounts, checkpoint = self.enter(chunk, self.write_rest(chunk), batch.position)
        self.committed(checkpoint, accounts)

    def committed(self, checkpoint: Checkpoint, accounts: Accounts) -> None:
        """Go on from a chunk that is committed."""
        reach("chunk.committed")
        self.checkpoint = checkpoint
        self.clock.saw(checkpoint)
        self.tally.add(accounts)
        seconds, settled = self.rhythm.committed(accounts.read)
        if self.on_chunk is not None:
            self.on_chunk(checkpoint, accounts.read, seconds, settled)

    def drop_refused(self, chunk: Chunk) -> None:
        """Let the target name the rows it refuses, and set them apart."""
        if chunk.rows:
            chunk.drop(self.sink.diagnose(self.preparer.targets, chunk.columns))

    def write(self, chunk: Chunk) -> Written:
        """Write the rows of a chunk; returns the target's counts."""
        return self.sink.write(self.checkpoint, self.preparer.targets, chunk.columns) if chunk.rows else Written()

    def write_rest(self, chunk: Chunk) -> Written:
        """Write what is left after the refused rows were set apart."""
        try:
            return self.write(chunk)
        except RowsRefused as error:
            raise Failed(
                reason=f"{self.table.target.name} refuses rows and does not say which: {error.hint}",
                where=str(self.table.target.name),
            ) from error

    def enter(self, chunk: Chunk, written: Written, position: str) -> tuple[Accounts, Checkpoint]:
        """Enter a chunk's accounts, quarantine and checkpoint; in the transaction that writes it."""
        rows = quarantine_rows(chunk, self.preparer, self.key)
        self.check_rejects(rows)
        self.ledger.quarantine(self.checkpoint, rows, self.options.seals)
        enter_changes(self.ledger, self.checkpoint, chunk.changed())
        return self.enter_accounts(written.accounts(chunk.batch.rows, chunk.filtered, len(rows)), position)

    def enter_accounts(self, accounts: Accounts, position: str) -> tuple[Accounts, Checkpoint]:
        """Enter a chunk's accounts and move the checkpoint; in the transaction that writes it."""
        self.check()
        self.ledger.enter(self.checkpoint, position, accounts, snapshot=self.source.snapshot, at=utc_now())
        reach("chunk.entered")
        moved = self.ledger.advance(self.checkpoint, position)
        reach("chunk.checkpoint-moved")
        return accounts, moved

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


def utc_now() -> str:
    """Now, for a person reading the ledger; nothing is decided by it."""
    return datetime.datetime.fromtimestamp(time.time(), datetime.UTC).isoformat(timespec="milliseconds")
