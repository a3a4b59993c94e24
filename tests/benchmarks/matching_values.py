"""What a look at values gains, and costs where rows say nothing: ``python -m tests.benchmarks.matching_values``.

Rows are made for our own pairs of schemas: *telling* rows hold on both sides of a true pair what such a column would hold
(other rows on either side, some in common); *random* rows hold values of the column's type and nothing else.
"""

from __future__ import annotations

import random
import string
import sys
from collections.abc import Callable

from dms_workbench.engine.matching import ColumnOutline, SchemaOutline, Suggestions, suggest
from dms_workbench.engine.matching.value_hints import ValueHint
from dms_workbench.engine.matching.values import Profile, profile_of
from tests.benchmarks.matching_cases import Problem, own_problems

ROWS = 200
Profiles = dict[tuple[str, str], Profile]
Draw = Callable[[random.Random], object]

MEANT: tuple[tuple[tuple[str, ...], Draw], ...] = (
    (("mail",), lambda r: f"{word(r)}.{word(r)}@{word(r)}.example"),
    (("url", "link", "site", "web", "homepage"), lambda r: f"https://{word(r)}.example/{word(r)}"),
    (("uuid", "guid"), lambda r: f"{r.getrandbits(32):08x}-{r.getrandbits(16):04x}-4000-8000-{r.getrandbits(48):012x}"),
    (
        ("phone", "tel", "fax", "mobile"),
        lambda r: f"+{r.randint(1, 99)} {r.randint(100, 999)} {r.randint(10000, 99999)}",
    ),
    (("zip", "postal", "plz", "postcode"), lambda r: f"{r.randint(10000, 99999)}"),
    (("sku", "code", "no", "num", "number", "ref"), lambda r: f"{word(r, 2).upper()}-{r.randint(1000, 9999)}"),
)
"""What columns of such names hold, where their type is text."""

MOMENTS = ("_ts", "_at", "date", "time", "stamp", "posted", "written", "joined", "seen")
"""Numbers in columns of such names are Unix times."""


def word(drawn: random.Random, letters: int = 0) -> str:
    """Some letters."""
    return "".join(drawn.choice(string.ascii_lowercase) for _ in range(letters or drawn.randint(3, 9)))


def of_type(column: ColumnOutline, drawn: random.Random) -> object:
    """A value of the column's type that says nothing more."""
    long = column.length or 40
    made: dict[str, object] = {
        "integer": drawn.randint(0, 100_000), "decimal": f"{drawn.randint(0, 10**6) / 100:.2f}", "float": drawn.random() * 1000,
        "boolean": drawn.random() < 0.5, "date": f"{drawn.randint(1980, 2024)}-{drawn.randint(1, 12):02d}-{drawn.randint(1, 28):02d}",
        "timestamp": f"{drawn.randint(1980, 2024)}-{drawn.randint(1, 12):02d}-{drawn.randint(1, 28):02d} 10:20:30",
        "time": f"{drawn.randint(0, 23):02d}:{drawn.randint(0, 59):02d}:00",
    }  # fmt: skip
    return made.get(column.kind, " ".join(word(drawn) for _ in range(drawn.randint(1, 3)))[:long])


def telling(column: ColumnOutline, pool: str, drawn: random.Random) -> list[object]:
    """Values that such a column would hold. pool: what both sides of a true pair have in common."""
    name = f"{pool} {column.name}".lower()
    draw = next((draw for words, draw in MEANT if any(each in name for each in words)), None)
    if column.kind in {"text", "longtext"}:
        shared = random.Random(pool)
        common = [draw(shared) if draw else of_type(column, shared) for _ in range(ROWS // 2)]
        return common + [draw(drawn) if draw else of_type(column, drawn) for _ in range(ROWS // 2)]
    if column.kind == "integer" and any(each in name for each in MOMENTS):
        return [drawn.randint(1_000_000_000, 1_700_000_000) for _ in range(ROWS)]
    return [of_type(column, drawn) for _ in range(ROWS)]


def rows_of(schema: SchemaOutline, pools: dict[tuple[str, str], str] | None, seed: str) -> Profiles:
    """Profiles of made-up rows. pools: by column what it has in common with its partner; None for random rows."""
    found = {}
    for table in schema.tables:
        for column in table.columns:
            place = table.name, column.name
            drawn = random.Random(f"{seed} {place}")
            if pools is None:
                values = [of_type(column, drawn) for _ in range(ROWS)]
            else:
                values = telling(column, pools.get(place, f"{seed} {place}"), drawn)
            found[place] = profile_of(values)
    return found


def pools_of(problem: Problem) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
    """For both sides a name for each true pair."""
    source: dict[tuple[str, str], str] = {}
    target: dict[tuple[str, str], str] = {}
    for place, sources in sorted(problem.truth.items()):
        name = source.get(min(sources), f"{problem.name} {place}")
        target[place] = name
        source |= {each: name for each in sources if each not in source}
    return source, target


def hint_of(problem: Problem, *, random_rows: bool, empty_target: bool = False) -> ValueHint:
    """A look at made-up rows."""
    pools: tuple[dict[tuple[str, str], str] | None, ...] = (None, None) if random_rows else pools_of(problem)
    target = {} if empty_target else rows_of(problem.target, pools[1], "target")
    return ValueHint(rows_of(problem.source, pools[0], "source"), target)


def right(problem: Problem, found: Suggestions, *, sure: bool = False) -> tuple[int, int]:
    """Target columns whose first candidate is right, and how many there are; sure: of those from 0.9 on only."""
    listed = [
        each for each in found.columns
        if (each.table, each.column) in problem.truth or sure
        if not sure or (each.assigned is not None and each.assigned.confidence >= 0.9)
    ]  # fmt: skip
    hits = [
        each for each in listed
        if each.candidates and (each.candidates[0].table, each.candidates[0].column) in problem.truth.get((each.table, each.column), ())
    ]  # fmt: skip
    return len(hits), len(listed)


def measured(problems: list[Problem], hint: Callable[[Problem], ValueHint] | None) -> dict[str, float]:
    """Top-1 accuracy, and precision and share of what is sure, over all columns."""
    counts = []
    for problem in problems:
        found = suggest(problem.source, problem.target, hints=[hint(problem)] if hint else [])
        counts.append((*right(problem, found), *right(problem, found, sure=True), len(found.columns)))
    hits, all_, sure_hits, sure, columns = (sum(column) for column in zip(*counts, strict=True))
    return {"accuracy": hits / all_, "precision": sure_hits / max(1, sure), "share": sure / columns}


def main() -> int:
    """Print a table."""
    problems = own_problems()
    ways: dict[str, Callable[[Problem], ValueHint] | None] = {
        "no look at values": None,
        "telling rows, both sides": lambda each: hint_of(each, random_rows=False),
        "telling rows, empty target": lambda each: hint_of(each, random_rows=False, empty_target=True),
        "random rows, both sides": lambda each: hint_of(each, random_rows=True),
    }
    for name, hint in ways.items():
        figures = measured(problems, hint)
        print(f"{name:28}" + "".join(f"  {key} {value:.4f}" for key, value in figures.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
