"""DuckDB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..catalogue import DataType, TableName
from .capabilities import CAPABILITIES, qualified, quote
from .connection import open_duckdb
from .ddl import DuckdbDdl
from .types import parse_type, render_type

if TYPE_CHECKING:
    from .read import DuckdbSource
    from .write import DuckdbTarget

__all__ = ["Duckdb", "database", "open_duckdb"]


class Duckdb:
    """How to reach DuckDB files and how DuckDB spells things."""

    can = CAPABILITIES
    ddl = DuckdbDdl(quote, qualified)

    def open_source(self, url: str, *, options: Mapping[str, Any] | None = None) -> DuckdbSource:
        """Open a file and take the snapshot.

        options: ``busy_timeout_seconds``; ``writable``, so that this process can open the file as a target afterwards:
        DuckDB gives a file one access mode.
        """
        from .connect import BUSY_TIMEOUT_SECONDS, acquire, path_of, release
        from .read import DuckdbSource, Snapshot

        options = options or {}
        seconds = float(options.get("busy_timeout_seconds", BUSY_TIMEOUT_SECONDS))
        instance = acquire(path_of(url), read_only=not options.get("writable"), busy_timeout_seconds=seconds)
        try:
            return DuckdbSource(Snapshot(instance))
        except BaseException:
            release(instance)
            raise

    def open_target(self, url: str, *, create: bool = True, options: Mapping[str, Any] | None = None) -> DuckdbTarget:
        """Open a file for writing. options: ``busy_timeout_seconds``, ``ledger_schema``."""
        from .connect import BUSY_TIMEOUT_SECONDS, acquire, path_of
        from .write import DuckdbTarget

        options = options or {}
        seconds = float(options.get("busy_timeout_seconds", BUSY_TIMEOUT_SECONDS))
        instance = acquire(path_of(url), read_only=False, create=create, busy_timeout_seconds=seconds)
        return DuckdbTarget(instance, str(options.get("ledger_schema", "dms_ledger")))

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
        """Schema and table, quoted."""
        return qualified(table)


database = Duckdb()
