"""Faults of the worker: killed, stopped, put to sleep, short of descriptors, started twice."""

from __future__ import annotations

import resource
import signal
import time

from dms_workbench.engine.failpoints import POINTS
from tests.faults.registry import ALL, POSTGRES, SERVERS, scenario
from tests.faults.scene import Scene

OTHER_WORK = ("swap.", "modes.", "replay.", "undo.", "repair.", "merge.", "images.")
"""Places of modes and commands that a plain copy does not come to."""
OTHER_POINTS = tuple(point for point in POINTS if point.startswith(OTHER_WORK))
COPY_POINTS = tuple(point for point in POINTS if not point.startswith(OTHER_WORK))


@scenario(ALL, kills=True)
def worker_killed_at_random(scene: Scene) -> None:
    """SIGKILL to the worker at up to five moments; the same command again each time."""
    for _ in range(scene.dice.randint(1, 5)):
        worker = scene.start(lanes=scene.dice.choice((1, 3)))
        if scene.dice.random() < 0.8:
            worker.until_copying(scene.dice.randrange(1, scene.rows))
        time.sleep(scene.dice.uniform(0, 1.0))
        scene.kills += worker.kill()
    scene.finish()


@scenario(ALL, kills=True)
def worker_killed_at_a_point(scene: Scene) -> None:
    """SIGKILL at one of the named places, at its first, second or third time."""
    point, times = scene.facts.get("point"), 1
    if point is None:
        point, times = scene.dice.choice(COPY_POINTS), scene.dice.randint(1, 3)
    for count in (times, 1):
        worker = scene.start(environment={"DMS_FAIL_POINT": f"{point}:{count}"}, lanes=2)
        worker.process.wait(120)
        hit = worker.process.returncode == -signal.SIGKILL
        scene.kills += hit
        if hit:
            break
    scene.facts["hit"] = point if hit else ""
    scene.finish()


@scenario(SERVERS, kills=True)
def worker_killed_while_resuming(scene: Scene) -> None:
    """SIGKILL to each of many workers in a row, most of which have only begun to resume."""
    worker = scene.start()
    worker.until_copying(300)
    scene.kills += worker.kill()
    for _ in range(6):
        worker = scene.start()
        time.sleep(scene.dice.uniform(0.3, 1.6))
        scene.kills += worker.kill()
    scene.finish()


@scenario(ALL)
def worker_told_to_pause(scene: Scene) -> None:
    """SIGTERM: it pauses within two seconds and the chunk, and goes on by the same command."""
    worker = scene.start(chunk_rows=100)
    worker.until_copying(100)
    worker.signal(signal.SIGTERM)
    began = time.monotonic()
    result = worker.wait()
    assert result["status"] in ("paused", "succeeded"), result
    assert time.monotonic() - began < 10
    scene.finish()


@scenario((*POSTGRES, ("mariadb", "postgres")))
def worker_asleep(scene: Scene) -> None:
    """SIGSTOP before a commit; its sessions end, another worker takes over, SIGCONT: it is fenced."""
    worker = scene.start(environment={"DMS_FAIL_STOP": "chunk.before-commit:3"})
    worker.until_copying(200)
    time.sleep(1.0)
    scene.target_server.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'dms %'"
    )
    second = scene.start(chunk_rows=100)
    second.until_copying(300)
    worker.signal(signal.SIGCONT)
    first, result = worker.wait(), second.wait()
    assert first.get("status") in ("failed", "interrupted", "refused"), first.get("status")
    assert (first.get("error") or {}).get("code") in ("ledger-conflict", "run-locked"), first.get("error")
    scene.expect_done(result)


@scenario((*POSTGRES, ("mariadb", "postgres")))
def started_twice(scene: Scene) -> None:
    """The same command twice at once: one runs, the other is told the run within a second, and nothing is there twice."""
    first = scene.start(environment={"DMS_FAIL_STOP": "chunk.before-commit:4"})
    first.until_copying(200)
    time.sleep(0.5)
    second = scene.start()
    second.until(lambda line: line.get("at") == "connect")
    told = second.until(lambda line: "under way" in line.get("said", ""))
    assert told is not None, second.heard
    run_id = scene.in_target("select run_id from dms_ledger.runs")[0][0]
    assert run_id in told["said"]
    result = second.wait()
    assert (result.get("error") or {}).get("code") == "run-locked", result
    first.signal(signal.SIGCONT)
    scene.expect_done(first.wait())


@scenario(SERVERS, kills=True)
def everything_killed(scene: Scene) -> None:
    """SIGKILL to the worker and all processes of both servers at once, as a power cut; then all are back."""
    worker = scene.start(chunk_rows=100)
    worker.until_copying(scene.dice.randrange(100, scene.rows))
    for found in (scene.source_server, scene.target_server):
        found.kill()
    scene.kills += worker.kill()
    for found in (scene.source_server, scene.target_server):
        assert found.process.poll() is None
    scene.finish()


@scenario(POSTGRES)
def few_descriptors(scene: Scene) -> None:
    """A worker that may open few files: it ends with a message, or does without; with enough of them all is well."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (scene.dice.choice((24, 32, 48, 64)), before[1]))
    try:
        worker = scene.start(lanes=8, forked=False)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    worker.process.wait(120)
    scene.finish()
