"""Routines that tables need before they can be made: those their defaults, checks and generated columns call."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ..databases.catalogue import Catalogue, Table
from ..schema.translate_names import mentioned

EARLY = ("first", "before")


@lru_cache(maxsize=4)
def needed_routines(catalogue: Catalogue) -> frozenset[str]:
    """Signatures of the routines that tables, types and the routines they need call."""
    users: list[Any] = [*catalogue.tables, *catalogue.types, *(of for of in catalogue.others if of.when in EARLY)]
    stated = {reference.name.name for thing in users for reference in thing.needs if reference.kind == "routine"}
    words = set().union(*(mentioned(text) for table in catalogue.tables for text in expressions(table)), set())
    early = {
        routine.signature
        for routine in catalogue.routines
        if routine.signature in stated or routine.name.name.lower() in words
    }
    while True:
        more = {
            reference.name.name
            for routine in catalogue.routines
            if routine.signature in early
            for reference in routine.needs
            if reference.kind == "routine"
        }
        if more <= early:
            return frozenset(early)
        early |= more


def expressions(table: Table) -> list[str]:
    """The expressions of a table that are evaluated while rows arrive."""
    found = [check.expression for check in table.checks]
    for column in table.columns:
        found += [text for text in (column.default, column.generated) if text is not None]
    return found
