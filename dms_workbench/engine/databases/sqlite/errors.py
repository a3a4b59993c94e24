"""SQLite's errors as ours, and as rejects of single rows; none repeats a value."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from ....kernel.errors import WorkbenchError
from ..base import Reject
from ..errors import DatabaseBusy, DatabaseError, DiskFull, FileNotADatabase, FileReadOnly, FileUnreadable

INTERRUPTED = (
    "an interrupted write left a journal that must be rolled back first; open the file once with write access, "
    "for example: sqlite3 FILE 'select 1'"
)
DATATYPE = re.compile(r"cannot store (\w+) value in (\w+) column (.*)", re.DOTALL)
ROW_ERRORS = (sqlite3.IntegrityError, sqlite3.DataError)
"""What sqlite3 raises when the rows themselves are to blame."""


@contextmanager
def translated(path: str) -> Iterator[None]:
    """Raise SQLite's errors as those of `engine.databases.errors`."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error, path) from error


def translate(error: sqlite3.Error, path: str) -> WorkbenchError:
    """Our error for one of SQLite's; a constraint's message names tables and columns and holds no values."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    reason = str(error)
    match code & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return DatabaseBusy(path=path, reason=f"{reason}; waited as long as allowed", database="SQLite")
        case sqlite3.SQLITE_FULL:
            return DiskFull(database="SQLite", reason=reason)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return readonly(code, path, reason)
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_IOERR:
            return FileUnreadable(path=path, reason=reason, database="SQLite")
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return FileNotADatabase(path=path, database="SQLite", reason=reason)
    return DatabaseError(database="SQLite", reason=reason)


def readonly(code: int, path: str, reason: str) -> WorkbenchError:
    """Read-only is two things: may not write, or must write before it can be read."""
    if code == sqlite3.SQLITE_READONLY:
        return FileReadOnly(path=path, reason=reason, database="SQLite")
    return FileUnreadable(path=path, reason=INTERRUPTED, database="SQLite")


def reject(row: int, error: sqlite3.Error, table: str) -> Reject:
    """Why SQLite refused one row."""
    kind, _, detail = str(error).partition(" constraint failed")
    columns = named_columns(detail.removeprefix(": "), table)
    column = columns[0] if len(columns) == 1 else None
    match kind:
        case "NOT NULL":
            return Reject(row, column, "not-null", "the target column must not be NULL")
        case "UNIQUE":
            key = f" ({', '.join(columns)})" if columns else ""
            return Reject(row, column, "unique", f"the key{key} is in the target already")
        case "CHECK":
            return Reject(row, None, "check", f"the check constraint{detail or ' of the table'} fails")
        case "FOREIGN KEY":
            return Reject(row, None, "foreign-key", "the row it refers to is missing")
    return reject_without_constraint(row, error, table)


def reject_without_constraint(row: int, error: sqlite3.Error, table: str) -> Reject:
    """Type errors, sizes and triggers."""
    if found := DATATYPE.fullmatch(str(error)):
        names = named_columns(found[3], table)
        reason = f"a {found[1]} value does not fit a strict {found[2]} column"
        return Reject(row, names[0] if names else None, "invalid-value", reason)
    if "datatype mismatch" in str(error):
        return Reject(row, None, "invalid-value", "the INTEGER PRIMARY KEY takes only integers")
    if isinstance(error, sqlite3.DataError):
        return Reject(row, None, "too-long", "SQLite holds no value of this size")
    return Reject(row, None, "refused-by-target", "a trigger of the target refused the row")


def named_columns(detail: str, table: str) -> list[str]:
    """Column names out of ``table.a, table.b``."""
    prefix = f"{table}."
    if not detail.startswith(prefix):
        return []
    return detail.removeprefix(prefix).split(f", {prefix}")
