"""Runs in every mode, undos, repairs and replays, each killed several times: at moments drawn over its duration and at named places."""

from __future__ import annotations

import signal
import time
from typing import Any

from tests.faults.jobs import (
    MODES,
    Course,
    Job,
    copy_job,
    ended,
    finished,
    job_for,
    repair_job,
    replay_job,
    undo_job,
)
from tests.faults.process import OTHER_POINTS
from tests.faults.registry import ALL, scenario
from tests.faults.scene import Scene
from tests.faults.worker import Worker

ROWS = 4_000
KILLS = 8
POINT_SHARE = 0.4
"""Of the kills; the others are at drawn moments."""
PROGRESS_SHARE = 0.6
"""Of those, how many are drawn by rows and not by time."""


def killed_often(scene: Scene, job: Job) -> dict[str, Any]:
    """Give the command of a job again and again, each time with a kill, then once to its end; its result.

    A worker dies at a named place, or after a share, drawn uniformly, of the rows that are left, or of its time.
    """
    points = [scene.dice.choice(place) for place in places_of(job.course, scene)]
    misses = 0
    for number, point in enumerate(points):
        if point:
            times = scene.dice.choice((1, 1, 2, 4)) if number and point in job.course.middle else 1
            worker = job.start(environment={"DMS_FAIL_POINT": f"{point}:{times}"})
            ended(worker)
        else:
            left = KILLS - number
            worker = job.start()
            if job.course.rows and scene.dice.random() < PROGRESS_SHARE:
                let_copy(worker, scene.dice.uniform(0, 2 * max(0, job.course.rows - copied(scene, job)) / left))
            else:
                let_work(worker, scene.dice.uniform(0, job.course.seconds / (1 + number / 3)))
            worker.kill()
        if worker.process.returncode == -signal.SIGKILL:
            note_kill(scene, worker, point)
            continue
        finished(worker.wait())
        misses += 1
        if misses == 2:
            break
    return finished(job.start().wait())


def copied(scene: Scene, job: Job) -> int:
    """Rows of chunks that workers of a job have read so far."""
    return sum(rows_heard(worker) for worker in scene.workers[job.earlier :])


def rows_heard(worker: Worker) -> int:
    """Rows of chunks that a worker has read so far."""
    return sum(line["chunk"] for line in list(worker.heard) if "chunk" in line)


def let_copy(worker: Worker, rows: float) -> None:
    """Let a worker read so many rows."""
    while rows_heard(worker) < rows and worker.process.poll() is None:
        time.sleep(0.002)


def places_of(course: Course, scene: Scene) -> list[tuple[str, ...]]:
    """For each kill the named places to draw from; an empty name where it is a matter of time."""
    share = [course.first] + [course.middle] * (KILLS - 4) + [course.last] * 3
    chosen = [found if scene.dice.random() < POINT_SHARE else ("",) for found in share]
    return chosen if course.rows else [course.first, *chosen[1:]]  # what is over soon is hit once at least


def note_kill(scene: Scene, worker: Worker, point: str) -> None:
    """Count a kill, by the place or phase it hit."""
    phase = next((line["at"] for line in reversed(worker.heard) if "at" in line), "start")
    where = point or f"({phase})"
    places = scene.facts.setdefault("places", {})
    places[where] = places.get(where, 0) + 1
    scene.kills += 1


def let_work(worker: Worker, seconds: float) -> None:
    """Let a worker work for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and worker.process.poll() is None:
        time.sleep(0.005)


@scenario(ALL, rows=ROWS, kills=True, filled=False, weight=24)
def runs_killed_often(scene: Scene) -> None:
    """A run in a mode drawn by lot is killed up to eight times, resumed each time, then compared with what it should make."""
    job = copy_job(scene, scene.facts.get("mode") or scene.dice.choice(MODES))
    job.check(killed_often(scene, job))


@scenario(ALL, rows=ROWS, kills=True, filled=False, weight=5)
def undos_killed_often(scene: Scene) -> None:
    """A run, finished or killed half-way, is taken back by an undo that is killed again and again: the target is as before."""
    job = undo_job(scene, scene.facts.get("mode") or scene.dice.choice(MODES))
    job.check(killed_often(scene, job))


@scenario(ALL, rows=ROWS // 2, kills=True, filled=False, weight=4)
def repairs_killed_often(scene: Scene) -> None:
    """Rows of the target are deleted, altered and added; the repair is killed again and again, then nothing is wrong."""
    job = repair_job(scene)
    job.check(killed_often(scene, job))


@scenario(ALL, rows=ROWS, kills=True, filled=False, weight=4)
def replays_killed_often(scene: Scene) -> None:
    """Rows in quarantine are put through by a replay that is killed again and again: each is there once."""
    job = replay_job(scene)
    job.check(killed_often(scene, job))


@scenario(ALL, rows=ROWS // 2, kills=True, filled=False)
def other_work_killed_at_a_point(scene: Scene) -> None:
    """SIGKILL at a named place that a plain copy does not come to: of a mode, an undo, a repair or a replay."""
    point = scene.facts.get("point") or scene.dice.choice(OTHER_POINTS)
    job = job_for(scene, point)
    worker = job.start(environment={"DMS_FAIL_POINT": point})
    ended(worker)
    hit = worker.process.returncode == -signal.SIGKILL
    scene.kills += hit
    scene.facts["hit"] = point if hit else ""
    job.check(finished(job.start().wait()))
