"""How long matching takes and how much memory, on schemas drawn from a seed.

    python -m tests.benchmarks.matching_speed                  # 500 by 800 columns, then 5,000 by 5,000
    python -m tests.benchmarks.matching_speed --size 1000 1000

Each size runs in a process of its own: the printed peak is all that process ever held, imports included. Asked for: 500 by 800
columns in 10 seconds; 5,000 by 5,000 in 300 seconds and 2 GB.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from dms_workbench.engine.matching.dictionary import shipped_dictionary
from dms_workbench.engine.matching.outline import ColumnOutline, LinkOutline, SchemaOutline, TableOutline
from tests.benchmarks.matching_cases import Problem
from tests.benchmarks.matching_variants import rewritten
from tests.benchmarks.one_copy import peak_bytes

KINDS = ("integer", "integer", "text", "text", "text", "longtext", "timestamp", "date", "decimal", "boolean")
SYLLABLES = ("ba", "cor", "del", "fi", "gran", "hu", "ket", "lo", "men", "nar", "po", "quin", "res", "sta", "tu", "ver")
"""Of words that no dictionary knows."""
COLUMNS_OF_A_TABLE = 20
SIZES = ((500, 800, 10.0), (5000, 5000, 300.0))
"""Columns of the source, of the target, and the seconds they may take."""
MOST_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    filled: float
    """The share of target columns that got a source, so that it is seen that something was found."""


def drawn(columns: int, seed: str) -> SchemaOutline:
    """A schema of so many columns, its names put together from the dictionary's words."""
    dice = random.Random(seed)
    words = sorted(word for word in shipped_dictionary().words if len(word) > 3)
    words += ["".join(dice.choice(SYLLABLES) for _ in range(3)) for _ in range(columns // 2)]
    tables: list[TableOutline] = []
    while (left := columns - COLUMNS_OF_A_TABLE * len(tables)) > 0:
        name = f"{dice.choice(words)}_{dice.choice(words)}_{len(tables)}"
        names = {"id": None} | {f"{dice.choice(words)}_{dice.choice(words)}": None for _ in range(2 * left + 40)}
        made = [ColumnOutline(each, dice.choice(KINDS)) for each in list(names)[: min(left, COLUMNS_OF_A_TABLE)]]
        link = LinkOutline((made[-1].name,), dice.choice(tables).name) if tables else None
        tables.append(TableOutline(name, tuple(made), ("id",), (), (link,) if link is not None else ()))
    return SchemaOutline(tuple(tables))


def problem(source: int, target: int) -> Problem:
    """Two schemas of so many columns that share tables under other names."""
    larger = drawn(max(source, target), "columns")
    smaller = SchemaOutline(larger.tables[: min(source, target) // COLUMNS_OF_A_TABLE])
    sides = (larger, smaller) if source > target else (smaller, larger)
    return rewritten(Problem("drawn", *sides, {}), "drawn", side="source", short=0.2, other=0.3, retype=0.2)


def measured(source: int, target: int) -> Cost:
    """The cost of one run, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.matching_speed", "--size", str(source), str(target), "--inside"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "OMP_NUM_THREADS": "2"}
    )
    return Cost(**json.loads(done.stdout))


def inside(source: int, target: int) -> Cost:
    """Match, in this process."""
    from dms_workbench.engine.matching.suggest import suggest

    sides = problem(source, target)
    start, cpu = time.perf_counter(), time.process_time()
    found = suggest(sides.source, sides.target)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    filled = sum(each.assigned is not None for each in found.columns) / len(found.columns)
    return Cost(seconds, cpu_seconds, peak_bytes(), filled)


def told(source: int, target: int, most_seconds: float) -> bool:
    """Measure one size and print it; says whether it is as asked."""
    cost = measured(source, target)
    good = cost.seconds <= most_seconds and cost.peak_bytes <= MOST_BYTES
    print(
        f"{source} x {target}: {cost.seconds:.1f} s, peak {cost.peak_bytes / 1e6:.0f} MB, {cost.filled:.0%} of the columns filled in"
        f"{'' if good else '  TOO MUCH'}"
    )
    return good


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line: 1 if something takes too long or too much."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--size", nargs=2, type=int, metavar=("SOURCE", "TARGET"), help="columns of the one size to measure"
    )
    parser.add_argument("--inside", action="store_true", help="measure in this process and print JSON")
    options = parser.parse_args(arguments)
    if options.inside:
        print(json.dumps(asdict(inside(*options.size))))
        return 0
    sizes = [(*options.size, SIZES[-1][2])] if options.size else SIZES
    good = [told(*size) for size in sizes]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
