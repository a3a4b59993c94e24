"""The command that the faults hit and that is then repeated: plan a copy, or an undo, a repair or a replay, and carry it out.

    python -m tests.faults.work SOURCE TARGET '{"lanes": 2, "chunk_rows": 500}'
    python -m tests.faults.work SOURCE TARGET '{"command": "undo", "run_id": "…", "undo_id": "…"}'

Prints a JSON object a line: ``{"said": text}`` for every message, ``{"at": phase, "read": rows}`` as it gets on,
``{"chunk": rows}`` for a chunk that was read and is about to be committed, at the end
``{"result": {...}}`` or ``{"error": {...}}``.
"""

from __future__ import annotations

import faulthandler
import json
import signal
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dms_workbench.engine.control import Control, Progress, Wish
from dms_workbench.engine.copying import (
    Replay,
    RunOptions,
    RunResult,
    execute_repair,
    execute_replay,
    execute_run,
    execute_verify,
    lanes,
    tables,
)
from dms_workbench.engine.copying.lane_tasks import LaneRunner
from dms_workbench.engine.copying.pacing import Budget
from dms_workbench.engine.copying.undoing import UndoResult, execute_undo
from dms_workbench.engine.ledger import Accounts
from dms_workbench.engine.planning import PlanOptions, build_plan
from dms_workbench.engine.planning.plan import Plan
from dms_workbench.kernel.errors import WorkbenchError
from dms_workbench.kernel.master_keys import key_ring
from dms_workbench.kernel.sealing import keys_for


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
    tables.LANE_MINIMUM_ROWS = given.pop("lane_rows", 300)
    count_rows_read()
    if "budget" in given:
        given["budget"] = Budget(**given["budget"])
    try:
        with tempfile.TemporaryDirectory() as spool:
            result = COMMANDS[given.pop("command", "copy")](source, target, given, Path(spool))
    except WorkbenchError as error:
        say({"error": error.as_dict()})
        return 1
    say({"result": result.as_dict()})
    return 0 if result.status in FINISHED else 1


def count_rows_read() -> None:
    """Tell the rows of each chunk when it is read and before it is committed."""
    enter = lanes.Lane.enter_accounts

    def enter_and_tell(lane: lanes.Lane, accounts: Accounts, position: str) -> Any:
        say({"chunk": accounts.read})
        return enter(lane, accounts, position)

    lanes.Lane.enter_accounts = enter_and_tell  # type: ignore[method-assign, assignment]


def plan_for(source: str, target: str, given: dict[str, Any], **more: Any) -> Plan:
    """The plan of a command; lists of JSON are tuples there."""
    asked: dict[str, Any] = {**given.pop("plan", {}), **more}
    asked |= {name: tuple(value) for name, value in asked.items() if isinstance(value, list)}
    return build_plan(source, target, PlanOptions(**asked))


def copy(source: str, target: str, given: dict[str, Any], spool: Path) -> RunResult:
    """A copy, which goes on with the one that was begun. given: ``plan``, ``dask``, and options of the run."""
    plan = plan_for(source, target, given)
    runner = lanes_elsewhere(given, (source, target))
    return execute_run(
        plan,
        source,
        target,
        run_id=plan.ledger_run_id or str(uuid.uuid4()),
        options=RunOptions(**given, lane_runner=runner),
        control=Told(),
        spool_directory=spool,
    )


def lanes_elsewhere(given: dict[str, Any], urls: tuple[str, str]) -> LaneRunner | None:
    """Lanes on a Dask cluster, if one is named: ``dask`` holds its address and the files of its certificates."""
    asked = given.pop("dask", None)
    if asked is None:
        return None
    from dms_workbench.features.runs import dask_executor

    ring = key_ring()
    dask_executor.LOST_SECONDS = asked.get("lost_seconds", dask_executor.LOST_SECONDS)
    keys = (ring.current, keys_for(dask_executor.PURPOSE, ring))
    return dask_executor.DaskLanes(asked["address"], dask_executor.Tls(*asked.get("tls", ())), urls, keys)


def undo(source: str, target: str, given: dict[str, Any], spool: Path) -> UndoResult:
    """Take a run back. given: ``plan``, ``run_id`` and ``undo_id``."""
    return execute_undo(
        plan_for(source, target, given),
        source,
        target,
        run_id=given["run_id"],
        undo_id=given["undo_id"],
        preview=False,
        control=Told(),
        spool_directory=spool,
    )


def repair(source: str, target: str, given: dict[str, Any], spool: Path) -> RunResult:
    """Mend rows, and delete those that the source does not have. given: ``plan``, ``run_id`` and options of the run."""
    plan, run_id = plan_for(source, target, given, purpose="verify"), given.pop("run_id")
    return execute_repair(
        plan,
        source,
        target,
        run_id=run_id,
        options=RunOptions(**given),
        control=Told(),
        spool_directory=spool,
        delete_extra=True,
    )


def replay(source: str, target: str, given: dict[str, Any], spool: Path) -> RunResult:
    """Put rejected rows through. given: ``plan``, ``run_id``, ``asked`` (of the replay) and options of the run."""
    plan, run_id, asked = plan_for(source, target, given), given.pop("run_id"), Replay(**given.pop("asked"))
    return execute_replay(
        plan,
        source,
        target,
        run_id=run_id,
        asked=asked,
        options=RunOptions(**given),
        control=Told(),
        spool_directory=spool,
    ).replay


def verify(source: str, target: str, given: dict[str, Any], spool: Path) -> RunResult:
    """Compare all rows. given: ``plan``."""
    plan = plan_for(source, target, given, purpose="verify")
    return execute_verify(plan, source, target, run_id=str(uuid.uuid4()), control=Told(), spool_directory=spool)


COMMANDS: dict[str, Callable[[str, str, dict[str, Any], Path], RunResult | UndoResult]] = {
    "copy": copy, "undo": undo, "repair": repair, "replay": replay, "verify": verify
}  # fmt: skip
FINISHED = ("succeeded", "succeeded_with_quarantine")

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
