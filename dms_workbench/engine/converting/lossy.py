"""Rules by which a value that does not fit may be changed. Without its rule it goes to quarantine; with it, it is counted.

A rule never touches a value that arrives exactly. Where several are given, each that has something to do is applied.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from ..databases.base import Value
from ..databases.catalogue import DataType
from .exact import STAMP_ZONED, Unfit
from .structures import is_array, without_bounds

ZERO_DATE = re.compile(r"(?:\d{4}-00-\d\d|\d{4}-\d\d-00|0000-\d\d-\d\d)(?:[ T].*)?")
SECONDS = re.compile(r"(\d\d:\d\d:\d\d)\.(\d+)")
NAIVE = re.compile(r"\d{4,}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?")
WORDS_OF_NAN = frozenset(("nan", "inf", "-inf", "infinity", "-infinity"))


@dataclass(slots=True)
class Losses:
    """The rules of one column, and the values they have changed."""

    rules: tuple[str, ...] = ()
    changed: list[tuple[int, str]] = field(default_factory=list)
    """Row and rule."""


def rounded(value: Value, _source: DataType, target: DataType) -> Value:
    """``round``: a number to the digits the target holds, half away from zero; into a float, to the nearest."""
    try:
        number = Decimal(repr(value) if isinstance(value, float) else str(value))
    except InvalidOperation:
        return value
    if not number.is_finite() or isinstance(value, bool):
        return value
    if target.kind == "float":
        return nearest_float(number, target)
    scale = (target.scale or 0) if target.kind == "decimal" else 0
    if target.kind not in ("decimal", "integer") or (target.kind == "decimal" and target.precision is None):
        return value
    made = number.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
    return int(made) if target.kind == "integer" else format(made, "f")


def nearest_float(number: Decimal, target: DataType) -> float:
    """The float nearest to a number, at the target's width."""
    import struct

    near = float(number)
    return float(struct.unpack("f", struct.pack("f", near))[0]) if target.bits == 32 else near


def truncated_time(value: Value, _source: DataType, target: DataType) -> Value:
    """``truncate-time``: digits of the second's fraction beyond those the target holds are cut."""
    if not isinstance(value, str) or target.kind not in ("time", "timestamp", "timestamptz"):
        return value
    digits = min(6 if target.scale is None else target.scale, 6)
    return SECONDS.sub(lambda match: (match[1] + "." + match[2][:digits].rstrip("0")).rstrip("."), value)


def stripped_nul(value: Value, _source: DataType, _target: DataType) -> Value:
    """``strip-nul``: NUL characters are left out of text."""
    return value.replace("\0", "") if isinstance(value, str) else value


def replaced_invalid(value: Value, _source: DataType, target: DataType) -> Value:
    """``replace-invalid``: bytes of a text that are not UTF-8 become the replacement character U+FFFD."""
    if isinstance(value, bytes) and target.kind == "text":
        return value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "surrogateescape" if escapes(value) else "replace").decode("utf-8", "replace")


def escapes(value: str) -> bool:
    """Are all surrogates of a text bytes that could not be read?"""
    return all("\udc80" <= character <= "\udcff" for character in value if "\ud800" <= character <= "\udfff")


def cut_text(value: Value, _source: DataType, target: DataType) -> Value:
    """``cut-text``: text is cut to the target's length in characters."""
    return value[: target.length] if isinstance(value, str) and target.kind == "text" else value


def null_for_zero_date(value: Value, _source: DataType, target: DataType) -> Value:
    """``zero-date-to-null``: a date whose year, month or day is 0 becomes NULL."""
    dated = target.kind in ("date", "timestamp", "timestamptz")
    return None if dated and isinstance(value, str) and ZERO_DATE.fullmatch(value) else value


def naive_utc(value: Value, _source: DataType, target: DataType) -> Value:
    """``naive-utc``: a time with an offset is brought to UTC where the target keeps none; one without is taken as UTC."""
    if not isinstance(value, str):
        return value
    if target.kind == "timestamptz" and NAIVE.fullmatch(value):
        return value + "+00"
    if target.kind != "timestamp":
        return value
    if value.endswith("+00"):
        return value.removesuffix("+00")
    match = STAMP_ZONED.fullmatch(value)
    if match is None:
        return value
    moment = datetime.datetime.fromisoformat(match[1] + match[3]).astimezone(datetime.UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}".rjust(19, "0") + (f".{match[2]}" if match[2] else "")


def null_for_nan(value: Value, _source: DataType, target: DataType) -> Value:
    """``nan-to-null``: NaN and the infinities become NULL in a column of numbers."""
    return None if target.kind in ("float", "decimal", "integer") and str(value).lower() in WORDS_OF_NAN else value


def unsigned_zero(value: Value, _source: DataType, _target: DataType) -> Value:
    """``unsigned-zero``: negative zero loses its sign."""
    return 0.0 if isinstance(value, float) and value == 0 else value


def first_index_1(value: Value, source: DataType, _target: DataType) -> Value:
    """``array-bounds``: an array's lowest index is lost where it is not 1."""
    return without_bounds(value) if isinstance(value, str) and is_array(source) else value


RULES: dict[str, Callable[[Value, DataType, DataType], Value]] = {
    "replace-invalid": replaced_invalid,
    "strip-nul": stripped_nul,
    "zero-date-to-null": null_for_zero_date,
    "naive-utc": naive_utc,
    "truncate-time": truncated_time,
    "nan-to-null": null_for_nan,
    "unsigned-zero": unsigned_zero,
    "round": rounded,
    "array-bounds": first_index_1,
    "cut-text": cut_text,
}
"""In the order in which they are applied."""


def apply_rules(value: Value, source: DataType, target: DataType, rules: tuple[str, ...]) -> tuple[Value, list[str]]:
    """A value changed by the rules given, and the names of those that changed it."""
    applied = []
    for name, rule in RULES.items():
        if name not in rules or value is None:
            continue
        try:
            made = rule(value, source, target)
        except (Unfit, ValueError, OverflowError, InvalidOperation):
            continue
        if made is None or type(made) is not type(value) or repr(made) != repr(value):
            applied.append(name)
            value = made
    return value, applied
