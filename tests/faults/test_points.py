"""The named places are in use, and a worker killed at each of them loses and repeats nothing."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

import dms_workbench
from dms_workbench.engine.failpoints import POINTS
from tests.faults.play import SCENARIOS, play
from tests.faults.process import COPY_POINTS
from tests.faults.scene import Ground

SEED = 4
SLICE = 6
"""Points played in a run of the test suite: others with another seed; ``python -m tests.faults --points`` plays all."""


def test_each_named_place_is_in_use_and_no_other_is_reached() -> None:
    reached = {
        name
        for path in Path(dms_workbench.__file__).parent.rglob("*.py")
        for name in re.findall(r"\breach\(\"([a-z.-]+)\"\)", path.read_text())
    }
    assert reached == set(POINTS)
    assert len(COPY_POINTS) >= 24


@pytest.mark.postgres
@pytest.mark.parametrize("point", random.Random(SEED).sample(COPY_POINTS, SLICE))
def test_a_worker_killed_at_a_named_place_loses_and_repeats_nothing(ground: Ground, point: str) -> None:
    played = play(
        ground, SCENARIOS["worker-killed-at-a-point"], ("postgres", "postgres"), f"{SEED}-{point}", point=point
    )
    assert played.passed, played
