"""DuckDB files of this process: each is open once, whoever reads or writes it, and everybody has a cursor.

A DuckDB file belongs to one process, and within it to one instance with one access mode. Closing any other handle on
the file would drop the lock on it, so nothing else here opens it.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import (
    DatabaseBusy,
    FileMissing,
    FileNotADatabase,
    FileReadOnly,
    FileUnreadable,
    RunLocked,
    UnknownDatabase,
)
from ..urls import ConnectionUrl, normalise
from .connection import open_duckdb
from .errors import translate

if TYPE_CHECKING:
    import duckdb

BUSY_TIMEOUT_SECONDS = 10.0
"""How long a file that another process has open is waited for."""
POLL_SECONDS = 0.1


@dataclass(slots=True)
class Instance:
    """One open file. ``commits`` counts what this process committed to it; guarded by ``guard``."""

    path: str
    read_only: bool
    connection: duckdb.DuckDBPyConnection
    users: int = 1
    commits: int = 0
    guard: threading.RLock = field(default_factory=threading.RLock)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the file."""
        with self.guard:
            return self.connection.cursor()


_instances: dict[str, Instance] = {}
_opening = threading.Lock()
_locks: dict[tuple[str, str], object] = {}
_lock_released = threading.Condition()


def path_of(url: str | ConnectionUrl) -> str:
    """The absolute path of a DuckDB URL or path. Raises InvalidUrl, OptionNotAllowed, UnknownDatabase."""
    parsed = normalise(url)
    if parsed.database != "duckdb":
        raise UnknownDatabase(url=parsed.without_secrets)
    return parsed.path


def identity(path: str) -> str:
    """``duckdb:`` and the path with links resolved."""
    return f"duckdb:{os.path.realpath(path)}"


def acquire(
    path: str, *, read_only: bool, create: bool = False, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS
) -> Instance:
    """The instance of a file, opened if it is not open yet; give it back with `release`.

    Raises FileMissing, FileUnreadable, FileReadOnly, FileNotADatabase; DatabaseBusy if another process has the file, or
    this one only reads it and it is to be written.
    """
    deadline = time.monotonic() + busy_timeout_seconds
    while True:
        try:
            with _opening:
                return known_or_opened(path, read_only=read_only, create=create)
        except DatabaseBusy:
            if time.monotonic() > deadline:
                raise
        time.sleep(POLL_SECONDS)


def release(instance: Instance) -> None:
    """One user less; the last one closes the file."""
    with _opening:
        instance.users -= 1
        if not instance.users:
            del _instances[os.path.realpath(instance.path)]
            instance.connection.close()


def known_or_opened(path: str, *, read_only: bool, create: bool) -> Instance:
    """One user more of an open file, or its first."""
    real = os.path.realpath(path)
    known = _instances.get(real)
    if known is None:
        known = _instances[real] = Instance(path, read_only, opened(path, read_only=read_only, create=create))
        return known
    if known.read_only and not read_only:
        raise DatabaseBusy(path=path, reason="this process reads it at the moment", database="DuckDB")
    known.users += 1
    return known


def opened(path: str, *, read_only: bool, create: bool) -> duckdb.DuckDBPyConnection:
    """Open a file that is not open in this process."""
    import duckdb as module

    if os.path.lexists(path) or not create:
        check_file(path)
    if not read_only:
        check_writable(path)
    try:
        return open_duckdb(os.path.realpath(path), read_only=read_only)
    except module.Error as error:
        raise translate(error, path) from None


def check_file(path: str) -> None:
    """Is there a file that can be read? Raises FileMissing, FileNotADatabase, FileUnreadable."""
    if not os.path.exists(path):
        raise FileMissing(path=path, database="DuckDB")
    if not os.path.isfile(path):
        raise FileNotADatabase(path=path, database="DuckDB", reason="it is not a file")
    if not os.access(path, os.R_OK):
        raise FileUnreadable(path=path, database="DuckDB", reason="permission denied")
    if not os.path.getsize(path):
        raise FileNotADatabase(path=path, database="DuckDB", reason="it is empty")


def check_writable(path: str) -> None:
    """May file and folder be written (the write-ahead log stands beside the file)? Raises FileReadOnly, FileMissing."""
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise FileMissing(path=folder, database="DuckDB")
    for place in (path, folder):
        if os.path.exists(place) and not os.access(place, os.W_OK):
            raise FileReadOnly(path=place, database="DuckDB", reason="permission denied")


def take_lock(path: str, name: str, owner: object, *, timeout_seconds: float) -> None:
    """Hold a lock of this process, which is the only one that has the file. Raises RunLocked."""
    key = (os.path.realpath(path), name)
    with _lock_released:
        free = _lock_released.wait_for(lambda: _locks.get(key, owner) is owner, timeout_seconds)
        if not free:
            raise RunLocked(lock=name, seconds=timeout_seconds)
        _locks[key] = owner


def drop_locks(owner: object) -> None:
    """Give back all locks of an owner."""
    with _lock_released:
        for key in [key for key, holder in _locks.items() if holder is owner]:
            del _locks[key]
        _lock_released.notify_all()
