"""The same store on PostgreSQL: the statements that differ there are those of leases, claims and event numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dms_workbench.features.access import local_caller
from dms_workbench.features.plans import PlanSummary
from dms_workbench.features.runs import Outcome, RunQueue, TableProgress, Worker
from dms_workbench.features.runs.steering import News
from dms_workbench.kernel.store import Store
from dms_workbench.workbench import Workbench, local_bus, open_store
from tests.migrating import make_plan, make_source

from .conftest import NOW

pytestmark = pytest.mark.postgres


@pytest.fixture
def shared(postgres_url: str, clean_environment: Path) -> Iterator[Store]:
    """A store on PostgreSQL."""
    clean_environment.mkdir(mode=0o700, exist_ok=True)
    opened = open_store(postgres_url)
    yield opened
    opened.close()


@pytest.fixture
def workbench(shared: Store) -> Workbench:
    """The administrator's workbench on it."""
    return Workbench.over(local_bus(shared, local_caller(shared)))


@pytest.fixture
def plan(workbench: Workbench, tmp_path: Path) -> PlanSummary:
    """A plan of one table."""
    return make_plan(workbench, make_source(tmp_path / "s.db"), tmp_path / "t.db")


@pytest.fixture
def queue(shared: Store) -> RunQueue:
    """The runs for a worker on another host."""
    return RunQueue(shared, Worker("worker-1", "another-host", "/no/such/lock"))


def test_a_run_goes_from_queued_to_its_result(workbench: Workbench, plan: PlanSummary, queue: RunQueue) -> None:
    run = workbench.runs.start(plan.id)
    job = queue.claim(NOW)
    assert job is not None
    assert queue.claim(NOW) is None
    queue.tell(job, News("copy", (TableProgress(0, "a", "b", written=5),), (("info", "hello"),)), NOW)
    queue.tell(job, News("copy", (TableProgress(0, "a", "b", written=9),)), NOW)
    queue.heartbeat(NOW)
    assert queue.wishes() == {(run.id, 1): "run"}
    queue.finish(job, Outcome("succeeded", 1.0, {"tables": []}), News("done"), NOW, leaving=False)

    seen = workbench.runs.get(run.id)
    assert (seen.status, seen.tables[0].written, seen.result) == ("succeeded", 9, {"tables": []})
    assert [event.number for event in workbench.runs.events(run.id)] == [1, 2, 3, 4, 5]
    assert workbench.runs.log(run.id)[0].message == "hello"


def test_a_lease_ends_by_the_clock_of_the_database(
    workbench: Workbench, plan: PlanSummary, queue: RunQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = workbench.runs.start(plan.id)
    assert queue.claim(NOW) is not None
    assert workbench.runs.get(run.id).status == "running"

    monkeypatch.setattr("dms_workbench.features.runs.leases.LEASE_SECONDS", -1.0)
    queue.heartbeat(NOW)

    assert workbench.runs.get(run.id).status == "interrupted"
    assert workbench.runs.list(status="interrupted").total == 1
    assert workbench.runs.start(plan.id).id == run.id


def test_starting_twice_gives_the_same_run(workbench: Workbench, plan: PlanSummary) -> None:
    assert workbench.runs.start(plan.id).id == workbench.runs.start(plan.id).id
