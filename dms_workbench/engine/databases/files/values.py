"""Texts of a CSV file as values of a column's kind, and back: exactly, or not at all."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from ..base import Value
from ..catalogue import DataType
from .kinds import CLOCK, DATE, UUID, Form

TRUTH = {"t": True, "true": True, "yes": True, "y": True, "on": True, "1": True}
TRUTH |= {"f": False, "false": False, "no": False, "n": False, "off": False, "0": False}
ANY_DAY = rf"(?:{DATE}|\d{{5,7}}-\d\d-\d\d|\d{{4,7}}-\d\d-\d\d(?= BC| .* BC))"
FRACTION = r"(?:\.\d{1,9})?"
WORDS = "infinity|-infinity"
CANONICAL = {
    "decimal": re.compile(r"-?\d+(?:\.\d+)?|NaN|-?Infinity", re.ASCII),
    "date": re.compile(rf"{ANY_DAY}(?: BC)?|{WORDS}", re.ASCII),
    "time": re.compile(rf"(?:{CLOCK}{FRACTION}|24:00:00)", re.ASCII),
    "timestamp": re.compile(rf"{ANY_DAY}[ T]{CLOCK}{FRACTION}(?: BC)?|{WORDS}", re.ASCII),
    "timestamptz": re.compile(rf"{ANY_DAY}[ T]{CLOCK}{FRACTION}(?:Z|\+00(?::?00)?)(?: BC)?|{WORDS}", re.ASCII),
    "uuid": re.compile(UUID, re.IGNORECASE),
}
WHOLE = re.compile(r"-?(?:0|[1-9]\d*)", re.ASCII)


class Unlike(Exception):
    """The text is no value of the column's kind."""


def reader(form: Form | None, type: DataType, decimal: str) -> Callable[[str], Value] | None:
    """What makes a value of a text; None where the text is the value. form: that was found; None where the type was declared."""
    if form is not None:
        return reader_of_form(form)
    kind = type.kind
    if kind in ("text", "json", "other", "interval"):
        return None
    if kind == "decimal" and decimal != ".":
        return lambda text: checked(text.replace(decimal, "."), "decimal")
    readers: dict[str, Callable[[str], Value]] = {
        "integer": read_integer,
        "float": lambda text: read_float(text.replace(decimal, ".")),
        "boolean": read_boolean,
        "bytes": read_bytes,
    }
    return readers[kind] if kind in readers else lambda text: checked(text, kind)


def reader_of_form(form: Form) -> Callable[[str], Value] | None:
    """As `reader`, of a form that all values are known to have."""
    match form.kind:
        case "integer":
            return int
        case "boolean":
            truth = form.truth
            return lambda text: text == truth
        case "decimal":
            if form.decimal == ".":
                return None
            thousands, decimal = form.thousands, form.decimal
            return lambda text: (text.replace(thousands, "") if thousands else text).replace(decimal, ".")
        case "time" | "timestamp" | "timestamptz":
            return None if form.as_written else canonical_time
    return None


def checked(text: str, kind: str) -> str:
    """The canonical text of a value of a declared type. Raises Unlike."""
    if not CANONICAL[kind].fullmatch(text):
        raise Unlike
    return text.lower() if kind == "uuid" else text if kind in ("decimal", "date") else canonical_time(text)


def canonical_time(text: str) -> str:
    """A blank between date and time, no zeros at the end of the fraction, ``+00`` for UTC."""
    if "T" in text:
        text = text.replace("T", " ")
    text = text[:-1] + "+00" if text[-1] == "Z" else text.replace("+00:00", "+00").replace("+0000", "+00")
    if "." not in text:
        return text
    whole, _, rest = text.partition(".")
    digits = re.match(r"\d*", rest)[0]  # type: ignore[index]
    kept = digits.rstrip("0")
    return (f"{whole}.{kept}" if kept else whole) + rest[len(digits) :]


def read_integer(text: str) -> int:
    """A whole number, plainly written."""
    if not WHOLE.fullmatch(text):
        raise Unlike
    return int(text)


def read_float(text: str) -> float:
    """A float."""
    try:
        return float(text)
    except ValueError:
        raise Unlike from None


def read_boolean(text: str) -> bool:
    """A word for true or false."""
    if text.lower() not in TRUTH:
        raise Unlike
    return TRUTH[text.lower()]


def read_bytes(text: str) -> bytes:
    r"""Hexadecimal digits behind ``\x``."""
    try:
        return bytes.fromhex(text.removeprefix("\\x"))
    except ValueError:
        raise Unlike from None


def written(value: Value) -> str | None:
    r"""A value as text: booleans as words, bytes in hexadecimal behind ``\x``, floats in their shortest form."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return repr(value)
