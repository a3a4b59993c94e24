"""Rules between tables: references that lead somewhere, moments in their order, numbers that are equal, sums over child rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..profiling.model import ReferenceCandidate
from .bench import Bench, BenchColumn, BenchTable
from .model import Finding, Rule

FEW = 0.05
"""Share of rows that may break a relation which is taken for the rule."""
LEAST_ROWS = 50
CLEARLY = 0.002
"""By how much a later, longer expression must agree more often to be taken instead."""
SURE_SUM = 0.85
"""Share of sums that must agree for the rest to be wrong."""
TOLERANCE = 0.0051
"""Half a cent and a little: sums are rounded."""
SLACK = 1.0
MANY_VALUES = 20
FACTORS = (1, 100, 1000, 0.01, 0.001)


def reference_rules(bench: Bench) -> None:
    """Every reference leads to a row, but for a few."""
    for reference in bench.references:
        table, to_table = bench.table(reference.table), bench.table(reference.to_table)
        column, key = table.columns[reference.columns[0]], to_table.columns[reference.to_columns[0]]
        rule = Rule(
            f"{table.name}.{column.name}.foreign-key", table.name, reference.columns, "foreign-key",
            {"table": to_table.name, "columns": list(reference.to_columns)}, "error", 0.9,
            f"{reference.values - reference.missing} of {reference.values} values are in {to_table.name}",
        )  # fmt: skip
        filled = f" AND {column.held.place} <> ''" if column.as_text else ""
        rows = bench.query(
            f"SELECT r FROM {table.raw} WHERE {column.held.place} IS NOT NULL{filled} AND {column.held.place} NOT IN "
            f"(SELECT {key.held.place} FROM {to_table.raw} WHERE {key.held.place} IS NOT NULL)"
        )
        if len(rows) <= FEW * max(1, table.rows):
            found = [
                Finding(
                    table.name,
                    int(row),
                    column.name,
                    rule.id,
                    "no-such-row",
                    "error",
                    f"there is no such row of {to_table.name}",
                )
                for (row,) in rows
            ]
            bench.report(rule, table.rows, found)


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
            bench, table, pair, rows, {other: set(found) for other, found in broken.items() if other is not pair}
        )


def parent_join(bench: Bench, table: BenchTable, reference: ReferenceCandidate, parent: BenchTable, number: int) -> str:
    """The join to a parent's rows, one for each key."""
    mine, theirs = table.columns[reference.columns[0]].place, parent.columns[reference.to_columns[0]].place
    bench.query(
        f"CREATE OR REPLACE VIEW {parent.relation}_one AS SELECT * FROM {parent.relation} "
        f"QUALIFY row_number() OVER (PARTITION BY {theirs} ORDER BY r) = 1"
    )
    return f"LEFT JOIN {parent.relation}_one p{number} ON p{number}.{theirs} = t.{mine}"


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
    bench: Bench, table: BenchTable, pair: Pair, rows: Sequence[int], others: dict[Pair, set[int]]
) -> None:
    """The rule, and which of both is to blame in each row: the one that breaks another rule as well, else the one of this table
    that the other's own order does not speak for.
    """
    first, second = pair
    own = second if first.table is not table else first
    rule = Rule(
        f"{table.name}.{first.column.name}.not-after.{second.column.name}", table.name, (own.column.name,), "order",
        {"first": f"{first.table.name}.{first.column.name}", "second": f"{second.table.name}.{second.column.name}"}, "error", 0.9,
        f"hardly ever is {first.column.name} after {second.column.name}",
    )  # fmt: skip
    found = []
    for row in rows:
        blamed = own
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


# ---- numbers


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
class Referred:
    """A table and one that it refers to."""

    table: BenchTable
    parent: BenchTable
    reference: ReferenceCandidate


@dataclass(frozen=True, slots=True)
class Path:
    """A table whose rows stand for groups of rows of another: by its own key, or by a reference to the same parent."""

    table: BenchTable
    column: BenchColumn
    child: BenchTable
    child_column: BenchColumn
    own: bool = True
    """The child refers to the table itself."""


def paths(bench: Bench) -> Iterator[Path]:
    """From each table to tables whose rows may sum up to its numbers."""
    for reference in bench.references:
        child, parent = bench.table(reference.table), bench.table(reference.to_table)
        if child is parent:
            continue
        yield Path(parent, parent.columns[reference.to_columns[0]], child, child.columns[reference.columns[0]])
    for one, other in itertools.permutations(bench.references, 2):
        if one.to_table == other.to_table and one.to_columns == other.to_columns and one.table != other.table:
            table, child = bench.table(one.table), bench.table(other.table)
            figures = table.columns[one.columns[0]].profile
            if figures.distinct >= 0.9 * figures.rows:
                yield Path(table, table.columns[one.columns[0]], child, child.columns[other.columns[0]], own=False)


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


def measures(table: BenchTable, column: BenchColumn, bench: Bench) -> bool:
    """Does a column measure something? Neither a key of its own nor a reference."""
    from .numbers import is_identifier

    referring = {name for reference in bench.references if reference.table == table.name for name in reference.columns}
    alone = len(table.key) == 1 and column.name in table.key
    return not alone and column.name not in referring and not is_identifier(column) and column.profile.distinct > 1


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum over the rows of a group: of a term, by a factor, rounded in each row or at the end."""

    term: str
    said: str
    factor: float
    each: bool

    def sql(self, scale: int) -> str:
        """Of the whole group."""
        return f"sum({self.part(scale)})" if self.each else f"round(sum({self.term}) * {self.factor}, {scale})"

    def part(self, scale: int) -> str:
        """What one row adds."""
        return f"round({self.term} * {self.factor}, {scale})"

    def __str__(self) -> str:
        inner = f"round({self.said})" if self.each else self.said
        return f"sum({inner})" + (f" * {self.factor:g}" if self.factor != 1 else "")


def sum_rule(bench: Bench, path: Path, target: BenchColumn) -> bool:
    """Find the sum that a number is, if it is one, and the rows where it is not."""
    if not measures(path.table, target, bench) or target.profile.distinct < MANY_VALUES:
        return False
    products, joins = terms(bench, path.child, path.child_column.name)
    best: tuple[float, Sum] | None = None
    step = max(1, path.table.rows // 400)
    for start in range(0, len(products), 60):
        sums = [
            each
            for term, said in products[start : start + 60]
            for each in (Sum(term, said, 1, each=True), *(Sum(term, said, factor, each=False) for factor in FACTORS))
        ]
        for share, each in zip(agreement(bench, path, target, joins, sums, step), sums, strict=True):
            if share >= SURE_SUM and (best is None or share > best[0] + CLEARLY):
                best = (share, each)
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


def allowed(target: BenchColumn) -> str:
    """By how much sums may differ: half a unit of the last digit."""
    return repr(TOLERANCE * 100 / 10**target.scale) if target.scale else "0.501"


def report_sum(bench: Bench, path: Path, target: BenchColumn, joins: str, share: float, best: Sum) -> None:
    """The rule with the rows whose number is another; the sum is what it should be.

    Where a row that leads nowhere adds just what is missing, that row is to blame, and nothing is said here.
    """
    rule = Rule(
        f"{path.table.name}.{target.name}.sum", path.table.name, (target.name,), "sum",
        {"of": path.child.name, "by": [path.column.name, path.child_column.name], "expression": str(best)}, "error", 0.9,
        f"it is {best} over the rows of {path.child.name} in {share:.1%} of the rows",
    )  # fmt: skip
    key = f"c.{path.child_column.place}"
    lost = (
        f"SELECT DISTINCT {best.part(target.scale)} AS x FROM {path.child.relation} c{joins} "
        f"WHERE {key} IS NULL OR {key} NOT IN (SELECT {path.column.place} FROM {path.table.relation} WHERE {path.column.place} IS NOT NULL)"
    )
    bound = f"{allowed(target)} + n * {0.5 / 10**target.scale!r}"
    rows = bench.query(
        f"SELECT t.r, s FROM {path.table.relation} t JOIN (SELECT {key} AS k, {best.sql(target.scale)} AS s, "
        f"bool_and(({best.term}) IS NOT NULL) AS whole, count(*) AS n FROM {path.child.relation} c{joins} GROUP BY 1) g "
        f"ON g.k = t.{path.column.place} WHERE whole AND (t.{target.place} IS NULL OR abs(s - t.{target.place}) > {bound}) "
        f"AND NOT EXISTS (SELECT 1 FROM ({lost}) l WHERE abs(s + x - t.{target.place}) <= {bound})"
    )
    text = f"it is not {best} over the rows of {path.child.name}"
    found = [
        Finding(path.table.name, int(row), target.name, rule.id, "sum", "error", text, f"{value:.{target.scale}f}")
        for row, value in rows
    ]
    bench.report(rule, path.table.rows, found)
    bench.repair(path.table, target, {finding.row: finding.fix for finding in found if finding.fix is not None})


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
    because, to = f"equal in {equal} of {filled} rows", f"{parent.name}.{theirs.name}"
    rule = bench.rule(table, [mine.name], "equal", because, to=to)
    rows = bench.query(
        f"SELECT t.r, p0.{theirs.place} FROM {table.relation} t {join} "
        f"WHERE abs(t.{mine.place} - p0.{theirs.place}) > {allowed(mine)} + {slack / 10**mine.scale!r}"
    )
    blamed, excused = of_parents(bench, both, mine, theirs, rule)
    found = blamed + [
        Finding(
            table.name, int(row), mine.name, rule.id, "equal", "error", f"it is not {to}", f"{value:.{mine.scale}f}"
        )
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
        f"JOIN {parent.relation} p ON p.{key} = g.k WHERE n > 1 AND differing = 1 AND abs(p.{theirs.place} - g.v) > {allowed(mine)} "
        f"GROUP BY 1, 3"
    )
    text = f"all rows of {table.name} that refer to it say otherwise"
    blamed = [
        Finding(parent.name, int(row), theirs.name, rule.id, "equal", "error", text, f"{value:.{theirs.scale}f}")
        for row, value, _ in rows
    ]
    return blamed, {int(row) for _, _, several in rows for row in several}
