"""A profile as HTML: a fragment for notebooks and a page to send on; no script, every name and value is text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...engine.profiling import ColumnProfile, TableProfile
from .charts import count, figure, filled_bar, frequent, histogram, share, text
from .style import PAGE, SHEET

if TYPE_CHECKING:
    from .model import DataProfile

REPORT_BYTES = 4_500_000
"""What columns may take; what comes after is shown without charts, and then not at all."""
NOTEBOOK_BYTES = 1_000_000
OPEN_COLUMNS = 40
TIMES = " \u00d7 "
GRAVE = {"error": "e", "warning": "w"}


def report(found: DataProfile) -> str:
    """The whole page, below 5 MB."""
    title = f"Profile of {text(found.summary.source, 200)}"
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>"
        f"<meta name='viewport' content='width=device-width,initial-scale=1'><style>{PAGE}{SHEET}</style></head>"
        f"<body>{body(found, REPORT_BYTES)}</body></html>"
    )


def fragment(found: DataProfile) -> str:
    """The same for a notebook."""
    return f"<style>{SHEET}</style>{body(found, NOTEBOOK_BYTES)}"


def body(found: DataProfile, limit: int) -> str:
    """Head, key figures, then each table to fold."""
    parts = ["<div class='dms-profile'>", *head(found)]
    budget = Budget(limit)
    alone = found.summary.columns <= OPEN_COLUMNS
    for table in found.tables:
        parts += of_table(table, budget, opened=alone)
    parts += references(found)
    if budget.left_out:
        parts.append(
            f"<p class='dim'>{count(budget.left_out)} columns are left out here, for the page would be too large. "
            "Profile fewer tables, or read them with to_polars().</p>"
        )
    return "".join([*parts, "</div>"])


def head(found: DataProfile) -> Iterator[str]:
    """What was profiled, when, and how much there is of it."""
    summary = found.summary
    columns = [column for table in found.tables for column in table.columns]
    personal = sum(column.personal is not None for column in columns)
    grave = sum(any(issue.severity != "info" for issue in column.issues) for column in columns)
    yield f"<h1>{text(summary.source, 200)}</h1><p class='dim'>Data profile, {summary.made_at:%Y-%m-%d %H:%M} UTC"
    yield " · at least one table is a sample" if summary.sampled else " · all rows read"
    yield "</p><div class='k'>"
    for value, name in (
        (summary.tables, "tables"), (summary.columns, "columns"), (summary.rows_read, "rows read"),
        (grave, "columns to look at"), (personal, "with personal data"),
    ):  # fmt: skip
        yield f"<div><b>{count(value)}</b><small>{name}</small></div>"
    yield "</div>"


class Budget:
    """How much of the page is left for columns."""

    def __init__(self, size_bytes: int) -> None:
        """size_bytes: of UTF-8."""
        self.left = size_bytes
        self.left_out = 0

    def take(self, parts: str, plain: str) -> str:
        """What there is room for: all, only the plain part, or nothing."""
        for each in (parts, plain):
            size = len(each.encode())
            if size <= self.left - (REPORT_BYTES // 10 if each is parts else 0):
                self.left -= size
                return each
        self.left_out += 1
        return ""


def of_table(table: TableProfile, budget: Budget, *, opened: bool) -> Iterator[str]:
    """One table."""
    sampling = table.sampling
    yield f"<details{' open' if opened else ''}><summary><b>{text(table.name, 120)}</b>"
    columns = "column" if len(table.columns) == 1 else "columns"
    yield f"<span class='dim'>{count(len(table.columns))} {columns} · {text(sampling, 160)}</span>"
    grave = sum(any(issue.severity != "info" for issue in column.issues) for column in table.columns)
    if grave:
        yield f"<span class='g w'>{count(grave)} to look at</span>"
    if table.problem:
        yield "<span class='g e'>problem</span>"
    said = "".join(notes(table))
    yield f"</summary><div class='n'>{said}</div>" if said else "</summary>"
    keys = {key.columns[0] for key in table.keys if len(key.columns) == 1 and not key.duplicates and not key.nulls}
    for column in table.columns:
        yield budget.take(of_column(column, key=column.name in keys), plain_column(column))
    yield "</details>"


def notes(table: TableProfile) -> Iterator[str]:
    """What is to be said of the table as a whole."""
    if table.problem:
        yield f"<p><span class='g e'>problem</span> {text(table.problem, 600)}</p>"
    composite = [key for key in table.keys if len(key.columns) > 1 and not key.duplicates]
    if composite:
        yield f"<p><small>Key of several columns: {text(' + '.join(composite[0].columns), 200)}</small></p>"
    if table.duplicate_rows:
        yield f"<p><small>{count(table.duplicate_rows)} rows are equal to another one in all columns</small></p>"
    if table.correlations:
        pairs = ", ".join(f"{each.first} and {each.second} {each.value:+.2f}" for each in table.correlations[:4])
        yield f"<p><small>Correlated: {text(pairs, 300)}</small></p>"
    if table.dependencies:
        pairs = ", ".join(f"{' + '.join(each.determinant)} decides {each.dependent}" for each in table.dependencies[:4])
        yield f"<p><small>{text(pairs, 300)}</small></p>"


def of_column(column: ColumnProfile, *, key: bool) -> str:
    """One column: name and signs, figures, chart, frequent values."""
    chart = histogram(column.histogram)
    values = frequent(column.top, column.rows - column.nulls)
    if not values and column.patterns:
        values = patterns(column)
    return (
        f"<div class='c'><div>{''.join(name_and_signs(column, key=key))}</div>"
        f"<dl>{''.join(lines(column))}</dl><div>{chart}</div><div>{values}</div></div>"
    )


def plain_column(column: ColumnProfile) -> str:
    """One column in a line, where there is little room left."""
    return f"<div class='c'><div><h3>{text(column.name, 80)}</h3></div><dl>{''.join(lines(column))}</dl></div>"


def name_and_signs(column: ColumnProfile, *, key: bool) -> Iterator[str]:
    """Name, type, what it is, what to look at."""
    yield f"<h3>{text(column.name, 80)}</h3><small>{text(column.native, 60)}</small>"
    yield filled_bar(column.null_share) if column.rows else ""
    if key:
        yield "<span class='g o'>key</span>"
    if column.personal is not None:
        sure = f"{column.personal.confidence:.0%} sure"
        yield f"<span class='g p' title='{text(column.personal.why, 120)}, {sure}'>personal: {text(column.personal.kind)}</span>"
    if column.meaning is not None:
        yield f"<span class='g'>{text(column.meaning.kind)} {text(column.meaning.detail)}</span>"
    if column.unfit:
        yield f"<span class='g e'>{count(column.unfit)} not of the type</span>"
    for issue in column.issues[:4]:
        yield f"<span class='g {GRAVE.get(issue.severity, '')}'>{count(issue.rows)}{TIMES}{text(issue.text, 90)}</span>"


def lines(column: ColumnProfile) -> Iterator[str]:
    """Its figures, name and value."""
    yield line("null", f"{count(column.nulls)} · {share(column.null_share)}")
    yield line("distinct", f"{'' if column.distinct_is_exact else 'about '}{count(column.distinct)}")
    if column.least is not None and column.greatest is not None:
        yield line("least", text(column.least, 40))
        yield line("greatest", text(column.greatest, 40))
    if column.mean is not None:
        yield line("mean ± deviation", f"{figure(column.mean)} ± {figure(column.deviation or 0)}")
    middle = [text(short(value), 24) for at, value in column.quantiles if at in (0.25, 0.5, 0.75)]
    if len(middle) == 3 and column.mean is not None:
        yield line("quartiles", " · ".join(middle))
    if column.longest is not None and column.mean_length is not None:
        unit = "bytes" if column.kind == "bytes" else "characters"
        yield line(
            unit, f"{count(column.shortest or 0)} \u2013 {count(column.longest)} · mean {figure(column.mean_length)}"
        )
    for name, value in (("empty", column.empty), ("outliers", column.outliers), ("blank edges", column.blank_edges)):
        if value:
            yield line(name, count(value))


def short(value: str) -> str:
    """A quantile with four digits at most behind the first."""
    try:
        return f"{float(value):.5g}"
    except ValueError:
        return value


def line(name: str, value: str) -> str:
    """A figure. value: safe already."""
    return f"<dt>{name}</dt><dd>{value}</dd>"


def patterns(column: ColumnProfile) -> str:
    """The learned forms of a column."""
    listed = "".join(
        f"<li title='for example {text(each.example, 60)}'><i style='width:{each.share * 100:.1f}%'></i>"
        f"<code>{text(each.form)}</code><b>{share(each.share)}</b></li>"
        for each in column.patterns
    )
    return f"<ul class='t'>{listed}</ul>"


def references(found: DataProfile) -> Iterator[str]:
    """What columns seem to refer to."""
    if not found.profile.references:
        return
    yield "<details><summary><b>References</b><span class='dim'>columns whose values are found in another table's key</span>"
    yield "</summary><div class='n'>"
    for each in found.profile.references:
        missing = f", {count(each.missing_rows)} rows without" if each.missing_rows else ""
        arrow = f"{each.table}.{', '.join(each.columns)} → {each.to_table}.{', '.join(each.to_columns)}"
        yield f"<p><code>{text(arrow, 200)}</code> <small>{count(each.values)} values{missing} · {each.confidence:.0%} sure</small></p>"
    yield "</div></details>"
