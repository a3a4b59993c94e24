"""Rows of a chunk set beside the target, then added or merged by statements over the whole chunk, with their images.

All of it is part of the chunk's transaction: rows, images, ledger entry and checkpoint commit together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from ....kernel.errors import WorkbenchError
from ...databases.base import Lines, LineTarget, Reject, RowsRefused, Target, Value
from ...databases.catalogue import Column
from ...databases.stages import NUMBER, ROW, StageSql, stage_table
from ...ledger import Checkpoint
from ...planning.plan import Mode, PlannedTable
from ..sinks import Written

REPEATED = "another row of the source has the same key"
AMBIGUOUS = "several rows of the target have its key"
ANYWHERE = Checkpoint(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Merge:
    """How the rows of one table map go in."""

    mode: Mode
    images: bool
    """Are images kept, to take the run back or to know a key again?"""
    remembers: bool
    """May the source hold one key several times, so that keys of earlier chunks have to be looked at?"""

    @property
    def by_key(self) -> bool:
        """Are rows that are there looked at?"""
        return self.mode in ("upsert", "insert-missing")


class Merging:
    """A sink that goes by way of a stage."""

    def __init__(self, table: PlannedTable, target: Target, sql: StageSql, how: Merge) -> None:
        """Make the stage. target: the lane's connection, outside of a transaction."""
        self.table, self.target, self.sql, self.how = table, target, sql, how
        self.stage = stage_table(sql)
        self.line_forms: tuple[str, ...] = getattr(target, "line_forms", ()) if sql.takes_lines else ()
        for statement in sql.create_stage():
            target.execute(statement)

    def write(self, at: Checkpoint, columns: Sequence[Column], values: list[list[Value]]) -> Written:
        """Add or merge rows. Raises RowsRefused."""
        self.fill(columns, values)
        return self.merge(at)

    def write_lines(self, at: Checkpoint, columns: Sequence[Column], lines: Lines) -> Written:
        """As `write`, for rows that pass undecoded."""
        self.run(self.sql.empty_stage())
        cast(LineTarget, self.target).write_lines(self.stage, columns, lines)
        self.run(self.sql.number_lines())
        return self.merge(at)

    def fill(self, columns: Sequence[Column], values: list[list[Value]]) -> None:
        """The rows, numbered from 1, into the empty stage."""
        self.run(self.sql.empty_stage())
        numbers: list[Value] = list(range(1, len(values[0]) + 1))
        self.target.write(self.stage, [Column(ROW, NUMBER), *columns], [numbers, *values])

    def merge(self, at: Checkpoint) -> Written:
        """What is in the stage into the target, with images. Raises RowsRefused."""
        if self.how.by_key:
            if self.numbers(self.sql.repeated_in_stage()) or self.seen():
                raise RowsRefused(REPEATED)
            self.run([self.sql.find_hits()])
            if self.numbers(self.sql.ambiguous()):
                raise RowsRefused(AMBIGUOUS)
        hits = {int(kind): int(count) for kind, count in self.target.query(self.sql.count_hits())}
        place = (at.lane_no, at.chunk_no + 1)
        merged = self.change(place) if hits.get(1) and self.how.mode == "upsert" else 0
        with self.refusals():
            written = self.target.execute(self.sql.insert_new())
        if self.how.images:
            self.run(self.keep_after(place))
        unchanged = sum(hits.values()) - merged
        return Written(written, unchanged, merged)

    def keep_after(self, place: tuple[int, int]) -> list[str]:
        """The statements that keep what was written; what a mode leaves alone counts as seen."""
        if self.how.mode == "insert-missing":
            self.run([self.sql.count_as_equal()])
        return self.sql.keep_after(place, seen=self.how.remembers)

    def change(self, place: tuple[int, int]) -> int:
        """Give the rows that differ their new values; returns the target's count."""
        if self.how.images:
            self.run([self.sql.keep_before(place)])
        update = self.sql.update_hits()
        if not update:
            return 0
        with self.refusals():
            return self.target.execute(update)

    def seen(self) -> list[int]:
        """The rows of the stage whose key an earlier chunk has had."""
        return self.numbers(self.sql.written_before()) if self.how.remembers else []

    def numbers(self, query: str) -> list[int]:
        """The row numbers that a query gives."""
        return [int(row[0]) for row in self.target.query(query)]

    def run(self, statements: Sequence[str]) -> None:
        """Some statements."""
        for statement in statements:
            self.target.execute(statement)

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Raise RowsRefused where rows are to blame for an error."""
        try:
            yield
        except (RowsRefused, WorkbenchError) as error:
            refusal = self.sql.refusal(error)
            if refusal is None or refusal is error:
                raise
            raise refusal from error

    # -- which rows are refused, and why

    def diagnose(self, columns: Sequence[Column], values: list[list[Value]]) -> list[Reject]:
        """The rows that `write` refuses and why; leaves no trace."""
        if not self.target.can.has_savepoints:
            return self.asked(columns, values)
        found: list[Reject] = []
        try:
            with self.target.savepoint():
                found = self.refused(columns, values)
                raise TakenBack
        except TakenBack:
            return found

    def refused(self, columns: Sequence[Column], values: list[list[Value]]) -> list[Reject]:
        """As `diagnose`; the rows that are good stay written, since a later row may conflict with an earlier one."""
        found = self.unfit(columns, values)
        left = [row for row in range(len(values[0])) if row not in found]
        waiting = [left] if left else []
        while waiting:
            part = waiting.pop()
            chosen = [[column[row] for row in part] for column in values]
            refusal = self.attempt(columns, chosen)
            if refusal is None:
                continue
            if len(part) == 1:
                found[part[0]] = self.why(part[0], columns, chosen, refusal)
                continue
            middle = len(part) // 2
            waiting += [part[middle:], part[:middle]]
        return [found[row] for row in sorted(found)]

    def unfit(self, columns: Sequence[Column], values: list[list[Value]]) -> dict[int, Reject]:
        """Rows that the stage itself refuses, and those whose key is not theirs alone."""
        found = {reject.row: reject for reject in self.target.diagnose(self.stage, columns, values)}
        if not self.how.by_key:
            return found
        left = [row for row in range(len(values[0])) if row not in found]
        if left:
            self.fill(columns, [[column[row] for row in left] for column in values])
            repeated = {*self.numbers(self.sql.repeated_in_stage()), *self.seen()}
            self.run([self.sql.find_hits()])
            for number in self.numbers(self.sql.ambiguous()):
                found[left[number - 1]] = Reject(left[number - 1], None, "unique", AMBIGUOUS)
            for number in repeated:
                found[left[number - 1]] = Reject(left[number - 1], None, "unique", REPEATED)
        return found

    def attempt(self, columns: Sequence[Column], values: list[list[Value]]) -> RowsRefused | None:
        """Write some rows; if they are refused, nothing of them is there."""
        try:
            with self.target.savepoint():
                self.write(ANYWHERE, columns, values)
        except RowsRefused as refusal:
            return refusal
        return None

    def why(self, row: int, columns: Sequence[Column], values: list[list[Value]], refusal: RowsRefused) -> Reject:
        """Why one row is refused: as a new row would be, where that says more."""
        found: list[Reject] = []
        try:
            with self.target.savepoint():
                self.fill(columns, values)
                if self.how.by_key:
                    self.run([self.sql.find_hits(), self.sql.delete_hits()])
                found = self.target.diagnose(self.table.target, columns, values)
                raise TakenBack
        except (TakenBack, RowsRefused, WorkbenchError) as error:
            if isinstance(error, WorkbenchError) and self.sql.refusal(error) is None:
                raise
        if found:
            return Reject(row, found[0].column, found[0].code, found[0].reason)
        return Reject(row, None, "refused-by-target", refusal.hint)

    def asked(self, columns: Sequence[Column], values: list[list[Value]]) -> list[Reject]:
        """As `diagnose`, by queries alone: where an error ends the transaction, nothing can be tried."""
        found = self.unfit(columns, values)
        left = [row for row in range(len(values[0])) if row not in found]
        if not left:
            return [found[row] for row in sorted(found)]
        chosen = [[column[row] for row in left] for column in values]
        met: set[int] = set()
        if self.how.by_key:
            self.fill(columns, chosen)
            self.run([self.sql.find_hits()])
            met = {number - 1 for number in self.numbers(self.sql.hit_rows())}
        for reject in self.target.diagnose(self.table.target, columns, chosen):
            if reject.row in met and (reject.code == "unique" or self.how.mode == "insert-missing"):
                continue
            found[left[reject.row]] = Reject(left[reject.row], reject.column, reject.code, reject.reason)
        self.run(self.sql.empty_stage())
        return [found[row] for row in sorted(found)]


class TakenBack(Exception):
    """Ends a part of a transaction that was only a trial."""
