"""Rarer spellings of values, one at a time: what the quick patterns of `canonical` leave over.

Each function takes a text and returns the canonical text, or None where the text does not say exactly one value of the kind.
They are registered in DuckDB under their own names.
"""

from __future__ import annotations

import datetime
import json
import math
import re
import struct
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
DAY = r"(?P<day>\d{4,7}-\d\d-\d\d)"
CLOCK = r"(?P<clock>\d\d:\d\d(?::\d\d)?)(?:\.(?P<fraction>\d+))?"
OFFSET = r" ?(?P<offset>Z|[+-]\d\d(?::?\d\d(?::\d\d)?)?)"
DATE = re.compile(rf"{DAY}(?P<era> BC)?", re.ASCII)
TIME = re.compile(CLOCK, re.ASCII)
TIMESTAMP = re.compile(rf"{DAY}(?:[T ]{CLOCK})?(?P<era> BC)?", re.ASCII)
TIMESTAMPTZ = re.compile(rf"{DAY}[T ]{CLOCK}{OFFSET}(?P<era> BC)?", re.ASCII)
INFINITE = ("infinity", "-infinity")
UUID = re.compile(r"\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?")
INTERVAL = re.compile(
    r"(?:(?P<years>[+-]?\d+) years? ?)?(?:(?P<months>[+-]?\d+) mon(?:th)?s? ?)?(?:(?P<days>[+-]?\d+) days? ?)?"
    r"(?:(?P<sign>[+-]?)(?P<clock>\d+:\d\d:\d\d(?:\.\d+)?))?",
    re.ASCII,
)
NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "infinity": "Infinity", "-inf": "-Infinity", "-infinity": "-Infinity"}
GREGORIAN_CYCLE_YEARS = 400
JSON_NUMBER = "\ufdd0"
"""A member name that stands for a number; no text of interchange holds this character."""


def plain(number: Decimal) -> str:
    """Digits without exponent, needless zeros or a negative zero."""
    if not number:
        return "0"
    digits = format(number, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def spelled_number(text: str | None) -> str | None:
    """A decimal number in any notation."""
    if text is None:
        return None
    word = NOT_FINITE.get(text.lower())
    return word or (plain(Decimal(text)) if NUMBER.fullmatch(text) else None)


def spelled_whole(text: str | None) -> str | None:
    """A whole number in any notation; a fraction of zeros is none."""
    number = spelled_number(text)
    return number if number and re.fullmatch(r"-?\d+", number) else None


def spelled_double(text: str | None) -> str | None:
    """The double whose shortest text is the number written."""
    return nearest_float(text, float)


def spelled_single(text: str | None) -> str | None:
    """The 32 bit float that is the number written, or whose shortest text is, as the double of the same value."""
    return nearest_float(text, single)


def nearest_float(text: str | None, rounded: Callable[[str], float]) -> str | None:
    """The float a number is written for, if reading it loses nothing but what its shortest text leaves out."""
    number = spelled_number(text)
    if number is None:
        return None
    try:
        value = rounded(number)
    except OverflowError:
        return None
    if not math.isfinite(value):
        return repr(value) if number in NOT_FINITE.values() else None
    exact = {plain(Decimal(value)), spelled_number(repr(value)), spelled_number(shortest_single(value))}
    return repr(value) if number in exact or is_whole(value, number) else None


def is_whole(value: float, number: str) -> bool:
    """The same whole number?"""
    return value.is_integer() and str(int(value)) == number


def single(text: str) -> float:
    """Rounded to 32 bits; raises OverflowError."""
    value = float(text)
    return float(struct.unpack("f", struct.pack("f", value))[0]) if math.isfinite(value) else value


def shortest_single(value: float) -> str | None:
    """The shortest text of a value that fits 32 bits, else None."""
    try:
        if struct.unpack("f", struct.pack("f", value))[0] != value:
            return None
    except OverflowError:
        return None
    return next(text for text in (f"{value:.{digits}g}" for digits in range(1, 10)) if single(text) == value)


def spelled_date(text: str | None) -> str | None:
    """A date; a timestamp at midnight."""
    if text is None or text in INFINITE:
        return text
    match = DATE.fullmatch(text)
    if match:
        return text if is_day(match["day"]) else None
    stamp = spelled_timestamp(text)
    return None if stamp is None or " 00:00:00" not in stamp or "." in stamp else stamp.replace(" 00:00:00", "")


def is_day(text: str) -> bool:
    """Does the calendar have this day? The year may have more digits than Python's calendar knows."""
    year, month, day = map(int, text.rsplit("-", 2))
    try:
        datetime.date(year % GREGORIAN_CYCLE_YEARS + GREGORIAN_CYCLE_YEARS, month, day)
    except ValueError:
        return False
    return year > 0


def spelled_clock(clock: str | None, fraction: str | None, *, last: bool) -> str | None:
    """Hours, minutes and perhaps seconds. last: is 24:00:00 a time?"""
    text = clock or "00:00:00"
    text = text if len(text) == len("00:00:00") else f"{text}:00"
    digits = (fraction or "").rstrip("0")
    hours, minutes, seconds = map(int, text.split(":"))
    if (
        len(digits) > 9
        or minutes > 59
        or seconds > 59
        or (hours > 23 and not (last and text == "24:00:00" and not digits))
    ):
        return None
    return f"{text}.{digits}" if digits else text


def spelled_time(text: str | None) -> str | None:
    """A time of day."""
    match = TIME.fullmatch(text or "")
    return spelled_clock(match["clock"], match["fraction"], last=True) if match else None


def spelled_timestamp(text: str | None) -> str | None:
    """A date and time without an offset; a date alone is its midnight."""
    if text is None or text in INFINITE:
        return text
    match = TIMESTAMP.fullmatch(text)
    if not match or not is_day(match["day"]):
        return None
    clock = spelled_clock(match["clock"], match["fraction"], last=False)
    return clock and f"{match['day']} {clock}{match['era'] or ''}"


def spelled_timestamptz(text: str | None) -> str | None:
    """A date and time with an offset, brought to UTC."""
    if text is None or text in INFINITE:
        return text
    match = TIMESTAMPTZ.fullmatch(text)
    if not match or not is_day(match["day"]):
        return None
    clock = spelled_clock(match["clock"], match["fraction"], last=False)
    offset = match["offset"].replace("Z", "+00").replace(":", "")
    if clock is None:
        return None
    if not offset.strip("+-0"):
        return f"{match['day']} {clock}{match['era'] or ''}"
    return None if match["era"] else shifted(match["day"], clock, offset)


def shifted(day: str, clock: str, offset: str) -> str | None:
    """A local time in UTC; None outside the years 1 to 9999."""
    whole, _, fraction = clock.partition(".")
    hours, minutes, seconds = (int(offset[at : at + 2] or 0) for at in (1, 3, 5))
    away = datetime.timedelta(hours=hours, minutes=minutes, seconds=seconds)
    try:
        local = datetime.datetime.fromisoformat(f"{day} {whole}")
        moment = local - away if offset[0] == "+" else local + away
    except (ValueError, OverflowError):
        return None
    return moment.isoformat(sep=" ") + (f".{fraction}" if fraction else "")


def spelled_uuid(text: str | None) -> str | None:
    """A UUID in either case, in braces or without hyphens."""
    match = UUID.fullmatch((text or "").lower())
    return "-".join(match.groups()) if match else None


def spelled_interval(text: str | None) -> str | None:
    """An interval as DuckDB or PostgreSQL prints it, in PostgreSQL's words and signs."""
    match = INTERVAL.fullmatch(text or "")
    if not text or not match:
        return text
    parts: list[str] = []
    negative = False
    for digits, unit in ((match["years"], "year"), (match["months"], "mon"), (match["days"], "day")):
        number = int(digits or 0)
        if number:
            plus = "+" if negative and number > 0 else ""
            parts.append(f"{plus}{number} {unit}{'' if number == 1 else 's'}")
            negative = number < 0
    clock = match["clock"] or ""
    if clock.strip("0:") or not parts:
        sign = "-" if match["sign"] == "-" else "+" if negative else ""
        parts.append(f"{sign}{clock or '00:00:00'}")
    return " ".join(parts)


def spelled_bits(text: str | None) -> str | None:
    """Zeros and ones as the number they write."""
    return str(int(text, 2)) if text and not text.strip("01") else None


def json_meaning(text: str | None) -> str | None:
    """One text for equal JSON: members sorted, the last of duplicates kept, numbers by value, escapes resolved."""
    if text is None:
        return None
    try:
        read = json.loads(text, parse_float=json_number, parse_int=json_number)
        return json.dumps(read, sort_keys=True, separators=(",", ":"))
    except (ValueError, InvalidOperation, RecursionError):
        return text


def json_number(digits: str) -> dict[str, str]:
    """A number, exact at any length."""
    return {JSON_NUMBER: str(Decimal(digits).normalize())}


SPELLINGS: tuple[Callable[[str | None], str | None], ...] = (
    spelled_number,
    spelled_whole,
    spelled_double,
    spelled_single,
    spelled_date,
    spelled_time,
    spelled_timestamp,
    spelled_timestamptz,
    spelled_uuid,
    spelled_interval,
    spelled_bits,
    json_meaning,
)
