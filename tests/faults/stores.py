"""Faults of what a run is kept in: the metadata store on PostgreSQL, and our own disk."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from tests.faults.desks import WAIT_SECONDS, Desk, committed, desk, ledger, until
from tests.faults.registry import POSTGRES, scenario
from tests.faults.scene import Scene


@contextmanager
def shared_store(scene: Scene, at: Desk) -> Iterator[tuple[Any, Any]]:
    """A metadata store on a PostgreSQL server of its own, and a workbench on it."""
    from dms_workbench.workbench import Workbench

    server = scene.ground.server("postgres", "store")
    url = server.create_database()
    with patch.dict(os.environ, {"DMS_HOME": str(at.home)}), Workbench(url, single_user=True) as workbench:
        try:
            yield server, workbench
        finally:
            at.kill_workers()
    scene.drop("postgres", "store", url)


def begun(scene: Scene, workbench: Any) -> Any:
    """A run of the scene, some of whose rows are committed."""
    from dms_workbench.kernel.secrets import Secret

    project = workbench.projects.ensure("faults")
    ends = [workbench.connections.ensure(project.id, Secret(url)).id for url in (scene.source, scene.target)]
    plan = workbench.plans.create(project.id, *ends)
    run = workbench.runs.start(plan.id, chunk_rows=100, lanes=1, max_rows_per_second=1500)
    until(lambda: committed(scene) > 0)
    return run


@scenario(POSTGRES, kills=True)
def store_away(scene: Scene) -> None:
    """The metadata store on PostgreSQL is killed in mid-run and comes back: the copy never stops, and both say the same."""
    with desk(scene) as at, shared_store(scene, at) as (server, workbench):
        run = begun(scene, workbench)
        server.kill()
        scene.kills += 1
        before = committed(scene)
        until(lambda: committed(scene) > before)
        time.sleep(scene.scaled(60))
        server.start()
        ended = until(lambda: (found := tolerant(lambda: workbench.runs.get(run.id))) and not found.active and found)
        assert (ended.status, ended.attempts) == ("succeeded", 1), ended
        assert ledger(scene, "runs", "run_id, status, epoch") == [(run.id, "succeeded", 1)]
    scene.expect_same()


def tolerant(ask: Callable[[], Any]) -> Any:
    """The answer; None while there is none."""
    with contextlib.suppress(Exception):
        return ask()
    return None


@scenario(POSTGRES, kills=True)
def store_of_yesterday(scene: Scene) -> None:
    """The metadata store is put back to a copy of an hour ago, in which the run had only begun: the target knows better."""
    with desk(scene) as at, shared_store(scene, at) as (server, workbench):
        run = begun(scene, workbench)
        copy = Path(server.folder) / "copy"
        server.kill()
        subprocess.run(["cp", "-a", server.folder / "data", copy], check=True)
        server.start()
        until(lambda: (found := tolerant(lambda: workbench.runs.get(run.id))) and not found.active)
        scene.kills += at.kill_workers()
        server.kill()
        shutil.rmtree(server.folder / "data")
        copy.rename(server.folder / "data")
        server.start()
        stale = until(lambda: tolerant(lambda: workbench.runs.get(run.id)))
        assert stale.status != "succeeded", stale
        if scene.dice.random() < 0.5:
            workbench.runs.reconcile(run.project_id)
        else:
            workbench.runs.start(run.plan_id).wait(timeout_seconds=WAIT_SECONDS)
        assert workbench.runs.get(run.id).status == "succeeded"
        assert [status for (status,) in ledger(scene, "runs", "status")] == ["succeeded"]
    scene.expect_same()


@scenario((*POSTGRES, ("sqlite", "postgres"), ("postgres", "sqlite")), root=True)
def own_disk_full(scene: Scene) -> None:
    """Our own disk (8 MB: store, logs, spool) is full in mid-run or from the start: it is said, nothing is lost, it goes on."""
    home = scene.ground.folder / f"small-{uuid.uuid4().hex}"
    home.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", home], check=False)
    if mounted.returncode:
        home.rmdir()
        pytest.skip("no tmpfs can be mounted here")
    try:
        with desk(scene, home) as at:
            play_full(scene, at)
    finally:
        subprocess.run(["umount", "-l", home], check=False)
        home.rmdir()


def play_full(scene: Scene, at: Desk) -> None:
    """Fill the disk of a desk, let the command end, make room, and give it again."""
    early = scene.dice.random() < 0.3
    if early:
        fill(at.home)
        code, told, said = at.give(*at.migrate())
        assert code, told
        assert "no room" in said.lower() or "disk" in said.lower() or "space" in said.lower(), said[-1500:]
    else:
        command = at.start(*at.migrate())
        until(lambda: committed(scene) > 0)
        fill(at.home)
        time.sleep(scene.scaled(40))
        if scene.dice.random() < 0.5:
            (at.home / "filler").unlink()
        out, said = command.communicate(timeout=WAIT_SECONDS)
        assert "Traceback" not in said, said[-2000:]
        scene.facts["ended"] = [command.returncode, (json.loads(out) if out else {}).get("status"), said[-300:]]
    (at.home / "filler").unlink(missing_ok=True)
    at.finish()
    for path in at.home.glob("*.sqlite"):
        with closing(sqlite3.connect(path)) as file:
            assert file.execute("pragma integrity_check").fetchall() == [("ok",)]


def fill(folder: Path) -> None:
    """Leave no byte of room."""
    with (folder / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while filler.write(bytes(65_536)):
            pass
    with (folder / "filler").open("ab", buffering=0) as filler, contextlib.suppress(OSError):
        while filler.write(b"x"):
            pass
