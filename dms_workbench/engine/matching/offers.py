"""Explicit offers for target columns that are open or in doubt: an expression each, with what speaks for it.

A suggestion names one source column for one target column. An offer says more: take a value apart, put several together,
use one again, resolve a code, or write a value in another form. Offers are never filled in by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from . import offer_links, offer_parts, offer_values
from .dictionary import Dictionary, shipped_dictionary
from .lexicon import Lexicon
from .offer_sight import LookupLine, Offer, Sight, named
from .outline import SchemaOutline
from .suggest import CONFIDENT, Suggestions
from .values import Profile

__all__ = ["LookupLine", "Offer", "offers"]

RULES = (*offer_parts.RULES, *offer_links.RULES, *offer_values.RULES)
FEEDS = 0.02
"""The share of a target table's columns from which on a source table is taken to feed it."""
LEAST = 0.2
"""Less sure offers are not shown; a constant says itself that it is a stopgap."""
LIKELY = 0.5
MOST = 3
"""Offers for one target column."""


def offers(
    source: SchemaOutline,
    target: SchemaOutline,
    found: Suggestions,
    *,
    line: float = CONFIDENT,
    dictionary: Dictionary | None = None,
    profiles: Mapping[tuple[str, str], Profile] | None = None,
) -> tuple[Offer, ...]:
    """Offers for the target's columns, in their order and for each the best first.

    line: the confidence from which on a column is not in doubt; conversions are offered for those, too.
    profiles: of the source's columns, where rows were read; they tell the form of dates and what separates parts.
    Whether an offer's expression compiles is for `engine.mapping.offered` to say.
    """
    if not source.columns or not target.columns:
        return ()
    words = dictionary or shipped_dictionary()
    lexicon = Lexicon.of(words, (source, target))
    tables = {table.name: table for table in source.tables}
    wanted = {table.name: table for table in target.tables}
    listed: list[Offer] = []
    for each in found.tables:
        if not each.sources or each.sources[0][1] < FEEDS:
            continue
        origin, aim = tables[each.sources[0][0]], wanted[each.table]
        columns = {column.column: column for column in found.columns if column.table == aim.name}
        sight = Sight(
            origin,
            aim,
            source,
            named(origin, lexicon),
            named(aim, lexicon),
            columns,
            lexicon,
            words,
            line,
            profiles or {},
        )
        listed += best(sight)
    return tuple(listed)


def best(sight: Sight) -> Iterator[Offer]:
    """The best offers of each column, each expression once."""
    by_column: dict[str, dict[str, Offer]] = {}
    for rule in RULES:
        for offer in rule(sight):
            known = by_column.setdefault(offer.column, {})
            if offer.expression not in known or known[offer.expression].confidence < offer.confidence:
                known[offer.expression] = offer
    for column in sight.targets:
        ordered = sorted(by_column.get(column.name, {}).values(), key=lambda each: -each.confidence)
        if len(ordered) > 1 or likely(sight, column.name):
            ordered = [each for each in ordered if each.kind != "constant"]
        yield from [each for each in ordered if each.kind == "constant" or each.confidence >= LEAST][:MOST]


def likely(sight: Sight, column: str) -> bool:
    """Is there a candidate that is rather right than wrong? Then a constant is no help."""
    return any(each.confidence >= LIKELY for each in sight.suggestions[column].candidates[:1])
