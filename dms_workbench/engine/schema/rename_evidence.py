"""How sure it is that two tables or columns are one: from names, types, places, keys, references and values."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..databases.catalogue import Column, Table
from .diff_terms import Terms, native

if TYPE_CHECKING:
    from .rename import Sampler, Sketch

TELLING_VALUES = 12
"""Distinct values from which on an overlap of two columns says something."""
SHARED_AT_LEAST = 0.5
COLUMNS_SAMPLED = 4
"""Columns whose values are compared to tell two tables apart."""
SURE = 0.97
STRUCTURE_AT_MOST = 0.85
"""Structure alone never makes it surer than this."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How sure, and why."""

    confidence: float
    reasons: tuple[str, ...]


def likeness(one: str, other: str) -> float:
    """How like two names are, from 0 to 1; parts that only their order or a prefix tells apart count as like."""
    from rapidfuzz import fuzz

    plain = [" ".join(words(name)) for name in (one, other)]
    if plain[0].replace(" ", "") == plain[1].replace(" ", ""):
        return 1.0
    ratio = max(fuzz.ratio(*plain), fuzz.token_sort_ratio(*plain)) / 100
    short, long = sorted(plain, key=len)
    if abbreviates(short, long):
        ratio = max(ratio, 0.8)
    if set(short.split()) < set(long.split()):
        ratio = max(ratio, 0.75)
    return float(ratio)


def words(name: str) -> list[str]:
    """A name's words in small letters: ``customerID`` and ``customer_id`` are two words each."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    found = re.sub(r"[\W_]+", " ", apart).casefold().split()
    return [word for word in found if word not in ("tbl", "fld")] or found


def abbreviates(short: str, long: str) -> bool:
    """Is each word of one name the beginning of a word of the other, in order: ``qty`` of ``quantity`` too?"""
    one, other = short.split(), long.split()
    return len(one) == len(other) and all(
        long_word[:1] == word[:1] and len(word) >= 2 and is_subsequence(word, long_word)
        for word, long_word in zip(one, other, strict=True)
    )


def is_subsequence(short: str, long: str) -> bool:
    """Do the letters of one stand in the other, in order?"""
    letters = iter(long)
    return all(letter in letters for letter in short)


def column_evidence(
    tables: tuple[Table, Table], columns: tuple[Column, Column], terms: Terms, sampler: Sampler | None
) -> Evidence | None:
    """Are two columns one? None where they cannot be."""
    one, other = columns
    if not may_be_one(one, other, terms):
        return None
    name = likeness(one.name, other.name)
    same_type, same_kind = terms.same_type(one.type, other.type), one.type.kind == other.type.kind
    places = [
        [column.name for column in table.columns].index(each.name) for table, each in zip(tables, columns, strict=True)
    ]
    around = neighbours(tables, places, terms)
    keys = in_keys(tables[0], one) == in_keys(tables[1], other)
    structure = (
        0.55 * name
        + (0.15 if same_type else 0.1 * same_kind)
        + 0.15 * around
        + 0.1 * keys
        + 0.05 * (one.nullable == other.nullable)
    )
    reasons = [
        f"names are {name:.0%} alike",
        "same type" if same_type else f"{native(other.type)} for {native(one.type)}",
    ]
    reasons += ["same neighbours"] if around == 1 else []
    reasons += ["in the same keys"] if keys and any(in_keys(tables[0], one)) else []
    structure *= STRUCTURE_AT_MOST * (1 if name >= SHARED_AT_LEAST else 0.8)
    if sampler is None:
        return Evidence(structure, tuple(reasons))
    first, second = sampler.column("first", tables[0], one.name), sampler.column("second", tables[1], other.name)
    return with_data(structure, reasons, first, second)


def may_be_one(one: Column, other: Column, terms: Terms) -> bool:
    """Could a column have become another without its values becoming something else?"""
    kinds = {one.type.kind, other.type.kind}
    numbers, moments = {"integer", "decimal", "float"}, {"date", "timestamp", "timestamptz"}
    related = len(kinds) == 1 or kinds <= numbers or kinds <= moments or (not terms.same and "text" in kinds)
    return related and (one.generated is None) == (other.generated is None)


def neighbours(tables: tuple[Table, Table], places: list[int], terms: Terms) -> float:
    """The share of the columns before and behind that is the same on both sides."""
    sides = []
    for table, place in zip(tables, places, strict=True):
        names = ["", *(terms.column_key(column.name) for column in table.columns), ""]
        sides.append((names[place], names[place + 2]))
    before, behind = (one == other for one, other in zip(*sides, strict=True))
    return (int(before) + int(behind)) / 2


def in_keys(table: Table, column: Column) -> tuple[bool, bool, bool]:
    """Is a column part of the primary key, of a unique key, of a foreign key?"""
    return (
        table.primary_key is not None and column.name in table.primary_key.columns,
        any(column.name in key.columns for key in table.unique_keys),
        any(column.name in key.columns for key in table.foreign_keys),
    )


def with_data(structure: float, reasons: list[str], first: Sketch | None, second: Sketch | None) -> Evidence:
    """The confidence with the values of both sides."""
    share, distinct = overlap(first, second)
    if share is None or first is None or second is None:
        return Evidence(structure, (*reasons, "no values to compare"))
    seen = f"{share:.0%} of {distinct} distinct values are shared ({first.rows} and {second.rows} rows read)"
    if distinct < TELLING_VALUES:
        less = 0.2 * max(0.0, 0.5 - share)
        return Evidence(max(0.0, structure - less), (*reasons, f"{seen}, too few to tell"))
    if share < 0.2:
        return Evidence(min(structure, 0.3), (*reasons, seen))
    weight = 0.65
    return Evidence(min(SURE, (1 - weight) * structure + weight * min(1.0, share * 1.05)), (*reasons, seen))


def overlap(first: Sketch | None, second: Sketch | None) -> tuple[float | None, int]:
    """The share of distinct values that both have, of those that either could show, and how many these are."""
    if first is None or second is None or not first.hashes or not second.hashes:
        return None, 0
    one, other = first.hashes, second.hashes
    if not (first.whole and second.whole):
        limit = min(max(sketch.hashes) for sketch in (first, second) if not sketch.whole)
        one, other = (frozenset(each for each in hashes if each <= limit) for hashes in (one, other))
    both, either = len(one & other), len(one | other)
    smaller = min(len(one), len(other))
    if not either or not smaller:
        return None, 0
    return (both / either + both / smaller) / 2, either


def table_evidence(tables: tuple[Table, Table], terms: Terms, sampler: Sampler | None) -> Evidence | None:
    """Are two tables one? None where they have too little in common."""
    one, other = tables
    columns = shared_columns(tables, terms)
    share = 2 * len(columns) / max(1, len(one.columns) + len(other.columns))
    if share < SHARED_AT_LEAST:
        return None
    name = likeness(one.name.name, other.name.name)
    typed = sum(terms.same_type(*pair) for pair in ((a.type, b.type) for a, b in columns)) / len(columns)
    keys = [words(name) for name in one.row_key()] == [words(name) for name in other.row_key()]
    references = Counter(key.references.name.casefold() for key in one.foreign_keys) == Counter(
        key.references.name.casefold() for key in other.foreign_keys
    )
    structure = 0.4 * name + 0.35 * share * share + 0.1 * typed + 0.1 * keys + 0.05 * references
    structure *= STRUCTURE_AT_MOST * (1 if name >= SHARED_AT_LEAST else 0.8)
    reasons = [
        f"names are {name:.0%} alike",
        f"{len(columns)} of {max(len(one.columns), len(other.columns))} columns are the same",
    ]
    reasons += ["same key"] if keys and one.row_key() else []
    if sampler is None:
        return Evidence(structure, tuple(reasons))
    return with_values(structure, reasons, tables, columns, sampler)


def shared_columns(tables: tuple[Table, Table], terms: Terms) -> list[tuple[Column, Column]]:
    """Columns of the same name, in whatever spelling, and kind of value."""
    there = {"".join(words(column.name)): column for column in tables[1].columns}
    pairs = [(column, there.get("".join(words(column.name)))) for column in tables[0].columns]
    return [(one, other) for one, other in pairs if other is not None and may_be_one(one, other, terms)]


def with_values(
    structure: float, reasons: list[str], tables: tuple[Table, Table], columns: list[tuple[Column, Column]],
    sampler: Sampler,
) -> Evidence:  # fmt: skip
    """The confidence with the values of a few columns, those that tell most first: text before numbers."""
    ranked = sorted(columns, key=lambda pair: (pair[0].type.kind != "text", pair[0].type.kind == "boolean"))
    shares, compared = [], 0
    for one, other in ranked[:COLUMNS_SAMPLED]:
        sketches = sampler.column("first", tables[0], one.name), sampler.column("second", tables[1], other.name)
        share, distinct = overlap(*sketches)
        if share is not None and distinct >= TELLING_VALUES:
            shares.append(share)
            compared += distinct
    if not shares:
        return Evidence(structure, (*reasons, "too few values to compare"))
    share = sum(shares) / len(shares)
    seen = f"{share:.0%} of {compared} distinct values of {len(shares)} columns are shared"
    if share < 0.25:
        return Evidence(min(structure, 0.3), (*reasons, seen))
    return Evidence(min(SURE, 0.35 * structure + 0.65 * min(1.0, share * 1.05)), (*reasons, seen))
