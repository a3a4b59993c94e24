"""Personal data: which columns hold it, by what their values are and how they and their tables are called."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from .kinds.base import Reading, named, words_of
from .kinds.checksums import PERSONAL as BY_CHECKSUM
from .model import Personal
from .wordlists import personal_names, words

BY_KIND: Mapping[str, str] = {"email": "email", "phone": "phone", "ip": "ip_address", "mac": "device", **BY_CHECKSUM}
PLACES = frozenset(("city", "postal_code", "street_address"))


def personal_of(table: str, column: str, kind: str, reading: Reading | None, others: Sequence[str]) -> Personal | None:
    """What personal data a column holds; None for none.

    kind: the common type. reading: how its values are read. others: names of the table's columns.
    """
    if reading is not None and reading.kind in BY_KIND:
        return Personal(BY_KIND[reading.kind], round(reading.share, 2), f"its values are of the kind {reading.kind}")
    persons = is_of_persons(table, tuple(others))
    if reading is not None and reading.kind in ("boolean", "uuid", "json", "unix-time", "ean", "isbn", "issn"):
        return None
    without = PLACES | {"location"} if singular(table) & words("public_places") else PLACES
    for found, names, confidence in personal_names():
        if named_as(column, names) and (persons or found not in without) and fits(found, kind, reading):
            return Personal(found, confidence if persons else confidence - 0.15, "its name says so")
    if not persons or kind != "text":
        return None
    if named(column, ("name",)) and not words_of(table) & words("other_tables"):
        return Personal("full_name", 0.7, "a name in a table of persons")
    if reading is None and named_as(column, words("free_text")):
        return Personal("free_text_with_embedded_pii", 0.6, "free text about persons")
    return None


def named_as(column: str, names: Collection[str]) -> bool:
    """Is a column called so, in one word or several, with or without the table's name before?"""
    mine = ordered_words(column)
    if mine and mine[-1] in words("about") and not set(mine) & {"postal", "zip"} and "".join(mine[-2:]) not in names:
        mine_without = mine[:-1]
        return "".join(mine) in names or (not mine_without and mine[-1] in names)
    joined = {"".join(mine[start:end]) for start in range(len(mine)) for end in range(start + 1, len(mine) + 1)}
    return not joined.isdisjoint(names)


@lru_cache(maxsize=4096)
def ordered_words(name: str) -> list[str]:
    """The words of a name in their order, in lower case."""
    import re

    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9\u00c0-\u024f]+", " ", name).lower().split()


@lru_cache(maxsize=64)
def is_of_persons(table: str, columns: Sequence[str]) -> bool:
    """Are the rows of a table persons? By its name, or by columns that only persons have."""
    if singular(table) & words("person_tables"):
        return True
    sure = [found for found, names, _ in personal_names()[:8] if any(named_as(column, names) for column in columns)]
    return len(set(sure) - PLACES) >= 2


def singular(table: str) -> frozenset[str]:
    """The words of a table's name, as they are and without the endings of plurals."""
    return frozenset(
        form
        for word in words_of(table.rpartition(".")[2])
        for form in (
            word,
            word.removesuffix("s"),
            word.removesuffix("es"),
            word.removesuffix("en"),
            word.removesuffix("n"),
        )
    )


def fits(found: str, kind: str, reading: Reading | None) -> bool:
    """Can a column of this type hold such data?"""
    read = reading.kind if reading is not None else ""
    if found == "birth_date":
        return kind in ("date", "timestamp", "timestamptz") or read in ("date", "unix-time")
    if found in ("location", "salary"):
        return kind in ("float", "decimal", "integer") or read == "number"
    if found in ("given_name", "family_name", "full_name", "street_address", "city"):
        return kind == "text" and read in ("", "category")
    return kind not in ("boolean", "date", "timestamp", "timestamptz", "time")
