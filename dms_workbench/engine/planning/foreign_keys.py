"""Foreign keys among the tables that a run makes: carried to where their parents went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..databases.capabilities import Capabilities
from ..databases.catalogue import ForeignKey, Table, TableName
from ..databases.ddl import NotExpressible
from ..schema.derive_parts import derive_foreign_key
from ..schema.fate import Fate, Way, left_out
from ..schema.inventory import reference_part
from ..schema.order import cyclic_references
from .plan import PlannedTable

NOT_IN_RUN = "its parent table is not part of the run"


@dataclass(slots=True)
class ForeignKeys:
    """Carries the foreign keys of one run."""

    planned: Sequence[PlannedTable]
    way: Way
    can: Capabilities
    sources: frozenset[TableName]
    """All tables of the source."""
    fates: dict[tuple[TableName, str], Fate] = field(default_factory=dict)
    """By target table, and name in the source."""

    def carried(self) -> list[PlannedTable]:
        """The tables with the foreign keys that can be carried."""
        drivers: dict[TableName, list[PlannedTable]] = {}
        for table in self.planned:
            drivers.setdefault(plain(table.source.name), []).append(table)
        with_keys = [
            replace(table, target=replace(table.target, foreign_keys=self.of(table, drivers)))
            if table.creates
            else table
            for table in self.planned
        ]
        return with_keys if self.can.adds_foreign_keys_later else self.without_cycles(with_keys)

    def of(self, table: PlannedTable, drivers: dict[TableName, list[PlannedTable]]) -> tuple[ForeignKey, ...]:
        """The foreign keys of one table in the target's names."""
        found = []
        for key in table.source.foreign_keys:
            made, fate = self.one(table, key, drivers.get(plain(key.references), []))
            self.fates[table.target.name, reference_part(key)] = fate
            found += [made] if made is not None else []
        return tuple(found)

    def one(self, table: PlannedTable, key: ForeignKey, drivers: list[PlannedTable]) -> tuple[ForeignKey | None, Fate]:
        """One foreign key: to the first table made from its parent that has the key referred to."""
        known = key.references in self.sources
        fate = left_out(NOT_IN_RUN if known else f"the source has no table {key.references.name}")
        for parent in drivers:
            names = plain_names(parent)
            if not is_key(parent.target, [names.get(column, "") for column in key.referenced_columns]):
                if parent.creates:
                    fate = left_out(self.inexpressible(key) or "not all of its columns are carried as they are")
                continue
            made, fate = derive_foreign_key(key, plain_names(table), parent.target.name, names, self.way)
            if made is not None:
                return made, fate
        return None, fate

    def inexpressible(self, key: ForeignKey) -> str:
        """Why the target has no such foreign key at all; empty if it has."""
        try:
            self.way.target.ddl.foreign_key(key)
        except NotExpressible as error:
            return error.reason
        return ""

    def without_cycles(self, planned: list[PlannedTable]) -> list[PlannedTable]:
        """Where foreign keys can only be made with their table and are checked row by row: none that closes a cycle."""
        if not self.can.enforces_foreign_keys_on_load:
            return planned
        references: dict[str, set[str]] = {
            str(table.target.name): {str(key.references) for key in table.target.foreign_keys} for table in planned
        }
        cyclic = cyclic_references(references)
        return [self.without(table, cyclic) if table.creates else table for table in planned]

    def without(self, table: PlannedTable, cyclic: set[tuple[str, str]]) -> PlannedTable:
        """One table without the foreign keys that close a cycle."""
        kept = tuple(
            key for key in table.target.foreign_keys if (str(table.target.name), str(key.references)) not in cyclic
        )
        reason = f"{self.can.product} cannot load a table that refers to itself, or in a circle"
        for at, fate in self.fates.items():
            if at[0] == table.target.name and fate.thing is not None and fate.thing not in kept:
                self.fates[at] = left_out(reason)
        return replace(table, target=replace(table.target, foreign_keys=kept))


def plain(name: TableName) -> TableName:
    """A table's name without what a catalogue adds to it."""
    return TableName(name.schema, name.name)


def plain_names(table: PlannedTable) -> dict[str, str]:
    """Source column to target column, for the columns that move as they are."""
    return {column.source: column.target.name for column in table.columns if column.source is not None}


def is_key(table: Table, columns: Sequence[str]) -> bool:
    """Are these columns a primary or unique key of the table, or of a unique index?"""
    keys = [key.columns for key in (table.primary_key, *table.unique_keys) if key is not None]
    keys += [
        tuple(part.column or "" for part in index.parts)
        for index in table.indexes
        if index.unique and index.where is None
    ]
    return any(sorted(key) == sorted(columns) for key in keys)
