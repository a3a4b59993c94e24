"""Values of a snapshot file on one line: plain words, quoted texts, lists and maps, and back again."""

from __future__ import annotations

import dataclasses
import re
from functools import cache, lru_cache
from typing import Any

from ..databases.table_parts import TableName

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[ .(][A-Za-z0-9_]+)*\)?")
WORDS = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"))
"""Words that YAML might take for something else than text."""
SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
LONG = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"'}
ESCAPE = re.compile(r"\\(u[0-9a-f]{4}|U[0-9a-f]{8}|.)", re.DOTALL)
TOKEN = re.compile(r'\s*(?:([\[\]{},:])|"((?:[^"\\]|\\.)*)"|(-?[0-9]+)(?![A-Za-z0-9_.])|([^\[\]{},:"\s][^\[\]{},:"]*))')


def flow(value: Any) -> str:
    """A value on one line; of a dataclass what is not at its default."""
    if isinstance(value, TableName) and not value.alone:
        parts = [value.name] if value.schema is None else [value.schema, value.name]
        return f"[{', '.join(map(scalar, parts))}]"
    if dataclasses.is_dataclass(value):
        form: type = type(value)
        shown = ((name, getattr(value, name), default) for name, default in defaults_of(form))
        return "{" + ", ".join(f"{name}: {flow(item)}" for name, item, default in shown if item != default) + "}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(flow, value))}]"
    return scalar(value)


@cache
def defaults_of(form: type) -> tuple[tuple[str, Any], ...]:
    """Names and defaults of a dataclass's fields."""
    return tuple((each.name, each.default) for each in dataclasses.fields(form))


@lru_cache(maxsize=100_000)
def scalar_text(text: str) -> str:
    """A text as it stands on a line."""
    if PLAIN.fullmatch(text) and text.casefold() not in WORDS and text.count("(") == text.count(")"):
        return text
    return quoted(text)


def scalar(value: Any) -> str:
    """A text, number, yes or no, or nothing."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return scalar_text(str(value))


def quoted(text: str) -> str:
    """A text in double quotes; whatever cannot be printed is escaped, so that any name survives."""
    if text.isprintable():
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return '"' + "".join(map(escaped, text)) + '"'


def escaped(letter: str) -> str:
    """One letter inside double quotes."""
    if letter in SHORT:
        return SHORT[letter]
    if letter.isprintable():
        return letter
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"


def unquoted(text: str) -> str:
    """What stood between double quotes. Raises ValueError."""
    if "\\" not in text:
        return text
    return ESCAPE.sub(lambda found: unescaped(found[1]), text)


def unescaped(code: str) -> str:
    """What follows a backslash. Raises ValueError."""
    if code in LONG:
        return LONG[code]
    if len(code) in (5, 9):
        return chr(int(code[1:], 16))
    raise ValueError("an unknown escape stands in a text")


def read_flow(text: str) -> Any:
    """The value of a line. Raises ValueError."""
    tokens = list(tokens_of(text))
    value, place = read_at(tokens, 0)
    if place != len(tokens):
        raise ValueError("something stands behind the value")
    return value


def tokens_of(text: str) -> list[tuple[str, Any]]:
    """Marks and values of a line: ``("mark", "[")``, ``("value", 3)``."""
    found: list[tuple[str, Any]] = []
    place, text = 0, text.rstrip()
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise ValueError("it cannot be read")
        mark, quote, number, word = match.groups()
        if mark:
            found.append(("mark", mark))
        elif quote is not None:
            found.append(("value", unquoted(quote)))
        else:
            found.append(("value", int(number) if number else plain_word(word.rstrip())))
        place = match.end()
    return found


def plain_word(word: str) -> Any:
    """A word without quotes."""
    return {"null": None, "true": True, "false": False}.get(word, word)


def read_at(tokens: list[tuple[str, Any]], place: int) -> tuple[Any, int]:
    """The value that begins at a token, and the place behind it."""
    if place >= len(tokens):
        raise ValueError("a value is missing")
    kind, found = tokens[place]
    if kind == "value":
        return found, place + 1
    if found == "[":
        return read_list(tokens, place + 1)
    if found == "{":
        return read_map(tokens, place + 1)
    raise ValueError(f"{found} stands where a value belongs")


def read_list(tokens: list[tuple[str, Any]], place: int) -> tuple[list[Any], int]:
    """A list up to its bracket."""
    found: list[Any] = []
    while tokens[place : place + 1] != [("mark", "]")]:
        value, place = read_at(tokens, place)
        found.append(value)
        place = behind_comma(tokens, place, "]")
    return found, place + 1


def read_map(tokens: list[tuple[str, Any]], place: int) -> tuple[dict[str, Any], int]:
    """A map up to its brace."""
    found: dict[str, Any] = {}
    while tokens[place : place + 1] != [("mark", "}")]:
        key, place = read_at(tokens, place)
        if tokens[place : place + 1] != [("mark", ":")] or not isinstance(key, str) or key in found:
            raise ValueError("a map has no value for a name, or a name twice")
        found[key], place = read_at(tokens, place + 1)
        place = behind_comma(tokens, place, "}")
    return found, place + 1


def behind_comma(tokens: list[tuple[str, Any]], place: int, end: str) -> int:
    """The place of what follows in a list or map, or of its end."""
    if tokens[place : place + 1] == [("mark", ",")]:
        return place + 1
    if tokens[place : place + 1] != [("mark", end)]:
        raise ValueError(f"{end} is missing")
    return place
