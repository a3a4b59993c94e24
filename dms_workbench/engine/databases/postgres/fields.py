"""A key's fields in COPY's binary form as the text that the server would write for them.

Only types whose binary form is settled; of the others the server itself is asked for text.
Source: the ``*_send`` functions of PostgreSQL (``timestamp_send``, ``numeric_send`` ...).
"""

from __future__ import annotations

import json
import struct
import uuid
from collections.abc import Callable, Sequence

from ..base import LinesUnfit, Position
from ..catalogue import DataType
from .text import NULL, unescape

Decoder = Callable[[bytes], str]

MICROSECONDS = 1_000_000
DAY = 86_400 * MICROSECONDS
JULIAN_2000 = 2_451_545
"""The Julian day of 2000-01-01, from which dates and timestamps are counted."""
NUMERIC_SIGNS = {0x0000: "", 0x4000: "-"}
NUMERIC_NAMES = {0xC000: "NaN", 0xD000: "Infinity", 0xF000: "-Infinity"}


def integer(data: bytes) -> str:
    """smallint, integer, bigint."""
    return str(int.from_bytes(data, "big", signed=True))


def unsigned(data: bytes) -> str:
    """oid."""
    return str(int.from_bytes(data, "big"))


def text(data: bytes) -> str:
    """text and its kin; labels of an enumeration."""
    return data.decode("utf-8")


def boolean(data: bytes) -> str:
    """boolean."""
    return "t" if data[0] else "f"


def binary(data: bytes) -> str:
    """bytea."""
    return "\\x" + data.hex()


def identifier(data: bytes) -> str:
    """uuid."""
    return str(uuid.UUID(bytes=data))


def floating(data: bytes) -> str:
    """real and double precision: a text that reads back as the same number."""
    return repr(struct.unpack(">f" if len(data) == 4 else ">d", data)[0])


def endless(number: int, size: int) -> str | None:
    """The largest and smallest number stand for the ends of time."""
    top = 2 ** (8 * size - 1)
    return {top - 1: "infinity", -top: "-infinity"}.get(number)


def date(data: bytes) -> str:
    """date."""
    days = int.from_bytes(data, "big", signed=True)
    day, era = calendar_day(days)
    return endless(days, 4) or day + era


def calendar_day(days: int) -> tuple[str, str]:
    """Days since 2000-01-01 as ``YYYY-MM-DD``, and `` BC`` where that is needed."""
    century = 4 * (days + JULIAN_2000 - 1_721_119) - 1
    rest = century % 146_097 // 4
    year_days = (4 * rest + 3) % 1_461 // 4
    month = 5 * year_days + 2
    year = 100 * (century // 146_097) + (4 * rest + 3) // 1_461 + (month >= 1_530)
    number = month // 153 + (3 if month < 1_530 else -9)
    era = "" if year > 0 else " BC"
    return f"{year if year > 0 else 1 - year:04d}-{number:02d}-{month % 153 // 5 + 1:02d}", era


def clock(microseconds: int) -> str:
    """``HH:MM:SS[.ffffff]``, without zeros at the end of the fraction."""
    seconds, fraction = divmod(microseconds, MICROSECONDS)
    shown = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{shown}.{fraction:06d}".rstrip("0") if fraction else shown


def time(data: bytes) -> str:
    """time without time zone."""
    return clock(int.from_bytes(data, "big"))


def timestamp(data: bytes) -> str:
    """timestamp without time zone."""
    return moment(data, "")


def timestamptz(data: bytes) -> str:
    """timestamp with time zone, in UTC."""
    return moment(data, "+00")


def moment(data: bytes, zone: str) -> str:
    """A timestamp with what stands behind its clock."""
    microseconds = int.from_bytes(data, "big", signed=True)
    days, rest = divmod(microseconds, DAY)
    day, era = calendar_day(days)
    return endless(microseconds, 8) or f"{day} {clock(rest)}{zone}{era}"


def numeric(data: bytes) -> str:
    """numeric: groups of four digits, the place of the first, and how many digits are shown after the point."""
    count, weight, sign, scale = struct.unpack_from(">HhHH", data)
    if sign in NUMERIC_NAMES:
        return NUMERIC_NAMES[sign]
    groups = struct.unpack_from(f">{count}H", data, 8)
    digits = {weight - at: f"{group:04d}" for at, group in enumerate(groups)}
    whole = "".join(digits.get(place, "0000") for place in range(weight, -1, -1)).lstrip("0") or "0"
    after = "".join(digits.get(-place, "0000") for place in range(1, (scale + 3) // 4 + 1))[:scale]
    return f"{NUMERIC_SIGNS[sign]}{whole}.{after}" if scale else f"{NUMERIC_SIGNS[sign]}{whole}"


BY_KIND: dict[str, Decoder] = {
    "integer": integer, "decimal": numeric, "text": text, "boolean": boolean, "bytes": binary, "uuid": identifier,
    "float": floating, "date": date, "time": time, "timestamp": timestamp, "timestamptz": timestamptz,
}  # fmt: skip


def decoder_of(type: DataType) -> Decoder | None:
    """How to read a field of a type; None where that is not settled."""
    if type.kind == "decimal" and not type.native.startswith("numeric"):
        return None
    return unsigned if type.native == "oid" else BY_KIND.get(type.kind)


def binary_position(row: bytes, decoders: Sequence[Decoder]) -> Position:
    """The position of a row from its first fields. Raises LinesUnfit where it cannot be told."""
    found, at = [], 2
    for decode in decoders:
        size = int.from_bytes(row[at : at + 4], "big", signed=True)
        data = row[at + 4 : at + 4 + size]
        if size < 0 or len(data) < size:
            raise LinesUnfit
        found.append(decode(data))
        at += 4 + size
    return json.dumps(found) if found else ""


def text_position(row: bytes, fields: int) -> Position:
    """As `binary_position`, of a row in COPY's text form."""
    if not fields:
        return ""
    line, ended, _ = row.partition(b"\n")
    parts = line.split(b"\t", fields)
    if len(parts) < fields or (len(parts) == fields and not ended):
        raise LinesUnfit
    found = [part.decode("utf-8") for part in parts[:fields]]
    if NULL in found:
        raise LinesUnfit
    return json.dumps([unescape(field) for field in found])
