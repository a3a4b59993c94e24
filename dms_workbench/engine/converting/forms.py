"""What two products mean for a conversion: the values they have, the ranges of their calendars, the forms that need no change."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from ..databases.base import Value
from ..databases.catalogue import DataType
from .exact import FALSE, TRUE, Unfit, to_time

SAME_FORM = frozenset(("date", "time", "timestamp", "timestamptz", "interval", "uuid", "json", "other"))
NAN_WORDS = frozenset(("NaN", "Infinity", "-Infinity"))
CALENDAR_KINDS = frozenset(("date", "timestamp", "timestamptz"))
DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[ T].*)?")


@dataclass(frozen=True, slots=True)
class Pair:
    """What two databases mean for a conversion."""

    source: str
    """A database, or ``expression`` for what an expression has made: typed, and of no database."""
    target: str

    @property
    def dynamic(self) -> bool:
        """May a source column hold values that are not of its type?"""
        return self.source == "sqlite"

    @property
    def opens_structures(self) -> bool:
        """Do arrays and hstore leave PostgreSQL, so that they become JSON?"""
        return self.source == "postgres" != self.target

    @property
    def checks_text(self) -> bool:
        """May the source's text be no valid Unicode?"""
        return self.source not in ("postgres", "duckdb")

    @property
    def checks_calendar(self) -> bool:
        """Has one side dates that the other has not? MariaDB has zero dates, and none before year 1 or after 9999."""
        return self.source != self.target and "mysql" in (self.source, self.target)

    @property
    def holds_nul(self) -> bool:
        """Can the target's text hold the NUL character?"""
        return self.target != "postgres"

    @property
    def cuts_blanks(self) -> bool:
        """Does the target's CHAR lose the blanks at the end of a text?"""
        return self.target == "mysql"

    @property
    def holds_nan(self) -> bool:
        """Can the target's floats be NaN?"""
        return self.target not in ("sqlite", "mysql")

    @property
    def holds_infinity(self) -> bool:
        """Can the target's floats be infinite?"""
        return self.target != "mysql"

    @property
    def holds_negative_zero(self) -> bool:
        """Do the target's floats keep the sign of zero?"""
        return self.target not in ("sqlite", "mysql") or self.source == self.target

    @property
    def decimals_hold_nan(self) -> bool:
        """Can the target's decimals be NaN?"""
        return self.target == "postgres"


def is_bits(type: DataType) -> bool:
    """Is it a string of bits?"""
    return type.kind == "other" and type.native.lower().partition("(")[0].strip() in ("bit", "bit varying", "varbit")


def of_boolean(text: str) -> Value:
    """1 or 0 for a word of truth in a column declared boolean; None for other text, which is converted as a number."""
    word = text.strip().lower()
    return 1 if word in TRUE else 0 if word in FALSE else None


def ranged(text: str, target: DataType, pair: Pair) -> str:
    """A date or time, if the target's product has it."""
    if target.kind in CALENDAR_KINDS and pair.checks_calendar:
        check_day(text)
    if target.kind == "time" and pair.source == "mysql" and pair.target != "mysql":
        return to_time(text, target)
    return text


def without_padding(text: str, source: DataType, pair: Pair) -> str:
    """A text for a CHAR that loses blanks at its end: those that PostgreSQL's character(n) is padded with mean nothing."""
    if not text.endswith(" "):
        return text
    if pair.source == "postgres" and source.fixed:
        return text.rstrip(" ")
    raise Unfit("loses-precision", "the target's CHAR loses the blanks at the end of the text")


def check_day(text: str) -> None:
    """Raise unless both MariaDB and the others have the day: years 1 to 9999, and a day of the calendar."""
    match = DAY.fullmatch(text)
    if match is None or text.endswith(" BC"):
        raise Unfit("out-of-range", "MariaDB and MySQL have the years 1 to 9999 and no infinity")
    try:
        datetime.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise Unfit(
            "invalid-value", "it is a zero date, or a day the calendar does not have: see the rule zero-date-to-null"
        ) from None
