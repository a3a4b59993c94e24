"""The type tables of the package: TOML, one file per ordered pair, read at first use and checked as a whole.

A line has ``kind`` (a common kind) or ``native`` (a pattern of the source's own spelling, ``*`` for anything, in any case),
``when`` (see `conditions`), ``target`` (a native type of the target, with the source's limits in braces), ``conversion`` and
``note``, and for MariaDB ``collation`` (``exact``: the one that tells every two texts apart). The first line that fits
decides; the last lines of a table fit everything.
"""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources import files
from typing import Any, Literal, get_args

from ...databases.catalogue import DataType, Kind
from .conditions import Place, condition

Conversion = Literal["exact", "converted", "checked"]
"""``exact``: every value arrives as it is. ``converted``: in another form, which the note documents. ``checked``: as it is or in
the documented form where it fits; a value that does not goes to quarantine."""
PRODUCTS = ("postgres", "mysql", "sqlite", "duckdb", "files")
KEYS = frozenset(("kind", "native", "when", "target", "conversion", "note", "collation"))
KEY_BYTES = 3_072
"""What a key of InnoDB holds at most."""
KEY_BYTES_KEPT = 64
"""Kept free for the key's other columns."""
CHARACTER_BYTES = 4
LIKE_DUCKDB = {"files": "duckdb", "expression": "duckdb"}
"""The types of files and expressions are named as DuckDB's, whose tables stand for theirs."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a table."""

    target: str
    kind: Kind | None = None
    native: str | None = None
    when: str = ""
    conversion: Conversion = "exact"
    note: str = ""
    collation: str | None = None

    @property
    def source(self) -> str:
        """What the line is for, as a reader sees it."""
        return self.native if self.native is not None else f"{self.kind} (any)"

    def fits(self, type: DataType, place: Place) -> bool:
        """Does the line decide this type?"""
        if self.native is not None and not matches(type.native, self.native):
            return False
        return (self.kind is None or self.kind == type.kind) and condition_of(self.when)(type, place)

    def native_target(self, type: DataType, place: Place) -> str:
        """The target's native type with the source's limits filled in."""
        return filled(self.target, type, place)


condition_of = functools.cache(condition)


def matches(native: str, pattern: str) -> bool:
    """Does a native type fit a pattern? A schema before the name is passed over."""
    name = " ".join(native.lower().split())
    return fnmatchcase(name, pattern.lower()) or fnmatchcase(name.rpartition(".")[2], pattern.lower())


def filled(target: str, type: DataType, place: Place) -> str:
    """A target type's text with what stands in braces put in."""
    if "{" not in target:
        return target
    share = (KEY_BYTES - KEY_BYTES_KEPT) // max(place.key_columns, 1)
    labels = type.labels or ()
    return target.format(
        precision=type.precision,
        scale=type.scale or 0,
        length=type.length if type.length is not None else bits_of(type.native),
        fraction=min(6 if type.scale is None else type.scale, 6),
        labels=", ".join("'" + label.replace("'", "''") + "'" for label in labels),
        longest_label=max(map(len, labels), default=1) or 1,
        key_length=min(share // CHARACTER_BYTES, type.length or share),
        key_bytes=share,
    )


def bits_of(native: str) -> int:
    """The number in parentheses of a native type, 1 without one."""
    match = re.search(r"\((\d+)\)", native)
    return int(match[1]) if match else 1


@functools.cache
def pair_rules(source: str, target: str) -> tuple[Rule, ...]:
    """The lines for an ordered pair of products; () for a product into itself. Raises ValueError for a table with a fault."""
    name = table_name(source, target)
    if name is None:
        return ()
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return tuple(made(line, name) for line in tomllib.loads(text)["types"])


def table_name(source: str, target: str) -> str | None:
    """The file of a pair's table; None where types stay as they are."""
    names = [LIKE_DUCKDB.get(name, name) for name in (source, target)]
    return None if names[0] == names[1] else f"{names[0]}_to_{names[1]}.toml"


def made(line: dict[str, Any], file: str) -> Rule:
    """A line, checked."""
    rule = Rule(**line) if set(line) <= KEYS else None
    if rule is None or (rule.kind is None) == (rule.native is None):
        raise ValueError(f"{file}: {line} wants kind or native, target, and nothing unknown")
    if rule.kind is not None and rule.kind not in get_args(Kind):
        raise ValueError(f"{file}: {rule.kind!r} is no kind")
    if rule.conversion not in get_args(Conversion) or (rule.conversion != "exact" and not rule.note):
        raise ValueError(f"{file}: {line} wants a known conversion, and a note unless it is exact")
    condition_of(rule.when)
    return rule
