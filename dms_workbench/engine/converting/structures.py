"""PostgreSQL's arrays, composites and hstore as JSON, which is what they become in another product.

Elements: numbers and booleans as such, JSON as it stands, everything else as its text in quotes; NULL is null. NaN and the
infinities, which JSON has no number for, are texts. An array whose lowest index is not 1 would lose it and is unfit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from ..databases.catalogue import DataType
from .exact import Unfit

BOUNDS = re.compile(r"((?:\[-?\d+:-?\d+\])+)=")
LOWEST = re.compile(r"\[(-?\d+):")
TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([{},])|([^{},"]+)', re.DOTALL)
PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"=>(?:"((?:[^"\\]|\\.)*)"|NULL)(?:, |$)', re.DOTALL)
FIELD = re.compile(r'(?:"((?:[^"\\]|""|\\\\)*)"|([^,)]*))[,)]', re.DOTALL)
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


def is_composite(type: DataType) -> bool:
    """Is it a composite of PostgreSQL?"""
    return type.kind == "other" and bool(type.fields)


def array_to_json(text: str, type: DataType) -> str:
    """An array's text as JSON."""
    bounds = BOUNDS.match(text)
    if bounds and set(LOWEST.findall(bounds[1])) != {"1"}:
        raise Unfit(
            "loses-precision", "the array's lowest index is not 1 and JSON has no indexes: see the rule array-bounds"
        )
    return "".join(array_parts(without_bounds(text), element_reader(type)))


def without_bounds(text: str) -> str:
    """An array's text without its indexes."""
    return BOUNDS.sub("", text, count=1) if BOUNDS.match(text) else text


def element_name(type: DataType) -> str:
    """The elements' type without its limits."""
    native = type.element.native if type.element is not None else type.native.removesuffix("[]")
    return re.sub(r"\(.*?\)", "", native).strip()


def element_reader(type: DataType) -> Callable[[str], str]:
    """What makes JSON of an element's text."""
    composite = type.element
    if composite is not None and is_composite(composite):
        return lambda text: composite_to_json(text, composite)
    element = element_name(type)
    return lambda text: json_of(text, element)


def array_parts(text: str, read: Callable[[str], str]) -> Iterator[str]:
    """JSON of an array, piece by piece."""
    for match in TOKEN.finditer(text):
        quoted, sign, bare = match.groups()
        if sign is not None:
            yield {"{": "[", "}": "]", ",": ","}[sign]
        elif bare is not None and bare.upper() == "NULL":
            yield "null"
        else:
            yield read(ESCAPED.sub(r"\1", quoted) if quoted is not None else bare)


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


def composite_to_json(text: str, type: DataType) -> str:
    """A row's fields by name as a JSON object; a field that is NULL is null."""
    found, at = [], 1
    for name, field in type.fields:
        match = FIELD.match(text, at)
        if match is None:
            raise Unfit("invalid-value", "the text has not the fields of its composite type")
        at = match.end()
        found.append(f"{quoted_text(name)}: {field_to_json(match[1], match[2], field)}")
    return "{" + ", ".join(found) + "}"


def field_to_json(quoted: str | None, bare: str | None, type: DataType) -> str:
    """One field of a row."""
    if quoted is None and not bare:
        return "null"
    text = str(bare) if quoted is None else quoted.replace('""', '"').replace("\\\\", "\\")
    made = structure_to_json(text, type)
    return json_of(text, re.sub(r"\(.*?\)", "", type.native).strip()) if made is None else made


def hstore_to_json(text: str) -> str:
    """Keys and values, all texts, as a JSON object; NULL is null."""
    pairs = []
    for match in PAIR.finditer(text):
        key = quoted_text(ESCAPED.sub(r"\1", match[1]))
        pairs.append(f"{key}: {'null' if match[2] is None else quoted_text(ESCAPED.sub(chr(92) + '1', match[2]))}")
    return "{" + ", ".join(pairs) + "}"


def structure_to_json(value: str, type: DataType) -> str | None:
    """The JSON of an array, composite or hstore; None for other types."""
    if is_composite(type):
        return composite_to_json(value, type)
    if is_array(type):
        return array_to_json(value, type)
    return hstore_to_json(value) if is_hstore(type) else None
