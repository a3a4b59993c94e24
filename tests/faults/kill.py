"""Kill the worker's process group at moments drawn over the whole of a copy, repeat the command, ask the oracle.

    python -m tests.faults.kill --seed 1                        # 100 moments: 30 into PostgreSQL and MariaDB, 20 SQLite, 20 DuckDB
    python -m tests.faults.kill --seed 1 --kills 8 --rows 50000 --targets sqlite
    python -m tests.faults.kill --seed 1 --kills 20 --source mariadb --targets postgres,mariadb

Each run copies a table of a million rows with a key and one of a tenth of that without. Its duration is measured once without
faults; then moments are drawn uniformly over that duration, several to a run, counted in the time a worker has been at work.
At each the worker and all it started are killed (SIGKILL to its process group), and the very same command is given again.
Printed for each: the moment, what the ledger said, the rows that have to be read again, and at the end of the run what the
oracle found, which knows nothing of the package.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.mariadb import MariadbServer, mariadb_server
from tests.servers import PostgresServer, postgres_server

SHARES = {"postgres": 30, "mariadb": 30, "sqlite": 20, "duckdb": 20}
SERVERS: dict[str, Callable[[], AbstractContextManager[PostgresServer | MariadbServer]]] = {
    "postgres": postgres_server,
    "mariadb": mariadb_server,
}
Server = PostgresServer | MariadbServer
MOMENTS_IN_A_RUN = 5
ROWS = """
insert into keyed select i, 'name of ' || i, i * 7919 % 100003, i / 8.0, case when i % 10 then 'note ' || i % 1000 end,
  date('2000-01-01', (i % 9000) || ' days')
from (with recursive n(i) as (select 1 union all select i + 1 from n where i < {rows}) select i from n)
"""

ROWS_IN_MARIADB = """
insert into keyed select seq, concat('name of ', seq), seq * 7919 % 100003, seq / 8e0,
  if(seq % 10, concat('note ', seq % 1000), null), date_add('2000-01-01', interval seq % 9000 day) from seq_1_to_{rows}
"""


@dataclass
class Outcome:
    """What a run of kills ended with."""

    target: str
    kills: int = 0
    lost: int = 0
    duplicated: int = 0
    altered: int = 0
    extra: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Nothing lost, repeated, changed or added, and no command ended otherwise than it should."""
        return not (self.lost or self.duplicated or self.altered or self.extra or self.problems)


def build_source(path: Path, rows: int) -> str:
    """A SQLite file with both tables; returns its URL."""
    with closing(sqlite3.connect(path)) as file:
        file.execute(
            "create table keyed (id integer primary key, name varchar(40) not null, n integer, x real, note text, day date)"
        )
        file.execute("create table loose (n integer, word varchar(20))")
        file.execute(ROWS.format(rows=rows))
        file.execute(f"insert into loose select id % 1000, 'word ' || id % 77 from keyed where id <= {rows // 10}")
        file.commit()
    return f"sqlite:///{path}"


def build_in_mariadb(server: MariadbServer, rows: int) -> str:
    """The same in a database of a server; returns its URL."""
    url = server.create_database()
    name = url.rpartition("/")[2]
    make = "create table keyed (id int primary key, name varchar(40) not null, n int, x double, note text, day date)"
    server.execute(make, name)
    server.execute("create table loose (n int, word varchar(20))", name)
    server.execute(ROWS_IN_MARIADB.format(rows=rows), name)
    loose = "insert into loose select id % 1000, concat('word ', id % 77) from keyed"
    server.execute(f"{loose} where id <= {rows // 10}", name)
    return url


def rows_of(url: str, sql: str) -> Iterator[tuple[Any, ...]]:
    """Rows of a query in MariaDB, by its own driver, as they arrive."""
    from urllib.parse import unquote, urlsplit

    import pymysql
    from pymysql.cursors import SSCursor

    at = urlsplit(url)
    connection = pymysql.connect(
        host=at.hostname,
        port=at.port or 0,
        user=at.username,
        password=unquote(at.password or ""),
        database=at.path[1:],
        charset="utf8mb4",
    )
    with closing(connection), connection.cursor(SSCursor) as cursor:
        cursor.execute(sql)
        yield from cursor


@contextmanager
def fresh_target(product: str, folder: Path, server: Server | None) -> Iterator[str]:
    """The URL of an empty target."""
    if server is not None:
        url = server.create_database()
        try:
            yield url
        finally:
            server.drop_database(url)
        return
    path = folder / f"target-{time.monotonic_ns()}.{product}"
    try:
        yield f"{product}:///{path}"
    finally:
        for left in folder.glob(f"{path.name}*"):
            left.unlink()


def command(source: str, target: str) -> list[str]:
    """The command that is repeated."""
    return [sys.executable, "-m", "dms_workbench.surfaces.cli", "migrate", source, target, "--json"]


def worker_pid(home: Path) -> int | None:
    """The worker's process, from the note in its lock."""
    for path in home.rglob("alive/*.lock"):
        text = path.read_text().strip()
        if text.isdigit() and Path(f"/proc/{text}").exists():
            return int(text)
    return None


def kill_worker(home: Path) -> bool:
    """SIGKILL to the process group of the worker; False if there is none."""
    pid = worker_pid(home)
    if pid is None:
        return False
    try:
        os.killpg(os.getpgid(pid), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def committed(target: str) -> str:
    """What the target's ledger says, read by its own driver: rows committed by table and chunk."""
    sql = "select map_no, sum(rows_read), count(*) from {} group by map_no order by map_no"
    try:
        if target.startswith("postgresql"):
            import psycopg

            with psycopg.connect(target) as connection:
                rows: list[Any] = connection.execute(sql.format("dms_ledger.chunks")).fetchall()
        elif target.startswith("mysql"):
            rows = list(rows_of(target, sql.format("dms_ledger_chunks")))
        elif target.startswith("sqlite"):
            with closing(sqlite3.connect(target.partition("///")[2])) as file:
                rows = file.execute(sql.format("dms_ledger_chunks")).fetchall()
        else:
            import duckdb

            with duckdb.connect(target.partition("///")[2]) as connection:
                rows = connection.execute(sql.format("dms_ledger.chunks")).fetchall()
    except Exception as error:  # noqa: BLE001  whatever the driver says, there is no ledger to read
        return f"no ledger yet ({type(error).__name__})"
    return (
        ", ".join(f"map {number}: {int(read)} rows in {chunks} chunks" for number, read, chunks in rows)
        or "no chunk yet"
    )


def run_command(source: str, target: str, environment: dict[str, str]) -> tuple[int, dict[str, Any], float]:
    """The command to its end: exit code, its JSON and seconds."""
    start = time.monotonic()
    done = subprocess.run(
        command(source, target), env=environment, capture_output=True, text=True, timeout=1800, check=False
    )
    return done.returncode, json.loads(done.stdout or "{}"), time.monotonic() - start


def one_run(source: str, target: str, moments: list[float], home: Path, product: str, chunk_rows: int) -> Outcome:
    """A run that is killed at each moment of its running time, then left to end, then looked at by the oracle."""
    outcome = Outcome(product)
    environment = {**os.environ, "DMS_HOME": str(home), "NO_COLOR": "1"}
    elapsed = 0.0
    for moment in moments:
        process = subprocess.Popen(
            command(source, target), env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        while worker_pid(home) is None and process.poll() is None:
            time.sleep(0.01)
        start = time.monotonic()
        while time.monotonic() - start < moment - elapsed and process.poll() is None:
            time.sleep(0.01)
        killed = process.poll() is None and kill_worker(home)
        outcome.kills += killed
        elapsed += time.monotonic() - start
        output, _ = process.communicate(timeout=600)
        if killed and process.returncode not in (0, 5):
            outcome.problems.append(f"exit {process.returncode} after a kill: {output[:300]}")
        state = f"{'killed' if killed else 'no worker'}, exit {process.returncode}, {committed(target)}"
        redo = f"to read again: at most {chunk_rows} rows, and all of a table without key that has no chunk yet"
        print(f"  {product:9} {moment:7.2f} s  {state}; {redo}", flush=True)
    code, result, _ = run_command(source, target, environment)
    if code != 0:
        outcome.problems.append(f"the last command ended with {code}: {json.dumps(result.get('error'))}")
    ask_oracle(source, target, outcome)
    return outcome


LINES = {
    "keyed": "id || '|' || name || '|' || n || '|' || cast(x * 8 as bigint) || '|' || coalesce(note, '-') || '|' || {day}",
    "loose": "n || '|' || word",
}

LINES_IN_MARIADB = {
    "keyed": "concat_ws('|', id, name, n, cast(x * 8 as signed), coalesce(note, '-'), day)",
    "loose": "concat_ws('|', n, word)",
}


def lines_of(url: str, table: str) -> Counter[str]:
    """The rows of a table, each as one line that its own database makes, counted."""
    path = url.partition("///")[2]
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(path)) as database:
            return Counter(
                line for (line,) in database.execute(f"select {LINES[table].format(day='day')} from {table}")
            )
    if url.startswith("mysql"):
        return Counter(line for (line,) in rows_of(url, f"select {LINES_IN_MARIADB[table]} from {table}"))
    sql = f"select {LINES[table].format(day='cast(day as varchar)')} from {table}"
    if url.startswith("postgresql"):
        import psycopg

        with psycopg.connect(url) as connection, connection.cursor(name="lines") as cursor:
            cursor.itersize = 50_000
            return Counter(line for (line,) in cursor.execute(sql))
    import duckdb

    with duckdb.connect(path, read_only=True) as file:
        return Counter(line for (line,) in file.execute(sql).fetchall())


def ask_oracle(source: str, target: str, outcome: Outcome) -> None:
    """Add what a comparison finds that uses the databases' own drivers and nothing of the package."""
    for table in LINES:
        wanted, found = lines_of(source, table), lines_of(target, table)
        missing, more = wanted - found, found - wanted
        repeated = sum(count for line, count in more.items() if line in wanted)
        strange = sum(more.values()) - repeated
        altered = min(strange, sum(missing.values()))
        outcome.lost += sum(missing.values()) - altered
        outcome.altered += altered
        outcome.duplicated += repeated
        outcome.extra += strange - altered


def soak(
    targets: dict[str, int], rows: int, seed: int, chunk_rows: int = 50_000, source_product: str = "sqlite"
) -> list[Outcome]:
    """All runs; one outcome each."""
    dice = random.Random(seed)
    outcomes = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers: dict[str, Any] = {
            product: stack.enter_context(start())
            for product, start in SERVERS.items()
            if product in (*targets, source_product)
        }
        own = source_product == "mariadb"
        path = folder / "source.sqlite"
        source = build_in_mariadb(servers["mariadb"], rows) if own else build_source(path, rows)
        for product, kills in targets.items():
            outcomes += kills_into(product, kills, source, folder, servers.get(product), dice, chunk_rows)
    return outcomes


def kills_into(
    product: str,
    kills: int,
    source: str,
    folder: Path,
    server: Server | None,
    dice: random.Random,
    chunk_rows: int,
) -> list[Outcome]:
    """Runs into one product until so many kills have hit."""
    with fresh_target(product, folder, server) as target:
        home = folder / f"home-{product}"
        _, result, _ = run_command(source, target, {**os.environ, "DMS_HOME": str(home), "NO_COLOR": "1"})
        seconds = result["seconds"]
        kill_worker(home)
    print(f"{product}: {seconds:.1f} s without faults", flush=True)
    outcomes: list[Outcome] = []
    while (hit := sum(outcome.kills for outcome in outcomes)) < kills:
        with fresh_target(product, folder, server) as target:
            home = folder / f"home-{product}-{len(outcomes)}"
            moments = sorted(dice.uniform(0, seconds) for _ in range(min(MOMENTS_IN_A_RUN, kills - hit)))
            outcome = one_run(source, target, moments, home, product, chunk_rows)
            kill_worker(home)
            outcomes.append(outcome)
            print(f"{product}: run {len(outcomes)}: {'sound' if outcome.sound else outcome}", flush=True)
    return outcomes


def main() -> int:
    """Run from the command line; exit 0 if every run was sound."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--targets", default=",".join(SHARES))
    parser.add_argument("--source", choices=("sqlite", "mariadb"), default="sqlite")
    options = parser.parse_args()
    chosen = options.targets.split(",")
    total = sum(SHARES[product] for product in chosen)
    outcomes = soak(
        {product: max(1, options.kills * SHARES[product] // total) for product in chosen},
        options.rows,
        options.seed,
        source_product=options.source,
    )
    print(
        f"{sum(outcome.kills for outcome in outcomes)} kills in {len(outcomes)} runs: "
        f"lost {sum(o.lost for o in outcomes)}, duplicated {sum(o.duplicated for o in outcomes)}, "
        f"altered {sum(o.altered for o in outcomes)}, extra {sum(o.extra for o in outcomes)}"
    )
    for outcome in outcomes:
        for problem in outcome.problems:
            print(f"PROBLEM {outcome.target}: {problem}")
    return 0 if all(outcome.sound for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
