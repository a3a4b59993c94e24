"""PostgreSQL's errors in our terms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..base import Reject, RowsRefused
from ..errors import (
    ConnectionLost,
    DatabaseError,
    Deadlock,
    DiskFull,
    LockTimeout,
    PrivilegeMissing,
    RowsHidden,
    SerializationFailed,
    SnapshotLost,
    StatementCancelled,
    TryAgain,
)

if TYPE_CHECKING:
    import psycopg

REJECT_CODES = {
    "23502": "not-null",
    "23505": "unique",
    "23503": "foreign-key",
    "23514": "check",
    "23P01": "exclusion",
    "22003": "out-of-range",
    "22001": "too-long",
    "22021": "invalid-text",
    "22P05": "invalid-text",
    "P0001": "refused-by-trigger",
}
SENTENCES = {
    "not-null": "the column must not be NULL",
    "unique": "another row has the same key",
    "foreign-key": "the row it refers to is missing",
    "check": "a check constraint refuses it",
    "exclusion": "it conflicts with another row",
    "out-of-range": "the value is outside the type's range",
    "too-long": "the value is longer than the column",
    "invalid-text": "the text cannot be stored in the database's encoding",
    "refused-by-trigger": "a trigger of the target refuses it",
    "invalid-value": "the value is not one of the type",
}
ROW_CLASSES = ("22", "23", "P0")
LOST_CLASSES = ("08", "57P", "25P03", "25P04")
"""Beginnings of SQLSTATEs after which the session is gone, whatever the connection looks like."""
PASSING: dict[str, type[DatabaseError | ConnectionLost]] = {
    "40P01": Deadlock,
    "40001": SerializationFailed,
    "40003": TryAgain,
    "55P03": LockTimeout,
    "57014": StatementCancelled,
    "53100": DiskFull,
    "53000": TryAgain,
    "53200": TryAgain,
    "53300": TryAgain,
    "53400": TryAgain,
    "55006": TryAgain,
    "25006": TryAgain,
    "58030": TryAgain,
    "72000": SnapshotLost,
}
"""SQLSTATEs of what passes by itself or by waiting: the same statement can succeed later."""
TRY_AGAIN = ("40001", "40P01")
"""SQLSTATEs that ask for the same transaction once more, whoever raises them."""
RAISED_BY = "exec_stmt_raise"
"""The server's function that runs a RAISE."""
ENDED_BY = ("ProcessInterrupts", "ProcessRecoveryConflictInterrupt")
"""The server's functions that end a standby's query or session so that what its primary has done can be replayed."""
KEEPING_UP = "the standby ended it to keep up with its primary; max_standby_streaming_delay and hot_standby_feedback there decide how soon"
COPY_LINE = re.compile(r"^COPY .*?, \D*(\d+)", re.MULTILINE)
COPY_COLUMN = re.compile(r"^COPY .*?, \D*\d+, \S+ ([^:\n]+)", re.MULTILINE)


@contextmanager
def translated(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Turn psycopg's errors into ours; values in messages are cut off."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise translate(error, connection) from error


def translate(error: psycopg.Error, connection: psycopg.Connection[Any]) -> Exception:
    """The error of ours that fits."""
    import psycopg

    sqlstate, message = error.sqlstate or "", safe_message(error)
    silent = not sqlstate and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    if sqlstate == "40001" and error.diag.source_function in ENDED_BY:
        return SnapshotLost(database="PostgreSQL", reason=KEEPING_UP)
    if connection.closed or connection.broken or silent or sqlstate.startswith(LOST_CLASSES):
        return ConnectionLost(database="PostgreSQL", reason=message)
    if sqlstate in PASSING and (sqlstate in TRY_AGAIN or not was_raised(error)):
        return PASSING[sqlstate](database="PostgreSQL", reason=message)
    if sqlstate == "42501":
        if "row-level security" in message or "row_security" in message:
            return RowsHidden(table=error.diag.table_name or quoted_name(message))
        return PrivilegeMissing(user=connection.info.user, action="do this", reason=message)
    if sqlstate.startswith(ROW_CLASSES) or was_raised(error):
        return RowsRefused(message)
    return DatabaseError(database="PostgreSQL", reason=message)


def safe_message(error: psycopg.Error) -> str:
    """The server's primary message without DETAIL and CONTEXT, which hold values, and without quoted values."""
    if was_raised(error):
        return f"a function of the database raised an error (SQLSTATE {error.sqlstate})"
    text = error.diag.message_primary or str(error).split("\n", maxsplit=1)[0]
    return re.sub(r': "(?:[^"]|"")*"', "", text) if (error.sqlstate or "").startswith("22") else text


def was_raised(error: psycopg.Error) -> bool:
    """Is it a RAISE of somebody's PL/pgSQL, whatever code it gives itself? Its text may hold anything."""
    return error.diag.source_function == RAISED_BY


def quoted_name(message: str) -> str:
    """The first name in double quotes in a message."""
    found = re.search(r'"([^"]+)"', message)
    return found[1] if found else "a table"


def failed_line(error: psycopg.Error) -> int | None:
    """The line of the COPY, from 1, that the server names in its context, in whatever language."""
    found = COPY_LINE.findall(error.diag.context or "")
    return int(found[-1]) if found else None


def reject(row: int, error: psycopg.Error) -> Reject:
    """Why the server refused a row."""
    code = REJECT_CODES.get(error.sqlstate or "", "refused-by-trigger" if was_raised(error) else "invalid-value")
    column = error.diag.column_name
    if column is None and (found := COPY_COLUMN.search(error.diag.context or "")):
        column = found[1]
    constraint = f" ({error.diag.constraint_name})" if error.diag.constraint_name else ""
    return Reject(row, column, code, SENTENCES[code] + constraint)
