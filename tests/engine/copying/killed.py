"""A copy or an undo as a process of its own, which a named place may end: ``python -m tests.engine.copying.killed JSON``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions, RunResult, execute_run
from dms_workbench.engine.copying.undoing import UndoResult, execute_undo
from dms_workbench.engine.planning import PlanOptions, build_plan

CHUNK_ROWS = 7


def copy(source: str, target: str, folder: Path, **plan: Any) -> RunResult:
    """Plan and execute, as ``dms migrate`` does; goes on with what was begun."""
    made = build_plan(source, target, PlanOptions(**plan))
    folder.mkdir(exist_ok=True)
    return execute_run(
        made,
        source,
        target,
        run_id=made.ledger_run_id or str(uuid.uuid4()),
        options=RunOptions(chunk_rows=CHUNK_ROWS),
        control=Control(),
        spool_directory=folder,
    )


def undo(source: str, target: str, folder: Path, run_id: str, *, preview: bool = False, **plan: Any) -> UndoResult:
    """Take a run back, by a plan as it would be made now."""
    folder.mkdir(exist_ok=True)
    return execute_undo(
        build_plan(source, target, PlanOptions(**plan)),
        source,
        target,
        run_id=run_id,
        undo_id=str(uuid.uuid4()),
        preview=preview,
        control=Control(),
        spool_directory=folder,
    )


def killed_at(point: str, what: str, source: str, target: str, folder: Path, **given: Any) -> None:
    """Do it in a process that dies at a place; fails if it does not come there."""
    asked = json.dumps({"what": what, "source": source, "target": target, "folder": str(folder), "given": given})
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.copying.killed", asked],
        env={**os.environ, "DMS_FAIL_POINT": point},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == -signal.SIGKILL, (point, done.returncode, done.stdout[-2000:], done.stderr[-2000:])


def main(asked: dict[str, Any]) -> None:
    """What the process does."""
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in asked["given"].items()
    }
    places = asked["source"], asked["target"], Path(asked["folder"])
    result = copy(*places, **given) if asked["what"] == "copy" else undo(*places, **given)
    sys.stdout.write(json.dumps(result.as_dict(), default=str))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
