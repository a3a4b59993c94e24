"""COPY's text format: column-wise both ways, with C-level loops only.

Source of the format: PostgreSQL documentation, COPY, "Text Format".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from operator import methodcaller
from typing import Any

from ..base import Value
from ..catalogue import Kind

NULL = r"\N"
ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
ESCAPE = re.compile(r"\\([bfnrtv\\])")
SPECIAL = re.compile(r"[\\\t\n\r]")
TO_ESCAPE = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}


def unescape(field: str) -> str:
    """A field as PostgreSQL meant it."""
    return ESCAPE.sub(lambda match: ESCAPED[match[1]], field)


def split_lines(lines: Iterable[bytes], width: int) -> list[list[str | None]]:
    """COPY lines (each with its newline) as columns of raw text, NULL as None."""
    text = b"".join(lines).decode("utf-8")
    if not text:
        return [[] for _ in range(width)]
    rows = map(methodcaller("split", "\t"), text[:-1].split("\n"))
    columns = list(map(list, zip(*rows, strict=True)))
    return columns if "\\" not in text else [resolve(column) for column in columns]


def resolve(column: list[str]) -> list[str | None]:
    """Nulls and escapes of one column."""
    return [None if field == NULL else unescape(field) if "\\" in field else field for field in column]


def parse_boolean(field: str) -> bool:
    """``t`` or ``f``."""
    return field == "t"


def parse_bytes(field: str) -> bytes:
    r"""``\x`` and hexadecimal digits (``bytea_output = hex``)."""
    return bytes.fromhex(field[2:])


PARSERS: dict[Kind, Callable[[str], Any]] = {
    "integer": int,
    "float": float,
    "boolean": parse_boolean,
    "bytes": parse_bytes,
}


def parse_column(column: list[str | None], kind: Kind) -> list[Value]:
    """Raw text of one column as values; every kind without a parser is its text already."""
    parser = PARSERS.get(kind)
    if parser is None:
        return column
    if None in column:
        return [None if field is None else parser(field) for field in column]
    return list(map(parser, column))  # type: ignore[arg-type]


def escape(field: str) -> str:
    """A field as COPY reads it."""
    return SPECIAL.sub(lambda match: TO_ESCAPE[match[0]], field)


def escape_column(column: list[str]) -> list[str]:
    """Text without nulls; one look at the whole column tells whether there is anything to escape."""
    joined = "".join(column)
    if not any(character in joined for character in TO_ESCAPE):
        return column
    return [escape(field) if SPECIAL.search(field) else field for field in column]


def render_boolean(value: bool) -> str:
    """``t`` or ``f``."""
    return "t" if value else "f"


def render_bytes(value: bytes) -> str:
    r"""Hexadecimal with ``\x`` before it, the backslash escaped."""
    return "\\\\x" + value.hex()


RENDERERS: dict[Kind, Callable[[Any], str]] = {
    "integer": str, "float": repr, "boolean": render_boolean, "bytes": render_bytes,
}  # fmt: skip


def render_column(column: list[Value], kind: Kind) -> list[str]:
    """Values of one column as COPY fields."""
    renderer = RENDERERS.get(kind)
    if None not in column:
        return escape_column(column) if renderer is None else list(map(renderer, column))
    if renderer is None:
        present = iter(escape_column([value for value in column if value is not None]))
        return [NULL if value is None else next(present) for value in column]
    return [NULL if value is None else renderer(value) for value in column]


def render_lines(columns: list[list[str]]) -> bytes:
    """COPY lines of rendered columns; a table without columns cannot come here."""
    return ("\n".join(map("\t".join, zip(*columns, strict=True))) + "\n").encode("utf-8")
