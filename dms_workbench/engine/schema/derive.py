"""The target table that a source table becomes when it is made new, and the fate of everything that belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..databases.catalogue import Check, Column, Key, Table, TableName, UserType
from ..databases.ddl import NotExpressible
from .derive_columns import ColumnDeriver
from .derive_parts import derive_index, derive_key, tried
from .fate import Columns, Fate, NotTranslatable, Origin, Way, altered, left_out
from .inventory import key_part

KEY_COLUMNS_GONE = "not all of its columns are carried as they are"


@dataclass(slots=True)
class Derived:
    """A new table, and by kind and name within the table what becomes of each part of the source's."""

    table: Table
    fates: dict[tuple[str, str], Fate] = field(default_factory=dict)
    copied: tuple[str, ...] = ()
    """Generated columns of the source that are plain columns here: their values are copied."""
    added: tuple[Check, ...] = ()
    """Checks that stand for what a type of the source refuses."""
    optional: tuple[tuple[str, str], ...] = ()
    """Parts of the table's own statement that the target may refuse: they can be left out again."""
    notes: dict[str, str] = field(default_factory=dict)
    """How the values of a column are converted, where it is not exact."""


def derive_table(
    source: Table, name: TableName, origins: Sequence[Origin], way: Way, types: dict[TableName, UserType] | None = None
) -> Derived:
    """The new table with its keys, checks, indexes and comments; foreign keys apart.

    origins: one for each copied column, in order. types: the user types of the source.
    """
    deriver = TableDeriver(source, Table(name, ()), way, types or {})
    deriver.columns(list(origins))
    deriver.keys()
    deriver.checks()
    deriver.indexes()
    deriver.rest()
    return deriver.derived


class TableDeriver:
    """Derives one table, part after part."""

    def __init__(self, source: Table, target: Table, way: Way, types: dict[TableName, UserType]) -> None:
        self.source = source
        self.way = way
        self.types = types
        self.derived = Derived(target)
        self.names: dict[str, str] = {}
        """Source column to target column, of those that are carried as they are."""

    def fate(self, kind: str, part: str, fate: Fate) -> None:
        """Note what becomes of a part."""
        self.derived.fates[kind, part] = fate

    def part(self, **changes: object) -> None:
        """Give the new table something."""
        self.derived.table = replace(self.derived.table, **changes)  # type: ignore[arg-type]

    def columns(self, origins: list[Origin]) -> None:
        """All columns, the generated ones where they stand in the source."""
        self.names = {origin.source.name: origin.target for origin in origins if origin.source is not None}
        deriver = ColumnDeriver(self.source, self.way, self.types, self.key_columns())
        made = {origin.target: deriver.column(origin, self.fate) for origin in origins}
        plain = {origin.source.name: made[origin.target] for origin in origins if origin.source is not None}
        self.part(columns=tuple(made.values()))
        copied = []
        for column in self.source.columns:
            if column.generated is None or column.name in made or column.name in self.names:
                continue
            new = deriver.generated(column, Columns(self.source, self.derived.table, self.names), self.fate)
            made[column.name] = plain[column.name] = new
            self.names[column.name] = column.name
            self.part(columns=(*self.derived.table.columns, new))
            if new.generated is None:
                copied.append(column.name)
        self.derived.copied = tuple(copied)
        self.part(columns=tuple(in_place(self.source, list(made.values()), plain)))
        self.derived.notes = deriver.notes
        table = self.derived.table.name.name
        self.derived.added = tuple(replace(check, name=f"{table}_{check.column}_check") for check in deriver.checks)
        self.derived.optional = tuple(deriver.optional)

    def key_columns(self) -> dict[str, int]:
        """For each column how many texts the widest key or index has that it is part of."""
        texts = {
            column.name for column in self.source.columns if column.type.kind in ("text", "bytes", "uuid", "other")
        }
        keys = [key.columns for key in (self.source.primary_key, *self.source.unique_keys) if key is not None]
        shortens = self.way.target.can.indexes_first_characters
        indexes = [index for index in self.source.indexes if index.unique or not shortens]
        keys += [tuple(part.column for part in index.parts if part.column) for index in indexes]
        keys += [key.columns for key in self.source.foreign_keys]
        widest: dict[str, int] = {}
        for key in keys:
            for name in texts.intersection(key):
                widest[name] = max(widest.get(name, 0), len(texts.intersection(key)))
        return widest

    def carried(self) -> Columns:
        """The columns that are carried as they are."""
        return Columns(self.source, self.derived.table, self.names)

    def keys(self) -> None:
        """Primary and unique keys."""
        primary = self.source.primary_key
        if primary is not None:
            made = self.key(primary, primary=True)
            self.part(primary_key=made)
            if made is not None and not self.way.same:
                self.part(
                    columns=tuple(
                        replace(column, nullable=False) if column.name in made.columns else column
                        for column in self.derived.table.columns
                    )
                )
        uniques = [self.key(key, primary=False) for key in self.source.unique_keys]
        self.part(unique_keys=tuple(key for key in uniques if key is not None))

    def key(self, key: Key, *, primary: bool) -> Key | None:
        """One key; None where the new table does not have it as a key."""
        kind, part = "primary key" if primary else "unique key", key_part(key)
        if not set(key.columns) <= set(self.names):
            self.fate(kind, part, left_out(KEY_COLUMNS_GONE))
            return None
        made, fate = derive_key(key, self.derived.table, self.names, self.way, primary=primary)
        self.fate(kind, part, fate)
        return made

    def checks(self) -> None:
        """Check constraints."""
        made = []
        for number, check in enumerate(self.source.checks, 1):
            part = check.name or f"check {number}"
            try:
                expression = self.way.expression(check.expression, self.carried())
            except NotTranslatable as error:
                self.fate("check", part, left_out(error.reason))
                continue
            new = replace(
                check,
                expression=expression,
                column=self.names.get(check.column or ""),
                definition=self.way.definition(check.definition, self.carried()),
            )
            self.fate("check", part, Fate(thing=new))
            made.append(new)
        for check in self.derived.added:
            self.fate("check", check.name or "", Fate(thing=check))
        self.part(checks=(*made, *self.derived.added))

    def indexes(self) -> None:
        """Indexes that no key made; unique keys that are indexes here come first."""
        keys = [fate.thing for (kind, _), fate in self.derived.fates.items() if kind == "unique key"]
        made = [thing for thing in keys if thing is not None]
        for index in self.source.indexes:
            try:
                new, lost = derive_index(index, self.derived.table, self.carried(), self.names, self.way)
                self.way.target.ddl.index(self.derived.table.name, tried(new, self.way))
            except (NotTranslatable, NotExpressible) as error:
                self.fate("index", index.name, left_out(error.reason))
                continue
            self.fate("index", index.name, altered(lost, new))
            made.append(new)
        self.part(indexes=tuple(made))

    def rest(self) -> None:
        """What a table has besides: comment, options, how its rows are kept."""
        self.part(comment=self.source.comment)
        if not self.way.same:
            return
        options = tuple(
            (name, text)
            for name, text in self.source.options
            if name != "definition" or self.way.definition(text, self.carried())
        )
        parts = self.source.partitioning
        if parts is not None and parts.parent is not None:
            parts = replace(parts, parent=self.way.placed(parts.parent))
        self.part(options=options, persistence=self.source.persistence, partitioning=parts)
        self.part(inherits=tuple(map(self.way.placed, self.source.inherits)), row_security=self.source.row_security)


def in_place(source: Table, made: list[Column], plain: dict[str, Column]) -> list[Column]:
    """The new columns, each generated one behind the column it follows in the source."""
    generated = [column.name for column in source.columns if column.generated is not None and column.name in plain]
    found = [column for column in made if column.name not in generated or plain.get(column.name) is not column]
    for name in generated:
        at = [column.name for column in source.columns].index(name)
        before = [plain[column.name] for column in source.columns[:at] if column.name in plain]
        place = max((found.index(column) + 1 for column in before if column in found), default=0)
        found.insert(place, plain[name])
    return found
