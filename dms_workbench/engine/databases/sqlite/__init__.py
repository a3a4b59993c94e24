"""SQLite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..catalogue import DataType, TableName
from .capabilities import CAPABILITIES, qualified, quote
from .ddl import SqliteDdl
from .types import parse_type, render_type

if TYPE_CHECKING:
    from .read import SqliteSource
    from .write import SqliteTarget


class Sqlite:
    """How to reach SQLite files and how SQLite spells things."""

    can = CAPABILITIES
    ddl = SqliteDdl(quote, qualified)

    def open_source(self, url: str, *, options: Mapping[str, Any] | None = None) -> SqliteSource:
        """Open a file read-only and begin the read transaction.

        options: ``busy_timeout_seconds``; ``writable``, so that what an interrupted write left behind is rolled back.
        """
        from .connect import open_for_reading, path_of
        from .read import Snapshot, SqliteSource

        path = path_of(url)
        writable = bool((options or {}).get("writable"))
        seconds = busy_timeout_seconds(options)
        connection = open_for_reading(path, writable=writable, busy_timeout_seconds=seconds)
        try:
            return SqliteSource(Snapshot(connection, path))
        except BaseException:
            connection.close()
            raise

    def open_target(self, url: str, *, create: bool = True, options: Mapping[str, Any] | None = None) -> SqliteTarget:
        """Open a file for writing. options: ``busy_timeout_seconds``."""
        from .connect import open_for_writing, path_of
        from .write import SqliteTarget

        path = path_of(url)
        seconds = busy_timeout_seconds(options)
        connection = open_for_writing(path, create=create, busy_timeout_seconds=seconds)
        return SqliteTarget(connection, path, busy_timeout_seconds=seconds)

    def parse_type(self, native: str) -> DataType:
        """See `types.parse_type`."""
        return parse_type(native)

    def render_type(self, type: DataType) -> str:
        """See `types.render_type`."""
        return render_type(type)

    def quote(self, name: str) -> str:
        """An identifier, quoted."""
        return quote(name)

    def qualified(self, table: TableName) -> str:
        """The table's name, quoted."""
        return qualified(table)


def busy_timeout_seconds(options: Mapping[str, Any] | None) -> float:
    """How long locks are waited for."""
    from .connect import BUSY_TIMEOUT_SECONDS

    return float((options or {}).get("busy_timeout_seconds", BUSY_TIMEOUT_SECONDS))


database = Sqlite()
