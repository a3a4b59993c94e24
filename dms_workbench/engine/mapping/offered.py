"""Offers of the matching as parts of a mapping: only those whose expression compiles against the source table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..databases.catalogue import Catalogue, Table
from ..expressions.errors import InvalidExpression, InvalidLookup
from ..expressions.evaluate import compile_evaluator
from ..expressions.load import empty_lookup
from ..matching.offers import Offer
from .model import ColumnMap, Lookup


def working(offers: Iterable[Offer], source: Catalogue, target: Catalogue) -> tuple[Offer, ...]:
    """The offers that the product's own compiler takes, their order kept.

    A constant is left out where the target column has a default of its own.
    """
    tables: dict[str, list[Offer]] = {}
    listed = [offer for offer in offers if offer.kind != "constant" or not has_default(target, offer)]
    for offer in listed:
        tables.setdefault(offer.source_table, []).append(offer)
    good = {offer for name, several in tables.items() for offer in compiling(several, source, source.table(name))}
    return tuple(offer for offer in listed if offer in good)


def has_default(target: Catalogue, offer: Offer) -> bool:
    """Does the target fill the column by itself?"""
    column = target.table(offer.table).column(offer.column)
    return column.default is not None or column.identity is not None


def compiling(offers: Sequence[Offer], source: Catalogue, table: Table) -> Iterator[Offer]:
    """Those that compile: tried all together, and in halves where one does not."""
    if not offers:
        return
    if compiles(offers, source, table):
        yield from offers
    elif len(offers) > 1:
        half = len(offers) // 2
        yield from compiling(offers[:half], source, table)
        yield from compiling(offers[half:], source, table)


def compiles(offers: Sequence[Offer], source: Catalogue, table: Table) -> bool:
    """Do all of them parse and have a type?"""
    outputs = [(f"c{number}", offer.expression) for number, offer in enumerate(offers)]
    try:
        lookups = {
            lookup.name: empty_lookup(lookup, source) for offer in offers if (lookup := lookup_of(offer)) is not None
        }
        compile_evaluator(table.columns, outputs, None, lookups).close()
    except (InvalidExpression, InvalidLookup):
        return False
    return True


def column_map_of(offer: Offer) -> ColumnMap:
    """The offer as the mapping file holds it; a source column as it is stands as such."""
    if offer.kind == "copy":
        return ColumnMap(offer.column, source=offer.sources[0])
    return ColumnMap(offer.column, expression=offer.expression)


def lookup_of(offer: Offer) -> Lookup | None:
    """The lookup that the offer needs."""
    line = offer.lookup
    return None if line is None else Lookup(line.name, table=line.table, key=line.key, value=line.value)
