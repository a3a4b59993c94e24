"""The servers that scenarios are played on, for a session of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.scene import Ground


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Servers of these tests' own, each started when it is first needed."""
    folder = tmp_path_factory.mktemp("faults")
    with Ground(folder, rows=2_000) as made:
        yield made
