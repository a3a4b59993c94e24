"""Looks at whole columns: do all values stand in the target's form already, or can one step bring them there?"""

from __future__ import annotations

from collections.abc import Callable
from math import copysign, inf
from typing import Any

from ..databases.base import Value
from ..databases.catalogue import DataType, Kind
from .exact import integer_range
from .forms import CALENDAR_KINDS, NAN_WORDS, Pair
from .structures import is_array, is_composite, is_hstore
from .whole import all_match

CLASSES: dict[Kind, type] = {"boolean": bool, "integer": int, "float": float, "bytes": bytes}


def fits_whole(values: list[Value], source: DataType, target: DataType, pair: Pair) -> bool:
    """Do all values stand in the target's form already? Told by looks at whole columns."""
    classes = set(map(type, values))
    if classes - {CLASSES.get(target.kind, str), type(None)} or becomes_json(source, pair):
        return False
    present = [value for value in values if value is not None] if type(None) in classes else values
    if not present:
        return True
    check = WHOLE_CHECKS.get(target.kind)
    if check is not None:
        return check(present, source, target, pair)
    return target.kind == source.kind and not pair.dynamic and whole_moments(present, source, target, pair)


def becomes_json(source: DataType, pair: Pair) -> bool:
    """Is it an array, composite or hstore that leaves its product?"""
    return pair.opens_structures and (is_array(source) or is_composite(source) or is_hstore(source))


def whole_moments(present: list[Any], source: DataType, target: DataType, pair: Pair) -> bool:
    """Dates and times of the source's type: is the fraction short enough, and has the target all the days?"""
    if (source.scale or 0) > (6 if target.scale is None else target.scale):
        return False
    if target.kind == "time":
        return pair.source != "mysql" or pair.target == "mysql"
    if target.kind in CALENDAR_KINDS and pair.checks_calendar:
        return all_match(utc_cut(present) if target.kind == "timestamptz" else present, naive(target))
    return True


def naive(target: DataType) -> DataType:
    """The type whose pattern a moment without its ``+00`` follows."""
    return DataType("timestamp", target.native, scale=target.scale) if target.kind == "timestamptz" else target


def utc_cut(present: list[Any]) -> list[Any]:
    """Moments without their ``+00``; one that has none stays."""
    return [text.removesuffix("+00") for text in present]


def whole_integers(present: list[Any], _source: DataType, target: DataType, _pair: Pair) -> bool:
    """All inside the range?"""
    low, high = integer_range(target)
    return bool(low <= min(present) and max(present) <= high)


def whole_floats(present: list[Any], source: DataType, target: DataType, pair: Pair) -> bool:
    """Wide enough, and no NaN, infinity or negative zero where there is none?"""
    if target.bits == 32 and (source.bits != 32 or singles(present) != present):
        return False
    if not pair.holds_nan and any(map(float.__ne__, present, present)):
        return False
    if not pair.holds_infinity and (inf in present or -inf in present):
        return False
    if pair.holds_negative_zero or 0.0 not in present:
        return True
    return not any(value == 0 and copysign(1, value) < 0 for value in present)


def singles(present: list[Any]) -> list[Any]:
    """The 32 bit floats nearest to numbers, which for the shortest text of one is that one itself."""
    import numpy as np

    with np.errstate(over="ignore"):
        return np.array(present, np.float64).astype(np.float32).astype(np.float64).tolist()  # type: ignore[no-any-return]


def whole_texts(present: list[Any], source: DataType, target: DataType, pair: Pair) -> bool:
    """Short enough, valid, and without NUL where there is none?"""
    if target.length is not None and max(map(len, present)) > target.length:
        return False
    if target.labels is not None and (target.several or not target.labels or set(present) - set(target.labels)):
        return False
    if source.labels is not None and not source.several and set(present) - set(source.labels):
        return False
    if target.fixed and pair.cuts_blanks and any(text.endswith(" ") for text in present):
        return False
    joined = "".join(present)
    return (pair.holds_nul or "\0" not in joined) and (not pair.checks_text or joined.isascii() or encodes(joined))


def encodes(text: str) -> bool:
    """Is it valid Unicode text?"""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def whole_decimals(present: list[Any], source: DataType, target: DataType, pair: Pair) -> bool:
    """Does the source's type guarantee precision and scale?"""
    if pair.dynamic or source.kind != "decimal" or (not pair.decimals_hold_nan and NAN_WORDS.intersection(present)):
        return False
    if target.precision is None:
        return True
    digits = target.precision - (target.scale or 0)
    return (
        source.precision is not None
        and (source.scale or 0) <= (target.scale or 0)
        and source.precision - (source.scale or 0) <= digits
        and not {"Infinity", "-Infinity"}.intersection(present)
    )


def whole_anything(_present: list[Any], _source: DataType, _target: DataType, _pair: Pair) -> bool:
    """Nothing more to ask."""
    return True


WHOLE_CHECKS: dict[Kind, Callable[[list[Any], DataType, DataType, Pair], bool]] = {
    "boolean": whole_anything,
    "bytes": whole_anything,
    "integer": whole_integers,
    "float": whole_floats,
    "text": whole_texts,
    "decimal": whole_decimals,
}


def whole_change(values: list[Value], source: DataType, target: DataType, pair: Pair) -> list[Value] | None:
    """The column after one step that is the same for all its values; None where there is none.

    Truth values as 0 and 1 and back, moments in UTC as MariaDB's DATETIME, and 32 bit floats read from their shortest text.
    """
    classes = set(map(type, values)) - {type(None)}
    if classes == {bool} and target.kind == "integer":
        return [None if value is None else int(value) for value in values]
    if classes == {int} and target.kind == "boolean" and set(values) <= {0, 1, None}:
        return [None if value is None else value == 1 for value in values]
    if classes == {float} and target.kind == "float" and target.bits == source.bits == 32:
        near = iter(singles([value for value in values if value is not None]))
        made = [None if value is None else next(near) for value in values]
        return made if fits_whole(made, source, target, pair) else None
    if classes == {str} and source.kind == "timestamptz" and target.kind == "timestamp" and pair.target == "mysql":
        cut = [None if value is None else value.removesuffix("+00") for value in values]
        return cut if all_match([value for value in cut if value is not None], target) else None
    return None
