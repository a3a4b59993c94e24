"""What an application on the source feels of a copy that keeps to a budget.

    python -m tests.benchmarks.kindness --rows 3000000 --share 0.3

pgbench runs on the source at a fixed tenth of what it can do alone there, first alone and then during a copy that may take only a
share of its own unlimited rate. Printed: the 95th percentile of pgbench's latency alone and during the copy (at most 1.10 times
+ 2 ms of the first), and the copy's rate by its unlimited one (at least 0.25).
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.benchmarks import data
from tests.benchmarks.pairs import machine, ours

WARM_SECONDS = 2.0
ALLOWED_TIMES, ALLOWED_SECONDS = 1.10, 0.002
LEAST_SHARE = 0.25


def pgbench(url: str, *options: str) -> str:
    """Run pgbench on a database; returns what it prints."""
    parts = urlsplit(url)
    place = ["-h", str(parts.hostname), "-p", str(parts.port), "-U", unquote(parts.username or ""), parts.path[1:]]
    password = {**os.environ, "PGPASSWORD": unquote(parts.password or "")}
    done = subprocess.run(["pgbench", *options, *place], env=password, capture_output=True, text=True, check=True)
    return done.stdout


def most(url: str) -> float:
    """Transactions a second that pgbench reaches alone."""
    found = re.search(r"tps = ([\d.]+)", pgbench(url, "-n", "-c", "2", "-T", "5"))
    if found is None:
        raise RuntimeError("pgbench told no rate")
    return float(found[1])


def latencies(url: str, rate: float, seconds: int) -> list[float]:
    """Latencies in seconds at a fixed rate, the schedule's own delay included."""
    with tempfile.TemporaryDirectory() as folder:
        log = str(Path(folder) / "latency")
        pgbench(url, "-n", "-c", "2", "-T", str(seconds), "-R", f"{rate:.1f}", "--log", "--log-prefix", log)
        lines = [line.split() for path in Path(folder).iterdir() for line in path.read_text().splitlines()]
    return [int(line[2]) / 1e6 for line in lines]


def percentile(values: list[float], share: float = 0.95) -> float:
    """The value below which that share lies."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def copy_seconds(source: str, target: str, *options: str) -> float:
    """How long a copy takes from its first row on."""
    began = time.perf_counter()
    subprocess.run(ours(source, target, *options), check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> int:
    """Run from the command line; exit 1 if a figure is beyond its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--share", type=float, default=0.3, help="of the unlimited rate, for the copy")
    parser.add_argument("--seconds", type=int, default=15)
    asked = parser.parse_args()
    with machine(asked.rows) as place:
        source, target = place.filled(), place.empty()
        pgbench(source, "-i", "-s", "10", "-q")
        data.empty_postgres(target)
        options = ("--tables", "lineitem")
        unlimited = asked.rows / copy_seconds(source, target, *options)
        rate = most(source) / 10
        alone = percentile(latencies(source, rate, asked.seconds))
        data.empty_postgres(target)
        allowed = unlimited * asked.share
        began = time.perf_counter()
        with subprocess.Popen(
            [*ours(source, target, *options), "--max-rows-per-second", f"{allowed:.0f}"], stdout=subprocess.DEVNULL
        ) as copy:
            time.sleep(WARM_SECONDS)
            during = percentile(latencies(source, rate, asked.seconds))
            still_copying = copy.poll() is None
            copy.wait()
        kept = asked.rows / (time.perf_counter() - began) / unlimited
    fine = during <= alone * ALLOWED_TIMES + ALLOWED_SECONDS and kept >= LEAST_SHARE and still_copying
    print(
        f"{'ok  ' if fine else 'OVER'} pgbench at {rate:.0f} transactions a second: 95th percentile {alone * 1e3:.2f} ms alone, "
        f"{during * 1e3:.2f} ms during a copy that keeps {kept:.2f} of its unlimited {unlimited:,.0f} rows a second"
        f"{'' if still_copying else '; the copy ended before pgbench did: more --rows are needed'}"
    )
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
