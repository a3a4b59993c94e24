"""The tables of a run: those it copies and those it only makes, in the order in which they are made."""

from __future__ import annotations

from dataclasses import replace

from ..databases.catalogue import Catalogue, Table, TableName
from ..mapping.model import TableMap
from ..schema.fate import Way
from ..schema.order import parents_first
from .catalogues import Chosen, Sides
from .foreign_keys import plain
from .names import NewNames
from .objects import Structure
from .options import PlanOptions
from .plan import PlannedTable
from .selection import wanted
from .tables import TablePlanner


def only_made(copied: list[Chosen], sides: Sides, way: Way) -> list[Chosen]:
    """Tables that are made without being copied, on the same product: partitions, and tables without a column."""
    if not way.same:
        return []
    parents = {plain(table.source.name) for table in copied if table.target.name == table.source.name.name}
    found = []
    for table in sides.source_catalogue.tables:
        if table.problem is not None or (table.columns and table.holds_rows):
            continue
        if table.columns and root_of(table, sides.source_catalogue) not in parents:
            continue
        name = table.name.name
        found.append(Chosen(TableMap(str(table.name), name), table, sides.place(table.name)))
    return found


def root_of(table: Table, catalogue: Catalogue) -> TableName:
    """The partitioned table that a partition's rows are read through."""
    known = {plain(other.name): other for other in catalogue.tables}
    while table.partitioning is not None and table.partitioning.parent is not None:
        parent = known.get(plain(table.partitioning.parent))
        if parent is None:
            return plain(table.partitioning.parent)
        table = parent
    return plain(table.name)


def reasons_of(sides: Sides, planned: list[PlannedTable], options: PlanOptions) -> dict[TableName, str]:
    """Why tables of the source are not part of the run."""
    part = {plain(table.source.name) for table in planned}
    found = {}
    for table in sides.source_catalogue.tables:
        if plain(table.name) in part:
            continue
        if table.problem is not None:
            reason = table.problem
        elif not table.holds_rows:
            reason = f"its rows are in {root_of(table, sides.source_catalogue).name}"
        elif not table.columns:
            reason = "it has no columns"
        else:
            reason = "the mapping file does not name it" if wanted(table.name.name, options) else "not asked for"
        found[table.name] = reason
    return found


def structure_of_run(
    planned: list[PlannedTable], copied: int, planner: TablePlanner, options: PlanOptions
) -> Structure:
    """The tables in their order, with names that the target can have, and what becomes of their parts."""
    names = NewNames(planner.sides.can)
    made = [table.target.name for table in planned if table.creates]
    names.reserve(planner.sides.target_catalogue, made)
    settled: dict[TableName, Table] = {}
    renamed = []
    for table in planned:
        if table.creates:
            target = settled.get(table.target.name) or names.settled(table.target)
            settled[table.target.name] = target
            table = replace(table, target=target)  # noqa: PLW2901  the same table with its names
        renamed.append(table)
    first = {id(table): number for number, table in enumerate(renamed)}
    ordered = in_order(renamed)
    numbers = {
        id(table): number for number, table in enumerate(table for table in ordered if first[id(table)] < copied)
    }
    numbers |= {id(table): copied + number for number, table in enumerate(t for t in ordered if first[id(t)] >= copied)}
    derived = {
        numbers[id(table)]: planner.derived[table.map_no] for table in ordered if table.map_no in planner.derived
    }
    last = [replace(table, map_no=numbers[id(table)]) for table in ordered]
    return Structure(
        copied=[table for table in last if table.map_no < copied],
        apart=[table for table in last if table.map_no >= copied],
        derived=derived,
        foreign_keys=planner.foreign_keys,
        names=names,
        order=[table.map_no for table in last],
        reasons=reasons_of(planner.sides, planned, options),
    )


def in_order(tables: list[PlannedTable]) -> list[PlannedTable]:
    """Parents before the tables that refer to them, inherit from them or are parts of them."""
    references: dict[str, set[str]] = {}
    for table in tables:
        parents = {str(plain(key.references)) for key in table.target.foreign_keys}
        parents |= {str(plain(name)) for name in table.target.inherits}
        if table.target.partitioning is not None and table.target.partitioning.parent is not None:
            parents.add(str(plain(table.target.partitioning.parent)))
        references.setdefault(str(plain(table.target.name)), set()).update(parents)
    place = {name: at for at, name in enumerate(parents_first(references))}
    return sorted(tables, key=lambda table: (place[str(plain(table.target.name))], table.map_no))
