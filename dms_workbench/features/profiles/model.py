"""A profile as it was made, and what has changed between two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ...engine.profiling import Profile, TableProfile
from ...engine.profiling.drift import SEVERITIES, Change
from ...kernel.shown import Readable, html_table, text_table
from .errors import ReportNotWritten

if TYPE_CHECKING:
    import polars

SHOWN_CHANGES = 200


@dataclass(frozen=True)
class ProfileSummary(Readable):
    """One line of the history of a connection's profiles."""

    id: str
    connection_id: str
    source: str
    schema: str | None
    tables: int
    columns: int
    rows_read: int
    sampled: bool
    """Of at least one table only a part of the rows was read."""
    made_at: datetime
    made_by: str


@dataclass(frozen=True)
class DataProfile:
    """A profile with its place in the history. Values of columns with personal data are masked unless they were asked for."""

    summary: ProfileSummary
    profile: Profile

    @property
    def id(self) -> str:
        """Its id in the history."""
        return self.summary.id

    @property
    def tables(self) -> tuple[TableProfile, ...]:
        """The profile of each table."""
        return self.profile.tables

    def table(self, name: str) -> TableProfile:
        """The table of that name. Raises KeyError."""
        return self.profile.table(name)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, which JSON can hold."""
        from ...kernel.wire import to_plain

        plain: dict[str, Any] = {"format": "dms-profile/1", "summary": to_plain(self.summary), **to_plain(self.profile)}
        return plain

    def to_polars(self) -> polars.DataFrame:
        """A row for each column: counts in rows, shares 0 to 1, lengths in characters."""
        import polars as pl

        return pl.DataFrame(list(figures(self.profile)), infer_schema_length=None)

    def html(self, path: str | Path) -> Path:
        """Write a report, one file without script and below 5 MB; returns its path. Raises ReportNotWritten."""
        from .html import report

        try:
            Path(path).write_text(report(self), encoding="utf-8")
        except OSError as error:
            raise ReportNotWritten(path=str(path), reason=error.strerror or type(error).__name__) from None
        return Path(path)

    def __str__(self) -> str:
        return "\n\n".join(text_of(table) for table in self.tables)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(type(self).__name__ if cycle else str(self))

    def _repr_html_(self) -> str:
        from .html import fragment

        return fragment(self)


PLAIN = ("name", "native", "kind", "rows", "nulls", "distinct", "distinct_is_exact", "unfit", "least", "greatest", "mean",
         "deviation", "negative", "zero", "outliers", "shortest", "longest", "mean_length", "empty", "blank_edges",
         "numeric_texts", "control")  # fmt: skip


def figures(profile: Profile) -> Iterator[dict[str, Any]]:
    """The figures of each column in one line."""
    for table in profile.tables:
        for column in table.columns:
            line = {"table": table.name, **{name: getattr(column, name) for name in PLAIN}}
            line["meaning"] = column.meaning.kind if column.meaning else None
            line["personal"] = column.personal.kind if column.personal else None
            line["issues"] = sum(issue.severity != "info" for issue in column.issues)
            line["sampled"] = not table.sampling.whole
            yield line


def text_of(table: TableProfile) -> str:
    """A table for a console."""
    head = f"{table.name}: {table.sampling}"
    if table.problem:
        head += f"\n  ! {table.problem}"
    lines = [
        [
            column.name,
            column.native,
            f"{column.null_share:.1%}",
            f"{'' if column.distinct_is_exact else '~'}{column.distinct}",
            cut(column.least),
            cut(column.greatest),
            column.personal.kind if column.personal else column.meaning.kind if column.meaning else "",
            "; ".join(f"{issue.rows} \u00d7 {issue.text}" for issue in column.issues[:2]),
        ]
        for column in table.columns
    ]
    return f"{head}\n{text_table(['column', 'type', 'null', 'distinct', 'least', 'greatest', 'meaning', 'look at'], lines)}"


def cut(text: str | None) -> str:
    """A value for a narrow column, without line ends."""
    value = " ".join((text or "").split())
    return value if len(value) <= 20 else f"{value[:19]}…"


@dataclass(frozen=True)
class Drift:
    """What has changed between two profiles, the gravest first."""

    before: str
    after: str
    changes: tuple[Change, ...]
    fail_on: Literal["error", "warning", "info", "never"] = "error"

    @property
    def failing(self) -> tuple[Change, ...]:
        """The changes that are too grave."""
        if self.fail_on == "never":
            return ()
        least = SEVERITIES.index(self.fail_on)
        return tuple(each for each in self.changes if SEVERITIES.index(each.severity) >= least)

    @property
    def exit_code(self) -> int:
        """0 nothing too grave, 4 otherwise."""
        return 4 if self.failing else 0

    def __str__(self) -> str:
        if not self.changes:
            return f"{self.before} → {self.after}: no drift"
        lines = text_table(*self.lines())
        return f"{self.before} → {self.after}: {len(self.changes)} changes, {len(self.failing)} too grave\n{lines}"

    def lines(self) -> tuple[list[str], list[list[str]]]:
        """Head and rows of a table."""
        rows = [
            [each.severity, each.table, each.column, each.what, cut(each.before), cut(each.after)]
            for each in self.changes[:SHOWN_CHANGES]
        ]
        return ["severity", "table", "column", "what", "before", "after"], rows

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(type(self).__name__ if cycle else str(self))

    def _repr_html_(self) -> str:
        return html_table(*self.lines()) if self.changes else html_table([], [["no drift"]])
