"""Types that a mapping file sets for whole types: ``types: {"tinyint(1)": boolean, numeric: "double precision"}``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ...databases.catalogue import DataType


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
    line: int = 0
    column: int = 0


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
