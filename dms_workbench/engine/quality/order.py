"""Rules of order: one moment is not before another, within a row and against the row it refers to."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from .bench import Bench, BenchColumn, BenchTable
from .model import Finding, Rule
from .relations import FEW, LEAST_ROWS, parent_join


@dataclass(frozen=True, slots=True)
class Joined:
    """A column seen from a table: its own, or that of the row it refers to."""

    table: BenchTable
    column: BenchColumn
    sql: str


def order_rules(bench: Bench, table: BenchTable) -> None:
    """One moment is not before another: within a row, and against the row it refers to."""
    times = [Joined(table, column, f"t.{column.place}") for column in table.times()]
    joins = ""
    for number, (reference, parent) in enumerate(bench.parents(table)):
        joins += " " + parent_join(bench, table, reference, parent, number)
        times += [Joined(parent, column, f"p{number}.{column.place}") for column in parent.times()]
    rules = [
        pair
        for pair in itertools.permutations(times, 2)
        if (pair[0].table is table or pair[1].table is table) and keeps_order(bench, table, joins, pair)
    ]
    rules = without_detours(rules)
    broken = {pair: broken_rows(bench, table, joins, pair) for pair in rules}
    for pair, rows in broken.items():
        report_order(
            bench, table, joins, pair, rows, {other: set(found) for other, found in broken.items() if other is not pair}
        )


Pair = tuple[Joined, Joined]


def keeps_order(bench: Bench, table: BenchTable, joins: str, pair: Pair) -> bool:
    """Is the first hardly ever after the second, and now and then before it, within a span that says they belong together?"""
    first, second = pair
    both, after, differ = bench.query(
        f"SELECT count(*), count_if({first.sql} > {second.sql}), count_if({first.sql} < {second.sql}) FROM {table.relation} t{joins} "
        f"WHERE {first.sql} IS NOT NULL AND {second.sql} IS NOT NULL"
    )[0]
    if both < LEAST_ROWS or after > FEW * both or differ <= 0.3 * both:
        return False
    expected = by_chance(bench, table, joins, pair)
    return expected >= FEW and after <= expected * both / 5


def by_chance(bench: Bench, table: BenchTable, joins: str, pair: Pair) -> float:
    """In which share of the rows the first would be after the second if they had nothing to do with each other."""
    shares = [number / 100 for number in range(1, 100)]
    row = bench.query(
        f"SELECT approx_quantile(epoch({pair[0].sql}), {shares}), approx_quantile(epoch({pair[1].sql}), {shares}) "
        f"FROM {table.relation} t{joins}"
    )[0]
    return float(sum(one > other for one in row[0] for other in row[1])) / max(1, len(row[0]) * len(row[1]))


def without_detours(rules: Sequence[Pair]) -> list[Pair]:
    """Rules that do not follow from two others."""
    links = {(id(first.column), id(second.column)) for first, second in rules}
    middles = {side for link in links for side in link}
    return [
        (first, second)
        for first, second in rules
        if not any(
            (id(first.column), middle) in links and (middle, id(second.column)) in links
            for middle in middles - {id(first.column), id(second.column)}
        )
    ]


def broken_rows(bench: Bench, table: BenchTable, joins: str, pair: Pair) -> list[int]:
    """The rows in which the first is after the second."""
    first, second = pair
    return [
        int(row)
        for (row,) in bench.query(f"SELECT t.r FROM {table.relation} t{joins} WHERE {first.sql} > {second.sql}")
    ]


def report_order(
    bench: Bench, table: BenchTable, joins: str, pair: Pair, rows: Sequence[int], others: dict[Pair, set[int]]
) -> None:
    """The rule, and which of both is to blame in each row: the one that breaks another rule as well, else the one of this table
    that lies outside of what all other rows have, else the first of this table.
    """
    first, second = pair
    own = second if first.table is not table else first
    rule = Rule(
        f"{table.name}.{first.column.name}.not-after.{second.column.name}", table.name, (own.column.name,), "order",
        {"first": f"{first.table.name}.{first.column.name}", "second": f"{second.table.name}.{second.column.name}"}, "error", 0.9,
        f"hardly ever is {first.column.name} after {second.column.name}",
    )  # fmt: skip
    found = []
    outside = out_of_range(bench, table, joins, pair, rows)
    for row in rows:
        blamed = outside.get(row, own)
        for (one, other), broken in others.items():
            if row in broken:
                shared = {id(one.column), id(other.column)} & {id(first.column), id(second.column)}
                blamed = next(
                    (side for side in (first, second) if id(side.column) in shared and side.table is table), blamed
                )
        found.append(
            Finding(
                table.name,
                row,
                blamed.column.name,
                rule.id,
                "order",
                "error",
                f"{first.column.name} is after {second.column.name}",
            )
        )
    bench.report(rule, table.rows, found)


def out_of_range(bench: Bench, table: BenchTable, joins: str, pair: Pair, rows: Sequence[int]) -> dict[int, Joined]:
    """Of the rows that break a rule those where one moment of this table, and not the other, is outside of what all others have."""
    first, second = pair
    chosen = bench.keep_rows(rows)
    bounds = ", ".join(f"min({each.sql}), max({each.sql})" for each in pair)
    inside = f"(SELECT {bounds} FROM {table.relation} t{joins} WHERE t.r NOT IN (SELECT r FROM {chosen})) b(a, z, c, y)"
    read = bench.query(
        f"SELECT t.r, {first.sql} NOT BETWEEN b.a AND b.z, {second.sql} NOT BETWEEN b.c AND b.y "
        f"FROM {table.relation} t{joins} CROSS JOIN {inside} WHERE t.r IN (SELECT r FROM {chosen})"
    )
    found = {}
    for row, early, late in read:
        side = first if early and not late else second if late and not early else None
        if side is not None and side.table is table:
            found[int(row)] = side
    return found
