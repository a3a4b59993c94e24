"""The books of a run whose quarantined rows were put through: closed again, with what the replay itself did."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ..control import Control
from ..databases.base import Source, Target
from ..ledger import Accounts, Ledger
from ..planning.plan import Plan, PlannedTable
from .books import Bookkeeper
from .options import RunOptions
from .replay_asked import as_it_is
from .result import QUARANTINE_SHOWN, QuarantinedRow, RunResult, Status, TableResult
from .verdict import ending_of


@dataclass(frozen=True, slots=True)
class ParentBooks:
    """What is needed to close the books of the run that the rows come from."""

    plan: Plan
    source: Source | None
    """None: nothing is verified."""
    target: Target
    target_url: str
    ledger: Ledger
    """Of that run."""
    options: RunOptions
    control: Control
    spool_directory: Path

    def close(self, before: RunResult, table: PlannedTable) -> RunResult:
        """Count and verify the tables concerned: the run as it stands now, not entered yet."""
        found = {each.map_no: each for each in before.tables}
        if self.source is None:
            found |= self.counted(found, table)
        else:
            found |= {each.map_no: each for each in self.keeper(self.source, table).tables(verify=True)}
        tables = tuple(found[each.map_no] for each in before.tables)
        status, error = ending_of(tables, self.ledger.run_id, self.plan.mode)
        return replace(
            before,
            status=status,
            tables=tables,
            error=error,
            quarantine=tuple(QuarantinedRow(*row) for row in self.ledger.quarantined(limit=QUARANTINE_SHOWN)),
            quarantine_total=self.ledger.quarantine_count(),
        )

    def keeper(self, source: Source, table: PlannedTable) -> Bookkeeper:
        """The books of the parent, of the tables whose rows are in the same target table."""
        alike = tuple(
            as_it_is(each, self.target, self.ledger.run_id)
            for each in self.plan.tables
            if each.target.name == table.target.name
        )
        return Bookkeeper(
            replace(self.plan, tables=alike),
            source,
            self.target,
            self.target_url,
            self.ledger,
            self.control,
            self.spool_directory,
            self.options.seals,
        )

    def counted(self, before: dict[int, TableResult], table: PlannedTable) -> dict[int, TableResult]:
        """The books of the table by the ledger, where the source is not asked: nothing of it is verified."""
        accounts = self.ledger.accounts().get(table.map_no, Accounts())
        return {
            table.map_no: replace(
                before[table.map_no],
                written=accounts.written,
                unchanged=accounts.unchanged,
                merged=accounts.merged,
                filtered=accounts.filtered,
                quarantined=accounts.quarantined,
                verified="not_verified",
                reason="rows were replayed since it was verified; dms verify compares all rows",
                findings=(),
            )
        }


def replayed(parent: RunResult, table: PlannedTable, accounts: Accounts) -> tuple[Status, TableResult, str]:
    """What became of the rows that a replay was about: its status, its own books, and what is left of the parent."""
    books = next(each for each in parent.tables if each.map_no == table.map_no)
    own = replace(
        books,
        read=accounts.read,
        written=accounts.written,
        unchanged=accounts.unchanged,
        merged=accounts.merged,
        filtered=accounts.filtered,
        quarantined=accounts.quarantined,
        compared="",
        changes=(),
    )
    status: Status = "succeeded_with_quarantine" if accounts.quarantined else "succeeded"
    if books.verified != "equal":
        status = "differences" if books.verified == "different" else "not_verified"
    left = parent.quarantine_total
    note = f"Run {parent.run_id} is {parent.status}, with {left:,} row{'' if left == 1 else 's'} in quarantine."
    return status, own, note
