"""What SQLite would make of a value in a column: where its affinity would change one silently, it is refused here."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from ..base import Reject, Value
from ..catalogue import Kind
from .position import encodes
from .types import EXACT_REAL_DIGITS, Affinity

INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1
NUMERIC_AFFINITIES = frozenset(("INTEGER", "NUMERIC", "REAL"))
LOOKS_NUMERIC = re.compile(r"[ \t\n\v\f\r]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[ \t\n\v\f\r]*", re.ASCII)
PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
TEXT_FROM_BYTES = (
    "CASE typeof(?{0}) WHEN 'blob' THEN CASE substr(?{0}, 1, 1) WHEN x'01' THEN CAST(substr(?{0}, 2) AS TEXT) "
    "ELSE substr(?{0}, 2) END ELSE ?{0} END"
)
"""Text whose bytes are not UTF-8 is bound as bytes; a byte in front tells it from the bytes of the same column."""


@dataclass(frozen=True, slots=True)
class Place:
    """A column as SQLite stores it."""

    name: str
    kind: Kind
    affinity: Affinity


class Unstorable(Exception):
    """SQLite would not keep this value as it is."""

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


@dataclass(slots=True)
class Prepared:
    """One column ready to be bound."""

    values: list[Value]
    placeholder: str
    rejects: list[Reject] = field(default_factory=list)


def prepare(values: list[Value], place: Place, number: int, *, utf8: bool = True) -> Prepared:
    """Values as they are bound, and those SQLite would change.

    number: the parameter's number, from 1. utf8: is the database's encoding UTF-8?
    """
    classes = set(map(type, values)) - {type(None)}
    if kept_whole(values, classes, place):
        return Prepared(values, f"?{number}")
    prepared = Prepared([], f"?{number}")
    raw_rows: list[int] = []
    for row, value in enumerate(values):
        try:
            stored = None if value is None else kept(value, place)
        except UnicodeEncodeError:
            stored = raw_text(value) if utf8 else None
            if stored is None:
                prepared.rejects.append(Reject(row, place.name, "invalid-text", "the text is not valid UTF-8"))
            else:
                raw_rows.append(row)
        except Unstorable as error:
            stored = None
            prepared.rejects.append(Reject(row, place.name, error.code, error.reason))
        prepared.values.append(stored)
    if raw_rows:
        mark_bytes(prepared, set(raw_rows), number)
    return prepared


def mark_bytes(prepared: Prepared, raw_rows: set[int], number: int) -> None:
    """Put a byte before all bytes of a column, and let SQL take it away and make text of those that are text."""
    prepared.placeholder = TEXT_FROM_BYTES.format(number)
    prepared.values = [
        (b"\1" if row in raw_rows else b"\0") + value if isinstance(value, bytes) else value
        for row, value in enumerate(prepared.values)
    ]


def kept_whole(values: list[Value], classes: set[type], place: Place) -> bool:
    """Is every value kept as it is? Told by looks at the whole column."""
    if not classes or classes == {bytes}:
        return True
    if classes == {str}:
        present = values if None not in values else [value for value in values if value is not None]
        return place.affinity not in NUMERIC_AFFINITIES and encodes("".join(present))
    if classes <= {int, bool}:
        present = [value for value in values if value is not None]
        return (
            place.affinity in ("INTEGER", "NUMERIC", "BLOB")
            and min(present) >= INTEGER_MIN
            and max(present) <= INTEGER_MAX
        )
    if classes == {float}:
        present = [value for value in values if value is not None]
        return (
            place.affinity != "TEXT"
            and not any(map(math.isnan, present))
            and (place.affinity == "BLOB" or 0.0 not in present)
        )
    return False


def kept(value: Value, place: Place) -> Value:
    """The value to bind so that exactly this value is stored. Raises Unstorable, UnicodeEncodeError."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, int):
        return kept_integer(int(value), place.affinity)
    if isinstance(value, float):
        return kept_float(value, place.affinity)
    value.encode()
    if place.affinity not in NUMERIC_AFFINITIES:
        return value
    if place.kind == "decimal":
        return kept_decimal(value, place.affinity)
    return kept_text(value, place.affinity)


def kept_integer(value: int, affinity: Affinity) -> int:
    """An integer of at most 64 bits; of 53 where the column makes it a double."""
    if not INTEGER_MIN <= value <= INTEGER_MAX:
        raise Unstorable("out-of-range", "SQLite's integers have 64 bits")
    if affinity == "REAL" and int(float(value)) != value:
        raise Unstorable("loses-precision", "a REAL column cannot hold all digits of this number")
    return value


def kept_float(value: float, affinity: Affinity) -> float:
    """A float that is neither NaN, which becomes NULL, nor a negative zero, which loses its sign."""
    if math.isnan(value):
        raise Unstorable("invalid-value", "SQLite holds no NaN: it would become NULL")
    if affinity == "TEXT":
        raise Unstorable("loses-precision", "SQLite writes a float with 15 digits into a text column")
    if value == 0 and affinity != "BLOB" and math.copysign(1, value) < 0:
        raise Unstorable("loses-precision", "SQLite stores negative zero without its sign")
    return value


def kept_decimal(text: str, affinity: Affinity) -> Value:
    """A decimal's text as the integer or double that is equal to it."""
    if text in ("Infinity", "-Infinity"):
        return float(text)
    if text == "NaN":
        raise Unstorable("invalid-value", "SQLite holds no NaN: it would be text in a column of numbers")
    if not PLAIN_NUMBER.fullmatch(text):
        return kept_text(text, affinity)
    if "." not in text and INTEGER_MIN <= int(text) <= INTEGER_MAX:
        return kept_integer(int(text), affinity)
    number = float(text)
    if len(text) > EXACT_REAL_DIGITS and Decimal(repr(number)) != Decimal(text):
        raise Unstorable("loses-precision", "SQLite holds at most 15 digits of a decimal exactly in this column")
    return number if number else 0.0


def kept_text(text: str, affinity: Affinity) -> str:
    """Text in a column of numbers: kept unless SQLite would read it as a number that is written differently."""
    if LOOKS_NUMERIC.fullmatch(text) and not written_same(text, affinity):
        raise Unstorable("loses-precision", "SQLite would store this text as a number, which is written differently")
    return text


def written_same(text: str, affinity: Affinity) -> bool:
    """Does the number this text becomes have this very text?"""
    number: Literal[0] | int | float = int(text) if re.fullmatch(r"-?\d+", text, re.ASCII) else float(text)
    if isinstance(number, int) and not INTEGER_MIN <= number <= INTEGER_MAX:
        return False
    if affinity == "REAL":
        number = float(number)
    return str(number) == text and (
        isinstance(number, int) or (len(text) <= EXACT_REAL_DIGITS and not number.is_integer())
    )


def raw_text(text: str) -> bytes | None:
    """The bytes behind text that was read with ``surrogateescape``; None if it was not."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return None
