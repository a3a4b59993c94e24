"""How much of a run is done and left where rows of some tables are wider than those of others.

A row counts as much as its bytes against those of the run's mean row, so that work is still told in rows: all rows of a run
together count as many as there are, and where nothing is known of their width each counts as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .model import TableProgress


def weights(tables: Iterable[TableProgress]) -> dict[int, float]:
    """What a row of each table counts, by the number of its map; 1 where its width is not known."""
    seen = tuple(tables)
    known = [(table.row_bytes, max(table.rows_total, table.read)) for table in seen if table.row_bytes]
    rows = sum(count for _, count in known)
    mean = sum(size * count for size, count in known) / rows if rows else 0.0
    return {table.map_no: table.row_bytes / mean if mean and table.row_bytes else 1.0 for table in seen}


def work(rows: Mapping[int, int], weight: Mapping[int, float]) -> float:
    """What so many rows of each table map count together."""
    return sum(count * weight.get(map_no, 1.0) for map_no, count in rows.items())


@dataclass(frozen=True, slots=True)
class Work:
    """The work of one phase, from look to look: what is weighed anew later does not change what was done before."""

    rows: Mapping[int, int] = field(default_factory=dict)
    """Done at the last look, by the number of the table map."""
    done: float = 0.0
    """Since the first look, in rows of the mean width."""
    left: float = 0.0
    """To be done, in the same."""

    def after(self, tables: Iterable[TableProgress], rows: Mapping[int, int], totals: Mapping[int, int]) -> Work:
        """The work at the next look. rows: done of each table map by now; totals: how many there are."""
        weight = weights(tables)
        more = work(beyond(rows, self.rows), weight) if self.rows else 0.0
        return Work(dict(rows), self.done + more, work(beyond(totals, rows), weight))


def beyond(rows: Mapping[int, int], others: Mapping[int, int]) -> dict[int, int]:
    """How many rows of each table map there are more than others; never less than none."""
    return {map_no: max(0, count - others.get(map_no, 0)) for map_no, count in rows.items()}
