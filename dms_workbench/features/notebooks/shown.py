"""How a table and a banner look: as HTML in notebooks and reports, as aligned text in consoles. Every value is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import count
from typing import Any

THIN = "\u202f"
COLOURS = {"good": "#1a7f4b", "warn": "#9a6700", "bad": "#b42318", "still": "#475467"}
GROUNDS = {"good": "#ecfdf3", "warn": "#fffaeb", "bad": "#fef3f2", "still": "#f2f4f7"}
CELL = "padding:5px 12px;text-align:{side};vertical-align:top"


def number(value: Any) -> str:
    """A whole number with thin separators between thousands."""
    return f"{int(value or 0):,}".replace(",", THIN)


@dataclass(frozen=True, slots=True)
class Badge:
    """A short word with a colour: good, warn, bad or still."""

    text: str
    tone: str

    def __str__(self) -> str:
        return self.text

    def html(self) -> str:
        """As HTML."""
        style = f"color:{COLOURS[self.tone]};background:{GROUNDS[self.tone]};border-radius:9px;padding:1px 9px;white-space:nowrap"
        return f"<span class='dms-badge' style='{style}'>{escape(self.text)}</span>"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. right: columns whose text ends at the same place; total: the last row sums the others up."""

    header: Sequence[str]
    rows: Sequence[Sequence[str | Badge]]
    right: frozenset[int] = frozenset()
    total: bool = False
    empty: str = "Nothing."
    """What is said when there are no rows."""

    def __repr__(self) -> str:
        if not self.rows:
            return self.empty
        lines = [[str(cell) for cell in row] for row in ([self.header] if any(self.header) else []) + list(self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join("  ".join(map(self.aligned, line, widths, count())).rstrip() for line in lines)

    def aligned(self, text: str, width: int, at: int) -> str:
        """One cell as text."""
        return text.rjust(width) if at in self.right else text.ljust(width)

    def _repr_html_(self) -> str:
        if not self.rows:
            return f"<p class='dms-empty'>{escape(self.empty)}</p>"
        head = "".join(self.cell("th", at, escape(name)) for at, name in enumerate(self.header))
        body = "".join(self.row(row, last=row is self.rows[-1]) for row in self.rows)
        top = f"<thead><tr>{head}</tr></thead>" if any(self.header) else ""
        return f"<table class='dms-table' style='border-collapse:collapse'>{top}<tbody>{body}</tbody></table>"

    def row(self, cells: Sequence[str | Badge], *, last: bool) -> str:
        """One row."""
        html = "".join(
            self.cell("td", at, cell.html() if isinstance(cell, Badge) else escape(cell))
            for at, cell in enumerate(cells)
        )
        return (
            f"<tr class='dms-total' style='font-weight:600'>{html}</tr>" if last and self.total else f"<tr>{html}</tr>"
        )

    def cell(self, tag: str, at: int, html: str) -> str:
        """One cell."""
        side = "right" if at in self.right else "left"
        return f"<{tag} style='{CELL.format(side=side)}'>{html}</{tag}>"


@dataclass(frozen=True, slots=True)
class Banner:
    """A sentence with a colour, figures under it, and lines under them."""

    title: str
    tone: str
    figures: Sequence[tuple[str, str]] = ()
    """Number and what it counts."""
    lines: Sequence[str] = ()

    def __repr__(self) -> str:
        figures = ", ".join(f"{value} {name}" for value, name in self.figures)
        return "\n".join([self.title, *filter(None, [figures]), *self.lines])

    def _repr_html_(self) -> str:
        figures = "".join(
            f"<div style='margin-right:38px'><div style='font-size:24px;font-weight:600;line-height:1.3'>{escape(value)}</div>"
            f"<div style='color:#475467'>{escape(name)}</div></div>"
            for value, name in self.figures
        )
        lines = "".join(f"<div style='margin-top:6px'>{escape(line)}</div>" for line in self.lines)
        row = (
            f"<div style='display:flex;flex-wrap:wrap;margin-top:10px;color:#101828'>{figures}</div>" if figures else ""
        )
        style = f"border-left:5px solid {COLOURS[self.tone]};background:{GROUNDS[self.tone]};padding:14px 20px;border-radius:6px"
        title = f"<div style='font-size:19px;font-weight:600;color:{COLOURS[self.tone]}'>{escape(self.title)}</div>"
        return f"<div class='dms-banner' style='{style}'>{title}{row}{lines}</div>"
