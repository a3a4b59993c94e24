"""Two versions of a mapping compared, as a table in a notebook: plain HTML, no script, every word as text."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .compare import MappingChange, MappingDiff

SIGNS = {"added": "+", "removed": "-", "changed": "~"}
COLOURS = {"added": "#2e7d32", "removed": "#c62828", "changed": "#b8860b"}


def diff_html(found: MappingDiff) -> str:
    """Each change in a row: what it is, what it was, what it is now."""
    title = f"<p>{escape(found.first)} → {escape(found.second)}: {len(found.changes)} changes</p>"
    if not found.changes:
        return f"<div>{title}</div>"
    head = "<tr><th></th><th>where</th><th>what</th><th>before</th><th>after</th></tr>"
    return f"<div>{title}<table>{head}{''.join(map(row, found.changes))}</table></div>"


def row(change: MappingChange) -> str:
    """One change."""
    sign = f'<b style="color:{COLOURS[change.kind]}">{SIGNS[change.kind]}</b>'
    words = (f"{change.entry} {change.where}".strip(), change.field or change.kind, change.before, change.after)
    cells = [sign, *(escape(word or "") for word in words)]
    return "<tr>" + "".join(f"<td style='text-align:left'>{cell}</td>" for cell in cells) + "</tr>"
