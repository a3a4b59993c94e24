"""Numbers written as text: separators, currencies, units, and how most of a column are written."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from .base import ENOUGH, Reading, Values, Verdict, share_of
from .texts import stands_for_nothing, tidy

PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)")
COMMA = re.compile(r"[+-]?\d+,\d+")
GROUPED_POINT = re.compile(r"[+-]?\d{1,3}(?:[.' \u00a0\u202f]\d{3})+(?:,\d+)?")
GROUPED_COMMA = re.compile(r"[+-]?\d{1,3}(?:[,' \u00a0\u202f]\d{3})+(?:\.\d+)?")
SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE][+-]?\d{1,3}")
CURRENCY = re.compile(
    r"(?:[$\u20ac\u00a3\u00a5\u20b9\u20bd\u20ba\u20a9]|\b(?:EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|TRY|RUB|AUD|CAD|NZD|CNY|INR|BRL|"
    r"MXN|ZAR|Euro|Dollar|Fr\.?|kr|z\u0142|K\u010d)\b)",
    re.IGNORECASE,
)
UNITS = "%|kg|g|mg|t|lbs?|oz|km|m|cm|mm|mi|ft|in|l|ml|cl|gal|\u00b0[CF]|s|ms|min|h|MB|GB|KB|kWh|W|V|A|pcs|pc|Stk|St\u00fcck|units?"
UNIT = re.compile(rf"(?P<number>[+-]?[\d.,' \u00a0]*\d)\s*(?P<unit>{UNITS})\.?")


@dataclass(frozen=True, slots=True)
class NumberReading:
    """Numbers, most with a point and without anything else, or most with a comma."""

    comma: bool
    scale: int | None
    """Digits after the separator that nearly all have; None where they differ."""
    whole: bool
    share: float
    detail: str = ""
    kind: str = "number"

    def judge(self, value: str) -> Verdict | None:
        """Plain, or what it is instead."""
        if (COMMA if self.comma else PLAIN).fullmatch(value) or (self.comma and value.lstrip("+-").isdigit()):
            return None
        stripped = tidy(value)
        if stripped != value and PLAIN.fullmatch(stripped):
            return Verdict("white-space", "warning", "white space around a number", stripped)
        if stands_for_nothing(stripped):
            return Verdict("missing-word", "error", "a word for a missing number")
        if SCIENTIFIC.fullmatch(stripped):
            exact = exact_scientific(stripped) if not self.whole or len(stripped) < 6 else None
            return Verdict("scientific", "error", "a number in scientific notation, which has lost digits", exact)
        bare, code, text = without_extras(stripped)
        number = self.read(bare)
        if number is None:
            return Verdict("malformed", "error", "not a number")
        return Verdict(code, "error", text, self.write(number))

    def read(self, text: str) -> Decimal | None:
        """The number that a text means; None where it is none or could be two."""
        if (PLAIN if not self.comma else COMMA).fullmatch(text):
            return Decimal(text.replace(",", "."))
        if not self.comma and COMMA.fullmatch(text):
            digits = len(text.rpartition(",")[2])
            if digits == 3 and self.scale != digits:
                return None
            return Decimal(text.replace(",", "."))
        for pattern, point in ((GROUPED_POINT, ","), (GROUPED_COMMA, ".")):
            if pattern.fullmatch(text) and (point in text or len(re.findall(r"[.,' \u00a0\u202f]", text)) > 1):
                kept = re.sub(rf"[^\d{re.escape(point)}+-]", "", text)
                return Decimal(kept.replace(",", "."))
        return Decimal(text) if PLAIN.fullmatch(text) else None

    def write(self, number: Decimal) -> str:
        """A number as most are written."""
        if self.scale is not None and -number.as_tuple().exponent < self.scale:  # type: ignore[operator]
            number = number.quantize(Decimal(1).scaleb(-self.scale))
        return f"{number:f}".replace(".", ",") if self.comma else f"{number:f}"


def without_extras(value: str) -> tuple[str, str, str]:
    """The number without quotes, currency or unit; the code of the defect and its words."""
    if value[:1] in "'\"\u2019" and len(value) > 1:
        return value.strip("'\"\u2019"), "quoted", "a number in quotes, as spreadsheets write it"
    bare = CURRENCY.sub("", value).strip(" \u00a0.")
    if bare != value:
        return bare, "currency", "a currency within the number"
    unit = UNIT.fullmatch(value)
    if unit is not None:
        return unit["number"].strip(), "unit", "a unit within the number"
    return value, "separator", "a number with other separators than the rest"


def exact_scientific(text: str) -> str | None:
    """A short number that scientific notation holds exactly."""
    number = Decimal(text.replace(",", "."))
    return f"{number:f}" if number == number.to_integral() or abs(number) < 1 else None


def read_number(_name: str, values: Values) -> Reading | None:
    """Numbers as text."""
    plain = share_of(values, lambda value: PLAIN.fullmatch(value) is not None)
    comma = share_of(values, lambda value: COMMA.fullmatch(value) is not None or value.lstrip("+-").isdigit())
    if max(plain, comma) < ENOUGH:
        return None
    use_comma = comma > plain
    texts = [value for value in values if (COMMA if use_comma else PLAIN).fullmatch(value)]
    scales = Counter(len(re.split("[.,]", value)[1]) if re.search("[.,]", value) else 0 for value in texts)
    scale, times = scales.most_common(1)[0] if scales else (0, 0)
    whole = scales.get(0, 0) >= 0.95 * max(1, len(texts))
    usual = scale if times >= 0.9 * max(1, len(texts)) else None
    return NumberReading(
        use_comma, usual, whole, max(plain, comma), "whole" if whole else f"scale {usual}" if usual else ""
    )
