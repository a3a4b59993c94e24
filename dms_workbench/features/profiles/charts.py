"""Small pictures of a column as SVG and HTML, without script; every value and name in them is text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ...engine.profiling import Bin, TopValue

WIDTH, HEIGHT = 220, 44
LONGEST_LABEL = 28
NARROW = "\u202f"


def text(value: object, longest: int = LONGEST_LABEL) -> str:
    """A value as safe text on one line, cut where it is long; control characters are shown, not sent."""
    line = "".join(
        letter if letter.isprintable() or letter == NARROW else "␣" if letter.isspace() else "�"
        for letter in str(value)
    )
    return escape(line if len(line) <= longest else f"{line[: longest - 1]}…")


def count(value: float) -> str:
    """A number with narrow blanks between thousands."""
    return f"{value:,.0f}".replace(",", "\u202f")


def figure(value: float) -> str:
    """A measured number, short."""
    return count(value) if abs(value) >= 10_000 else f"{value:.4g}"


def share(value: float) -> str:
    """A share as per cent; what is not quite nothing or all does not look so."""
    if 0 < value < 0.001:
        return "<0.1\u202f%"
    if 0.999 < value < 1:
        return ">99.9\u202f%"
    return f"{value:.1%}".replace("%", "\u202f%").replace(".0\u202f", "\u202f")


def histogram(bars: Sequence[Bin]) -> str:
    """Bars with the low and the high end below them."""
    most = max((bar.rows for bar in bars), default=0)
    if not most:
        return ""
    step = WIDTH / len(bars)
    path = "".join(
        f"M{at * step:.1f} {HEIGHT}v-{max(1.5, bar.rows / most * (HEIGHT - 2)):.1f}h{step - 1.5:.1f}V{HEIGHT}z"
        for at, bar in enumerate(bars)
        if bar.rows
    )
    ends = f"<span>{text(end_of(bars[0].low))}</span><span>{text(end_of(bars[-1].high))}</span>"
    label = f"histogram, fullest bar {count(most)} rows"
    return (
        f"<div class='h'><svg viewBox='0 0 {WIDTH} {HEIGHT}' role='img' aria-label='{label}' preserveAspectRatio='none'>"
        f"<path d='{path}'/></svg><div class='x'>{ends}</div></div>"
    )


def end_of(value: str) -> str:
    """An end of a histogram, of a moment the day alone."""
    return value.removesuffix("+00")[:10] if value.count(":") == 2 else value


def frequent(values: Sequence[TopValue], filled: int, longest: int = 6) -> str:
    """Frequent values, each with a bar of its share; those without a count as a list."""
    if not values or not filled:
        return ""
    if not values[0].exact:
        listed = "".join(f"<li><code>{text(each.value)}</code></li>" for each in values[:longest])
        return f"<ul class='t'>{listed}</ul><small>frequent values, estimated</small>"
    lines = "".join(
        f"<li title='{count(each.rows)} rows'><i style='width:{max(1.0, each.rows / filled * 100):.1f}%'></i>"
        f"<code>{text(each.value) if each.value else '(empty)'}</code><b>{share(each.rows / filled)}</b></li>"
        for each in values[:longest]
    )
    return f"<ul class='t'>{lines}</ul>"


def filled_bar(null_share: float) -> str:
    """How much of a column is filled, as a bar."""
    return f"<span class='f' title='{share(1 - null_share)} filled'><i style='width:{(1 - null_share) * 100:.1f}%'></i></span>"
