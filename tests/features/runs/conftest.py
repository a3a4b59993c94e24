"""A plan, and a queue in the name of a worker that lives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dms_workbench.features.access import local_caller
from dms_workbench.features.plans import PlanSummary
from dms_workbench.features.runs import RunQueue, Worker
from dms_workbench.kernel.store import Store
from dms_workbench.platform import FileLock, host_name
from dms_workbench.workbench import Workbench, local_bus
from tests.migrating import make_plan, make_source

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def local(store: Store) -> Workbench:
    """An embedded workbench that starts no worker."""
    return Workbench.over(local_bus(store, local_caller(store)))


@pytest.fixture
def plan(local: Workbench, tmp_path: Path) -> PlanSummary:
    """A plan of one table into a target that does not exist yet."""
    return make_plan(local, make_source(tmp_path / "source.db"), tmp_path / "target.db")


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[FileLock]:
    """The lock of a worker that lives; release it, and the worker is dead."""
    taken = FileLock.take(tmp_path / "worker-of-the-test.lock")
    assert taken is not None
    yield taken
    taken.release()


@pytest.fixture
def queue(store: Store, lock: FileLock) -> RunQueue:
    """The runs of the store, for that worker."""
    return RunQueue(store, Worker("worker-1", host_name(), str(lock.path)))
