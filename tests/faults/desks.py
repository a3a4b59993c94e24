"""Faults of what stands around a run: the commands, the service, the notebook's kernel."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.faults.registry import ALL, POSTGRES, SERVERS, scenario
from tests.faults.scene import Scene
from tests.faults.tables import rows_of

COMMAND = [sys.executable, "-m", "dms_workbench.surfaces.cli"]
SLOW = ("--chunk-rows", "100", "--lanes", "1", "--max-rows-per-second", "1500")
"""So that a run is still at work when something is killed, however fast the machine is."""
WAIT_SECONDS = 120.0
TRUE_SECONDS = 3.0
"""Within which a widget in a new kernel shows how the run stands."""


@dataclass
class Desk:
    """A data folder of its own, and the commands that are given there."""

    scene: Scene
    home: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    """More of them for the commands."""

    def environment(self) -> dict[str, str]:
        """Of the commands."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DMS_", "PG", "MYSQL"))}
        return {**kept, "DMS_HOME": str(self.home), "NO_COLOR": "1", "JUPYTER_PLATFORM_DIRS": "1", **self.variables}

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A command, at the head of a process group."""
        process = subprocess.Popen(
            [*COMMAND, *words], env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.started.append(process)
        return process

    def give(self, *words: str) -> tuple[int, dict[str, Any], str]:
        """A command to its end: its exit code, its JSON, and what it said."""
        process = self.start(*words)
        out, said = process.communicate(timeout=WAIT_SECONDS * 2)
        assert "Traceback" not in said, said[-2000:]
        return process.returncode, json.loads(out or "{}"), said

    def migrate(self, *more: str) -> tuple[str, ...]:
        """The words of the copy of the scene."""
        return ("migrate", self.scene.source, self.scene.target, "--json", *SLOW, *more)

    def finish(self) -> dict[str, Any]:
        """The copy once more, to its end: it succeeds, and the oracle finds nothing."""
        code, told, said = self.give(*self.migrate())
        assert (code, told.get("status")) == (0, "succeeded"), (code, said[-2000:])
        self.scene.expect_same()
        return told

    def worker_pids(self) -> list[int]:
        """The living workers, from the notes in their locks."""
        notes = [path.read_text().strip() for path in self.home.rglob("alive/*.lock")]
        return [int(note) for note in notes if note.isdigit() and Path(f"/proc/{note}").exists()]

    def kill_workers(self) -> int:
        """SIGKILL to the process groups of the workers; how many there were."""
        killed = 0
        for pid in self.worker_pids():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(os.getpgid(pid), signal.SIGKILL)
                killed += 1
        until(lambda: not self.worker_pids())
        return killed

    def run(self, run_id: str) -> dict[str, Any]:
        """How a run stands, as the command line says it."""
        return self.give("status", run_id, "--json")[1]

    def close(self) -> None:
        """End all that was started here."""
        for process in self.started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        self.kill_workers()
        shutil.rmtree(self.home, ignore_errors=True)


@contextmanager
def desk(scene: Scene, home: Path | None = None) -> Iterator[Desk]:
    """A desk, cleared away afterwards."""
    made = Desk(scene, home or scene.ground.folder / f"home-{time.monotonic_ns()}")
    made.home.mkdir(exist_ok=True)
    try:
        yield made
    finally:
        made.close()


def until(condition: Callable[[], Any], seconds: float = WAIT_SECONDS) -> Any:
    """Wait until something holds; what it says."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)
    return found


def wait_for_worker(at: Desk, process: subprocess.Popen[str]) -> None:
    """Wait until a command has its worker, or has ended."""
    until(lambda: at.worker_pids() or process.poll() is not None)


def ledger(scene: Scene, table: str, what: str) -> list[tuple[Any, ...]]:
    """What a table of the target's ledger says; nothing where there is none yet."""
    place = f"dms_ledger.{table}" if scene.target_product in ("postgres", "duckdb") else f"dms_ledger_{table}"
    try:
        return rows_of(scene, "target", f"select {what} from {place}")
    except Exception:  # noqa: BLE001  whatever the driver says of a table that is not there
        return []


def committed(scene: Scene) -> int:
    """Rows that are committed."""
    return int((ledger(scene, "chunks", "coalesce(sum(rows_read), 0)") or [(0,)])[0][0])


def run_id(scene: Scene) -> str:
    """Of the only run."""
    ((found,),) = ledger(scene, "runs", "run_id")
    return str(found)


@scenario(ALL, kills=True, weight=2)
def commands_killed(scene: Scene) -> None:
    """``dms migrate`` as users start it: its worker, and at times the command itself, is killed again and again."""
    with desk(scene) as at:
        for _ in range(scene.dice.randint(2, 4)):
            process = at.start(*at.migrate())
            wait_for_worker(at, process)
            time.sleep(scene.dice.uniform(0, 3.0))
            if scene.dice.random() < 0.4 and process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                scene.kills += 1
            scene.kills += at.kill_workers()
            process.communicate(timeout=WAIT_SECONDS)
        at.finish()


@scenario(SERVERS, kills=True)
def worker_of_a_service_killed(scene: Scene) -> None:
    """SIGKILL to ``dms worker`` in mid-run: another one takes the run over, it is begun once, and all say the same."""
    with desk(scene) as at:
        worker = at.start("worker", "--json")
        until(at.worker_pids)
        command = at.start(*at.migrate())
        until(lambda: committed(scene) > 0)
        os.killpg(worker.pid, signal.SIGKILL)
        scene.kills += 1
        command.communicate(timeout=WAIT_SECONDS)
        at.start("worker", "--json")
        told = at.finish()
        assert told["run_id"] == run_id(scene)
        assert at.run(run_id(scene))["status"] == "succeeded"
        assert ledger(scene, "runs", "status, epoch") == [("succeeded", 2)]


@scenario(SERVERS, kills=True)
def service_killed(scene: Scene) -> None:
    """SIGKILL to ``dms serve`` in mid-run: the run goes on, a new service says the same as the ledger, nothing starts twice."""
    from dms_workbench.kernel.secrets import Secret
    from dms_workbench.workbench import Workbench

    with desk(scene) as at:
        service, client = served(at)
        project = client.projects.ensure("faults")
        ends = [client.connections.ensure(project.id, Secret(url)).id for url in (scene.source, scene.target)]
        plan = client.plans.create(project.id, *ends)
        run = client.runs.start(plan.id, chunk_rows=100, lanes=1, max_rows_per_second=1500)
        until(lambda: committed(scene) > 0)
        before, workers = committed(scene), at.worker_pids()
        os.killpg(service.pid, signal.SIGKILL)
        service.communicate()
        client.close()
        scene.kills += 1
        until(lambda: committed(scene) > before)
        again: Workbench = served(at)[1]
        if again.runs.get(run.id).active:
            assert again.runs.start(plan.id).id == run.id
        assert at.worker_pids() == workers
        ended = again.runs.get(run.id).wait(timeout_seconds=WAIT_SECONDS)
        assert (ended.status, ended.attempts) == ("succeeded", 1), ended
        assert at.run(run.id)["status"] == "succeeded"
        assert ledger(scene, "runs", "status, epoch") == [("succeeded", 1)]
        again.close()
    scene.expect_same()


def served(at: Desk) -> tuple[subprocess.Popen[str], Any]:
    """A service, and a workbench that reaches it."""
    from dms_workbench.workbench import Workbench

    process = at.start("serve", "--port", "0", "--json")
    assert process.stdout is not None
    place = json.loads("".join(process.stdout.readline() for _ in range(4)))
    return process, Workbench(place["address"], token=place["token"])


IN_THE_KERNEL = """
import json, time
from dms_workbench import Workbench
from dms_workbench.kernel.secrets import Secret
from dms_workbench.surfaces.widgets import RunWidget
workbench = Workbench()
"""
BEGIN = """
project = workbench.projects.ensure("faults")
ends = [workbench.connections.ensure(project.id, Secret(url)).id for url in URLS]
plan = workbench.plans.create(project.id, *ends)
run = workbench.runs.start(plan.id, chunk_rows=100, lanes=1, max_rows_per_second=1500)
widget = RunWidget(workbench, run.id)
while not widget.state["rows_done"]: time.sleep(0.05)
print(json.dumps({"run_id": run.id, "rows": widget.state["rows_done"]}))
"""
LOOK = """
began = time.monotonic()
widget = RunWidget(workbench, RUN_ID)
shown = dict(widget.state)
def agree():
    run = workbench.runs.get(RUN_ID)
    return widget.state["status"] == run.status and widget.state["rows_done"] >= sum(t.read for t in run.tables) - 200
while not agree() and time.monotonic() - began < 30: time.sleep(0.02)
print(json.dumps({"status": widget.state["status"], "rows": widget.state["rows_done"], "seconds": time.monotonic() - began}))
run = workbench.runs.get(RUN_ID).wait(timeout_seconds=100)
while widget.state["status"] != run.status: time.sleep(0.05)
print(json.dumps({"status": widget.state["status"], "attempts": run.attempts}))
"""


@scenario(POSTGRES, kills=True)
def kernel_killed(scene: Scene) -> None:
    """SIGKILL to the notebook's kernel while the run widget shows progress: the run goes on, a new kernel shows how it stands."""
    pytest.importorskip("jupyter_client")
    with desk(scene) as at:
        with kernel(at) as (first, pid):
            heard = said_in(first, f"URLS = {[scene.source, scene.target]!r}\n{IN_THE_KERNEL}{BEGIN}")
            os.killpg(os.getpgid(pid), signal.SIGKILL)
            scene.kills += 1
        number, before = heard[0]["run_id"], committed(scene)
        until(lambda: committed(scene) > before)
        with kernel(at) as (second, _):
            shown, end = said_in(second, f"RUN_ID = {number!r}\n{IN_THE_KERNEL}{LOOK}")
        assert shown["rows"] >= heard[0]["rows"], (heard, shown)
        assert shown["seconds"] <= TRUE_SECONDS, shown
        assert end == {"status": "succeeded", "attempts": 1}, end
        scene.facts["seconds_until_true"] = round(shown["seconds"], 2)
    scene.expect_same()


@contextmanager
def kernel(at: Desk) -> Iterator[tuple[Any, int]]:
    """A kernel of the desk: a client that speaks with it, and its process number."""
    from jupyter_client.manager import KernelManager

    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env=at.environment(), cwd=str(at.home))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield client, int(manager.provisioner.pid)  # type: ignore[union-attr]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def said_in(client: Any, code: str) -> list[dict[str, Any]]:
    """The JSON lines that code in a kernel prints."""
    text: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        content = message["content"]
        assert message["msg_type"] != "error", content.get("traceback")
        text.append(content["text"] if message["msg_type"] == "stream" and content["name"] == "stdout" else "")

    client.execute_interactive(code, output_hook=hear, timeout=WAIT_SECONDS)
    return [json.loads(line) for line in "".join(text).splitlines() if line.startswith("{")]
