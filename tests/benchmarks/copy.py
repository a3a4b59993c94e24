"""Copies against the limit of the machine, in turn, in the same run.

    python -m tests.benchmarks.copy                                  # all pairs, a million rows, five runs of each in turn
    python -m tests.benchmarks.copy --pairs postgres,sqlite-postgres --rows 200000 --runs 3
    python -m tests.benchmarks.copy --rivals                         # rivals too, each in an environment of its own
    python -m tests.benchmarks.copy --memory                         # peak memory at one and five million rows

Ledger and checkpoints are on, verification is off but in its own row. CPU is that of all clients and servers; wall time is from
the first row read to the last COMMIT and the counts behind it, start-up is told apart. Exit 1 if a figure is above its limit.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

from tests.benchmarks.measure import Cost, median, run
from tests.benchmarks.pairs import PAIRS, Pair, machine

MEMORY_PAIRS = (
    "postgres", "mariadb-postgres", "postgres-mariadb", "sqlite-postgres", "csv-postgres-typed", "postgres-duckdb",
    "postgres-parquet",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians of a pair."""

    pair: Pair
    ours: Cost
    reference: Cost

    @property
    def cpu_ratio(self) -> float:
        """Our CPU by the reference's."""
        return self.ours.cpu_seconds / max(self.reference.cpu_seconds, 0.01)

    @property
    def wall_ratio(self) -> float:
        """Our wall time by the reference's."""
        return self.ours.wall_seconds / max(self.reference.wall_seconds, 0.01)

    @property
    def within(self) -> bool:
        """Is every figure that has a limit at most that?"""
        limit = self.pair.limit
        return (limit.cpu is None or self.cpu_ratio <= limit.cpu) and (
            limit.wall is None or self.wall_ratio <= limit.wall
        )

    def __str__(self) -> str:
        ours, other, limit = self.ours, self.reference, self.pair.limit
        return (
            f"{'ok  ' if self.within else 'OVER'} {self.pair.name}, against {self.pair.reference_name}: "
            f"CPU {self.cpu_ratio:.2f} times{f' (at most {limit.cpu})' if limit.cpu else ''}, "
            f"wall {self.wall_ratio:.2f} times{f' (at most {limit.wall})' if limit.wall else ''}; "
            f"ours {ours.client_cpu_seconds:.2f} + {ours.server_cpu_seconds:.2f} CPU s, {ours.wall_seconds:.2f} s, "
            f"start-up {ours.start_seconds:.2f} s ({ours.start_cpu_seconds:.2f} CPU s); "
            f"reference {other.client_cpu_seconds:.2f} + {other.server_cpu_seconds:.2f} CPU s, {other.wall_seconds:.2f} s; "
            f"memory {ours.above_imports_bytes / 1e6:.0f} MB above imports, {ours.peak_bytes / 1e6:.0f} MB in all"
        )


def measure(pair: Pair, runs: int) -> Measured:
    """Ours and the reference in turn."""
    costs: dict[str, list[Cost]] = {"ours": [], "reference": []}
    for _ in range(runs):
        for who, command in (("reference", pair.reference), ("ours", pair.ours)):
            pair.reset()
            costs[who].append(run(command, pair.servers))
    return Measured(pair, median(costs["ours"]), median(costs["reference"]))


def compare(names: list[str], rows: int, runs: int, *, show: bool = False) -> list[Measured]:
    """Measure pairs by name."""
    found = []
    with machine(rows) as place:
        for name in names:
            found.append(measure(PAIRS[name](place), runs))
            if show:
                print(found[-1], flush=True)
    return found


def peaks(names: list[str], rows: int) -> dict[str, Cost]:
    """What our copy of each pair needs, for its memory."""
    found = {}
    with machine(rows) as place:
        for name in names:
            pair = PAIRS[name](place)
            pair.reset()
            found[name] = run(pair.ours, pair.servers)
    return found


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", default=",".join(PAIRS), help=f"of {', '.join(PAIRS)}")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rivals", action="store_true")
    parser.add_argument("--memory", action="store_true")
    asked = parser.parse_args()
    if asked.rivals:
        from tests.benchmarks.rivals import show_rivals

        return show_rivals(asked.rows, asked.runs)
    if asked.memory:
        small, large = peaks(list(MEMORY_PAIRS), asked.rows), peaks(list(MEMORY_PAIRS), 5 * asked.rows)
        for name, cost in small.items():
            print(
                f"{name}: {cost.above_imports_bytes / 1e6:.0f} MB above imports at {asked.rows:,} rows, "
                f"{large[name].above_imports_bytes / 1e6:.0f} MB at five times that ({large[name].peak_bytes / 1e6:.0f} MB in all)"
            )
        return 0
    measured = compare(asked.pairs.split(","), asked.rows, asked.runs, show=True)
    return 0 if all(found.within for found in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
