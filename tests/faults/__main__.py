"""Play faults on real databases.

    python -m tests.faults --list                               # the scenarios and what each does
    python -m tests.faults                                      # each of them once on each of its pairs
    python -m tests.faults --only network-silent-for-a-while --time-scale 1.0 --seeds 20
    python -m tests.faults --points                             # SIGKILL at each named place, on each pair
    python -m tests.faults --soak 2000 --seed 1 --journal soak.jsonl
    python -m tests.faults --table soak.jsonl                   # runs, kills and rows, counted from a journal

Servers are started for it and are gone afterwards. Exit 0 if every play passed.
"""

from __future__ import annotations

import argparse
import itertools
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from dms_workbench.engine.failpoints import POINTS
from tests.faults.play import SCENARIOS, Ground, Played, from_journal, play, table, tell
from tests.faults.process import COPY_POINTS
from tests.faults.registry import ALL, Pair
from tests.faults.soak import soak


def main() -> int:
    """Run from the command line."""
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers are ended on the way out
    if options.list:
        for scenario in SCENARIOS.values():
            print(
                f"{scenario.name}\n    {scenario.about}\n    {', '.join(' -> '.join(pair) for pair in scenario.pairs)}"
            )
        return 0
    if options.table:
        plays = from_journal(Path(options.table))
        print(table(plays))
        return int(not all(played.passed for played in plays))
    with ExitStack() as stack:
        journal = stack.enter_context(Path(options.journal).open("a")) if options.journal else None
        if options.soak:
            plays = soak(options.soak, options.seed, options.jobs, journal, options.only)
            print(table(plays))
            return int(not all(played.passed for played in plays))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        ground = stack.enter_context(Ground(folder, rows=options.rows, time_scale=options.time_scale))
        plays = played_by(options, ground, journal)
    print(table(plays))
    if options.points:
        print(hit(plays))
    return int(not all(played.passed for played in plays))


def hit(plays: list[Played]) -> str:
    """Which named places were hit on which pairs, as text."""
    found = {point: [played.pair for played in plays if played.facts.get("hit") == point] for point in POINTS}
    lines = [f"{point:32} {len(pairs)} of {len(ALL)} pairs" for point, pairs in found.items()]
    never = ", ".join(point for point, pairs in found.items() if not pairs) or "none"
    return "\n".join([*lines, f"hit on no pair: {never}"])


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="name the scenarios")
    parser.add_argument("--only", default="", help="these scenarios, with commas between")
    parser.add_argument("--pair", default="", help="this pair only: postgres,mariadb")
    parser.add_argument("--points", action="store_true", help="kill at each named place, on each pair")
    parser.add_argument("--soak", type=int, default=0, metavar="N", help="random scenarios until N kills")
    parser.add_argument("--jobs", type=int, default=2, help="plays of the soak at a time, each with servers of its own")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1, help="play each so many times")
    parser.add_argument("--rows", type=int, default=3_000)
    parser.add_argument("--time-scale", type=float, default=0.05, help="outages are so much shorter than in life")
    parser.add_argument("--journal", default="", help="append a line of JSON for each play")
    parser.add_argument("--table", default="", metavar="JOURNAL", help="print the counts of a journal")
    return parser.parse_args()


def played_by(options: argparse.Namespace, ground: Ground, journal: TextIO | None) -> list[Played]:
    """Play what is asked for."""
    plays: list[Played] = []
    for name, pair, seed, facts in asked(options):
        plays.append(play(ground, SCENARIOS[name], pair, seed, **facts))
        tell(plays[-1], journal)
    return plays


def asked(options: argparse.Namespace) -> Iterator[tuple[str, Pair, str, dict[str, str]]]:
    """Scenario, pair, seed and facts of each play."""
    if options.points:
        for pair, point in itertools.product(ALL, POINTS):
            name = "worker-killed-at-a-point" if point in COPY_POINTS else "other-work-killed-at-a-point"
            if not options.pair or pair == tuple(options.pair.split(",")):
                yield name, pair, f"{options.seed}-{point}", {"point": point}
        return
    names = options.only.split(",") if options.only else list(SCENARIOS)
    for seed, name in itertools.product(range(options.seed, options.seed + options.seeds), names):
        if SCENARIOS[name].root and os.geteuid() != 0:
            print(f"skip {name}: it needs root")
            continue
        for pair in SCENARIOS[name].pairs:
            if not options.pair or pair == tuple(options.pair.split(",")):
                yield name, pair, f"{seed}-{name}", {}


if __name__ == "__main__":
    sys.exit(main())
