"""What a replay would do, tried on the rejected rows themselves; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ..converting import Pair
from ..databases.base import Source, Target
from ..databases.urls import database_for
from ..expressions import EvaluationFailed, InvalidExpression, LookupTable, load_lookups
from ..ledger import Group, Kept, Ledger, Opened, QuarantineSealed, Seals, rows_of
from ..planning import source_options
from ..planning.modes import KEYED
from ..planning.plan import Plan, PlannedColumn, PlannedTable
from ..subsets import subset_lookups
from .chunk import Chunk, Preparer, first_of_each
from .proposals import Candidate, candidates, help_of
from .quarantine import Cause, causes, find_cause
from .replay_asked import Replay, as_it_is, expressions_of, wanted_column
from .replay_rows import batch_of, columns_as_text, evaluator_of, with_expressions

SAMPLE_ROWS = 200
"""Rows on which proposals are tried."""
PREVIEW_ROWS = 10_000
PART_ROWS = 1_000
PROPOSALS = 3
UNREADABLE = "the source could not read the row: its values are not known"


@dataclass(frozen=True, slots=True)
class Example:
    """One row before and after."""

    key: dict[str, Any]
    before: dict[str, Any]
    """The source values that the column is made of."""
    after: Any
    """What the target column would hold; None where the row stays."""
    reason: str = ""
    """Why the row stays."""


@dataclass(slots=True)
class Preview:
    """What a replay would do with the first rows of a cause."""

    cause: str
    expression: str | None
    rows: int = 0
    """Rows tried."""
    passing: int = 0
    filtered: int = 0
    staying: dict[str, int] = field(default_factory=dict)
    """Rows that would stay in quarantine, by reason."""
    examples: list[Example] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Proposal:
    """An expression that puts rows through."""

    expression: str
    meaning: str
    lossy: bool
    passing: int
    """Of the rows tried, those that would pass."""
    tried: int
    example: Example | None


@dataclass(frozen=True, slots=True)
class Explained:
    """A cause with what would help."""

    cause: Cause
    help: str
    proposals: tuple[Proposal, ...]


class RolledBack(Exception):
    """Ends the transaction in which the target was asked."""


@dataclass(slots=True)
class Trial:
    """Tries expressions on the rows of one run's quarantine."""

    plan: Plan
    target: Target
    ledger: Ledger
    """Of the run whose quarantine it is."""
    seals: Seals | None
    lookups: dict[str, LookupTable]
    asks_target: bool
    """Is the target asked too which rows it refuses, besides the conversion?"""

    def table(self, group: Group) -> PlannedTable:
        """The table map of a cause, its target as it is now."""
        planned = next(table for table in self.plan.tables if table.map_no == group.map_no)
        return as_it_is(planned, self.target, self.ledger.run_id)

    def preview(self, asked: Replay, *, rows: int, examples: int) -> Preview:
        """Try a replay. Raises CauseUnknown, InvalidExpression, QuarantineSealed and what the target raises."""
        group = find_cause(self.ledger, asked.cause)
        table = self.table(group)
        as_text: tuple[str, ...] = ()
        expressions = expressions_of(asked, table, group)
        named = wanted_column(asked, table, group) if asked.expression is not None else group.column
        if expressions:
            first = (row.opened(self.seals) for row in islice(rows_of(self.ledger, group), rows))
            table = with_expressions(table, expressions)
            as_text = columns_as_text(table, expressions, first, self.lookups)
        found = Preview(asked.cause, asked.expression)
        for kept in parts(islice(rows_of(self.ledger, group), rows)):
            opened = [row.opened(self.seals) for row in kept]
            self.try_part(found, table, opened, as_text, Shown(named, examples))
        return found

    def try_part(
        self,
        found: Preview,
        table: PlannedTable,
        rows: Sequence[Opened],
        as_text: Sequence[str],
        shown: Shown,
    ) -> None:
        """Add what would become of some rows."""
        opened = [row for row in rows if not row.unreadable]
        staying = Counter(found.staying)
        if len(opened) < len(rows):
            staying[UNREADABLE] += len(rows) - len(opened)
        found.rows += len(rows)
        if opened:
            chunk = self.chunk(table, opened, as_text)
            rejects = first_of_each(sorted(chunk.rejects, key=lambda reject: reject.row))
            staying.update(reject.reason for reject in rejects)
            found.passing += len(chunk.rows)
            found.filtered += chunk.filtered
            reasons = {reject.row: reject.reason for reject in rejects}
            found.examples += shown.of(table, opened, chunk, reasons)[: max(0, shown.limit - len(found.examples))]
        found.staying = dict(staying)

    def chunk(self, table: PlannedTable, rows: Sequence[Opened], as_text: Sequence[str]) -> Chunk:
        """Rows made ready for the target, without those that it would refuse."""
        evaluator = evaluator_of(table, as_text, self.lookups)
        try:
            pair = Pair(self.plan.source_database, self.target.can.database)
            preparer = Preparer(table, pair, evaluator)
            chunk = preparer.prepare(batch_of(table, rows))
        finally:
            if evaluator is not None:
                evaluator.close()
        if self.asks_target and chunk.rows:
            chunk.drop(self.refused(table, preparer, chunk))
        return chunk

    def refused(self, table: PlannedTable, preparer: Preparer, chunk: Chunk) -> list[Any]:
        """The rows that the target refuses; it is asked in a transaction that is rolled back."""
        found: list[Any] = []
        try:
            with self.target.transaction():
                found = self.target.diagnose(table.target, preparer.targets, chunk.columns)
                raise RolledBack
        except RolledBack:
            return found

    def proposals(self, cause: Cause) -> tuple[Proposal, ...]:
        """Expressions that put some of the rows through, the best first."""
        table = self.table(cause.group)
        column = next((each for each in table.columns if each.target.name == cause.group.column), None)
        if column is None:
            return ()
        rows = [row.opened(self.seals) for row in islice(rows_of(self.ledger, cause.group), SAMPLE_ROWS)]
        values = [row.row.get(name) for row in rows for name in inputs_of(column, table) if not row.unreadable]
        found = [self.tried(cause, candidate) for candidate in candidates(column, cause.group.code, values)]
        passing = [each for each in found if each is not None and each.passing]
        return tuple(sorted(passing, key=lambda each: (each.lossy, -each.passing))[:PROPOSALS])

    def tried(self, cause: Cause, candidate: Candidate) -> Proposal | None:
        """A candidate tried on the first rows; None where it is no expression for these columns."""
        asked = Replay(self.ledger.run_id, cause.name, candidate.expression)
        try:
            found = self.preview(asked, rows=SAMPLE_ROWS, examples=SAMPLE_ROWS)
        except (InvalidExpression, EvaluationFailed):
            return None
        example = next((each for each in found.examples if not each.reason), None)
        return Proposal(candidate.expression, candidate.meaning, candidate.lossy, found.passing, found.rows, example)


@dataclass(frozen=True, slots=True)
class Shown:
    """Which examples are shown: of one target column, so many."""

    column: str | None
    limit: int

    def of(self, table: PlannedTable, rows: Sequence[Opened], chunk: Chunk, reasons: dict[int, str]) -> list[Example]:
        """Rows before and after."""
        place = next((at for at, each in enumerate(table.columns) if each.target.name == self.column), None)
        after = {} if place is None else dict(zip(chunk.rows, chunk.columns[place], strict=True))
        names = [] if place is None else inputs_of(table.columns[place], table)
        return [
            Example(
                {name: plain(value) for name, value in row.key.items()},
                {name: plain(row.row[name]) for name in names},
                plain(after.get(number)),
                reasons.get(number, ""),
            )
            for number, row in enumerate(rows[: max(self.limit, 0)])
        ]


def inputs_of(column: PlannedColumn, table: PlannedTable) -> list[str]:
    """The source columns that a target column is made of."""
    if column.source is not None:
        return [column.source]
    words = column.expression or ""
    return [each.name for each in table.source.copied_columns if each.name.casefold() in words.casefold()]


def plain(value: Any) -> Any:
    """A value as JSON can hold it; bytes in hexadecimal, a long text by its beginning."""
    if isinstance(value, bytes):
        return "0x" + value[:40].hex()
    if isinstance(value, str):
        text = value.encode("utf-8", "backslashreplace").decode()
        return text if len(text) <= 200 else text[:200] + "…"
    return value if isinstance(value, int | bool | None) else str(value) if isinstance(value, float) else value


def parts(rows: Iterator[Kept]) -> Iterator[list[Kept]]:
    """Rows, some at a time."""
    while some := list(islice(rows, PART_ROWS)):
        yield some


def opened_trial(
    stack: ExitStack, plan: Plan, urls: tuple[str, str], run_id: str, seals: Seals | None, *, asks_target: bool
) -> Trial:
    """Connect: to the target, and to the source where the plan looks something up."""
    source_url, target_url = urls
    options = {"ledger_schema": plan.ledger_schema}
    target = stack.enter_context(
        closing(database_for(target_url).open_target(target_url, create=False, options=options))
    )
    lookups: dict[str, LookupTable] = {}
    if plan.lookups or plan.subset:
        opened = database_for(source_url).open_source(source_url, options=source_options(source_url, target_url))
        lookups = lookups_from(plan, stack.enter_context(closing(opened)))
    return Trial(plan, target, Ledger(target, run_id), seals, lookups, asks_target)


def lookups_from(plan: Plan, source: Source) -> dict[str, LookupTable]:
    """All that expressions of a plan look things up in."""
    found = dict(load_lookups(plan.lookups, source))
    return found | dict(subset_lookups(plan.subset, [table.source for table in plan.tables], source))


def preview_replay(
    plan: Plan, urls: tuple[str, str], asked: Replay, *, seals: Seals | None, examples: int = 5
) -> Preview:
    """What a replay would do with the first 10,000 rows of its cause. urls: of source and target.

    The target is asked which rows it refuses, in a transaction that is rolled back; in a mode that merges by key only the
    conversion is tried.
    """
    with ExitStack() as stack:
        trial = opened_trial(stack, plan, urls, asked.parent_run_id, seals, asks_target=plan.mode not in KEYED)
        return trial.preview(asked, rows=PREVIEW_ROWS, examples=examples)


def explain_causes(plan: Plan, urls: tuple[str, str], run_id: str, *, seals: Seals | None) -> list[Explained]:
    """The causes of a run's rejects with what would help, the expressions tried on some of the rows."""
    with ExitStack() as stack:
        trial = opened_trial(stack, plan, urls, run_id, seals, asks_target=False)
        if not trial.ledger.exists():
            return []
        return [explained(trial, cause) for cause in causes(trial.ledger, seals)]


def explained(trial: Trial, cause: Cause) -> Explained:
    """One cause with what would help; without proposals where its rows are sealed and the key is not here."""
    try:
        return Explained(cause, help_of(cause.group.code), trial.proposals(cause))
    except QuarantineSealed as error:
        return Explained(cause, f"{help_of(cause.group.code)} No expression was tried: {error.message}", ())
