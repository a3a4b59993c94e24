"""A run keeps to its budget and leaves its source alone while that is in need."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import dataclass, field

import psycopg
import pytest

from dms_workbench.engine.control import Control, Progress
from dms_workbench.engine.copying import Budget, RunOptions
from dms_workbench.engine.copying.pacing import Pace
from dms_workbench.engine.databases.base import Health, LineLimits, Lines
from dms_workbench.engine.databases.postgres import database
from tests.standby import standby_of

from .conftest import run_sql

pytestmark = pytest.mark.postgres
FILL = "insert into t select i, 'row ' || i from generate_series(1, 60000) i"
SLOW = 6_000
"""Rows a second, so that a copy of `FILL` lasts ten seconds unless it is let go."""


@dataclass
class Listening(Control):
    """Keeps what is told, and how many rows were read when."""

    messages: list[str] = field(default_factory=list)
    read: int = 0

    def report(self, progress: Progress) -> None:
        if progress.message:
            self.messages.append(progress.message)
        self.read = max(self.read, progress.read)

    def wait_for(self, word: str, seconds: float = 20.0) -> None:
        until = time.monotonic() + seconds
        while not any(word in message for message in self.messages):
            assert time.monotonic() < until, self.messages
            time.sleep(0.05)


class Running:
    """A migration in a thread."""

    def __init__(self, migrate, source, target, budget, **options) -> None:
        self.control = Listening()
        self.result = None

        def work() -> None:
            self.result = migrate(
                source, target, control=self.control, options=RunOptions(budget=budget, chunk_rows=2_000, **options)
            )

        self.thread = threading.Thread(target=work)
        self.thread.start()

    def wait_for_rows(self) -> None:
        until = time.monotonic() + 20
        while not self.control.read:
            assert time.monotonic() < until
            time.sleep(0.05)

    def end(self):
        self.thread.join(60)
        assert self.result is not None
        return self.result


def rows_of(result) -> tuple[int, int]:
    """Rows read and written of the table with rows."""
    table = next(table for table in result.tables if table.source == "t")
    return table.read, table.written


@pytest.fixture
def filled(new_database) -> str:
    url = new_database("postgres")
    run_sql(url, "create table t (id int primary key, name text)", FILL, "create table other (id int primary key)")
    return url


def test_a_run_holds_back_while_a_session_waits_for_a_lock_and_goes_on_by_itself(filled, new_database, migrate):
    running = Running(migrate, filled, new_database("postgres"), Budget(SLOW, lock_wait_seconds=0.5))
    running.wait_for_rows()
    with psycopg.connect(filled) as holder, closing(psycopg.connect(filled)) as waiter:
        holder.execute("select pg_advisory_lock(1)")
        waiting = threading.Thread(target=lambda: waiter.execute("select pg_advisory_lock(1)"))
        waiting.start()
        running.control.wait_for("Holding back: session", seconds=5)
        time.sleep(0.5)  # the chunk that was under way ends
        held_at = running.control.read
        time.sleep(1.5)
        assert running.control.read == held_at
        holder.execute("select pg_advisory_unlock(1)")
        waiting.join(10)
    running.control.wait_for("Going on", seconds=5)
    result = running.end()
    assert result.status == "succeeded"
    assert rows_of(result) == (60_000, 60_000)
    assert any("held back" in note for note in result.notes)


def test_a_run_holds_back_while_a_standby_is_behind(postgres, filled, new_database, migrate):
    with standby_of(postgres) as standby:
        running = Running(migrate, filled, new_database("postgres"), Budget(SLOW, lag_seconds=1.0))
        running.wait_for_rows()
        standby.execute("select pg_wal_replay_pause()")
        run_sql(filled, "insert into other select generate_series(1, 1000)")
        running.control.wait_for("behind the source", seconds=6)
        standby.execute("select pg_wal_replay_resume()")
        running.control.wait_for("Going on", seconds=6)
        assert running.end().status == "succeeded"


def test_a_session_that_waits_for_the_run_itself_makes_it_let_its_snapshot_go(filled, new_database, migrate):
    aim = new_database("postgres")
    running = Running(migrate, filled, aim, Budget(SLOW, lock_wait_seconds=0.5))
    running.wait_for_rows()
    with psycopg.connect(filled) as application:
        application.execute("set statement_timeout = '8s'")
        application.execute("lock table t in access exclusive mode")
    result = running.end()
    assert result.status == "succeeded"
    assert rows_of(result) == (60_000, 60_000)
    assert any("snapshot" in note for note in result.notes)


def test_a_snapshot_is_not_held_longer_than_allowed(filled, new_database, migrate):
    aim = new_database("postgres")
    running = Running(migrate, filled, aim, Budget(SLOW, transaction_seconds=1.0))
    result = running.end()
    assert result.status == "paused"
    assert 0 < rows_of(result)[0] < 60_000
    assert migrate(filled, aim).status == "succeeded"


def test_what_is_allowed_in_a_second_is_never_exceeded(filled, new_database, migrate):
    began = time.monotonic()
    result = Running(migrate, filled, new_database("postgres"), Budget(20_000), verify=False).end()
    assert rows_of(result) == (60_000, 60_000)
    assert 60_000 / (time.monotonic() - began) <= 20_000 * 1.2


@pytest.mark.parametrize(
    ("health", "word"),
    [
        (Health(lock_wait_seconds=3, lock_wait="session 1 waits"), "session 1 waits"),
        (Health(lag_seconds=70, lag_of="east"), "east is 70 s behind"),
        (Health(active_sessions=11), "11 sessions"),
        (Health(lock_wait_seconds=3, lock_wait="session 1 waits", waits_for_us=True), ""),
        (Health(active_sessions=10, lag_seconds=50, lock_wait_seconds=1), ""),
    ],
)
def test_a_budget_says_what_exceeds_it(health: Health, word: str):
    said = Budget(active_sessions=10).exceeded(health)
    assert word in said
    assert bool(said) == bool(word)


def test_a_look_counts_other_sessions_and_names_who_waits(filled):
    with (
        closing(database.open_source(filled)) as source,
        psycopg.connect(filled) as holder,
        closing(psycopg.connect(filled)) as waiter,
    ):
        observer = source.observer()
        with closing(observer):
            quiet = observer.look()
            assert (quiet.active_sessions, quiet.lock_wait_seconds) == (0, 0.0)
            holder.execute("lock table other")
            waiting = threading.Thread(target=lambda: waiter.execute("lock table other"))
            waiting.start()
            until = time.monotonic() + 10
            while not ((health := observer.look()).lock_wait_seconds and health.active_sessions):
                assert time.monotonic() < until
            assert str(waiter.info.backend_pid) in health.lock_wait
            assert str(holder.info.backend_pid) in health.lock_wait
            holder.rollback()
            waiting.join(10)


def test_a_chunk_holds_a_second_of_the_allowed_rate_at_most():
    limits = LineLimits()
    Pace(Budget(3_000), Control()).limit(limits)
    assert limits.rows == 3_000
    lines = Lines("any")
    lines.pieces = iter([b"a", b"b"])
    assert list(Pace(Budget(), Control()).pieces(lines)) == [b"a", b"b"]


@pytest.fixture
def clock(monkeypatch):
    """A clock that only sleeping moves; a list of one number."""
    at = [1_000.0]

    def sleep(seconds: float) -> None:
        at[0] += seconds

    monkeypatch.setattr(time, "monotonic", lambda: at[0])
    monkeypatch.setattr(time, "sleep", sleep)
    return at


def test_what_passes_after_a_rest_is_even_and_the_rest_is_made_good(clock):
    pace = Pace(Budget(1_000), Control())
    pace.take(100)
    clock[0] += 0.5
    begun, steps = clock[0], []
    for _ in range(300):
        before = clock[0]
        pace.take(10)
        steps.append(clock[0] - before)
    assert min(steps[2:]) > 0.0079, "no burst: 1.25 times the rate at most"
    assert steps[-1] == pytest.approx(0.010), "the rate itself, when the rest is made good"
    assert clock[0] - begun == pytest.approx(2.5, abs=0.05), "half a second less than without the rest"


def test_no_more_than_a_second_is_made_good(clock):
    pace = Pace(Budget(1_000), Control())
    pace.take(1)
    clock[0] += 3_600
    begun = clock[0]
    for _ in range(1_000):
        pace.take(10)
    assert clock[0] - begun == pytest.approx(9.0, abs=0.05)


def test_a_read_takes_little_at_a_time_only_where_there_is_a_rate():
    free, kept = LineLimits(), LineLimits()
    Pace(Budget(), Control()).limit(free)
    Pace(Budget(3_000), Control()).limit(kept)
    assert (free.read_bytes, kept.read_bytes) == (None, 65_536)
