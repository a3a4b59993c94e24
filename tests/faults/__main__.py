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
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from tests.faults.play import SCENARIOS, Ground, Played, from_journal, play, soak, table, tell
from tests.faults.process import COPY_POINTS
from tests.faults.registry import ALL, Pair


def main() -> int:
    """Run from the command line."""
    options = arguments()
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
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        ground = stack.enter_context(Ground(folder, rows=options.rows, time_scale=options.time_scale))
        journal = stack.enter_context(Path(options.journal).open("a")) if options.journal else None
        plays = played_by(options, ground, journal)
    print(table(plays))
    return int(not all(played.passed for played in plays))


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="name the scenarios")
    parser.add_argument("--only", default="", help="these scenarios, with commas between")
    parser.add_argument("--pair", default="", help="this pair only: postgres,mariadb")
    parser.add_argument("--points", action="store_true", help="kill at each named place, on each pair")
    parser.add_argument("--soak", type=int, default=0, metavar="N", help="random scenarios until N kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1, help="play each so many times")
    parser.add_argument("--rows", type=int, default=3_000)
    parser.add_argument("--time-scale", type=float, default=0.05, help="outages are so much shorter than in life")
    parser.add_argument("--journal", default="", help="append a line of JSON for each play")
    parser.add_argument("--table", default="", metavar="JOURNAL", help="print the counts of a journal")
    return parser.parse_args()


def played_by(options: argparse.Namespace, ground: Ground, journal: TextIO | None) -> list[Played]:
    """Play what is asked for."""
    if options.soak:
        return soak(ground, options.soak, options.seed, journal, options.only)
    plays: list[Played] = []
    for name, pair, seed, facts in asked(options):
        plays.append(play(ground, SCENARIOS[name], pair, seed, **facts))
        tell(plays[-1], journal)
    return plays


def asked(options: argparse.Namespace) -> Iterator[tuple[str, Pair, str, dict[str, str]]]:
    """Scenario, pair, seed and facts of each play."""
    if options.points:
        for pair, point in itertools.product(ALL, COPY_POINTS):
            yield "worker-killed-at-a-point", pair, f"{options.seed}-{point}", {"point": point}
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
