"""What PostgreSQL's arrays, composites and hstore mean as JSON, for verification; read sign by sign, apart from how the copy reads them.

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

    def record(self) -> list[str | None]:
        """The fields of a row behind its opening bracket."""
        found: list[str | None] = []
        while self.at < len(self.text):
            found.append(self.doubled() if self.take('"') else self.until(",)") or None)
            self.at += 1
        return found

    def doubled(self) -> str:
        """What stands in quotes, behind the first of them, where quotes and backslashes stand twice."""
        found = []
        while self.text[self.at] != '"' or self.text[self.at + 1] == '"':
            found.append(self.text[self.at])
            self.at += 1 + (self.text[self.at] in '"\\')
        self.at += 1
        return "".join(found)

    def until(self, ends: str) -> str:
        """What stands before one of these signs."""
        start = self.at
        while self.text[self.at] not in ends:
            self.at += 1
        return self.text[start : self.at]

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


def record_meaning(text: str | None, form: str | None) -> str | None:
    """A composite, or an array of them. form: its fields as `form_of` writes them."""
    if text is None or form is None:
        return None
    try:
        return json_meaning(raw_record(text, json.loads(form)))
    except (IndexError, ValueError, RecursionError):
        return None


def raw_record(text: str, form: Any) -> str:
    """The JSON text of a value of this form."""
    if isinstance(form, str):
        return SIMPLE[form](text)
    if "element" in form:
        reader = Reader(re.sub(r"^(\[-?\d+:-?\d+\])+=", "", text))
        reader.take("{")
        return raw_list(reader.array(lambda word: raw_record(word, form["element"])))
    reader = Reader(text)
    reader.take("(")
    values = zip(form["fields"], reader.record(), strict=True)
    parts = [f"{json.dumps(name)}:{'null' if value is None else raw_record(value, of)}" for (name, of), value in values]
    return "{" + ",".join(parts) + "}"


def form_of(type: DataType) -> Any:
    """What `raw_record` must know of a type, as plain data."""
    if type.fields:
        return {"fields": [[name, form_of(field)] for name, field in type.fields]}
    if type.element is not None:
        return {"element": form_of(type.element)}
    if type.native.rpartition(".")[2].strip('"') == "hstore":
        return "hstore"
    name = re.sub(r"\(.*?\)", "", type.native).strip()
    return "number" if name in NUMBERS else {"boolean": "boolean", "json": "json", "jsonb": "json"}.get(name, "text")


SIMPLE: dict[str, Callable[[str], str]] = {
    "number": number_text,
    "boolean": lambda text: "true" if text == "t" else "false",
    "json": str,
    "text": json.dumps,
    "hstore": lambda text: json.dumps(Reader(text).pairs()),
}
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


def structure_sql(type: DataType, value: str) -> str | None:
    """SQL of what a value of PostgreSQL means as JSON; None for a type that does not become JSON."""
    if type.kind == "other" and (type.fields or (type.element is not None and type.element.fields)):
        form = json.dumps(form_of(type)).replace("'", "''")
        return f"{record_meaning.__name__}({value}, '{form}')"
    function = structure_function(type)
    return None if function is None else f"{function}({value})"
