"""Opening SQLite files: what is wrong with a file is found and named first, and no SQL can leave the file.

The file is never opened by anything but SQLite: on POSIX systems closing any other handle on it would drop the locks
that SQLite holds on it in this process.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from ..errors import FileMissing, FileNotADatabase, FileReadOnly, FileUnreadable, UnknownDatabase
from ..urls import ConnectionUrl, normalise
from .errors import translated
from .fingerprint import with_hashes

BUSY_TIMEOUT_SECONDS = 10.0
"""How long a lock of another connection is waited for."""
TARGET_CACHE_KIBIBYTES = 65_536
READING_PRAGMAS = frozenset(
    (
        "table_xinfo",
        "index_list",
        "index_xinfo",
        "foreign_key_list",
        "schema_version",
        "encoding",
        "page_count",
        "page_size",
    )
)
READING = frozenset(
    (
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_TRANSACTION,
    )
)
LEAVING = frozenset((sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH))
FORBIDDEN_PRAGMAS = frozenset(("writable_schema", "trusted_schema", "temp_store_directory", "data_store_directory"))


def path_of(url: str | ConnectionUrl) -> str:
    """The absolute path of a SQLite URL or path. Raises InvalidUrl, OptionNotAllowed, UnknownDatabase."""
    parsed = normalise(url)
    if parsed.database != "sqlite":
        raise UnknownDatabase(url=parsed.without_secrets)
    return parsed.path


def identity(path: str) -> str:
    """``sqlite:`` and the path with links resolved."""
    return f"sqlite:{os.path.realpath(path)}"


def open_for_reading(
    path: str, *, writable: bool = False, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS
) -> sqlite3.Connection:
    """A connection in autocommit that only reads, for any thread.

    writable: what an interrupted write left behind may be rolled back; else such a file is refused.

    Raises FileMissing, FileUnreadable, FileNotADatabase, DatabaseBusy.
    """
    check_file(path)
    if not os.path.getsize(path):
        raise FileNotADatabase(path=path, database="SQLite", reason="it is empty")
    connection = connect(path, "rw" if writable else "ro", busy_timeout_seconds)
    with translated(path):
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA query_only = ON")
        connection.set_authorizer(only_reading)
    return connection


def open_for_writing(
    path: str, *, create: bool, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS
) -> sqlite3.Connection:
    """A durable connection in autocommit; the file's journal mode stays as it is, foreign keys are not enforced.

    Raises FileMissing, FileUnreadable, FileReadOnly, FileNotADatabase, DatabaseBusy.
    """
    if os.path.lexists(path) or not create:
        check_file(path)
    check_writable(path)
    connection = connect(path, "rwc" if create else "rw", busy_timeout_seconds)
    with translated(path):
        for setting in (
            "trusted_schema = OFF",
            "foreign_keys = OFF",
            "synchronous = FULL",
            "fullfsync = ON",
            f"cache_size = -{TARGET_CACHE_KIBIBYTES}",
        ):
            connection.execute(f"PRAGMA {setting}")
        connection.set_authorizer(not_leaving)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return with_hashes(connection)


def connect(path: str, mode: str, busy_timeout_seconds: float) -> sqlite3.Connection:
    """Open by URI, so that the mode is SQLite's own and no character of the path has a meaning."""
    with translated(path):
        return sqlite3.connect(
            f"{Path(path).as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=busy_timeout_seconds,
            cached_statements=0,  # one that is kept keeps its values too, however large
        )


def check_file(path: str) -> None:
    """Is there a file that can be read? Raises FileMissing, FileNotADatabase, FileUnreadable."""
    if not os.path.exists(path):
        raise FileMissing(path=path, database="SQLite")
    if not os.path.isfile(path):
        raise FileNotADatabase(path=path, database="SQLite", reason="it is not a file")
    if not os.access(path, os.R_OK):
        raise FileUnreadable(path=path, database="SQLite", reason="permission denied")


def check_writable(path: str) -> None:
    """May file and folder be written (SQLite keeps its journal beside the file)? Raises FileReadOnly, FileMissing."""
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise FileMissing(path=folder, database="SQLite")
    for place in (path, folder):
        if os.path.exists(place) and not os.access(place, os.W_OK):
            raise FileReadOnly(path=place, database="SQLite", reason="permission denied")


def only_reading(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """SQLite's authorizer of a source: tables are read, the schema is asked for, nothing else."""
    if action == sqlite3.SQLITE_FUNCTION and second == "load_extension":
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":
        return sqlite3.SQLITE_OK  # how SQLite makes a pragma a table; the file itself is open read-only
    if action in READING or (action == sqlite3.SQLITE_PRAGMA and first in READING_PRAGMAS):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def not_leaving(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """SQLite's authorizer of a target: no other file, no extension, no door left open."""
    if action in LEAVING or (action == sqlite3.SQLITE_FUNCTION and second == "load_extension"):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and first in FORBIDDEN_PRAGMAS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
