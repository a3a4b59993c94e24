"""The schemas of a database, and the ones that names and globs choose."""

from __future__ import annotations

from fnmatch import fnmatchcase

from .base import Source

SYSTEM = frozenset(("information_schema", "pg_catalog", "pg_toast", "mysql", "performance_schema", "sys", "dms_ledger"))
SCHEMATA = "SELECT DISTINCT schema_name FROM information_schema.schemata ORDER BY 1"


def schema_names(source: Source) -> list[str]:
    """All schemas but the product's own; none where there are no schemas."""
    if not source.can.has_schemas:
        return []
    names = [str(row[0]) for rows in source.stream(SCHEMATA) for row in rows]
    return [name for name in names if name not in SYSTEM and not name.startswith("pg_temp_") and "pg_toast" not in name]


def chosen_schemas(source: Source, patterns: tuple[str, ...]) -> list[str]:
    """The schemas that names or globs choose, each once, in the order of the patterns; a plain name stands for itself."""
    if all(not set("*?[") & set(pattern) for pattern in patterns):
        return list(dict.fromkeys(patterns))
    known = schema_names(source)
    fitting = [[name for name in known if name == pattern or fnmatchcase(name, pattern)] for pattern in patterns]
    return list(dict.fromkeys(name for names in fitting for name in names))
