"""A suggested mapping as a table in a notebook: plain HTML, no script, every name as text."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .offered import SuggestedOffer
    from .suggest import SuggestedColumn, SuggestedMapping

CANDIDATES_SHOWN = 3
BAR_PIXELS = 60
HEADINGS = ("", "column", "made of", "sure", "because")


def suggested_html(found: SuggestedMapping) -> str:
    """Each target table with its columns, how sure each is as a bar, and why."""
    notes = (f"<p>{escape(note)}</p>" for note in (str(found), *found.notes))
    return "".join(
        ["<div>", *notes, *(part for each in found.tables for part in of_table(found, each.table)), "</div>"]
    )


def of_table(found: SuggestedMapping, name: str) -> Iterator[str]:
    """One target table."""
    columns = [each for each in found.columns if each.table == name]
    sources = next(each.sources for each in found.tables if each.table == name)
    made_of = ", ".join(f"{source} {share:.0%}" for source, share in sources[:3] if share >= 0.05)
    filled = sum(each.filled_in for each in columns)
    yield f"<details{' open' if len(found.columns) <= 60 else ''}><summary><b>{escape(name)}</b> ← {escape(made_of or 'nothing')}"
    yield f" <small>({filled} of {len(columns)} filled in)</small></summary><table>"
    yield "<tr>" + "".join(f"<th style='text-align:left'>{each}</th>" for each in HEADINGS) + "</tr>"
    yield from (of_column(each) for each in columns)
    yield "</table></details>"


def of_column(column: SuggestedColumn) -> str:
    """One target column."""
    best = column.candidates[0] if column.candidates else None
    sure = best.confidence if best else 0.0
    names = " | ".join(
        f"{each.table}.{each.column}" for each in column.candidates[: 1 if column.filled_in else CANDIDATES_SHOWN]
    )
    bar = (
        f'<span style="display:inline-block;width:{BAR_PIXELS}px;background:#8883;vertical-align:middle">'
        f'<span style="display:block;height:6px;width:{sure * BAR_PIXELS:.0f}px;'
        f'background:{"#2e7d32" if column.filled_in else "#b8860b"}"></span></span>&nbsp;{sure:.2f}'
    )
    if column.decision or column.made_of:
        names = column.made_of or "nothing"
    cells = [
        "=" if column.decision else "✓" if column.filled_in else "?",
        escape(column.column),
        escape(names),
        bar,
        column.decision
        or "<br>".join(
            [escape("; ".join(best.reasons if best else ())), *(offer_html(each) for each in column.offers)]
        ),
    ]
    return "<tr>" + "".join(f"<td style='text-align:left'>{each}</td>" for each in cells) + "</tr>"


def offer_html(offer: SuggestedOffer) -> str:
    """An offer under a column's reasons."""
    return (
        f"offer: <code>{escape(offer.expression)}</code> ({offer.confidence:.2f}; {escape('; '.join(offer.reasons))})"
    )
