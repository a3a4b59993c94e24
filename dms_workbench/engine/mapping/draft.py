"""From suggestions to a mapping file to go on with: what is confident is filled in, the rest stands open in comments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Mapped
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .model import ColumnMap, Decision, Mapping, TableMap
from .write import write_mapping

if TYPE_CHECKING:
    from ..matching import Candidate, ColumnSuggestion, Suggestions
    from ..matching.offers import Offer

OPEN_SHOWN = 3
TAKEN = 0.7
"""Offers from there on change what a sure column is filled in with."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A mapping to go on with."""

    text: str
    """The mapping file."""
    made: Mapped[tuple[str, str], str]
    """What is filled in for a target table's column: a source column as ``table.column``, or an expression."""

    @property
    def filled(self) -> frozenset[tuple[str, str]]:
        """Target tables and columns that something is filled in for."""
        return frozenset(self.made)


def made_by(tables: Iterable[TableMap]) -> dict[tuple[str, str], str]:
    """What table maps make of each target table's columns, but for those that nothing is made for."""
    return {
        (table.target, column.target): column.expression or f"{table.source}.{column.source}"
        for table in tables
        for column in table.columns or ()
        if column.made
    }


def draft_mapping(
    found: Suggestions, *, name: str = "suggested", min_confidence: float, offers: Sequence[Offer] = ()
) -> Draft:
    """A mapping file with one table map for each target table that a source table feeds.

    min_confidence: suggestions from there on are filled in, each noted as open, since nobody has looked at it yet. Columns
    whose source is in another table than the table map's stay open, as do all others; each is a comment with its best
    candidates.
    offers: each is a comment, too. Where one writes the values of a column that is filled in in another form (cents as an
    amount), the column is filled in with that; where one takes them apart or looks a code up, the column stays open.
    """
    better = {(each.table, each.column): each for each in reversed(offers) if each.confidence >= TAKEN}
    maps: list[TableMap] = []
    for table in found.tables:
        sure = [
            (each.column, each.assigned)
            for each in found.columns
            if each.table == table.table and each.assigned is not None and each.assigned.confidence >= min_confidence
        ]
        source = driving([pick.table for _, pick in sure])
        columns = tuple(
            filled_in(column, pick, better.get((table.table, column)))
            for column, pick in sure
            if pick.table == source and not in_part(pick, better.get((table.table, column)))
        )
        if source is not None:
            maps.append(TableMap(source, table.table, columns))
    made = made_by(maps)
    opened = [each for each in found.columns if (each.table, each.column) not in made]
    lines = (*open_lines(opened), *offer_lines(offers))
    text = write_mapping(Mapping(name, tuple(maps))) + "".join(f"{line}\n" for line in lines)
    return Draft(text, made)


def driving(tables: Sequence[str]) -> str | None:
    """The source table that most columns come from; the first of equals."""
    counts = Counter(tables)
    return max(counts, key=lambda table: counts[table]) if counts else None


def filled_in(column: str, pick: Candidate, offer: Offer | None) -> ColumnMap:
    """A column that is sure: the source column as it is, or converted where its values could not stay as they are."""
    unseen = Decision("open", confidence=pick.confidence)
    if offer is not None and offer.kind == "convert" and offer.sources == (pick.column,):
        return ColumnMap(column, expression=offer.expression, decision=unseen)
    return ColumnMap(column, source=pick.column, decision=unseen)


def in_part(pick: Candidate, offer: Offer | None) -> bool:
    """Is only a part of the source column wanted, or what its code stands for?"""
    return offer is not None and offer.kind in {"split", "lookup"} and pick.column in offer.sources


def open_lines(opened: Sequence[ColumnSuggestion]) -> Iterator[str]:
    """A comment for each open column."""
    if opened:
        yield "# Open: target columns that nothing is filled in for, with the best candidates."
    for each in opened:
        best = ", ".join(f"{one.table}.{one.column} ({one.confidence:.2f})" for one in each.candidates[:OPEN_SHOWN])
        yield comment(f"{each.table}.{each.column}: {best or 'no candidate'}")


def offer_lines(offers: Sequence[Offer]) -> Iterator[str]:
    """A comment for each offer, with the line under ``lookups`` that it needs."""
    for each in offers:
        line = each.lookup
        needs = (
            f", with lookups: {{{line.name}: {{table: {line.table}, key: {line.key}, value: {line.value}}}}}"
            if line
            else ""
        )
        why = "; ".join(each.reasons)
        yield printable(
            f"# offer: {each.table}.{each.column}: {each.expression} (from {each.source_table}, {each.kind}, "
            f"{each.confidence:.2f}{needs}; {why})"
        )


def printable(text: str) -> str:
    """One line, whatever the names hold."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def comment(text: str) -> str:
    """One line of comment, whatever the names hold."""
    return "#   " + printable(text)
