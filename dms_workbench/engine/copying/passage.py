"""Two ways of rows from a source into a sink: as lines, undecoded, and as values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from ..control import stop_if_wished
from ..converting import Pair, convert_column
from ..databases.base import LineColumn, LineQuery, Lines, LineSource, LinesUnfit, RowsRefused, Value
from ..databases.catalogue import Column
from ..failpoints import reach
from ..ledger import Accounts
from .chunk import Chunk
from .lanes import Lane
from .sinks import Written

UNFIT_CHUNKS = 3
"""After so many chunks that were no lines, the rest of a lane is read as values."""


class Rows:
    """Any pair: columns of values, converted exactly."""

    def fits(self, _lane: Lane) -> bool:
        """Always."""
        return True

    def copy_keyed(self, lane: Lane) -> None:
        """A transaction a chunk, resumable at each; read anew where chunks are to be smaller."""
        while not self.copy_alike(lane):
            lane.renew_source()

    def copy_alike(self, lane: Lane) -> bool:
        """Copy until chunks are to be smaller than those that are read; True if all is copied."""
        limits = lane.tuning.held(lane.limits)
        for batch in lane.batches(after=lane.checkpoint.position, until=lane.checkpoint.until):
            lane.commit(batch)
            del batch
            if lane.tuning.held(lane.limits).rows < limits.rows:
                return False
        return True

    def copy_some(self, lane: Lane) -> None:
        """One chunk as values."""
        for batch in lane.batches(after=lane.checkpoint.position, until=lane.checkpoint.until):
            lane.commit(batch)
            return

    def copy_whole(self, lane: Lane) -> None:
        """One transaction for a table without key: after a crash nothing of it is there, and it starts again."""
        with lane.target.transaction():
            for batch in lane.batches(after="", until=""):
                lane.tally.measure_batch(batch)
                chunk = lane.preparer.prepare(batch)
                del batch
                accounts, lane.checkpoint = lane.enter(chunk, self.write_inside(lane, chunk), "")
                del chunk
                lane.tally.add(accounts)
            lane.checkpoint = lane.ledger.advance(lane.checkpoint, "", done=True)

    def write_inside(self, lane: Lane, chunk: Chunk) -> Written:
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


class LinePassage:
    """Rows pass as lines; a chunk with refused rows is read again as values."""

    streams = True
    """Rows pass piece by piece, where the target takes them so."""

    def fits(self, lane: Lane) -> bool:
        """Does the source give these columns in a form that the sink takes?"""
        return lane.table.plain and bool(lane.table.columns) and self.form_of(lane) is not None

    def form_of(self, lane: Lane) -> str | None:
        """The fastest form that both sides know."""
        gives = getattr(lane.source, "gives_lines", None)
        if gives is None:
            return None
        return next((form for form in lane.sink.line_forms if gives(self.asked(lane, form))), None)

    def columns(self, lane: Lane) -> list[LineColumn]:
        """What the source is to give, the columns of the key first where they are copied."""
        return line_columns(lane)

    def asked(self, lane: Lane, form: str) -> LineQuery:
        """What a lane asks its source for."""
        return LineQuery(lane.table.source, tuple(self.columns(lane)), form)

    def rest(self, lane: Lane) -> None:
        """Copy what is left of a lane whose chunks are no lines again and again."""
        Rows().copy_keyed(lane)

    def write(self, lane: Lane, lines: Lines) -> Accounts:
        """Write a chunk, inside its transaction; its pieces are read to their end. Raises RowsRefused."""
        targets = [column.target for column in self.columns(lane)]
        return lane.sink.write_lines(lane.checkpoint, targets, lines).accounts(lines.rows)

    def copy_keyed(self, lane: Lane) -> None:
        """A transaction a chunk; where chunks are no lines again and again, the rest goes as values."""
        lane.rhythm.streams = self.streams and lane.target.can.concurrent_writers
        for _ in range(UNFIT_CHUNKS):
            try:
                for lines in self.read(lane, lane.checkpoint.position, lane.checkpoint.until):
                    self.commit(lane, lines)
            except LinesUnfit:
                lane.renew_source()
                Rows().copy_some(lane)
                lane.renew_source()
            else:
                return
        lane.rhythm.streams = False
        self.rest(lane)

    def read(self, lane: Lane, after: str, until: str) -> Iterator[Lines]:
        """The chunks of a lane as they stream by."""
        asked = self.asked(lane, self.form_of(lane) or "")
        source = cast(LineSource, lane.source)
        for lines in source.read_lines(asked, limits=lane.limits, after=after, until=until):
            stop_if_wished(lane.control)
            lane.hold()
            lines.pieces = lane.rhythm.feeding(lane.pace.pieces(lines))
            reach("chunk.before-read")
            yield lines

    def commit(self, lane: Lane, lines: Lines) -> None:
        """One chunk in one transaction; if its rows are refused, the same rows as values."""
        lane.rhythm.asked()
        try:
            with lane.target.transaction():
                made = self.write(lane, lines)
                lane.rhythm.written()
                reach("chunk.rows-written")
                accounts, checkpoint = lane.enter_accounts(made, lines.position)
                reach("chunk.before-commit")
        except RowsRefused:
            lines.drain()
            self.read_again(lane, lines.position)
        else:
            lane.tally.measure(lines.rows, lines.size_bytes)
            lane.committed(checkpoint, accounts)

    def read_again(self, lane: Lane, until: str) -> None:
        """The rows up to a position as values, under the same snapshot on another connection."""
        aside = lane.source.lane()
        try:
            for batch in lane.batches(after=lane.checkpoint.position, until=until, source=aside):
                lane.commit(batch)
        finally:
            aside.close()

    def copy_whole(self, lane: Lane) -> None:
        """One transaction; with refused rows all of it is undone and read again as values."""
        start, tally = lane.checkpoint, (lane.tally.read, lane.tally.written, lane.tally.filtered)
        try:
            with lane.target.transaction():
                for lines in self.read(lane, "", ""):
                    accounts, lane.checkpoint = lane.enter_accounts(self.write(lane, lines), "")
                    lane.tally.measure(lines.rows, lines.size_bytes)
                    lane.tally.add(accounts)
                lane.checkpoint = lane.ledger.advance(lane.checkpoint, "", done=True)
        except (RowsRefused, LinesUnfit):
            lane.checkpoint, (lane.tally.read, lane.tally.written, lane.tally.filtered) = start, tally
            lane.renew_source()
            Rows().copy_whole(lane)


def line_columns(lane: Lane) -> list[LineColumn]:
    """The columns of a lane as lines are to hold them, those of the key first where they are copied."""
    planned = sorted(
        lane.table.columns,
        key=lambda column: lane.key.index(column.source or "") if column.source in lane.key else len(lane.key),
    )
    return [
        line_column(lane.table.source.column(column.source or ""), column.target, lane.preparer.pair)
        for column in planned
    ]


def line_column(source: Column, target: Column, pair: Pair) -> LineColumn:
    """A column that moves and converts."""

    def convert(values: list[Value]) -> list[Value] | None:
        converted, rejects = convert_column(values, source.type, target, pair)
        return None if rejects else converted

    return LineColumn(target, source, convert=convert)
