"""How values look on their way: DuckDB's text into the forms of `engine.databases.base`, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from ..base import Value
from ..catalogue import DataType
from .capabilities import literal
from .types import is_enum

UNION = re.compile(r"\bUNION\(")
QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
NATIVE_KINDS = frozenset(("boolean", "float", "text", "bytes"))
TEMPORAL_KINDS = frozenset(("date", "timestamp", "timestamptz"))
MICROSECONDS = {"hours": 3_600_000_000, "minutes": 60_000_000, "seconds": 1_000_000}
DUCKDB_INTERVAL = re.compile(
    r"(?:(-?\d+) years? ?)?(?:(-?\d+) months? ?)?(?:(-?\d+) days? ?)?(?:(-?)(\d+):(\d\d):(\d\d)(?:\.(\d+))?)?"
)
INTERVAL = re.compile(
    r"(?:([+-]?\d+) years? ?)?(?:([+-]?\d+) mons? ?)?(?:([+-]?\d+) days? ?)?"
    r"(?:([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?"
)


def passes_native(type: DataType) -> bool:
    """Does the value itself travel, rather than its text?"""
    if type.kind == "integer":
        return (type.bits or 64) <= 64
    return type.kind in NATIVE_KINDS and not is_enum(type.native)


def read_expression(sql: str, type: DataType) -> str:
    """The SQL that gives a column's value as itself or as text."""
    if passes_native(type):
        return sql
    text = f"CAST({sql} AS VARCHAR)"
    if holds_union(type):
        return f"CAST(to_json({sql}) AS VARCHAR)"
    if type.native == "VARIANT":
        json_text = f"CAST(to_json({sql}) AS VARCHAR)"
        exact = f"CAST(TRY_CAST({json_text} AS JSON) AS VARIANT) = {sql}"
        return f"CASE WHEN {exact} THEN {json_text} ELSE variant_typeof({sql}) || ': ' || {text} END"
    if type.kind in TEMPORAL_KINDS:
        return f"CASE WHEN contains({text}, ' (BC)') THEN replace({text}, ' (BC)', '') || ' BC' ELSE {text} END"
    return text


def holds_union(type: DataType) -> bool:
    """Is it a UNION, or made of some? Its own text does not tell which member a value is, its JSON does."""
    return type.kind == "other" and UNION.search(QUOTED.sub("", type.native)) is not None


def after_reading(type: DataType) -> Callable[[str], Value] | None:
    """What is left to do in Python for each text that is not None."""
    if type.kind == "integer" and not passes_native(type):
        return int
    return postgres_interval if type.kind == "interval" else None


def write_expression(sql: str, type: DataType) -> str:
    """The SQL that makes a column's value of what was read; an error where the cast fails."""
    if passes_native(type) or (type.kind == "decimal" and type.precision is not None):
        return sql
    if holds_union(type):
        return f"from_json(TRY_CAST({sql} AS JSON), {literal(json.dumps(type.native, ensure_ascii=False))})"
    if type.native == "VARIANT":
        return f"CAST(TRY_CAST({sql} AS JSON) AS VARIANT)"
    return f"CAST({text_for_cast(sql, type)} AS {type.native})"


def text_for_cast(sql: str, type: DataType) -> str:
    """The text as DuckDB's own cast reads it."""
    if type.kind in TEMPORAL_KINDS:
        moved = f"replace(replace({sql}, ' BC', ''), ' ', ' (BC) ')"
        dated = f"replace({sql}, ' BC', ' (BC)')" if type.kind == "date" else moved
        return f"CASE WHEN suffix({sql}, ' BC') THEN {dated} ELSE {sql} END"
    return sql


def duckdb_text(text: str, type: DataType) -> str:
    """One text as DuckDB's own cast reads it."""
    if type.kind == "interval":
        return duckdb_interval(text) or text
    if type.kind not in TEMPORAL_KINDS or not text.endswith(" BC"):
        return text
    day, space, clock = text.removesuffix(" BC").partition(" ")
    return f"{day} (BC){space}{clock}"


def needs_check(type: DataType) -> bool:
    """Can a cast succeed and change the value? Then what was made is compared with what was given."""
    return not passes_native(type) and type.kind not in ("decimal", "interval") and not is_enum(type.native)


def postgres_interval(text: str) -> str:
    """DuckDB's interval text in PostgreSQL's form."""
    match = DUCKDB_INTERVAL.fullmatch(text)
    if match is None:
        return text
    years, months, days = (int(group or 0) for group in match.groups()[:3])
    sign, hours, minutes, seconds, fraction = match.groups()[3:]
    parts: list[str] = []
    negative = False
    for value, unit in ((years, "year"), (months, "mon"), (days, "day")):
        if value:
            parts.append(f"{'+' if negative and value > 0 else ''}{value} {unit}{'' if value == 1 else 's'}")
            negative = value < 0
    if hours is not None and (int(hours) or int(minutes) or int(seconds) or fraction):
        clock = f"{hours}:{minutes}:{seconds}" + (f".{fraction.rstrip('0')}" if fraction else "")
        parts.append(("-" if sign else "+" if negative else "") + clock)
    return " ".join(parts) or "00:00:00"


def duckdb_interval(text: str) -> str | None:
    """PostgreSQL's interval text as months, days and microseconds, which DuckDB keeps apart; None if it is none."""
    match = INTERVAL.fullmatch(text.strip())
    if match is None or not text.strip():
        return None
    years, months, days = (int(group or 0) for group in match.groups()[:3])
    sign, hours, minutes, seconds, fraction = match.groups()[3:]
    clock = 0
    if hours is not None:
        clock = int(hours) * MICROSECONDS["hours"] + int(minutes) * MICROSECONDS["minutes"]
        clock += int(seconds) * MICROSECONDS["seconds"] + int((fraction or "").ljust(6, "0"))
    return f"{years * 12 + months} months {days} days {-clock if sign == '-' else clock} microseconds"
