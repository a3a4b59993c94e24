"""MySQL's and MariaDB's errors in our terms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..base import Reject, RowsRefused
from ..errors import (
    ConnectionLost,
    DatabaseError,
    Deadlock,
    DiskFull,
    LockTimeout,
    PrivilegeMissing,
    SnapshotLost,
    StatementCancelled,
    TryAgain,
)

if TYPE_CHECKING:
    from .wire import Connection

LOST = frozenset((1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 2014, 2027, 2055, 4031))
PASSING: dict[int, type[DatabaseError | ConnectionLost]] = {
    1205: LockTimeout,
    3572: LockTimeout,
    1213: Deadlock,
    1020: TryAgain,
    1021: DiskFull,
    1114: DiskFull,
    1037: TryAgain,
    1040: TryAgain,
    1041: TryAgain,
    1203: TryAgain,
    1206: TryAgain,
    1226: TryAgain,
    1290: TryAgain,
    1317: StatementCancelled,
    1028: StatementCancelled,
    1969: StatementCancelled,
    3024: StatementCancelled,
    1412: SnapshotLost,
    1836: TryAgain,
}
"""Numbers of what passes by itself or by waiting; 1290 and 1836 say that the server only reads at the moment."""
READS_ONLY = 1290
DENIED = frozenset((1044, 1045, 1142, 1143, 1227, 1290, 1370, 1410, 1419, 1420, 3118))
REJECT_CODES = {
    1048: "not-null",
    1263: "not-null",
    1364: "not-null",
    1062: "unique",
    1022: "unique",
    1169: "unique",
    1586: "unique",
    1216: "foreign-key",
    1452: "foreign-key",
    3819: "check",
    4025: "check",
    1264: "out-of-range",
    1690: "out-of-range",
    1406: "too-long",
    1366: "invalid-value",
    1265: "invalid-value",
    1292: "invalid-value",
    1367: "invalid-value",
    1411: "invalid-value",
    1416: "invalid-value",
    1267: "invalid-text",
    1300: "invalid-text",
    3140: "invalid-value",
    1526: "out-of-range",
    1118: "too-long",
    1153: "too-long",
    1301: "too-long",
    1644: "refused-by-trigger",
    4078: "invalid-value",
    1441: "out-of-range",
    3037: "invalid-value",
    1467: "out-of-range",
    1071: "too-long",
}
"""The server's numbers of errors (and, where a warning says that a value was changed, of warnings) that a row is to blame for."""
SENTENCES = {
    "not-null": "the column must not be NULL",
    "unique": "another row has the same key",
    "foreign-key": "the row it refers to is missing",
    "check": "a check constraint refuses it",
    "out-of-range": "the value is outside the type's range",
    "too-long": "the value is longer than the column",
    "invalid-value": "the value is not one of the type",
    "invalid-text": "the text cannot be stored in the column's character set",
    "refused-by-trigger": "a trigger of the target refuses it",
}
CONSTRAINT = re.compile(r"(?:CONSTRAINT|for key|Check constraint) ['`]([^'`]+)['`]")
COLUMN = re.compile(r"(?:[Cc]olumn|[Ff]ield) [`']?(?:`?[^`'.]+`?\.)*`?([^`']+)[`']")
SILENT_CHANGES = frozenset((1264, 1265, 1292, 1366, 1406, 1300, 1263, 1364, 1048, 1062, 1411, 1367, 1261, 1262, 1416))
"""Warnings that say that something else was stored than was sent, or nothing."""


@contextmanager
def translated(connection: Connection) -> Iterator[None]:
    """Turn the driver's errors into ours; values in messages are cut off."""
    from pymysql import err

    try:
        yield
    except (err.Error, OSError, RuntimeError) as error:
        raise translate(error, connection) from error


def translate(error: Exception, connection: Connection) -> Exception:
    """The error of ours that fits."""
    number, message = number_of(error), safe_message(error)
    if not connection.open or number in LOST or isinstance(error, OSError) or (not number and not message):
        return ConnectionLost(database="MySQL", reason=message or "the connection is closed")
    if number in PASSING and (number != READS_ONLY or "read-only" in message or "read_only" in message):
        return PASSING[number](database="MySQL", reason=message)
    if number in DENIED:
        return PrivilegeMissing(user=user_of(connection), action="do this", reason=message)
    if number in REJECT_CODES:
        return RowsRefused(message)
    return DatabaseError(database="MySQL", reason=message)


def user_of(connection: Connection) -> str:
    """Who is connected."""
    user = connection.user
    return user.decode("utf-8", "replace") if isinstance(user, bytes) else str(user)


def number_of(error: Exception) -> int:
    """The server's number of an error; 0 if it has none."""
    first = error.args[0] if error.args else 0
    return first if isinstance(first, int) else 0


def text_of(error: Exception) -> str:
    """The server's whole message."""
    return str(error.args[1]) if len(error.args) > 1 else str(error)


def safe_message(error: Exception) -> str:
    """The server's message without the values it repeats."""
    number, text = number_of(error), text_of(error)
    if number == 1644:
        return "a trigger or routine of the database raised an error"
    if number in REJECT_CODES:
        return described(number, text)
    return text.split("\n", maxsplit=1)[0]


def described(number: int, text: str) -> str:
    """What a row's error means, with the names in it and without the values."""
    names = [f"column {found[1]}"] if (found := COLUMN.search(text)) else []
    names += [found[1]] if (found := CONSTRAINT.search(text)) else []
    return SENTENCES[REJECT_CODES[number]] + (f" ({', '.join(names)})" if names else "")


def reject(row: int, number: int, text: str) -> Reject:
    """Why the server refused a row."""
    code = REJECT_CODES.get(number, "invalid-value")
    column = found[1] if (found := COLUMN.search(text)) else None
    constraint = f" ({found[1]})" if (found := CONSTRAINT.search(text)) else ""
    return Reject(row, column, code, SENTENCES[code] + constraint)
