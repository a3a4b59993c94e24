"""Lanes on real Dask processes: killed, sealed, refused where they cannot go."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from dms_workbench.engine.control import Control, Wish
from dms_workbench.engine.copying import RunOptions, RunResult, execute_run, tables
from dms_workbench.engine.copying.lane_tasks import LaneOutcome, LaneTask
from dms_workbench.engine.copying.pacing import Budget
from dms_workbench.engine.planning import PlanOptions, build_plan
from dms_workbench.features.runs import dask_executor
from dms_workbench.features.runs.dask_executor import PURPOSE, DaskLanes, Tls, run_lane
from dms_workbench.kernel.master_keys import key_ring
from dms_workbench.kernel.sealing import keys_for
from tests.migrating import make_source
from tests.servers import PostgresServer

pytest.importorskip("distributed")
pytestmark = pytest.mark.postgres
ROWS = 9_000
ROWS_PER_SECOND = 2_000
"""So that a run is still at work when something is killed, however fast the machine is."""
TASK = LaneTask("run", 1, 0, 0, "", 0, "{}", {})


@dataclass
class Cluster:
    """A scheduler and workers, as processes of their own."""

    folder: Path
    environment: dict[str, str]
    port: int
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    """All there ever were."""

    @property
    def address(self) -> str:
        """Of the scheduler."""
        return f"tcp://127.0.0.1:{self.port}"

    def start(self, module: str, *words: str) -> subprocess.Popen[bytes]:
        """A process of Dask."""
        with (self.folder / f"{module}-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *words],
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)
        return process

    def schedule(self) -> subprocess.Popen[bytes]:
        """A scheduler that listens, at the same address each time."""
        words = ("--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")
        self.scheduler = self.start("dask_scheduler", *words)
        while self.scheduler.poll() is None:
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", self.port)):
                break
            time.sleep(0.1)
        return self.scheduler

    def worker(self) -> subprocess.Popen[bytes]:
        """One more worker, of two threads."""
        folder = str(self.folder / f"worker-{len(self.processes)}")
        words = (self.address, "--no-nanny", "--no-dashboard", "--nthreads", "2", "--local-directory", folder)
        self.workers.append(self.start("dask_worker", *words))
        return self.workers[-1]

    def close(self) -> None:
        """End all of it."""
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def key() -> str:
    """A master key."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def master_key(key: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """That key in this process."""
    monkeypatch.setenv("DMS_MASTER_KEY", key)
    return key


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory, key: str) -> Iterator[Cluster]:
    """A cluster for all tests, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Cluster(tmp_path_factory.mktemp("dask"), {**os.environ, "DMS_MASTER_KEY": key}, port)
    yield made
    made.close()


@pytest.fixture
def cluster(machines: Cluster, master_key: str, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """That cluster, with a scheduler and a worker at least; small tables have lanes, and a worker may take long to start."""
    assert master_key
    monkeypatch.setattr(tables, "LANE_MINIMUM_ROWS", 1_000)
    monkeypatch.setattr(dask_executor, "LOST_SECONDS", 90.0)
    if machines.scheduler is None or machines.scheduler.poll() is not None:
        machines.schedule()
    machines.workers = [worker for worker in machines.workers if worker.poll() is None]
    if not machines.workers:
        machines.worker()
    return machines


@pytest.fixture
def databases(postgres: PostgresServer) -> Iterator[tuple[str, str]]:
    """A source with rows and an empty target."""
    urls = (postgres.create_database(), postgres.create_database())
    with psycopg.connect(urls[0], autocommit=True) as connection:
        connection.execute("CREATE TABLE a (id bigint PRIMARY KEY, v text)")
        connection.execute(f"INSERT INTO a SELECT i, 'row ' || i FROM generate_series(1, {ROWS}) i")
        connection.execute("ANALYZE a")
    yield urls
    for url in urls:
        postgres.drop_database(url)


class Watching(Control):
    """Does something once, when so many rows are in the target."""

    def __init__(self, target: str, act: Callable[[], None], after: int) -> None:
        self.target, self.act, self.after, self.done = target, act, after, False

    def wish(self) -> Wish:
        if not self.done and self.arrived() > self.after:
            self.done = True
            self.act()
        return "run"

    def arrived(self) -> int:
        """Rows in the target."""
        with psycopg.connect(self.target) as connection:
            if not (connection.execute("SELECT to_regclass('a') IS NOT NULL").fetchone() or (False,))[0]:
                return 0
            return int((connection.execute("SELECT count(*) FROM a").fetchone() or (0,))[0])


def lanes_on(address: str, urls: tuple[str, str]) -> DaskLanes:
    """The runner, sealed with the present master key."""
    ring = key_ring()
    return DaskLanes(address, Tls(), urls, (ring.current, keys_for(PURPOSE, ring)))


def copy(urls: tuple[str, str], address: str, spool: Path, control: Control | None = None) -> RunResult:
    """Plan and run, the lanes on a cluster."""
    plan = build_plan(*urls, PlanOptions())
    spool.mkdir(exist_ok=True)
    return execute_run(
        plan,
        *urls,
        run_id=plan.ledger_run_id or str(uuid.uuid4()),
        options=RunOptions(
            lanes=3,
            chunk_rows=100,
            lane_runner=lanes_on(address, urls),
            budget=Budget(rows_per_second=ROWS_PER_SECOND),
        ),
        control=control or Control(),
        spool_directory=spool,
    )


@pytest.mark.timeout(180)
def test_a_worker_is_killed_and_the_rows_are_there_once(
    cluster: Cluster, databases: tuple[str, str], tmp_path: Path
) -> None:
    control = Watching(databases[1], cluster.workers[0].kill, after=1_000)
    cluster.worker()

    done = copy(databases, cluster.address, tmp_path / "spool", control)

    assert control.done
    assert (done.status, done.error) == ("succeeded", None)
    assert [(table.read, table.written, table.verified) for table in done.tables] == [(ROWS, ROWS, "equal")]
    logs = [log.read_text() for log in cluster.folder.glob("*.log")]
    assert logs
    assert not any(databases[1] in log for log in logs)


@pytest.mark.timeout(240)
def test_the_scheduler_is_killed_and_the_same_command_goes_on(
    cluster: Cluster, databases: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cluster.scheduler is not None
    with monkeypatch.context() as patched:
        patched.setattr(dask_executor, "LOST_SECONDS", 2.0)
        control = Watching(databases[1], cluster.scheduler.kill, after=1_000)
        first = copy(databases, cluster.address, tmp_path / "spool", control)

    assert first.error is not None
    assert (first.status, first.error["code"]) == ("failed", "executor-lost")
    cluster.schedule()
    cluster.worker()
    again = copy(databases, cluster.address, tmp_path / "spool")
    assert (again.run_id, again.error) == (first.run_id, None)
    assert [(again.status, table.written, table.verified) for table in again.tables] == [("succeeded", ROWS, "equal")]


def test_a_source_whose_snapshot_stays_with_its_process_is_refused(
    master_key: str, postgres: PostgresServer, tmp_path: Path
) -> None:
    assert master_key
    target = postgres.create_database()
    try:
        urls = (f"sqlite:///{make_source(tmp_path / 's.db', rows=3)}", target)
        refused = copy(urls, "tcp://127.0.0.1:1", tmp_path / "spool")
    finally:
        postgres.drop_database(target)

    assert refused.error is not None
    assert (refused.status, refused.error["code"]) == ("refused", "lanes-cannot-leave")


def test_a_task_is_sealed_and_opens_for_nobody_without_the_key(
    master_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert master_key
    text = lanes_on("tcp://127.0.0.1:1", ("postgresql://me:secret@host/a", "postgresql://me:secret@host/b")).sealed(
        TASK
    )
    assert "secret" not in text
    assert "postgresql" not in base64.b64decode(json.loads(text)["box"]).decode("latin-1")
    assert "secret" not in repr(lanes_on("tcp://127.0.0.1:1", ("postgresql://me:secret@host/a", "")))

    monkeypatch.setenv("DMS_MASTER_KEY", base64.b64encode(secrets.token_bytes(32)).decode())

    outcome = LaneOutcome.from_json(run_lane(text))
    assert (outcome.done, (outcome.error or {})["code"]) == (False, "lane-task-damaged")


def test_a_task_and_its_outcome_survive_text() -> None:
    assert LaneTask.from_json(TASK.to_json()) == TASK
    assert LaneOutcome.from_json(LaneOutcome(1, 2, done=True).to_json()) == LaneOutcome(1, 2, done=True)
