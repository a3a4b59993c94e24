"""How one CSV file is written: what was found out about it, what was said by the user, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn

from .errors import FileOptionInvalid

ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16-le",
    "utf-16le": "utf-16-le",
    "utf-16-le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-16-be": "utf-16-be",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "latin1": "latin-1",
    "latin-1": "latin-1",
    "iso-8859-1": "latin-1",
    "iso-8859-15": "iso-8859-15",
    "cp1250": "cp1250",
    "windows-1250": "cp1250",
    "cp1251": "cp1251",
    "windows-1251": "cp1251",
}
"""Spellings of the encodings that can be read: those whose line ends are single bytes, and UTF-16."""

WORDS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " ", "none": ""}
YES = {"yes": True, "true": True, "1": True, "on": True, "no": False, "false": False, "0": False, "off": False}


@dataclass(frozen=True)
class Dialect:
    """How the bytes of a file become records, and its records values."""

    encoding: str = "utf-8"
    bom_bytes: int = 0
    newline: str = "\n"
    """Where lines are cut; a carriage return before it belongs to the line's end."""
    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    """The quote itself (doubled), or a backslash."""
    text_format: bool = False
    """PostgreSQL's COPY text format: no quotes, backslash escapes, ``\\N`` for NULL."""
    header: bool = True
    null: str = ""
    """What an unquoted field says for NULL."""
    decimal: str = "."
    thousands: str = ""
    typed: bool = True
    """False: every column is text."""
    reasons: tuple[str, ...] = field(default=(), compare=False)

    @cached_property
    def quoted_field(self) -> re.Pattern[str]:
        """A quoted field and its closing quote, if there is one."""
        return re.compile(f"{re.escape(self.quote)}({self.quoted_text})({re.escape(self.quote)}?)", re.DOTALL)

    @cached_property
    def quoted_rest(self) -> re.Pattern[str]:
        """What follows of a quoted field in another line, and its closing quote, if there is one."""
        return re.compile(f"({self.quoted_text})({re.escape(self.quote)}?)", re.DOTALL)

    @property
    def quoted_text(self) -> str:
        """The pattern of what stands between quotes."""
        quote, escape = re.escape(self.quote), re.escape(self.escape)
        body = f"[^{quote}]++|{quote}{quote}" if self.escape == self.quote else f"[^{quote}{escape}]++|{escape}."
        return f"(?:{body})*+"

    @property
    def said(self) -> str:
        """The dialect in a line, for the person who looks at the schema."""
        names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
        parts = [self.encoding + (" with byte order mark" if self.bom_bytes else "")]
        parts.append(f"delimiter {names.get(self.delimiter, self.delimiter)}")
        if self.text_format:
            parts.append("PostgreSQL COPY text format")
        elif self.quote:
            parts.append(f"quote {self.quote}" + (f" escaped by {self.escape}" if self.escape != self.quote else ""))
        parts.append("header" if self.header else "no header")
        null = "an empty field without quotes" if self.null == "" else self.null
        parts.append(f"NULL is {null}")
        if self.decimal != ".":
            parts.append(f"decimal {self.decimal}" + (f" thousands {self.thousands}" if self.thousands else ""))
        return ", ".join(parts)


@dataclass(frozen=True)
class Wishes:
    """What a user says about a file; None is to be found out."""

    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    encoding: str | None = None
    header: bool | None = None
    null: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    format: str | None = None
    types: str | None = None
    """``text``: no types are looked for."""
    columns: tuple[tuple[str, str], ...] = ()
    """Native types of single columns, by name."""
    names: tuple[str, ...] = ()
    """Names of the columns, in order; they replace those of the header."""


def wishes_from(options: Mapping[str, Any], where: str) -> Wishes:
    """Wishes out of the options of a URL or of a file's entry. Raises FileOptionInvalid."""
    made: dict[str, Any] = {}
    for key, value in options.items():
        if value is not None:
            made |= wish(key, value, where)
    return Wishes(**made)


def wish(key: str, value: Any, where: str) -> dict[str, Any]:
    """One option as a wish."""
    if key == "types":
        return type_wishes(value, where)
    if key in ("delimiter", "quote", "escape", "decimal", "thousands"):
        return {key: character(key, str(value), where)}
    known: dict[str, Callable[[], Any]] = {
        "header": lambda: value if isinstance(value, bool) else flag(str(value), where),
        "encoding": lambda: ENCODINGS.get(str(value).lower()) or refuse(where, key, ", ".join(ENCODINGS)),
        "null": lambda: str(value),
        "names": lambda: tuple(map(str, value)) if isinstance(value, list) else refuse(where, key, "a list of names"),
        "format": lambda: value if value in ("csv", "text") else refuse(where, key, "csv, text"),
    }
    if key not in known:
        refuse(where, key, "one of delimiter, quote, escape, encoding, header, null, decimal, types, names, format")
    return {key: known[key]()}


def type_wishes(value: Any, where: str) -> dict[str, Any]:
    """``text`` for all columns, or the type of some."""
    if isinstance(value, dict):
        return {"columns": tuple((str(name), str(native)) for name, native in value.items())}
    if value not in ("text", "auto"):
        refuse(where, "types", "text, auto, or a type for each column by name")
    return {"types": value}


def character(key: str, value: str, where: str) -> str:
    """One character, or its name; none for quote and thousands."""
    found = WORDS.get(value.lower(), value)
    if len(found) > 1 or (not found and key not in ("quote", "thousands", "escape")) or found in ("\n", "\r"):
        refuse(where, key, "a single character, or tab, comma, semicolon, pipe, space")
    return found


def flag(value: str, where: str) -> bool:
    """yes or no."""
    if value.lower() not in YES:
        refuse(where, "header", "yes or no")
    return YES[value.lower()]


def refuse(where: str, option: str, allowed: str) -> NoReturn:
    """Raise FileOptionInvalid."""
    raise FileOptionInvalid(option=option, where=where, allowed=allowed)
