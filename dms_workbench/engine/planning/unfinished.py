"""What an unfinished run has made so far: a later plan of the same run counts it as still to be made."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from ..databases.catalogue import Catalogue
from ..schema.inventory import inventory


def without_made(catalogue: Catalogue, selections: Iterable[str]) -> Catalogue:
    """The catalogue without what unfinished runs say they make. selections: as the ledger keeps them."""
    made = {name for selection in selections for name in json.loads(selection).get("made", ())}
    if not made:
        return catalogue
    gone = {item.name for item in inventory(catalogue) if item.name is not None and "\t".join(item.key) in made}
    return replace(
        catalogue,
        tables=tuple(thing for thing in catalogue.tables if thing.name not in gone),
        views=tuple(thing for thing in catalogue.views if thing.name not in gone),
        sequences=tuple(thing for thing in catalogue.sequences if thing.name not in gone),
        types=tuple(thing for thing in catalogue.types if thing.name not in gone),
        routines=tuple(
            thing
            for thing in catalogue.routines
            if "\t".join((thing.kind, "", f"{thing.name}{thing.signature}")) not in made
        ),
    )
