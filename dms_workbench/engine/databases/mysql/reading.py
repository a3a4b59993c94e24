"""One read of one MySQL or MariaDB table: the query, and its packets turned into batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..base import Batch, Position, Value
from ..catalogue import Table
from ..errors import DatabaseError
from ..positions import encode
from .capabilities import qualified, quote
from .errors import translated
from .forms import NULL, SEPARATOR, beside, in_line, parsed, parser, rendered, stands_beside
from .packets import fields, only_field
from .position import OrderedBy, condition

if TYPE_CHECKING:
    from .read import MysqlSource

SMALL_PACKET_BYTES = 4 << 20
"""Below this ``max_allowed_packet`` every value is sent as a column of its own."""


class Reading:
    """One read of one table."""

    def __init__(self, source: MysqlSource, table: Table, columns: Sequence[str]) -> None:
        """Settle order, columns and how each is sent."""
        self.source = source
        self.table = table
        self.width = len(columns)
        stored = source.stored_columns(table)
        keys = source.position_columns(table)
        self.names = [*columns, *(key for key in keys if key not in columns)]
        self.order = [OrderedBy(quote(key), table.column(key), stored[key]) for key in keys]
        missing = [name for name in self.names if name not in stored]
        if missing:
            raise DatabaseError(database="MySQL", reason=f"{table.name} has no column {missing[0]} any more")
        small = source.packet_bytes < SMALL_PACKET_BYTES
        self.large = [small or stands_beside(stored[name]) for name in self.names]
        self.parsers = [
            parser(table.column(name), stored[name], large=large)
            for name, large in zip(self.names, self.large, strict=True)
        ]
        self.line = [
            in_line(rendered(table.column(name), stored[name], quote(name)), table.column(name))
            for name, large in zip(self.names, self.large, strict=True)
            if not large
        ]
        self.extras = [by.extra for by in self.order if by.extra]
        self.line += self.extras
        self.beside = [
            beside(table.column(name), stored[name], quote(name))
            for name, large in zip(self.names, self.large, strict=True)
            if large
        ]

    def sql(self, after: Position, until: Position) -> str:
        """The ordered query between two positions."""
        return self.query(", ".join(self.selected) or "1", after, until)

    @property
    def selected(self) -> list[str]:
        """The columns of the query: the line, and what stands beside it."""
        return [*([f"CONCAT_WS(0xFF, {', '.join(self.line)})"] if self.line else []), *self.beside]

    def query(self, selected: str, after: Position, until: Position) -> str:
        """The ordered query between two positions for any expressions."""
        bounds = [
            condition(self.order, operator, position)
            for operator, position in ((">", after), ("<=", until))
            if position
        ]
        where = f" WHERE {' AND '.join(bounds)}" if bounds else ""
        order = f" ORDER BY {', '.join(by.term for by in self.order)}" if self.order else ""
        return f"SELECT {selected} FROM {qualified(self.table.name)}{where}{order}"

    def batches(self, after: Position, until: Position, batch_rows: int, batch_bytes: int) -> Iterator[Batch]:
        """The batches."""
        with translated(self.source.connection):
            for packets in grouped(self.source.packets(self.sql(after, until)), batch_rows, batch_bytes):
                yield self.batch(packets)

    def batch(self, packets: list[bytes]) -> Batch:
        """Rows turned into columns."""
        if not self.names:
            return Batch([], len(packets), "")
        lines, apart = self.columns_of(packets)
        inside, outside = iter(lines), iter(apart)
        raw = [next(outside) if large else next(inside) for large in self.large]
        extras = [column[-1] for column in inside]
        values = [parsed(column, parse) for column, parse in zip(raw, self.parsers, strict=True)]
        return Batch(values[: self.width], len(packets), self.position(values, extras), values[self.width :])

    def columns_of(self, packets: list[bytes]) -> tuple[list[list[bytes | None]], list[list[bytes | None]]]:
        """The columns in the lines, and those beside them."""
        if not self.beside:
            return self.split(list(map(only_field, packets))), []
        columns = [list(column) for column in zip(*map(fields, packets), strict=True)]
        if not self.line:
            return [], columns
        return self.split(columns[0]), columns[1:]

    def split(self, lines: list[bytes | None]) -> list[list[bytes | None]]:
        """Lines into columns. Raises DatabaseError for a line that the server could not hold."""
        if None in lines:
            raise DatabaseError(
                database="MySQL", reason=f"a row of {self.table.name} is larger than the server's max_allowed_packet"
            )
        columns: list[list[bytes | None]] = [[] for _ in self.line]
        rows = [line.split(SEPARATOR) for line in lines if line is not None]
        try:
            columns = [list(column) for column in zip(*rows, strict=True)]
        except ValueError:
            columns = []
        if len(columns) != len(self.line):
            raise DatabaseError(
                database="MySQL",
                reason=f"{self.table.name} holds text of a form that the server should not have let in",
            )
        return [
            [None if field == NULL else field for field in column] if NULL in column else column for column in columns
        ]

    def position(self, values: list[list[Value]], extras: list[bytes | None]) -> Position:
        """The place of the last row."""
        if not self.order:
            return ""
        places: list[Value] = []
        given = iter(extras)
        for by in self.order:
            if by.extra:
                text = (next(given) or b"").decode("ascii")
                places.append(int(text) if by.extra.startswith("(") else text)
            else:
                places.append(by.place(values[self.names.index(by.column.name)][-1]))
        return encode(places)


def grouped(packets: Iterator[list[bytes]], rows_limit: int, bytes_limit: int) -> Iterator[list[bytes]]:
    """Packets in lists of at most so many, or about so many bytes."""
    group: list[bytes] = []
    size = 0
    for some in packets:
        group += some
        size += sum(map(len, some))
        while len(group) > rows_limit:
            yield group[:rows_limit]
            group = group[rows_limit:]
            size = sum(map(len, group))
        if group and (size >= bytes_limit or len(group) == rows_limit):
            yield group
            group, size = [], 0
    if group:
        yield group
