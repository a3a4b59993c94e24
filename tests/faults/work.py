"""The command that the faults hit and that is then repeated: plan a copy and carry it out, in a process of its own.

    python -m tests.faults.work SOURCE TARGET '{"lanes": 2, "chunk_rows": 500}'

Prints a JSON object a line: ``{"said": text}`` for every message, ``{"at": phase, "read": rows}`` as it gets on, at the end
``{"result": {...}}`` or ``{"error": {...}}``.
"""

from __future__ import annotations

import faulthandler
import json
import signal
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

from dms_workbench.engine.control import Control, Progress, Wish
from dms_workbench.engine.copying import RunOptions, execute_run, tables
from dms_workbench.engine.planning import PlanOptions, build_plan
from dms_workbench.kernel.errors import WorkbenchError


class Told(Control):
    """Tells everything on standard output; SIGTERM is the wish for a pause."""

    def __init__(self) -> None:
        self.wished: Wish = "run"
        signal.signal(signal.SIGTERM, self.pause)

    def pause(self, *_: Any) -> None:
        self.wished = "pause"

    def wish(self) -> Wish:
        return self.wished

    def report(self, progress: Progress) -> None:
        if progress.message and progress.level == "warning":
            say({"said": progress.message})
        else:
            say({"at": progress.phase, "read": progress.read, "map": progress.map_no})


def say(what: dict[str, Any]) -> None:
    """One line."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main(source: str, target: str, options: str = "{}") -> int:
    """Do it; the exit code of the result."""
    faulthandler.register(signal.SIGUSR1)
    given = json.loads(options)
    plan_options = given.pop("plan", {})
    tables.LANE_MINIMUM_ROWS = given.pop("lane_rows", 300)
    try:
        plan = build_plan(source, target, PlanOptions(**plan_options))
        with tempfile.TemporaryDirectory() as spool:
            result = execute_run(
                plan,
                source,
                target,
                run_id=plan.ledger_run_id or str(uuid.uuid4()),
                options=RunOptions(**given),
                control=Told(),
                spool_directory=Path(spool),
            )
    except WorkbenchError as error:
        say({"error": error.as_dict()})
        return 1
    say({"result": result.as_dict()})
    return result.exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
