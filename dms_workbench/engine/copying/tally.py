"""Rows of one table map so far, for those who watch."""

from __future__ import annotations

from dataclasses import dataclass

from ..control import Control, Progress
from ..databases.base import Batch
from ..ledger import Accounts
from ..planning.plan import PlannedTable

MEASURED_ROWS = 200
NUMBER_BYTES = 8


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
    row_bytes: int = 0
    """Bytes of one row, on the average, as the catalogue tells or the first chunk shows; 0 while neither has."""

    def __post_init__(self) -> None:
        """What the catalogue tells is known from the start."""
        self.row_bytes = self.row_bytes or row_bytes(self.table, self.rows_total)

    def measure(self, rows: int, size_bytes: int) -> None:
        """Take the width of rows from a chunk, where the catalogue has not told it."""
        if not self.row_bytes and rows and size_bytes:
            self.row_bytes = max(1, size_bytes // rows)

    def measure_batch(self, batch: Batch) -> None:
        """The same from some values of a chunk."""
        if not self.row_bytes and batch.rows:
            rows = min(batch.rows, MEASURED_ROWS)
            self.measure(rows, sum(size_of(value) for column in batch.columns for value in column[:rows]))

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
                row_bytes=self.row_bytes,
            )
        )


def row_bytes(table: PlannedTable, rows_total: int) -> int:
    """Bytes of one row of a table map by the catalogue of the source, its share of the indexes with it; 0 if it does not tell."""
    size_bytes = table.source.size_bytes
    return max(1, size_bytes // rows_total) if size_bytes and rows_total > 0 else 0


def size_of(value: object) -> int:
    """About how many bytes a value has on its way."""
    if value is None:
        return 1
    return len(value) if isinstance(value, (str, bytes)) else NUMBER_BYTES
