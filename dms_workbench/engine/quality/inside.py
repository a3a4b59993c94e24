"""Numbers of one row that follow from others of the same row: a + b, a * b, a percentage of a …, with who is to blame where not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .bench import Bench, BenchColumn, BenchTable
from .model import Finding, Rule
from .relations import FEW, LEAST_ROWS, MANY_VALUES, allowed, measures

MOST_COLUMNS = 12
MOST_COLUMNS_OF_FOUR = 8
SAMPLE = 500
TOLD_APART = 20
"""So many rows, at least, must have a result that is not simply one of its parts."""
AT_ONCE = 80
FORMS: tuple[tuple[int, str], ...] = (
    (2, "{0} + {1}"), (2, "{0} * {1}"), (2, "{0} * {1} / 100"), (2, "{0} * (100 - {1}) / 100"), (2, "{0} * (100 + {1}) / 100"),
    (2, "{0} * (1 - {1})"), (2, "{0} * (1 + {1})"),
    (3, "{0} + {1} + {2}"), (3, "{0} + {1} - {2}"), (3, "{0} * {1} * (100 - {2}) / 100"), (3, "{0} * {1} * (1 - {2})"),
    (3, "{0} * {1} + {2}"), (3, "{0} * {1} - {2}"),
)  # fmt: skip
"""Parts and expression; every one is linear in each of its parts."""
SYMMETRIC = frozenset(("{0} + {1}", "{0} * {1}", "{0} * {1} / 100", "{0} + {1} + {2}"))


@dataclass(frozen=True, slots=True)
class Relation:
    """A number that follows from others of its row."""

    target: BenchColumn
    parts: tuple[BenchColumn, ...]
    form: str

    @property
    def columns(self) -> tuple[BenchColumn, ...]:
        """All of them, the result last."""
        return (*self.parts, self.target)

    def sql(self) -> str:
        """What the result should be."""
        return self.form.format(*(part.place for part in self.parts))

    def __str__(self) -> str:
        return self.form.format(*(part.name for part in self.parts))

    def value(self, row: Mapping[str, float]) -> float:
        """The result of a row, from its parts."""
        return _calculated(self.form, [row[part.name] for part in self.parts])

    def holds(self, row: Mapping[str, float]) -> bool:
        """Is the result what it should be, but for rounding?"""
        return abs(self.value(row) - row[self.target.name]) <= float(allowed(self.target))

    def solved(self, column: BenchColumn, row: Mapping[str, float]) -> float | None:
        """What one of the columns would have to be, the others given; None where that cannot be said."""
        if column is self.target:
            return round(self.value(row), column.scale)
        at_zero, at_one = self.value({**row, column.name: 0.0}), self.value({**row, column.name: 1.0})
        if at_zero == at_one:
            return None
        return round((row[self.target.name] - at_zero) / (at_one - at_zero), column.scale)


def _calculated(form: str, parts: Sequence[float]) -> float:
    """A form of `FORMS`, or a multiple, with numbers in it."""
    a = parts[0]
    b = parts[1] if len(parts) > 1 else 0.0
    c = parts[2] if len(parts) > 2 else 0.0
    known = {
        "{0} + {1}": a + b, "{0} * {1}": a * b, "{0} * {1} / 100": a * b / 100, "{0} * (100 - {1}) / 100": a * (100 - b) / 100,
        "{0} * (100 + {1}) / 100": a * (100 + b) / 100, "{0} * (1 - {1})": a * (1 - b), "{0} * (1 + {1})": a * (1 + b),
        "{0} + {1} + {2}": a + b + c, "{0} + {1} - {2}": a + b - c, "{0} * {1} * (100 - {2}) / 100": a * b * (100 - c) / 100,
        "{0} * {1} * (1 - {2})": a * b * (1 - c), "{0} * {1} + {2}": a * b + c, "{0} * {1} - {2}": a * b - c,
    }  # fmt: skip
    return known[form] if form in known else a * float(form.removeprefix("{0} * "))


def row_rules(bench: Bench, table: BenchTable) -> None:
    """Find the numbers of a table that follow from others of the same row, then tell the rows where they do not."""
    relations = list(found_relations(bench, table))
    if relations:
        report_rows(bench, table, relations)


def found_relations(bench: Bench, table: BenchTable) -> Iterator[Relation]:
    """At most one for each column, the shortest first; none that says again what another has said."""
    columns = [column for column in table.numbers() if measures(table, column, bench)][:MOST_COLUMNS]
    possible = [*multiples(bench, table, columns), *candidates(columns)]
    taken: list[frozenset[str]] = []
    done: set[str] = set()
    for start in range(0, len(possible), AT_ONCE):
        some = possible[start : start + AT_ONCE]
        for relation, agrees in zip(some, agreeing(bench, table, some), strict=True):
            names = frozenset(column.name for column in relation.columns)
            if agrees and relation.target.name not in done and names not in taken:
                taken.append(names)
                done.add(relation.target.name)
                yield relation


def candidates(columns: Sequence[BenchColumn]) -> Iterator[Relation]:
    """What could follow from what."""
    for count, form in FORMS:
        considered = columns if count == 2 else columns[:MOST_COLUMNS_OF_FOUR]
        for target in considered:
            if target.profile.distinct < MANY_VALUES:
                continue
            others = [column for column in considered if column is not target]
            chosen = itertools.combinations if form in SYMMETRIC else itertools.permutations
            for parts in chosen(others, count):
                if form[:9] != "{0} * {1}" or form in SYMMETRIC or others.index(parts[0]) < others.index(parts[1]):
                    yield Relation(target, tuple(parts), form)


def multiples(bench: Bench, table: BenchTable, columns: Sequence[BenchColumn]) -> list[Relation]:
    """Numbers that could be the same share of another in every row, as a tax is."""
    pairs = [
        (target, part)
        for target, part in itertools.permutations(columns, 2)
        if min(target.profile.distinct, part.profile.distinct) >= MANY_VALUES and target.scale
    ]
    if not pairs:
        return []
    ratios = ", ".join(f"median({target.place} / {part.place}) FILTER ({part.place} <> 0)" for target, part in pairs)
    found = []
    for (target, part), ratio in zip(pairs, bench.query(f"SELECT {ratios} FROM {table.relation}")[0], strict=True):
        share = round(float(ratio or 0), 3)
        if 0 < share < 1:
            found.append(Relation(target, (part,), f"{{0}} * {share:g}"))
    return found


def agreeing(bench: Bench, table: BenchTable, relations: Sequence[Relation]) -> list[bool]:
    """Which of them hold in (nearly) all rows, looked at in some, then in all."""
    step = max(1, table.rows // SAMPLE)
    likely = held_in(bench, table, relations, f"r % {step} = 0", min(LEAST_ROWS, TOLD_APART))
    if step == 1 or not any(likely):
        return [bool(each) and table.rows >= LEAST_ROWS for each in likely]
    chosen = [relation for relation, each in zip(relations, likely, strict=True) if each]
    sure = dict(zip(map(id, chosen), held_in(bench, table, chosen, "TRUE", TOLD_APART), strict=True))
    return [sure.get(id(relation), False) for relation in relations]


def held_in(bench: Bench, table: BenchTable, relations: Sequence[Relation], where: str, least: int) -> list[bool]:
    """Does each hold in nearly all of the rows, and in nearly all whose result is not simply one of the parts?"""
    tests = []
    for relation in relations:
        target, bound = relation.target.place, allowed(relation.target)
        apart = " AND ".join(f"abs({target} - {part.place}) > {bound}" for part in relation.parts)
        filled = " AND ".join(f"{column.place} IS NOT NULL" for column in relation.columns)
        holds = f"abs({relation.sql()} - {target}) <= {bound}"
        tests.append(
            f"count_if({filled}), count_if({filled} AND {holds}), "
            f"count_if({filled} AND {apart}), count_if({filled} AND {apart} AND {holds})"
        )
    row = bench.query(f"SELECT {', '.join(tests)} FROM {table.relation} WHERE {where}")[0]
    figures = [tuple(map(int, row[start : start + 4])) for start in range(0, len(row), 4)]
    return [
        held >= (1 - 2 * FEW) * filled and apart >= max(least, FEW * filled) and held_apart >= (1 - 2 * FEW) * apart
        for filled, held, apart, held_apart in figures
    ]


def report_rows(bench: Bench, table: BenchTable, relations: Sequence[Relation]) -> None:
    """Tell the rows where a result is another; who is to blame is known where only one value, put right, makes all of them hold."""
    columns = list({column.name: column for relation in relations for column in relation.columns}.values())
    bounds = bounds_of(bench, table, columns)
    told: set[int] = set()
    for relation in relations:
        rule = Rule(
            f"{table.name}.{relation.target.name}.calculated", table.name, (relation.target.name,), "equal",
            {"expression": str(relation)}, "error", 0.9, f"in nearly all rows it is {relation}",
        )  # fmt: skip
        filled = " AND ".join(f"{column.place} IS NOT NULL" for column in relation.columns)
        listed = ", ".join(column.place for column in columns)
        rows = bench.query(
            f"SELECT r, {listed} FROM {table.relation} WHERE {filled} AND NOT doubt AND "
            f"abs({relation.sql()} - {relation.target.place}) > {allowed(relation.target)} * 1.01"
        )
        found = []
        for number, *values in rows:
            row = {
                column.name: float(value) for column, value in zip(columns, values, strict=True) if value is not None
            }
            if int(number) not in told:
                found.append(blamed(table, rule, relation, relations, bounds, (int(number), row)))
        told |= {finding.row for finding in found}
        bench.report(rule, table.rows, found)
        repair_rows(bench, table, found)


Bounds = Mapping[str, tuple[float, float]]


def bounds_of(bench: Bench, table: BenchTable, columns: Sequence[BenchColumn]) -> Bounds:
    """The least and the greatest number of each column."""
    listed = ", ".join(f"min({column.place}), max({column.place})" for column in columns)
    row = bench.query(f"SELECT {listed} FROM {table.relation}")[0]
    return {column.name: (row[2 * place], row[2 * place + 1]) for place, column in enumerate(columns)}


def blamed(
    table: BenchTable,
    rule: Rule,
    broken: Relation,
    relations: Sequence[Relation],
    bounds: Bounds,
    numbered: tuple[int, Mapping[str, float]],
) -> Finding:
    """The value that is to blame in a row, with what it should be if only one can be."""
    number, row = numbered
    known = [each for each in relations if all(column.name in row for column in each.columns)]
    possible: list[tuple[BenchColumn, float | None]] = []
    for column in broken.columns:
        low, high = bounds[column.name]
        solutions = {each.solved(column, row) for each in known if column in each.columns}
        right = [
            value
            for value in solutions
            if value is not None
            and low <= value <= high
            and all(each.holds({**row, column.name: value}) for each in known)
        ]
        if right:
            possible.append((column, right[0] if len(right) == 1 else None))
    text = f"{broken.target.name} is not {broken}"
    column, value = possible[0] if len(possible) == 1 else (broken.target, None)
    if value is not None:
        return Finding(table.name, number, column.name, rule.id, "calculated", "error", text, column.written(value))
    return Finding(table.name, number, broken.target.name, rule.id, "calculated", "error", text)


def repair_rows(bench: Bench, table: BenchTable, found: Sequence[Finding]) -> None:
    """Put right what is known; rows in which it is not are in doubt."""
    for column in table.columns.values():
        mine = [finding for finding in found if finding.column == column.name]
        bench.repair(table, column, {each.row: each.fix for each in mine if each.fix is not None})
    bench.doubt(table, [finding.row for finding in found if finding.fix is None])
