"""One table map against both schemas: where each column comes from, and what the target table is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..converting import convertible
from ..databases.base import Database, Source
from ..databases.catalogue import Catalogue, Column, DataType, ForeignKey, Table, TableName
from ..expressions import LookupTable, compile_evaluator, load_lookups
from ..mapping.model import ColumnMap, TableMap
from ..mapping.model import Mapping as MappingFile
from ..schema.derive import LeftOut, Origin, carry_foreign_key, derive_table
from ..schema.order import cyclic_references
from .errors import ColumnFitsNowhere, ColumnNotFed, TargetTableMissing, TypeDoesNotFit
from .options import PlanOptions
from .plan import PlannedColumn, PlannedTable


@dataclass(slots=True)
class TablePlanner:
    """Plans the tables of one mapping and remembers what is left out on the way."""

    source_database: Database
    target_database: Database
    source: Catalogue
    target: Catalogue
    target_schema: str | None
    options: PlanOptions
    left_out: list[LeftOut] = field(default_factory=list)
    made: dict[str, Table] = field(default_factory=dict)
    """Tables that an earlier table map makes, by name: a later one fits itself into them."""

    def plan(self, maps: Sequence[TableMap], mapping: MappingFile, reader: Source) -> list[PlannedTable]:
        """All table maps, with the foreign keys among the tables that are made."""
        lookups = load_lookups(mapping.lookups, reader)
        planned = [self.plan_table(number, table, lookups) for number, table in enumerate(maps)]
        return self.with_foreign_keys(planned)

    def plan_table(self, number: int, table: TableMap, lookups: Mapping[str, LookupTable]) -> PlannedTable:
        """One table map."""
        source = self.source.table(table.source)
        types = self.expression_types(source, table, lookups)
        if table.target in self.made:
            made = self.made[table.target]
            columns = self.existing_columns(source, made, table, types)
            return PlannedTable(number, source, made, columns, creates=True, where=table.where)
        existing = next((found for found in self.target.tables if found.name.name == table.target), None)
        if existing is not None:
            columns = self.existing_columns(source, existing, table, types)
            return PlannedTable(number, source, existing, columns, creates=False, where=table.where)
        if not self.options.create or self.options.purpose == "verify":
            raise TargetTableMissing(table=table.target)
        return self.new_table(number, source, table, types)

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
            columns.append(PlannedColumn(known[column.target], column.source, column.expression))
        fed = {column.target for column in maps}
        for name, wanted in known.items():
            if name not in fed and not wanted.nullable and wanted.default is None and wanted.identity is None:
                raise ColumnNotFed(column=name, table=target.name.name)
        return tuple(columns)

    def check_type(self, source: Table, column: ColumnMap, target: Column, types: dict[str, DataType]) -> None:
        """Raise TypeDoesNotFit where no value of the source's type could be kept."""
        of = source.column(column.source).type if column.source is not None else types[column.target]
        if not convertible(of.kind, target.type.kind):
            raise TypeDoesNotFit(
                column=column.source or column.target,
                table=source.name.name,
                source_type=of.native or of.kind,
                target=target.name,
                target_type=target.type.native,
            )

    def new_table(self, number: int, source: Table, table: TableMap, types: dict[str, DataType]) -> PlannedTable:
        """A table that is made."""
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
        name = TableName(self.target_schema, table.target)
        made, left = derive_table(source, name, origins, (self.source_database, self.target_database))
        self.left_out += left
        for column in maps:
            self.check_type(source, column, made.column(column.target), types)
        columns = tuple(PlannedColumn(made.column(column.target), column.source, column.expression) for column in maps)
        self.made[table.target] = made
        return PlannedTable(number, source, made, columns, creates=True, where=table.where)

    def with_foreign_keys(self, planned: list[PlannedTable]) -> list[PlannedTable]:
        """The tables that are made, with the foreign keys that can be carried."""
        drivers: dict[str, list[PlannedTable]] = {}
        for table in planned:
            drivers.setdefault(table.source.name.name, []).append(table)
        with_keys = [
            replace(table, target=replace(table.target, foreign_keys=self.foreign_keys(table, drivers)))
            if table.creates
            else table
            for table in planned
        ]
        return with_keys if self.target_database.can.adds_foreign_keys_later else self.without_cycles(with_keys)

    def foreign_keys(self, table: PlannedTable, drivers: dict[str, list[PlannedTable]]) -> tuple[ForeignKey, ...]:
        """The foreign keys of one table in the target's names; what cannot be carried is left out with its reason."""
        names = plain_names(table)
        found = []
        for key in table.source.foreign_keys:
            parents = [
                parent for parent in drivers.get(key.references.name, ()) if parent.creates or has_key(parent, key)
            ]
            carried = None
            for parent in parents:
                parent_names = plain_names(parent)
                carried = carried or (
                    carry_foreign_key(key, names, parent.target.name, parent_names, own_name=True)
                    if is_key(parent.target, [parent_names.get(column, "") for column in key.referenced_columns])
                    else None
                )
            if carried is not None:
                found.append(carried)
            else:
                reason = (
                    "its parent table is not part of the run"
                    if not parents
                    else "not all of its columns are carried as they are"
                )
                self.left_out.append(LeftOut("foreign key", foreign_key_name(table, key), reason))
        return tuple(found)

    def without_cycles(self, planned: list[PlannedTable]) -> list[PlannedTable]:
        """Where foreign keys can only be made with their table and are checked row by row: none that closes a cycle."""
        if not self.target_database.can.enforces_foreign_keys_on_load:
            return planned
        references: dict[str, set[str]] = {
            table.target.name.name: {key.references.name for key in table.target.foreign_keys} for table in planned
        }
        cyclic = cyclic_references(references)
        result = []
        for table in planned:
            kept = tuple(
                key for key in table.target.foreign_keys if (table.target.name.name, key.references.name) not in cyclic
            )
            for key in table.target.foreign_keys:
                if table.creates and key not in kept:
                    reason = (
                        f"{self.target_database.can.database} cannot load a table that refers to itself, or in a circle"
                    )
                    self.left_out.append(LeftOut("foreign key", foreign_key_name(table, key), reason))
            result.append(replace(table, target=replace(table.target, foreign_keys=kept)) if table.creates else table)
        return result


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


def plain_names(table: PlannedTable) -> dict[str, str]:
    """Source column to target column, for the columns that move as they are."""
    return {column.source: column.target.name for column in table.columns if column.source is not None}


def has_key(parent: PlannedTable, key: ForeignKey) -> bool:
    """Can an existing parent table be referred to by these columns?"""
    names = plain_names(parent)
    return is_key(parent.target, [names.get(column, "") for column in key.referenced_columns])


def is_key(table: Table, columns: Sequence[str]) -> bool:
    """Are these columns a primary or unique key of the table?"""
    keys = [table.primary_key, *table.unique_keys]
    return any(key is not None and sorted(key.columns) == sorted(columns) for key in keys)


def foreign_key_name(table: PlannedTable, key: ForeignKey) -> str:
    """How a foreign key is called in the account of objects."""
    return key.name or f"{table.target.name.name}({', '.join(key.columns)}) → {key.references.name}"
