"""Keys, dependencies and correlations within one table."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from .figures import Held
from .model import ColumnProfile, Correlation, Dependency, KeyCandidate
from .workspace import CHANCES, Gathered, Workspace

NEARLY = 0.9
"""Share of distinct values from which a column is looked at as a key."""
LONGEST_KEY = 64
COUNTS_AT_ONCE = 14
TEXT_KEYS_UP_TO = 500_000
"""Of larger tables texts are not looked at as keys where a number is one."""
SAMPLE_ROWS = 20_000
COMPOSITE_COLUMNS = 8
MOST_COMPOSITES = 3
DEPENDENCY_COLUMNS = 14
STRONG = 0.8
KEY_FORMS = ("number", "text", "time", "other")


def few_rows(space: Workspace, found: Gathered) -> str:
    """A sample of rows by their number, held apart, as what to read from; all of them in a small table."""
    rows = max(1, found.sampling.rows_read)
    if rows <= SAMPLE_ROWS:
        return found.relation
    chosen = f"SELECT * FROM {found.relation} WHERE hash(r) % {CHANCES} < {int(SAMPLE_ROWS / rows * CHANCES)}"
    if found.parts:
        return f"({chosen})"
    space.query(f"CREATE TABLE IF NOT EXISTS {found.relation}few AS {chosen}")
    return f"{found.relation}few"


def counts(space: Workspace, asked: Sequence[str], relation: str) -> tuple[int, ...]:
    """Different values of each expression; not too many at once, for each takes memory."""
    made: list[int] = []
    for start in range(0, len(asked), COUNTS_AT_ONCE):
        part = ", ".join(f"count(DISTINCT {each})" for each in asked[start : start + COUNTS_AT_ONCE])
        made += map(int, space.query(f"SELECT {part} FROM {relation}")[0])
    return tuple(made)


def can_be_key(column: Held, figures: ColumnProfile) -> bool:
    """Is it of a type, and short enough, to tell rows apart? Fractions are measures."""
    if column.form not in KEY_FORMS or column.kind in ("float", "json"):
        return False
    return column.form != "text" or (figures.mean_length or 0) <= LONGEST_KEY


def key_candidates(
    space: Workspace, found: Gathered, columns: Sequence[Held], figures: Sequence[ColumnProfile]
) -> tuple[KeyCandidate, ...]:
    """Columns that tell rows apart, or nearly: single ones, and where no single one does, two or three together."""
    rows = found.sampling.rows_read
    if rows < 2:
        return ()
    possible = [(held, each) for held, each in zip(columns, figures, strict=True) if can_be_key(held, each)]
    single = [
        held
        for held, each in possible
        if each.distinct >= NEARLY * rows * 0.95 and not (held.kind == "decimal" and (each.mean or 0) != 0)
    ]
    found_keys = list(singles(space, found, single)) if single else []
    if not any(key.duplicates == 0 and key.nulls == 0 for key in found_keys):
        found_keys += composites(space, found, [held for held, _ in possible], figures_by_name(figures))
    return tuple(sorted(found_keys, key=lambda key: (key.duplicates + key.nulls, len(key.columns))))


def figures_by_name(figures: Sequence[ColumnProfile]) -> dict[str, ColumnProfile]:
    """The figures of each column."""
    return {each.name: each for each in figures}


def singles(space: Workspace, found: Gathered, columns: Sequence[Held]) -> list[KeyCandidate]:
    """Each column counted exactly."""
    made: list[KeyCandidate] = []
    for column in sorted(columns, key=lambda each: each.form == "text"):
        if column.form == "text" and found.sampling.rows_read > TEXT_KEYS_UP_TO and any(map(is_key, made)):
            continue
        filled, distinct, rows = counted_apart(space, found, column)
        if distinct >= NEARLY * rows:
            made.append(KeyCandidate((column.name,), filled - distinct, rows - filled, found.sampling.whole))
    return made


def is_key(key: KeyCandidate) -> bool:
    """Does it tell all rows apart?"""
    return key.duplicates == 0 and key.nulls == 0


def counted_apart(space: Workspace, found: Gathered, column: Held) -> tuple[int, int, int]:
    """Rows with a value, different values, and rows; texts by a hash of 64 bits. Grouped, for DuckDB then spills to disk."""
    relation = found.holding(column.place)
    value = f"hash({column.place})" if column.form == "text" else column.place
    filled, rows = space.query(f"SELECT count({column.place}), count(*) FROM {relation}")[0]
    distinct = space.query(
        f"SELECT count(*) FROM (SELECT {value} FROM {relation} WHERE {column.place} IS NOT NULL GROUP BY 1)"
    )[0][0]
    return int(filled), int(distinct), int(rows)


def composites(
    space: Workspace, found: Gathered, columns: Sequence[Held], figures: dict[str, ColumnProfile]
) -> list[KeyCandidate]:
    """Two or three columns together that tell rows apart, first in a sample, then in all rows."""
    rows = found.sampling.rows_read
    ordered = sorted(
        (each for each in columns if figures[each.name].nulls == 0 and figures[each.name].distinct > 1),
        key=lambda each: (
            each.kind in ("decimal", "text") and (figures[each.name].mean_length or 0) > 20,
            -figures[each.name].distinct,
        ),
    )[:COMPOSITE_COLUMNS]
    made: list[KeyCandidate] = []
    for size in (2, 3):
        sets = [
            together
            for together in itertools.combinations(ordered, size)
            if product(figures[each.name].distinct for each in together) >= rows
            and not any(set(key.columns) < {each.name for each in together} for key in made)
        ]
        sets.sort(key=lambda together: product(figures[each.name].distinct for each in together))
        if sets:
            made += confirmed(space, found, sets)
        if made:
            break
    narrowest = sorted(
        made,
        key=lambda key: (key.duplicates + key.nulls, product(figures[name].distinct for name in key.columns)),
    )
    return narrowest[:MOST_COMPOSITES]


def product(numbers: object) -> int:
    """Of whole numbers."""
    total = 1
    for number in numbers:  # type: ignore[attr-defined]
        total *= max(1, int(number))
    return total


def confirmed(space: Workspace, found: Gathered, sets: Sequence[tuple[Held, ...]]) -> list[KeyCandidate]:
    """The sets of columns that tell (nearly) all rows apart."""
    asked = ", ".join(f"count(DISTINCT hash({', '.join(each.place for each in together)}))" for together in sets)
    row = space.query(f"SELECT count(*), {asked} FROM {few_rows(space, found)}")[0]
    hopeful = [together for together, distinct in zip(sets, row[1:], strict=True) if distinct >= 0.98 * row[0]]
    made = []
    for together in hopeful[: 2 * MOST_COMPOSITES]:
        places = ", ".join(each.place for each in together)
        rows, distinct = space.query(f"SELECT count(*), count(DISTINCT hash({places})) FROM {found.relation}")[0]
        if distinct >= 0.98 * rows:
            made.append(
                KeyCandidate(tuple(each.name for each in together), int(rows - distinct), 0, found.sampling.whole)
            )
    return sorted(made, key=lambda key: key.duplicates)


def dependencies(
    space: Workspace, found: Gathered, columns: Sequence[Held], figures: Sequence[ColumnProfile]
) -> tuple[Dependency, ...]:
    """Which single columns decide others, but for slips: measured on a sample of rows.

    A determinant has at least two values and each of them several times; columns of one value depend on everything.
    """
    rows = min(found.sampling.rows_read, SAMPLE_ROWS)
    fit = [
        held
        for held, each in zip(columns, figures, strict=True)
        if 1 < each.distinct <= rows / 3 and held.form in KEY_FORMS and (each.mean_length or 0) <= LONGEST_KEY
    ][:DEPENDENCY_COLUMNS]
    pairs = [(one, other) for one in fit for other in fit if one is not other]
    if rows < 30 or not pairs:
        return ()
    relation = few_rows(space, found)
    single = counts(space, [each.place for each in fit], relation)
    sizes = {each.place: int(size) for each, size in zip(fit, single, strict=True)}
    together = counts(space, [f"hash({one.place}, {other.place})" for one, other in pairs], relation)
    hopeful = [
        (one, other)
        for (one, other), size in zip(pairs, together, strict=True)
        if int(size) <= sizes[one.place] + max(1, 0.1 * rows)
        and int(size) < 3 * sizes[one.place]
        and sizes[other.place] > 1
    ]
    made = []
    for one, other in hopeful:
        violations, counted = space.query(
            f"SELECT coalesce(sum(n - most), 0), coalesce(sum(n), 0) FROM (SELECT {one.place}, sum(n) AS n, max(n) AS most FROM "
            f"(SELECT {one.place}, {other.place}, count(*) AS n FROM {relation} WHERE {one.place} IS NOT NULL AND "
            f"{other.place} IS NOT NULL GROUP BY 1, 2) GROUP BY 1)"
        )[0]
        if counted and violations <= 0.05 * counted:
            made.append(Dependency((one.name,), other.name, int(violations)))
    return tuple(made)


def correlations(
    space: Workspace, found: Gathered, columns: Sequence[Held], figures: Sequence[ColumnProfile]
) -> tuple[Correlation, ...]:
    """Strong linear relations between columns of numbers, measured on a sample of rows."""
    numbers = [
        held for held, each in zip(columns, figures, strict=True) if held.form == "number" and each.distinct > 2
    ][:20]
    pairs = list(itertools.combinations(numbers, 2))
    if not pairs:
        return ()
    asked = ", ".join(f"corr({one.number}, {other.number})" for one, other in pairs)
    row = space.query(f"SELECT {asked} FROM {few_rows(space, found)}")[0]
    return tuple(
        Correlation(one.name, other.name, round(float(value), 4))
        for (one, other), value in zip(pairs, row, strict=True)
        if value is not None and abs(value) >= STRONG
    )


def duplicate_rows(space: Workspace, found: Gathered, columns: Sequence[Held]) -> int:
    """Rows beyond the first of each set of rows that are equal in all columns, by a hash of 64 bits of all of them."""
    places = ", ".join(column.place for column in columns)
    different = f"SELECT count(*) FROM (SELECT hash({places}) FROM {found.relation} GROUP BY 1)"
    return found.sampling.rows_read - int(space.query(different)[0][0])
