"""Rules for single numbers and moments: bounds, whole numbers, few values, powers of ten, days to come."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
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
OLDEST_AGE = 125
OLDEST = datetime.datetime(1900, 1, 1)


def number_rules(bench: Bench, table: BenchTable, now: datetime.datetime) -> None:
    """All rules for single numbers and moments of one table. now: what lies behind it is to come."""
    referring = {name for reference in bench.references if reference.table == table.name for name in reference.columns}
    for column in list(table.numbers()):
        if column.name in table.key or column.name in referring:
            continue
        numbers = Numbers(bench, table, column)
        if numbers.count() < LEAST_ROWS:
            continue
        degrees = degrees_of(column.name)
        if degrees:
            numbers.degrees(degrees)
        elif not is_identifier(column):
            numbers.rules()
    for column in list(table.times()):
        time_rules(bench, table, column, now)


def degrees_of(name: str) -> int:
    """How far a column of degrees may go by its name: 90 for latitudes, 180 for longitudes, 0 for all others."""
    named = frozenset(ordered_words(name))
    return 90 if named & words("latitude") else 180 if named & words("longitude") else 0


def is_identifier(column: BenchColumn) -> bool:
    """Is it a number by name only?"""
    named = ordered_words(column.name)
    return bool(named and (named[-1] in words("identifiers") or degrees_of(column.name)))


@dataclass(slots=True)
class Numbers:
    """One column of numbers on the bench; what is told leaves it."""

    bench: Bench
    table: BenchTable
    column: BenchColumn

    @property
    def named(self) -> frozenset[str]:
        """Of the column's name."""
        return frozenset(ordered_words(self.column.name))

    @property
    def place(self) -> str:
        """In SQL."""
        return self.column.place

    def figures(self, *listed: str) -> tuple[float, ...]:
        """Aggregates over its numbers; 0 where there are none."""
        row = self.bench.query(f"SELECT {', '.join(listed)} FROM {self.table.relation} WHERE isfinite({self.place})")[0]
        return tuple(float(each or 0) for each in row)

    def count(self) -> int:
        """How many there are."""
        return int(self.figures("count(*)")[0])

    def where(self, test: str) -> list[tuple[int, float]]:
        """Rows and numbers for which a test is true, numbers rising."""
        rows = self.bench.query(
            f"SELECT r, {self.place} FROM {self.table.relation} WHERE isfinite({self.place}) AND ({test}) ORDER BY 2, 1"
        )
        return [(int(row), float(value)) for row, value in rows]

    def rules(self) -> None:
        """The rules, each on what the ones before left."""
        if not self.few_values():
            self.signs()
            self.whole_numbers()
        if self.named & words("percent"):
            self.at_most(100, "percentages", "more than a hundred percent", "over-hundred")
        if self.named & words("age"):
            self.at_most(OLDEST_AGE, "ages in years", "older than anybody was", "too-old")
        self.magnitudes()

    def rule(self, check: Check, because: str, name: str = "", **parameters: float | Sequence[float]) -> Rule:
        """A rule for the column."""
        return self.bench.rule(self.table, [self.column.name], check, because, name=name, **parameters)

    def report(self, rule: Rule, code: str, found: Sequence[tuple[int, str, str | None]]) -> None:
        """A rule and the rows that break it: row, words and fix. A fix is a good guess, no more: the value leaves the bench."""
        findings = [
            Finding(self.table.name, row, self.column.name, rule.id, code, "error", said, fix)
            for row, said, fix in found
        ]
        self.bench.report(rule, self.count(), findings)
        self.bench.blank(self.table, self.column, [row for row, _, _ in found])

    def written(self, number: float) -> str:
        """A number as the column writes it."""
        return self.column.written(number)

    def degrees(self, most: int) -> None:
        """Latitudes beyond the poles, longitudes beyond half the globe."""
        wrong = [(row, f"beyond {most} degrees", None) for row, _ in self.where(f"abs({self.place}) > {most}")]
        if len(wrong) <= RARE * self.count():
            self.report(self.rule("range", "degrees", "degrees", min=-most, max=most), "degrees", wrong)

    def few_values(self) -> bool:
        """A column of few numbers: others, far off or between them, are wrong. Says whether it is such a column."""
        total = self.count()
        rows = self.bench.query(
            f"SELECT {self.place}, count(*) FROM {self.table.relation} WHERE isfinite({self.place}) GROUP BY 1 "
            f"HAVING count(*) >= {max(3, FREQUENT * total)} ORDER BY 1"
        )
        frequent = [float(value) for value, _ in rows]
        covered = sum(times for _, times in rows)
        if not 2 <= len(frequent) <= FEW_VALUES or covered < (1 - RARE) * total:
            return False
        whole = all(value == int(value) for value in frequent)
        low, high = frequent[0], frequent[-1]
        far = f"{self.place} < {min(low, 1)!r} OR {self.place} > {2 * max(high, 1)!r}"
        between = f" OR {self.place} <> trunc({self.place})" if whole else ""
        listed = ", ".join(map(repr, frequent))
        wrong = [
            (row, "not one of the few values of the column", self.scaled(value, frequent))
            for row, value in self.where(f"{self.place} NOT IN ({listed}) AND ({far}{between})")
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
        positive = f"FILTER ({self.place} > 0)"
        total, below, least, most = self.figures(
            "count(*)", f"count_if({self.place} < 0)", f"min({self.place}) {positive}", f"max({self.place}) {positive}"
        )
        if below > RARE * total:
            return
        signed = bool(self.named & (words("money") | words("units")))
        wrong: list[tuple[int, str, str | None]] = [
            (
                row,
                "below zero in a column that never is",
                self.written(-value) if signed and 0 < least <= -value <= most else None,
            )
            for row, value in self.where(f"{self.place} < 0")
        ]
        because = f"{1 - below / total:.1%} of the numbers are not below zero"
        self.report(self.rule("range", because, "not-negative", min=0), "negative", wrong)

    def whole_numbers(self) -> None:
        """Fractions in a column of whole numbers."""
        broken = f"{self.place} <> trunc({self.place})"
        total, fractions, largest = self.figures("count(*)", f"count_if({broken})", f"max({self.place})")
        if total and fractions <= RARE * total:
            wrong = [
                (row, "a fraction in a column of whole numbers", self.thousandfold(value, largest))
                for row, value in self.where(broken)
            ]
            because = f"{1 - fractions / total:.1%} of the numbers are whole"
            self.report(self.rule("whole", because), "whole", wrong)

    def thousandfold(self, value: float, largest: float) -> str | None:
        """The number in the smaller unit that was written in the larger one; None if it was not."""
        number = round(value * 1000, 6)
        fits = self.named & words("units") and number == int(number) and number <= largest
        return self.written(number) if fits else None

    def at_most(self, bound: float, because: str, said: str, code: str) -> None:
        """No number is larger, where that hardly occurs."""
        over = [(row, said, None) for row, _ in self.where(f"{self.place} > {bound!r}")]
        if over and len(over) <= RARE * self.count():
            self.report(self.rule("range", because, "at-most", max=bound), code, over)

    def magnitudes(self) -> None:
        """A tail of values that are another power of ten: centimes for euros, grams for kilograms."""
        if self.figures(f"count_if({self.place} > 0)")[0] < LEAST_ROWS:
            return
        high, low = self.tail(self.place), self.tail(f"1 / {self.place}")
        wrong = dict(high + (low if len(low) >= FEW_LOW else []))
        if not wrong:
            return
        far = ", ".join(repr(value) for value in sorted(set(wrong.values())))
        inner = f"FILTER ({self.place} > 0 AND {self.place} NOT IN ({far}))"
        main = self.figures(f"min({self.place}) {inner}", f"max({self.place}) {inner}")
        factors = self.factors(wrong, main)
        found = []
        for row, value in sorted(wrong.items()):
            fix = next(
                (self.written(value / factor) for factor in factors if self.fits(value / factor, main)),
                None,
            )
            found.append((row, "far from all other numbers of the column, as if in another unit", fix))
        because = f"all others lie between {main[0]:.6g} and {main[1]:.6g}"
        self.report(self.rule("magnitude", because, min=main[0], max=main[1]), "magnitude", found)

    def tail(self, size: str) -> list[tuple[int, float]]:
        """Rows and numbers of the upper tail that a wide gap divides from the rest. size: rises with it; only of positive ones."""
        total = int(self.figures(f"count_if({self.place} > 0)")[0])
        start = total - max(1, int(TAIL * total) + 1)
        found = self.bench.query(
            f"WITH ranked AS (SELECT r, {self.place} AS v, {size} AS x, row_number() OVER (ORDER BY {size}, r) - 1 AS n "
            f"FROM {self.table.relation} WHERE isfinite({self.place}) AND {self.place} > 0), "
            f"inside AS (SELECT x FROM ranked WHERE n = {int(0.99 * start)}), "
            f"steps AS (SELECT n, x, lag(x) OVER (ORDER BY n) AS before FROM ranked WHERE n >= {start - 1}), "
            f"gap AS (SELECT min(n) AS n FROM steps, inside WHERE before IS NOT NULL AND "
            f"steps.x >= (CASE WHEN n < {total - 2} THEN {GAP} ELSE {FAR} END) * greatest(before, inside.x)) "
            f"SELECT r, v FROM ranked WHERE n >= (SELECT n FROM gap)"
        )
        return [(int(row), float(value)) for row, value in found]

    def factors(self, wrong: Mapping[int, float], main: Sequence[float]) -> list[float]:
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
        return exact and main[0] * 0.9 <= value <= main[1] * 1.1


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
