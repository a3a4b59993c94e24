from __future__ import annotations

import pytest

from dms_workbench.engine.expressions.results import interval_text

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ((0, 0, 0), "00:00:00"),
        ((14, 3, 14706 * SECOND + 700_000_000), "1 year 2 mons 3 days 04:05:06.7"),
        ((-14, 1, 0), "-1 years -2 mons +1 day"),
        ((0, -1, 7384 * SECOND), "-1 days +02:03:04"),
        ((0, 0, -SECOND), "-00:00:01"),
        ((1, 0, -SECOND), "1 mon -00:00:01"),
        ((0, 0, 360_000 * SECOND), "100:00:00"),
    ],
)
def test_an_interval_is_written_as_postgresql_writes_it(parts: tuple[int, int, int], text: str) -> None:
    assert interval_text(parts) == text
