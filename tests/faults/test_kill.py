"""A short soak of kills; `python -m tests.faults.kill` does the long one."""

from __future__ import annotations

import pytest

from tests.faults.kill import soak


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "product",
    [
        "sqlite",
        "duckdb",
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("mariadb", marks=pytest.mark.mariadb),
    ],
)
def test_a_killed_worker_loses_and_repeats_nothing(product):
    outcomes = soak({product: 3}, rows=150_000, seed=7)
    assert sum(outcome.kills for outcome in outcomes) >= 3
    assert all(outcome.sound for outcome in outcomes), outcomes
