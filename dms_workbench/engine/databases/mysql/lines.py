"""One read of one table as lines that the target takes undecoded; only the key of each chunk's last row is looked at."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..base import LineLimits, LineQuery, Lines, LinesUnfit, Position
from ..cutting import PIECE_BYTES
from ..errors import DatabaseError
from .errors import translated
from .packets import Block, LineSplitter
from .postgres_text import FORM, field, line
from .reading import Reading

if TYPE_CHECKING:
    from .read import MysqlSource
    from .wire import RowStream


def fields_of(source: MysqlSource, asked: LineQuery) -> list[str] | None:
    """The SQL of each field of the lines; None where they cannot be rendered so that nothing is changed."""
    if asked.form != FORM or asked.where or not asked.columns:
        return None
    stored = source.stored_columns(asked.table)
    found = []
    for column in asked.columns:
        if column.source is None or column.sql or column.source.name not in stored:
            return None
        made = field(column.source, stored[column.source.name], column.target.type)
        if made is None:
            return None
        found.append(made)
    return found


class LineReading:
    """One read of one table."""

    def __init__(self, source: MysqlSource, asked: LineQuery) -> None:
        """asked: what `fields_of` has an answer for."""
        self.source = source
        self.asked = asked
        fields = fields_of(source, asked)
        if fields is None:
            raise LinesUnfit
        self.keys = Reading(source, asked.table, source.position_columns(asked.table))
        """Reads the columns of the order, which stand behind the line."""
        self.selected = ", ".join([line(fields), *(self.keys.selected if self.keys.order else [])])

    def chunks(self, limits: LineLimits, after: Position, until: Position) -> Iterator[Lines]:
        """The chunks. When a chunk is read again by the same session, the rows behind it are asked for anew."""
        while True:
            sql = self.keys.query(self.selected, after, until)
            with translated(self.source.connection):
                stream = self.source.open_stream(sql, splitter := LineSplitter())
            cutter = Cutter(self, stream, splitter)
            try:
                while cutter.has_rows():
                    lines = Lines(FORM)
                    lines.pieces = cutter.pieces(lines, limits)
                    yield lines
                    if stream.abandoned:
                        break
                    if lines.rows == 0:
                        raise DatabaseError(database="MySQL", reason="a chunk was left before its rows were read")
                else:
                    return
            finally:
                self.source.abandon(stream)
            if not self.keys.order:
                raise DatabaseError(
                    database="MySQL", reason="the session that read the table was needed for another read"
                )
            after = lines.position

    def position(self, block: Block, row: int) -> Position:
        """The place of a row."""
        return self.keys.batch([block.others(row)]).position if self.keys.order else ""


class Cutter:
    """Cuts the rows of a result into chunks."""

    def __init__(self, reading: LineReading, stream: RowStream, splitter: LineSplitter) -> None:
        """stream: whose rows the splitter cuts."""
        self.reading = reading
        self.stream = stream
        self.splitter = splitter
        self.block = Block()
        self.at = 0
        """The first row of the block that is in no chunk yet."""

    def has_rows(self) -> bool:
        """Is there one more row? Waits for it. Raises LinesUnfit."""
        with translated(self.reading.source.connection):
            while self.at >= len(self.block.lines) and self.stream.left:
                self.block, self.at = self.stream.receive(self.splitter.lines), 0
        if self.at < len(self.block.lines):
            return True
        if self.splitter.unfit:
            raise LinesUnfit
        return False

    def pieces(self, lines: Lines, limits: LineLimits) -> Iterator[bytes]:
        """The pieces of one chunk; its figures are set with the last piece."""
        rows_left, bytes_left = limits.rows, limits.size_bytes
        last: tuple[Block, int] = (self.block, self.at)
        buffer: list[bytes] = []
        waiting = 0
        while rows_left > 0 and bytes_left > 0 and self.has_rows():
            block, first = self.block, self.at
            begin = block.begin(first)
            end = bisect_left(block.ends, begin + bytes_left, first) + 1
            self.at = min(end, first + rows_left, len(block.lines))
            buffer += block.lines[first : self.at]
            last = (block, self.at - 1)
            size = block.ends[self.at - 1] - begin
            lines.rows += self.at - first
            rows_left, bytes_left, waiting = rows_left - (self.at - first), bytes_left - size, waiting + size
            if waiting >= PIECE_BYTES:
                piece = b"".join(buffer)
                buffer.clear()
                lines.size_bytes += len(piece)
                waiting = 0
                yield piece
        piece = b"".join(buffer)
        lines.size_bytes += len(piece)
        lines.position = self.reading.position(*last)
        if piece:
            yield piece
