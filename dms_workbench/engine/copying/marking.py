"""Marks of objects: by them an undo knows whether an object is still as the run made it, or as it was before."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from ..databases.catalogue import Catalogue, Table, structure_of
from ..ledger import Ledger
from ..ledger.marks import Marks, enter_marks
from ..planning.plan import Plan
from ..schema.inventory import Item, inventory
from .making import target_catalogue

SIZES = frozenset(("rows_estimate", "size_bytes"))
"""What changes by itself."""
MARK_CHARACTERS = 16


def place_of(item: Item) -> str:
    """An object's place in a catalogue, as the ledger names what a run makes."""
    return "\t".join(item.key)


def whole(catalogue: Catalogue) -> Iterable[Item]:
    """The objects that stand for themselves; what belongs to a table or view is part of it."""
    return (item for item in inventory(catalogue) if item.kind != "comment" and (item.name is not None or not item.on))


def marks_before(catalogue: Catalogue) -> Marks:
    """All objects as they stand, with their comments, rights and the positions of counters."""
    return {place_of(item): hashed(plain(item.thing)) for item in whole(catalogue)}


def marks_made(catalogue: Catalogue, made: frozenset[str]) -> Marks:
    """Some objects as they stand, and the foreign keys of the tables among them."""
    own = {item.name for item in whole(catalogue) if place_of(item) in made and item.name is not None}
    return {
        place_of(item): definition(item)
        for item in inventory(catalogue)
        if place_of(item) in made or (item.kind == "foreign key" and item.on in own)
    }


def keep_made(ledger: Ledger, plan: Plan) -> None:
    """Keep the marks of what a run has made, now that all of it is there."""
    made = frozenset(plan.made())
    if made:
        marks = marks_made(target_catalogue(ledger.target, plan), made)
        with ledger.target.transaction():
            enter_marks(ledger, "made", marks)


def definition(item: Item) -> str:
    """The mark of an object without its comments, rights and counters; of a table without its references to others."""
    thing = item.thing
    if isinstance(thing, Table):
        thing = dataclasses.replace(thing, foreign_keys=())
    return hashed(structure_of(thing) if dataclasses.is_dataclass(thing) else repr(thing))


def plain(value: Any) -> Any:
    """Plain data of any part of a catalogue."""
    if dataclasses.is_dataclass(value):
        return {
            each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value) if each.name not in SIZES
        }
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def hashed(data: Any) -> str:
    """The first characters of its SHA-256."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:MARK_CHARACTERS]
