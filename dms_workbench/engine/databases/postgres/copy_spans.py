"""Parts of a file sent to PostgreSQL by ``COPY … FROM STDIN`` without being read: where nothing protects the line.

Source: PostgreSQL documentation, "Message Formats" (CopyData).
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any, cast

from ..base import Lines
from ..spans import CAN_SEND, Span
from .line import PlainLine
from .wire import COPY_DONE, COPY_IN_BEGINS, Wire, next_piece, taken_over

if TYPE_CHECKING:
    import psycopg

UNABLE = frozenset((errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EIO))
"""The file, not the line: a file system from which nothing can be sent, or bytes that cannot be read."""
READ_BYTES = 262_144


def takes_spans(connection: psycopg.Connection[Any]) -> bool:
    """May parts of files be sent on a connection that `speaks`?"""
    return CAN_SEND and not connection.pgconn.ssl_in_use


def copy_spans(connection: psycopg.Connection[Any], statement: str, lines: Lines) -> int:
    """Send the spans of a chunk; the server's count. Raises as the methods of `Wire`, and what reading raises."""
    with taken_over(connection) as wire:
        wire.begin(statement, COPY_IN_BEGINS)
        pieces = iter(lines.pieces)
        while (piece := next_piece(wire, pieces)) is not None:
            send_span(wire, cast(Span, piece))
        wire.send(COPY_DONE)
        return wire.finish()


def send_span(wire: Wire, span: Span) -> None:
    """Send a span as one message. Where its file has become shorter, the message is filled up and the COPY ended as failed."""
    wire.send(b"d" + (len(span) + 4).to_bytes(4, "big"))
    at, by_system = 0, True
    while at < len(span):
        try:
            if not by_system:
                data = span.read(at, READ_BYTES)
            else:
                at += sent(wire, span, at)
                continue
        except OSError as error:
            if by_system and error.errno in UNABLE:
                by_system = False
                continue
            wire.lost(error)
        except Exception:
            wire.send(bytes(len(span) - at))
            wire.fail()
            raise
        wire.send(data)
        at += len(data)


def sent(wire: Wire, span: Span, at: int) -> int:
    """As many bytes of a span as the line takes at once; waits, and is 0, where it takes none."""
    line = cast(PlainLine, wire.line)
    taken = line.send_span(span, at)
    if not taken:
        wire.wait_to_send()
    return taken
