"""Whole columns of numbers, dates and times against one pattern: what matches is fit as it is written.

The patterns are narrower than the rules of `exact` (no exponents, no words): what does not match is looked at value by
value. Possessive repeats keep the matcher from remembering every line.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from ..databases.base import Value
from ..databases.catalogue import DataType

LEAP_YEAR = r"(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
DATE = (
    r"(?!0000)(?:\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    rf"|{LEAP_YEAR}-02-29)"
)
PATTERN_KINDS = frozenset(("decimal", "date", "time", "timestamp"))
MOST_DIGITS_OF_A_FLOAT = 15
SHORTEST_WITHOUT_EXPONENT = 1e-4
CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"


def whole_texts_of(present: list[Any], target: DataType) -> list[Value] | None:
    """The values as the target's text, if one look tells that all are fit; None otherwise."""
    classes = set(map(type, present))
    if classes == {str}:
        return present if target.kind in PATTERN_KINDS and all_match(present, target) else None
    if target.kind != "decimal" or not classes <= {int, float}:
        return None
    if classes == {float}:
        return list(map(repr, present)) if floats_fit(present, target) else None
    texts = list(map(repr, present))
    return texts if all_match(texts, target) else None


def floats_fit(present: list[float], target: DataType) -> bool:
    """Has the shortest form of every float at most ``scale`` digits after the point, and few enough before it?

    A float is the one nearest to a decimal of that scale exactly if scaling, rounding and dividing gives it again, as long as
    the scaled number is below 2⁵², where neighbouring floats are less than one apart.
    """
    import numpy as np

    if target.precision is None:
        return False
    scale = target.scale or 0
    numbers = np.array(present)
    largest = float(np.abs(numbers).max())
    if (
        not largest < min(10.0 ** (target.precision - scale), 2.0**52 / 10.0**scale, 1e16)
        or scale > MOST_DIGITS_OF_A_FLOAT
    ):
        return False
    power = 10.0**scale
    return bool((np.rint(numbers * power) / power == numbers).all()) and not tiny(numbers)


def tiny(numbers: Any) -> bool:
    """Is any number so small that its shortest form has an exponent?"""
    import numpy as np

    return bool(((np.abs(numbers) < SHORTEST_WITHOUT_EXPONENT) & (numbers != 0)).any())


def all_match(texts: list[Any], target: DataType) -> bool:
    """Do all texts match the pattern of the type? What occurs often is looked at once."""
    pattern = line_pattern(target)
    distinct = set(texts)
    looked_at = distinct if 2 * len(distinct) < len(texts) else texts
    return pattern is not None and pattern.fullmatch("\n".join(looked_at) + "\n") is not None


@functools.cache
def line_pattern(target: DataType) -> re.Pattern[str] | None:
    """Lines of values that are fit for a type, each as it is kept."""
    value = value_pattern(target)
    return None if value is None else re.compile(rf"(?:{value}\n)*+")


def value_pattern(target: DataType) -> str | None:
    """One value."""
    digits = min(6 if target.scale is None else target.scale, 6)
    fraction = rf"(?:\.\d{{0,{digits - 1}}}[1-9])?" if digits else ""
    if target.kind == "decimal":
        return decimal_pattern(target)
    return {"date": DATE, "time": CLOCK + fraction, "timestamp": f"{DATE} {CLOCK}{fraction}"}.get(target.kind)


def decimal_pattern(target: DataType) -> str:
    """Digits before the point and after it, as many as the type holds."""
    if target.precision is None:
        return r"-?\d++(?:\.\d++)?"
    scale = target.scale or 0
    before = target.precision - scale
    integer = rf"-?\d{{1,{before}}}" if before > 0 else "-?0"
    return integer + (rf"(?:\.\d{{1,{scale}}})?" if scale > 0 else r"(?:\.0)?")
