"""Rows of PostgreSQL as CSV whose fields are the text of their values, for targets that read them into typed columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..base import LineColumn, LineLimits, Lines, Position
from ..canonical_csv import CANONICAL, passes
from .errors import translated

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGconn

FAILED = -2
"""What libpq gives instead of a size where a COPY has failed."""


def gives_csv(columns: Sequence[LineColumn], keys: Sequence[str]) -> bool:
    """Are these columns of the table what conversion would make of them, and is its key among them, first?"""
    names = [column.source.name if column.source is not None else "" for column in columns]
    if names[: len(keys)] != list(keys):
        return False
    return all(
        column.source is not None and not column.sql and passes(column.source.type, column.target.type)
        for column in columns
    )


def read_csv(connection: psycopg.Connection[Any], sql: str, keys: int, limits: LineLimits) -> Iterator[Lines]:
    """The rows of a query as chunks; keys: how many of a row's first fields make its position.

    Left early, the COPY is cancelled and the transaction is spoiled.
    """
    from psycopg import errors, pq

    pgconn = connection.pgconn
    with translated(connection):
        result = pgconn.exec_(f"COPY ({sql}) TO STDOUT (FORMAT csv)".encode())
        if result.status != pq.ExecStatus.COPY_OUT:
            raise errors.error_from_result(result)
        for rows in rows_in_chunks(pgconn, limits):
            lines = Lines(CANONICAL)
            lines.pieces = whole(lines, rows, json.dumps(leading_fields(rows[-1], keys)) if keys else "")
            yield lines
        while ended := pgconn.get_result():
            if ended.status != pq.ExecStatus.COMMAND_OK:
                raise errors.error_from_result(ended)


def rows_in_chunks(pgconn: PGconn, limits: LineLimits) -> Iterator[list[bytes]]:
    """The rows of a COPY in lists as long as the limits say.

    Written without a generator a row: that alone would cost as much as reading.
    """
    from psycopg import errors

    get = pgconn.get_copy_data
    size = 1
    while size > 0:
        rows: list[bytes] = []
        left, most = limits.size_bytes, limits.rows
        while left > 0 and len(rows) < most:
            size, data = get(0)
            if size <= 0:
                break
            rows.append(bytes(data))
            left -= size
            del data  # a large cell is not held twice
        if rows:
            yield rows
    if size == FAILED:
        raise errors.OperationalError(pgconn.get_error_message())


def whole(lines: Lines, rows: list[bytes], position: Position) -> Iterator[bytes]:
    """A chunk in one piece, since its reader wants it whole."""
    data = b"".join(rows)
    lines.rows, lines.size_bytes, lines.position = len(rows), len(data), position
    rows.clear()
    yield data


def leading_fields(row: bytes, count: int) -> list[str]:
    """The first fields of a row, none of them NULL; the others may be of any length."""
    fields, at = [], 0
    for _ in range(count):
        if row[at : at + 1] != b'"':
            end = min(found for found in (row.find(b",", at), row.find(b"\n", at), len(row)) if found >= 0)
            fields.append(row[at:end].decode())
        else:
            end = closing_quote(row, at + 1)
            fields.append(row[at + 1 : end].replace(b'""', b'"').decode())
            end += 1
        at = end + 1
    return fields


def closing_quote(row: bytes, at: int) -> int:
    """Where the quote stands that ends a field; a doubled one does not."""
    while True:
        at = row.index(b'"', at)
        if row[at + 1 : at + 2] != b'"':
            return at
        at += 2
