"""The account of objects: one line for every object of the source, and the statements of those that are made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..databases.catalogue import Catalogue, Check, Table, TableName
from ..databases.ddl import NotExpressible
from ..schema.derive import Derived
from ..schema.fate import Fate, Way, left_out
from ..schema.inventory import Item, inventory, reference_part, table_items
from .catalogues import Sides
from .foreign_keys import plain
from .lines import Lines, made
from .names import NewNames, shortened
from .natives import Natives
from .options import PlanOptions
from .plan import PlannedObject, PlannedTable

COLUMNS_SHOWN = 5
LEFT_AS_IS = "the table was there already and is left as it is"
ONLY_ROWS = "only rows are asked for"
NOT_CHOSEN = "its table is not part of the run"
NOT_CARRIED = "not carried by this version: create it by hand"
WITH_TABLE = {
    "primary key": "primary_key",
    "unique key": "unique_keys",
    "default": "columns",
    "identity": "columns",
    "generated column": "columns",
    "on update": "columns",
    "partitioning": "partitioning",
    "inheritance": "inherits",
}
"""Parts that are made by the statement that makes their table."""


@dataclass(slots=True)
class Structure:
    """What a run does to tables: those it copies, and those it only makes (partitions, tables without a column)."""

    copied: Sequence[PlannedTable]
    apart: Sequence[PlannedTable]
    derived: dict[int, Derived]
    foreign_keys: dict[tuple[TableName, str], Fate]
    names: NewNames
    order: Sequence[int] = ()
    """The numbers of all tables, in the order in which they are made."""
    reasons: dict[TableName, str] = field(default_factory=dict)
    """Why a table of the source is not part of the run."""

    @property
    def all(self) -> list[PlannedTable]:
        """All of them, in the order in which they are made."""
        return sorted([*self.copied, *self.apart], key=lambda table: self.order.index(table.map_no))


def account_of_objects(sides: Sides, way: Way, structure: Structure, options: PlanOptions) -> tuple[PlannedObject, ...]:
    """All lines, in the order in which they are made."""
    lines = Lines(sides.several)
    if options.content != "data":
        for name in sides.new_schemas:
            statements = tuple(way.target.ddl.schema(name))
            lines.add(None, PlannedObject("schema", name, "created", statements=statements, step="first", part=name))
    for name, comment in sides.schema_comments:
        schema_comment(sides, way, lines, (name, comment), made_too=options.content != "data")
    TableLines(sides, way, structure, options, lines).tell()
    Natives(sides, way, structure.all, options, lines).tell()
    known = lines.known()
    for item in inventory(sides.source_catalogue):
        if item.key not in known and (way.same or item.kind != "collation"):
            reason = structure.reasons.get(plain(item.on), "") if item.on is not None else ""
            lines.tell(item, left_out(reason or NOT_CARRIED))
    lines.found += [(None, line) for line in rights(sides.source_catalogue)]
    return (*lines.finished(), *collations(way, structure))


def collations(way: Way, structure: Structure) -> Iterator[PlannedObject]:
    """A line for each collation that the texts of new tables of another product do not have."""
    if way.same:
        return
    columns: dict[str, list[str]] = {}
    for table in structure.copied:
        for column in table.source.columns if table.map_no in structure.derived else ():
            if column.type.collation is not None:
                columns.setdefault(column.type.collation, []).append(f"{table.source_label}.{column.name}")
    for collation, names in sorted(columns.items()):
        more = f" and {len(names) - COLUMNS_SHOWN} more" if len(names) > COLUMNS_SHOWN else ""
        found = f"{len(names)} columns: {', '.join(names[:COLUMNS_SHOWN])}{more}" if len(names) > 1 else names[0]
        reason = f"texts are compared and sorted in another way than in {way.source.ddl.product}, in {found}"
        yield PlannedObject("collation", collation, "left_out", reason)


def schema_comment(sides: Sides, way: Way, lines: Lines, said: tuple[str, str], *, made_too: bool) -> None:
    """The line of a schema's comment: carried to a schema that is made."""
    name = said[0] if sides.several else str(sides.target_schema)
    label = PlannedObject("comment", f"schema {said[0]}", "left_out", "its schema was there already")
    if name not in sides.new_schemas or not made_too:
        lines.add(None, label)
        return
    fate, more = made(Fate(), lambda: way.target.ddl.schema_comment(*said), step="comment", repeats=True)
    lines.add(None, replace(label, outcome=fate.outcome, reason=fate.reason, **more))


def rights(catalogue: Catalogue) -> list[PlannedObject]:
    """Owners and grants: the target's own business, counted."""
    things: list[Any] = [
        *catalogue.tables,
        *catalogue.views,
        *catalogue.sequences,
        *catalogue.types,
        *catalogue.routines,
    ]
    owned = sum(1 for thing in things if thing.owner is not None)
    granted = sum(len(thing.grants) for thing in things)
    granted += sum(len(column.grants) for table in catalogue.tables for column in table.columns)
    reason = "who may do what is the target's own business"
    return [
        PlannedObject(kind, f"{number} {of if number != 1 else of[:-1]}", "left_out", reason)
        for kind, number, of in (("owner", owned, "objects"), ("grant", granted, "rights"))
        if number
    ]


class TableLines:
    """The lines of tables and all that belongs to them."""

    def __init__(self, sides: Sides, way: Way, structure: Structure, options: PlanOptions, lines: Lines) -> None:
        """lines: where they go."""
        self.sides = sides
        self.way = way
        self.ddl = way.target.ddl
        self.structure = structure
        self.options = options
        self.lines = lines
        self.later = sides.can.adds_foreign_keys_later

    def tell(self) -> None:
        """All tables of the run, and of the others why they are not part of it."""
        seen: set[TableName] = set()
        items = {
            table.name: [item for item in table_items(table) if self.way.same or item.kind != "collation"]
            for table in self.sides.source_catalogue.tables
        }
        for table in self.structure.all:
            first = table.target.name not in seen
            seen.add(table.target.name)
            parts = items[table.source.name]
            if not table.creates or self.options.content == "data":
                self.existing(table, parts)
            elif table.map_no in self.structure.derived:
                self.created(table, self.structure.derived[table.map_no], parts)
            elif first:
                self.existing(table, parts)
            else:
                self.lines.tell(parts[0], Fate("created", "shared with another table map"), at=self.at(parts[0], table))
        for name, reason in self.structure.reasons.items():
            for item in items.get(name, []):
                self.lines.tell(item, left_out(reason if item.name is not None else NOT_CHOSEN))

    def at(self, item: Item, table: PlannedTable) -> Item:
        """An item of the source table as the target has it."""
        target = TableName(table.target.name.schema, table.target.name.name)
        return replace(item, name=target if item.name is not None else None, on=target if item.on is not None else None)

    def existing(self, table: PlannedTable, items: list[Item]) -> None:
        """A table that was there: what it has of the source's parts, and that the others are not made."""
        there = {(item.kind, item.part) for item in table_items(table.target)}
        columns = {(item.kind, getattr(item.thing, "columns", None)) for item in table_items(table.target)}
        for item in items:
            at = self.at(item, table)
            keyed = (item.kind, getattr(item.thing, "columns", None))
            is_key = item.kind in ("primary key", "unique key", "foreign key") and keyed in columns
            if item.name is not None or (item.kind, item.part) in there or is_key:
                self.lines.tell(item, Fate("present"), at)
            else:
                self.lines.tell(item, left_out(ONLY_ROWS if self.options.content == "data" else LEFT_AS_IS), at)

    def created(self, table: PlannedTable, derived: Derived, items: list[Item]) -> None:
        """A table that is made, and each of its parts."""
        for item in items:
            at = self.at(item, table)
            fate = derived.fates.get((item.kind, item.part), Fate())
            if item.kind == "foreign key":
                fate = self.structure.foreign_keys.get((table.target.name, item.part), left_out(NOT_CHOSEN))
            if item.kind in ("trigger", "policy", "rule", "exclusion", "row security", "comment"):
                continue
            if item.name is not None:
                self.table(item, at, table)
            elif fate.outcome == "left_out":
                self.lines.tell(item, fate, at)
            else:
                self.part(item, at, fate, table)
        for check in derived.added:
            self.added(check, table, derived)

    def table(self, item: Item, at: Item, table: PlannedTable) -> None:
        """The table itself."""
        target = table.target
        inline = () if self.later else target.foreign_keys
        checks = tuple(check for check in target.checks if not self.check_later(check))
        fate, more = made(
            Fate("created", "; ".join(filter(None, [*self.renamed(table), self.losses(table.source)]))),
            lambda: self.ddl.table(replace(target, checks=checks), foreign_keys=inline),
            step="table",
            on=None,
            part=str(at.name),
        )
        self.lines.tell(item, fate, at, **more)

    def renamed(self, table: PlannedTable) -> Iterator[str]:
        """The names that were given anew because the target cannot have them."""
        if self.options.names != "adapt":
            return
        if table.source.name.name != table.target.name.name:
            yield f"it is {table.source.name.name!r} in the source"
        for column in table.columns:
            if column.source is not None and column.source != column.target.name:
                yield f"its column {column.source!r} is {column.target.name}"

    def losses(self, source: Table) -> str:
        """What another product's table does not keep of a table."""
        if self.way.same:
            return self.ddl.loses(source) if source.columns else "its rows have no column to copy"
        found = ["an ordinary table: it was unlogged"] if source.persistence == "unlogged" else []
        hidden = [column.name for column in source.columns if column.hidden]
        found += [f"its hidden columns can be seen: {', '.join(hidden)}"] if hidden else []
        found += ["one table with all rows: it was split in parts"] if source.partitioning is not None else []
        found += ["a table of its own: it inherited"] if source.inherits else []
        loose = self.way.source.ddl.loose(source)
        found += [loose] if loose else []
        found += ["its current rows, without their history"] if "system versioning" in dict(source.options) else []
        return "; ".join(found)

    def check_later(self, check: Check) -> bool:
        """Is a check added after the rows?"""
        return self.later and (not self.way.same or not check.validated)

    def part(self, item: Item, at: Item, fate: Fate, table: PlannedTable) -> None:
        """A part of a table that is made: with it, or after the rows."""
        on = table.target.name
        new = self.structure.names.changes.get((on, item.kind, getattr(fate.thing, "name", None) or item.part))
        if new is not None:
            fate = replace(
                fate, reason="; ".join(filter(None, [fate.reason, f"named {new}: its own name cannot be used"]))
            )
            fate = replace(fate, outcome="altered", thing=renamed_thing(fate.thing, new))
        if item.kind == "index" or (item.kind == "unique key" and fate.thing is not None):
            named = self.structure.names.changes.get((on, "index", fate.thing.name), fate.thing.name)
            index = renamed_thing(fate.thing, named) if named != fate.thing.name else fate.thing
            fate, more = made(fate, lambda: self.ddl.index(on, index), step="index", on=on, part=index.name)
            self.lines.tell(item, fate, at, **more)
        elif item.kind == "check" and self.check_later(fate.thing):
            fate, more = self.check(fate.thing, fate, on)
            self.lines.tell(item, fate, at, **more)
        elif item.kind == "foreign key" and self.later:
            self.foreign_key(item, at, fate, on)
        elif item.kind == "on update" and not self.way.same:
            fate, more = made(
                fate, lambda: self.ddl.on_update(on, fate.thing), step="trigger", on=on, part=f"on update {item.part}"
            )
            self.lines.tell(item, fate, at, **more)
        elif item.kind in ("inheritance", "partitioning") and not self.way.same:
            self.lines.tell(item, left_out(self.losses(table.source)), at)
        else:
            self.with_table(item, at, fate, table)

    def with_table(self, item: Item, at: Item, fate: Fate, table: PlannedTable) -> None:
        """A part that the table's own statement makes."""
        if item.kind == "identity":
            try:
                self.ddl.check_identity(table.target, table.target.column(self.column_of(item, table)))
            except NotExpressible as error:
                fate = left_out(error.reason)
        key = fate.thing if item.kind == "foreign key" else None
        self.lines.tell(item, fate, at, on=table.target.name, part=item.part, foreign_key=key)

    def column_of(self, item: Item, table: PlannedTable) -> str:
        """What a column of the source is called in the target."""
        return next((column.target.name for column in table.columns if column.source == item.part), item.part)

    def check(self, check: Check, fate: Fate, on: TableName) -> tuple[Fate, dict[str, Any]]:
        """A check that is added after the rows; where they break it, for new rows only if that can be."""
        name = check.name or f"{on.name}_check"
        named = replace(check, name=self.structure.names.changes.get((on, "check", name), name))
        more: dict[str, Any] = {"step": "check", "on": on, "part": named.name or ""}
        fate, told = made(fate, lambda: self.ddl.add_check(on, named), **more)
        unchecked = tuple(self.ddl.add_check(on, replace(named, validated=False))) if told else ()
        return fate, {**told, "unchecked": unchecked} if unchecked != told.get("statements", ()) else told

    def added(self, check: Check, table: PlannedTable, derived: Derived) -> None:
        """A check that stands for what a type of the source refuses."""
        proved = derived.fates.get(("check", check.name or ""), Fate())
        stands = Fate("created", "it stands for the type of the source's column")
        fate = proved if proved.outcome == "left_out" else stands
        more: dict[str, Any] = {}
        if proved.outcome != "left_out" and self.check_later(check):
            fate, more = self.check(check, fate, table.target.name)
        item = Item("check", check.name or "", check, TableName(table.target.name.schema, table.target.name.name))
        lines = Lines(self.sides.several)
        lines.tell(item, fate, **more)
        self.lines.add(None, lines.found[0][1])

    def foreign_key(self, item: Item, at: Item, fate: Fate, on: TableName) -> None:
        """A foreign key that is added after the rows: first for new rows, then for those that are there."""
        key = fate.thing
        if key.name is None and self.sides.can.validates_foreign_keys_later:
            key = replace(key, name=shortened(f"{on.name}_{'_'.join(key.columns)}_fkey", self.sides.can))
        unchecked: tuple[str, ...] = ()
        validation: tuple[str, ...] = ()
        try:
            unchecked = tuple(self.ddl.add_foreign_key(on, key, validated=False))
        except NotExpressible:
            unchecked = ()
        if self.sides.can.validates_foreign_keys_later and key.validated:
            validation = tuple(self.ddl.validate_foreign_key(on, key)) if key.name else ()
        fate, more = made(
            fate,
            lambda: self.ddl.add_foreign_key(on, key, validated=key.validated or not unchecked),
            step="foreign key",
            on=on,
            part=key.name or reference_part(key),
            unchecked=unchecked,
            validation=validation,
            foreign_key=key,
        )
        self.lines.tell(item, fate, at, **more)


def renamed_thing(thing: Any, name: str) -> Any:
    """A part of a table under another name."""
    if thing is None:
        return None
    return replace(thing, name=name, definition=None)
