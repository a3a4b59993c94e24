"""The objects that a run has made, taken away again: those that are still as it made them, empty, and needed by nobody."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ....kernel.errors import WorkbenchError
from ...databases.base import Database, RowsRefused, Target
from ...databases.catalogue import Catalogue, SequenceState, Table, TableName
from ...databases.drops import WORDS, drop_reference, drop_statement, lock_statement
from ...databases.errors import ConnectionLost
from ...failpoints import reach
from ...ledger import Ledger
from ...ledger.marks import marks_of
from ...planning.plan import Plan, PlannedTable
from ...schema.inventory import Item, constraint_items
from ..making import reason_of, target_catalogue
from ..marking import definition, place_of, whole
from ..result import ObjectResult

TABLES = ("table", "partition")
CODE_OF_TABLES = ("trigger", "policy", "rule")
CHANGED = "it has been changed since the run made it"
NOT_KEPT = "the run was cut short before it noted how it left it"
NO_DROP = "there is no command here that takes it away: drop it yourself"


class Remover:
    """Drops the objects of one run. May be asked again after a crash: what is gone is gone."""

    def __init__(self, plan: Plan, target: Target, database: Database, ledger: Ledger, selection: str) -> None:
        """ledger, selection: of the run, with what it made and how it left that."""
        self.plan, self.target, self.database = plan, target, database
        self.made: frozenset[str] = frozenset(json.loads(selection).get("made", ()))
        self.marks = marks_of(ledger, "made")

    def catalogue(self) -> Catalogue:
        """The target as it is now."""
        return target_catalogue(self.target, self.plan)

    def items(self) -> list[Item]:
        """What the run made and is still there, in the order in which it goes."""
        order = list(WORDS)
        found = [item for item in whole(self.catalogue()) if place_of(item) in self.made]
        found += [Item("schema", name, name) for name in self.schemas()]
        last = len(order)
        return sorted(found, key=lambda item: order.index(item.kind) if item.kind in order else last)

    def schemas(self) -> list[str]:
        """The schemas that the run made and that are there."""
        names = [name for kind, _, name in (place.split("\t") for place in self.made) if kind == "schema"]
        form = self.target.can.ledger.find_schema
        text = {name: "'" + name.replace("'", "''") + "'" for name in names}
        return sorted(name for name in names if self.target.query(form.format(schema=text[name])))

    def look(self, stay: frozenset[str]) -> list[ObjectResult]:
        """What would be dropped. stay: tables in which rows will be left."""
        found, catalogue = self.items(), self.catalogue()
        reasons = {place_of(item): self.reason_to_stay(item, stay) for item in found}
        waiting = list(found)
        while waiting:
            goes = {item.name for item in found if not reasons[place_of(item)]}
            held = [(item, reason) for item in waiting if (reason := needed_by(item, catalogue, goes))]
            reasons.update((place_of(item), reason) for item, reason in held if not reasons[place_of(item)])
            waiting = [item for item in waiting if not reasons[place_of(item)]] if held else []
        return [self.fate(item, reasons[place_of(item)]) for item in found]

    def fate(self, item: Item, reason: str) -> ObjectResult:
        """What is said of an object. reason: why it stays."""
        name = named(item)
        if reason:
            return ObjectResult(item.kind, name, "left_out", reason)
        unsure = self.marks is None and item.kind not in (*TABLES, "schema")
        return ObjectResult(item.kind, name, "dropped", NOT_KEPT if unsure else "")

    def reason_to_stay(self, item: Item, stay: frozenset[str] = frozenset()) -> str:
        """Why an object is not dropped; empty if it is."""
        if not drop_statement(self.database, item.kind, item.name, item.thing):
            return NO_DROP
        if self.is_changed(item):
            return CHANGED
        return "rows of others are in it" if item.kind in TABLES and str(item.name) in stay else ""

    def is_changed(self, item: Item) -> bool:
        """Has somebody changed what the run made? Of an unfinished run the plan says what a table was to be."""
        if item.kind == "schema":
            return False
        if self.marks is None:
            return item.kind in TABLES and self.differs_from_plan(item.thing)
        if self.marks.get(place_of(item), "") != definition(item):
            return True
        keys = [key for key in constraint_items(item.thing) if key.kind == "foreign key"] if item.kind in TABLES else []
        return any(place_of(key) not in self.marks for key in keys)

    def differs_from_plan(self, table: Table) -> bool:
        """Has a table other columns than planned, or code that the run did not bring?"""
        planned = next((each.target for each in self.plan.tables if each.target.name == table.name), None)
        if planned is None:
            return False
        brought = {(item.kind, item.part) for item in self.plan.objects if item.on == table.name}
        code = [item for item in constraint_items(table) if item.kind in CODE_OF_TABLES]
        return {column.name for column in table.columns} != {column.name for column in planned.columns} or any(
            (item.kind, item.part) not in brought for item in code
        )

    def drop(self) -> list[ObjectResult]:
        """Drop what can be; what another object needs is tried again after the others."""
        results: list[ObjectResult] = []
        waiting = self.items()
        while waiting:
            tried = [(item, self.one(item)) for item in waiting]
            results += [result for _, result in tried if result.outcome == "dropped"]
            failed = [(item, result) for item, result in tried if result.outcome != "dropped"]
            if len(failed) == len(waiting):
                there = {place_of(item) for item in self.items()} if failed else set()
                return results + [result if place_of(item) in there else self.fate(item, "") for item, result in failed]
            waiting = [item for item, _ in failed]
        return results

    def drop_references(self, clean: frozenset[TableName]) -> None:
        """Drop the references among tables that go, which may lie in a circle. Call in a transaction."""
        for item in self.items():
            if item.kind not in TABLES or item.name not in clean:
                continue
            for key in item.thing.foreign_keys:
                statement = drop_reference(self.database, item.thing.name, key.name or "")
                if key.references in clean and key.name and statement:
                    self.target.execute(statement)

    def one(self, item: Item) -> ObjectResult:
        """Drop one object in a transaction of its own."""
        reason = self.reason_to_stay(item)
        if reason:
            return self.fate(item, reason)
        try:
            with self.target.transaction():
                if item.kind in TABLES and item.name is not None:
                    lock = lock_statement(self.database, item.name)
                    if lock:
                        self.target.execute(lock)
                    if self.target.count(item.thing):
                        return self.fate(item, "rows of others are in it")
                self.target.execute(drop_statement(self.database, item.kind, item.name, item.thing))
                reach("undo.before-drop-commit")
        except ConnectionLost:
            raise
        except (RowsRefused, WorkbenchError) as error:
            return self.fate(item, reason_of(error))
        return self.fate(item, "")


def named(item: Item) -> str:
    """What an object is called in the account."""
    return str(item.name) if item.name is not None else item.part


def needed_by(item: Item, catalogue: Catalogue, goes: set[TableName | None]) -> str:
    """What stays and needs an object of the run, as a reason; goes: the names of what is dropped with it."""
    if item.kind == "schema":
        staying = [each for each in whole(catalogue) if each.name and each.name.schema == item.part]
        left = [each for each in staying if each.name not in goes]
        return f"the {left[0].kind} {left[0].name} stays in it" if left else ""
    views = [view.name for view in catalogue.views if item.name in view.depends_on and view.name not in goes]
    children = [
        table.name
        for table in catalogue.tables
        if table.name not in goes and any(key.references == item.name for key in table.foreign_keys)
    ]
    said = [f"the view {views[0]} reads it"] if views else []
    said += [f"rows of {children[0]} may refer to it"] if children else []
    return " and ".join(said)


def counters(table: PlannedTable, facts: dict[str, Any]) -> list[str]:
    """The columns of a table whose counters stood somewhere before the run."""
    return [name for name in facts.get("counters", {}) if any(column.name == name for column in table.target.columns)]


def set_back(target: Target, table: PlannedTable, facts: dict[str, Any]) -> None:
    """Put the counters of a table where they stood, or behind the largest number that is there."""
    states = {
        name: SequenceState(int(last), bool(called)) for name, (last, called) in facts.get("counters", {}).items()
    }
    columns = tuple(
        replace(column, counter_state=states[column.name]) if column.name in states else column
        for column in table.target.columns
    )
    before = replace(table.target, columns=columns)
    for name in counters(table, facts):
        target.restore_counter(before, name)
