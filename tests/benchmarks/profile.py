"""What a profile costs beside DuckDB's own SUMMARIZE of the same Parquet file: ``python -m tests.benchmarks.profile --rows 5000000``.

Each is a process of its own, one after the other, in turns; the median of the rounds counts, without
the time of imports.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.one_copy import peak_bytes

WHAT = ("summarize", "basic", "everything")
COLUMNS = """
    i AS id, i // 4 AS order_key, ((i * 7919) % 200000)::INTEGER AS part_key, ((i * 104729) % 10000)::INTEGER AS supplier,
    (i % 7)::SMALLINT AS line, (i % 50 + 1)::DECIMAL(12, 2) AS quantity, ((i * 31) % 9999999 / 100.0)::DECIMAL(12, 2) AS price,
    (i % 11 / 100.0)::DECIMAL(4, 2) AS discount, (i % 9 / 100.0)::DECIMAL(4, 2) AS tax,
    substr('NRA', ((i % 3) + 1)::INTEGER, 1) AS flag, CASE WHEN i % 2 = 0 THEN 'O' END AS status,
    DATE '1992-01-01' + (i % 2500)::INTEGER AS shipped, DATE '1992-01-31' + (i % 2500)::INTEGER AS due,
    TIMESTAMP '1992-02-01 12:30:00' + to_days((i % 2500)::INTEGER) AS received, 'TRUCK' || (i % 5) AS mode,
    'comment of the row ' || md5(i::VARCHAR) AS comment
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One process: seconds of wall time of the work alone, its CPU, and the largest memory of the process."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


def make(path: Path, rows: int) -> Path:
    """A Parquet file of sixteen columns."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {COLUMNS} FROM range(1, {rows + 1}) t(i)) TO '{path}' (FORMAT parquet)")
    return path


def work(what: str, path: str) -> None:
    """Do it in this process, and print what it cost."""

    import duckdb

    from dms_workbench.engine.databases.duckdb.connection import open_duckdb
    from dms_workbench.engine.profiling.profile import Asked, profile_url
    from dms_workbench.engine.profiling.workspace import MEMORY_BYTES

    del duckdb
    begun, cpu = time.perf_counter(), time.process_time()
    if what == "summarize":
        with tempfile.TemporaryDirectory() as folder:
            connection = open_duckdb(
                spool_directory=folder, more_directories=(str(Path(path).parent),), memory_bytes=MEMORY_BYTES
            )
            connection.execute(f"SUMMARIZE SELECT * FROM read_parquet('{path}')").fetchall()
            connection.close()
    else:
        [table] = profile_url(path, Asked(sample_rows=None, everything=what == "everything")).tables
        if table.problem:
            raise SystemExit(table.problem)
    cost = time.perf_counter() - begun, time.process_time() - cpu
    print(json.dumps([*cost, peak_bytes()]))


def measured(what: str, path: Path) -> Measured:
    """A process of its own that does it."""
    command = [sys.executable, "-m", "tests.benchmarks.profile", "--work", what, "--file", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Measured(*json.loads(done.stdout.splitlines()[-1]))


def compared(path: Path, rounds: int) -> dict[str, Measured]:
    """The median of each figure, all measured in turns."""
    seen: dict[str, list[Measured]] = {what: [] for what in WHAT}
    for _ in range(rounds):
        for what in WHAT:
            seen[what].append(measured(what, path))
    return {
        what: Measured(
            statistics.median(each.wall_seconds for each in costs),
            statistics.median(each.cpu_seconds for each in costs),
            max(each.peak_bytes for each in costs),
        )
        for what, costs in seen.items()
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", choices=WHAT, help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        work(given.work, given.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        costs = compared(make(Path(folder) / "rows.parquet", given.rows), given.rounds)
    base = costs["summarize"]
    for what, cost in costs.items():
        print(
            f"{what:<11} {cost.wall_seconds:7.2f} s ({cost.wall_seconds / base.wall_seconds:.2f} x)  "
            f"CPU {cost.cpu_seconds:7.2f} s ({cost.cpu_seconds / base.cpu_seconds:.2f} x)  {cost.peak_bytes / 1e6:5.0f} MB"
        )


if __name__ == "__main__":
    main()
