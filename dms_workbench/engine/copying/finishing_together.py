"""Objects of small new tables, made many in one transaction; what fails so is made one by one, which says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...kernel.errors import WorkbenchError
from ..databases.base import RowsRefused, Target
from ..databases.catalogue import TableName
from ..databases.errors import is_transient
from ..databases.together import execute_all, executes_together, portions
from ..failpoints import reach
from ..planning.plan import Plan, PlannedObject

SMALL_ROWS = 10_000
"""An object of a table of more rows may take long: it is made in a transaction of its own."""
ONE_BY_ONE = frozenset(("number", "view", "code"))
"""Steps that ask the target something of each object, or whose objects may need one another."""


@dataclass(frozen=True, slots=True)
class Together:
    """Says what may be made together in one run, and makes it."""

    target: Target
    small: frozenset[TableName]
    """New tables of few rows, which nobody else uses yet."""

    @staticmethod
    def of(plan: Plan, target: Target, totals: Mapping[int, int]) -> Together:
        """totals: rows of each table map; without them nothing is small."""
        rows: dict[TableName, int] = {}
        made = {table.target.name for table in plan.tables if table.creates and table.map_no in totals}
        for table in plan.tables:
            rows[table.target.name] = rows.get(table.target.name, 0) + totals.get(table.map_no, 0)
        small = frozenset(name for name in made if rows[name] <= SMALL_ROWS)
        return Together(target, small if executes_together(target) and target.can.transactional_ddl else frozenset())

    def fits(self, item: PlannedObject) -> bool:
        """Is it an object of a small table that is made by its statements alone?"""
        if item.step in ONE_BY_ONE or item.proof or item.on not in self.small:
            return False
        if item.foreign_key is None:
            return bool(item.statements)
        key = item.foreign_key
        return bool(item.unchecked and item.validation) and key.validated and key.references in self.small

    def make(self, items: Sequence[PlannedObject]) -> set[int]:
        """Make objects; returns the ids of those that are made."""
        done: set[int] = set()
        for portion in portions(items):
            if self.made([statement for item in portion for statement in statements_of(item)]):
                done.update(map(id, portion))
        return done

    def made(self, statements: Sequence[str]) -> bool:
        """Run statements in one transaction; False if one of them is refused."""
        try:
            with self.target.transaction():
                execute_all(self.target, statements)
                reach("objects.before-commit")
        except (RowsRefused, WorkbenchError) as error:
            if is_transient(error):
                raise
            return False
        return True


def statements_of(item: PlannedObject) -> Iterable[str]:
    """All that makes an object, with the check of the rows that are there."""
    return (*item.unchecked, *item.validation) if item.foreign_key is not None else item.statements
