"""After a kill the same command goes on behind the last commit: every row is there once, at most a chunk a lane was sent twice."""

from __future__ import annotations

import pytest

from tests.benchmarks.resume import PAIRS, measured

ROWS = 60_000
SLOWLY = ("--chunk-rows", "1000", "--max-rows-per-second", "6000")
"""So that it is killed in its middle."""


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.mariadb
@pytest.mark.timeout(600)
def test_a_killed_copy_goes_on_where_its_last_commit_left_it() -> None:
    seen = list(measured(list(PAIRS), ROWS, *SLOWLY))
    assert [found.name for found in seen] == [name for name, *_ in PAIRS.values()]
    for found in seen:
        assert 0 < found.before < ROWS, str(found)
        assert (found.there, found.entered) == (ROWS, ROWS), str(found)
        assert found.twice is None or 0 <= found.twice <= found.allowed, str(found)
        assert found.allowed < ROWS, "the bound says something"
