"""Plays scenarios, and writes down what came of each."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

import pytest

from tests.faults import data, databases, network, process
from tests.faults.registry import SCENARIOS, Pair, Scenario
from tests.faults.scene import Ground, Scene

SKIPPED = "not played: "
MODULES = (process, databases, network, data)
"""Whose import enters their scenarios."""


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
    passed: bool = False
    problem: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def play(ground: Ground, scenario: Scenario, pair: Pair, seed: str, **facts: Any) -> Played:
    """One play; what goes wrong is in the answer."""
    began = time.monotonic()
    played = Played(scenario.name, " -> ".join(pair), seed)
    scene = Scene(ground, *pair, random.Random(seed), rows=scenario.rows, facts=dict(facts))
    try:
        with scene:
            try:
                scenario.play(scene)
                played.passed = True
            except AssertionError as error:
                played.problem = str(error)[:2000]
                played.facts["said"] = [worker.said()[-1500:] for worker in scene.workers]
                for kind, count in count_rows(scene).items():
                    setattr(played, kind, count)
    except pytest.skip.Exception as skipped:
        played.passed, played.problem = True, f"{SKIPPED}{skipped}"
    except Exception as error:  # noqa: BLE001  the journal takes note of whatever happens
        played.passed = False
        played.problem = f"{type(error).__name__}: {error}"[:2000]
    played.kills, played.seconds = scene.kills, round(time.monotonic() - began, 2)
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


def soak(ground: Ground, kills: int, seed: int, journal: TextIO | None, only: str = "") -> list[Played]:
    """Random scenarios with kills, on random pairs, until so many have hit."""
    dice = random.Random(seed)
    chosen = [found for found in SCENARIOS.values() if found.kills and (not only or found.name == only)]
    weights = [6 if found.name.startswith("worker-killed") else 1 for found in chosen]
    plays: list[Played] = []
    while sum(played.kills for played in plays) < kills:
        scenario = dice.choices(chosen, weights)[0]
        played = play(ground, scenario, dice.choice(scenario.pairs), f"{seed}-{len(plays)}")
        plays.append(played)
        tell(played, journal)
    return plays


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
    """Runs, kills and rows by scenario, as text."""
    names = ("runs", "passed", "kills", "lost", "duplicated", "altered", "extra")
    sums: dict[str, list[int]] = {}
    for played in plays:
        row = (1, int(played.passed), played.kills, played.lost, played.duplicated, played.altered, played.extra)
        for key in (played.scenario, "all"):
            sums[key] = [have + more for have, more in zip(sums.get(key, [0] * len(row)), row, strict=True)]
    lines = [f"{'scenario':44} " + " ".join(f"{name:>10}" for name in names)]
    order = sorted(sums, key=lambda name: (name == "all", name))
    return "\n".join(lines + [f"{name:44} " + " ".join(f"{count:>10}" for count in sums[name]) for name in order])


__all__ = ["SCENARIOS", "SKIPPED", "Ground", "Played", "from_journal", "play", "soak", "table", "tell"]
