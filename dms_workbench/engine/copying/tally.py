"""Rows of one table map so far, for those who watch."""

from __future__ import annotations

from dataclasses import dataclass

from ..control import Control, Progress
from ..ledger import Accounts
from ..planning.plan import PlannedTable


@dataclass(slots=True)
class Tally:
    """Rows of one table map so far, all lanes together, for progress only: the books count for themselves."""

    table: PlannedTable
    control: Control
    rows_total: int = 0
    read: int = 0
    written: int = 0
    filtered: int = 0
    quarantined: int = 0
    quarantined_elsewhere: int = 0
    """Rows of the run's other table maps that are in quarantine already: the limit on rejects counts them all."""

    def add(self, accounts: Accounts) -> None:
        """Count a committed chunk and report."""
        self.read += accounts.read
        self.written += accounts.written
        self.filtered += accounts.filtered
        self.quarantined += accounts.quarantined
        self.report()

    def report(self, message: str = "") -> None:
        """Tell where the table stands."""
        self.control.report(
            Progress(
                phase="copy",
                map_no=self.table.map_no,
                source=self.table.source_label,
                target=self.table.target_label,
                rows_total=self.rows_total,
                read=self.read,
                written=self.written,
                filtered=self.filtered,
                quarantined=self.quarantined,
                message=message,
            )
        )
