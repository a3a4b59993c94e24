"""The compatibility report: per column, whether its values fit, measured on the real data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge

from ...engine.assessing.model import ColumnFit, TableFit
from ...engine.control import Control, Progress
from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Query
from ..connections import resolve_url
from .places import connection_name

if TYPE_CHECKING:
    from ...engine.assessing import Assessment

Watch = Callable[[Progress], None]
WATCHING: ContextVar[Watch | None] = ContextVar("watching", default=None)
"""Who is told how far a report is, where the bus is in this process."""


@contextmanager
def watched(watch: Watch | None) -> Iterator[None]:
    """Reports that are made inside tell how far they are."""
    token = WATCHING.set(watch)
    try:
        yield
    finally:
        WATCHING.reset(token)


class Told(Control):
    """Tells whoever watches."""

    def report(self, progress: Progress) -> None:
        """Pass it on."""
        watch = WATCHING.get()
        if watch is not None:
            watch(progress)


@dataclass(frozen=True)
class CompatibilityReport:
    """What a mapping would do to the values of each column; counts are exact unless only a sample was read."""

    source: str
    target: str
    tables: tuple[TableFit, ...]
    sample_rows: int | None = None
    seconds: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Would every value arrive as it is?"""
        return not any(is_loss(column) for table in self.tables for column in table.columns)

    @property
    def exit_code(self) -> int:
        """0 everything fits, 4 something does not."""
        return 0 if self.fits else 4

    def __str__(self) -> str:
        lines = [f"{self.source} → {self.target}"]
        for table in self.tables:
            lines.append(
                f"{table.source} → {table.target}: {table.rows} rows read, {table.rows_refused} would be refused"
            )
            lines += [f"  {column_text(column)}" for column in table.columns]
        return "\n".join([*lines, *self.notes])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(type(self).__name__ if cycle else str(self))

    def _repr_html_(self) -> str:
        from html import escape

        cells = [
            (table.source, column.source, column.source_type, column.target, column.target_type, column.verdict,
             str(column.refused), str(column.changed), column_reason(column))
            for table in self.tables
            for column in table.columns
        ]  # fmt: skip
        head = ("Table", "Column", "Type", "Target", "Type", "Verdict", "Refused", "Changed", "Why")
        rows = "".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in cells)
        titles = "".join(f"<th>{title}</th>" for title in head)
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return f"<table><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table>{notes}"


def is_loss(column: ColumnFit) -> bool:
    """Would something of the column not arrive as it is?"""
    return column.verdict == "does not fit" or bool(column.refused or column.changed)


def column_text(column: ColumnFit) -> str:
    """One column in a line."""
    why = column_reason(column)
    places = (
        f"{column.source or '(nothing)'} {column.source_type} → {column.target or '(nowhere)'} {column.target_type}"
    )
    return f"{places.rstrip()}: {column.verdict}" + (f" ({why})" if why else "")


def column_reason(column: ColumnFit) -> str:
    """What was counted, and why it does not fit."""
    parts = [column.reason] if column.reason else []
    parts += [f"{number} refused: {code}" for code, number in column.codes.items()]
    parts += [f"{number} changed by {rule}" for rule, number in column.rules.items()]
    parts += [f"{column.converted} written in another form"] if column.converted else []
    return ", ".join(parts)


class AssessCompatibility(
    Query[CompatibilityReport], route="POST /schemas/compatibility", scope="rows:read", reads_rows=True
):
    """Measure what a migration would do to every value, without writing: which columns fit, and how many values do not.

    Every row of the source is read and converted as a run does it. Examples name rows by their key, never a value.

    source_connection_id: where the rows come from.
    target_connection_id: where they would go.
    mapping_text: the content of a mapping file; without one every table goes to its namesake.
    mapping_path: what messages call that file.
    source_schema: the source's schema; its default one if left out.
    target_schema: the target's schema; its default one if left out.
    tables: only these source tables; all if left out.
    exclude: none of these source tables.
    names: how names are made without a mapping: ``keep``, ``snake_case``, or ``adapt``: kept, but for those the target cannot have.
    sample_rows: read only the first rows of each table, so many; the counts are then of these rows alone.
    """

    source_connection_id: str
    target_connection_id: str
    mapping_text: str | None = None
    mapping_path: str = "mapping.yaml"
    source_schema: str | None = None
    target_schema: str | None = None
    tables: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    names: Literal["keep", "snake_case", "adapt"] = "keep"
    sample_rows: Annotated[int, Ge(1)] | None = None


@handles(AssessCompatibility)
def assess_compatibility(query: AssessCompatibility, ctx: Context) -> CompatibilityReport:
    from ...engine.assessing.assess import assess
    from ...engine.planning import PlanOptions

    places = ("source_connection_id", "target_connection_id", "sample_rows")
    options = PlanOptions(**{name: value for name, value in vars(query).items() if name not in places})
    urls = (resolve_url(ctx, query.source_connection_id), resolve_url(ctx, query.target_connection_id))
    found: Assessment = assess(*urls, options, sample_rows=query.sample_rows, control=Told())
    labels = (connection_name(ctx, query.source_connection_id), connection_name(ctx, query.target_connection_id))
    return CompatibilityReport(*labels, found.tables, found.sample_rows, found.seconds, found.notes)
