"""Rows as bytes, cut into chunks of lines while they stream by."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .base import LineLimits, Lines, Position

PIECE_BYTES = 262_144
"""What is handed on at a time: large enough that calls cost nothing, small enough to stay in cache."""


def cut_rows(
    form: str, rows: Iterator[bytes], limits: LineLimits, position: Callable[[bytes], Position]
) -> Iterator[Lines]:
    """Rows, one ``bytes`` each, as chunks; position: of a row, asked for the last of each chunk only."""
    rest = iter(rows)
    for first in rest:
        lines = Lines(form)
        lines.pieces = one_chunk(lines, first, rest, limits, position)
        yield lines


def one_chunk(
    lines: Lines, first: bytes, rest: Iterator[bytes], limits: LineLimits, position: Callable[[bytes], Position]
) -> Iterator[bytes]:
    """The pieces of one chunk; its figures are set with the last piece."""
    row, buffer, size, total, count = first, [first], len(first), 0, 1
    rows_limit, bytes_limit = limits.rows, limits.size_bytes
    while count < rows_limit and total + size < bytes_limit:
        following = next(rest, None)
        if following is None:
            break
        row = following
        buffer.append(row)
        size += len(row)
        count += 1
        if size >= PIECE_BYTES:
            yield b"".join(buffer)
            total, size = total + size, 0
            buffer.clear()
    lines.rows, lines.size_bytes, lines.position = count, total + size, position(row)
    if buffer:
        yield b"".join(buffer)
