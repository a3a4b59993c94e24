"""Aligned columns, thin separators in numbers, bars and durations: plain text that a person likes to read."""

from __future__ import annotations

from collections.abc import Sequence

from .terminal import paint

THIN = "\u202f"


def number(value: int) -> str:
    """A whole number with thin separators between thousands."""
    return f"{value:,}".replace(",", THIN)


def count(value: int, word: str, words: str | None = None) -> str:
    """``1 row``, ``2 rows``."""
    return f"{number(value)} {word if value == 1 else words or word + 's'}"


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def columns(
    rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), indent: str = "  ", gap: str = "  "
) -> list[str]:
    """Rows as lines with aligned columns. right: numbers of the columns whose text ends at the same place."""
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        (
            indent
            + gap.join(
                cell.rjust(size) if at in right else cell.ljust(size)
                for at, (cell, size) in enumerate(zip(row, widths, strict=True))
            )
        ).rstrip()
        for row in rows
    ]


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), indent: str = "  "
) -> list[str]:
    """The same with a header and a line below it."""
    lines = columns([header, *rows], right=right, indent=indent)
    rule = indent + "─" * (max(map(len, lines)) - len(indent))
    return [paint(lines[0], "bold"), paint(rule, "dim"), *lines[1:]]


def shortened(text: str, size: int) -> str:
    """A text cut to a size, with a sign that it was."""
    return text if len(text) <= size else f"{text[: max(1, size - 1)]}…"
