"""The books of a run: both databases' own counts, verification, and the status that follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..control import Control, Progress, stop_if_wished
from ..databases.base import Source, Target
from ..databases.catalogue import TableName
from ..databases.going_back import Counts, count_readable
from ..databases.urls import database_for
from ..ledger import (
    Accounts,
    Changes,
    Kept,
    Ledger,
    Seals,
    changes_of,
    open_rows,
    replayed_rows,
    replays_with_expression,
)
from ..planning.plan import Plan, PlannedTable
from .kept_rows import MODE, KeptRows
from .past import keep, past_of
from .replay_rows import with_expressions
from .result import Status, TableResult
from .verdict import OFF, ending_of

if TYPE_CHECKING:
    from ..verifying import Finding, QuarantinedRow, ReplayedRows, TableVerification, Told

UNCOUNTED = "its rows could not be counted"


@dataclass(slots=True)
class Bookkeeper:
    """Counts and verifies one run whose rows are all copied."""

    plan: Plan
    source: Source
    target: Target
    target_url: str
    ledger: Ledger
    control: Control
    spool_directory: Path
    seals: Seals | None = field(default=None, repr=False)
    """Open the rows in quarantine of tables without key."""
    has_ledger: bool = True
    """False where there are no books of a run, only rows to compare."""
    every: Told | None = None
    """Told each row that verification finds different, however many."""
    totals: Mapping[int, int] = field(default_factory=dict)
    """Rows of each table map under the source's snapshot, where they are counted already."""
    passing: bool = field(default=False, init=False)
    """A table is not verified for a reason that passes by itself: comparing once more may do."""
    keeps: bool = False
    """Is what was verified to be kept, so that a later verification can tell which side has changed since?"""
    proved: Mapping[int, TableResult] = field(default_factory=dict)
    """Table maps that an earlier attempt of the run has found equal, with their books of then."""

    def tables(self, *, verify: bool) -> tuple[TableResult, ...]:
        """The books of all table maps."""
        accounts = self.ledger.accounts() if self.has_ledger else {}
        baselines = self.ledger.baselines() if self.has_ledger else {}
        beside = {number: rows - met(accounts, number) for number, rows in baselines.items()}
        keeps_rows = verify and self.has_ledger and self.plan.mode == MODE
        kept = KeptRows(self.ledger, self.every) if keeps_rows else None
        told = self.every if kept is None else kept.told
        verdicts = {found.map_no: found for found in self.verify(beside, told)} if verify else {}
        if kept is not None:
            verdicts = {number: kept.settled(found, accounts.get(number)) for number, found in verdicts.items()}
        reads, there = self.counted({number for number, found in verdicts.items() if found.result == "not_verified"})
        others, changes = self.into_each(accounts), self.changes()
        found = []
        for table, read, rows in zip(self.plan.tables, reads, there, strict=True):
            number, own = table.map_no, accounts.get(table.map_no, Accounts())
            if number in self.proved:
                found.append(self.told_of(table, self.proved[number]))
                continue
            missed = baselines.get(number, 0) + others[table.target.name] - own.written
            written = rows - missed if rows is not None else None
            result = self.table(table, own, (read, written), verdicts.get(number))
            found.append(replace(result, changes=changes_in(changes.get(number, {}))))
        return tuple(found)

    def counted(self, unread: set[int]) -> tuple[Counts, Counts]:
        """Rows of each source and target table, by the databases' own counts. unread: maps that may not be readable."""
        stop_if_wished(self.control)
        tables = self.plan.tables
        doubtful = [table.map_no in unread for table in tables]
        if all(table.map_no in self.totals for table in tables):
            reads: Counts = [self.totals[table.map_no] for table in tables]
        else:
            reads = count_readable(self.source, [table.source for table in tables], doubtful)
        return reads, count_readable(self.target, [table.target for table in tables], doubtful)

    def table(
        self,
        table: PlannedTable,
        accounts: Accounts,
        counts: tuple[int | None, int | None],
        verdict: TableVerification | None,
    ) -> TableResult:
        """The books of one table map. counts: rows read by the source's count, and written by the target's."""
        stop_if_wished(self.control)
        read, written, counted = counts[0] or 0, counts[1] or 0, None not in counts
        result = TableResult(
            map_no=table.map_no,
            source=table.source_label,
            target=table.target_label,
            read=read,
            written=written,
            filtered=accounts.filtered if self.has_ledger or verdict is None else verdict.filtered,
            quarantined=accounts.quarantined,
            unchanged=accounts.unchanged,
            merged=accounts.merged,
            verified=verdict.result if verdict is not None else "not_verified",
            reason="; ".join(
                filter(None, [why(verdict) if verdict is not None else OFF, "" if counted else UNCOUNTED])
            ),
            findings=tuple(map(finding, verdict.findings)) if verdict is not None else (),
            compared=verdict.compared if verdict is not None else "",
            counted=counted,
        )
        return self.told_of(table, result)

    def told_of(self, table: PlannedTable, result: TableResult) -> TableResult:
        """The books of a table map, told to whoever watches."""
        self.control.report(
            Progress(
                "done", table.map_no, result.source, result.target, result.read, result.read, result.written, result.filtered,
                result.quarantined, message=result.verified,
            )
        )  # fmt: skip
        return result

    def changes(self) -> Changes:
        """What lossy rules changed; asked only where the plan has such rules."""
        ruled = any(column.lossy for table in self.plan.tables for column in table.columns)
        return changes_of(self.ledger) if self.has_ledger and ruled else {}

    def into_each(self, accounts: dict[int, Accounts]) -> dict[TableName, int]:
        """Rows that all table maps of the run wrote into each target table."""
        found: dict[TableName, int] = {}
        for table in self.plan.tables:
            name = table.target.name
            found[name] = found.get(name, 0) + accounts.get(table.map_no, Accounts()).written
        return found

    def verify(self, baselines: dict[int, int], told: Told | None) -> list[TableVerification]:
        """Compare all rows through the mapping, the target read by a connection of its own. told: each row that differs."""
        from ..verifying import verify

        self.control.report(Progress("verify"))
        pending = tuple(table for table in self.plan.tables if table.map_no not in self.proved)
        quarantined = {table.map_no: self.quarantined(table) for table in pending} if self.has_ledger else {}
        past, gathered = past_of(self.ledger if self.has_ledger else None, keeps=self.keeps)
        reader = database_for(self.target_url).open_source(self.target_url)
        try:
            found = verify(
                replace(self.plan, tables=pending),
                self.source,
                reader,
                control=self.control,
                spool_directory=self.spool_directory,
                quarantined=quarantined,
                baseline_rows=baselines,
                replayed=self.replayed() if self.has_ledger else {},
                every=told,
                past=past,
            )
        finally:
            reader.close()
        keep(self.ledger, gathered)
        self.passing = any(verdict.passes for verdict in found)
        return found

    def quarantined(self, table: PlannedTable) -> Iterator[QuarantinedRow]:
        """The quarantined rows of a table map, by key or, where the source has none, by all their values."""
        return self.known(open_rows(self.ledger, table.map_no), table)

    def known(self, rows: Iterator[Kept], table: PlannedTable) -> Iterator[QuarantinedRow]:
        """What tells rows of the quarantine from others, opened only when asked for."""
        keyed = self.is_keyed(table)
        return (self.known_by(row, keyed=keyed) for row in rows)

    def replayed(self) -> dict[int, list[ReplayedRows]]:
        """The rows that replays have put through with expressions of their own, by map number."""
        from ..verifying import ReplayedRows

        planned = {table.map_no: table for table in self.plan.tables}
        found: dict[int, list[ReplayedRows]] = {}
        for replay in replays_with_expression(self.ledger):
            if replay.map_no in planned:
                table = planned[replay.map_no]
                known = self.known(replayed_rows(self.ledger, replay.map_no, replay.run_id), table)
                changed = with_expressions(table, replay.expressions)
                found.setdefault(replay.map_no, []).append(ReplayedRows(changed, replay.as_text, known))
        return found

    def is_keyed(self, table: PlannedTable) -> bool:
        """Has the source a key of its columns, by which rows are known?"""
        names = self.source.position_columns(table.source)
        return bool(names) and set(names) <= {column.name for column in table.source.columns}

    def known_by(self, row: Kept, *, keyed: bool) -> QuarantinedRow:
        """What tells one row of the quarantine from others. Raises QuarantineSealed."""
        from ..verifying import QuarantinedRow

        if keyed:
            return QuarantinedRow(key=row.readable_key(), row=None)
        return QuarantinedRow(key=None, row=row.opened(self.seals).row)

    def status(self, tables: tuple[TableResult, ...], run_id: str = "") -> tuple[Status, dict[str, Any] | None]:
        """How the run ended, and the error that says what is wrong. run_id: where it is not the one of the books."""
        return ending_of(tables, run_id or self.ledger.run_id, self.plan.mode)


def met(accounts: dict[int, Accounts], map_no: int) -> int:
    """Rows of the target that rows of a table map have met by their key: they are expected, not others beside."""
    found = accounts.get(map_no, Accounts())
    return found.unchanged + found.merged


def why(verdict: TableVerification) -> str:
    """A verdict's reason with its figures."""
    figures = [
        f"{count} {word}"
        for count, word in ((verdict.missing, "missing"), (verdict.extra, "extra"), (verdict.changed, "changed"))
        if count
    ]
    return "; ".join(filter(None, [", ".join(figures), verdict.reason]))


def changes_in(counts: Mapping[tuple[str, str], int]) -> tuple[dict[str, Any], ...]:
    """What lossy rules changed in a table, as plain data."""
    return tuple({"column": column, "rule": rule, "values": counts[column, rule]} for column, rule in sorted(counts))


def finding(found: Finding) -> dict[str, Any]:
    """A finding as plain data."""
    return {
        "kind": found.kind,
        "key": dict(found.key) if found.key is not None else None,
        "columns": list(found.columns),
    } | ({"since": found.since} if found.since else {})
