"""A plan that goes on where a column does not fit, and remembers why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..databases.base import Source
from ..databases.catalogue import Column, DataType, Table
from ..mapping.model import ColumnMap, Lookup, TableMap
from ..planning.build import choose, opened, read_mapping, unproved, way_of
from ..planning.catalogues import Sides
from ..planning.errors import TypeDoesNotFit
from ..planning.options import PlanOptions
from ..planning.plan import PlannedColumn, PlannedTable
from ..planning.tables import TablePlanner, namesakes
from .model import ColumnFit

__all__ = ["LenientPlanner", "choose", "opened", "planned", "read_mapping"]


@dataclass(slots=True)
class LenientPlanner(TablePlanner):
    """Plans tables as a run does; what would refuse the plan becomes a finding."""

    unfit: dict[tuple[str, str], str] = field(default_factory=dict)
    """Source table and target column of types between which nothing converts, and the reason."""
    placeless: dict[str, list[ColumnFit]] = field(default_factory=dict)
    """By source table: columns that only one side has."""

    def check_type(self, source: Table, column: ColumnMap, target: Column, types: dict[str, DataType]) -> None:
        """Remember where no value of the source's type could be kept."""
        try:
            TablePlanner.check_type(self, source, column, target, types)
        except TypeDoesNotFit:
            self.unfit[str(source.name), target.name] = "no conversion keeps values of this type exactly"

    def existing_columns(
        self, source: Table, target: Table, table: TableMap, types: dict[str, DataType]
    ) -> tuple[PlannedColumn, ...]:
        """The columns that have a place; the others are remembered."""
        maps = table.columns if table.columns is not None else namesakes(source, table, target)
        known = {column.name for column in target.copied_columns}
        placed = tuple(column for column in maps if column.target in known)
        found = [self.nowhere(source, column, types) for column in maps if column.target not in known]
        fed = {column.target for column in placed}
        unfed = [column for column in target.copied_columns if column.name not in fed and needs_value(column)]
        found += [
            ColumnFit("", "", column.name, column.type.native, "does not fit", "NOT NULL, and nothing is mapped to it")
            for column in unfed
        ]
        self.placeless[str(source.name)] = found
        names = {column.name for column in unfed}
        relaxed = replace(
            target,
            columns=tuple(
                replace(column, nullable=True) if column.name in names else column for column in target.columns
            ),
        )
        return TablePlanner.existing_columns(self, source, relaxed, replace(table, columns=placed), types)

    def nowhere(self, source: Table, column: ColumnMap, types: dict[str, DataType]) -> ColumnFit:
        """A column without a place in the target."""
        type = source.column(column.source).type if column.source is not None else types[column.target]
        name = column.source or column.expression or column.target
        return ColumnFit(name, type.native or type.kind, "", "", "does not fit", "the target table has no such column")


def needs_value(column: Column) -> bool:
    """Must a row give this column a value?"""
    return not column.nullable and column.default is None and column.identity is None


def planned(
    source: Source, sides: Sides, options: PlanOptions
) -> tuple[list[PlannedTable], LenientPlanner, Sequence[Lookup]]:
    """The table maps of a mapping, with what does not fit; and the lookups of the mapping."""
    mapping = read_mapping(options, sides)
    chosen = choose(mapping, options, sides)
    planner = LenientPlanner(sides, way_of(sides, chosen, mapping), options, unproved)
    return planner.plan(chosen, mapping, source), planner, mapping.lookups
