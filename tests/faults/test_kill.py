"""Short soaks of kills; `python -m tests.faults --soak` and, with a million rows, `python -m tests.faults.kill` do long ones."""

from __future__ import annotations

import pytest

from tests.faults.kill import soak
from tests.faults.play import SCENARIOS, play
from tests.faults.registry import ALL, Pair
from tests.faults.scene import Ground

SEED = 7
FEWEST_KILLS = 2
"""In a play; all of them have far more, drawn by the seed."""


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.mariadb
@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", ["create", "upsert"])
@pytest.mark.parametrize("pair", ALL, ids="-".join)
def test_a_run_that_is_killed_again_and_again_loses_and_repeats_nothing(ground: Ground, pair: Pair, mode: str) -> None:
    played = play(ground, SCENARIOS["runs-killed-often"], pair, f"{SEED}-{mode}", mode=mode)
    assert played.passed, played
    assert played.kills >= FEWEST_KILLS, played


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["undos-killed-often", "repairs-killed-often", "replays-killed-often"])
def test_other_work_that_is_killed_again_and_again_comes_to_its_end(ground: Ground, name: str) -> None:
    played = play(ground, SCENARIOS[name], ("postgres", "postgres"), f"{SEED}-{name}")
    assert played.passed, played
    assert played.kills >= 1, played


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_killed_command_loses_and_repeats_nothing() -> None:
    outcomes = soak({"sqlite": 2}, rows=50_000, seed=SEED)
    assert sum(outcome.kills for outcome in outcomes) >= 2
    assert all(outcome.sound for outcome in outcomes), outcomes
