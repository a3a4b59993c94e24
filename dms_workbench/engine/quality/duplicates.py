"""Rules for whole rows: keys that tell them apart, rows that are there twice, and rows that are nearly the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from .bench import Bench, BenchColumn, BenchTable
from .model import Finding, Rule

NEARLY_UNIQUE = 0.9
LEAST_ROWS = 50
LEAST_SHARED = 2
"""So many nearly unique values two rows must share to be looked at."""
MOST_IN_GROUP = 20
ALIKE = 0.75
"""Mean likeness of all values from which two rows are the same thing."""


def duplicate_rules(bench: Bench, table: BenchTable) -> None:
    """Equal rows, then rows of one key, then rows that are nearly the same."""
    if table.rows < 2:
        return
    gone = equal_rows(bench, table)
    gone |= key_conflicts(bench, table, gone)
    nearly_equal(bench, table, gone)


def equal_rows(bench: Bench, table: BenchTable) -> set[int]:
    """Rows that are there before in all columns."""
    if not table.key and (table.profiled.profile.duplicate_rows or 0) > 0.05 * table.rows:
        return set()
    columns = ", ".join(column.place for column in table.profiled.columns)
    rows = bench.query(f"SELECT r FROM {table.raw} QUALIFY row_number() OVER (PARTITION BY {columns} ORDER BY r) > 1")
    names = [column.name for column in table.profiled.columns]
    rule = Rule(
        f"{table.name}.duplicates",
        table.name,
        tuple(names),
        "duplicates",
        {"alike": 1.0},
        because="no row is there twice",
    )
    found = [
        Finding(table.name, int(row), None, rule.id, "duplicate", "error", "the same row is there before")
        for (row,) in rows
    ]
    bench.report(rule, table.rows, found)
    bench.leave_out(table, [finding.row for finding in found])
    return {finding.row for finding in found}


def key_conflicts(bench: Bench, table: BenchTable, gone: set[int]) -> set[int]:
    """Rows of one key that differ."""
    if not table.key:
        return set()
    held = {column.name: column.place for column in table.profiled.columns}
    places = ", ".join(held[name] for name in table.key)
    filled = " AND ".join(f"{held[name]} IS NOT NULL" for name in table.key)
    rows = bench.query(
        f"SELECT r, row_number() OVER (PARTITION BY {places} ORDER BY r) FROM {table.raw} SEMI JOIN {table.relation} USING (r) "
        f"WHERE {filled} QUALIFY count(*) OVER (PARTITION BY {places}) > 1 ORDER BY r"
    )
    rule = bench.rule(table, table.key, "unique", f"{' and '.join(table.key)} tell rows apart")
    column = table.key[0] if len(table.key) == 1 else None
    found = [
        Finding(table.name, int(row), column, rule.id, "key-conflict", "error", "another row has the same key")
        for row, place in rows
        if place > 1 and int(row) not in gone
    ]
    bench.report(rule, table.rows, found)
    bench.leave_out(table, [finding.row for finding in found])
    bench.doubt(table, [int(row) for row, place in rows if place == 1])
    return {finding.row for finding in found}


def nearly_equal(bench: Bench, table: BenchTable, gone: set[int]) -> None:
    """Rows of different keys that share several values which otherwise are unique, and are alike in the others."""
    if table.rows < LEAST_ROWS:
        return
    telling = [column for column in table.columns.values() if tells(table, column)]
    if len(telling) < LEAST_SHARED:
        return
    pairs = sharing(bench, table, telling)
    compared = [
        column for column in table.columns.values() if column.name not in table.key and column.measure != "number"
    ]
    rows = sorted({row for pair in pairs for row in pair})
    values = values_of(bench, table, compared, rows)
    rule = Rule(
        f"{table.name}.nearly-equal", table.name, tuple(column.name for column in telling), "duplicates", {"alike": ALIKE}, "error", 0.9,
        "rows that share values which are unique elsewhere are the same thing",
    )  # fmt: skip
    found: dict[int, Finding] = {}
    for first, second in pairs:
        if first in gone or second in gone:
            continue
        if likeness(values[first], values[second]) >= ALIKE:
            later = max(first, second)
            found.setdefault(
                later,
                Finding(
                    table.name, later, None, rule.id, "nearly-duplicate", "error", "nearly the same as another row"
                ),
            )
    bench.report(rule, table.rows, list(found.values()))


def tells(table: BenchTable, column: BenchColumn) -> bool:
    """Is a value of it enough to suspect that two rows are one? Long, nearly unique, not the key."""
    figures = column.profile
    filled = figures.rows - figures.nulls - (figures.empty or 0)
    if column.name in table.key or filled < 0.5 * figures.rows or figures.distinct < NEARLY_UNIQUE * filled:
        return False
    return column.measure == "time" or (column.measure == "text" and (figures.mean_length or 0) >= 6)


def sharing(bench: Bench, table: BenchTable, telling: list[BenchColumn]) -> list[tuple[int, int]]:
    """Pairs of rows that share at least `LEAST_SHARED` such values, without case."""
    shared: dict[tuple[int, int], int] = defaultdict(int)
    for column in telling:
        value = f"lower({column.place})" if column.measure == "text" else column.place
        groups = bench.query(
            f"SELECT list(r ORDER BY r) FROM {table.relation} WHERE {column.place} IS NOT NULL "
            f"GROUP BY {value} HAVING count(*) BETWEEN 2 AND {MOST_IN_GROUP}"
        )
        for (rows,) in groups:
            for pair in together([int(row) for row in rows]):
                shared[pair] += 1
    return sorted(pair for pair, times in shared.items() if times >= LEAST_SHARED)


def together(rows: list[int]) -> Iterator[tuple[int, int]]:
    """All pairs."""
    for place, first in enumerate(rows):
        for second in rows[place + 1 :]:
            yield first, second


def values_of(
    bench: Bench, table: BenchTable, columns: list[BenchColumn], rows: list[int]
) -> dict[int, dict[str, str | None]]:
    """The values of some rows as texts."""
    if not rows or not columns:
        return {row: {} for row in rows}
    listed = ", ".join(f"CAST({column.place} AS VARCHAR)" for column in columns)
    chosen = bench.keep_rows(rows)
    read = bench.query(f"SELECT r, {listed} FROM {table.relation} SEMI JOIN {chosen} USING (r)")
    return {int(row[0]): dict(zip((column.name for column in columns), row[1:], strict=True)) for row in read}


def likeness(first: Mapping[str, str | None], second: Mapping[str, str | None]) -> float:
    """How alike the values of two rows are on average, 0 to 1; where one has none, nothing is said."""
    from rapidfuzz.distance import JaroWinkler

    scores = [
        JaroWinkler.normalized_similarity(one.lower(), other.lower())
        for name, one in first.items()
        if one and (other := second.get(name))
    ]
    return sum(scores) / len(scores) if scores else 0.0
