"""Offers as results: an expression that may fill a target column, and the parts of a mapping file it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...kernel.shown import Readable

if TYPE_CHECKING:
    from ...engine.mapping import ColumnMap, Lookup
    from ...engine.matching.offers import Offer


@dataclass(frozen=True)
class OfferedLookup(Readable):
    """A line under ``lookups`` that an offer's expression needs: a table of the source, its key and its value."""

    name: str
    table: str
    key: str
    value: str

    def __str__(self) -> str:
        return f"{self.name}: {{table: {self.table}, key: {self.key}, value: {self.value}}}"


@dataclass(frozen=True)
class SuggestedOffer(Readable):
    """An expression that may fill a target column: it compiles against the source table, and nothing is filled in by itself."""

    kind: str
    """``split`` ``merge`` ``copy`` ``coalesce`` ``lookup`` ``convert`` ``constant``."""
    table: str
    column: str
    """Of the target."""
    source_table: str
    sources: tuple[str, ...]
    """The source columns in the expression."""
    expression: str
    confidence: float
    """How good it is by the rule that made it, 0 to 1; not a calibrated chance."""
    reasons: tuple[str, ...] = ()
    lookup: OfferedLookup | None = None

    def as_column_map(self) -> ColumnMap:
        """The column as a mapping file holds it."""
        from ...engine.mapping import ColumnMap

        if self.kind == "copy":
            return ColumnMap(self.column, source=self.sources[0])
        return ColumnMap(self.column, expression=self.expression)

    def as_lookup(self) -> Lookup | None:
        """The lookup that the column needs, if it needs one."""
        from ...engine.mapping import Lookup

        line = self.lookup
        return None if line is None else Lookup(line.name, table=line.table, key=line.key, value=line.value)

    def __str__(self) -> str:
        needs = f" with lookups: {self.lookup}" if self.lookup is not None else ""
        return f"{self.expression} ({self.kind}, {self.confidence:.2f}){needs}"


def offer_of(each: Offer) -> SuggestedOffer:
    """One offer as a result."""
    line = each.lookup
    lookup = None if line is None else OfferedLookup(line.name, line.table, line.key, line.value)
    return SuggestedOffer(
        each.kind, each.table, each.column, each.source_table, each.sources, each.expression, each.confidence,
        each.reasons, lookup,
    )  # fmt: skip
