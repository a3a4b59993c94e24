"""How results look in a notebook and in plain text: a frozen dataclass becomes a readable table.

    @dataclass(frozen=True)
    class Project(Readable): ...

One object shows its fields one below the other; a list of them shows one line each.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

MOMENT = "%Y-%m-%d %H:%M:%S UTC"
CELL_LIMIT = 120


class Readable:
    """Base of results: shows as a table in notebooks (``_repr_html_``) and consoles (``_repr_pretty_``)."""

    def _repr_html_(self) -> str:
        return html_table(*table(self))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(type(self).__name__ if cycle else text_table(*table(self)))

    def __rich__(self) -> str:
        return text_table(*table(self))


def table(value: Any) -> tuple[list[str], list[list[str]]]:
    """Header and rows of any result: an object gives field and value, a sequence or page of objects a row each."""
    items = getattr(value, "items", value)
    if isinstance(items, Sequence) and not isinstance(items, str | bytes):
        return listing(items)
    if dataclasses.is_dataclass(value):
        return ["", ""], [[name, cell(item)] for name, item in fields(value)]
    return [""], [[cell(value)]]


def listing(items: Sequence[Any]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a sequence."""
    if not items or not dataclasses.is_dataclass(items[0]):
        return ["value"], [[cell(item)] for item in items]
    return [name for name, _ in fields(items[0])], [[cell(item) for _, item in fields(row)] for row in items]


def fields(value: Any) -> list[tuple[str, Any]]:
    """Names and values of a dataclass's fields."""
    return [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value) if field.repr]


def cell(value: Any) -> str:
    """One value as short text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime(MOMENT)
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, list | tuple | set | frozenset):
        return shortened(", ".join(cell(item) for item in value))
    if isinstance(value, Mapping):
        return shortened(pairs(value))
    return shortened(str(value))


def pairs(value: Mapping[Any, Any]) -> str:
    """Names and values on one line; what was changed as ``old → new``."""
    if value.keys() == {"before", "after"}:
        return f"{cell(value['before']) or 'nothing'} → {cell(value['after']) or 'nothing'}"
    return ", ".join(f"{name}: {cell(item)}" for name, item in value.items() if cell(item))


def shortened(text: str) -> str:
    """Long text cut, with a sign that it was."""
    return text if len(text) <= CELL_LIMIT else f"{text[: CELL_LIMIT - 1]}…"


def html_table(header: list[str], rows: list[list[str]]) -> str:
    """A table for notebooks; every value escaped."""
    head = "".join(f"<th scope='col' style='text-align:left'>{escape(name)}</th>" for name in header)
    body = "".join(f"<tr>{''.join(html_cell(value) for value in row)}</tr>" for row in rows)
    top = f"<thead><tr>{head}</tr></thead>" if any(header) else ""
    return f"<table>{top}<tbody>{body}</tbody></table>"


def html_cell(value: str) -> str:
    """One cell."""
    return f"<td style='text-align:left'>{escape(value)}</td>"


def text_table(header: list[str], rows: list[list[str]]) -> str:
    """The same for a console, in aligned columns."""
    lines = [header, *rows] if any(header) else rows
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)] if lines else []
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
