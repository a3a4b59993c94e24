"""Rows of a COPY through libpq, a call a row: where TLS stands between us and the messages of the wire."""

from __future__ import annotations

import selectors
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..base import LineLimits, Lines
from ..cutting import PIECE_BYTES
from .copy_in import BINARY, BINARY_TRAILER, TEXT
from .frames import BINARY_HEADER_BYTES, HEAD_BYTES
from .large import LARGE_BYTES

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGconn

    from .rendering import Rendering


def row_of_copy(pgconn: PGconn) -> tuple[int, memoryview]:
    """The next row of a COPY, as ``get_copy_data``: its size (-1 behind the last, -2 for an error) and content.

    Waits for the server without Python's lock, which psycopg keeps in a call that blocks: no other thread could move then,
    not even the one that notices that a server is gone.
    """
    size, data = pgconn.get_copy_data(1)
    if size:
        return size, data
    with selectors.DefaultSelector() as line:
        line.register(pgconn.socket, selectors.EVENT_READ)
        while not size:
            line.select()
            pgconn.consume_input()
            size, data = pgconn.get_copy_data(1)
    return size, data


def read_rows(
    connection: psycopg.Connection[Any], statement: str, limits: LineLimits, rendering: Rendering, form: str
) -> Iterator[Lines]:
    """The chunks of a COPY. Raises psycopg's errors; left early, the COPY is cancelled and the transaction is spoiled."""
    stream = RowStream(connection, statement, rendering, whole_rows=form not in (BINARY, TEXT))
    while stream.row is not None:
        lines = Lines(form)
        lines.pieces = stream.pieces(lines, limits)
        yield lines
    stream.finish()


class RowStream:
    """A COPY whose rows come one by one; ``row`` is the next, None after the last."""

    def __init__(
        self, connection: psycopg.Connection[Any], statement: str, rendering: Rendering, *, whole_rows: bool
    ) -> None:
        """Begin the COPY. whole_rows: pieces end where rows end. Raises psycopg's errors."""
        from psycopg import errors, pq

        self.pgconn, self.rendering, self.whole_rows = connection.pgconn, rendering, whole_rows
        self.failure: psycopg.Error | None = None
        result = self.pgconn.exec_(statement.encode())
        if result.status != pq.ExecStatus.COPY_OUT:
            raise errors.error_from_result(result)
        self.row: memoryview | bytes | None = self.next()
        if rendering.binary and self.row is not None:
            rest = bytes(self.row[BINARY_HEADER_BYTES:])
            self.row = self.row_of(rest) if rest else self.next()

    def next(self) -> memoryview | bytes | None:
        """The next row. An error is kept for `finish`, so that the rows before it are a chunk like others."""
        import psycopg

        try:
            size, data = row_of_copy(self.pgconn)
        except psycopg.Error as error:
            self.failure = error
            return None
        return self.row_of(data) if size > 0 else None

    def row_of(self, data: memoryview | bytes) -> memoryview | bytes | None:
        """A row, unless it is the binary form's trailer, behind which there is only the end."""
        return self.next() if self.rendering.binary and len(data) == len(BINARY_TRAILER) else data

    def pieces(self, lines: Lines, limits: LineLimits) -> Iterator[bytes]:
        """The rows of one chunk, many in a piece; its figures are set with the last piece."""
        rows_limit, bytes_limit = limits.rows, limits.size_bytes
        rows, total, size, buffer, following = 0, 0, 0, [], self.next
        row = last = self.row
        while row is not None and rows < rows_limit and total + size < bytes_limit:
            last = row
            buffer.append(row)
            rows, size = rows + 1, size + len(row)
            if size >= PIECE_BYTES:
                last, self.row, row = bytes(row[:HEAD_BYTES]), None, None
                yield from self.gathered(buffer)
                total, size = total + size, 0
            row = following()
        self.row = row
        assert last is not None  # noqa: S101  (a chunk has a row)
        lines.rows, lines.size_bytes = rows, total + size
        lines.position = self.rendering.position(bytes(last[:HEAD_BYTES]))
        last = None
        if buffer:
            yield b"".join(buffer)

    def gathered(self, buffer: list[memoryview | bytes]) -> Iterator[bytes]:
        """Rows as one piece, but a large row, where pieces need not end with a row, in parts."""
        if len(buffer) > 1 or len(buffer[0]) < LARGE_BYTES or self.whole_rows:
            piece = b"".join(buffer)
            buffer.clear()
            yield piece
            return
        row = buffer.pop()
        for at in range(0, len(row), PIECE_BYTES):
            yield bytes(row[at : at + PIECE_BYTES])

    def finish(self) -> None:
        """Hear how the COPY ended. Raises psycopg's errors."""
        from psycopg import errors, pq

        if self.failure is not None:
            raise self.failure
        while result := self.pgconn.get_result():
            if result.status != pq.ExecStatus.COMMAND_OK:
                raise errors.error_from_result(result)
