"""Memory of matching, and that time grows no faster than the pairs of columns: of computing, no absolute times."""

from __future__ import annotations

import pytest

from tests.benchmarks.matching_speed import MOST_BYTES, drawn, measured, problem

SLACK = 3.0
"""On a busy machine."""


def test_drawn_schemas_have_the_columns_that_were_asked_for() -> None:
    found = problem(130, 250)

    assert (found.source.columns, found.target.columns) == (120, 250)
    assert drawn(45, "dice").columns == 45


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_thousands_of_columns_fit_into_memory_and_time_grows_with_the_pairs_of_columns() -> None:
    small, large = measured(500, 500), measured(1500, 1500)

    assert large.peak_bytes <= MOST_BYTES * 0.09 + 150_000_000
    assert large.cpu_seconds <= SLACK * 9 * small.cpu_seconds
    assert large.filled >= 0.5
