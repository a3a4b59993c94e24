"""Benchmark sets of schema pairs, read from a folder outside: plain data into the outlines that the matcher sees."""

from __future__ import annotations

import re
from typing import Any

from dms_workbench.engine.matching.outline import (
    LONG_TEXT_CHARACTERS,
    ColumnOutline,
    LinkOutline,
    SchemaOutline,
    TableOutline,
)

KINDS = (
    (r"bool|tinyint\(1\)|^bit(\(1\))?$", "boolean"),
    (r"datetime|timestamp", "timestamp"),
    (r"^date", "date"),
    (r"^time", "time"),
    (r"interval", "other"),
    (r"serial|int(?!erval)", "integer"),
    (r"dec|num|money", "decimal"),
    (r"float|double|real", "float"),
    (r"uuid|uniqueidentifier", "uuid"),
    (r"json", "json"),
    (r"blob|binary|bytea|image", "bytes"),
    (r"text|clob", "longtext"),
    (r"char|enum|set|string|name|flag", "text"),
)
BITS = {"tinyint": 8, "smallint": 16, "mediumint": 32, "bigint": 64}


def schema(data: dict[str, Any]) -> SchemaOutline:
    """One side of a set."""
    return SchemaOutline(tuple(table(each) for each in data["tables"] if each["columns"]))


def table(data: dict[str, Any]) -> TableOutline:
    """One table."""
    rows = data.get("sample_rows") or []
    columns = tuple(
        column(each, tuple(str(row[place]) for row in rows if place < len(row) and row[place] is not None))
        for place, each in enumerate(data["columns"])
    )
    return TableOutline(
        data["name"],
        columns,
        tuple(data.get("primary_key") or ()),
        (),
        tuple(
            LinkOutline(tuple(key["columns"]), key["ref_table"], tuple(key.get("ref_columns") or ()))
            for key in data.get("foreign_keys") or ()
        ),
        data.get("comment") or "",
    )


def column(data: dict[str, Any], values: tuple[str, ...]) -> ColumnOutline:
    """One column."""
    native = data["type"] or ""
    kind, length, bits = type_of(native)
    return ColumnOutline(
        data["name"], kind, length, bits, native, data.get("nullable", True), bool(data.get("auto")), data.get("comment") or "", values
    )  # fmt: skip


def type_of(native: str) -> tuple[str, int | None, int | None]:
    """Kind, length and bits of a type as some database spells it."""
    low = native.lower()
    kind = next((kind for pattern, kind in KINDS if re.search(pattern, low)), "other")
    digits = re.search(r"\((\d+)", low)
    length = int(digits.group(1)) if digits else None
    if (
        kind == "text"
        and (length is None or length > LONG_TEXT_CHARACTERS)
        and not re.search("enum|set|name|flag", low)
    ):
        kind = "longtext"
    bits = next((bits for name, bits in BITS.items() if name in low), 32) if kind == "integer" else None
    return kind, length if kind in ("text", "longtext", "decimal") else None, bits
