"""What is made after the rows: indexes, constraints, views, code, counters, comments; each for itself, none stops the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from ...kernel.errors import WorkbenchError
from ..control import Control, Progress, stop_if_wished
from ..databases.base import Database, RowsRefused, Target
from ..databases.catalogue import ForeignKey, Table, TableName
from ..databases.errors import is_transient
from ..failpoints import reach
from ..planning.plan import STEPS, Plan, PlannedObject
from ..schema.orphans import is_taken, orphans
from .finishing_together import Together
from .making import MADE, Key, is_present, reason_of, result_of
from .result import ObjectResult

ORPHANS_SHOWN = 20
INDEX_LANES = 4
"""Indexes made at a time, where the target takes several connections."""
TOGETHER = frozenset(("view", "code"))
"""Steps whose objects may need one another, in whatever order they stand."""


@dataclass(slots=True)
class Finisher:
    """Makes what comes after the rows of one run."""

    plan: Plan
    target: Target
    database: Database
    control: Control
    present: set[Key]
    totals: Mapping[int, int] = field(default_factory=dict)
    """Rows of each table map, where they are known."""
    results: list[ObjectResult] = field(default_factory=list)
    together: Together = field(init=False)

    def __post_init__(self) -> None:
        self.together = Together.of(self.plan, self.target, self.totals)

    def finish(self, more: Sequence[PlannedObject] = ()) -> None:
        """Make what is missing. more: objects that could not be made before the rows."""
        later = [item for item in self.plan.objects if item.when == "after" and item.outcome in MADE]
        late = [replace(item, step="code", when="after") for item in more]
        items = sorted([*late, *later], key=lambda item: STEPS.index(item.step))
        for together, group in groupby(items, key=lambda item: "code" if item.step in TOGETHER else item.step):
            found = self.many(list(group))
            if together == "index" and self.target.can.concurrent_writers and len(found) > 1:
                self.at_a_time(found)
            elif together == "code":
                self.in_rounds(found)
            else:
                self.results += [self.made(item) for item in found]

    def many(self, items: list[PlannedObject]) -> list[PlannedObject]:
        """Make those objects of one step that can be made together and are missing; returns the others."""
        fitting = [item for item in items if self.together.fits(item) and not is_present(item, self.present)]
        if len(fitting) < 2:
            return items
        stop_if_wished(self.control)
        self.control.report(Progress("finish", message=f"{len(fitting)} objects of small tables"))
        for item in fitting:
            self.reach(item)
        done = self.together.make(fitting)
        self.results += [result_of(item) for item in fitting if id(item) in done]
        return [item for item in items if id(item) not in done]

    def made(self, item: PlannedObject, target: Target | None = None) -> ObjectResult:
        """Make one object; what the target refuses is left out with its reason."""
        stop_if_wished(self.control)
        self.control.report(Progress("finish", message=f"{item.kind} {item.name}"))
        self.reach(item)
        try:
            return self.one(item, target or self.target)
        except (RowsRefused, WorkbenchError) as error:
            if is_transient(error):
                raise
            return ObjectResult(item.kind, item.name, "left_out", reason_of(error))

    def reach(self, item: PlannedObject) -> None:
        """The place before an object of this step is made."""
        if item.step == "index":
            reach("objects.before-index")
        elif item.foreign_key is not None:
            reach("objects.before-foreign-key")
        elif item.step == "number":
            reach("objects.before-sequence")
        elif item.step in TOGETHER:
            reach("objects.before-code")

    def one(self, item: PlannedObject, target: Target) -> ObjectResult:
        """Make one object, unless it is there."""
        if item.step == "number":
            return self.number(item)
        if is_present(item, self.present):
            return result_of(item) if item.foreign_key is None else self.validated(item)
        if item.foreign_key is not None:
            return self.foreign_key(item)
        try:
            self.run(item.statements, target, item.proof)
        except RowsRefused as error:
            if not item.unchecked:
                return ObjectResult(item.kind, item.name, "left_out", f"rows stand against it: {error.hint}")
            self.run(item.unchecked, target)
            said = "NOT VALID" if self.target.can.validates_foreign_keys_later else "not checked"
            return result_of(item, f"{said}: {error.hint}; new rows are checked")
        return result_of(item)

    def run(self, statements: Sequence[str], target: Target, proof: str = "") -> None:
        """Some statements in one transaction."""
        with target.transaction():
            for statement in statements:
                target.execute(statement)
            if proof:
                target.query(proof)
            reach("objects.before-commit")

    def at_a_time(self, items: Sequence[PlannedObject]) -> None:
        """Several objects at a time, each on a connection of its own; what fails beside others is tried again alone."""
        lanes: list[Target] = []
        try:
            with ThreadPoolExecutor(min(INDEX_LANES, len(items))) as pool:
                results = list(pool.map(lambda item: self.apart(item, lanes), items))
        finally:
            for lane in lanes:
                lane.close()
        for item, result in zip(items, results, strict=True):
            self.results.append(self.made(item) if result.outcome == "left_out" else result)

    def apart(self, item: PlannedObject, lanes: list[Target]) -> ObjectResult:
        """One object on a connection of its own. lanes: those at rest."""
        try:
            lane = lanes.pop()
        except IndexError:
            lane = self.target.lane()
        try:
            result = self.made(item, lane)
        except BaseException:
            lane.close()
            raise
        lanes.append(lane)
        return result

    def in_rounds(self, items: Sequence[PlannedObject]) -> None:
        """Objects that may need one another: those that fail are tried again as long as others succeed."""
        waiting = list(items)
        while waiting:
            results = [self.made(item) for item in waiting]
            failed = [item for item, result in zip(waiting, results, strict=True) if result.outcome == "left_out"]
            self.results += [result for result in results if result.outcome != "left_out"]
            if len(failed) == len(waiting):
                self.results += results
                return
            waiting = failed

    def foreign_key(self, item: PlannedObject) -> ObjectResult:
        """Add a foreign key: for new rows first and then for those that are there, where the target can do that."""
        if item.validation and self.added_unchecked(item):
            return self.validated(item)
        try:
            self.run(item.statements, self.target)
        except (RowsRefused, WorkbenchError) as error:
            if is_transient(error):
                raise
            return self.despite_orphans(item, reason_of(error))
        if item.foreign_key is not None and not item.foreign_key.validated:
            said = "NOT VALID" if self.target.can.validates_foreign_keys_later else "not checked"
            return self.with_orphans(item, result_of(item, f"{said}, as in the source; new rows are checked"))
        return result_of(item)

    def added_unchecked(self, item: PlannedObject) -> bool:
        """Add a foreign key for new rows only, where the target can do that for this table."""
        try:
            self.run(item.unchecked, self.target)
        except (RowsRefused, WorkbenchError) as error:
            if is_transient(error):
                raise
            return False
        return True

    def validated(self, item: PlannedObject) -> ObjectResult:
        """Check the rows that are there against a foreign key that holds for new ones already."""
        if not item.validation:
            return result_of(item)
        try:
            self.run(item.validation, self.target)
        except RowsRefused:
            found = self.with_orphans(item, result_of(item))
            return replace(found, reason=f"NOT VALID: {rows_without_parent(found.rows_total)}; new rows are checked")
        return result_of(item)

    def despite_orphans(self, item: PlannedObject, reason: str) -> ObjectResult:
        """A foreign key that the rows break: for new rows only, where that can be, else left out."""
        found = self.with_orphans(item, result_of(item))
        if found.rows_total == 0:
            return ObjectResult(item.kind, item.name, "left_out", reason)
        counted = rows_without_parent(found.rows_total)
        if item.unchecked and item.unchecked != item.statements:
            self.run(item.unchecked, self.target)
            return replace(found, reason=f"not checked: {counted}; new rows are checked")
        return replace(found, outcome="left_out", reason=counted)

    def with_orphans(self, item: PlannedObject, result: ObjectResult) -> ObjectResult:
        """A result with the number of the rows without a parent, and the keys of the first ones."""
        key, table = item.foreign_key, item.on
        if key is None or table is None:
            return result
        columns = self.key_of(table, key)
        count, first = orphans(self.database, table, key, columns, ORPHANS_SHOWN)
        total = int(self.target.query(count)[0][0])
        rows = self.target.query(first) if total else []
        shown = tuple({name: plain(value) for name, value in zip(columns, row, strict=True)} for row in rows)
        return replace(result, rows=shown, rows_total=total)

    def key_of(self, name: TableName, key: ForeignKey) -> tuple[str, ...]:
        """The columns that name a row of a target table; without a key, those of the foreign key itself."""
        table = next((table.target for table in self.plan.tables if table.target.name == name), None)
        return (table.row_key() if table is not None else ()) or key.columns

    def unenforced(self, results: list[ObjectResult]) -> list[ObjectResult]:
        """The results with the orphans of foreign keys that came with their tables and that nothing has checked."""
        if self.target.can.enforces_foreign_keys_on_load:
            return results
        keys = {(item.kind, item.name): item for item in self.plan.objects if item.foreign_key is not None}
        return [self.told(result, keys.get((result.kind, result.name))) for result in results]

    def told(self, result: ObjectResult, item: PlannedObject | None) -> ObjectResult:
        """One result, with orphans where the object is a foreign key made with its table."""
        if item is None or item.when == "after" or result.outcome not in MADE:
            return result
        found = self.with_orphans(item, result)
        if not found.rows_total:
            return result
        counted = rows_without_parent(found.rows_total)
        return replace(found, reason="; ".join(filter(None, [result.reason, f"{counted}; they stay"])))

    def number(self, item: PlannedObject) -> ObjectResult:
        """Put a counter where it stood, and prove a column's by an insert that is rolled back."""
        if item.column is None:
            if item.on is not None and item.state is not None:
                self.target.restore_sequence(item.on, item.state)
            return result_of(item)
        planned = next(table for table in self.plan.tables if table.target.name == item.on)
        table = planned.target
        if planned.creates:
            self.target.restore_counter(table, item.column)
        else:
            self.target.advance_identity(table, item.column)
        made = self.target.next_number(table, item.column)
        expected = table.column(item.column).following if planned.creates else None
        if made is None:
            return result_of(item, "not tried by an insert")
        if expected is not None and made != expected:
            return result_of(item, f"the next number is {made}; in the source it is {expected}")
        if (
            expected is None
            and counts_up(table, item.column)
            and self.target.query(is_taken(self.database, table.name, item.column, made))[0][0]
        ):
            return ObjectResult(
                item.kind, item.name, "left_out", f"the next number is {made}, and larger ones are there"
            )
        return result_of(item)


def counts_up(table: Table, column: str) -> bool:
    """Does a column's next number follow the largest one? A sequence that it shares with others stands for itself."""
    counted = table.column(column)
    if counted.counter is None:
        return counted.default is None
    return (counted.counter.increment or 1) > 0


def rows_without_parent(number: int) -> str:
    """How many rows have no parent, as a clause."""
    return "1 row has no parent" if number == 1 else f"{number} rows have no parent"


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    return value if isinstance(value, str | int | float | bool | None) else str(value)
