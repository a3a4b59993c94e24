"""How soon a copy goes on after it was killed, and how much of it is done again.

    python -m tests.benchmarks.resume --rows 1000000
    python -m tests.benchmarks.resume --pairs postgres,csv-postgres --rows 200000

``dms migrate`` is killed by SIGKILL with its worker when a third of the rows is committed, and given again. Printed for each pair:
the seconds from the start of the second command to the first row it has committed, the rows there already, and the rows that were
sent to the target twice, which may be one chunk of each lane. A PostgreSQL target is watched by a connection of its own: rows
committed are those of its ledger, rows sent are what its statistics count. A DuckDB file has one process at a time: of it the
ledger's times tell, read at the end, and nobody tells the rows that were sent twice. Exit 1 if a figure is beyond its limit.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import duckdb
import psutil
import psycopg

from dms_workbench.workbench import Workbench, open_store
from tests.benchmarks import data
from tests.benchmarks.pairs import Machine, machine
from tests.migrating import kill_workers, worker_ids

ALLOWED_SECONDS = 5.0
WAIT_SECONDS = 600.0
POLL_SECONDS = 0.005
SETTLED_SECONDS = 1.5
"""After so long without news a server's statistics have heard of all that its sessions did."""
WRITTEN = "select coalesce(sum(rows_written), 0) from dms_ledger.chunks"
BOUND = "select (select count(*) from dms_ledger.checkpoints), (select max(rows_read) from dms_ledger.chunks)"


@dataclass(frozen=True, slots=True)
class Resumed:
    """What was seen of one pair."""

    name: str
    rows: int
    before: int
    """Rows committed when it was killed."""
    seconds: float
    """From the start of the second command to its first committed row."""
    cpu_seconds: float | None
    """Of the command and its worker, from their start until then: what the wait would be on a machine with nothing else to do."""
    there: int
    """Rows in the target at the end, by its own count."""
    entered: int
    """Rows written by the ledger's entries, over both commands."""
    twice: int | None
    """Rows sent to the target again; None where it does not tell."""
    allowed: int
    """One chunk of each lane."""

    @property
    def exact(self) -> bool:
        """Is every row there once, and no more done again than may be?"""
        return self.there == self.entered == self.rows and (self.twice is None or self.twice <= self.allowed)

    def __str__(self) -> str:
        ok = "ok  " if self.exact and self.seconds <= ALLOWED_SECONDS else "OVER"
        cpu = "" if self.cpu_seconds is None else f", {self.cpu_seconds:.2f} s of it at work"
        twice = "not told" if self.twice is None else f"{self.twice:,}"
        return (
            f"{ok} {self.name}: killed at {self.before:,} of {self.rows:,} rows; first row committed again after {self.seconds:.2f} s "
            f"(at most {ALLOWED_SECONDS:g}){cpu}; sent twice {twice} (at most {self.allowed:,}); there at the end {self.there:,}"
        )


class Target(Protocol):
    """What is watched."""

    url: str

    def committed(self, home: Path) -> int:
        """Rows committed so far, while the copy runs."""
        ...

    def first_after(
        self, began: float, before: int, process: subprocess.Popen[bytes], home: Path
    ) -> tuple[float, float | None]:
        """Seconds from a moment to the first row that was committed after it, and those at work where they can be told."""
        ...

    def at_the_end(self) -> tuple[int, int, int | None, int]:
        """Rows there, rows by the ledger, rows sent twice, and how many may be."""
        ...

    def close(self) -> None:
        """Look no more."""
        ...


@dataclass
class Postgres:
    """A database of a PostgreSQL server, seen by a connection of its own."""

    url: str
    watch: psycopg.Connection[Any] = field(init=False)

    def __post_init__(self) -> None:
        self.watch = psycopg.connect(self.url, autocommit=True)

    def number(self, sql: str) -> int:
        """The one number of a query; 0 where the ledger is not there yet."""
        try:
            row = self.watch.execute(sql.encode()).fetchone()
        except psycopg.errors.UndefinedTable:
            return 0
        return int(row[0] or 0) if row else 0

    def committed(self, _home: Path) -> int:
        """By its ledger."""
        return self.number(WRITTEN)

    def first_after(
        self, began: float, before: int, process: subprocess.Popen[bytes], home: Path
    ) -> tuple[float, float | None]:
        """Watched."""
        wait_for(lambda: self.committed(home) > before, process)
        return time.time() - began, at_work(process)

    def at_the_end(self) -> tuple[int, int, int | None, int]:
        """By its own counts."""
        there = self.number("select count(*) from lineitem")
        sent, heard = -1, time.monotonic()
        while time.monotonic() - heard < SETTLED_SECONDS:
            now = self.number("select n_tup_ins from pg_stat_user_tables where relname = 'lineitem'")
            if now != sent:
                sent, heard = now, time.monotonic()
            time.sleep(POLL_SECONDS)
        lanes, chunk = self.watch.execute(BOUND.encode()).fetchone() or (0, 0)
        return there, self.number(WRITTEN), sent - there, int(lanes) * int(chunk)

    def close(self) -> None:
        """End the connection."""
        self.watch.close()


@dataclass
class Duckdb:
    """A file of DuckDB, which only the worker has while it writes."""

    url: str

    @property
    def path(self) -> str:
        """Of the file."""
        return self.url.removeprefix("duckdb:///")

    def committed(self, home: Path) -> int:
        """As the worker has told the store."""
        if not (home / "started").exists():
            return 0
        with Workbench() as workbench:
            runs = workbench.runs.list(workbench.projects.ensure("default").id)
            return sum(table.written for run in runs for table in run.tables)

    def first_after(
        self, began: float, _before: int, process: subprocess.Popen[bytes], _home: Path
    ) -> tuple[float, float | None]:
        """By the times that the ledger's entries have."""
        process.wait(WAIT_SECONDS)
        with closing(duckdb.connect(self.path, read_only=True)) as file:
            times = [row[0] for row in file.execute("select committed_at from dms_ledger.chunks").fetchall()]
        later = [moment for text in times if (moment := datetime.datetime.fromisoformat(text).timestamp()) > began]
        return min(later) - began, None

    def at_the_end(self) -> tuple[int, int, int | None, int]:
        """By its own counts."""
        with closing(duckdb.connect(self.path, read_only=True)) as file:
            there, entered, bound = (
                file.execute(sql).fetchall()[0] for sql in ("select count(*) from lineitem", WRITTEN, BOUND)
            )
        return int(there[0]), int(entered[0]), None, int(bound[0]) * int(bound[1])

    def close(self) -> None:
        """Nothing is open."""


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait until something holds. Raises RuntimeError if the command ends before."""
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        if process.poll() is not None and not condition():
            raise RuntimeError(f"the command ended before, with {process.returncode}: use more rows")
        if time.monotonic() > end:
            raise RuntimeError(f"it did not happen in {WAIT_SECONDS:g} s")
        time.sleep(POLL_SECONDS)


def resume(name: str, source: str, target: Target, rows: int, *options: str) -> Resumed:
    """Kill a copy in its middle and give the same command again."""
    command = [
        sys.executable,
        "-m",
        "dms_workbench.surfaces.cli",
        "migrate",
        source,
        target.url,
        "--no-verify",
        "--quiet",
    ]
    command += ["--tables", "lineitem", *options]
    with home_of_its_own() as home:
        first = start(command, home)
        wait_for(lambda: target.committed(home) >= rows // 3, first)
        kill(first)
        before = 0 if isinstance(target, Duckdb) else target.committed(home)
        if isinstance(target, Duckdb):
            before = target.at_the_end()[1]
        began = time.time()
        again = start(command, home)
        seconds, cpu_seconds = target.first_after(began, before, again, home)
        code = again.wait(WAIT_SECONDS)
        if code != NOT_VERIFIED:
            raise RuntimeError(f"the second command ended with {code}")
        kill_workers_here()
    there, entered, twice, allowed = target.at_the_end()
    return Resumed(name, rows, before, seconds, cpu_seconds, there, entered, twice, allowed)


NOT_VERIFIED = 6
"""The exit code of a copy that was not to be verified."""


def start(command: list[str], home: Path) -> subprocess.Popen[bytes]:
    """Start a command without any output."""
    (home / "started").touch()
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def at_work(command: subprocess.Popen[bytes]) -> float:
    """CPU seconds of a command and of its worker so far."""
    with closing(open_store()) as kept:
        times = [psutil.Process(process_id).cpu_times() for process_id in (command.pid, *worker_ids(kept))]
    return sum(time.user + time.system for time in times)


def kill(command: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the command and to its worker, as a machine that fails."""
    command.send_signal(signal.SIGKILL)
    command.wait()
    kill_workers_here()


def kill_workers_here() -> None:
    """SIGKILL to the workers of this home's store."""
    with closing(open_store()) as kept:
        kill_workers(kept)


@contextmanager
def home_of_its_own() -> Iterator[Path]:
    """A data folder that only these commands know."""
    earlier = os.environ.get("DMS_HOME")
    with TemporaryDirectory() as folder:
        os.environ["DMS_HOME"] = folder
        try:
            yield Path(folder)
        finally:
            os.environ.pop("DMS_HOME")
            if earlier is not None:
                os.environ["DMS_HOME"] = earlier


def emptied(place: Machine) -> Postgres:
    """The PostgreSQL target, with nothing in it."""
    data.empty_postgres(place.empty())
    return Postgres(place.empty())


def duckdb_file(place: Machine) -> Duckdb:
    """A DuckDB file that is not there yet."""
    path = place.folder / "resumed.duckdb"
    for left in place.folder.glob("resumed.duckdb*"):
        left.unlink()
    return Duckdb(f"duckdb:///{path}")


PAIRS: dict[str, tuple[str, Callable[[Machine], str], Callable[[Machine], Target]]] = {
    "postgres": ("PostgreSQL → PostgreSQL", lambda place: place.filled(), emptied),
    "mariadb-postgres": ("MariaDB → PostgreSQL", lambda place: place.mariadb_filled(), emptied),
    "sqlite-postgres": ("SQLite → PostgreSQL", lambda place: place.sqlite(), emptied),
    "postgres-duckdb": ("PostgreSQL → DuckDB", lambda place: place.filled(), duckdb_file),
    "csv-postgres": ("CSV → PostgreSQL", lambda place: f"csv:///{place.csv()}", emptied),
}


def measured(names: list[str], rows: int, *options: str) -> Iterator[Resumed]:
    """Pairs by name, one after the other."""
    with machine(rows) as place:
        for name in names:
            title, source, target = PAIRS[name]
            with closing(target(place)) as watched:
                yield resume(title, source(place), watched, rows, *options)


def main() -> int:
    """Run from the command line; exit 1 if a figure is beyond its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--pairs", default=",".join(PAIRS))
    parser.add_argument("--json", action="store_true", help="figures as lines of JSON")
    asked, options = parser.parse_known_args()
    within = True
    for found in measured(asked.pairs.split(","), asked.rows, *options):
        print(
            json.dumps({name: getattr(found, name) for name in Resumed.__slots__}) if asked.json else found, flush=True
        )
        within = within and found.exact and found.seconds <= ALLOWED_SECONDS
    return int(not within)


if __name__ == "__main__":
    sys.exit(main())
