"""DuckDB's DDL."""

from __future__ import annotations

from ..ddl import StandardDdl


class DuckdbDdl(StandardDdl):
    """What DuckDB says in its own way."""

    product = "DuckDB"
