"""What PostgreSQL's arrays and hstore mean as JSON, for verification; read sign by sign, apart from how the copy reads them.

Each function takes PostgreSQL's own text and returns one text for equal JSON, or None where the text says no array.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from ..databases.catalogue import DataType
from .spellings import json_meaning

BARE_ENDS = '{},"'


class Reader:
    """One text, read from its start."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def take(self, sign: str) -> bool:
        """Go on if this sign comes next."""
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def quoted(self) -> str:
        """What stands in quotes, behind the first of them."""
        found = []
        while self.text[self.at] != '"':
            self.at += self.text[self.at] == "\\"
            found.append(self.text[self.at])
            self.at += 1
        self.at += 1
        return "".join(found)

    def bare(self) -> str:
        """What stands without quotes."""
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in BARE_ENDS:
            self.at += 1
        return self.text[start : self.at]

    def array(self, read: Callable[[str], Any]) -> list[Any]:
        """An array behind its opening brace."""
        found: list[Any] = []
        while not self.take("}"):
            if self.take("{"):
                found.append(self.array(read))
            elif self.take('"'):
                found.append(read(self.quoted()))
            else:
                word = self.bare()
                found.append(None if word.upper() == "NULL" else read(word))
            self.take(",")
        return found

    def pairs(self) -> dict[str, str | None]:
        """The pairs of an hstore."""
        found: dict[str, str | None] = {}
        while self.take('"'):
            key = self.quoted()
            self.take("=>")
            found[key] = self.quoted() if self.take('"') else None if self.take("NULL") else ""
            self.take(", ")
        return found


def array_meaning(text: str | None, read: Callable[[str], Any]) -> str | None:
    """An array's meaning, its indexes left out."""
    if text is None:
        return None
    reader = Reader(re.sub(r"^(\[-?\d+:-?\d+\])+=", "", text))
    try:
        return written(reader.array(read)) if reader.take("{") else None
    except (IndexError, ValueError, RecursionError):
        return None


def written(value: Any) -> str | None:
    """A value's one JSON text; elements of a list are JSON texts already."""
    return json_meaning(raw_list(value) if isinstance(value, list) else json.dumps(value))


def raw_list(value: Any) -> str:
    """A list whose elements are JSON texts already."""
    if isinstance(value, list):
        return "[" + ",".join(map(raw_list, value)) + "]"
    return "null" if value is None else value


def number_text(word: str) -> str:
    """A number as it stands; NaN and the infinities as texts."""
    return json.dumps(word) if word.lower().lstrip("-") in ("nan", "infinity") else word


def array_of_numbers(text: str | None) -> str | None:
    """Of integers, decimals or floats."""
    return array_meaning(text, number_text)


def array_of_booleans(text: str | None) -> str | None:
    """Of truth values."""
    return array_meaning(text, lambda word: "true" if word == "t" else "false")


def array_of_json(text: str | None) -> str | None:
    """Of JSON."""
    return array_meaning(text, str)


def array_of_texts(text: str | None) -> str | None:
    """Of anything else."""
    return array_meaning(text, json.dumps)


def hstore_meaning(text: str | None) -> str | None:
    """Keys and values."""
    if text is None:
        return None
    try:
        return written(Reader(text).pairs())
    except (IndexError, ValueError):
        return None


STRUCTURES = (array_of_numbers, array_of_booleans, array_of_json, array_of_texts, hstore_meaning)
NUMBERS = ("smallint", "integer", "bigint", "numeric", "real", "double precision", "oid")


def structure_function(type: DataType) -> str | None:
    """The function for a type of PostgreSQL that becomes JSON elsewhere; None for all others."""
    if type.kind != "other":
        return None
    if type.native.rpartition(".")[2].strip('"') == "hstore":
        return hstore_meaning.__name__
    if type.element is None and not type.native.endswith("[]"):
        return None
    element = type.element.native if type.element is not None else type.native.removesuffix("[]")
    name = re.sub(r"\(.*?\)", "", element).strip()
    if name in NUMBERS:
        return array_of_numbers.__name__
    return {"boolean": array_of_booleans, "json": array_of_json, "jsonb": array_of_json}.get(
        name, array_of_texts
    ).__name__
