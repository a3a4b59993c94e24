"""Copies against the limit of the machine, in turn, in the same run.

    python -m tests.benchmarks.copy                      # a million rows, five runs of each, then memory at one and five million
    python -m tests.benchmarks.copy --rows 200000 --runs 3 --no-memory

| pair | limit in the same run | at most |
|---|---|---|
| PostgreSQL → PostgreSQL | ``psql COPY binary | psql COPY binary`` | 2.5 times the CPU |
| SQLite → PostgreSQL | ``sqlite3 -csv | psql COPY`` | 2.5 times the CPU |

Ledger and checkpoints are on, verification is off. CPU is that of all clients and the server's backends.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.benchmarks.data import empty_postgres, fill_postgres, fill_sqlite
from tests.benchmarks.measure import Cost, median, run
from tests.servers import PostgresServer, postgres_server

LIMIT_CPU_RATIO = 2.5


@dataclass(frozen=True, slots=True)
class Pair:
    """A copy of ours and its limit."""

    name: str
    ours: list[str]
    limit: list[str]
    target: str


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians of a pair."""

    name: str
    ours: Cost
    limit: Cost

    @property
    def cpu_ratio(self) -> float:
        """Our CPU by the limit's."""
        return self.ours.cpu_seconds / self.limit.cpu_seconds

    @property
    def wall_ratio(self) -> float:
        """Our wall time by the limit's, start of the interpreter included."""
        return self.ours.wall_seconds / self.limit.wall_seconds


def ours(source: str, target: str) -> list[str]:
    """The command of our copy."""
    return [sys.executable, "-m", "tests.benchmarks.one_copy", source, target]


def piped(left: str, right: str) -> list[str]:
    """Two commands with a pipe between them."""
    return ["sh", "-c", f"{left} | {right}"]


def psql(url: str, sql: str) -> str:
    """A psql command."""
    return f"psql -qX -v ON_ERROR_STOP=1 {shlex.quote(url)} -c {shlex.quote(sql)}"


def postgres_pair(source: str, target: str) -> Pair:
    """PostgreSQL to PostgreSQL."""
    limit = piped(
        psql(source, "copy lineitem to stdout (format binary)"),
        psql(target, "copy lineitem from stdin (format binary)"),
    )
    return Pair("PostgreSQL → PostgreSQL", ours(source, target), limit, target)


def sqlite_pair(path: Path, target: str) -> Pair:
    """SQLite to PostgreSQL."""
    read = f"sqlite3 -csv {shlex.quote(str(path))} 'select * from lineitem'"
    limit = piped(read, psql(target, "copy lineitem from stdin (format csv)"))
    return Pair("SQLite → PostgreSQL", ours(f"sqlite:///{path}", target), limit, target)


def measure(pair: Pair, runs: int, server: PostgresServer) -> Measured:
    """Ours and the limit in turn."""
    costs: dict[str, list[Cost]] = {"ours": [], "limit": []}
    for _ in range(runs):
        for who, command in (("limit", pair.limit), ("ours", pair.ours)):
            empty_postgres(pair.target)
            costs[who].append(run(command, server.process_id))
    return Measured(pair.name, median(costs["ours"]), median(costs["limit"]))


def count(url: str) -> int:
    """Rows in the target."""
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from lineitem").fetchone()
    return int(row[0]) if row else 0


def with_databases(rows: int, work: Callable[[PostgresServer, str, str, Path], None]) -> None:
    """Give a filled source on both products and an empty target."""
    with postgres_server() as server, tempfile.TemporaryDirectory() as folder:
        source, target = server.create_database(), server.create_database()
        fill_postgres(source, rows)
        path = Path(folder) / "source.sqlite"
        fill_sqlite(path, source)
        work(server, source, target, path)


def compare(rows: int, runs: int) -> list[Measured]:
    """Both pairs."""
    found: list[Measured] = []

    def work(server: PostgresServer, source: str, target: str, path: Path) -> None:
        pairs = (postgres_pair(source, target), sqlite_pair(path, target))
        found.extend(measure(pair, runs, server) for pair in pairs)

    with_databases(rows, work)
    return found


def peaks(rows: int) -> dict[str, int]:
    """Peak memory of our copy of each pair, in bytes."""
    found: dict[str, int] = {}

    def work(server: PostgresServer, source: str, target: str, path: Path) -> None:
        for pair in (postgres_pair(source, target), sqlite_pair(path, target)):
            empty_postgres(target)
            found[pair.name] = run(pair.ours, server.process_id).peak_bytes

    with_databases(rows, work)
    return found


def main() -> int:
    """Run from the command line; exit 1 if a ratio is above its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-memory", action="store_true")
    options = parser.parse_args()
    measured = compare(options.rows, options.runs)
    for found in measured:
        print(
            f"{found.name}: CPU {found.cpu_ratio:.2f} times the limit (ours {found.ours.client_cpu_seconds:.2f} + server "
            f"{found.ours.server_cpu_seconds:.2f} s, limit {found.limit.client_cpu_seconds:.2f} + {found.limit.server_cpu_seconds:.2f} s), "
            f"wall {found.wall_ratio:.2f} times the limit ({found.ours.wall_seconds:.2f} s, limit {found.limit.wall_seconds:.2f} s), "
            f"peak memory {found.ours.peak_bytes / 1e6:.0f} MB",
            flush=True,
        )
    if not options.no_memory:
        small, large = peaks(options.rows), peaks(5 * options.rows)
        for name, size in small.items():
            print(
                f"{name}: peak memory {size / 1e6:.0f} MB at {options.rows} rows, {large[name] / 1e6:.0f} MB at five times that"
            )
    return 0 if all(found.cpu_ratio <= LIMIT_CPU_RATIO for found in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
