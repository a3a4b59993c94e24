"""What a soak kills: a run in some mode, an undo, a repair, a replay; how each is begun, how long it takes, what must come of it."""

from __future__ import annotations

import signal
import subprocess
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from dms_workbench.engine.failpoints import POINTS
from tests import oracle
from tests.faults.ranges import Range, execute, hold, holding
from tests.faults.scene import Scene
from tests.faults.tables import rows_of
from tests.faults.worker import WAIT_SECONDS, Worker
from tests.oracle_readers import open_reader

MODES = ("create", "create", "append", "upsert", "replace", "insert-missing")
FIRST = tuple(
    point
    for point in POINTS
    if point.startswith(("source.", "target.", "run.", "ledger.", "modes.")) or point == "table.made"
)
OFTEN = tuple(point for point in POINTS if point.startswith("chunk.") or point == "lanes.opened")
LAST = tuple(
    point for point in POINTS if point.startswith(("table.before", "table.done", "objects.", "verify.", "result."))
)
SWAP = tuple(point for point in POINTS if point.startswith("swap."))
MAPPING = """\
format: dms-mapping/1
name: soaked
tables:
  - source: numbers
    columns:
      id: id
      name: {expression: "upper(name)"}
      amount: {expression: "amount * 2"}
      note: {expression: "coalesce(note, 'none')"}
  - source: words
    columns: {word: word, number: {expression: "number + 1"}}
  - source: pairs
  - source: loose
    columns: {n: n, word: {expression: "upper(word)"}}
"""
MAPPED = (
    "update numbers set name = upper(name), amount = amount * 2, note = coalesce(note, 'none')",
    "update words set number = number + 1",
    "update loose set word = upper(word)",
)
Start = Callable[..., Worker]


@dataclass(frozen=True)
class Course:
    """How long a command takes, and the named places it comes to at its begin, again and again, and towards its end."""

    seconds: float
    first: tuple[str, ...]
    middle: tuple[str, ...]
    last: tuple[str, ...]
    rows: int = 0
    """That pass in chunks; 0 where none do."""


@dataclass(frozen=True)
class Job:
    """A command that can be given again and again."""

    start: Start
    course: Course
    check: Callable[[dict[str, Any]], None]
    """What must hold when it has succeeded, given its result."""
    earlier: int = 0
    """How many workers the scene had before."""


def ended(worker: Worker) -> None:
    """Wait until it is killed or has ended."""
    try:
        worker.process.wait(WAIT_SECONDS)
    except subprocess.TimeoutExpired:
        worker.wait(1)


def finished(result: dict[str, Any]) -> dict[str, Any]:
    """A result that is a success, or one of a run that was asked not to verify."""
    assert result.get("status") in ("succeeded", "succeeded_with_quarantine", "not_verified"), {
        name: result.get(name) for name in ("status", "error", "code", "message", "notes", "tables")
    }
    return result


def expect(scene: Scene, wanted: str) -> None:
    """The target holds what another database holds."""
    found = oracle.compare(wanted, scene.target)
    for kind in ("lost", "duplicated", "altered", "extra"):
        scene.facts[kind] = sum(kinds[kind] for kinds in found.values())
    assert not any(sum(kinds.values()) for kinds in found.values()), found


def measured(scene: Scene) -> float:
    """Seconds of a copy of this pair without faults, measured once."""
    pair = (scene.source_product, scene.target_product)
    if pair not in scene.ground.durations:
        target = scene.database(scene.target_product, "target")
        worker = scene.start(target=target, chunk_rows=100)
        finished(worker.wait())
        scene.ground.durations[pair] = time.monotonic() - worker.began
    return scene.ground.durations[pair]


def prior(scene: Scene, mode: str) -> tuple[list[Range], list[Range]]:
    """The rows that the target has before a run in a mode, and those that it must have afterwards."""
    rows, more = scene.rows, scene.rows * 5 // 4
    own, beside = Range(rows // 2, more, before=True), Range(rows + 1, more, before=True)
    every = Range(1, rows)
    return {
        "create": ([], [every]),
        "append": ([beside], [every, beside]),
        "upsert": ([own], [every, beside]),
        "insert-missing": ([own], [Range(1, rows // 2 - 1), own]),
        "replace": ([own], [every]),
    }[mode]


def begin(scene: Scene, mode: str) -> tuple[str, str, tuple[str, ...]]:
    """Fill source and target for a mode: databases as the target is before and must be afterwards, and statements for all."""
    dropped = ("drop table loose",) if mode in ("upsert", "insert-missing") else ()
    hold(scene, scene.source, [Range(1, scene.rows)], *dropped)
    before, after = prior(scene, mode)
    earlier = holding(scene, before, *dropped) if before else ""
    if earlier:
        finished(scene.start(source=earlier, chunk_rows=5_000, verify=False).wait())
    return earlier, holding(scene, after, *dropped), dropped


def options_of(scene: Scene, mode: str) -> dict[str, Any]:
    """How a run copies, by lot."""
    plan: dict[str, Any] = {"mode": mode}
    mapped = mode == "create" and scene.dice.random() < 0.4
    if mapped:
        plan["mapping_text"] = MAPPING
    scene.facts |= {"mode": mode, "mapped": mapped}
    return {
        "plan": plan,
        "lanes": scene.dice.choice((1, 1, 3)),
        "chunk_rows": scene.dice.choice((40, 100, 250)),
        "verify": scene.dice.random() < 0.8,
        "push_down": scene.dice.random() < 0.5,
    }


def copy_job(scene: Scene, mode: str) -> Job:
    """A run in a mode, into a target that may hold rows before."""
    _, wanted, _ = begin(scene, mode)
    options = options_of(scene, mode)
    if scene.facts["mapped"]:
        execute(scene, wanted, ";".join(MAPPED))
    last = (*LAST, *SWAP) if mode == "replace" else LAST
    course = Course(measured(scene), FIRST, OFTEN, last, rows=2 * scene.rows)
    earlier = len(scene.workers)

    def check(result: dict[str, Any]) -> None:
        scene.count(result, scene.workers[earlier:])
        expect(scene, wanted)

    return Job(lambda **given: scene.start(**options, **given), course, check, earlier)


def undo_job(scene: Scene, mode: str) -> Job:
    """The undo of a run in a mode, which was finished or killed half-way: the target is as before."""
    before, _, _ = begin(scene, mode)
    options = {**options_of(scene, mode), "verify": False}
    given: dict[str, Any] = {"command": "undo", "plan": options["plan"], "run_id": run_to_undo(scene, options)}
    given["undo_id"] = str(uuid.uuid4())
    points = points_of("undo.")

    def check(_: dict[str, Any]) -> None:
        if before:
            expect(scene, before)
            return
        with closing(open_reader(scene.target)) as reader:
            left = sorted(reader.shapes())
        assert not left, left

    course = Course(0.5, points[:2], points[:3], points[2:])
    return Job(lambda **more: scene.start(**given, **more), course, check)


def run_to_undo(scene: Scene, options: dict[str, Any]) -> str:
    """A run of the scene, finished or killed half-way; its number."""
    if scene.dice.random() < 0.5:
        point = f"chunk.committed:{scene.dice.randint(2, 20)}"
        worker = scene.start(**options, environment={"DMS_FAIL_POINT": point})
        ended(worker)
        scene.kills += worker.process.returncode == -signal.SIGKILL
    else:
        finished(scene.start(**options).wait())
    ledger = "dms_ledger.runs" if scene.target_product in ("postgres", "duckdb") else "dms_ledger_runs"
    return str(rows_of(scene, "target", f"select run_id from {ledger} order by started_at desc, run_id limit 1")[0][0])


DAMAGE = (
    "delete from numbers where amount between 100 and 120",
    "update words set number = number + 7 where word like 'w123%'",
    "insert into pairs select a + 1000, b, c from pairs where a < 3",
    "delete from loose where n = 4",
)


def repair_job(scene: Scene) -> Job:
    """A repair after rows of the target were deleted, altered and added: nothing is wrong any more."""
    hold(scene, scene.source, [Range(1, scene.rows)])
    finished(scene.start(chunk_rows=1_000).wait())
    for statement in DAMAGE:
        rows_of(scene, "target", statement)
    given: dict[str, Any] = {"command": "repair", "run_id": str(uuid.uuid4())}
    given["chunk_rows"] = scene.dice.choice((20, 100))
    points = points_of("repair.")
    course = Course(measured(scene), points[:1], (*points, *OFTEN), (*points, "verify.done", "result.before-entry"))
    return Job(lambda **more: scene.start(**given, **more), course, lambda _: scene.expect_same())


NOTES = "update numbers set note = coalesce(note, 'none')"
STRICT = (
    "create table numbers (id bigint primary key, name varchar(60) not null, amount {number}, note {text} not null)"
)
TYPES = {"mariadb": {"number": "decimal(20, 4)", "text": "varchar(200)"}}
"""Of the target's table, where they are not these."""
OTHER_TYPES = {"number": "numeric(20, 4)", "text": "text"}


def replay_job(scene: Scene) -> Job:
    """A replay of the rows that a target with a stricter table has refused: each is there once."""
    hold(scene, scene.source, [Range(1, scene.rows)])
    wanted = holding(scene, [Range(1, scene.rows)], NOTES, "drop table words", "drop table pairs", "drop table loose")
    rows_of(scene, "target", STRICT.format(**TYPES.get(scene.target_product, OTHER_TYPES)))
    plan = {"mode": "append", "tables": ["numbers"]}
    done = finished(scene.start(plan=plan, chunk_rows=300).wait())
    assert done["quarantine_total"] == scene.rows // 10, done["quarantine_total"]
    asked = {"parent_run_id": done["run_id"], "cause": "numbers.note:not-null", "expression": "coalesce(note, 'none')"}
    given: dict[str, Any] = {"command": "replay", "plan": plan, "asked": asked, "chunk_rows": 40}
    given["run_id"] = str(uuid.uuid4())
    points = points_of("replay.")
    course = Course(0.7, points[:1], (*points[:2], *OFTEN), points[1:], rows=scene.rows // 10)
    return Job(lambda **more: scene.start(**given, **more), course, lambda _: expect(scene, wanted), len(scene.workers))


def points_of(prefix: str) -> tuple[str, ...]:
    """The named places of a kind of work."""
    return tuple(point for point in POINTS if point.startswith(prefix))


def job_for(scene: Scene, point: str) -> Job:
    """A job that comes to a named place."""
    if point.startswith("swap."):
        return copy_job(scene, "replace")
    if point.startswith("undo."):
        mode = "create" if point == "undo.before-drop-commit" else "upsert"
        return undo_job(scene, mode)
    makers = {"repair.": repair_job, "replay.": replay_job}
    return next((make(scene) for prefix, make in makers.items() if point.startswith(prefix)), None) or copy_job(
        scene, "upsert"
    )
