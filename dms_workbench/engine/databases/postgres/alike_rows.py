"""Rows of COPY's binary form that are all as long as one another, taken off the wire many at a time.

Source: PostgreSQL documentation, "Message Formats" (CopyData) and COPY, "Binary Format".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from ..base import LineLimits, Lines
from .errors import translated
from .frames import COPY_DATA, FrameCutter
from .wire import COPY_OUT_BEGINS, Wire, taken_over

if TYPE_CHECKING:
    import psycopg

ROWS_TOGETHER = 50_000


def alike_rows(connection: psycopg.Connection[Any], statement: str, form: list[tuple[str, str]]) -> Iterator[Any]:
    """The rows of a COPY, as arrays of records. form: of a row, as numpy names it.

    Raises ValueError where a row has another length, and as the methods of `Wire`. Left early, the COPY is cancelled.
    """
    import numpy as np

    message = np.dtype([("kind", "u1"), ("length", ">u4"), ("row", form)])
    with translated(connection), taken_over(connection) as wire:
        wire.begin(statement, COPY_OUT_BEGINS)
        cutter = FrameCutter(partial(Lines, ""), wire.read, LineLimits(), lambda _: "")
        cutter.take_header()
        try:
            yield from gathered(cutter, message)
        except BaseException:
            leave(wire, cutter)
            raise
        wire.inbox = cutter.left
        wire.finish()


def gathered(cutter: FrameCutter, message: Any) -> Iterator[Any]:
    """The rows of a COPY, some of them together. message: the form of one with its row."""
    import numpy as np

    arrays: list[Any] = []
    while cutter.at_row():
        cutter.need(message.itemsize)
        found = np.frombuffer(
            cutter.data, message, offset=cutter.at, count=(len(cutter.data) - cutter.at) // message.itemsize
        )
        good = (found["kind"] == COPY_DATA) & (found["length"] == message.itemsize - 1)
        count = len(found) if good.all() else int(good.argmin())
        if not count:
            raise ValueError("the server sent a row of another form")
        arrays.append(found["row"][:count])
        cutter.at += count * message.itemsize
        if sum(map(len, arrays)) >= ROWS_TOGETHER:
            yield np.concatenate(arrays)
            arrays = []
    if arrays:
        yield np.concatenate(arrays)


def leave(wire: Wire, cutter: FrameCutter) -> None:
    """End a COPY in its middle, so that the connection takes a ROLLBACK."""
    import psycopg

    if wire.at_rest or wire.connection.closed:
        return
    with suppress(Exception):
        wire.connection.cancel_safe()
    wire.inbox = cutter.left
    with suppress(psycopg.Error):
        while not wire.at_rest:
            wire.message()
