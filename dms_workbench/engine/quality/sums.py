"""Numbers that are sums over the rows of another table."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .bench import Bench, BenchColumn, BenchTable
from .equal import Referred, equal_rules
from .model import Finding, Rule
from .relations import MANY_VALUES, allowed, measures, parent_join

CLEARLY = 0.002
"""By how much a later, longer expression must agree more often to be taken instead."""
SURE_SUM = 0.85
"""Share of sums that must agree for the rest to be wrong."""
EXTREMES = ("min", "max", "avg")
"""Where two of them agree, the rows of a group are all equal, and none of them is meant."""
FEW_COUNTS = 3
"""A count of child rows has so many different values at least."""
AT_ONCE = 300
MOST_LOST = 200
"""Rows that lead nowhere up to which also two of them together may be what is missing."""
FACTORS = (1, 100, 1000, 0.01, 0.001)


def number_relations(bench: Bench) -> None:
    """Sums of a table's own child rows, then numbers that are those of another table, then sums over a parent's other children."""
    known: set[tuple[str, str]] = set()
    sum_rules(bench, [path for path in paths(bench) if path.own], known)
    for table in bench.tables:
        for reference, parent in bench.parents(table):
            equal_rules(bench, Referred(table, parent, reference), known)
    sum_rules(bench, [path for path in paths(bench) if not path.own], known)


def sum_rules(bench: Bench, along: Sequence[Path], known: set[tuple[str, str]]) -> None:
    """Numbers that are sums; those that are known already are left alone."""
    for path in along:
        for target in path.table.numbers():
            if (path.table.name, target.name) not in known and sum_rule(bench, path, target):
                known.add((path.table.name, target.name))


@dataclass(frozen=True, slots=True)
class Path:
    """A table whose rows stand for groups of rows of another: by its own key, or by a reference to the same parent."""

    table: BenchTable
    column: BenchColumn
    child: BenchTable
    child_column: BenchColumn
    home: BenchTable
    home_column: BenchColumn
    """What both refer to; the table itself if the child refers to it."""

    @property
    def own(self) -> bool:
        """The child refers to the table itself."""
        return self.home is self.table


def paths(bench: Bench) -> Iterator[Path]:
    """From each table to tables whose rows may sum up to its numbers."""
    for reference in bench.references:
        child, parent = bench.table(reference.table), bench.table(reference.to_table)
        if child is parent:
            continue
        key = parent.columns[reference.to_columns[0]]
        yield Path(parent, key, child, child.columns[reference.columns[0]], parent, key)
    for one, other in itertools.permutations(bench.references, 2):
        if one.to_table == other.to_table and one.to_columns == other.to_columns and one.table != other.table:
            table, child = bench.table(one.table), bench.table(other.table)
            figures = table.columns[one.columns[0]].profile
            if figures.distinct >= 0.9 * figures.rows:
                home = bench.table(one.to_table)
                key = home.columns[one.to_columns[0]]
                yield Path(table, table.columns[one.columns[0]], child, child.columns[other.columns[0]], home, key)


def terms(bench: Bench, child: BenchTable, referring: str) -> tuple[list[tuple[str, str]], str]:
    """Products of numbers of a child row, and of the rows it refers to, as SQL with words; and the joins that they need."""
    numbers = [
        (f"c.{column.place}", column.name)
        for column in child.numbers()
        if column.name != referring and measures(child, column, bench)
    ]
    joins = ""
    for number, (reference, parent) in enumerate(bench.parents(child)):
        if reference.columns[0] == referring:
            continue
        joins += " " + parent_join(bench, child, reference, parent, number).replace("t.", "c.")
        numbers += [
            (f"p{number}.{column.place}", f"{parent.name}.{column.name}")
            for column in parent.numbers()
            if measures(parent, column, bench)
        ]
    found = list(numbers)
    for (one, name), (other, second) in itertools.combinations(numbers, 2):
        found.append((f"{one} * {other}", f"{name} * {second}"))
        for third, percent in numbers:
            if third not in (one, other):
                found.append(
                    (f"{one} * {other} * (100 - {third}) / 100", f"{name} * {second} * (100 - {percent}) / 100")
                )
                found.append((f"{one} * {other} * (1 - {third})", f"{name} * {second} * (1 - {percent})"))
                found.append((f"{one} * {other} * {third}", f"{name} * {second} * {percent}"))
                found.append(
                    (f"{one} * {other} * (100 + {third}) / 100", f"{name} * {second} * (100 + {percent}) / 100")
                )
                found.append((f"{one} * {other} + {third}", f"{name} * {second} + {percent}"))
    return found[:400], joins


@dataclass(frozen=True, slots=True)
class Sum:
    """A figure over the rows of a group: mostly the sum of a term, by a factor, rounded in each row or at the end."""

    term: str
    said: str
    factor: float = 1
    each: bool = False
    fold: str = "sum"
    """``sum`` ``count`` ``min`` ``max`` ``avg``"""

    def sql(self, scale: int) -> str:
        """Of the whole group."""
        if self.fold == "count":
            return "count(*)"
        if self.fold != "sum":
            return f"round({self.fold}({self.term}), {scale})"
        return f"sum({self.part(scale)})" if self.each else f"round(sum({self.term}) * {self.factor}, {scale})"

    def part(self, scale: int) -> str:
        """What one row adds."""
        return "1" if self.fold == "count" else f"round({self.term} * {self.factor}, {scale})"

    def __str__(self) -> str:
        if self.fold == "count":
            return "count()"
        inner = f"round({self.said})" if self.each else self.said
        return f"{self.fold}({inner})" + (f" * {self.factor:g}" if self.factor != 1 else "")


def figures_of(products: Sequence[tuple[str, str]], target: BenchColumn) -> Iterator[Sum]:
    """What a number may be of its child rows, the plainest first."""
    yield Sum("1", "", fold="count")
    if target.profile.distinct < MANY_VALUES:
        return
    plain = [(term, said) for term, said in products if " " not in term]
    for fold in EXTREMES:
        yield from (Sum(term, said, fold=fold) for term, said in plain)
    for term, said in products:
        yield Sum(term, said, 1, each=True)
        yield from (Sum(term, said, factor) for factor in FACTORS)


def sum_rule(bench: Bench, path: Path, target: BenchColumn) -> bool:
    """Find the sum that a number is, if it is one, and the rows where it is not."""
    if not measures(path.table, target, bench) or target.profile.distinct < FEW_COUNTS:
        return False
    products, joins = terms(bench, path.child, path.child_column.name)
    best: tuple[float, Sum] | None = None
    extremes: dict[str, list[tuple[float, Sum]]] = defaultdict(list)
    step = max(1, path.table.rows // 400)
    possible = list(figures_of(products, target))
    for start in range(0, len(possible), AT_ONCE):
        sums = possible[start : start + AT_ONCE]
        for share, each in zip(agreement(bench, path, target, joins, sums, step), sums, strict=True):
            if share >= SURE_SUM and each.fold in EXTREMES:
                extremes[each.term].append((share, each))
            elif share >= SURE_SUM and (best is None or share > best[0] + CLEARLY):
                best = (share, each)
    alone = [each[0] for each in extremes.values() if len(each) == 1]
    best = best or max(alone, key=lambda each: each[0], default=None)
    if best is None:
        return False
    report_sum(bench, path, target, joins, *best)
    return True


def agreement(bench: Bench, path: Path, target: BenchColumn, joins: str, sums: Sequence[Sum], step: int) -> list[float]:
    """For each sum the share of rows, some of them, whose number it is."""
    listed = ", ".join(f"{each.sql(target.scale)} AS s{number}" for number, each in enumerate(sums))
    tested = ", ".join(
        f"avg(CAST(abs(s{number} - t.v) <= {allowed(target)} AS INTEGER))" for number in range(len(sums))
    )
    grouped = (
        f"SELECT c.{path.child_column.place} AS k, {listed} FROM {path.child.relation} c{joins} "
        f"WHERE c.{path.child_column.place} IN (SELECT k FROM chosen) GROUP BY 1"
    )
    row = bench.query(
        f"WITH chosen AS (SELECT {path.column.place} AS k, {target.place} AS v FROM {path.table.relation} "
        f"WHERE r % {step} = 0 AND {target.place} IS NOT NULL) "
        f"SELECT count(*), {tested} FROM chosen t JOIN ({grouped}) g ON g.k = t.k"
    )[0]
    return [float(share or 0) if row[0] >= 20 else 0.0 for share in row[1:]]


def report_sum(bench: Bench, path: Path, target: BenchColumn, joins: str, share: float, best: Sum) -> None:
    """The rule with the rows whose number is another; the sum is what it should be.

    Where a row that leads nowhere adds just what is missing, that row is to blame, and nothing is said here.
    """
    rule = Rule(
        f"{path.table.name}.{target.name}.sum", path.table.name, (target.name,), "sum",
        {"of": path.child.name, "by": [path.column.name, path.child_column.name], "expression": str(best)}, "error", 0.9,
        f"it is {best} over the rows of {path.child.name} in {share:.1%} of the rows",
    )  # fmt: skip
    text = f"it is not {best} over the rows of {path.child.name}"
    others = other_sums(bench, path, target, joins, best)
    found = [
        Finding(
            path.table.name, row, target.name, rule.id, "sum", "error", text, target.written(value) if sure else None
        )
        for row, value, sure, pair in others
        if not pair
    ]
    bench.report(rule, path.table.rows, found)
    bench.repair(path.table, target, {finding.row: finding.fix for finding in found if finding.fix is not None})
    unsure = {row: value for row, value, sure, _ in others if not sure}
    bench.unsure[path.table.name, target.name] = unsure
    bench.blank(path.table, target, unsure)


def other_sums(
    bench: Bench, path: Path, target: BenchColumn, joins: str, best: Sum
) -> list[tuple[int, float, bool, bool]]:
    """Rows whose number is another, with the sum, and whether it is sure: nothing can be missing from it; then whether
    two rows that lead nowhere may be just what is missing.
    """
    key, home = f"c.{path.child_column.place}", path.home_column.place
    lost = (
        f"SELECT DISTINCT {best.part(target.scale)} AS x FROM {path.child.relation} c{joins} "
        f"WHERE {key} IS NULL OR {key} NOT IN (SELECT {home} FROM {path.home.relation} WHERE {home} IS NOT NULL)"
    )
    bound = allowed(target) + (f" + n * {0.5 / 10**target.scale!r}" if best.fold == "sum" else "")
    return [
        (int(row), float(value), bool(sure) and not pair, bool(pair))
        for row, value, sure, pair in bench.query(
            f"WITH one AS ({lost}), pairs AS (SELECT a.x + b.x AS x FROM one a JOIN one b ON a.x <= b.x "
            f"WHERE (SELECT count(*) FROM one) <= {MOST_LOST}) SELECT t.r, s, t.{target.place} IS NOT NULL AND s >= t.{target.place} "
            f"OR NOT EXISTS (SELECT 1 FROM one), EXISTS (SELECT 1 FROM pairs l WHERE abs(s + x - t.{target.place}) <= {bound}) "
            f"FROM {path.table.relation} t JOIN (SELECT {key} AS k, {best.sql(target.scale)} AS s, "
            f"bool_and(({best.term}) IS NOT NULL AND NOT c.doubt) AS whole, count(*) AS n "
            f"FROM {path.child.relation} c{joins} GROUP BY 1) g ON g.k = t.{path.column.place} "
            f"WHERE whole AND (t.{target.place} IS NULL OR abs(s - t.{target.place}) > {bound}) "
            f"AND NOT EXISTS (SELECT 1 FROM one l WHERE abs(s + x - t.{target.place}) <= {bound})"
        )
    ]
