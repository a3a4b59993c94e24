"""The one function that opens DuckDB: every connection of the product is locked down the same way."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ....platform import FileLock, is_locked
from .capabilities import literal

if TYPE_CHECKING:
    import duckdb

PREFIX = "dms-duckdb-"
LOCK = "owner.lock"
IN_MEMORY = ":memory:"
MEMORY_LIMIT = "1GB"
FILE_MEMORY_LIMIT = "256MB"
"""Of a database file: what does not fit is on the disk anyway."""
SHED_MEMORY_LIMIT = "64MB"
"""What `shed` leaves of it for a moment."""
CHECKPOINT_BYTES = "64MB"
"""How long a file's write-ahead log grows before it is worked in: with DuckDB's own 16 MB every other chunk of a copy would
compress the last rows of its table anew."""
VACUUM_TASKS = "0"
"""Rows that were worked in stay in the groups they were written in. Merging groups, which DuckDB else does each time, has all values of
2,048 rows in memory at once: with its memory limit a fourth cell of 64 MB could not be written (measured, DuckDB 2.0), and fatally so."""
THREADS_AT_MOST = 4


def open_duckdb(
    path: str = IN_MEMORY,
    read_only: bool = False,
    spool_directory: str | None = None,
    *,
    more_directories: Sequence[str] = (),
    memory_bytes: int | None = None,
) -> duckdb.DuckDBPyConnection:
    """Open a database file, or one in memory that ends with the connection.

    SQL cannot reach files, the network, extensions or variables of this Python process, and cannot change the
    settings, but for a file's limit of memory.
    spool_directory: the only folder whose files SQL may read and write, but for ``more_directories``.
    memory_bytes: what it may use; by default 1 GB in memory, and 256 MB for a file. What does not fit into memory is kept in a
    private folder that goes with this process. The time zone is UTC.

    Raises DuckDB's own errors: see `errors.translate`.
    """
    import duckdb

    connection = duckdb.connect(
        path,
        read_only=read_only,
        config={
            "memory_limit": memory_limit(path, memory_bytes),
            "checkpoint_threshold": CHECKPOINT_BYTES,
            "max_vacuum_tasks": VACUUM_TASKS,
            "threads": str(min(THREADS_AT_MOST, os.cpu_count() or 1)),
            "temp_directory": spill_directory(),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
        },
    )
    if spool_directory is not None:
        allowed = ", ".join(literal(os.path.realpath(each)) for each in (spool_directory, *more_directories))
        connection.execute(f"SET allowed_directories = [{allowed}]")
    left_open = [] if path == IN_MEMORY else ["allowed_configs = ['memory_limit']"]  # of a file's, for `shed`
    for setting in (
        "GLOBAL TimeZone = 'UTC'",
        "enable_external_access = false",
        *left_open,
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")
    return connection


def shed(connection: duckdb.DuckDBPyConnection) -> None:
    """Let go of what a file's database only keeps in case it is read again; what is in use stays."""
    import duckdb

    for limit in (SHED_MEMORY_LIMIT, FILE_MEMORY_LIMIT):
        with contextlib.suppress(duckdb.OutOfMemoryException):
            connection.execute(f"SET GLOBAL memory_limit = {literal(limit)}")


def memory_limit(path: str, memory_bytes: int | None) -> str:
    """As DuckDB's setting."""
    if memory_bytes is not None:
        return f"{memory_bytes}B"
    return MEMORY_LIMIT if path == IN_MEMORY else FILE_MEMORY_LIMIT


@functools.cache
def spill_directory() -> str:
    """A folder of this process that nobody else may look into; removed at its end, or by the next process if it was killed."""
    sweep_spills(Path(tempfile.gettempdir()))
    path = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = FileLock.take(path / LOCK)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    if lock is not None:
        atexit.register(lock.release)
    return str(path)


def sweep_spills(folder: Path) -> None:
    """Remove the folders of this user's processes that were killed: nobody holds their lock any more."""
    for path in folder.glob(f"{PREFIX}*"):
        lock = path / LOCK
        try:
            if lock.exists() and os.access(lock, os.W_OK) and not is_locked(lock):
                shutil.rmtree(path, ignore_errors=True)
        except OSError:
            continue
