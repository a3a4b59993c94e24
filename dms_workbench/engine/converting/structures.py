"""PostgreSQL's arrays and hstore as JSON, which is what they become in another product.

Elements: numbers and booleans as such, JSON as it stands, everything else as its text in quotes; NULL is null. NaN and the
infinities, which JSON has no number for, are texts. An array whose lowest index is not 1 would lose it and is unfit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ..databases.catalogue import DataType
from .exact import Unfit

BOUNDS = re.compile(r"((?:\[-?\d+:-?\d+\])+)=")
LOWEST = re.compile(r"\[(-?\d+):")
TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([{},])|([^{},"]+)', re.DOTALL)
PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"=>(?:"((?:[^"\\]|\\.)*)"|NULL)(?:, |$)', re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
JSON_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
NUMBERS = frozenset(
    (
        "smallint",
        "integer",
        "bigint",
        "numeric",
        "real",
        "double precision",
        "oid",
        "int2",
        "int4",
        "int8",
        "float4",
        "float8",
    )
)


def is_array(type: DataType) -> bool:
    """Is it an array, if the type is PostgreSQL's?"""
    return type.kind == "other" and (type.element is not None or type.native.endswith("[]"))


def is_hstore(type: DataType) -> bool:
    """Is it PostgreSQL's hstore, in whatever schema?"""
    return type.kind == "other" and type.native.rpartition(".")[2].strip('"') == "hstore"


def array_to_json(text: str, type: DataType) -> str:
    """An array's text as JSON."""
    bounds = BOUNDS.match(text)
    if bounds and set(LOWEST.findall(bounds[1])) != {"1"}:
        raise Unfit(
            "loses-precision", "the array's lowest index is not 1 and JSON has no indexes: see the rule array-bounds"
        )
    return "".join(array_parts(without_bounds(text), element_name(type)))


def without_bounds(text: str) -> str:
    """An array's text without its indexes."""
    return BOUNDS.sub("", text, count=1) if BOUNDS.match(text) else text


def element_name(type: DataType) -> str:
    """The elements' type without its limits."""
    native = type.element.native if type.element is not None else type.native.removesuffix("[]")
    return re.sub(r"\(.*?\)", "", native).strip()


def array_parts(text: str, element: str) -> Iterator[str]:
    """JSON of an array, piece by piece."""
    for match in TOKEN.finditer(text):
        quoted, sign, bare = match.groups()
        if sign is not None:
            yield {"{": "[", "}": "]", ",": ","}[sign]
        elif bare is not None and bare.upper() == "NULL":
            yield "null"
        else:
            yield json_of(ESCAPED.sub(r"\1", quoted) if quoted is not None else bare, element)


def json_of(text: str, element: str) -> str:
    """One element."""
    if element in NUMBERS and JSON_NUMBER.fullmatch(text):
        return text
    if element == "boolean":
        return "true" if text == "t" else "false"
    return text if element in ("json", "jsonb") else quoted_text(text)


def quoted_text(text: str) -> str:
    """A JSON text."""
    return json.dumps(text, ensure_ascii=False)


def hstore_to_json(text: str) -> str:
    """Keys and values, all texts, as a JSON object; NULL is null."""
    pairs = []
    for match in PAIR.finditer(text):
        key = quoted_text(ESCAPED.sub(r"\1", match[1]))
        pairs.append(f"{key}: {'null' if match[2] is None else quoted_text(ESCAPED.sub(chr(92) + '1', match[2]))}")
    return "{" + ", ".join(pairs) + "}"


def structure_to_json(value: str, type: DataType) -> str | None:
    """The JSON of an array or hstore; None for other types."""
    if is_array(type):
        return array_to_json(value, type)
    return hstore_to_json(value) if is_hstore(type) else None
