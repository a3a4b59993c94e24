"""Numbers that are those of the row referred to."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from ..profiling.model import ReferenceCandidate
from .bench import Bench, BenchColumn, BenchTable
from .model import Finding, Rule
from .relations import FEW, LEAST_ROWS, MANY_VALUES, allowed, measures, parent_join

SLACK = 1.0
"""Units of the last digit by which sums that are rounded in another way may differ."""


@dataclass(frozen=True, slots=True)
class Referred:
    """A table and one that it refers to."""

    table: BenchTable
    parent: BenchTable
    reference: ReferenceCandidate


def equal_rules(bench: Bench, both: Referred, known: set[tuple[str, str]]) -> None:
    """Numbers that are those of the row referred to."""
    for mine, theirs in itertools.product(list(both.table.numbers()), list(both.parent.numbers())):
        many = min(mine.profile.distinct, theirs.profile.distinct) >= MANY_VALUES
        summed = (both.parent.name, theirs.name) in known
        fit = many and measures(both.table, mine, bench) and measures(both.parent, theirs, bench)
        if fit and equal_rule(bench, both, mine, theirs, slack=SLACK if summed else 0.0):
            known.add((both.table.name, mine.name))


def equal_rule(bench: Bench, both: Referred, mine: BenchColumn, theirs: BenchColumn, *, slack: float) -> bool:
    """Is a number (nearly) always that of the row referred to? Then the rows where it is not are told.

    slack: units of the last digit by which they may differ, since sums are rounded in more ways than one.
    """
    table, parent = both.table, both.parent
    join = parent_join(bench, table, both.reference, parent, 0)
    filled, equal = bench.query(
        f"SELECT count(*), count_if(abs(t.{mine.place} - p0.{theirs.place}) <= {allowed(mine)}) FROM {table.relation} t {join} "
        f"WHERE t.{mine.place} IS NOT NULL AND p0.{theirs.place} IS NOT NULL"
    )[0]
    if filled < LEAST_ROWS or equal < (1 - 2 * FEW) * filled:
        return False
    confirm(bench, both, mine, theirs)
    because, to = f"equal in {equal} of {filled} rows", f"{parent.name}.{theirs.name}"
    rule = bench.rule(table, [mine.name], "equal", because, to=to)
    rows = bench.query(
        f"SELECT t.r, p0.{theirs.place} FROM {table.relation} t {join} "
        f"WHERE abs(t.{mine.place} - p0.{theirs.place}) > {allowed(mine)} + {slack / 10**mine.scale!r}"
    )
    blamed, excused = of_parents(bench, both, mine, theirs, rule)
    found = blamed + [
        Finding(table.name, int(row), mine.name, rule.id, "equal", "error", f"it is not {to}", mine.written(value))
        for row, value in rows
        if int(row) not in excused
    ]
    bench.report(rule, int(filled), found)
    for side, column in ((table, mine), (parent, theirs)):
        bench.repair(
            side, column, {each.row: each.fix for each in found if each.fix is not None and each.table == side.name}
        )
    return True


def of_parents(
    bench: Bench, both: Referred, mine: BenchColumn, theirs: BenchColumn, rule: Rule
) -> tuple[list[Finding], set[int]]:
    """Where several rows agree with each other against the row they refer to, that row is to blame; and they are excused."""
    table, parent = both.table, both.parent
    refers, key = table.columns[both.reference.columns[0]].place, parent.columns[both.reference.to_columns[0]].place
    rows = bench.query(
        f"SELECT p.r, any_value(g.v), g.rows FROM (SELECT {refers} AS k, mode({mine.place}) AS v, count(*) AS n, "
        f"count(DISTINCT round({mine.place}, {mine.scale})) AS differing, list(r) AS rows FROM {table.relation} GROUP BY 1) g "
        f"JOIN {parent.relation} p ON p.{key} = g.k WHERE n > 1 AND differing = 1 "
        f"AND (p.{theirs.place} IS NULL OR abs(p.{theirs.place} - g.v) > {allowed(mine)}) "
        f"GROUP BY 1, 3"
    )
    text = f"all rows of {table.name} that refer to it say otherwise"
    blamed = [
        Finding(parent.name, int(row), theirs.name, rule.id, "equal", "error", text, theirs.written(value))
        for row, value, _ in rows
    ]
    return blamed, {int(row) for _, _, several in rows for row in several}


def confirm(bench: Bench, both: Referred, mine: BenchColumn, theirs: BenchColumn) -> None:
    """Numbers of the row referred to that a sum was not sure of, and that this table has as well."""
    unsure = bench.unsure.get((both.parent.name, theirs.name))
    if not unsure:
        return
    bench.keep("chosen_sums", {"r": list(unsure), "v": list(unsure.values())}, {"r": "BIGINT", "v": "DOUBLE"})
    refers, key = (
        both.table.columns[both.reference.columns[0]].place,
        both.parent.columns[both.reference.to_columns[0]].place,
    )
    rows = bench.query(
        f"SELECT DISTINCT p.r FROM {both.parent.relation} p JOIN chosen_sums s USING (r) "
        f"JOIN {both.table.relation} t ON t.{refers} = p.{key} WHERE abs(t.{mine.place} - s.v) <= {allowed(mine)}"
    )
    bench.confirm(both.parent, theirs, {int(row) for (row,) in rows})
