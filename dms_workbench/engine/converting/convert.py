"""A batch's column into its target column: whole columns at once where all values fit, value by value where not."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import compress
from typing import Any

from ..databases.base import Reject, Value
from ..databases.catalogue import Column, DataType, Kind
from .exact import CONVERSIONS, Unfit, integer_range
from .whole import whole_texts_of

CLASSES: dict[Kind, type] = {"boolean": bool, "integer": int, "float": float, "bytes": bytes}
SAME_FORM = frozenset(("date", "time", "timestamp", "timestamptz", "interval", "uuid", "json", "other"))
NAN_WORDS = frozenset(("NaN", "Infinity", "-Infinity"))


@dataclass(frozen=True, slots=True)
class Pair:
    """What two databases mean for a conversion."""

    source: str
    """A database, or ``expression`` for what an expression has made: typed, and of no database."""
    target: str

    @property
    def dynamic(self) -> bool:
        """May a source column hold values that are not of its type?"""
        return self.source == "sqlite"

    @property
    def holds_nul(self) -> bool:
        """Can the target's text hold the NUL character?"""
        return self.target != "postgres"

    @property
    def holds_nan(self) -> bool:
        """Can the target's floats be NaN?"""
        return self.target != "sqlite"

    @property
    def decimals_hold_nan(self) -> bool:
        """Can the target's decimals be NaN?"""
        return self.target == "postgres"


def convert_column(
    values: list[Value], source: DataType, target: Column, pair: Pair
) -> tuple[list[Value], list[Reject]]:
    """Values of one column in the target's kind.

    Returns the column, with None where a row is rejected, and the rejects.
    """
    identical = pair.source == pair.target and source.native == target.type.native
    has_null = None in values
    if not (has_null and not target.nullable):
        whole = values if identical else convert_whole(values, source, target.type, pair)
        if whole is not None:
            return whole, []
    return convert_each(values, source, target, pair, identical=identical)


def convert_whole(values: list[Value], source: DataType, target: DataType, pair: Pair) -> list[Value] | None:
    """The column converted at once, where one look at all its values tells that each is fit; None where it does not."""
    if fits_whole(values, source, target, pair):
        return values
    if not pair.dynamic and source.kind == target.kind:
        return None
    present = [value for value in values if value is not None] if None in values else values
    texts = whole_texts_of(present, target)
    if texts is None:
        return None
    if len(texts) == len(values):
        return texts
    found = iter(texts)
    return [None if value is None else next(found) for value in values]


def fits_whole(values: list[Value], source: DataType, target: DataType, pair: Pair) -> bool:
    """Do all values stand in the target's form already? Told by looks at whole columns."""
    present = [value for value in values if value is not None] if None in values else values
    if set(map(type, present)) - {CLASSES.get(target.kind, str)}:
        return False
    if not present:
        return True
    check = WHOLE_CHECKS.get(target.kind)
    if check is not None:
        return check(present, source, target, pair)
    return (
        target.kind == source.kind
        and not pair.dynamic
        and (source.scale or 0) <= (6 if target.scale is None else target.scale)
    )


def whole_integers(present: list[Any], _source: DataType, target: DataType, _pair: Pair) -> bool:
    """All inside the range?"""
    low, high = integer_range(target)
    return bool(low <= min(present) and max(present) <= high)


def whole_floats(present: list[Any], source: DataType, target: DataType, pair: Pair) -> bool:
    """Wide enough, and no NaN where there is none?"""
    narrow = target.bits == 32 and source.bits != 32
    return not narrow and (pair.holds_nan or not any(map(float.__ne__, present, present)))


def whole_texts(present: list[Any], _source: DataType, target: DataType, pair: Pair) -> bool:
    """Short enough, valid, and without NUL where there is none?"""
    if target.length is not None and max(map(len, present)) > target.length:
        return False
    joined = "".join(present)
    return (pair.holds_nul or "\0" not in joined) and (not pair.dynamic or joined.isascii() or encodes(joined))


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


def convert_each(
    values: list[Value], source: DataType, target: Column, pair: Pair, *, identical: bool
) -> tuple[list[Value], list[Reject]]:
    """Value by value; a value that occurs again is converted once."""
    known: dict[tuple[type, Value], Value] = {}
    result: list[Value] = []
    rejects: list[Reject] = []
    for row, value in enumerate(values):
        try:
            if value is None:
                check_null(target)
                result.append(None)
                continue
            key = (type(value), repr(value) if isinstance(value, float) else value)
            if key not in known:
                known[key] = value if identical else convert_value(value, source, target.type, pair)
            result.append(known[key])
        except Unfit as unfit:
            result.append(None)
            rejects.append(Reject(row, target.name, unfit.code, unfit.reason))
    return result, rejects


def check_null(target: Column) -> None:
    """NULL, where the target takes it."""
    if not target.nullable:
        raise Unfit("not-null", "the target column must not be NULL")


def convert_value(value: Value, source: DataType, target: DataType, pair: Pair) -> Value:
    """One value; raises Unfit."""
    if (
        isinstance(value, str)
        and value in NAN_WORDS
        and target.kind in ("decimal", "float")
        and source.kind == "decimal"
    ):
        return convert_nan(value, target, pair)
    if source.kind == target.kind and not pair.dynamic and target.kind in SAME_FORM:
        return fit_fraction(value, source, target)
    if source.kind == "float" and source.bits == 32 and target.kind == "float":
        result: Value = value
    else:
        result = CONVERSIONS[target.kind](value, target)
    if isinstance(result, float) and math.isnan(result) and not pair.holds_nan:
        raise Unfit("invalid-value", "the target holds no NaN")
    if isinstance(result, str) and "\0" in result and not pair.holds_nul:
        raise Unfit("nul-character", "the target's text cannot hold the NUL character")
    return result


def convert_nan(value: str, target: DataType, pair: Pair) -> Value:
    """NaN and the infinities of a decimal column."""
    if target.kind == "float" and (pair.holds_nan or value != "NaN"):
        return float(value)
    if target.kind == "decimal" and pair.decimals_hold_nan and (target.precision is None or value == "NaN"):
        return value
    raise Unfit("invalid-value", "the target holds no NaN and no infinity")


def fit_fraction(value: str, source: DataType, target: DataType) -> str:
    """A typed source's text, if its second's fraction fits."""
    limit = 6 if target.scale is None else target.scale
    if (source.scale or 0) > limit and target.kind in ("time", "timestamp", "timestamptz"):
        digits = value.partition(".")[2].partition("+")[0].partition(" ")[0]
        if len(digits) > limit:
            raise Unfit("loses-precision", "the second has more decimals than the type holds")
    return value


def without(column: list[Value], dropped: set[int]) -> list[Value]:
    """A column without some rows."""
    keep = [row not in dropped for row in range(len(column))]
    return list(compress(column, keep))
