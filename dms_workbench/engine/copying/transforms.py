"""Table maps with expressions or a filter, as lines: computed by the source in its SQL, or here on the lines as they pass."""

from __future__ import annotations

from functools import partial

from ..databases.base import LineColumn, LineLimits, LineQuery, Lines, RowsRefused
from ..databases.catalogue import Column
from ..databases.postgres.copy_in import FRAMES, TEXT, TEXT_FRAMES
from ..expressions import DuckEvaluator, PushedDown
from ..expressions.line_transform import LineTransform
from ..ledger import Accounts
from .lanes import Lane
from .passage import LinePassage, Rows, line_column
from .sinks import Written

CHUNK_BYTES = 2_500_000
"""What a chunk holds at most that is evaluated here: its fields, its results and its lines are in memory together."""


class PushedPassage(LinePassage):
    """The source computes the expressions. A filter is not pushed down: nobody could count the rows that it takes away."""

    def __init__(self) -> None:
        self.pushed: PushedDown | None = None

    def fits(self, lane: Lane) -> bool:
        """Are all expressions proved to be the same there, and may the source be asked for them?"""
        evaluator = lane.evaluator
        if not lane.options.push_down or lane.table.where is not None or not isinstance(evaluator, DuckEvaluator):
            return False
        if lane.source.can.database != "postgres":
            return False
        self.pushed = evaluator.pushed()
        return self.pushed is not None and self.form_of(lane) is not None

    def columns(self, lane: Lane) -> list[LineColumn]:
        """The key's columns, then the others, expressions in the source's SQL."""
        made = self.pushed.outputs if self.pushed is not None else {}
        first = {name: place for place, name in enumerate(lane.key)}
        planned = sorted(lane.table.columns, key=lambda column: first.get(column.source or "", len(first)))
        return [
            LineColumn(column.target, sql=made[column.target.name].sql, type=made[column.target.name].type)
            if column.expression is not None
            else line_column(lane.table.source.column(column.source or ""), column.target, lane.preparer.pair)
            for column in planned
        ]

    def asked(self, lane: Lane, form: str) -> LineQuery:
        """What a lane asks its source for; the condition fails for rows that the source might compute otherwise."""
        where = self.pushed.where if self.pushed is not None else ""
        return LineQuery(lane.table.source, tuple(self.columns(lane)), form, where)

    def rest(self, lane: Lane) -> None:
        """Where the source fails again and again, the rest is computed here."""
        here = TransformedLines()
        (here if here.fits(lane) else Rows()).copy_keyed(lane)


class TransformedLines(LinePassage):
    """Expressions and filter are evaluated here; columns that only move stay the text they are."""

    streams = False

    def __init__(self) -> None:
        self.transform: LineTransform | None = None
        self.keys: list[LineColumn] = []
        self.plain: list[LineColumn] = []
        self.made: list[Column] = []

    def fits(self, lane: Lane) -> bool:
        """Do both sides know PostgreSQL's text form, and can every result be written in it?"""
        evaluator = lane.evaluator
        if TEXT not in lane.sink.line_forms or not isinstance(evaluator, DuckEvaluator) or not lane.table.columns:
            return False
        if not {column.name for column in lane.table.source.columns}.issuperset(lane.key):
            return False  # a file's rows are known by their place, which is no column
        self.divide(lane)
        self.transform = LineTransform.of(evaluator, self.made, len(self.keys), self.kept_keys(lane), bool(self.plain))
        if self.transform is None or self.form_of(lane) is None:
            return False
        lane.rhythm.fitted = partial(self.keep_small, lane)
        self.keep_small(lane, lane.limits)
        return True

    def keep_small(self, lane: Lane, limits: LineLimits) -> None:
        """Let a chunk hold no more than can be evaluated."""
        lane.pace.limit(limits)
        limits.size_bytes = min(limits.size_bytes, CHUNK_BYTES // lane.tuning.at_work)

    def divide(self, lane: Lane) -> None:
        """The columns of the key, those that only move, and those that are made."""
        table = lane.table
        moving = {column.source: column for column in table.columns if column.expression is None}
        self.keys = [
            line_column(
                table.source.column(name),
                moving[name].target if name in moving else table.source.column(name),
                lane.preparer.pair,
            )
            for name in lane.key
        ]
        used = {id(moving[name]) for name in lane.key if name in moving}
        self.plain = [
            line_column(table.source.column(column.source or ""), column.target, lane.preparer.pair)
            for column in table.columns
            if column.expression is None and id(column) not in used
        ]
        self.made = [column.target for column in table.columns if column.expression is not None]

    def kept_keys(self, lane: Lane) -> list[bool]:
        """Which columns of the key are copied too."""
        moving = {column.source for column in lane.table.columns if column.expression is None}
        return [name in moving for name in lane.key]

    def form_of(self, lane: Lane) -> str | None:
        """PostgreSQL's text, in the messages of the wire where they can be had."""
        gives = getattr(lane.source, "gives_lines", None)
        if gives is None:
            return None
        return next((form for form in (TEXT_FRAMES, TEXT) if gives(self.asked(lane, form))), None)

    def columns(self, lane: Lane) -> list[LineColumn]:
        """The key, what expressions need, and what only moves."""
        needed = [] if self.transform is None else [lane.table.source.column(name) for name in self.transform.needed]
        return [*self.keys, *(LineColumn(column, column) for column in needed), *self.plain]

    def made_of(self, lines: Lines) -> tuple[bytes, int]:
        """The lines of a chunk with the results in place, and how many are left. Raises RowsRefused."""
        data = b"".join(lines.pieces)
        if self.transform is None:
            raise RowsRefused("nothing transforms the rows")
        return self.transform.apply(data, lines.rows, framed=lines.form == FRAMES)

    def write(self, lane: Lane, lines: Lines) -> Accounts:
        """Evaluate the rows of a chunk and write those that are left. Raises RowsRefused."""
        data, kept = self.made_of(lines)
        filtered = lines.rows - kept
        if not kept:
            return Written().accounts(lines.rows, filtered)
        out = Lines(TEXT)
        out.pieces, out.rows, out.size_bytes = iter((data,)), kept, len(data)
        copied = [key.target for key, is_kept in zip(self.keys, self.kept_keys(lane), strict=True) if is_kept]
        targets = [*copied, *self.made, *(column.target for column in self.plain)]
        return lane.sink.write_lines(lane.checkpoint, targets, out).accounts(lines.rows, filtered)
