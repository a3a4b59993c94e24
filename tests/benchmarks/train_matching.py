"""Train the matcher's model, or judge it.

    python -m tests.benchmarks.train_matching                              # on the schemas of tests/cases/matching alone
    python -m tests.benchmarks.train_matching --also DIR                   # and on benchmark sets of a folder
    python -m tests.benchmarks.train_matching --also DIR --cross-validate  # each family judged by a model that never saw it

The same folders give the same file, bit by bit: dice are seeded, sets come in order of name, one thread adds up. Judging prints
the figures of every set and tier and says which are not as demanded (exit code 1). It trains a model for every family; with
``--kept FOLDER`` trees that were fitted to the same figures before are read from there, by a hash of all that went in.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dms_workbench.engine.matching.model import FORMAT, Model
from tests.benchmarks.matching_cases import Problem, own_problems
from tests.benchmarks.matching_confidence import confidence
from tests.benchmarks.matching_fit import Fitter, Prepared, prepare
from tests.benchmarks.matching_folders import BenchmarkSet, ablated, benchmark_sets
from tests.benchmarks.matching_validation import judge, line, pooled, shortfalls
from tests.benchmarks.matching_variants import rewritten, twin, variants

MODEL = Path(__file__).parents[2] / "dms_workbench" / "engine" / "matching" / "model.json"
OWN, VARIANT, OUTSIDE = 1.0, 0.4, 2.0
"""The weights of our own problems, of their variants and of sets from outside, which are real."""


def own_prepared(problems: Sequence[Problem], seed: int = 0) -> list[Prepared]:
    """Our own problems, variants of them, and all of them without some of their tables."""
    found = [prepare(each, each.name, OWN) for each in problems]
    found += [prepare(each, each.name.split()[0], VARIANT) for each in variants(problems, seed)]
    for problem in problems:
        same = twin(problem, "target")
        renamed = rewritten(same, f"{problem.name} same{seed or ''}", side="source", short=0, other=0.25, retype=0.2)
        for each in (problem, same, renamed):
            found += [prepare(left, problem.name, OWN, orphans) for left, orphans in ablated(each)]
    return found


def outside_prepared(sets: Sequence[BenchmarkSet]) -> list[Prepared]:
    """The sets of a folder, and those with a complete truth of tables without some of them."""
    found = [prepare(each.problem, each.family, OUTSIDE) for each in sets]
    for each in sets:
        if each.tier != "C":
            found += [prepare(left, each.family, OUTSIDE, orphans) for left, orphans in ablated(each.problem)]
    return found


def train(prepared: Sequence[Prepared], fitter: Fitter) -> dict[str, Any]:
    """The model as data. The confidence is learned from what trees say of families that they have not seen."""
    passes, seen = fitter.seen(prepared)
    names = [each.problem.name for each in prepared if not each.orphan]
    return {"format": FORMAT, "trained_on": names, **passes, "confidence": confidence(seen)}


def cross_validate(own: Sequence[Prepared], sets: Sequence[BenchmarkSet], fitter: Fitter) -> int:
    """Print what models say of families they have not seen, and what falls short; 1 if something does."""
    outside = outside_prepared(sets)
    judged = []
    for family in sorted({each.family for each in sets}):
        model = Model.from_dict(train([*own, *(each for each in outside if each.family != family)], fitter))
        for each, scores in judge(model, [each for each in sets if each.family == family]):
            print(f"{each.problem.name:45} {each.tier} {line(scores)}", flush=True)
            judged.append((each.tier, scores))
    tiers = pooled(judged)
    for tier, scores in tiers.items():
        print(f"{tier:>3}: {line(scores)}")
    missing = shortfalls(tiers)
    print("\n".join(missing) or "everything is as demanded")
    return 1 if missing else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--also", metavar="DIR", help="benchmark sets to train on as well")
    parser.add_argument("--cross-validate", action="store_true", help="judge each family of DIR by a model without it")
    parser.add_argument("--kept", metavar="FOLDER", type=Path, help="where fitted trees are kept and found again")
    parser.add_argument("--seed", type=int, default=0, help="other variants and folds than those of the shipped model")
    parser.add_argument("--own", metavar="NAME", nargs="+", help="of our own problems only these")
    parser.add_argument("--write", metavar="FILE", default=str(MODEL), help="where the model goes")
    options = parser.parse_args(arguments)
    if options.cross_validate and not options.also:
        parser.error("--cross-validate judges the sets of --also DIR")
    sets = benchmark_sets(Path(options.also)) if options.also else []
    if options.kept is not None:
        options.kept.mkdir(parents=True, exist_ok=True)
    own = own_prepared(own_problems(options.own), options.seed)
    fitter = Fitter(options.kept, options.seed)
    if options.cross_validate:
        return cross_validate(own, sets, fitter)
    model = train([*own, *outside_prepared(sets)], fitter)
    Path(options.write).write_text(json.dumps(model, separators=(",", ":")) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
