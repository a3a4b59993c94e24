"""A batch's column into its target column: whole columns at once where all values fit, value by value where not."""

from __future__ import annotations

import math
from itertools import compress

from ..databases.base import Reject, Value
from ..databases.catalogue import Column, DataType
from .exact import CONVERSIONS, Unfit
from .forms import NAN_WORDS, SAME_FORM, Pair, is_bits, of_boolean, ranged, without_padding
from .lossy import Losses, apply_rules
from .structures import structure_to_json
from .whole import whole_texts_of
from .whole_columns import fits_whole, singles, whole_change


def convert_column(
    values: list[Value], source: DataType, target: Column, pair: Pair, losses: Losses | None = None
) -> tuple[list[Value], list[Reject]]:
    """Values of one column in the target's kind.

    losses: the column's lossy rules, which counts what they change. Returns the column, with None where a row is rejected,
    and the rejects.
    """
    identical = pair.source == pair.target and source.native == target.type.native
    has_null = None in values
    if not (has_null and not target.nullable):
        whole = values if identical else convert_whole(values, source, target.type, pair)
        if whole is not None:
            return whole, []
    return convert_each(values, source, target, pair, identical=identical, losses=losses)


def convert_whole(values: list[Value], source: DataType, target: DataType, pair: Pair) -> list[Value] | None:
    """The column converted at once, where one look at all its values tells that each is fit; None where it does not."""
    if fits_whole(values, source, target, pair):
        return values
    if (changed := whole_change(values, source, target, pair)) is not None:
        return changed
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


def convert_each(
    values: list[Value],
    source: DataType,
    target: Column,
    pair: Pair,
    *,
    identical: bool,
    losses: Losses | None = None,
) -> tuple[list[Value], list[Reject]]:
    """Value by value; a value that occurs again is converted once."""
    known: dict[tuple[type, Value], tuple[Value, list[str]]] = {}
    result: list[Value] = []
    rejects: list[Reject] = []
    rules = losses.rules if losses is not None else ()
    for row, value in enumerate(values):
        try:
            key = (type(value), repr(value) if isinstance(value, float) else value)
            if key not in known:
                known[key] = convert_or_change(value, source, target, pair, identical=identical, rules=rules)
            made, applied = known[key]
            if made is None:
                check_null(target)
            result.append(made)
        except Unfit as unfit:
            result.append(None)
            rejects.append(Reject(row, target.name, unfit.code, unfit.reason))
            continue
        if applied and losses is not None:
            losses.changed += [(row, rule) for rule in applied]
    return result, rejects


def convert_or_change(
    value: Value, source: DataType, target: Column, pair: Pair, *, identical: bool, rules: tuple[str, ...]
) -> tuple[Value, list[str]]:
    """One value, exactly if it can be, else by the rules: the value and the names of the rules. Raises Unfit."""
    if value is None or identical:
        return value, []
    try:
        return convert_value(value, source, target.type, pair), []
    except Unfit:
        if not rules:
            raise
    changed, applied = apply_rules(value, source, target.type, rules)
    return (None if changed is None else convert_value(changed, source, target.type, pair)), applied


def check_null(target: Column) -> None:
    """NULL, where the target takes it."""
    if not target.nullable:
        raise Unfit("not-null", "the target column must not be NULL")


def convert_value(value: Value, source: DataType, target: DataType, pair: Pair) -> Value:
    """One value; raises Unfit."""
    result = converted(value, source, target, pair)
    if isinstance(result, float):
        check_float(result, pair)
    elif isinstance(result, str):
        if "\0" in result and not pair.holds_nul:
            raise Unfit("nul-character", "the target's text cannot hold the NUL character")
        if target.fixed and pair.cuts_blanks:
            result = without_padding(result, source, pair)
        return ranged(result, target, pair)
    return result


def converted(value: Value, source: DataType, target: DataType, pair: Pair) -> Value:
    """The value in the target's kind, before the limits of the target's product."""
    if source.labels is not None and not source.several and value not in source.labels:
        raise Unfit("invalid-value", "the text is no label of the source's enumeration")
    if (
        isinstance(value, str)
        and value in NAN_WORDS
        and target.kind in ("decimal", "float")
        and source.kind == "decimal"
    ):
        return convert_nan(value, target, pair)
    if isinstance(value, str) and (special := special_text(value, source, target, pair)) is not None:
        value = special
    elif source.kind == target.kind and not pair.dynamic and target.kind in SAME_FORM:
        return fit_fraction(value, source, target)
    if source.kind == "float" and source.bits == 32 and isinstance(value, float) and target.kind == "float":
        return singles([value])[0] if target.bits == 32 else value
    return CONVERSIONS[target.kind](value, target)


def special_text(value: str, source: DataType, target: DataType, pair: Pair) -> Value:
    """What a text means by its source type: JSON of an array, a number of bits or of a truth value; None for the rest."""
    if pair.opens_structures and (text := structure_to_json(value, source)) is not None:
        return text
    if target.kind == "integer" and is_bits(source) and value:
        return int(value, 2)
    if target.kind == "integer" and source.kind == "boolean":
        return of_boolean(value)
    if source.kind == "timestamptz" and target.kind == "timestamp" and pair.target == "mysql" and value.endswith("+00"):
        return value.removesuffix("+00")
    return None


def check_float(value: float, pair: Pair) -> None:
    """Raise for floats that the target's product does not have."""
    if math.isnan(value) and not pair.holds_nan:
        raise Unfit("invalid-value", "the target holds no NaN")
    if math.isinf(value) and not pair.holds_infinity:
        raise Unfit("invalid-value", "the target holds no infinity")
    if value == 0 and math.copysign(1, value) < 0 and not pair.holds_negative_zero:
        raise Unfit("loses-precision", "the target stores negative zero without its sign")


def convert_nan(value: str, target: DataType, pair: Pair) -> Value:
    """NaN and the infinities of a decimal column."""
    if target.kind == "float":
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
