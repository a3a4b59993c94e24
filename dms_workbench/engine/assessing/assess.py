"""Read the source as a run would, convert every value, count what is refused or changed, write nothing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ..control import Control, Progress, stop_if_wished
from ..converting import Losses, Pair, convert_column
from ..copying.chunk import Preparer
from ..databases.base import Batch, Reject, Source, Value
from ..databases.catalogue import DataType
from ..expressions import LookupTable, compile_evaluator, load_lookups
from ..planning import PlanOptions
from ..planning.plan import PlannedColumn, PlannedTable
from ..schema.rename_sample import canonical
from .guaranteed import is_guaranteed
from .lenient import LenientPlanner, opened, planned
from .masked import masked_key
from .model import Assessment, ColumnFit, TableFit, Verdict

EXAMPLES_AT_MOST = 5
BATCH_ROWS = 50_000
NOT_MEASURED = (
    "Counted is what the conversion refuses or changes; what only the target can refuse (unique keys, checks, foreign "
    "keys, triggers) shows when rows are written."
)
SAMPLED = "Only the first {rows} rows of each table were read: the counts are of these rows."


def assess(
    source_url: str,
    target_url: str,
    options: PlanOptions,
    *,
    sample_rows: int | None = None,
    control: Control | None = None,
) -> Assessment:
    """Measure what a mapping (or that of namesakes) would do to every value.

    sample_rows: read only so many rows of each table; None reads all. Raises the errors of connecting and of mappings.
    """
    started = time.monotonic()
    asked = replace(options, mode="append", purpose="copy")
    with opened(source_url, target_url, asked) as (source, _, sides):
        tables, planner, lookups = planned(source, sides, asked)
        found = load_lookups(lookups, source)
        pair = Pair(source.can.database, sides.target.can.database)
        totals = {table.map_no: source.count(table.source) for table in tables}
        meter = Meter(source, pair, dict(found), planner, sample_rows, control or Control())
        measured = tuple(meter.measure(table, totals[table.map_no]) for table in tables)
    notes = (NOT_MEASURED,) + ((SAMPLED.format(rows=sample_rows),) if sample_rows is not None else ())
    names = source_url_free(sides.source_identity), source_url_free(sides.target_identity)
    return Assessment(*names, measured, sample_rows, round(time.monotonic() - started, 3), notes)


def source_url_free(identity: str) -> str:
    """What a database is called here: its identity, which holds no secret."""
    return identity


@dataclass
class Counts:
    """What became of one column so far."""

    codes: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    converted: int = 0
    examples: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Meter:
    """Measures table by table."""

    source: Source
    pair: Pair
    lookups: dict[str, LookupTable]
    planner: LenientPlanner
    sample_rows: int | None
    control: Control

    def measure(self, table: PlannedTable, rows_total: int) -> TableFit:
        """Read and convert one table."""
        outputs = [(column.target.name, column.expression) for column in table.columns if column.expression is not None]
        evaluator = None
        if not table.plain:
            evaluator = compile_evaluator(table.source.copied_columns, outputs, table.where, self.lookups)
        try:
            measuring = TableMeter(table, Preparer(table, self.pair, evaluator), self.pair)
            self.read(table, measuring, rows_total)
        finally:
            if evaluator is not None:
                evaluator.close()
        types = measuring.types or self.types(table)
        columns = [
            self.fit(table, column, type, counts)
            for column, type, counts in zip(table.columns, types, measuring.counts, strict=True)
        ]
        columns += self.planner.placeless.get(str(table.source.name), [])
        return TableFit(
            str(table.source.name), str(table.target.name), measuring.rows, rows_total, measuring.filtered,
            measuring.rows_refused, tuple(columns),
        )  # fmt: skip

    def types(self, table: PlannedTable) -> list[DataType]:
        """The types of a table without rows."""
        return [
            table.source.column(column.source).type if column.source is not None else column.target.type
            for column in table.columns
        ]

    def read(self, table: PlannedTable, measuring: TableMeter, rows_total: int) -> None:
        """All batches, or as many rows as a sample holds."""
        names = measuring.preparer.read_columns
        limit = self.sample_rows
        size = BATCH_ROWS if limit is None else min(limit, BATCH_ROWS)
        for batch in self.source.read(table.source, names, batch_rows=size) if rows_total else ():
            stop_if_wished(self.control)
            measuring.take(batch if limit is None else first_rows(batch, limit - measuring.rows))
            self.control.report(
                Progress("assess", table.map_no, str(table.source.name), str(table.target.name),
                         rows_total=rows_total, read=measuring.rows, quarantined=measuring.rows_refused)
            )  # fmt: skip
            if limit is not None and measuring.rows >= limit:
                return

    def fit(self, table: PlannedTable, column: PlannedColumn, type: DataType, counts: Counts) -> ColumnFit:
        """The finding of one column."""
        reason = self.planner.unfit.get((str(table.source.name), column.target.name), "")
        nullable = column.source is None or table.source.column(column.source).nullable
        sure = column.source is not None and is_guaranteed(type, column.target, self.pair, nullable=nullable)
        verdict: Verdict = "does not fit" if reason else "fits" if sure and not counts.codes else "fits after a check"
        return ColumnFit(
            column.source or column.expression or "", type.native or type.kind, column.target.name,
            column.target.type.native, verdict, reason,
            sum(counts.codes.values()), sum(counts.rules.values()), dict(sorted(counts.codes.items())),
            dict(sorted(counts.rules.items())), counts.converted, tuple(counts.examples),
        )  # fmt: skip


def first_rows(batch: Batch, rows: int) -> Batch:
    """The first rows of a batch."""
    if batch.rows <= rows:
        return batch
    kept = [reject for reject in batch.rejects if reject.row < rows]
    keys = [column[:rows] for column in batch.keys]
    return replace(batch, columns=[column[:rows] for column in batch.columns], rows=rows, keys=keys, rejects=kept)


class TableMeter:
    """Counts of one table map."""

    def __init__(self, table: PlannedTable, preparer: Preparer, pair: Pair) -> None:
        """preparer: evaluates expressions and the filter as a run does."""
        self.table, self.preparer, self.pair = table, preparer, pair
        self.counts = [Counts() for _ in table.columns]
        self.types: list[DataType] = []
        self.rows = self.filtered = self.rows_refused = 0
        self.place = {column.target.name: at for at, column in enumerate(table.columns)}

    def take(self, batch: Batch) -> None:
        """Convert a batch as a run does, column by column, and count."""
        columns, self.types, rows, filtered, rejects = (
            self.preparer.readable(batch) if batch.rejects else self.preparer.inputs(batch)
        )
        bad = {reject.row for reject in rejects}
        for reject in rejects:
            self.refuse(reject, batch, reject.row)
        changes: list[tuple[int, int, str]] = []
        for at, (values, type, column) in enumerate(zip(columns, self.types, self.table.columns, strict=True)):
            pair = self.pair if column.expression is None else Pair("expression", self.pair.target)
            losses = Losses(column.lossy)
            made, unfit = convert_column(values, type, column.target, pair, losses)
            self.counts[at].converted += 0 if made is values else in_another_form(values, made, losses)
            for reject in unfit:
                bad.add(rows[reject.row])
                self.refuse(reject, batch, rows[reject.row])
            changes += [(rows[row], at, rule) for row, rule in losses.changed]
        for row, at, rule in changes:
            if row not in bad:
                self.counts[at].rules[rule] += 1
        self.rows += batch.rows
        self.filtered += filtered
        self.rows_refused += len(bad)

    def refuse(self, reject: Reject, batch: Batch, row: int) -> None:
        """Count a refused value; a row without a column to blame counts for none."""
        at = self.place.get(reject.column or "")
        if at is None:
            return
        self.counts[at].codes[reject.code] += 1
        if len(self.counts[at].examples) < EXAMPLES_AT_MOST:
            self.counts[at].examples.append(self.key(batch, row))

    def key(self, batch: Batch, row: int) -> dict[str, str]:
        """The key of a row, masked."""
        names = self.preparer.read_columns
        key = [name for name in self.table.source.row_key() if name in names]
        return masked_key({name: batch.columns[names.index(name)][row] for name in key})


def in_another_form(values: list[Value], made: list[Value], losses: Losses) -> int:
    """How many values are written otherwise than they were, those changed by rules apart."""
    by_rule = {row for row, _ in losses.changed}
    plain: Callable[[Value], str] = canonical
    return sum(
        new is not None
        and row not in by_rule
        and (type(old) is not type(new) or old != new)
        and plain(old) != plain(new)
        for row, (old, new) in enumerate(zip(values, made, strict=True))
    )
