"""What is made before the rows: schemas, types, sequences, routines that tables need, and the tables."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

from ...kernel.errors import WorkbenchError
from ..databases.base import RowsRefused, Target
from ..databases.catalogue import Catalogue
from ..databases.errors import ConnectionLost, DatabaseError, PrivilegeMissing, is_transient
from ..databases.together import execute_all, executes_together, portions
from ..failpoints import reach
from ..planning.catalogues import read_target
from ..planning.plan import Plan, PlannedObject
from ..schema.inventory import inventory, reference_part
from .errors import CannotMakeTable, TargetTableGone
from .result import ObjectResult

Key = tuple[str, str, str]
MADE = ("created", "altered")
ROOTS_SHOWN = 5
"""Types named with a table that cannot be made without them."""
TABLES = ("table", "rows")
REFUSALS = (RowsRefused, DatabaseError, PrivilegeMissing, ConnectionLost)


def target_catalogue(target: Target, plan: Plan) -> Catalogue:
    """The schemas of the target that a plan is about, as they are now."""
    return read_target(target, plan.target_schemas or (plan.target_schema,))[0]


def present_objects(catalogue: Catalogue) -> set[Key]:
    """Everything that the target's catalogue shows, as `PlannedObject` names it.

    A foreign key is there also as one without a name: MariaDB gives it one of its own.
    """
    items = list(inventory(catalogue))
    unnamed = {
        (item.kind, str(item.on), reference_part(replace(item.thing, name=None)))
        for item in items
        if item.kind == "foreign key"
    }
    return {item.key for item in items} | unnamed


def is_present(item: PlannedObject, present: set[Key]) -> bool:
    """Is an object there already? What repeats is made again."""
    if item.repeats:
        return False
    kinds = {
        item.kind,
        *({"index"} if item.step == "index" else ()),
        *({"trigger"} if item.kind == "on update" else ()),
    }
    return any((kind, str(item.on or ""), item.part) in present for kind in kinds)


def reason_of(error: RowsRefused | WorkbenchError) -> str:
    """Why a database refuses something, without values."""
    return error.hint if isinstance(error, RowsRefused) else str(error.facts.get("reason", error.message))


def result_of(item: PlannedObject, reason: str = "") -> ObjectResult:
    """The result of an object that is as planned."""
    return ObjectResult(item.kind, item.name, item.outcome, reason or item.reason)


@dataclass(slots=True)
class Maker:
    """Makes what rows need, inside the transaction that enters the run."""

    target: Target
    run_id: str
    present: set[Key]
    results: list[ObjectResult] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)
    """The tables made here: they are empty."""
    waiting: list[PlannedObject] = field(default_factory=list)
    """Objects that could not be made yet: some table or view they need is missing."""
    reasons: dict[int, str] = field(default_factory=dict)

    def make(self, objects: Sequence[PlannedObject], new: frozenset[str]) -> None:
        """Make what is missing. new: names of the tables that this worker may make; others must be there.

        Raises CannotMakeTable, TargetTableGone.
        """
        before = [item for item in objects if item.when == "before" or item.outcome not in MADE]
        made = [item for item in before if item.outcome in MADE and item.statements]
        self.results += [result_of(item) for item in before if item not in made]
        waiting = self.together(self.many(made, new), new)
        earlier = [
            f"; the {item.kind} {item.name}: {self.reasons[id(item)]}" for item in waiting if item.step == "type"
        ]
        for item in waiting:
            if item.step in TABLES:
                reason = self.reasons[id(item)] + "".join(earlier[:ROOTS_SHOWN])
                raise CannotMakeTable(what=item.kind, table=item.name, reason=reason)
        self.waiting = waiting

    def many(self, items: Sequence[PlannedObject], new: frozenset[str]) -> list[PlannedObject]:
        """Make objects many at a time, where the target can; returns those that are left, since one among them failed."""
        if not self.can_fail or not executes_together(self.target):
            return list(items)
        return [item for portion in portions(items) if not self.at_once(portion, new) for item in portion]

    def at_once(self, items: Sequence[PlannedObject], new: frozenset[str]) -> bool:
        """Make all of the objects in one request; False if one of them cannot be made now, and then none is."""
        missing = [item for item in items if not is_present(item, self.present)]
        self.refuse_gone(missing, new)
        try:
            with self.target.savepoint():
                execute_all(self.target, [statement for item in missing for statement in item.statements])
        except REFUSALS as error:
            if is_transient(error):
                raise
            return False
        for item in missing:
            self.note(item)
        self.results += [result_of(item) for item in items]
        return True

    def refuse_gone(self, items: Sequence[PlannedObject], new: frozenset[str]) -> None:
        """Raise TargetTableGone for a table that was there when the run began."""
        for item in items:
            if item.step in TABLES and item.part not in new:
                raise TargetTableGone(table=item.name, run_id=self.run_id)

    def note(self, item: PlannedObject) -> None:
        """An object is made."""
        if item.step in TABLES:
            self.tables.add(item.part)
            reach("table.made")

    def together(self, items: Sequence[PlannedObject], new: frozenset[str]) -> list[PlannedObject]:
        """Make objects that may need one another: those that cannot be made yet are tried again after the others.

        Returns those that cannot be made at all.
        """
        waiting = list(items)
        while waiting:
            failed = [item for item in waiting if not self.tried(item, new)]
            if len(failed) == len(waiting):
                break
            waiting = failed
        return waiting

    def tried(self, item: PlannedObject, new: frozenset[str]) -> bool:
        """Make one object, if it can be made now."""
        if not is_present(item, self.present):
            self.refuse_gone([item], new)
            try:
                with self.target.savepoint() if self.can_fail else nullcontext():
                    self.execute(item)
            except REFUSALS as error:
                if is_transient(error):
                    raise
                if not self.can_fail and self.target.can.transactional_ddl:
                    raise CannotMakeTable(what=item.kind, table=item.name, reason=reason_of(error)) from error
                self.reasons[id(item)] = reason_of(error)
                return False
        self.results.append(result_of(item))
        return True

    @property
    def can_fail(self) -> bool:
        """Can one statement fail and the transaction go on?"""
        return self.target.can.has_savepoints and self.target.can.transactional_ddl

    def execute(self, item: PlannedObject) -> None:
        """Run an object's statements."""
        for statement in item.statements:
            self.target.execute(statement)
        self.note(item)
