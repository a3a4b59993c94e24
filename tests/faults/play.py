"""Plays scenarios, and writes down what came of each."""

from __future__ import annotations

import importlib
import json
import pkgutil
import random
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

import pytest

import tests.faults
from tests.faults.registry import SCENARIOS, Pair, Scenario
from tests.faults.scene import Ground, Scene

KINDS = ("lost", "duplicated", "altered", "extra")
SKIPPED = "not played: "
OTHERS = ("__main__", "conftest", "kill", "play", "soak")
for found in pkgutil.iter_modules(tests.faults.__path__):
    if not found.name.startswith("test_") and found.name not in OTHERS:
        importlib.import_module(f"tests.faults.{found.name}")  # its scenarios enter themselves


@dataclass
class Played:
    """One play of a scenario."""

    scenario: str
    pair: str
    seed: str
    seconds: float = 0.0
    kills: int = 0
    lost: int = 0
    duplicated: int = 0
    altered: int = 0
    extra: int = 0
    rows: int = 0
    """That the run has read."""
    read_again: int = 0
    """Rows of chunks that were read in vain, and so once more."""
    passed: bool = False
    problem: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def play(ground: Ground, scenario: Scenario, pair: Pair, seed: str, **facts: Any) -> Played:
    """One play; what goes wrong is in the answer."""
    began = time.monotonic()
    played = Played(scenario.name, " -> ".join(pair), seed)
    scene = Scene(ground, *pair, random.Random(seed), rows=scenario.rows, filled=scenario.filled, facts=dict(facts))
    try:
        with scene:
            try:
                scenario.play(scene)
                played.passed = True
            except AssertionError as error:
                played.problem = str(error)[:2000]
                played.facts["said"] = [worker.said()[-1500:] for worker in scene.workers]
                for kind, count in count_rows(scene).items() if scene.filled else ():
                    setattr(played, kind, count)
    except pytest.skip.Exception as skipped:
        played.passed, played.problem = True, f"{SKIPPED}{skipped}"
    except Exception as error:  # noqa: BLE001  the journal takes note of whatever happens
        played.passed = False
        played.problem = f"{type(error).__name__}: {error}"[:2000]
    played.kills, played.seconds = scene.kills, round(time.monotonic() - began, 2)
    for name in ("rows", "read_again", *KINDS):
        setattr(played, name, scene.facts.pop(name, getattr(played, name)))
    played.facts |= scene.facts
    return played


def count_rows(scene: Scene) -> dict[str, int]:
    """What the oracle finds after a play that went wrong, if the same command says that all is well; else rows are only missing."""
    try:
        if scene.start().wait().get("status") != "succeeded":
            return {}
        return scene.ask_oracle()
    except Exception:  # noqa: BLE001  a target that was never made is not a loss
        return {}


def tell(played: Played, journal: TextIO | None) -> None:
    """Print a play, and enter it in the journal."""
    verdict = "skip" if played.problem.startswith(SKIPPED) else "ok  " if played.passed else "FAIL"
    print(f"{verdict} {played.scenario:44} {played.pair:24} {played.seconds:6.1f} s  {played.kills} kills", flush=True)
    if not played.passed:
        print(f"     {played.problem}", flush=True)
    if journal is not None:
        journal.write(json.dumps(asdict(played)) + "\n")
        journal.flush()


def from_journal(path: Path) -> list[Played]:
    """The plays of a journal."""
    return [Played(**json.loads(line)) for line in path.read_text().splitlines()]


def table(plays: Iterable[Played]) -> str:
    """Runs, kills and rows by scenario, and kills by the phase or place they hit, as text."""
    names = ("runs", "passed", "kills", "rows", "read_again", *KINDS)
    sums: dict[str, list[int]] = {}
    places: Counter[str] = Counter()
    for played in plays:
        row = (1, int(played.passed), *(getattr(played, name) for name in names[2:]))
        for key in (played.scenario, "all"):
            sums[key] = [have + more for have, more in zip(sums.get(key, [0] * len(row)), row, strict=True)]
        places.update(played.facts.get("places", {}))
    lines = [f"{'scenario':44} " + " ".join(f"{name:>10}" for name in names)]
    order = sorted(sums, key=lambda name: (name == "all", name))
    lines += [f"{name:44} " + " ".join(f"{count:>10}" for count in sums[name]) for name in order]
    hit = ", ".join(f"{place} {count}" for place, count in places.most_common())
    return "\n".join([*lines, f"kills of workers by where they hit: {hit}"] if hit else lines)


__all__ = ["SCENARIOS", "SKIPPED", "Ground", "Played", "from_journal", "play", "table", "tell"]
