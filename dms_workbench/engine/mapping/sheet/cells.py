"""Texts in cells that no spreadsheet takes for a formula or trips over, and back."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

DANGEROUS = re.compile(r"'*[=+\-@\t\r\n|%\uff1d\uff0b\uff0d\uff20]")
GUARDED = re.compile(r"'+[=+\-@\t\r\n|%\uff1d\uff0b\uff0d\uff20]")
UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def guarded(text: str) -> str:
    """A text for CSV: what a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{text}" if DANGEROUS.match(text) else text


def unguarded(text: str) -> str:
    """The inverse of `guarded`."""
    return text[1:] if GUARDED.match(text) else text


def escaped(text: str) -> str:
    """A text for XLSX: letters that XML cannot hold as ``_x0007_``, as the format has it."""
    return UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def unescaped(text: str) -> str:
    """The inverse of `escaped`."""
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def line_ends(text: str) -> str:
    """The text with line ends of one kind."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def text_of(value: Any) -> str:
    """A cell's value as text, whatever the spreadsheet made of it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return line_ends(unescaped(value))
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return str(value)
