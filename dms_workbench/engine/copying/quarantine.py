"""Looking at a run's quarantine, which lies in the target's ledger: row by row, and grouped by cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ...kernel.errors import UsageError
from ..databases.urls import database_for
from ..ledger import Group, Kept, Ledger, QuarantineSealed, Seals, groups, open_for_reading, row_at, rows_of
from .result import QuarantinedRow

EXAMPLES = 3


class CauseUnknown(UsageError, code="cause-unknown", next="dms runs quarantine {run_id}"):
    """Run {run_id} has no rows in quarantine for {cause}. Its causes: {known}."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Rows in quarantine for one reason."""

    name: str
    """``table.column:code``, or ``table:code`` where no column is to blame. It stays the same as long as there are rows of it."""
    group: Group
    reasons: tuple[str, ...]
    """Why, in words, of the first rows."""
    examples: tuple[QuarantinedRow, ...]


@contextmanager
def opened_ledger(target_url: str, run_id: str, ledger_schema: str) -> Iterator[Ledger | None]:
    """A run's ledger, to be read only; None where there is none."""
    with closing(open_for_reading(target_url, ledger_schema)) as target:
        ledger = Ledger(target, run_id)
        yield ledger if ledger.exists() else None


def read_quarantine(
    target_url: str,
    run_id: str,
    *,
    offset: int = 0,
    limit: int = 1_000,
    ledger_schema: str = "dms_ledger",
    seals: Seals | None = None,
) -> tuple[list[QuarantinedRow], int]:
    """Some quarantined rows of a run, in the order they were found, and how many there are in all.

    seals: open the rows of tables without key, whose values stand for their key; without it their key is empty.
    """
    opened = database_for(target_url).open_target(target_url, create=False, options={"ledger_schema": ledger_schema})
    with closing(opened) as target:
        ledger = Ledger(target, run_id)
        if not ledger.exists():
            return [], 0
        rows = [QuarantinedRow(*row) for row in ledger.quarantined(offset=offset, limit=limit)]
        if seals is not None:
            rows = [
                row if row.key else shown(row_at(ledger, offset + number), seals) for number, row in enumerate(rows)
            ]
        return rows, ledger.quarantine_count()


def read_causes(
    target_url: str, run_id: str, *, ledger_schema: str = "dms_ledger", seals: Seals | None = None
) -> list[Cause]:
    """The causes of a run's rejects that still have rows in quarantine. Raises the errors of connecting."""
    with opened_ledger(target_url, run_id, ledger_schema) as ledger:
        return [] if ledger is None else list(causes(ledger, seals))


def causes(ledger: Ledger, seals: Seals | None) -> Iterator[Cause]:
    """Those causes with examples, in a fixed order."""
    for name, group in named_groups(ledger).items():
        if group.open:
            first = list(islice(rows_of(ledger, group), EXAMPLES))
            examples = tuple(shown(row, seals) for row in first)
            yield Cause(name, group, tuple(dict.fromkeys(row.reason for row in first)), examples)


def named_groups(ledger: Ledger) -> dict[str, Group]:
    """All causes that a run has had, by name."""
    tables = ledger.query("SELECT map_no, source_name, target_name FROM {tables} WHERE run_id = ?", (ledger.run_id,))
    maps = Counter(source for _, source, _ in tables)
    labels = {map_no: source if maps[source] == 1 else f"{source}>{target}" for map_no, source, target in tables}
    return {name_of(group, labels.get(group.map_no, group.source)): group for group in groups(ledger)}


def name_of(group: Group, label: str) -> str:
    """What a cause is called."""
    return f"{label}{'' if group.column is None else f'.{group.column}'}:{group.code}"


def find_cause(ledger: Ledger, name: str) -> Group:
    """A cause by its name, also one of which no row is left. Raises CauseUnknown."""
    known = named_groups(ledger)
    if name not in known:
        there = [cause for cause, group in known.items() if group.open]
        raise CauseUnknown(run_id=ledger.run_id, cause=name, known=", ".join(there) or "none")
    return known[name]


def shown(row: Kept, seals: Seals | None) -> QuarantinedRow:
    """A row as people see it: its key, opened where it must be and can be."""
    key: dict[str, Any] = row.readable_key()
    if not key and seals is not None:
        key = opened_key(row, seals)
    return QuarantinedRow(row.source, key, row.column, row.code, row.reason)


def opened_key(row: Kept, seals: Seals) -> dict[str, Any]:
    """The key of a sealed row; empty where it was sealed with a key that is not here."""
    try:
        return row.opened(seals).key
    except QuarantineSealed:
        return {}
