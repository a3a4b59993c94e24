"""The pre-check of a pair of databases: what a run of these options would meet, before there is a plan."""

from __future__ import annotations

from collections.abc import Sequence

from ..databases.catalogue import Table
from ..databases.precheck import Finding, Wanted, precheck, space
from ..databases.urls import normalise
from .build import choose, opened, read_mapping
from .options import PlanOptions


def check_databases(source_url: str, target_url: str, options: PlanOptions) -> list[Finding]:
    """All findings of both sides for the tables chosen, the gravest first; nothing is created, no row is read.

    Raises the errors of connecting, and of the mapping and the selection.
    """
    with opened(source_url, target_url, options) as (source, target, sides):
        chosen = choose(read_mapping(options, sides), options, sides)
        tables = list({table.source.name: table.source for table in chosen}.values())
        present = {table.name for table in sides.target_catalogue.tables}
        wanted = Wanted(
            source=sides.source.can.database,
            tables=tuple(sorted({table.target.name for table in chosen})),
            creates=frozenset(table.target.name for table in chosen if table.target not in present),
            schema=sides.target_schema,
            ledger_schema=options.ledger_schema,
            size_bytes=size_of(tables),
            extensions=tuple(other.name for other in sides.source_catalogue.others if other.kind == "extension"),
        )
        found = precheck(source, target, (sides.source_catalogue, sides.target_catalogue), tables, wanted)
        if target is None:
            found += space(normalise(target_url).path, "target", wanted.size_bytes)
        return found


def size_of(tables: Sequence[Table]) -> int | None:
    """What the tables take in the source, in bytes; None if one of them is unknown."""
    sizes = [table.size_bytes for table in tables]
    return None if None in sizes else sum(size for size in sizes if size is not None)
