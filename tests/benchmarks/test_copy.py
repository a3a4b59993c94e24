"""The figures a change must not worsen: ratios to a limit measured in the same run, and memory; no absolute times."""

from __future__ import annotations

import pytest

from tests.benchmarks.copy import compare, peaks

MEGABYTE = 1_000_000
SLACK = 1.35
"""A short copy on a busy machine: what the command measures on a quiet one with a million rows has no slack."""
FIXED_CPU_SECONDS = 0.3


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(600)
@pytest.mark.parametrize("pair", ["postgres", "sqlite-postgres", "csv-postgres-typed"])
def test_a_copy_costs_little_more_cpu_than_the_limit(pair: str):
    for found in compare([pair], rows=300_000, runs=1):
        assert found.pair.limit.cpu is not None
        allowed = found.pair.limit.cpu * SLACK * found.reference.cpu_seconds + FIXED_CPU_SECONDS
        assert found.ours.cpu_seconds <= allowed, str(found)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(600)
def test_memory_does_not_grow_with_the_rows():
    names = ["postgres", "sqlite-postgres", "csv-postgres-typed"]
    small, large = peaks(names, 150_000), peaks(names, 450_000)
    for pair, cost in large.items():
        assert cost.peak_bytes <= small[pair].peak_bytes + 30 * MEGABYTE, pair
        assert cost.above_imports_bytes <= 60 * MEGABYTE, pair
