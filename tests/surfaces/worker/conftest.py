"""A workbench that starts real worker processes, which are gone after the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dms_workbench.workbench import Workbench
from tests.migrating import kill_workers


@pytest.fixture
def embedded(clean_environment: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """The workbench of the test's data folder; its worker leaves after two idle seconds."""
    del clean_environment
    monkeypatch.setenv("DMS_WORKER_IDLE_SECONDS", "2")
    with Workbench() as workbench:
        yield workbench
        kill_workers(workbench.bus.store)  # type: ignore[attr-defined]  # it is embedded
