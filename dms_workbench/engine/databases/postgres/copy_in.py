"""Sending rows to PostgreSQL by ``COPY … FROM STDIN``: any form, through libpq, with back-pressure by bytes."""

from __future__ import annotations

import json
import re
import selectors
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..base import Lines, RowsRefused
from ..catalogue import Column, Table
from .capabilities import literal, qualified, quote

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGconn

FRAMES = "postgres-frames"
BINARY = "postgres-binary"
TEXT = "postgres-text"
TEXT_FRAMES = "postgres-text-frames"
"""As `FRAMES`, but always of rows in the text form: for those who look into the rows before they send them on."""
CSV = "csv"
ROWS_OF_TEXT = '{"rows":"text"}'
"""The dialect of frames whose rows are of COPY's text form, for types whose binary form means another thing elsewhere."""
BINARY_OPTION = " (FORMAT binary)"
BINARY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
BINARY_TRAILER = b"\xff\xff"
PIECE_BYTES = 1_048_576
"""What one put_copy_data call holds: large enough that the calls cost nothing, small enough to stay in cache."""
STALLED_SECONDS = 5
"""How often a line that takes nothing is looked at again; the operating system ends one whose other end is gone."""
CSV_END = re.compile(rb"[\r\n]\\\.")
"""A line of CSV that begins so ends the data for servers before version 18, whatever follows."""


def copy_statement(table: Table, columns: Sequence[Column], options: str = "") -> str:
    """``COPY table (columns) FROM STDIN`` with options in parentheses, or in text form."""
    names = ", ".join(quote(column.name) for column in columns)
    return f"COPY {qualified(table.name)} ({names}) FROM STDIN{options}"


def is_binary(lines: Lines) -> bool:
    """Are these rows in COPY's binary form, not in its text form?"""
    return lines.form == BINARY or (lines.form == FRAMES and lines.dialect != ROWS_OF_TEXT)


def options_of(lines: Lines) -> str:
    """The options of COPY that read a form of lines."""
    if lines.form != CSV:
        return BINARY_OPTION if is_binary(lines) else ""
    said = json.loads(lines.dialect or "{}")
    mark = said.get("quote", '"')
    given = {
        "DELIMITER": said.get("delimiter", ","),
        "QUOTE": mark,
        "ESCAPE": said.get("escape", mark),
        "NULL": said.get("null", ""),
    }
    return f" (FORMAT csv, {', '.join(f'{name} {literal(text)}' for name, text in given.items())})"


def pieces_of(lines: Lines) -> Iterator[bytes]:
    """The pieces of a chunk as COPY is to get them, header and trailer included. Raises RowsRefused."""
    if lines.form == BINARY:
        yield BINARY_HEADER
        yield from lines.pieces
        yield BINARY_TRAILER
    elif lines.form == CSV:
        yield from without_end(lines.pieces)
    else:
        yield from lines.pieces


def without_end(pieces: Iterable[bytes]) -> Iterator[bytes]:
    r"""Pieces of CSV as they are. Raises RowsRefused where a line begins with ``\.``: older servers would stop there."""
    before = b"\n"
    for piece in pieces:
        if CSV_END.search(before + piece[:2]) or (b"\\" in piece and CSV_END.search(piece)):
            raise RowsRefused("a line begins with what ends the data")
        yield piece
        before = (before + piece[-2:])[-2:]


def copy_in(connection: psycopg.Connection[Any], statement: str, pieces: Iterable[bytes]) -> int:
    """Send a COPY and return the server's count. Raises psycopg's errors.

    Where the pieces themselves raise, the COPY is ended as failed, so that the connection takes a ROLLBACK.
    """
    from psycopg import errors, pq

    pgconn = connection.pgconn
    result = pgconn.exec_(statement.encode())
    if result.status != pq.ExecStatus.COPY_IN:
        raise errors.error_from_result(result)
    try:
        for piece in pieces:
            for at in range(0, len(piece), PIECE_BYTES):
                pgconn.put_copy_data(piece[at : at + PIECE_BYTES])
                flush(pgconn)
    except BaseException:
        end(pgconn, b"the rows could not be read")
        raise
    return end(pgconn)


def flush(pgconn: PGconn) -> None:
    """Wait until all that was put is sent: libpq would gather it without a limit."""
    if not pgconn.flush():
        return
    with selectors.DefaultSelector() as line:
        line.register(pgconn.socket, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while pgconn.flush():
            for _, event in line.select(STALLED_SECONDS):
                if event & selectors.EVENT_READ:
                    pgconn.consume_input()


def end(pgconn: PGconn, failure: bytes | None = None) -> int:
    """End a COPY and hear the answer: the server's count. failure: end it as failed; then errors are expected, none is raised."""
    from psycopg import errors, pq

    try:
        pgconn.put_copy_end(failure)
        flush(pgconn)
    except errors.Error:
        if failure is None:
            raise
        return 0
    count, refused = 0, None
    while answer := pgconn.get_result():
        if answer.status == pq.ExecStatus.COMMAND_OK:
            count = answer.command_tuples or 0
        else:
            refused = answer
    if refused is not None and failure is None:
        raise errors.error_from_result(refused)
    return count
