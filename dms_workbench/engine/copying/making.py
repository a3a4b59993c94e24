"""What is made before the rows: schemas, types, sequences, routines that tables need, and the tables."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

from ...kernel.errors import WorkbenchError
from ..databases.base import RowsRefused, Target
from ..databases.errors import ConnectionLost, DatabaseError, PrivilegeMissing, is_transient
from ..failpoints import reach
from ..planning.catalogues import read_target
from ..planning.plan import Plan, PlannedObject
from ..schema.inventory import inventory
from .errors import CannotMakeTable, TargetTableGone
from .result import ObjectResult

Key = tuple[str, str, str]
MADE = ("created", "altered")
ROOTS_SHOWN = 5
"""Types named with a table that cannot be made without them."""
TABLES = ("table", "rows")


def present_objects(target: Target, plan: Plan) -> set[Key]:
    """Everything that the target's catalogue shows, as `PlannedObject` names it."""
    catalogue, _ = read_target(target, plan.target_schemas or (plan.target_schema,))
    return {item.key for item in inventory(catalogue)}


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
        waiting = self.together(made, new)
        earlier = [
            f"; the {item.kind} {item.name}: {self.reasons[id(item)]}" for item in waiting if item.step == "type"
        ]
        for item in waiting:
            if item.step in TABLES:
                reason = self.reasons[id(item)] + "".join(earlier[:ROOTS_SHOWN])
                raise CannotMakeTable(what=item.kind, table=item.name, reason=reason)
        self.waiting = waiting

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
            if item.step in TABLES and item.part not in new:
                raise TargetTableGone(table=item.name, run_id=self.run_id)
            try:
                with self.target.savepoint() if self.can_fail else nullcontext():
                    self.execute(item)
            except (RowsRefused, DatabaseError, PrivilegeMissing, ConnectionLost) as error:
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
        if item.step in TABLES:
            reach("table.made")
