"""Quarantined rows as a source to copy from, and the lane that puts them through: exactly once, as any other lane."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import cast

from ...kernel.errors import Failed
from ..databases.base import Batch, Reject, Source
from ..databases.capabilities import Capabilities
from ..databases.catalogue import Column, DataType, Table
from ..expressions import LookupTable, compile_evaluator, compile_select
from ..expressions.contract import Evaluator
from ..expressions.evaluate import NOT_OF_ITS_TYPE
from ..ledger import (
    Accounts,
    Checkpoint,
    Group,
    Kept,
    Ledger,
    Opened,
    Seals,
    Spot,
    mark_replayed,
    reject_again,
    rows_of,
)
from ..planning.plan import PlannedTable
from .chunk import Chunk, first_of_each
from .lanes import Lane
from .sinks import Written

PLACE = ("(lane)", "(chunk)", "(row)")
"""What tells a row's place in the quarantine, in the place of a key."""
TEXT = DataType("text", "text")


class OtherColumns(Failed, code="quarantine-of-other-columns", safe="No row was written by this chunk."):
    """The quarantined rows of {table} have other columns than the plan: {columns}. Take the plan they were copied by."""


def with_expressions(table: PlannedTable, expressions: Mapping[str, str]) -> PlannedTable:
    """A table map in which expressions make some target columns."""
    columns = tuple(
        replace(planned, source=None, expression=expressions[planned.target.name])
        if planned.target.name in expressions
        else planned
        for planned in table.columns
    )
    return replace(table, columns=columns)


def evaluator_of(table: PlannedTable, as_text: Sequence[str], lookups: Mapping[str, LookupTable]) -> Evaluator | None:
    """The expressions of a table map over rows some of whose columns are taken as text. Raises InvalidExpression."""
    if table.plain:
        return None
    outputs = [(column.target.name, column.expression) for column in table.columns if column.expression is not None]
    return compile_evaluator(input_columns(table, as_text), outputs, table.where, lookups)


def input_columns(table: PlannedTable, as_text: Sequence[str]) -> list[Column]:
    """The source columns with the types that expressions see."""
    return [replace(column, type=TEXT) if column.name in as_text else column for column in table.source.copied_columns]


def columns_as_text(
    table: PlannedTable,
    expressions: Mapping[str, str],
    rows: Iterable[Opened],
    lookups: Mapping[str, LookupTable],
    *,
    part: int = 1_000,
) -> tuple[str, ...]:
    """The columns that expressions use and whose quarantined values are not of their type: they are given them as text.

    Raises InvalidExpression.
    """
    columns = table.source.copied_columns
    used = compile_select(columns, list(expressions.items()), None, lookups).used
    left = [columns[number].name for number in used]
    found: list[str] = []
    source = iter(rows)
    while left and (some := [row for row in islice(source, part) if not row.unreadable]):
        batch = batch_of(table, some)
        while left and (unfit := unfit_among(left, columns, batch)):
            found += sorted(unfit)
            left = [name for name in left if name not in unfit]
    return tuple(found)


def unfit_among(names: Sequence[str], columns: Sequence[Column], batch: Batch) -> set[str]:
    """Those of the columns that hold a value which is not of their type; not always all at once."""
    evaluator = compile_evaluator(columns, [(name, quoted_name(name)) for name in names], None, {})
    try:
        rejects = evaluator.evaluate(batch.columns, batch.rows).rejects
    finally:
        evaluator.close()
    return {reject.column or "" for reject in rejects if reject.reason == NOT_OF_ITS_TYPE}


def quoted_name(name: str) -> str:
    """A column's name as an expression spells it for sure."""
    return '"' + name.replace('"', '""') + '"'


def batch_of(table: PlannedTable, rows: Sequence[Opened], position: str = "") -> Batch:
    """Quarantined rows, column by column. Raises OtherColumns."""
    names = [column.name for column in table.source.copied_columns]
    missing = {name for row in rows for name in names if name not in row.row}
    if missing:
        raise OtherColumns(table=table.source_label, columns=", ".join(sorted(missing)))
    return Batch([[row.row[name] for row in rows] for name in names], len(rows), position)


@dataclass(slots=True)
class QuarantineSource:
    """The rows of one cause in the order they were found; only what a lane asks of a source is there."""

    ledger: Ledger
    """Of the run whose quarantine it is."""
    group: Group
    seals: Seals | None
    can: Capabilities
    """Of the source that the rows came from."""
    identity: str = "quarantine"
    snapshot: str = ""

    def position_columns(self, _table: Table) -> tuple[str, ...]:
        """What orders the rows."""
        return PLACE

    def read(
        self,
        table: Table,
        columns: Sequence[str],
        *,
        after: str = "",
        until: str = "",  # noqa: ARG002  one lane takes them all
        batch_rows: int = 50_000,
        batch_bytes: int = 16_000_000,
    ) -> Iterator[Batch]:
        """The rows left. Raises QuarantineSealed, QuarantineDamaged, OtherColumns."""
        place = json.loads(after) if after else [-1, -1, -1]
        rows: list[Kept] = []
        size = 0
        for row in rows_of(self.ledger, self.group, after=place):
            rows.append(row)
            size += len(row.values)
            if len(rows) >= batch_rows or size >= batch_bytes:
                yield self.batch(table, columns, rows)
                rows, size = [], 0
        if rows:
            yield self.batch(table, columns, rows)

    def batch(self, table: Table, columns: Sequence[str], rows: Sequence[Kept]) -> Batch:
        """Rows as a batch; those that the source could not read stay rejected."""
        opened = [row.opened(self.seals) for row in rows]
        missing = {name for row in opened for name in columns if name not in row.row}
        if missing:
            raise OtherColumns(table=table.name.name, columns=", ".join(sorted(missing)))
        places = [(row.spot.lane_no, row.spot.chunk_no, row.spot.row_no) for row in rows]
        return Batch(
            [[row.row[name] for row in opened] for name in columns],
            len(rows),
            json.dumps(places[-1]),
            [list(numbers) for numbers in zip(*places, strict=True)],
            rejects=[
                Reject(number, kept.column, kept.code, kept.reason)
                for number, (kept, row) in enumerate(zip(rows, opened, strict=True))
                if row.unreadable
            ],
        )

    def lane(self) -> Source:
        """The same again: the rows lie in the target."""
        return self.as_source()

    def as_source(self) -> Source:
        """This, for a lane."""
        return cast("Source", self)

    def close(self) -> None:
        """Nothing is held."""


class ReplayLane(Lane):
    """A lane whose rows leave the quarantine in the transaction that writes them."""

    def enter(self, chunk: Chunk, written: Written, position: str) -> tuple[Accounts, Checkpoint]:
        """Mark what was written or filtered, say of the rest why it stays; accounts and checkpoint as for any chunk."""
        parent = Ledger(self.target, self.quarantine.ledger.run_id)
        rejects = {reject.row: reject for reject in first_of_each(sorted(chunk.rejects, key=lambda each: each.row))}
        spots = [
            Spot(parent.run_id, self.checkpoint.map_no, *map(int, place))
            for place in zip(*chunk.batch.keys, strict=True)
        ]
        mark_replayed(parent, [spot for row, spot in enumerate(spots) if row not in rejects], self.ledger.run_id)
        for row, reject in rejects.items():
            reject_again(parent, spots[row], reject)
        return self.enter_accounts(written.accounts(chunk.batch.rows, chunk.filtered, len(rejects)), position)

    @property
    def quarantine(self) -> QuarantineSource:
        """Where its rows come from."""
        return cast(QuarantineSource, self.source)
