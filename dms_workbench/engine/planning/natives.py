"""The objects besides tables: types, sequences, routines, views, triggers, rules, policies, comments and counters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..databases.catalogue import OtherObject, Routine, Table, TableName, UserType, View
from ..databases.catalogue import Sequence as CatalogueSequence
from ..databases.ddl import NotExpressible
from ..schema.fate import Fate, NotTranslatable, Way, altered, left_out
from ..schema.inventory import Item, inventory
from ..schema.translate import translated_query
from ..schema.translate_names import mentioned
from .catalogues import Sides
from .foreign_keys import plain, plain_names
from .lines import Lines, made
from .needed import needed_routines
from .options import PlanOptions
from .plan import PlannedObject, PlannedTable, Step

Told = tuple[Fate, dict[str, Any]]
THERE = "an object of this name was there already and is left as it is"
ONLY_ROWS = "only rows are asked for"
OTHER_STEPS: dict[str, Step] = {"first": "first", "before": "type", "after": "code", "last": "last"}
WITH_TABLE = frozenset(("trigger", "policy", "rule", "exclusion", "row security", "index", "comment"))


class Natives:
    """Tells the fate of everything that is no table."""

    def __init__(
        self, sides: Sides, way: Way, tables: Sequence[PlannedTable], options: PlanOptions, lines: Lines
    ) -> None:
        """tables: of the run, those that are only made too; lines: where the lines go."""
        self.sides = sides
        self.way = way
        self.ddl = way.target.ddl
        self.tables = {plain(table.source.name): table for table in reversed(tables)}
        self.made = [table for table in tables if table.creates]
        self.options = options
        self.lines = lines
        self.views: dict[TableName, View] = {}
        """Views that are made, by their name in the source."""
        self.present = {item.key: item for item in inventory(sides.target_catalogue)}
        self.product = way.source.ddl.product

    def tell(self) -> None:
        """All lines, views first, since others hang on them."""
        items = inventory(self.sides.source_catalogue)
        kinds: dict[str, Callable[[Item], Told]] = {
            "type": self.user_type,
            "sequence": self.sequence,
            "function": self.routine,
            "procedure": self.routine,
            "aggregate": self.routine,
            "window": self.routine,
            "view": self.view,
            "materialized view": self.view,
        }
        for item in self.views_in_order([item for item in items if item.kind in ("view", "materialized view")]):
            self.one(item, self.view)
        for item in items:
            if isinstance(item.thing, OtherObject):
                self.one(item, self.other)
            elif item.kind in kinds and not isinstance(item.thing, View):
                self.one(item, kinds[item.kind])
            elif item.kind in WITH_TABLE:
                self.with_table(item)
        self.numbers()
        self.statistics()

    def views_in_order(self, items: list[Item]) -> list[Item]:
        """Views behind those they read."""
        from ..schema.order import parents_first

        by_name = {str(item.name): item for item in items}
        return [by_name[name] for name in parents_first(
            {name: {str(of) for of in item.thing.depends_on} for name, item in by_name.items()}
        )]  # fmt: skip

    def one(self, item: Item, decide: Callable[[Item], Told]) -> None:
        """The line of an object that stands for itself."""
        at = replace(item, name=self.sides.place(item.name)) if item.name is not None else item
        if at.key in self.present:
            self.lines.tell(item, Fate("present", THERE), at, part=str(at.name or item.part))
            return
        if self.options.content == "data":
            self.lines.tell(item, left_out(ONLY_ROWS), at)
            return
        fate, more = decide(item)
        self.lines.tell(item, fate, at, **more)

    def foreign(self, what: str) -> Told:
        """The fate of what only the source's product understands."""
        return left_out(f"{what} of {self.product} are written in its own language"), {}

    def user_type(self, item: Item) -> Told:
        """An enum, domain, composite or range type."""
        type: UserType = item.thing
        name = self.sides.place(type.name)
        if self.way.same:
            new = replace(
                type,
                name=name,
                definition=tuple(self.way.definition(text) or text for text in type.definition),
                comment=None,
                needs=(),
            )
            return made(Fate(), lambda: self.ddl.user_type(new), step="type", part=str(name))
        if type.kind in ("enum", "domain"):
            kept = "its labels" if type.kind == "enum" else "its base type and checks"
            return altered(f"each column of the type has {kept}"), {}
        return left_out(f"{self.ddl.product} has no such type: columns hold the values as text"), {}

    def sequence(self, item: Item) -> Told:
        """A sequence, and where it stands."""
        sequence: CatalogueSequence = item.thing
        name = self.sides.place(sequence.name)
        owner = self.owner_of(sequence)
        if sequence.owned_by is not None and owner is None:
            return left_out("the column that owns it is not carried as it is"), {}
        if not self.way.same and owner is not None:
            return altered("its column counts by itself"), {}
        new = replace(sequence, name=name, comment=None, owner=None, grants=())
        if owner is not None:
            new = replace(new, owned_by=(owner.target.name.name, plain_names(owner)[sequence.owned_by[1]]))  # type: ignore[index]
        fate, more = made(Fate(), lambda: self.ddl.sequence(new), step="sequence", part=str(name))
        if more and sequence.state is not None:
            position = PlannedObject(
                "next number", str(name) if self.sides.several else name.name, "created", when="after", step="number",
                on=name, part="sequence", repeats=True, state=sequence.state,
            )  # fmt: skip
            self.lines.add(None, position)
        return fate, more

    def owner_of(self, sequence: CatalogueSequence) -> PlannedTable | None:
        """The planned table whose column owns a sequence, if the column is carried as it is."""
        if sequence.owned_by is None:
            return None
        table = self.tables.get(TableName(sequence.name.schema, sequence.owned_by[0]))
        return table if table is not None and sequence.owned_by[1] in plain_names(table) else None

    def routine(self, item: Item) -> Told:
        """A function, procedure or aggregate: before the tables that need it, else after the rows."""
        routine: Routine = item.thing
        if not self.way.same:
            return self.foreign(f"{routine.kind}s")
        name = self.sides.place(routine.name)
        new = replace(routine, name=name, definition=self.way.definition(routine.definition) or routine.definition)
        early = routine.signature in needed_routines(self.sides.source_catalogue)
        return made(
            Fate(),
            lambda: self.ddl.routine(new),
            step="routine" if early else "code",
            part=f"{name}{routine.signature}",
        )

    def place(self, schema: str | None, name: str) -> TableName | None:
        """Where a table or view that a query names is in the target; None if it is not there as it is."""
        schemas = (schema,) if schema is not None else self.sides.source_schemas
        wanted = name if self.way.same else name.casefold()

        def fits(at: TableName) -> bool:
            called = at.name if self.way.same else at.name.casefold()
            return called == wanted and (schema is None or at.schema in schemas)

        for at, table in self.tables.items():
            if fits(at):
                return table.target.name if len(plain_names(table)) == len(table.source.copied_columns) else None
        for at, view in self.views.items():
            if fits(at):
                return view.name
        return None

    def renamed_columns(self) -> set[str]:
        """Columns that have another name in the target, in small letters."""
        return {
            column.source.lower()
            for table in self.tables.values()
            for column in table.columns
            if column.source is not None and column.source != column.target.name
        }

    def view(self, item: Item) -> Told:
        """A view over tables and views that are in the target."""
        view: View = item.thing
        try:
            new = self.carried_view(view)
        except NotTranslatable as error:
            return left_out(error.reason), {}
        name = new.name
        fate, more = made(
            Fate() if self.way.same else altered("translated"),
            lambda: self.ddl.view(new),
            step="view",
            part=str(name),
            proof="" if self.way.same else f"SELECT * FROM {self.way.target.qualified(name)} WHERE 1 = 0",  # noqa: S608  the name is quoted
        )
        if more:
            self.views[view.name] = new
        return fate, more

    def carried_view(self, view: View) -> View:
        """A view in the target's terms. Raises NotTranslatable."""
        if view.problem is not None:
            raise NotTranslatable(view.problem)
        for name in view.depends_on:
            if self.place(name.schema, name.name) is None and self.in_run(name):
                raise NotTranslatable(f"it reads {name.name}, which is not carried as it is")
        plain_view = replace(
            view, name=self.sides.place(view.name), comment=None, owner=None, grants=(), depends_on=(), needs=(),
            indexes=(), triggers=(), rules=(),
        )  # fmt: skip
        if renamed := self.renamed_columns() & mentioned(view.query):
            raise NotTranslatable(f"it names {sorted(renamed)[0]}, a column that has another name")
        if self.way.same and not self.way.renames.tables:
            return replace(
                plain_view,
                query=self.way.definition(view.query) or view.query,
                definition=self.way.definition(view.definition) or view.definition,
            )
        if view.materialized and not self.way.same:
            raise NotTranslatable(f"{self.ddl.product} has no materialized views")
        query = translated_query(view.query, self.way.pair(), self.place, self.spellings())
        columns = () if self.way.same else plain_view.columns
        return replace(plain_view, query=query, definition="", columns=columns, options=())

    def in_run(self, name: TableName) -> bool:
        """Is it a table or view of the source that the run reads?"""
        catalogue = self.sides.source_catalogue
        tables, views = (table.name for table in catalogue.tables), (view.name for view in catalogue.views)
        return plain(name) in {plain(other) for other in (*tables, *views)}

    def spellings(self) -> dict[str, str]:
        """The columns of the target by their names in small letters."""
        found: dict[str, str] = {}
        for table in self.tables.values():
            for column in table.target.columns:
                found.setdefault(column.name.casefold(), column.name)
        return found

    def other(self, item: Item) -> Told:
        """An object without a form of its own here."""
        other: OtherObject = item.thing
        if not self.way.same:
            return left_out(f"{self.product}'s own: {self.ddl.product} has no {other.kind}"), {}
        if other.table is not None and item.on is not None and plain(item.on) not in self.tables:
            return left_out("its table is not part of the run"), {}
        then = tuple(self.way.definition(text) or text for text in other.then)
        new = replace(other, definition=self.way.definition(other.definition) or "", then=then)
        return made(Fate(), lambda: self.ddl.other(new), step=OTHER_STEPS[other.when], part=item.part)

    def with_table(self, item: Item) -> None:
        """A trigger, rule, policy or comment, and the indexes of a view."""
        if item.on is None or item.key in self.lines.known():
            if item.kind == "comment" and item.on is None:
                self.comment(item, None)
            return
        table = self.tables.get(plain(item.on))
        view = self.views.get(item.on)
        holder = table.target if table is not None else view
        if holder is None:
            self.lines.tell(item, left_out("what it belongs to is not carried"))
            return
        at = replace(item, on=plain(holder.name))
        if (table is not None and not table.creates) or self.options.content == "data":
            there = at.key in self.present
            self.lines.tell(
                item, Fate("present") if there else left_out("the table was there already and is left as it is"), at
            )
            return
        if item.kind == "comment":
            self.comment(at if table is None else item, holder, at)
            return
        fate, more = self.attached(item, holder, table)
        self.lines.tell(item, fate, at, **more)

    def attached(self, item: Item, holder: Any, table: PlannedTable | None) -> Told:
        """What hangs on a table or view, in the product's own language."""
        thing, on = item.thing, plain(holder.name)
        if not self.way.same:
            if item.kind == "index":
                return left_out("it is an index of a view"), {}
            return self.foreign(
                {"policy": "policies", "row security": "rules of row security"}.get(item.kind, f"{item.kind}s")
            )
        if item.kind == "row security":
            secured = replace(holder, policies=(), row_security=thing.row_security)
            return made(Fate(), lambda: self.ddl.policies(secured), step="guard", on=on, part=item.part)
        gone = (
            {c.name.lower() for c in table.source.columns} - {n.lower() for n in plain_names(table)} if table else set()
        )
        gone -= {column.name.lower() for column in table.target.columns} if table else set()
        if gone & mentioned(thing.definition or ""):
            return left_out(
                f"it names {sorted(gone & mentioned(thing.definition))[0]}, a column that is not carried as it is"
            ), {}
        new = replace(thing, definition=self.way.definition(thing.definition) if thing.definition else thing.definition)
        makers: dict[str, tuple[Callable[[], list[str]], Step]] = {
            "trigger": (lambda: self.ddl.trigger(on, new), "trigger"),
            "rule": (lambda: self.ddl.rule(on, new), "guard"),
            "policy": (lambda: self.ddl.policies(replace(holder, policies=(new,), row_security="off")), "guard"),
            "exclusion": (lambda: self.ddl.add_exclusion(on, new), "check"),
            "index": (lambda: self.ddl.index(on, new), "code"),
        }
        statements, step = makers[item.kind]
        return made(Fate(), statements, step=step, on=on, part=item.part)

    def comment(self, item: Item, holder: Table | View | None, at: Item | None = None) -> None:
        """The comments of an object and of its parts."""
        thing = item.thing
        if holder is not None:
            thing = commented(thing, holder)
        elif self.way.same and item.name is not None:
            thing = replace(thing, name=self.sides.place(item.name))
        elif not self.way.same:
            self.lines.tell(item, left_out("its object is not there as such"))
            return
        if self.options.content == "data":
            self.lines.tell(item, left_out(ONLY_ROWS))
            return
        fate, more = made(Fate(), lambda: self.ddl.comments(thing), step="comment", repeats=True, part=item.part)
        self.lines.tell(item, fate, at, **more)

    def numbers(self) -> None:
        """Counters of columns stand where they stood, or behind the largest number."""
        seen: set[TableName] = set()
        for table in self.tables.values():
            if table.target.name in seen:
                continue
            seen.add(table.target.name)
            for column in table.target.columns:
                if column.identity is None or not self.counts(table, column.name):
                    continue
                label = f"{table.target_label}.{column.name}"
                line = PlannedObject(
                    "next number", label, "created", when="after", step="number", on=table.target.name, part=column.name,
                    repeats=True, column=column.name,
                )  # fmt: skip
                self.lines.add(None, line)

    def counts(self, table: PlannedTable, column: str) -> bool:
        """Can the column make its own numbers there?"""
        try:
            self.ddl.check_identity(table.target, table.target.column(column))
        except NotExpressible:
            return False
        return True

    def statistics(self) -> None:
        """What the planner knows of the new rows; no line of its own, unless it fails."""
        if self.options.content == "schema":
            return
        for name in dict.fromkeys(table.target.name for table in self.made):
            statements = self.ddl.statistics(name)
            if statements:
                label = str(name) if self.sides.several else name.name
                self.lines.add(
                    None,
                    PlannedObject(
                        "statistics", label, "created", statements=tuple(statements), when="after", step="statistics",
                        on=name, repeats=True,
                    ),
                )  # fmt: skip


def commented(thing: Table | View, holder: Table | View) -> Table | View:
    """The object of the target with the comments of the source's."""
    new = replace(holder, comment=thing.comment)
    if isinstance(new, View):
        return replace(new, columns=thing.columns)
    return new
