"""A mapping as values: which table goes where, and what each target column is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..schema.types import TypeOverride

__all__ = ["ColumnMap", "Lookup", "Mapping", "TableMap", "TypeOverride"]


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """What one target column is made of: a source column as it is, or an expression (a constant is one too)."""

    target: str
    source: str | None = None
    expression: str | None = None
    type: str | None = None
    """Native type for the target column when its table is created; None derives it."""
    line: int = 0
    """Where it stands in the file, from 1; 0 if it came from no file."""
    column: int = 0
    lossy: tuple[str, ...] = ()
    """Rules by which values that do not fit may be changed (`engine.converting.lossy`)."""


@dataclass(frozen=True, slots=True)
class TableMap:
    """One driving source table into one target table; names as the catalogues spell them."""

    source: str
    target: str
    columns: tuple[ColumnMap, ...] | None = None
    """None maps every column to its namesake."""
    where: str | None = None
    """Only rows for which this expression is true are written; the others are the account ``filtered``."""
    ignore: tuple[str, ...] = ()
    """Source columns that are left behind on purpose."""
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Lookup:
    """A table of replacements used as ``lookup('name', expression)``."""

    name: str
    values: dict[Any, Any] | None = None
    """Given in the file itself, or ..."""
    table: str | None = None
    """... read from a table of the source."""
    key: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping file's content. ``text`` is the file as written, the only form that is kept."""

    name: str
    tables: tuple[TableMap, ...]
    lookups: tuple[Lookup, ...] = ()
    types: tuple[TypeOverride, ...] = ()
    """Types, and lossy rules, for whole source types; a column's own come first."""
    source_fingerprint: str | None = None
    target_fingerprint: str | None = None
    based_on: str | None = None
    text: str = field(default="", compare=False)
