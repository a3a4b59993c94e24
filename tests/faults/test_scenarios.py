"""A slice of the scenarios, drawn by a seed; ``python -m tests.faults`` plays all of them on all of their pairs."""

from __future__ import annotations

import os
import random

import pytest

from tests.faults.play import SCENARIOS, SKIPPED, play
from tests.faults.registry import Pair
from tests.faults.scene import Ground
from tests.servers import require

SEED = 20
SLICE = 10
LONG = (
    "worker-killed-while-resuming",
    "target-disk-full",
    "slow-network",
    "few-descriptors",
    "little-memory",
    "target-changed-in-every-type",
    "snapshot-too-old",
    "commits-refused-at-random",
    "transactions-that-conflict",
    "target-log-disk-full",
    "store-away",
    "time-left-over-a-slow-network",
    "standby-that-ends-queries",
    "standby-as-target",
    "rows-of-two-large-cells",
    "time-limits-of-the-role",
)
ELSEWHERE = ("point", "killed-often", "dask", "kernel", "service", "own-disk", "yesterday", "commands-killed")
"""Not part of a slice: they take long, or are played in other tests."""


def chosen() -> list[tuple[str, Pair]]:
    """Scenarios with a pair each."""
    dice = random.Random(SEED)
    short = {name for name in SCENARIOS if name not in LONG and not any(part in name for part in ELSEWHERE)}
    names = dice.sample(sorted(short), SLICE)
    return [(name, dice.choice(SCENARIOS[name].pairs)) for name in names]


@pytest.mark.postgres
@pytest.mark.mariadb
@pytest.mark.parametrize(
    ("name", "pair"), chosen(), ids=lambda value: value if isinstance(value, str) else "-".join(value)
)
def test_a_fault_loses_and_repeats_nothing(ground: Ground, name: str, pair: Pair) -> None:
    if SCENARIOS[name].root and os.geteuid() != 0:
        require("root", f"{name} stops processes of another account")
    played = play(ground, SCENARIOS[name], pair, f"{SEED}-{name}")
    if played.problem.startswith(SKIPPED):
        require("root", played.problem)
    assert played.passed, played


def test_every_scenario_says_what_it_does() -> None:
    assert len(SCENARIOS) >= 30
    assert all(
        (found.about.endswith(".") and ":" in found.about) or len(found.about) > 30 for found in SCENARIOS.values()
    )
