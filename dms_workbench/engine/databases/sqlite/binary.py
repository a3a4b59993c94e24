"""Columns of values as fields of PostgreSQL's binary COPY: each value as the engine's conversion makes it, or LinesUnfit.

Source of the form: PostgreSQL documentation, COPY, "Binary Format", and the ``…_recv`` functions of the server. A field is its
length in four bytes and its bytes; NULL is the length -1. Numbers are made as arrays, whole columns at once; what a column
holds again and again is made once.
"""

from __future__ import annotations

import datetime
import re
import struct
import uuid
from array import array
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ..base import LineColumn, LinesUnfit
from ..catalogue import DataType
from .render import LONGEST_REMEMBERED, scaled, scaled_decimals

if TYPE_CHECKING:
    import numpy

NULL = b"\xff\xff\xff\xff"
LENGTHS = [struct.pack(">i", length) for length in range(4096)]
EPOCH_DAY = datetime.date(2000, 1, 1).toordinal()
EPOCH = datetime.datetime(2000, 1, 1)
INTEGER_BYTES = {"smallint": 2, "integer": 4, "bigint": 8}
GROUP, GROUP_DIGITS = 10_000, 4
"""PostgreSQL's numeric is made of digits to the base of 10,000."""
NEGATIVE = 0x4000

Fields = list[Sequence[bytes]]
"""Parts of the fields of a column, to be written one after another in each row."""


def base_type(type: DataType) -> str:
    """PostgreSQL's name of a type without its limits."""
    return re.sub(r"\(.*?\)", "", type.native)


def takes(type: DataType) -> bool:
    """Is it a type whose binary form is made here?"""
    name = base_type(type)
    return (
        (name in INTEGER_BYTES and type.kind == "integer")
        or (name == "numeric" and type.kind == "decimal")
        or PACKED.get(name, ("", None))[0] == type.kind
    )


class BinaryColumn:
    """One column as it is written."""

    def __init__(self, column: LineColumn, room: int) -> None:
        """room: how many values may be remembered."""
        self.convert = column.convert
        self.type = column.target.type
        self.kind = self.type.kind
        self.room = room
        self.width = INTEGER_BYTES.get(base_type(self.type), 0)
        self.scaled = scaled(self.type)
        self.pack = packer(self.type)
        self.plain = self.kind in ("text", "json") and base_type(self.type) != "jsonb"
        self.known: dict[Any, bytes] | None = None if self.kind in ("integer", "float", "bytes") else {}

    def fields(self, values: tuple[Any, ...]) -> Fields | numpy.ndarray[Any, Any]:
        """The fields of some values, as a matrix of bytes where all are of one width. Raises LinesUnfit."""
        if self.known is not None:
            try:
                return [looked_up(self.known, values)]
            except KeyError:
                return self.learn(values, self.known)
        made = self.numbers(values)
        return self.written(values) if made is None else made

    def numbers(self, values: tuple[Any, ...]) -> Fields | numpy.ndarray[Any, Any] | None:
        """Whole numbers and decimals of limited size."""
        if not self.width and self.scaled is None:
            return None
        made = self.matrix(values)
        if made is not None or None not in values:
            return made
        made = self.matrix([0 if value is None else value for value in values])
        if made is None:
            return None
        return [[NULL if value is None else field for value, field in zip(values, whole_rows(made), strict=True)]]

    def matrix(self, values: Sequence[Any]) -> numpy.ndarray[Any, Any] | None:
        """As a row of bytes for each value; None where one is not of the usual kind or too large."""
        import numpy

        if self.scaled is not None:
            decimals = scaled_decimals(values, *self.scaled)
            return None if decimals is None else decimal_matrix(decimals, self.type.scale or 0)
        try:
            numbers = numpy.frombuffer(array("q", values), dtype=numpy.int64)
        except (TypeError, OverflowError):
            return None
        limit = 2 ** (8 * self.width - 1)
        if self.width < INTEGER_BYTES["bigint"] and not -limit <= numbers.min() <= numbers.max() < limit:
            return None
        return with_lengths(numbers.astype(f">i{self.width}").view(numpy.uint8).reshape(len(values), self.width))

    def field(self, value: Any) -> Iterator[bytes]:
        """One field, which may be large. Raises LinesUnfit."""
        made = self.made([value]).pop()
        del value
        if isinstance(made, str | bytes) and self.kind in ("text", "bytes"):
            data = made if isinstance(made, bytes) else made.encode()
            del made
            yield struct.pack(">i", len(data))
            yield data
        else:
            yield self.packed([made])[0]

    def learn(self, values: tuple[Any, ...], known: dict[Any, bytes]) -> Fields | numpy.ndarray[Any, Any]:
        """The fields, with values that are new; where those are too many or too long, nothing is remembered from now on."""
        new = list(set(values).difference(known))
        if len(known) + len(new) > self.room or not self.memorable(new):
            self.known = None
            return self.fields(values)
        known.update(zip(new, self.packed(self.made(new)), strict=True))
        return [looked_up(known, values)]

    def memorable(self, values: list[Any]) -> bool:
        """Is there one way only to write what is equal to one of the values, and are they short?"""
        classes = set(map(type, values)) - {type(None)}
        if classes <= {int, float}:
            return not classes or self.kind == "decimal" or (self.kind == "boolean" and classes == {int})
        texts = [value for value in values if value is not None]
        return classes == {str} and sum(map(len, texts)) <= LONGEST_REMEMBERED * len(texts)

    def written(self, values: Sequence[Any]) -> Fields:
        """The fields of values most of which differ."""
        made = self.made(list(values))
        if not self.plain:
            return [self.packed(made)]
        try:
            encoded = list(map(str.encode, made))
        except TypeError:
            return [self.packed(made)]
        try:
            return [list(map(LENGTHS.__getitem__, map(len, encoded))), encoded]
        except IndexError:
            return [[struct.pack(">i", len(text)) for text in encoded], encoded]

    def made(self, values: list[Any]) -> list[Any]:
        """What conversion makes of them. Raises LinesUnfit."""
        made = self.convert(values) if self.convert is not None else None
        if made is None:
            raise LinesUnfit
        return made

    def packed(self, values: list[Any]) -> list[bytes]:
        """Converted values as fields. Raises LinesUnfit for what has no binary form here (infinite dates, years before 1)."""
        pack = self.pack
        found = []
        try:
            for value in values:
                if value is None:
                    found.append(NULL)
                else:
                    field = pack(value)
                    found.append(struct.pack(">i", len(field)) + field)
        except (ValueError, OverflowError, struct.error):
            raise LinesUnfit from None
        return found


def looked_up(known: dict[Any, bytes], values: tuple[Any, ...]) -> Sequence[bytes]:
    """What is known of each of some values. Raises KeyError for one that is not."""
    return itemgetter(*values)(known) if len(values) > 1 else [known[value] for value in values]


def with_lengths(matrix: Any) -> numpy.ndarray[Any, Any]:
    """Each row of bytes behind its length."""
    import numpy

    made = numpy.empty((len(matrix), 4 + matrix.shape[1]), dtype=numpy.uint8)
    made[:, :4] = numpy.frombuffer(struct.pack(">i", matrix.shape[1]), dtype=numpy.uint8)
    made[:, 4:] = matrix
    return made


def whole_rows(matrix: Any) -> list[bytes]:
    """The rows of a matrix of bytes."""
    import numpy

    rows: list[bytes] = numpy.ascontiguousarray(matrix).view(f"V{matrix.shape[1]}").ravel().tolist()
    return rows


def decimal_matrix(numbers: Any, scale: int) -> numpy.ndarray[Any, Any]:
    """Decimals of at most 15 digits: weight, sign, scale, and as many digits as the largest needs (leading zeros mean nothing).

    numbers: the decimals as whole numbers of units of 10 to the power of -scale, as doubles.
    """
    import numpy

    after = -(-scale // GROUP_DIGITS)
    left = numpy.abs(numbers).astype(numpy.int64) * 10 ** (after * GROUP_DIGITS - scale)
    largest = int(left.max())
    groups: list[Any] = []
    while largest or len(groups) <= after:
        rest = left // GROUP
        groups.append(left - rest * GROUP)
        left = rest
        largest //= GROUP
    made = numpy.empty((len(numbers), 6 + len(groups)), dtype=">i2")
    made[:, 0] = 0
    made[:, 1] = 8 + 2 * len(groups)
    made[:, 2] = len(groups)
    made[:, 3] = len(groups) - after - 1
    made[:, 4] = (numbers < 0) * NEGATIVE
    made[:, 5] = scale
    for at, group in enumerate(reversed(groups)):
        made[:, 6 + at] = group
    return made.view(numpy.uint8)


def pack_numeric(text: str) -> bytes:
    """A decimal's plain notation."""
    if text == "NaN":
        return struct.pack(">hhHh", 0, 0, 0xC000, 0)
    whole, _, fraction = text.removeprefix("-").partition(".")
    if not whole.isdigit() or not (fraction or "0").isdigit():
        raise ValueError
    padded = whole.zfill(-(-len(whole) // GROUP_DIGITS) * GROUP_DIGITS)
    padded += fraction.ljust(-(-len(fraction) // GROUP_DIGITS) * GROUP_DIGITS, "0")
    digits = [int(padded[at : at + GROUP_DIGITS]) for at in range(0, len(padded), GROUP_DIGITS)]
    weight = -(-len(whole) // GROUP_DIGITS) - 1
    sign = NEGATIVE if text.startswith("-") and any(digits) else 0
    return struct.pack(f">hhHh{len(digits)}h", len(digits), weight, sign, len(fraction), *digits)


def pack_date(text: str) -> bytes:
    """Days since the year 2000."""
    return struct.pack(">i", datetime.date.fromisoformat(text).toordinal() - EPOCH_DAY)


def pack_timestamp(text: str) -> bytes:
    """Microseconds since the year 2000."""
    whole, _, fraction = text.partition(".")
    passed = datetime.datetime.fromisoformat(whole) - EPOCH
    if passed.microseconds or len(whole) != len("2000-01-01 00:00:00"):
        raise ValueError
    return struct.pack(">q", (passed.days * 86_400 + passed.seconds) * 1_000_000 + int(fraction.ljust(6, "0") or 0))


def pack_timestamptz(text: str) -> bytes:
    """As `pack_timestamp`, in UTC."""
    if not text.endswith("+00"):
        raise ValueError
    return pack_timestamp(text.removesuffix("+00"))


def pack_float(value: float) -> bytes:
    """A double."""
    return struct.pack(">d", value)


def pack_single(value: float) -> bytes:
    """A single, which conversion has found to hold the value."""
    return struct.pack(">f", value)


def pack_uuid(text: str) -> bytes:
    """Sixteen bytes."""
    return uuid.UUID(text).bytes


def pack_boolean(value: bool) -> bytes:
    """One byte."""
    return b"\1" if value else b"\0"


def pack_jsonb(text: str) -> bytes:
    """The version of the form, then the text."""
    return b"\1" + text.encode()


PACKED: dict[str, tuple[str, Callable[[Any], bytes]]] = {
    "text": ("text", str.encode),
    "character varying": ("text", str.encode),
    "character": ("text", str.encode),
    "boolean": ("boolean", pack_boolean),
    "bytea": ("bytes", bytes),
    "double precision": ("float", pack_float),
    "real": ("float", pack_single),
    "date": ("date", pack_date),
    "timestamp without time zone": ("timestamp", pack_timestamp),
    "timestamp with time zone": ("timestamptz", pack_timestamptz),
    "uuid": ("uuid", pack_uuid),
    "json": ("json", str.encode),
    "jsonb": ("json", pack_jsonb),
}
"""By PostgreSQL's name of the type: the common kind, and what makes the bytes of a converted value."""


def packer(type: DataType) -> Callable[[Any], bytes]:
    """What makes the bytes of a converted value of a type."""
    name = base_type(type)
    if name in INTEGER_BYTES:
        return struct.Struct({2: ">h", 4: ">i", 8: ">q"}[INTEGER_BYTES[name]]).pack
    return pack_numeric if name == "numeric" else PACKED[name][1]
