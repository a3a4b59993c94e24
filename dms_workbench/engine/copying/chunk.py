"""One batch of source rows made ready for the target: expressions, filter and conversion, bad rows set apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..converting import Losses, Pair, convert_column, without
from ..databases.base import Batch, Reject, Value
from ..databases.catalogue import DataType
from ..expressions.contract import Evaluator
from ..ledger import RAW_TEXT, LedgerQuarantine, encode_row
from ..planning.plan import PlannedTable


@dataclass(slots=True)
class Chunk:
    """Rows ready to be written, and what became of the others."""

    batch: Batch
    columns: list[list[Value]]
    """Values by target column."""
    rows: list[int]
    """Index in the batch of each row that is to be written."""
    filtered: int
    rejects: list[Reject]
    """``row`` is the index in the batch."""
    changes: list[tuple[int, str, str]] = field(default_factory=list)
    """Index in the batch, target column and lossy rule of each value that a rule has changed."""

    def changed(self) -> Counter[tuple[str, str]]:
        """Values changed by column and rule, of the rows that are left to be written."""
        written = set(self.rows) if self.changes else set()
        return Counter((column, rule) for row, column, rule in self.changes if row in written)

    def drop(self, rejects: Sequence[Reject]) -> None:
        """Set rows apart that the target refuses; ``row`` counts the rows to be written."""
        dropped = {reject.row for reject in rejects}
        self.rejects += [Reject(self.rows[reject.row], reject.column, reject.code, reject.reason) for reject in rejects]
        self.columns = [without(column, dropped) for column in self.columns]
        self.rows = without(self.rows, dropped)


class Preparer:
    """Makes chunks of one table map."""

    def __init__(self, table: PlannedTable, pair: Pair, evaluator: Evaluator | None) -> None:
        """evaluator: for the columns that are expressions, in their order, and the filter; None if there are none."""
        self.table = table
        self.pair = pair
        self.evaluator = evaluator
        self.read_columns = [column.name for column in table.source.copied_columns]
        self.targets = [column.target for column in table.columns]

    def prepare(self, batch: Batch) -> Chunk:
        """Evaluate, filter and convert one batch."""
        sources, types, rows, filtered, rejects = self.inputs(batch) if not batch.rejects else self.readable(batch)
        converted: list[list[Value]] = []
        late: list[Reject] = []
        changes: list[tuple[int, str, str]] = []
        for column, of, planned in zip(sources, types, self.table.columns, strict=True):
            pair = self.pair if planned.expression is None else Pair("expression", self.pair.target)
            losses = Losses(planned.lossy)
            values, unfit = convert_column(column, of, planned.target, pair, losses)
            converted.append(values)
            late += unfit
            changes += [(rows[row], planned.target.name, rule) for row, rule in losses.changed]
        chunk = Chunk(batch, converted, rows, filtered, rejects, changes)
        if late:
            chunk.drop(first_of_each(late))
        return chunk

    def readable(self, batch: Batch) -> tuple[list[list[Value]], list[DataType], list[int], int, list[Reject]]:
        """As `inputs`, without the rows that the source itself could not read."""
        unread = {reject.row for reject in batch.rejects}
        left = [row for row in range(batch.rows) if row not in unread]
        part = Batch([without(column, unread) for column in batch.columns], len(left), batch.position)
        columns, types, rows, filtered, rejects = self.inputs(part)
        moved = [Reject(left[reject.row], reject.column, reject.code, reject.reason) for reject in rejects]
        return columns, types, [left[row] for row in rows], filtered, [*batch.rejects, *moved]

    def inputs(self, batch: Batch) -> tuple[list[list[Value]], list[DataType], list[int], int, list[Reject]]:
        """A column and a type for each target column, the rows kept, how many were filtered, and the rejects."""
        at = {name: place for place, name in enumerate(self.read_columns)}
        types = {name: self.table.source.column(name).type for name in self.read_columns}
        if self.evaluator is None:
            names = [column.source or "" for column in self.table.columns]
            return (
                [batch.columns[at[name]] for name in names],
                [types[name] for name in names],
                list(range(batch.rows)),
                0,
                [],
            )
        made = self.evaluator.evaluate(batch.columns, batch.rows)
        whole = len(made.kept) == batch.rows
        outputs = iter(zip(made.columns, self.evaluator.types, strict=True))
        columns, kinds = [], []
        for column in self.table.columns:
            if column.expression is not None:
                values, kind = next(outputs)
            else:
                values, kind = batch.columns[at[column.source or ""]], types[column.source or ""]
                values = values if whole else [values[row] for row in made.kept]
            kinds.append(kind)
            columns.append(values)
        return columns, kinds, list(made.kept), made.filtered, list(made.rejects)


def first_of_each(rejects: list[Reject]) -> list[Reject]:
    """One reject a row: that of the first column to blame."""
    first: dict[int, Reject] = {}
    for reject in rejects:
        first.setdefault(reject.row, reject)
    return [first[row] for row in sorted(first)]


def quarantine_rows(chunk: Chunk, preparer: Preparer, key: Sequence[str]) -> list[LedgerQuarantine]:
    """The rejects as the ledger keeps them: with their key, and all values as they were read."""
    names = preparer.read_columns
    apart = {name: number for number, name in enumerate(name for name in key if name not in names)}
    found = []
    for reject in first_of_each(sorted(chunk.rejects, key=lambda reject: reject.row)):
        row = {name: column[reject.row] for name, column in zip(names, chunk.batch.columns, strict=True)}
        keys = {name: chunk.batch.keys[apart[name]][reject.row] if name in apart else row[name] for name in key}
        if reject.row in chunk.batch.raw:
            keys[RAW_TEXT] = chunk.batch.raw[reject.row]
        found.append(
            LedgerQuarantine(
                row_no=reject.row,
                source=preparer.table.source_label,
                key=encode_row(keys or row),
                values=encode_row(row),
                column=reject.column,
                code=reject.code,
                reason=reject.reason,
                keyed=bool(keys),
            )
        )
    return found
