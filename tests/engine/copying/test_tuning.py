"""A run chooses the sizes of its chunks and the number of its lanes by what its first chunks show, and says why."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import Budget, RunOptions, tuning
from dms_workbench.engine.copying.tuning import Cores, LaneTrial, Rhythm, Tuning
from tests.faults.proxy import Proxy

from .conftest import run_sql

ROWS = 60_000
KEYS = {
    "integer": ("k int", "k", "i"),
    "text": ("k text", "k", "md5(i::text)"),
    "uuid": ("k uuid", "k", "md5(i::text)::uuid"),
    "two columns": ("a text, k int", "a, k", "(i % 7)::text, i"),
}
ONE_LINE = 1_000_000
"""Bytes a second: the rows of a table here need about six seconds."""
UNVERIFIED = RunOptions(verify=False)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Small chunks that stay so, short measurements and a machine with nothing else to do: few rows tell much."""
    monkeypatch.setattr(tuning, "FIRST_ROWS", 1_000)
    monkeypatch.setattr(tuning, "MEASURED_SECONDS", 0.3)
    monkeypatch.setattr(tuning, "WORTH_SECONDS", 0.5)
    monkeypatch.setattr(tuning, "DEAREST_SHARE", 1.0)
    monkeypatch.setattr(Cores, "busy", lambda _: 0.1)
    return monkeypatch


class LineClock:
    """The time of a line of each lane, which is a thread, that takes ten thousand rows a second, however busy this machine is."""

    def __init__(self) -> None:
        self.rows: dict[int, int] = {}

    def came(self, rows: int) -> None:
        """Rows have come over the line."""
        line = threading.get_ident()
        self.rows[line] = self.rows.get(line, 0) + rows

    def perf_counter(self) -> float:
        """Seconds."""
        return self.rows.get(threading.get_ident(), 0) / 10_000


@pytest.fixture
def by_the_line(soon: pytest.MonkeyPatch) -> Callable[..., None]:
    """Measure chunks by the clock of their line."""

    def begin() -> None:
        clock, made, committed = LineClock(), Rhythm.__init__, Rhythm.committed

        def begun(rhythm: Rhythm, *given, **named) -> None:
            made(rhythm, *given, **named)
            rhythm.ended_at = clock.perf_counter()

        def heard(rhythm: Rhythm, rows: int) -> tuple[float, bool]:
            clock.came(rows)
            return committed(rhythm, rows)

        soon.setattr(tuning, "time", clock)
        soon.setattr(Rhythm, "__init__", begun)
        soon.setattr(Rhythm, "committed", heard)
        soon.setattr(Rhythm, "waited", lambda _rhythm, _seconds: None)

    return begin


def slow(url: str, **faults: float) -> Proxy:
    """A line to a database that is as slow as that."""
    found = re.search(r"@([^:/]+):(\d+)/", url)
    assert found is not None
    proxy = Proxy(found[1], int(found[2]))
    for name, value in faults.items():
        setattr(proxy.faults, name, value)
    return proxy


@pytest.fixture
def filled(new_database: Callable[[str], str]) -> Callable[..., str]:
    """A source with rows of about a hundred bytes, by kind of key."""

    def make(kind: str = "integer", rows: int = ROWS) -> str:
        columns, key, values = KEYS[kind]
        url = new_database("postgres")
        run_sql(
            url,
            f"create table t ({columns}, filler text, primary key ({key}))",
            f"insert into t select {values}, repeat(md5(i::text), 3) from generate_series(1, {rows}) i",
            "analyze t",
        )
        return url

    return make


def contents(url: str) -> list[tuple]:
    """Rows, keys and a sum over all that a table holds."""
    return run_sql(url, "select count(*), count(distinct t.k), sum(hashtext(t::text)) from t")


def lanes_chosen(result) -> tuple[int, str]:
    """How many lanes the summary says, and the whole sentence."""
    note = next(note for note in result.notes if note.startswith("t: "))
    found = re.search(r"t: (\d+) lane", note)
    assert found is not None, note
    return int(found[1]), note


@pytest.mark.parametrize("kind", KEYS)
def test_where_each_connection_is_narrow_more_lanes_are_chosen(kind, filled, new_database, migrate, by_the_line):
    by_the_line()
    source, target = filled(kind), new_database("postgres")
    with slow(source, bytes_per_second=ONE_LINE) as proxy:
        result = migrate(proxy.url(source), target, options=UNVERIFIED)
    lanes, note = lanes_chosen(result)
    assert lanes >= 2, note
    assert "because a second added" in note
    assert contents(target) == contents(source)
    assert run_sql(target, "select count(distinct snapshot_id), sum(rows_read) from dms_ledger.chunks") == [(1, ROWS)]


def test_where_all_connections_share_one_line_one_lane_stays(filled, new_database, migrate, soon):
    source, target = filled(), new_database("postgres")
    with slow(source, shared_bytes_per_second=ONE_LINE) as proxy:
        result = migrate(proxy.url(source), target, options=UNVERIFIED)
    lanes, note = lanes_chosen(result)
    assert lanes == 1, note
    assert "because a second added" in note
    assert contents(target) == contents(source)


def test_where_the_machine_is_busy_no_other_lane_is_tried(filled, new_database, migrate, soon):
    soon.setattr(Cores, "busy", lambda _: 0.97)
    source, target = filled(), new_database("postgres")
    with slow(source, bytes_per_second=ONE_LINE) as proxy:
        result = migrate(proxy.url(source), target, options=UNVERIFIED)
    assert lanes_chosen(result)[0] == 1
    assert "97% busy" in lanes_chosen(result)[1]
    assert run_sql(target, "select count(*) from dms_ledger.checkpoints") == [(1,)]


def test_no_more_lanes_are_tried_than_the_budget_allows(filled, new_database, migrate, soon):
    source, target = filled(), new_database("postgres")
    with slow(source, bytes_per_second=ONE_LINE) as proxy:
        options = RunOptions(verify=False, budget=Budget(lanes=2))
        result = migrate(proxy.url(source), target, options=options)
    lanes, note = lanes_chosen(result)
    assert lanes <= 2, note
    assert "no more than 2 are allowed" in note


def test_no_lane_is_tried_by_a_run_that_is_as_fast_as_it_may_be(filled, new_database, migrate, soon):
    soon.setattr(tuning, "FIRST_ROWS", 200)
    options = RunOptions(verify=False, budget=Budget(rows_per_second=2_000))
    result = migrate(filled(rows=6_000), new_database("postgres"), options=options)
    number, said = lanes_chosen(result)
    assert number == 1
    assert said.startswith("t: 1 lane, because the run keeps to 2,000 rows per second")


class PauseWithLanes(Control):
    """Wishes a pause a while after the rows come in several lanes."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.paused = False

    def wish(self):
        return "pause" if self.paused else "run"

    def report(self, progress):
        if not self.paused and progress.written:
            seen = run_sql(self.target, "select count(distinct lane_no) from dms_ledger.chunks")
            self.paused = seen[0][0] > 2


@pytest.mark.parametrize("workers", [None, 1, 3])
def test_lanes_that_were_cut_are_gone_on_with_by_any_number_of_workers(workers, filled, new_database, migrate, soon):
    source, target = filled("text"), new_database("postgres")
    with slow(source, bytes_per_second=ONE_LINE) as proxy:
        paused = migrate(proxy.url(source), target, control=PauseWithLanes(target), options=UNVERIFIED)
    assert paused.status == "paused"
    assert 0 < paused.tables[0].written < ROWS
    done = migrate(source, target, options=RunOptions(lanes=workers))
    assert (done.run_id, done.status, done.tables[0].verified) == (paused.run_id, "succeeded", "equal")
    assert contents(target) == contents(source)


def test_chunks_grow_while_their_commits_are_dear_and_a_resume_begins_with_what_was_learnt(
    filled, new_database, migrate, soon
):
    soon.setattr(tuning, "DEAREST_SHARE", 0.05)
    source, target = filled(), new_database("postgres")
    with slow(target, latency_seconds=0.02) as proxy:
        paused = migrate(source, proxy.url(target), control=PauseAfterChunk(target, 4_000), options=UNVERIFIED)
        largest = run_sql(target, "select max(rows_read) from dms_ledger.chunks")[0][0]
        note = next(note for note in paused.notes if note.startswith("t: "))
        assert largest >= 4_000
        assert re.search(r"chunks of [\d,]+ rows at most, because commits took \d+% of a chunk at [\d,]+", note)
        migrate(source, proxy.url(target), options=UNVERIFIED)
    first = run_sql(target, "select rows_read from dms_ledger.chunks where epoch = 2 order by chunk_no limit 1")
    assert first[0][0] >= 4_000
    assert contents(target) == contents(source)


class PauseAfterChunk(Control):
    """Wishes a pause once a chunk of so many rows is committed."""

    def __init__(self, target: str, rows: int) -> None:
        self.target, self.rows = target, rows
        self.paused = False

    def wish(self):
        return "pause" if self.paused else "run"

    def report(self, progress):
        if not self.paused and progress.written:
            self.paused = run_sql(self.target, "select max(rows_read) from dms_ledger.chunks")[0][0] >= self.rows


@pytest.mark.parametrize("product", ["postgres", "sqlite"])
def test_chunks_that_take_too_long_are_made_smaller(product, filled, new_database, migrate, soon):
    soon.setattr(tuning, "FIRST_ROWS", 20_000)
    soon.setattr(tuning, "LONGEST_SECONDS", 0.25)
    source, target = filled(), new_database(product)
    with slow(source, bytes_per_second=ONE_LINE) as proxy:
        result = migrate(proxy.url(source), target, options=RunOptions(lanes=1, verify=False))
    note = next(note for note in result.notes if note.startswith("t: "))
    assert re.search(r"chunks of [\d,]+ rows at most, because one of [\d,]+ took", note)
    ledger = "dms_ledger.chunks" if product == "postgres" else "dms_ledger_chunks"
    sizes = [rows for (rows,) in run_sql(target, f"select rows_read from {ledger} order by chunk_no")]
    assert sizes[0] == 20_000
    assert sizes[-2] < 10_000
    assert sum(sizes) == ROWS


def test_numbers_that_a_user_gives_are_kept(filled, new_database, migrate, soon):
    source, target = filled(), new_database("postgres")
    with slow(target, latency_seconds=0.02) as proxy:
        result = migrate(source, proxy.url(target), options=RunOptions(verify=False, lanes=1, chunk_rows=7_000))
    assert run_sql(target, "select distinct rows_read from dms_ledger.chunks order by 1") == [(4_000,), (7_000,)]
    assert not any(note.startswith("t: ") for note in result.notes)


def trial_of(rates: list[float], *, most: int = 8, rows_left: int = 10**9) -> LaneTrial:
    """A trial that hears chunks of a second each, with so many rows a second by one lane, by two, and so on."""
    trial = LaneTrial(most, f"no more than {most} are tried")
    trial.cores = Quiet()
    for _ in range(200):
        if trial.decided:
            break
        lanes = trial.lanes
        for worker in range(lanes):
            if trial.lanes == lanes:
                trial.chunk(worker, int(rates[lanes - 1] / lanes), 1.0, rows_left, settled=True)
    return trial


class Quiet(Cores):
    """A machine with nothing to do."""

    def busy(self) -> float | None:
        return 0.2


def test_a_lane_is_added_while_it_pays_and_the_last_is_given_up():
    trial = trial_of([312_000, 440_000, 466_400])
    assert trial.lanes == 2
    assert (
        trial.told()
        == "2 lanes, because a second added 41% (312k → 440k rows/s) and a third added 6% (440k → 466k rows/s)"
    )


def test_a_trial_ends_where_little_is_left():
    trial = trial_of([300_000], rows_left=1_000_000)
    assert trial.told() == "1 lane, because what was left needed less than 5 s"


def test_chunks_that_change_their_size_tell_no_rate():
    trial = LaneTrial(8, "", cores=Quiet())
    for _ in range(50):
        assert trial.chunk(0, 100_000, 1.0, 10**9, settled=False) == ""
    assert not trial.rates


def test_the_machine_tells_how_busy_it_is():
    cores = Cores()
    sum(range(3_000_000))
    busy = cores.busy()
    assert busy is None or 0 < busy <= 1


def test_a_chunk_held_in_memory_is_shared_out_among_the_lanes_at_work():
    made = Tuning(None, doublings=3, at_work=4)
    assert made.limits().size_bytes == 64_000_000
    assert made.held(made.limits()).size_bytes == 2_000_000
    assert made.held(made.limits()).rows == 50_000


def test_a_rhythm_leaves_what_a_user_has_fixed():
    made = Tuning(5)
    limits = made.limits()
    rhythm = Rhythm(made, "t", limits, lambda _: None, fixed=True, streams=True)
    for _ in range(20):
        rhythm.asked()
        rhythm.written()
        assert rhythm.committed(5)[1]
    assert limits.rows == 5
