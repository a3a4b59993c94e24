"""Columns of values as fields of PostgreSQL's COPY text: each value as the engine's conversion makes it, or LinesUnfit."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..base import LineColumn, LinesUnfit
from ..catalogue import DataType
from ..postgres.text import render_column
from .types import EXACT_REAL_DIGITS

if TYPE_CHECKING:
    import numpy

REMEMBERED = 131_072
"""Values remembered in all columns together, about; the limits keep their memory at some megabytes."""
REMEMBERED_AT_MOST, REMEMBERED_AT_LEAST = 16_384, 256
LONGEST_REMEMBERED = 40
"""Longer texts on average are seldom the same."""
INTEGER_BITS = frozenset((16, 32, 64))
SHORTEST_WITHOUT_EXPONENT = 1e-4
EQUAL_NUMBERS_ALIKE = frozenset(("integer", "decimal"))
"""Kinds in which numbers that Python holds for equal (1 and 1.0) are the same value."""


class Column:
    """One column as it is written."""

    def __init__(self, column: LineColumn, room: int) -> None:
        """room: how many values may be remembered."""
        self.convert = column.convert
        self.type = column.target.type
        self.kind = self.type.kind
        self.known: dict[Any, str] | None = {} if self.kind not in ("float", "bytes", "json") else None
        """What values that occurred are written as; None where too many differ."""
        self.room = room
        self.whole = self.kind == "integer" and self.type.bits in INTEGER_BITS and not self.type.unsigned
        self.scaled = scaled(self.type)

    def render(self, values: tuple[Any, ...]) -> Sequence[str]:
        """The fields of some values. Raises LinesUnfit where conversion rejects one."""
        if self.known is None:
            return self.written(values)
        try:
            return list(map(self.known.__getitem__, values))
        except KeyError:
            return self.learn(values, self.known)

    def learn(self, values: tuple[Any, ...], known: dict[Any, str]) -> Sequence[str]:
        """The fields, with values that are new; where those are too many or too long, nothing is remembered from now on."""
        new = list(set(values).difference(known))
        if len(known) + len(new) > self.room or not self.memorable(new):
            self.known = None
            return self.written(values)
        known.update(zip(new, self.converted(new), strict=True))
        return list(map(known.__getitem__, values))

    def memorable(self, values: list[Any]) -> bool:
        """Is there one way only to write what is equal to one of the values, and are they short?"""
        classes = set(map(type, values)) - {type(None)}
        if classes <= {int, float}:
            return not classes or self.kind in EQUAL_NUMBERS_ALIKE
        present = [value for value in values if value is not None]
        return classes == {str} and sum(map(len, present)) <= LONGEST_REMEMBERED * len(present)

    def written(self, values: tuple[Any, ...]) -> Sequence[str]:
        """The fields of values most of which differ."""
        if self.whole:
            try:
                array("q", values)
            except (TypeError, OverflowError):
                return self.converted(list(values))
            return list(map(str, values))
        if self.scaled is not None and scaled_decimals(values, *self.scaled) is not None:
            return list(map(repr, values))
        return self.converted(list(values))

    def converted(self, values: list[Any]) -> list[str]:
        """As the conversion makes them."""
        made = self.convert(values) if self.convert is not None else None
        if made is None:
            raise LinesUnfit
        return render_column(made, self.kind)


def remembered(columns: int) -> int:
    """How many values each of so many columns may remember."""
    return max(REMEMBERED_AT_LEAST, min(REMEMBERED_AT_MOST, REMEMBERED // columns))


def scaled(target: DataType) -> tuple[float, float] | None:
    """Ten to the power of a decimal's scale, and the bound below which doubles are told to be such decimals; None for others."""
    scale = target.scale or 0
    if (
        target.kind != "decimal"
        or target.precision is None
        or not 0 <= scale <= min(EXACT_REAL_DIGITS, target.precision)
    ):
        return None
    factor = 10.0**scale
    return factor, min(10.0 ** (target.precision - scale), 10.0**EXACT_REAL_DIGITS / factor)


def scaled_decimals(values: Sequence[Any], factor: float, bound: float) -> numpy.ndarray[Any, Any] | None:
    """The values times the factor, as whole doubles; None unless all are numbers whose shortest text has no exponent and no
    digit too many.

    A double that scaling, rounding and dividing gives again is the one next to a number of that many decimals, and with at
    most 15 digits in all its shortest text is that number.
    """
    import numpy

    try:
        numbers = numpy.frombuffer(array("d", values))
    except (TypeError, OverflowError):
        return None
    sizes = numpy.abs(numbers)
    if not sizes.max() < bound or ((sizes < SHORTEST_WITHOUT_EXPONENT) & (numbers != 0)).any():
        return None
    whole = numpy.rint(numbers * factor)
    return whole if bool((whole / factor == numbers).all()) else None
