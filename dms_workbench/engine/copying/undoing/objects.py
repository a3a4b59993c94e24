"""The objects that a run has made, taken away again: those that are still as it made them, empty, and needed by nobody."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ....kernel.errors import WorkbenchError
from ...databases.base import Database, RowsRefused, Target
from ...databases.catalogue import Catalogue, SequenceState, TableName
from ...databases.drops import WORDS, drop_reference, drop_statement, lock_statement
from ...databases.errors import ConnectionLost
from ...failpoints import reach
from ...planning.catalogues import read_target
from ...planning.plan import Plan, PlannedTable
from ...schema.inventory import Item, inventory
from ..making import reason_of
from ..result import ObjectResult

TABLES = ("table", "partition")


class Remover:
    """Drops the objects of one run. May be asked again after a crash: what is gone is gone."""

    def __init__(self, plan: Plan, target: Target, database: Database, selection: str) -> None:
        """selection: of the ledger's run, with the names of what it made."""
        self.plan, self.target, self.database = plan, target, database
        self.made: frozenset[str] = frozenset(json.loads(selection).get("made", ()))

    def catalogue(self) -> Catalogue:
        """The target as it is now."""
        found, _ = read_target(self.target, self.plan.target_schemas or (self.plan.target_schema,))
        return found

    def items(self) -> list[Item]:
        """What the run made and is still there, in the order in which it goes."""
        order = list(WORDS)
        found = [
            item for item in inventory(self.catalogue()) if "\t".join(item.key) in self.made and item.name is not None
        ]
        kept = [item for item in found if item.kind in order]
        return sorted(kept, key=lambda item: order.index(item.kind))

    def look(self, stay: frozenset[str]) -> list[ObjectResult]:
        """What would be dropped. stay: tables in which rows will be left."""
        return [
            ObjectResult(item.kind, str(item.name), "left_out", reason)
            if (reason := self.reason_to_stay(item, stay))
            else ObjectResult(item.kind, str(item.name), "dropped")
            for item in self.items()
        ]

    def reason_to_stay(self, item: Item, stay: frozenset[str] = frozenset()) -> str:
        """Why an object is not dropped; empty if it is."""
        if item.kind not in TABLES:
            return ""
        planned = next((table for table in self.plan.tables if table.target.name == item.name), None)
        if planned is not None and {column.name for column in item.thing.columns} != {
            column.name for column in planned.target.columns
        }:
            return "its columns have changed since"
        return "rows of others are in it" if str(item.name) in stay else ""

    def drop(self) -> list[ObjectResult]:
        """Drop what can be; what another object needs is tried again after the others."""
        results: list[ObjectResult] = []
        waiting = self.items()
        while waiting:
            tried = [(item, self.one(item)) for item in waiting]
            results += [result for _, result in tried if result.outcome == "dropped"]
            failed = [(item, result) for item, result in tried if result.outcome != "dropped"]
            if len(failed) == len(waiting):
                return results + [result for _, result in failed]
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

    def rows_in(self, item: Item) -> int:
        """Rows of a table that is there."""
        return self.target.count(replace(item.thing, name=item.thing.name))

    def one(self, item: Item) -> ObjectResult:
        """Drop one object in a transaction of its own."""
        name = str(item.name)
        reason = self.reason_to_stay(item)
        if reason or item.name is None:
            return ObjectResult(item.kind, name, "left_out", reason)
        try:
            with self.target.transaction():
                if item.kind in TABLES:
                    lock = lock_statement(self.database, item.name)
                    if lock:
                        self.target.execute(lock)
                    if self.rows_in(item):
                        return ObjectResult(item.kind, name, "left_out", "rows of others are in it")
                self.target.execute(drop_statement(self.database, item.kind, item.name, item.thing))
                reach("undo.before-drop-commit")
        except ConnectionLost:
            raise
        except (RowsRefused, WorkbenchError) as error:
            return ObjectResult(item.kind, name, "left_out", reason_of(error))
        return ObjectResult(item.kind, name, "dropped")


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
