"""Which kind every value of a column has: found by looking at all of them, each of which must come back as it is written.

A number with leading zeros, an exponent, a plus sign or more digits than a column of integers holds stays text, and so does a
column of decimals in which 1.5 and 1.50 both occur: as numbers they would be the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache

from ..catalogue import DataType, Kind
from .dialect import Dialect
from .types import parse_type

LEAP_YEAR = r"(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
DATE = (
    r"(?!0000)(?:\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    rf"|{LEAP_YEAR}-02-29)"
)
CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
FRACTION = r"(?:\.\d{1,6})?"
UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
LARGEST = 2**63 - 1
MOST_DECIMAL_DIGITS = 38
HEAD_ROWS = 2_000
FEWER = 4
"""Values are looked at once each where there are this many times fewer of them than rows."""


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write values of a kind."""

    kind: Kind
    pattern: str
    separator: str = " "
    """Between date and time."""
    suffix: str = ""
    """The zone at the end."""
    decimal: str = "."
    thousands: str = ""
    truth: str = "true"
    as_written: bool = False
    """Is every value in its canonical form as it stands?"""
    counts_fraction: bool = False
    """Must all fractions have as many digits, or none a zero at its end?"""

    def line(self) -> re.Pattern[str]:
        """Lines of values of this form."""
        return line_pattern(self.pattern)


@cache
def line_pattern(pattern: str) -> re.Pattern[str]:
    """Any number of lines, without remembering each."""
    return re.compile(rf"(?:{pattern}\n)*+", re.ASCII)


def stamps() -> tuple[Form, ...]:
    """Dates with times, by separator and zone."""
    found = []
    for separator in (" ", "T"):
        found.append(
            Form("timestamp", f"{DATE}{separator}{CLOCK}{FRACTION}", separator=separator, counts_fraction=True)
        )
        for suffix in ("Z", "+00", "+00:00"):
            pattern = f"{DATE}{separator}{CLOCK}{FRACTION}{re.escape(suffix)}"
            found.append(Form("timestamptz", pattern, separator, suffix, counts_fraction=True))
    return tuple(found)


FORMS = (
    Form("integer", r"(?:0|-?[1-9]\d{0,18})"),
    Form("decimal", r"(?:(?!-0\.0*\n)-?(?:[1-9]\d{0,36}|0(?=\.))(?:\.\d{1,37})?|0)", counts_fraction=True),
    *(
        Form("boolean", f"(?:{yes}|{no})", truth=yes)
        for yes, no in (("true", "false"), ("True", "False"), ("TRUE", "FALSE"))
    ),
    Form("date", DATE),
    Form("time", CLOCK + FRACTION, counts_fraction=True),
    *stamps(),
    Form("uuid", UUID),
)
"""Every form that is looked for, the narrowest first."""


def number_forms(decimal: str, thousands: str) -> tuple[Form, ...]:
    """Numbers written as a user says, where that is not with a point alone."""
    whole = r"(?:0|[1-9]\d*+)"
    if thousands:
        whole = rf"(?:0|[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}})++(?!\d)|[1-9]\d*+)"
    pattern = rf"-?{whole}(?:{re.escape(decimal)}\d{{1,37}})?"
    return (Form("decimal", pattern, decimal=decimal, thousands=thousands),)


COMMA_DECIMALS = Form(
    "decimal", r"-?(?:0|[1-9]\d{0,2}(?:\.\d{3})+(?=,)|[1-9]\d*)(?:,\d{1,37})?", decimal=",", thousands="."
)
SURE_COMMA = re.compile(r",(?!\d{3}\n)|\.\d{3},")
"""A comma that is no thousands separator."""
COMMA_FORMS = (COMMA_DECIMALS, replace(COMMA_DECIMALS, pattern=r"-?(?:0|[1-9]\d*)(?:,\d{1,37})?", thousands=""))


def forms_for(dialect: Dialect) -> tuple[Form, ...]:
    """The forms to be looked for in a file."""
    if not dialect.typed:
        return ()
    if dialect.decimal != "." or dialect.thousands:
        integers = tuple(form for form in FORMS if form.kind == "integer")
        others = tuple(form for form in FORMS if form.kind not in ("integer", "decimal"))
        return (*integers, *number_forms(dialect.decimal, dialect.thousands), *others)
    return (*FORMS, COMMA_FORMS[0]) if dialect.delimiter != "," else FORMS


def in_range(values: list[str]) -> bool:
    """Do all whole numbers fit 64 bits?"""
    return -LARGEST - 1 <= min(map(int, values)) <= max(map(int, values)) <= LARGEST


def seldom_new(values: list[str]) -> bool:
    """Are there far fewer different values than values? A look at the first tells whether it is worth to count."""
    head = values[:HEAD_ROWS]
    return FEWER * len(set(head)) < len(head) or (
        len(values) > FEWER * len(head) and len(set(head)) < len(head) and FEWER * len(set(values)) < len(values)
    )


@dataclass(slots=True)
class Watch:
    """What is known so far of one column."""

    forms: tuple[Form, ...]
    seen: bool = False
    has_null: bool = False
    digits_before: int = 1
    scales: set[int] = field(default_factory=set)
    zero_ended: bool = False
    sure_comma: bool = False
    longest: int = 0

    @property
    def told(self) -> bool:
        """Can nothing more be told by further values? It is text, and there was a NULL."""
        return self.seen and not self.forms and self.has_null

    def look(self, values: list[str | None]) -> None:
        """Look at some more values."""
        holds_null = None in values
        self.has_null = self.has_null or holds_null
        if self.seen and not self.forms:
            return
        present: list[str] = [value for value in values if value is not None] if holds_null else values  # type: ignore[assignment]
        if not present:
            return
        self.seen = True
        self.examine(list(set(present)) if seldom_new(present) else present)

    def examine(self, values: list[str]) -> None:
        """Drop the forms that a value does not have."""
        joined = "\n".join(values) + "\n"
        if joined.count("\n") != len(values):
            self.forms = ()
        self.forms = tuple(form for form in self.forms if form.line().fullmatch(joined))
        long = max(map(len, values)) >= len(str(LARGEST))
        if long and self.forms and self.forms[0].kind == "integer" and not in_range(values):
            self.forms = ()
        if any(form.counts_fraction or form.decimal == "," for form in self.forms):
            self.measure(values, joined)

    def measure(self, values: list[str], joined: str) -> None:
        """Digits before and after the point."""
        form = next(form for form in self.forms if form.counts_fraction or form.decimal == ",")
        if self.same_scale(values, joined, form):
            return
        self.sure_comma = self.sure_comma or (form.decimal == "," and SURE_COMMA.search(joined) is not None)
        if form.decimal not in joined and form.kind == "decimal":
            self.scales.add(0)
            self.count_digits(values, 0)
            return
        for value in values:
            whole, _, fraction = value.removesuffix(form.suffix).partition(form.decimal)
            self.scales.add(len(fraction))
            self.zero_ended = self.zero_ended or fraction[-1:] == "0"
            if form.kind == "decimal":
                digits = len(whole.lstrip("-").replace(form.thousands, "") if form.thousands else whole.lstrip("-"))
                self.digits_before = max(self.digits_before, digits)

    def same_scale(self, values: list[str], joined: str, form: Form) -> bool:
        """Told at once: no fraction in any value, or in all as many digits as before."""
        if form.decimal not in joined and form.kind != "decimal":
            self.scales.add(0)
            return True
        if len(self.scales) != 1 or 0 in self.scales or form.kind != "decimal" or form.decimal != ".":
            return False
        (scale,) = self.scales
        if not line_pattern(rf"-?\d++\.\d{{{scale}}}").fullmatch(joined):
            return False
        self.zero_ended = self.zero_ended or "0\n" in joined
        self.count_digits(values, scale + 1)
        return True

    def count_digits(self, values: list[str], behind: int) -> None:
        """Digits before the point, of numbers that all have so many characters from the point on."""
        known = self.digits_before + behind
        longest = max(map(len, values))
        if longest > known:
            longer = [value for value in values if len(value) > known]
            self.digits_before = max(self.digits_before, *(len(value.lstrip("-")) - behind for value in longer))

    def fits(self, value: str | None) -> bool:
        """Would the value have the form that was found?"""
        form = self.form()
        return value is None or form is None or form.line().fullmatch(f"{value}\n") is not None

    def form(self) -> Form | None:
        """The form of all values; None for text."""
        for form in self.forms if self.seen else ():
            if form.counts_fraction and len(self.scales) > 1 and self.zero_ended:
                continue
            if form.kind == "decimal" and self.digits_before + max(self.scales, default=0) > MOST_DECIMAL_DIGITS:
                continue
            if form.kind == "decimal" and not any(self.scales):
                continue
            if form in COMMA_FORMS and not self.sure_comma:
                continue
            plain = form.separator == " " and form.suffix in ("", "+00") and not self.zero_ended
            return replace(form, as_written=plain)
        return None

    def type(self) -> DataType:
        """The type of the column."""
        form = self.form()
        if form is None:
            return parse_type("VARCHAR")
        scale = max(self.scales, default=0)
        match form.kind:
            case "integer":
                return parse_type("BIGINT")
            case "decimal":
                return parse_type(f"DECIMAL({self.digits_before + scale},{scale})")
            case "timestamptz":
                return parse_type("TIMESTAMP WITH TIME ZONE")
        return parse_type(form.kind.upper())
