"""DuckDB's errors as ours. Its messages repeat row values, so only their beginning is passed on, with values taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ....kernel.errors import WorkbenchError
from ..base import RowsRefused
from ..errors import (
    ConnectionLost,
    DatabaseBusy,
    DatabaseError,
    DiskFull,
    FileMissing,
    FileNotADatabase,
    FileReadOnly,
    FileUnreadable,
    SerializationFailed,
)

if TYPE_CHECKING:
    import duckdb

NO_ROOM = re.compile(r"No space left on device|[Dd]isk is full|not enough space", re.IGNORECASE)
INVALIDATED = re.compile(r"database has been invalidated|^FATAL Error")
CONFLICT = re.compile(r"^TransactionContext Error: (Failed to commit: )?.*[Cc]onflict|^Transaction.*: .*[Cc]onflict")
WOULD_CHANGE = "dms: the value would change"
HELD = re.compile(r"Conflicting lock is held in (.*?) \(PID (\d+)\)")
VALUES = re.compile(r"\"[^\"]*\"|'[^']*'|(?<=Input: ).*|(?<=with value )\S+")
ROW_ERRORS = (
    (re.compile(r"NOT NULL constraint failed"), "a column must not be NULL"),
    (re.compile(r"[Dd]uplicate key"), "a key is in the target already"),
    (re.compile(r"foreign key constraint"), "a row that is referred to is missing"),
    (re.compile(r"CHECK constraint failed"), "a check constraint fails"),
    (re.compile(re.escape(WOULD_CHANGE)), "a value would change on its way into the column"),
)
FILE_ERRORS: tuple[tuple[re.Pattern[str], type[WorkbenchError]], ...] = (
    (re.compile(r"not a valid DuckDB database|[Dd]ifferent version|newer version|Corrupt|checksum|Is a directory"), FileNotADatabase),
    (re.compile(r"does not exist|No such file"), FileMissing),
    (re.compile(r"read-only|Read-only"), FileReadOnly),
    (re.compile(r"Permission denied|Cannot open file|Could not read"), FileUnreadable),
)  # fmt: skip


@contextmanager
def translated(path: str) -> Iterator[None]:
    """Raise DuckDB's errors as those of `engine.databases.errors`, without the values in their messages."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise translate(error, path) from without_values(error)


def translate(error: duckdb.Error, path: str) -> WorkbenchError:
    """Our error for one of DuckDB's."""
    text = str(error)
    if held := HELD.search(text):
        return DatabaseBusy(path=path, reason=f"process {held[2]} ({held[1]}) has it open", database="DuckDB")
    if NO_ROOM.search(text):
        return DiskFull(database="DuckDB", reason=harmless(text))
    if INVALIDATED.search(text):
        return ConnectionLost(database="DuckDB", reason="the file has to be opened again after an error")
    if CONFLICT.search(text):
        return SerializationFailed(database="DuckDB", reason=harmless(text))
    if text.startswith("IO Error") or "Is a directory" in text:
        for pattern, known in FILE_ERRORS:
            if pattern.search(text):
                return known(path=path, database="DuckDB", reason=file_reason(text))
    return DatabaseError(database="DuckDB", reason=harmless(text))


def file_reason(text: str) -> str:
    """What DuckDB says of a file, without its path."""
    said = re.sub(r'[Tt]he file "[^"]*"|(database|file) "[^"]*"', "it", text.removeprefix("IO Error: "))
    return harmless(said[:1].lower() + said[1:]).rstrip("!")


def refused(error: duckdb.Error) -> RowsRefused | None:
    """The rows' own fault, in words without values; None for any other error."""
    import duckdb

    rows = (
        duckdb.ConstraintException,
        duckdb.ConversionException,
        duckdb.OutOfRangeException,
        duckdb.InvalidInputException,
    )
    if not isinstance(error, rows):
        return None
    hint = next((hint for pattern, hint in ROW_ERRORS if pattern.search(str(error))), None)
    if hint is None and isinstance(error, duckdb.InvalidInputException):
        return None
    return RowsRefused(hint or "a value does not fit its column")


def harmless(text: str) -> str:
    """The first line without anything quoted: names and values look alike there."""
    return VALUES.sub("…", text.partition("\n")[0].strip())


def without_values(error: duckdb.Error) -> Exception:
    """An error of the same class for the traceback."""
    return type(error)(harmless(str(error)))
