"""One table map against both schemas: where each column comes from, and what the target table is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...kernel.errors import WorkbenchError
from ..converting import convertible
from ..databases.base import Source
from ..databases.catalogue import Column, DataType, Table, TableName
from ..expressions import LookupTable, compile_evaluator, load_lookups
from ..mapping.model import ColumnMap, TableMap
from ..mapping.model import Mapping as MappingFile
from ..schema.derive import Derived, derive_table
from ..schema.fate import Fate, Origin, Way
from ..schema.types import override_for
from .catalogues import Chosen, Sides
from .errors import ColumnFitsNowhere, ColumnNotFed, TargetTableMissing, TypeDoesNotFit, raise_all
from .foreign_keys import ForeignKeys, plain
from .options import PlanOptions
from .plan import PlannedColumn, PlannedTable
from .selection import empty_lookups

Prove = Callable[[Derived], Derived]
"""Leaves out of a new table what the target refuses."""


@dataclass(slots=True)
class TablePlanner:
    """Plans the tables of one mapping and remembers what becomes of their parts."""

    sides: Sides
    way: Way
    options: PlanOptions
    prove: Prove
    derived: dict[int, Derived] = field(default_factory=dict)
    """What each table map makes, by its first number."""
    foreign_keys: dict[tuple[TableName, str], Fate] = field(default_factory=dict)
    """What becomes of the foreign keys: by target table, and name in the source."""
    whole: set[TableName] = field(default_factory=set)
    """Tables of the source that go with all their columns."""
    made: dict[TableName, Table] = field(default_factory=dict)
    """Tables that an earlier table map makes: a later one fits itself into them."""

    def plan(self, chosen: Sequence[Chosen], mapping: MappingFile, reader: Source) -> list[PlannedTable]:
        """All table maps, with the foreign keys among the tables that are made. Raises what refuses any of them, together."""
        lookups = {**load_lookups(mapping.lookups, reader), **empty_lookups(chosen, self.options)}
        self.whole = {plain(table.source.name) for table in chosen if table.map.columns is None or self.is_whole(table)}
        planned, refused = [], []
        for number, table in enumerate(chosen):
            try:
                planned.append(self.plan_table(number, table, lookups))
            except WorkbenchError as error:
                refused.append(error)
        raise_all(refused)
        sources = frozenset(plain(table.name) for table in self.sides.source_catalogue.tables)
        keys = ForeignKeys(planned, self.way, self.sides.can, sources)
        result = keys.carried()
        self.foreign_keys = keys.fates
        return result

    def plan_table(self, number: int, chosen: Chosen, lookups: Mapping[str, LookupTable]) -> PlannedTable:
        """One table map."""
        source, table = self.with_generated(chosen)
        types = self.expression_types(source, table, lookups)
        made = self.made.get(chosen.target)
        existing = made or next((at for at in self.sides.target_catalogue.tables if at.name == chosen.target), None)
        if existing is not None:
            columns = self.existing_columns(source, existing, table, types)
            creates = made is not None
            return PlannedTable(number, source, existing, columns, creates, table.where, self.sides.several)
        if not self.options.create or self.options.purpose == "verify" or self.options.content == "data":
            raise TargetTableMissing(table=str(chosen.target) if self.sides.several else chosen.target.name)
        return self.new_table(number, source, chosen, types)

    def with_generated(self, chosen: Chosen) -> tuple[Table, TableMap]:
        """The source table and its map; generated columns count as plain ones where the target's are plain."""
        target = next((at for at in self.sides.target_catalogue.tables if at.name == chosen.target), None)
        if target is None or self.options.mapping_text is not None:
            return chosen.source, chosen.map
        plain = {column.name for column in target.copied_columns}
        wanted = [column.name for column in chosen.source.columns if column.generated and column.name in plain]
        if not wanted:
            return chosen.source, chosen.map
        more = tuple(ColumnMap(name, source=name) for name in wanted)
        map = replace(chosen.map, columns=(*chosen.map.columns, *more) if chosen.map.columns is not None else None)
        return with_plain(chosen.source, wanted), map

    def expression_types(
        self, source: Table, table: TableMap, lookups: Mapping[str, LookupTable]
    ) -> dict[str, DataType]:
        """The type of each expression, by target column."""
        outputs = [
            (column.target, column.expression) for column in table.columns or () if column.expression is not None
        ]
        if not outputs and table.where is None:
            return {}
        evaluator = compile_evaluator(source.copied_columns, outputs, table.where, lookups)
        try:
            return dict(zip((name for name, _ in outputs), evaluator.types, strict=True))
        finally:
            evaluator.close()

    def existing_columns(
        self, source: Table, target: Table, table: TableMap, types: dict[str, DataType]
    ) -> tuple[PlannedColumn, ...]:
        """The columns of a table that exists. Raises ColumnFitsNowhere, ColumnNotFed, TypeDoesNotFit."""
        known = {column.name: column for column in target.copied_columns}
        maps = table.columns if table.columns is not None else namesakes(source, table, target)
        columns = []
        for column in maps:
            if column.target not in known:
                raise ColumnFitsNowhere(
                    column=column.source or column.target,
                    table=source.name.name,
                    target=target.name.name,
                    known=", ".join(known),
                )
            self.check_type(source, column, known[column.target], types)
            rules = self.lossy(source, column)
            columns.append(PlannedColumn(known[column.target], column.source, column.expression, lossy=rules))
        fed = {column.target for column in maps}
        for name, wanted in known.items():
            if name not in fed and not wanted.nullable and wanted.default is None and wanted.identity is None:
                raise ColumnNotFed(column=name, table=target.name.name)
        return tuple(columns)

    def check_type(self, source: Table, column: ColumnMap, target: Column, types: dict[str, DataType]) -> None:
        """Raise TypeDoesNotFit where no value of the source's type could be kept."""
        of = source.column(column.source).type if column.source is not None else types[column.target]
        rules = self.lossy(source, column)
        if not convertible(of.kind, target.type.kind, product=self.way.target.can.database, lossy=rules):
            raise TypeDoesNotFit(
                column=column.source or column.target,
                table=source.name.name,
                source_type=of.native or of.kind,
                target=target.name,
                target_type=target.type.native,
            )

    def lossy(self, source: Table, column: ColumnMap) -> tuple[str, ...]:
        """The rules by which a column's values may be changed: its own, or those of its source type."""
        if column.lossy or column.source is None:
            return column.lossy
        found = override_for(source.column(column.source).type, self.way.overrides)
        return found.lossy if found is not None else ()

    def is_whole(self, chosen: Chosen) -> bool:
        """Does a table go with all its columns under their names?"""
        names = {column.source for column in chosen.map.columns or () if column.source == column.target}
        return all(column.name in names for column in chosen.source.copied_columns)

    def with_parents(self, source: Table) -> Table:
        """The table; of its own, with all columns, where a table that it inherits from is not carried as it is."""
        if all(plain(name) in self.whole for name in source.inherits):
            return source
        return replace(
            source,
            inherits=(),
            columns=tuple(replace(column, local=True) for column in source.columns),
            checks=tuple(replace(check, local=True) for check in source.checks),
        )

    def new_table(self, number: int, source: Table, chosen: Chosen, types: dict[str, DataType]) -> PlannedTable:
        """A table that is made."""
        table = chosen.map
        maps = table.columns or tuple(
            ColumnMap(column.name, source=column.name)
            for column in source.copied_columns
            if column.name not in table.ignore
        )
        origins = [
            Origin(
                column.target,
                source.column(column.source) if column.source is not None else None,
                types.get(column.target),
                column.type,
            )
            for column in maps
        ]
        wanted = self.with_parents(source)
        if self.options.mapping_text is not None:
            wanted = replace(
                wanted, columns=tuple(c for c in source.columns if c.generated is None or c.name not in table.ignore)
            )
        user_types = {type.name: type for type in self.sides.source_catalogue.types}
        name = replace(chosen.target, alone=self.way.same and source.name.alone)
        derived = self.prove(derive_table(wanted, name, origins, self.way, user_types))
        self.derived[number] = derived
        for column in maps:
            self.check_type(source, column, derived.table.column(column.target), types)
        maps = (*maps, *(ColumnMap(name, source=name) for name in derived.copied))
        columns = tuple(
            PlannedColumn(
                derived.table.column(column.target),
                column.source,
                column.expression,
                self.lossy(source, column),
                derived.notes.get(column.target, ""),
            )
            for column in maps
        )
        self.made[chosen.target] = derived.table
        return PlannedTable(
            number, with_plain(source, derived.copied), derived.table, columns, True, table.where, self.sides.several
        )


def with_plain(table: Table, names: Sequence[str]) -> Table:
    """The table with some generated columns as plain ones, so that their values are read."""
    return replace(
        table,
        columns=tuple(replace(column, generated=None) if column.name in names else column for column in table.columns),
    )


def namesakes(source: Table, table: TableMap, target: Table) -> tuple[ColumnMap, ...]:
    """Every source column into its namesake; upper and lower case decide only where both exist."""
    known = {column.name for column in target.copied_columns}
    folded = {column.name.lower(): column.name for column in target.copied_columns}
    return tuple(
        ColumnMap(
            column.name if column.name in known else folded.get(column.name.lower(), column.name), source=column.name
        )
        for column in source.copied_columns
        if column.name not in table.ignore
    )


__all__ = ["Prove", "TablePlanner", "namesakes", "with_plain"]
