"""A mapping as values: which table goes where, and what each target column is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ..schema.types import TypeOverride

__all__ = ["MODES", "ColumnMap", "Decision", "Join", "Lookup", "Mapping", "Mode", "TableMap", "TypeOverride"]

Status = Literal["accepted", "rejected", "open"]
STATUSES: tuple[Status, ...] = get_args(Status)
Mode = Literal["create", "append", "replace", "upsert", "insert-missing"]
MODES: tuple[Mode, ...] = get_args(Mode)
Kind = Literal["left", "inner"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a table map or column map, by whom and when."""

    status: Status
    """``open``: not decided yet. ``rejected``: decided that nothing suggested fits; nothing is written there."""
    by: str | None = None
    at: str | None = None
    """ISO 8601 in UTC: ``2026-01-05T10:00:00Z``."""
    confidence: float | None = None
    """Of the suggestion that was decided on, 0 to 1."""
    rejected: tuple[str, ...] = ()
    """Sources that were turned down, each as ``table.column``, of a table map as ``table``."""
    candidates: tuple[str, ...] = ()
    """Sources that may be chosen, in the same form, best first."""


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
    owner: str | None = None
    """Who answers for this line."""
    remark: str | None = None
    decision: Decision | None = None

    @property
    def made(self) -> bool:
        """Is it made of something? A column that is open or rejected may be made of nothing; then it is not written."""
        return self.source is not None or self.expression is not None


@dataclass(frozen=True, slots=True)
class Join:
    """A table of the source whose columns a table map's expressions read as ``name.column``.

    It adds no rows: the joined table's key must be unique. Where no row is found its columns are NULL, or (``inner``) the
    driving row is filtered.
    """

    name: str
    table: str
    on: dict[str, str]
    """Column of the joined table -> expression over the driving row that it must be equal to."""
    kind: Kind = "left"


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
    mode: Mode | None = None
    """How rows are written into this table; None as the run says."""
    joins: tuple[Join, ...] = ()
    owner: str | None = None
    remark: str | None = None
    decision: Decision | None = None

    @property
    def rejected(self) -> bool:
        """Was the table map turned down? Then it stays in the file, and is not carried out."""
        return self.decision is not None and self.decision.status == "rejected"


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
    more_keys: tuple[str, ...] = ()
    """Of a column of a `Join`: the other columns of its key."""
    on: tuple[str, ...] = ()
    """Of a column of a `Join`: the expression for each column of its key. Its name is ``join.column``."""


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
