"""What the lossy rules of a mapping make of a value that does not fit, for verification; written apart from the copy's rules.

Each function takes the common text of a value and returns the changed text; NULL where the rule makes it so is said by
`becomes_null`, since NULL otherwise means that there is no text.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from ..databases.catalogue import DataType

DIGITS = Context(prec=20_000)
ZERO_DATE = re.compile(r"0000-.*|\d{4}-00-.*|\d{4}-\d\d-00.*")


def rounded_to(text: str | None, scale: str | None) -> str | None:
    """A number with so many digits after the point, half away from zero."""
    try:
        number = Decimal(text or "")
        return format(number.quantize(Decimal(1).scaleb(-int(scale or 0)), ROUND_HALF_UP, DIGITS), "f")
    except InvalidOperation:
        return text


def nearest_double(text: str | None, _scale: str | None) -> str | None:
    """The double nearest to a number."""
    try:
        return repr(float(text or ""))
    except ValueError:
        return text


def nearest_single(text: str | None, _scale: str | None) -> str | None:
    """The 32 bit float nearest to a number, as its double."""
    try:
        return repr(struct.unpack("f", struct.pack("f", float(text or "")))[0])
    except (ValueError, OverflowError):
        return text


def clock_cut(text: str | None, digits: str | None) -> str | None:
    """A time whose second has no more digits than so many."""
    if text is None:
        return None
    head, point, tail = text.partition(".")
    fraction = re.match(r"\d*", tail)[0] if point else ""  # type: ignore[index]
    kept = fraction[: int(digits or 0)].rstrip("0")
    return head + (f".{kept}" if kept else "") + tail[len(fraction) :]


def cut_to(text: str | None, length: str | None) -> str | None:
    """The first characters."""
    return None if text is None else text[: int(length or 0)]


def plain_zero(text: str | None, _parameter: str | None) -> str | None:
    """Zero without a sign."""
    return text.removeprefix("-") if text is not None and not text.strip("-0.") else text


def as_utc(text: str | None, zoned: str | None) -> str | None:
    """A time with an offset brought to UTC without it; zoned: the target keeps moments, so ``+00`` is put behind one without."""
    from .spellings import spelled_timestamptz

    if text is None or text == "":
        return text
    moment = spelled_timestamptz(text)
    if zoned == "yes":
        return text if moment is not None else f"{text}+00"
    return text if moment is None else moment


def utf8_replaced(digits: str | None, storage: str | None) -> str | None:
    """Bytes in hexadecimal as text, with U+FFFD for what is not UTF-8.

    storage: ``b`` for a blob; ``x`` for text, whose bytes that are not UTF-8 stand as surrogates.
    """
    if digits is None:
        return None
    raw = bytes.fromhex(digits)
    if storage == "x":
        try:
            raw = raw.decode("utf-8", "surrogatepass").encode("utf-8", "surrogateescape")
        except UnicodeError:
            return None
    return raw.decode("utf-8", "replace")


LOSSES = (rounded_to, nearest_double, nearest_single, clock_cut, cut_to, plain_zero, as_utc, utf8_replaced)
"""Functions of a text and a parameter."""
HOLDS_NO_NAN = ("sqlite", "mysql")


def changed_text(value: str, database: str, target: DataType, rules: Sequence[str]) -> str:
    """SQL of the text that the rules make of a value's text, where the target could not hold it; a value that fits stays.

    database: the target's product.
    """
    for rule, template in templates(database, target).items():
        if rule in rules:
            value = template.format(x=value)
    return value


def templates(database: str, target: DataType) -> dict[str, str]:
    """The SQL of each rule that can change a value for a target type."""
    if target.kind in ("date", "time", "timestamp", "timestamptz"):
        digits = min(6 if target.scale is None else target.scale, 6)
        zoned = "yes" if target.kind == "timestamptz" else "no"
        cut = {} if target.kind == "date" else {"truncate-time": f"clock_cut({{x}}, '{digits}')"}
        return ({} if target.kind in ("date", "time") else {"naive-utc": f"as_utc({{x}}, '{zoned}')"}) | cut
    if target.kind == "float":
        nearest = "nearest_single" if target.bits == 32 else "nearest_double"
        signed = {"unsigned-zero": "plain_zero({x}, '')"} if database in HOLDS_NO_NAN else {}
        return signed | {"round": f"{nearest}({{x}}, '')"}
    if target.kind in ("decimal", "integer"):
        limited = target.kind == "integer" or target.precision is not None
        return {"round": f"rounded_to({{x}}, '{target.scale or 0}')"} if limited else {}
    if target.kind != "text":
        return {}
    stripped = {"strip-nul": "replace({x}, chr(0), '')"} if database == "postgres" else {}
    return stripped | ({"cut-text": f"cut_to({{x}}, '{target.length}')"} if target.length is not None else {})


def becomes_null(value: str, database: str, target: DataType, rules: Sequence[str]) -> str | None:
    """SQL of the test whether the rules make a value NULL; None if they never do."""
    tests = []
    if "zero-date-to-null" in rules and database != "mysql" and target.kind in ("date", "timestamp", "timestamptz"):
        tests.append(f"coalesce(regexp_full_match({value}, '{ZERO_DATE.pattern}'), false)")
    holds_nan = database == "postgres" or (database == "duckdb" and target.kind == "float")
    if "nan-to-null" in rules and not holds_nan and target.kind in ("float", "decimal", "integer"):
        words = "nan" if database == "sqlite" and target.kind == "float" else "-?(nan|inf|infinity)"
        tests.append(f"coalesce(regexp_full_match(lower({value}), '{words}'), false)")
    return " OR ".join(tests) or None
