"""One value into one kind: exactly, by a documented conversion, or not at all.

Each function takes a value of any kind and the target's type and returns the value in the form of
`engine.databases.base`, or raises Unfit. Nothing is rounded, cut, guessed or replaced.
"""

from __future__ import annotations

import datetime
import json
import math
import re
import struct
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from ..databases.base import Value
from ..databases.catalogue import DataType, Kind

TRUE = frozenset(("t", "true", "yes", "y", "on", "1"))
FALSE = frozenset(("f", "false", "no", "n", "off", "0"))
DATE = re.compile(r"\d{4}-\d\d-\d\d")
TIME = re.compile(r"(\d\d:\d\d:\d\d)(?:\.(\d+))?")
STAMP = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?)?")
STAMP_ZONED = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d(?::?\d\d)?)")
TYPED_DATE = re.compile(r"(?:\d{4,}-\d\d-\d\d(?: BC)?|-?infinity)")
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

DECIMAL_DIGITS_AT_MOST = 16_383
"""Digits after the point in PostgreSQL's numeric, the widest of all; an exponent must not make text of any length."""


class Unfit(Exception):
    """A value that the target's type cannot hold exactly; the reason never repeats the value."""

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(code)


def invalid(kind: str) -> NoReturn:
    """Raise for a value that is none of the kind."""
    raise Unfit("invalid-value", f"the value is not a valid {kind}")


def to_boolean(value: Value, _type: DataType) -> bool:
    """bool; 0 and 1; the words PostgreSQL takes for true and false."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    word = value.strip().lower() if isinstance(value, str) else ""
    return True if word in TRUE else False if word in FALSE else invalid("boolean")


def to_integer(value: Value, type: DataType) -> int:
    """Whole numbers inside the type's range; text and decimals only if they write a whole number plainly."""
    number = value
    if isinstance(value, float):
        number = int(value) if value.is_integer() else invalid("integer")
    elif isinstance(value, str):
        number = whole(value)
    elif not isinstance(value, int):
        invalid("integer")
    low, high = integer_range(type)
    if not low <= number <= high:
        raise Unfit("out-of-range", f"the number is outside {low} to {high}")
    return int(number)


def whole(text: str) -> int:
    """A plain whole number: no blanks, no leading zeros, a fraction of zeros only."""
    digits, _, fraction = text.partition(".")
    if fraction.strip("0") or not re.fullmatch(r"-?(?:0|[1-9]\d*)", digits):
        invalid("integer")
    return int(digits)


def integer_range(type: DataType) -> tuple[int, int]:
    """Smallest and largest number of an integer type."""
    bits = type.bits or 64
    return (0, 2**bits - 1) if type.unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def to_decimal(value: Value, type: DataType) -> str:
    """A decimal number inside precision and scale; floats by their shortest form."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        invalid("decimal number")
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        invalid("decimal number")
    if not number.is_finite():
        raise Unfit("invalid-value", "the type holds no NaN and no infinity")
    if (
        isinstance(value, str)
        and re.fullmatch(r"-?\d+(\.\d+)?", value) is None
        and re.fullmatch(r"-?\d[\d.]*[eE][+-]?\d+", value) is None
    ):
        invalid("decimal number")
    fit_decimal(number, type)
    return format(number, "f")


def fit_decimal(number: Decimal, type: DataType) -> None:
    """Raise if precision or scale would cut the number."""
    if number and abs(number.adjusted()) > DECIMAL_DIGITS_AT_MOST:
        raise Unfit("out-of-range", "the number has too many digits")
    if type.precision is None:
        return
    after = len(format(number, "f").partition(".")[2].rstrip("0"))
    scale = type.scale or 0
    if after > scale:
        raise Unfit("loses-precision", f"the number has more than {scale} digits after the point")
    if number and number.adjusted() >= type.precision - scale:
        raise Unfit("out-of-range", f"the number has more than {type.precision - scale} digits before the point")


def to_float(value: Value, type: DataType) -> float:
    """A binary float that is the number written, at the type's width."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        invalid("number")
    try:
        number = float(value)
        same = isinstance(value, float) or (Decimal(repr(number)) == Decimal(value) if math.isfinite(number) else False)
    except (ValueError, OverflowError, InvalidOperation):
        invalid("number")
    if not same or not fits_width(number, type.bits or 64):
        raise Unfit("loses-precision", f"a float of {type.bits or 64} bits cannot hold the number exactly")
    return number


def fits_width(number: float, bits: int) -> bool:
    """Does a float keep its value at that width?"""
    if bits == 64 or not math.isfinite(number):
        return True
    try:
        return bool(struct.unpack("f", struct.pack("f", number))[0] == number)
    except OverflowError:
        return False


def to_text(value: Value, type: DataType) -> str:
    """Text as it is; numbers and booleans in their plain form; bytes are no text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        value = repr(value)
    if not isinstance(value, str):
        invalid("text: it is binary")
    check_text(value)
    if type.length is not None and len(value) > type.length:
        raise Unfit("too-long", f"the text is longer than {type.length} characters")
    if type.labels is not None:
        check_label(value, type)
    return value


def check_label(value: str, type: DataType) -> None:
    """Raise unless it is a label of the enumeration, or several in their order where they may be combined."""
    labels = type.labels or ()
    chosen = (value.split(",") if value else []) if type.several else [value]
    places = [labels.index(label) if label in labels else -1 for label in chosen]
    if places and (min(places) < 0 or sorted(set(places)) != places):
        raise Unfit("invalid-value", "the text is no label of the enumeration")


def check_text(value: str) -> None:
    """Raise for text that came from bytes which are not UTF-8 (surrogates)."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Unfit("invalid-text", "the text is not valid UTF-8") from None


def to_bytes(value: Value, _type: DataType) -> bytes:
    """Bytes as they are; text as its UTF-8."""
    if isinstance(value, str):
        check_text(value)
        return value.encode()
    return value if isinstance(value, bytes) else invalid("binary value")


def to_date(value: Value, _type: DataType) -> str:
    """``YYYY-MM-DD`` that exists; a timestamp at midnight."""
    text = value if isinstance(value, str) else invalid("date")
    if text.endswith(" 00:00:00"):
        text = text.removesuffix(" 00:00:00")
    if DATE.fullmatch(text):
        return existing_date(text)
    return text if TYPED_DATE.fullmatch(text) and not text.startswith("0000") else invalid("date (YYYY-MM-DD)")


def existing_date(text: str) -> str:
    """The date, if the calendar has it."""
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        invalid("date: the calendar has no such day")
    return text


def fraction(digits: str | None, type: DataType) -> str:
    """The second's fraction without trailing zeros, if the type holds it."""
    kept = (digits or "").rstrip("0")
    if len(kept) > min(6 if type.scale is None else type.scale, 6):
        raise Unfit("loses-precision", "the second has more decimals than the type holds")
    return f".{kept}" if kept else ""


def to_time(value: Value, type: DataType) -> str:
    """``HH:MM:SS[.ffffff]`` of a day."""
    match = TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        invalid("time (HH:MM:SS)")
    check_clock(match[1])
    return match[1] + fraction(match[2], type)


def check_clock(text: str) -> None:
    """Raise unless the clock has that time."""
    try:
        datetime.time.fromisoformat(text)
    except ValueError:
        invalid("time of day")


def to_timestamp(value: Value, type: DataType) -> str:
    """ISO date and time without an offset; a date alone is its midnight."""
    match = STAMP.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        if isinstance(value, str) and STAMP_ZONED.fullmatch(value):
            raise Unfit(
                "invalid-value",
                "the timestamp has an offset and the target keeps none: say which zone is meant in an expression",
            )
        invalid("timestamp (YYYY-MM-DD HH:MM:SS)")
    clock = (match[2] or "00:00") + (":00" if len(match[2] or "00:00") == 5 else "")
    check_clock(clock)
    return f"{existing_date(match[1])} {clock}{fraction(match[3], type)}"


def to_timestamptz(value: Value, type: DataType) -> str:
    """ISO date and time with an offset, in UTC."""
    match = STAMP_ZONED.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        invalid("timestamp with an offset (YYYY-MM-DD HH:MM:SS+HH:MM)")
    try:
        moment = datetime.datetime.fromisoformat(match[1] + match[3]).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        invalid("timestamp")
    return f"{moment:%Y-%m-%d %H:%M:%S}".rjust(19, "0") + fraction(match[2], type) + "+00"


def to_uuid(value: Value, _type: DataType) -> str:
    """A UUID with hyphens, in lower case."""
    return value.lower() if isinstance(value, str) and UUID.fullmatch(value) else invalid("UUID")


def to_json(value: Value, _type: DataType) -> str:
    """Text that is JSON; it is kept as written."""
    if not isinstance(value, str):
        invalid("JSON text")
    try:
        json.loads(value, parse_int=str, parse_float=str, parse_constant=lambda _: invalid("JSON text"))
    except (ValueError, RecursionError):
        invalid("JSON text")
    check_text(value)
    return value


def to_other(value: Value, type: DataType) -> str:
    """The database's own text; the target decides."""
    return to_text(value, DataType("text", type.native))


CONVERSIONS: dict[Kind, Callable[[Any, DataType], Value]] = {
    "boolean": to_boolean,
    "integer": to_integer,
    "decimal": to_decimal,
    "float": to_float,
    "text": to_text,
    "bytes": to_bytes,
    "date": to_date,
    "time": to_time,
    "timestamp": to_timestamp,
    "timestamptz": to_timestamptz,
    "interval": to_other,
    "uuid": to_uuid,
    "json": to_json,
    "other": to_other,
}

FROM_TEXT_LIKE: frozenset[Kind] = frozenset(("text", "other"))
NUMBERS: frozenset[Kind] = frozenset(("integer", "decimal", "float"))
ANY_BUT_BYTES: frozenset[Kind] = frozenset(kind for kind in CONVERSIONS if kind != "bytes")
CONVERTIBLE: dict[Kind, frozenset[Kind]] = {
    "boolean": FROM_TEXT_LIKE | {"integer"},
    "integer": NUMBERS | FROM_TEXT_LIKE | {"boolean"},
    "decimal": NUMBERS | FROM_TEXT_LIKE,
    "float": NUMBERS | FROM_TEXT_LIKE,
    "text": ANY_BUT_BYTES,
    "bytes": FROM_TEXT_LIKE,
    "date": FROM_TEXT_LIKE | {"timestamp"},
    "time": FROM_TEXT_LIKE,
    "timestamp": FROM_TEXT_LIKE | {"date"},
    "timestamptz": FROM_TEXT_LIKE,
    "interval": FROM_TEXT_LIKE | {"time"},
    "uuid": FROM_TEXT_LIKE,
    "json": FROM_TEXT_LIKE,
    "other": ANY_BUT_BYTES,
}


def convertible(source: Kind, target: Kind, *, product: str = "", lossy: Sequence[str] = ()) -> bool:
    """Is there a conversion between two kinds at all? Single values may still be unfit.

    product: the target's; MariaDB's DATETIME takes moments, in UTC. lossy: the column's rules; some open a way of their own.
    """
    if (source, target) in MOMENTS:
        return "naive-utc" in lossy or (product == "mysql" and target == "timestamp")
    return source == target or source in CONVERTIBLE[target]


MOMENTS = frozenset((("timestamptz", "timestamp"), ("timestamp", "timestamptz")))
