"""What has changed between two profiles, how gravely, and whether that stops what waits for it.

Tables and columns belong together by their names, capitals or not, and tables without regard to their schema: so a source and
its migrated target can be held against each other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from .figures import epoch_of
from .model import ColumnProfile, Profile, TableProfile

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")
TIMES = ("date", "timestamp", "timestamptz")
NUMBERS = ("integer", "decimal", "float")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """From which change on something is a warning, and from which an error; shares are 0 to 1."""

    rows: tuple[float, float] = (0.1, 0.5)
    """Change of the rows, as a share of those before."""
    nulls: tuple[float, float] = (0.01, 0.1)
    """Change of the share of NULLs."""
    distinct: tuple[float, float] = (0.2, 0.5)
    """Change of the distinct values, beyond that of the rows, as a share of those before."""
    distance: tuple[float, float] = (0.1, 0.25)
    """Between distributions: Kolmogorov and Smirnov's of numbers and times, total variation of categories."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was."""

    table: str
    column: str
    """Empty for the table itself."""
    what: str
    """``table`` ``rows`` ``column`` ``type`` ``nulls`` ``distinct`` ``least`` ``greatest`` ``distribution`` ``new values``
    ``vanished values``."""
    severity: Severity
    before: str
    after: str

    def __str__(self) -> str:
        where = f"{self.table}.{self.column}" if self.column else self.table
        return f"{where}: {self.what}: {self.before or 'nothing'} → {self.after or 'nothing'}"


def drift(before: Profile, after: Profile, limits: Limits | None = None) -> tuple[Change, ...]:
    """What has changed, the gravest first."""
    found: list[Change] = []
    for one, other in side_by_side(before.tables, after.tables, lambda table: table.name.rpartition(".")[2].lower()):
        if one is None or other is None:
            found += gone_or_new("table", one, other)
        else:
            found += table_changes(one, other, limits or Limits())
    return tuple(sorted(found, key=lambda each: -SEVERITIES.index(each.severity)))


def gone_or_new(what: str, one: TableProfile | None, other: TableProfile | None) -> Iterator[Change]:
    """A table that is on one side only."""
    name = (one or other).name  # type: ignore[union-attr]  # one of them is there
    yield Change(name, "", what, "error" if other is None else "info", "" if one is None else "there",
                 "" if other is None else "there")  # fmt: skip


def side_by_side(
    before: Sequence[T], after: Sequence[T], key: Callable[[T], str]
) -> Iterator[tuple[T | None, T | None]]:
    """Those of one key together, in the order of the first, then what is new."""
    there = {key(each): each for each in after}
    for each in before:
        yield each, there.pop(key(each), None)
    for each in there.values():
        yield None, each


def table_changes(before: TableProfile, after: TableProfile, limits: Limits) -> Iterator[Change]:
    """What has changed in a table."""
    if (before.problem and not before.columns) or (after.problem and not after.columns):
        if before.problem != after.problem:
            yield Change(after.name, "", "table", "error", before.problem or "readable", after.problem or "readable")
        return
    rows = [
        table.sampling.rows_read if table.sampling.whole else table.sampling.rows_total for table in (before, after)
    ]
    if None not in rows and rows[0] != rows[1]:
        change = relative(rows[0] or 0, rows[1] or 0)
        yield Change(after.name, "", "rows", grade(change, limits.rows), str(rows[0]), str(rows[1]))
    growth = (rows[1] or 0) / rows[0] if rows[0] else 1.0
    for one, other in side_by_side(before.columns, after.columns, lambda column: column.name.lower()):
        if one is None:
            yield Change(after.name, other.name, "column", "warning", "", other.native)  # type: ignore[union-attr]
        elif other is None:
            yield Change(after.name, one.name, "column", "error", one.native, "")
        else:
            yield from column_changes(after.name, one, other, limits, growth)


def column_changes(
    table: str, before: ColumnProfile, after: ColumnProfile, limits: Limits, growth: float
) -> Iterator[Change]:
    """What has changed in a column. growth: rows after for each row before."""
    if before.kind != after.kind:
        yield Change(table, after.name, "type", "warning", before.native, after.native)
    if not before.rows or not after.rows:
        return
    shares = before.null_share, after.null_share
    if abs(shares[1] - shares[0]) > 0:
        severity = grade(abs(shares[1] - shares[0]), limits.nulls)
        yield Change(table, after.name, "nulls", severity, f"{shares[0]:.2%}", f"{shares[1]:.2%}")
    unlike = min(relative(before.distinct, after.distinct), relative(before.distinct * growth, after.distinct))
    noise = 0.0 if before.distinct_is_exact and after.distinct_is_exact else 0.1
    if unlike > noise:
        yield Change(
            table, after.name, "distinct", grade(unlike, limits.distinct), str(before.distinct), str(after.distinct)
        )
    if before.kind == after.kind:
        yield from value_changes(table, before, after, limits)


def value_changes(table: str, before: ColumnProfile, after: ColumnProfile, limits: Limits) -> Iterator[Change]:
    """Ranges, distributions, and values that came or went; of columns with personal data there is nothing to compare."""
    if before.kind in (*NUMBERS, *TIMES):
        for what in ("least", "greatest"):
            values = getattr(before, what), getattr(after, what)
            difference = place(after.kind, values[1]) - place(before.kind, values[0])
            if difference < 0 or difference > 0:
                yield Change(table, after.name, what, "info", *values)
    distance = distance_of(before, after)
    if distance is not None and distance >= limits.distance[0]:
        yield Change(
            table, after.name, "distribution", grade(distance, limits.distance), "", f"distance {distance:.2f}"
        )
    if before.personal is None and after.personal is None and complete(before) and complete(after):
        known, seen = ({each.value for each in column.top} for column in (before, after))
        if new := sorted(map(str, seen - known)):
            yield Change(table, after.name, "new values", "warning", "", ", ".join(new))
        if vanished := sorted(map(str, known - seen)):
            yield Change(table, after.name, "vanished values", "info", ", ".join(vanished), "")


def relative(before: float, after: float) -> float:
    """The change as a share of what was."""
    return abs(after - before) / before if before else float(after > 0)


def grade(change: float, limits: tuple[float, float]) -> Severity:
    """How grave a change is."""
    return "error" if change >= limits[1] else "warning" if change >= limits[0] else "info"


def complete(column: ColumnProfile) -> bool:
    """Are all its values among the frequent ones, counted?"""
    return bool(column.top) and column.distinct_is_exact and len(column.top) == column.distinct


def distance_of(before: ColumnProfile, after: ColumnProfile) -> float | None:
    """How far two distributions are apart, 0 to 1; None where there is nothing to tell it from."""
    if complete(before) and complete(after):
        return total_variation(shares_of(before), shares_of(after))
    one, other = curve(before), curve(after)
    if len(one) < 2 or len(other) < 2:
        return None
    places = sorted({each for each, _ in (*one, *other)})
    return max(abs(below(one, each) - below(other, each)) for each in places)


def shares_of(column: ColumnProfile) -> Mapping[str | None, float]:
    """Of each value among those that are filled."""
    total = sum(each.rows for each in column.top)
    return {each.value: each.rows / total for each in column.top} if total else {}


def total_variation(before: Mapping[str | None, float], after: Mapping[str | None, float]) -> float:
    """Half the sum of the differences."""
    return sum(abs(before.get(each, 0.0) - after.get(each, 0.0)) for each in {*before, *after}) / 2


def place(kind: str, text: str | None) -> float:
    """A number, or the seconds of a moment; NaN where it is none."""
    try:
        return epoch_of(text) if kind in TIMES else float(text or "nan")
    except ValueError:
        return float("nan")


def curve(column: ColumnProfile) -> list[tuple[float, float]]:
    """Values and the share below each, ascending: the quantiles between the least and the greatest."""
    points = [(0.0, column.least), *column.quantiles, (1.0, column.greatest)]
    read = [(place(column.kind, text), share) for share, text in points]
    return sorted(each for each in read if each[0] - each[0] == 0)


def below(curve: Sequence[tuple[float, float]], value: float) -> float:
    """The share of values up to one, straight between the points of a curve."""
    at = bisect_right(curve, (value, 2.0))
    if at == 0:
        return 0.0
    if at == len(curve):
        return 1.0
    (low, share), (high, more) = curve[at - 1], curve[at]
    return share + (more - share) * (value - low) / (high - low) if high > low else share
