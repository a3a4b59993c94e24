"""One copy by the engine, ledger on and verification off unless asked for, told apart from its start-up.

    python -m tests.benchmarks.one_copy SOURCE TARGET [--verify] [--mapping FILE] [--lanes N] [--in-process]

It prints ``begun`` when the first row is about to be read, or with ``--from create`` when the first object is about to be made.
Its last line is JSON: ``start_cpu_seconds`` until then, ``cpu_seconds`` from there on,
``imports_bytes`` of memory when everything is imported and planned, and ``peak_bytes``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import psutil

from dms_workbench.engine.control import Control, Progress
from dms_workbench.engine.copying import Budget, RunOptions, execute_run
from dms_workbench.engine.planning import PlanOptions, build_plan
from dms_workbench.kernel.ids import new_id

ENDS = {"not_verified", "succeeded"}


class Beginning(Control):
    """Notes when a phase begins."""

    def __init__(self, phase: str) -> None:
        self.phase, self.start_cpu_seconds = phase, 0.0

    def report(self, progress: Progress) -> None:
        """Take note of the phase's beginning."""
        if progress.phase == self.phase and not self.start_cpu_seconds:
            self.start_cpu_seconds = own_cpu()
            print("begun", flush=True)


def own_cpu() -> float:
    """CPU seconds of this process and its children so far."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def peak_bytes() -> int:
    """The most memory this program has had; ``ru_maxrss`` would count what the process was before it became this program."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("the system does not tell a process's peak memory")


def main(arguments: list[str]) -> int:
    """Plan and copy; 0 if every row arrived."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--verify", action="store_true")
    parser.add_argument("--mapping", type=Path)
    parser.add_argument("--lanes", type=int, help="by default the copy chooses")
    parser.add_argument("--chunk-rows", type=int, help="by default the copy chooses")
    parser.add_argument("--tables", default="*")
    parser.add_argument("--max-rows-per-second", type=float)
    parser.add_argument(
        "--from", dest="begins", choices=("copy", "create"), default="copy", help="what is not start-up"
    )
    parser.add_argument("--in-process", action="store_true", help="expressions are not pushed down into the source")
    asked = parser.parse_args(arguments)
    plan = build_plan(
        asked.source,
        asked.target,
        PlanOptions(
            mapping_text=asked.mapping.read_text() if asked.mapping else None, tables=tuple(asked.tables.split(","))
        ),
    )
    options = RunOptions(
        verify=asked.verify,
        lanes=asked.lanes,
        chunk_rows=asked.chunk_rows,
        push_down=not asked.in_process,
        budget=Budget(rows_per_second=asked.max_rows_per_second),
    )
    imports_bytes = psutil.Process().memory_info().rss
    control = Beginning(asked.begins)
    with tempfile.TemporaryDirectory() as folder:
        result = execute_run(
            plan,
            asked.source,
            asked.target,
            run_id=new_id(),
            options=options,
            control=control,
            spool_directory=Path(folder),
        )
    if result.status not in ENDS or not all(table.closed and table.written for table in result.tables):
        print(result.status, result.error, file=sys.stderr)
        return 1
    figures = {
        "start_cpu_seconds": control.start_cpu_seconds,
        "cpu_seconds": own_cpu() - control.start_cpu_seconds,
        "imports_bytes": imports_bytes,
        "peak_bytes": peak_bytes(),
    }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["DMS_HOME"] = home  # nothing is known of a file from an earlier copy
        code = main(sys.argv[1:])
    sys.exit(code)
