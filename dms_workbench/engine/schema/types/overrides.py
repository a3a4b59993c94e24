"""Types that a mapping file sets for whole types: ``types: {"tinyint(1)": boolean, numeric: "double precision"}``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from ...databases.catalogue import DataType

LOSSY_RULES = {
    "replace-invalid": "bytes of a text that are not UTF-8 become the replacement character U+FFFD",
    "strip-nul": "NUL characters are left out of text",
    "zero-date-to-null": "a date whose year, month or day is 0 becomes NULL",
    "naive-utc": "a time with an offset is brought to UTC where the target keeps none; one without is taken as UTC",
    "truncate-time": "digits of the second's fraction beyond those the target holds are cut",
    "nan-to-null": "NaN and the infinities become NULL in a column of numbers",
    "unsigned-zero": "negative zero loses its sign",
    "round": "a number is rounded to the digits the target holds, half away from zero; into a float, to the nearest",
    "array-bounds": "an array's lowest index is lost where it is not 1",
    "cut-text": "text is cut to the target's length in characters",
}
"""The rules a mapping may name, in the order they are applied, and what each changes; `engine.converting.lossy` does it."""


@dataclass(frozen=True, slots=True)
class TypeOverride:
    """Every source column of a type gets this native type in tables that are made.

    A pattern without parentheses fits the type with any limits, one with them that type only; ``*`` stands for anything. The
    target may name the source's limits: ``decimal({precision},{scale})``. None leaves the type to the tables.
    """

    pattern: str
    target: str | None = None
    lossy: tuple[str, ...] = ()
    """Rules by which values that do not fit may be changed (`engine.converting.lossy`)."""
    line: int = field(default=0, compare=False)
    column: int = field(default=0, compare=False)


def override_for(type: DataType, overrides: Sequence[TypeOverride]) -> TypeOverride | None:
    """The first override that fits a source type."""
    return next((override for override in overrides if fits(type, override.pattern)), None)


def fits(type: DataType, pattern: str) -> bool:
    """Does a source type fit a pattern?"""
    native = plain(type.native)
    wanted = plain(pattern)
    if fnmatchcase(native, wanted):
        return True
    name, _, rest = native.partition("(")
    after = rest.partition(")")[2]
    return "(" not in wanted and fnmatchcase(name.strip() + after, wanted)


def plain(text: str) -> str:
    """A type's text in lower case with single blanks, brackets of a glob taken as they are."""
    return (
        " ".join(text.lower().replace("[", "\ue000").replace("]", "\ue001").split())
        .replace(" (", "(")
        .replace(", ", ",")
    )
