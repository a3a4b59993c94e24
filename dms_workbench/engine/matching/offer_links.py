"""Offers that follow links or use a column again: codes with a table that resolves them, ids found by a key, copies, fallbacks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .features import KIND_LIKENESS
from .names import meanings_of
from .offer_sight import TEXTS, LookupLine, Named, Offer, Sight, judged, named, same
from .outline import TableOutline

KEYS = frozenset({"id", "identifier", "code", "number", "no", "nr", "key", "ref", "reference", "cd", "fk"})
LABELS = ("name", "label", "title", "designation", "description", "text", "value")
LABEL_WORDS = frozenset(LABELS)
SLOTS = frozenset({"home", "work", "mobile", "private", "business", "primary", "secondary", "main", "alternate", "other",
                   "office", "first", "second", "fax"} | {str(number) for number in range(10)})  # fmt: skip
LATER = frozenset({"updated", "update", "modified", "modify", "changed", "change", "edited"})
SOONER = frozenset({"created", "create", "added", "registered", "inserted", "entered"})
MOST_LOOKUPS = 3
FITS = 0.3


@dataclass(frozen=True, slots=True)
class Resolved:
    """A source column and the table that says what its values mean."""

    column: Named
    table: TableOutline
    key: str
    declared: bool


def resolved(sight: Sight) -> Iterator[Resolved]:
    """Columns that lead to another table, by a foreign key or by name."""
    tables = {table.name: table for table in sight.schema.tables}
    for column in sight.sources:
        link = next((link for link in sight.source.links if link.columns == (column.name,)), None)
        if link is not None and link.table in tables:
            table = tables[link.table]
            key = link.referenced or table.primary_key
            if len(key) == 1:
                yield Resolved(column, table, key[0], declared=True)
        elif column.name not in sight.source.primary_key:
            yield from by_name(sight, column)


def by_name(sight: Sight, column: Named) -> Iterator[Resolved]:
    """A table that is named like the column, which is called an id or code."""
    core = column.without(KEYS)
    if len(core) == len(column.meanings):
        return
    for table in sight.schema.tables:
        if len(table.primary_key) == 1 and table.name != sight.source.name:
            words = tuple(meanings_of(word, sight.dictionary) for word in sight.lexicon.words(table.name))
            if same(words, core) or same(words[-1:], core) or same(words[:-1], core):
                yield Resolved(column, table, table.primary_key[0], declared=False)


def lookups(sight: Sight) -> Iterator[Offer]:
    """Text for a code, where a source table resolves it."""
    found = list(resolved(sight))
    for target in sight.targets:
        made = 0
        for each in found:
            if not (sight.doubtful(target) or stands_for_a_text(sight, each, target)):
                continue
            value = wanted_value(sight, each, target)
            if value is not None and made < MOST_LOOKUPS:
                made += 1
                yield by_lookup(sight, target, each, value)


def stands_for_a_text(sight: Sight, each: Resolved, target: Named) -> bool:
    """Is a text made of an id or code that a table resolves? Then what the table says is meant, however sure the pair is."""
    best = next(iter(sight.candidates(target)), None)
    code = each.column.kind in {"integer", "uuid"} or bool(each.column.concepts & KEYS - target.concepts)
    return best is not None and best[0] == each.column and target.kind == "text" and code and not target.concepts & KEYS


def wanted_value(sight: Sight, each: Resolved, target: Named) -> Named | None:
    """The column of the resolving table that the target column asks for."""
    core = each.column.without(KEYS)
    asked = target.without(LABEL_WORDS)
    others = [column for column in named(each.table, sight.lexicon) if column.name != each.key]
    label = next((one for word in LABELS for one in others if word in one.concepts and one.kind == "text"), None)
    if target.kind == "text" and (same(asked, core) or (not asked and not core)):
        return label
    if len(target.meanings) > len(core) and same(target.meanings[: len(core)], core):
        rest = target.meanings[len(core) :]
        return next((one for one in others if same(one.meanings, rest) and one.kind == target.kind), None)
    return None


def by_lookup(sight: Sight, target: Named, each: Resolved, value: Named) -> Offer:
    """The offer of a lookup."""
    name = plain_name(each.table)
    line = LookupLine(name, each.table.name, each.key, value.name)
    how = "by its foreign key" if each.declared else "by its name"
    why = (
        f"{each.column.name} leads to {each.table.name} {how}",
        f"{target.name} asks for {each.table.name}.{value.name}",
    )
    made = f"lookup('{name}', {each.column.quoted})"
    strength = judged(0.75 if each.declared else 0.55, *why, lookup=line)
    return sight.offer("lookup", target, [each.column], made, strength)


def plain_name(table: TableOutline) -> str:
    """A lookup's name."""
    return re.sub(r"\W+", "_", table.name.lower(), flags=re.ASCII).strip("_") or "lookup"


def ids(sight: Sight) -> Iterator[Offer]:
    """The id that a target wants, for a code or name that the source holds."""
    for target in sight.wanted:
        if target.kind not in {"integer", "uuid"} or not target.concepts & KEYS:
            continue
        core = target.without(KEYS)
        for column in sight.sources:
            if column.kind != "text" or not same(column.without(KEYS | LABEL_WORDS), core):
                continue
            yield from id_offers(sight, target, column)


def id_offers(sight: Sight, target: Named, column: Named) -> Iterator[Offer]:
    """Through a table of the source that is named like the column."""
    core = column.without(KEYS | LABEL_WORDS)
    link = next((link for link in sight.source.links if link.columns == (column.name,)), None)
    for table in sight.schema.tables:
        words = tuple(meanings_of(word, sight.dictionary) for word in sight.lexicon.words(table.name))
        linked = link is not None and link.table == table.name
        if len(table.primary_key) != 1 or table.name == sight.source.name or not (linked or same(words, core)):
            continue
        columns = named(table, sight.lexicon)
        own = next(each for each in columns if each.name == table.primary_key[0])
        referenced = link.referenced if linked and link is not None else ()
        key = best_key([each for each in columns if each != own and each.kind == "text"], column, referenced)
        if key is None or own.kind != target.kind:
            continue
        line = LookupLine(f"{plain_name(table)}_id", table.name, key.name, own.name)
        why = f"{table.name} has the id for {key.name}"
        made = f"lookup('{line.name}', {column.quoted})"
        yield sight.offer("lookup", target, [column], made, judged(0.7 if linked else 0.5, why, lookup=line))


def best_key(columns: Sequence[Named], column: Named, referenced: Sequence[str]) -> Named | None:
    """The column by which a row is found: the one referred to, the namesake, one of the same sort, or the label."""
    tests: tuple[Callable[[Named], bool], ...] = (
        lambda each: each.name in referenced,
        lambda each: each.name == column.name,
        lambda each: bool(each.concepts & column.concepts & (KEYS | LABEL_WORDS)),
        lambda each: bool(each.concepts & LABEL_WORDS) and not column.concepts & KEYS,
    )
    return next((each for test in tests for each in columns if test(each)), None)


def copies(sight: Sight) -> Iterator[Offer]:
    """A source column that feeds another target column already, once more."""
    used = {
        each.assigned.column: name
        for name, each in sight.suggestions.items()
        if each.assigned is not None and each.assigned.table == sight.source.name
    }
    for target in sight.wanted:
        for source, candidate in list(sight.candidates(target))[:2]:
            other = used.get(source.name)
            if other in {None, target.name} or candidate.confidence < FITS or not kinds_fit(source, target):
                continue
            why = f"{source.name} fills {other} and may well fill this column, too"
            strength = judged(min(0.6, candidate.confidence), why, *candidate.reasons[:1])
            yield sight.offer("copy", target, [source], source.quoted, strength)
        if target.concepts & LATER and target.kind in {"timestamp", "date"}:
            for source in sight.sources:
                if source.concepts & SOONER and source.kind == target.kind:
                    why = f"a row that was never changed was last changed when it was made: {source.name}"
                    yield sight.offer("copy", target, [source], source.quoted, judged(0.5, why))


def kinds_fit(source: Named, target: Named) -> bool:
    """May values of one kind go into the other as they are?"""
    kinds = (source.outline.kind, target.outline.kind)
    return source.kind == target.kind or max(KIND_LIKENESS.get(kinds, 0), KIND_LIKENESS.get(kinds[::-1], 0)) >= 0.7


def fallbacks(sight: Sight) -> Iterator[Offer]:
    """The first of several columns of one meaning that holds something."""
    for target in sight.wanted:
        core = target.without(SLOTS)
        if not core:
            continue
        group = [
            each for each in sight.sources
            if each.kind == target.kind and same(each.without(SLOTS), core) and each.name not in sight.source.primary_key
        ]  # fmt: skip
        if 2 <= len(group) <= 4 and any(len(each.without(SLOTS)) < len(each.meanings) for each in group):
            parts = [
                f"nullif(trim({each.quoted}), '')" if each.outline.kind in TEXTS else each.quoted for each in group
            ]
            why = (
                f"{', '.join(each.name for each in group)} are of one meaning; the first that holds something is taken"
            )
            yield sight.offer("coalesce", target, group, f"coalesce({', '.join(parts)})", judged(0.5, why))


RULES = (lookups, ids, copies, fallbacks)
