"""Rules for single numbers and moments: bounds, whole numbers, few values, powers of ten, days to come."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..profiling.pii import ordered_words
from ..profiling.wordlists import words
from .bench import Bench, BenchColumn, BenchTable
from .model import Check, Finding, Rule

RARE = 0.025
"""Share of rows that may be wrong while the rest is taken for the rule."""
LEAST_ROWS = 50
TAIL = 0.08
"""Share of rows that may be in a tail of another magnitude."""
FEW_LOW = 3
"""Fewer small values are not told: small numbers are common."""
FAR = 8.0
"""Ratio that a single value must be ahead of the rest."""
GAP = 4.0
"""Ratio between neighbouring values in the tail of a column from which the tail is another magnitude."""
FEW_VALUES = 25
FREQUENT = 0.01
POWERS = (10, 100, 1000, 10_000, 1_000_000)
OLDEST = datetime.datetime(1900, 1, 1)


def number_rules(bench: Bench, table: BenchTable, now: datetime.datetime) -> None:
    """All rules for single numbers and moments of one table. now: what lies behind it is to come."""
    referring = {name for reference in bench.references if reference.table == table.name for name in reference.columns}
    for column in list(table.numbers()):
        if column.name in table.key or column.name in referring or is_identifier(column):
            continue
        rows = bench.query(
            f"SELECT r, {column.place} FROM {table.relation} WHERE isfinite({column.place}) ORDER BY 2, 1"
        )
        if len(rows) >= LEAST_ROWS:
            Numbers(bench, table, column, [(int(row), float(value)) for row, value in rows]).rules()
    for column in list(table.times()):
        time_rules(bench, table, column, now)


def is_identifier(column: BenchColumn) -> bool:
    """Is it a number by name only?"""
    named = ordered_words(column.name)
    return bool(
        named and (named[-1] in words("identifiers") or {*named} & {"lat", "lon", "lng", "latitude", "longitude"})
    )


@dataclass(slots=True)
class Numbers:
    """One column of numbers, in rising order."""

    bench: Bench
    table: BenchTable
    column: BenchColumn
    values: list[tuple[int, float]]

    @property
    def named(self) -> frozenset[str]:
        """Of the column's name."""
        return frozenset(ordered_words(self.column.name))

    def rules(self) -> None:
        """The rules, each on what the ones before left."""
        if not self.few_values():
            self.signs()
            self.whole_numbers()
        if self.named & words("percent"):
            self.percent()
        self.magnitudes()

    def rule(self, check: Check, because: str, name: str = "", **parameters: float | Sequence[float]) -> Rule:
        """A rule for the column."""
        return self.bench.rule(self.table, [self.column.name], check, because, name=name, **parameters)

    def report(self, rule: Rule, code: str, found: Sequence[tuple[int, str, str | None]]) -> None:
        """A rule and the rows that break it: row, words and fix. A fix is a good guess, no more: the value leaves the bench."""
        self.bench.report(
            rule,
            len(self.values),
            [
                Finding(self.table.name, row, self.column.name, rule.id, code, "error", said, fix)
                for row, said, fix in found
            ],
        )
        self.bench.blank(self.table, self.column, [row for row, _, _ in found])
        gone = {row for row, _, _ in found}
        self.values = [(row, value) for row, value in self.values if row not in gone]

    def written(self, number: float) -> str:
        """A number as the column writes it."""
        return f"{number:.{self.column.scale}f}" if self.column.scale else f"{number:.10g}"

    def few_values(self) -> bool:
        """A column of few numbers: others, far off or between them, are wrong. Says whether it is such a column."""
        counts = Counter(value for _, value in self.values)
        total = len(self.values)
        frequent = sorted(value for value, times in counts.items() if times >= max(3, FREQUENT * total))
        covered = sum(counts[value] for value in frequent)
        if not 2 <= len(frequent) <= FEW_VALUES or covered < (1 - RARE) * total:
            return False
        whole = all(value == int(value) for value in frequent)
        low, high = frequent[0], frequent[-1]
        wrong = [
            (row, "not one of the few values of the column", self.scaled(value, frequent))
            for row, value in self.values
            if value not in frequent
            and ((whole and value != int(value)) or value < min(low, 1) or value > 2 * max(high, 1))
        ]
        because = f"{covered / total:.1%} of the rows have one of {len(frequent)} values"
        self.report(self.rule("set", because, values=frequent), "set", wrong)
        return True

    def scaled(self, value: float, frequent: Sequence[float]) -> str | None:
        """The percentage that was written as a fraction; None if it was none."""
        if not self.named & words("percent"):
            return None
        near = [each for each in frequent if each and math.isclose(each, value * 100, rel_tol=1e-9)]
        return self.written(near[0]) if near else None

    def signs(self) -> None:
        """Numbers below zero, or zeros, in a column that has hardly any."""
        total = len(self.values)
        negative = [(row, value) for row, value in self.values if value < 0]
        if len(negative) > RARE * total:
            return
        wrong: list[tuple[int, str, str | None]] = []
        positive = sorted(value for _, value in self.values if value > 0)
        for row, value in negative:
            inside = bool(positive) and positive[0] <= -value <= positive[-1]
            money = bool(self.named & (words("money") | words("units")))
            wrong.append(
                (row, "below zero in a column that never is", self.written(-value) if inside and money else None)
            )
        because = f"{1 - len(negative) / total:.1%} of the numbers are not below zero"
        self.report(self.rule("range", because, "not-negative", min=0), "negative", wrong)

    def whole_numbers(self) -> None:
        """Fractions in a column of whole numbers."""
        largest = max((value for _, value in self.values), default=0.0)
        fractions = [
            (row, "a fraction in a column of whole numbers", self.thousandfold(value, largest))
            for row, value in self.values
            if value != int(value)
        ]
        if len(fractions) <= RARE * len(self.values):
            because = f"{1 - len(fractions) / len(self.values):.1%} of the numbers are whole"
            self.report(self.rule("whole", because), "whole", fractions)

    def thousandfold(self, value: float, largest: float) -> str | None:
        """The number in the smaller unit that was written in the larger one; None if it was not."""
        number = round(value * 1000, 6)
        return (
            self.written(number)
            if self.named & words("units") and number == int(number) and number <= largest
            else None
        )

    def percent(self) -> None:
        """More than a hundred percent where that hardly occurs."""
        over = [(row, "more than a hundred percent", None) for row, value in self.values if value > 100]
        if over and len(over) <= RARE * len(self.values):
            self.report(self.rule("range", "percentages", "at-most-hundred", max=100), "over-hundred", over)

    def magnitudes(self) -> None:
        """A tail of values that are another power of ten: centimes for euros, grams for kilograms."""
        positive = [(row, value) for row, value in self.values if value > 0]
        if len(positive) < LEAST_ROWS:
            return
        high = tail(positive)
        low = tail([(row, 1 / value) for row, value in reversed(positive)])
        low = low if len(low) >= FEW_LOW else []
        values = dict(positive)
        wrong = {row: values[row] for row in high + low}
        if not wrong:
            return
        main = [value for row, value in positive if row not in wrong]
        factors = self.factors(wrong, main)
        found = []
        for row, value in sorted(wrong.items()):
            fix = next(
                (self.written(value / factor) for factor in factors if self.fits(value / factor, main)),
                None,
            )
            found.append((row, "far from all other numbers of the column, as if in another unit", fix))
        because = f"all others lie between {main[0]:.6g} and {main[-1]:.6g}"
        self.report(self.rule("magnitude", because, min=main[0], max=main[-1]), "magnitude", found)

    def factors(self, wrong: dict[int, float], main: Sequence[float]) -> list[float]:
        """Factors by which the numbers may be off, the one that explains most first; units are off by a thousand."""
        possible = [float(power) for power in POWERS] + [1 / power for power in POWERS]
        explained = {factor: sum(self.fits(value / factor, main) for value in wrong.values()) for factor in possible}
        usual = 1000 if self.named & words("units") else 100
        return sorted(
            possible, key=lambda factor: (factor not in (usual, 1 / usual), -explained[factor], abs(math.log10(factor)))
        )

    def fits(self, value: float, main: Sequence[float]) -> bool:
        """Could it be a number of the column, by size and by its digits after the point?"""
        exact = math.isclose(value, round(value, self.column.scale), rel_tol=1e-9)
        return exact and main[0] * 0.9 <= value <= main[-1] * 1.1


def tail(values: Sequence[tuple[int, float]]) -> list[int]:
    """Rows of the upper tail that a wide gap divides from the rest. values: positive, rising."""
    most = max(1, int(TAIL * len(values)) + 1)
    start = len(values) - most
    inner = values[int(0.99 * start)][1]
    for place in range(start, len(values)):
        before, here = values[place - 1][1], values[place][1]
        needed = GAP if place < len(values) - 2 else FAR
        if here >= needed * before and here >= needed * inner:
            return [row for row, _ in values[place:]]
    return []


def time_rules(bench: Bench, table: BenchTable, column: BenchColumn, now: datetime.datetime) -> None:
    """Days to come, and days before 1900, where hardly any row has them."""
    rows, future, past = bench.query(
        f"SELECT count({column.place}), count_if({column.place} > ?), count_if({column.place} < ?) FROM {table.relation}",
        [now + datetime.timedelta(days=2), OLDEST],
    )[0]
    if rows < LEAST_ROWS:
        return
    named = frozenset(ordered_words(column.name))
    tests = []
    if future <= RARE * rows and not named & words("later"):
        tests.append(
            ("to-come", f"{column.place} > ?", now + datetime.timedelta(days=2), "a day that is still to come", "max")
        )
    if past <= RARE * rows:
        tests.append(("too-old", f"{column.place} < ?", OLDEST, "a day before 1900", "min"))
    for code, test, bound, text, name in tests:
        parameters = {name: str(bound)}
        rule = bench.rule(table, [column.name], "range", "hardly any row has one", name=code, **parameters)
        wrong = [int(row) for (row,) in bench.query(f"SELECT r FROM {table.relation} WHERE {test}", [bound])]
        bench.report(
            rule, int(rows), [Finding(table.name, row, column.name, rule.id, code, "error", text) for row in wrong]
        )
        bench.blank(table, column, wrong)
