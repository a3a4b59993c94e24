"""The figures a change must not worsen: ratios to a limit measured in the same run, and memory; no absolute times."""

from __future__ import annotations

import pytest

from tests.benchmarks.copy import LIMIT_CPU_RATIO, compare, peaks

MEGABYTE = 1_000_000


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(600)
def test_a_copy_costs_at_most_two_and_a_half_times_the_cpu_of_the_limit():
    for found in compare(rows=300_000, runs=1):
        start_up_allowance = 1.0
        allowed = LIMIT_CPU_RATIO * found.limit.cpu_seconds + start_up_allowance
        assert found.ours.cpu_seconds <= allowed, found


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(600)
def test_memory_does_not_grow_with_the_rows():
    small, large = peaks(150_000), peaks(450_000)
    for pair, size in large.items():
        assert size <= small[pair] + 40 * MEGABYTE, (pair, small, large)
        assert size <= 400 * MEGABYTE
