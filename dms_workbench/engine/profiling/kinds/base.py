"""What a column's values are meant to be, learned from the values themselves: a *reading* judges each value and repairs it.

A reading is made from the distinct values of a column (or a sample of them). It knows what most of them look like, so it can
say of each value whether it is as it should be, only written otherwise (then with the value as it should be written), or wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with a value."""

    code: str
    """Of the defect: ``malformed`` ``written-otherwise`` ``impossible`` ``ambiguous`` ``checksum`` ``mojibake`` …"""
    severity: Severity
    text: str
    """In words, without the value."""
    repaired: str | None = None
    """The value as it should be; None where that cannot be known."""


class Reading(Protocol):
    """A way to read a column's values."""

    @property
    def kind(self) -> str:
        """``email`` ``date`` ``iban`` …"""
        ...

    @property
    def detail(self) -> str:
        """More of it, as the form of dates."""
        ...

    @property
    def share(self) -> float:
        """Of the distinct values it was made from that are as they should be, 0 to 1."""
        ...

    def judge(self, value: str) -> Verdict | None:
        """None for a value that is as it should be. Values are never empty."""
        ...


Values = Mapping[str, int]
"""Distinct values, never empty, with the number of rows of each."""

Reader = Callable[[str, Values], Reading | None]
"""Makes a reading from a column's name and values, or says that they are not of its kind."""

ENOUGH = 0.75
"""Values of one kind among the distinct ones from which a column is of that kind."""
LEAST_VALUES = 5
"""With fewer distinct values nothing is concluded from their form alone."""


def share_of(values: Values, test: Callable[[str], bool]) -> float:
    """Share of the distinct values for which the test is true."""
    return sum(map(test, values)) / len(values) if values else 0.0


def words_of(name: str) -> frozenset[str]:
    """The words of a column's name, in lower case: ``CustBirthDate`` and ``cust_birth_date`` alike."""
    import re

    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9\u00c0-\u024f]+", " ", name)
    return frozenset(split.lower().split())


def named(name: str, words: Sequence[str]) -> bool:
    """Does the column's name hold one of these words, or end with it?"""
    mine = words_of(name)
    joined = "".join(sorted(mine, key=name.lower().find))
    return any(word in mine or (len(word) > 3 and joined.endswith(word)) for word in words)
