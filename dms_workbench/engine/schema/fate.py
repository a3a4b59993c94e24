"""What becomes of one object of the source, decided before anything is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ..databases.base import Database
from ..databases.catalogue import Column, DataType, Table, TableName
from .translate import NotTranslatable, Pair, translated
from .translate_names import Renames, mentioned, renamed

Outcome = Literal["created", "altered", "present", "left_out"]


@dataclass(frozen=True, slots=True)
class Fate:
    """An object's outcome with the reason, and the object in the target's terms where it is made apart."""

    outcome: Outcome = "created"
    reason: str = ""
    thing: Any = None


def left_out(reason: str) -> Fate:
    """The fate of what is not carried."""
    return Fate("left_out", reason)


def altered(reason: str, thing: Any = None) -> Fate:
    """The fate of what arrives in another form; without a reason, as it is."""
    return Fate("altered" if reason else "created", reason, thing)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a new target column comes from: a source column that moves as it is, or an expression of some type."""

    target: str
    source: Column | None
    type: DataType | None = None
    native: str | None = None
    """The native type asked for in the mapping file."""


@dataclass(frozen=True, slots=True)
class Way:
    """From which product into which, under which names: what every derivation asks."""

    source: Database
    target: Database
    renames: Renames = field(default_factory=Renames)
    """Of the same product."""
    server: str = ""
    """The version of the target."""
    overrides: tuple[Any, ...] = ()
    """Types that the mapping file asks for."""

    @property
    def same(self) -> bool:
        """Is it one product on both sides?"""
        return self.source.can.database == self.target.can.database

    def pair(self, columns: dict[str, Column] | None = None) -> Pair:
        """For translations over the columns given."""
        return Pair(self.source.can.database, self.target.can.database, columns or {})

    def expression(self, sql: str, columns: dict[str, Column]) -> str:
        """An expression of the source as the target says it. columns: source name to target column. Raises NotTranslatable."""
        if self.same and unchanged(sql, columns):
            return renamed(sql, self.renames)
        return translated(sql, self.pair(columns))

    def placed(self, name: TableName) -> TableName:
        """A table of the same product under its name in the target."""
        plain = TableName(name.schema, name.name)
        schema = self.renames.schemas.get(name.schema or "", name.schema)
        return self.renames.tables.get(plain, TableName(schema, name.name))

    def definition(self, text: str | None, columns: dict[str, Column] | None = None) -> str | None:
        """A native definition with the names of the target; None where it says no longer what is meant."""
        if text is None or not self.same or (columns is not None and not unchanged(text, columns)):
            return None
        return renamed(text, self.renames)


class Columns(dict[str, Column]):
    """Source column to target column, of those that are carried as they are; knows the others too."""

    def __init__(self, source: Table, target: Table, names: dict[str, str]) -> None:
        super().__init__({name: target.column(to) for name, to in names.items()})
        self.gone = {column.name.lower() for column in source.columns if names.get(column.name) != column.name}


def unchanged(sql: str, columns: dict[str, Column]) -> bool:
    """Does an expression name no column that has another name in the target, or none?"""
    gone = columns.gone if isinstance(columns, Columns) else {name for name, to in columns.items() if name != to.name}
    return not gone or not gone & mentioned(sql)


__all__ = [
    "Columns",
    "Fate",
    "NotTranslatable",
    "Origin",
    "Outcome",
    "Way",
    "altered",
    "left_out",
    "unchanged",
]
