"""One copy by the engine, ledger on and verification off: ``python -m tests.benchmarks.one_copy SOURCE TARGET``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions, execute_run
from dms_workbench.engine.planning import PlanOptions, build_plan
from dms_workbench.kernel.ids import new_id


def main(source: str, target: str) -> int:
    """Plan and copy; 0 if every row arrived."""
    plan = build_plan(source, target, PlanOptions())
    with tempfile.TemporaryDirectory() as folder:
        result = execute_run(
            plan,
            source,
            target,
            run_id=new_id(),
            options=RunOptions(verify=False),
            control=Control(),
            spool_directory=Path(folder),
        )
    if result.status != "not_verified" or not all(table.closed and table.written for table in result.tables):
        print(result.status, result.error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
