"""SQLite's DDL."""

from __future__ import annotations

from ..ddl import StandardDdl


class SqliteDdl(StandardDdl):
    """What SQLite says in its own way."""

    product = "SQLite"
