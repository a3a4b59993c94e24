"""Conditions of a type table: a few tests on a type's limits, separated by commas, all of which must hold.

``bits <= 16`` and the like compare ``bits precision scale length`` with a number or another of them and fail where the
type has none; ``precision`` alone asks for a limit; ``unsigned fixed labels several element fields key`` ask what the word says, ``not``
turns it round; ``safe labels``: no label that MariaDB would change; ``server MariaDB 10.7``: the target is at least that.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from ...databases.catalogue import DataType

COMPARISON = re.compile(r"(bits|precision|scale|length) (<=|>=|<|>|=) (\d+|bits|precision|scale|length)")
SERVER = re.compile(r"server (MariaDB|MySQL) (\d+)\.(\d+)")
VERSION = re.compile(r"(\d+)\.(\d+)")
OPERATORS: dict[str, Callable[[int, int], bool]] = {
    "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt, "=": operator.eq,
}  # fmt: skip
LABELS_AT_MOST = 65_535
LABEL_CHARACTERS_AT_MOST = 255


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a column beside its type."""

    key_columns: int = 0
    server: str = ""


Test = Callable[[DataType, Place], bool]

WORDS: dict[str, Test] = {
    "bits": lambda type, _: type.bits is not None,
    "precision": lambda type, _: type.precision is not None,
    "scale": lambda type, _: type.scale is not None,
    "length": lambda type, _: type.length is not None,
    "unsigned": lambda type, _: type.unsigned,
    "fixed": lambda type, _: type.fixed,
    "labels": lambda type, _: type.labels is not None,
    "several": lambda type, _: type.several,
    "element": lambda type, _: type.element is not None or type.native.endswith("[]"),
    "fields": lambda type, _: bool(type.fields),
    "key": lambda _, place: place.key_columns > 0,
    "safe labels": lambda type, _: labels_are_safe(type.labels or ()),
}


def condition(text: str) -> Test:
    """A condition as a function. Raises ValueError for words it does not know."""
    tests = [single(part.strip()) for part in text.split(",") if part.strip()]
    return lambda type, place: all(test(type, place) for test in tests)


def single(text: str) -> Test:
    """One test."""
    if text.startswith("not "):
        inner = single(text.removeprefix("not "))
        return lambda type, place: not inner(type, place)
    if match := COMPARISON.fullmatch(text):
        left, compare, right = match[1], OPERATORS[match[2]], match[3]
        return lambda type, _: compares(limit(type, left), compare, limit(type, right))
    if match := SERVER.fullmatch(text):
        product, least = match[1], (int(match[2]), int(match[3]))
        return lambda _, place: is_server(place.server, product, least)
    if text in WORDS:
        return WORDS[text]
    raise ValueError(f"{text!r} is no condition of a type table")


def limit(type: DataType, name: str) -> int | None:
    """A number as written, or a limit of the type; a scale that is not given is 0."""
    if name.isdigit():
        return int(name)
    found: int | None = getattr(type, name)
    return 0 if found is None and name == "scale" else found


def compares(left: int | None, compare: Callable[[int, int], bool], right: int | None) -> bool:
    """Both are there and compare."""
    return left is not None and right is not None and compare(left, right)


def is_server(version: str, product: str, least: tuple[int, int]) -> bool:
    """Is a server's version text that product, and new enough? Without a text, MariaDB of today is assumed."""
    if not version:
        return product == "MariaDB"
    match = VERSION.search(version.removeprefix("5.5.5-"))
    is_mariadb = "mariadb" in version.lower()
    return is_mariadb == (product == "MariaDB") and match is not None and (int(match[1]), int(match[2])) >= least


def labels_are_safe(labels: tuple[str, ...]) -> bool:
    """Can an ENUM of MariaDB or DuckDB have these labels as they are? Blanks at the end would be lost."""
    return (
        0 < len(labels) <= LABELS_AT_MOST
        and len(set(labels)) == len(labels)
        and all(label == label.rstrip(" ") and len(label) <= LABEL_CHARACTERS_AT_MOST for label in labels)
    )
