"""What stands around a run is killed: the notebook's kernel, the service, the store; our own disk fills up."""

from __future__ import annotations

import os

import pytest

from tests.faults.play import SCENARIOS, SKIPPED, play
from tests.faults.scene import Ground
from tests.servers import require

SEED = 3
NAMES = ("kernel-killed", "service-killed", "store-of-yesterday", "own-disk-full")


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", NAMES)
def test_the_run_goes_on_and_all_say_the_same(ground: Ground, name: str) -> None:
    if SCENARIOS[name].root and os.geteuid() != 0:
        require("root", f"{name} mounts a small disk")
    played = play(ground, SCENARIOS[name], ("postgres", "postgres"), f"{SEED}-{name}")
    if played.problem.startswith(SKIPPED):
        require("root", played.problem)
    assert played.passed, played
