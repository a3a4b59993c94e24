"""How well the time left is told over a slow network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dms_workbench.surfaces.cli.progress import LINE_SECONDS, Pace
from tests.faults.registry import SERVERS, scenario
from tests.faults.scene import Scene
from tests.faults.tables import anew
from tests.faults.worker import Worker

ROWS = 6_000
BYTES_PER_SECOND = 130_000
FROM_SHARE, TO_SHARE = 0.2, 0.9
OFF = 0.3
"""How far an estimate may be from what it really took, as a share of it."""
EVEN = {
    "postgres": "create table items (id int primary key, body text);"
    "insert into items select i, repeat(md5(i::text), 8) from generate_series(1, {rows}) i;"
    "create table more (id int primary key, body text); insert into more select id, body from items",
    "mariadb": "create table items (id int primary key, body text);"
    "insert into items select seq, repeat(md5(seq), 8) from seq_1_to_{rows};"
    "create table more (id int primary key, body text); insert into more select id, body from items",
}


@dataclass(frozen=True)
class Estimate:
    """What would have been shown at a moment; times in seconds since the copy began."""

    at_seconds: float
    rows: int
    left_seconds: float


@scenario(SERVERS, filled=False)
def time_left_over_a_slow_network(scene: Scene) -> None:
    """Latency, jitter and little bandwidth on one side: from a fifth of the rows on the time left is told within 30 percent."""
    anew(scene, EVEN[scene.source_product].replace("{rows}", str(ROWS // 2)))
    side = scene.dice.choice(("source", "target"))
    proxy = scene.proxy(side)
    proxy.faults.latency_seconds, proxy.faults.jitter_seconds = 0.01, 0.02
    proxy.faults.shared_bytes_per_second = BYTES_PER_SECOND
    way: dict[str, Any] = {side: proxy.url(scene.source if side == "source" else scene.target)}
    worker = scene.start(**way, chunk_rows=150, lanes=1, stall_seconds=20.0, verify=False)
    assert worker.wait(240)["status"] == "not_verified"
    scene.expect_same()
    for name, every_seconds in (("bars", 0.0), ("lines", LINE_SECONDS)):
        ratios = ratios_of(worker, every_seconds)
        scene.facts[name] = [round(min(ratios), 2), round(max(ratios), 2), len(ratios)]
        assert all(1 - OFF <= ratio <= 1 + OFF for ratio in ratios), (side, name, ratios)


def ratios_of(worker: Worker, every_seconds: float) -> list[float]:
    """Estimated against real length of the copy, at each moment that an estimate was shown; of the first one also the rest alone."""
    shown, end_seconds = estimates(worker, every_seconds)
    counted = [each for each in shown if FROM_SHARE <= each.rows / ROWS <= TO_SHARE]
    assert counted, shown
    first = counted[0]
    return [
        first.left_seconds / (end_seconds - first.at_seconds),
        *((each.at_seconds + each.left_seconds) / end_seconds for each in counted),
    ]


def estimates(worker: Worker, every_seconds: float) -> tuple[list[Estimate], float]:
    """What is shown while rows are copied, not more often than that; and when the last row was there."""
    pace, latest, shown = Pace(), dict[int, int](), list[Estimate]()
    heard = [line for line in worker.heard if line.get("at") == "copy"]
    began_seconds = heard[0]["seconds"]
    taken_seconds, end_seconds = float("-inf"), 0.0
    for line in heard:
        latest[line["map"]] = max(line["read"], latest.get(line["map"], 0))
        rows, now_seconds = sum(latest.values()), line["seconds"] - began_seconds
        if rows >= ROWS:
            end_seconds = now_seconds
            break
        if now_seconds - taken_seconds >= every_seconds:
            pace.take(rows, line["seconds"])
            taken_seconds = now_seconds
            if pace.per_second >= 1:
                shown.append(Estimate(now_seconds, rows, (ROWS - rows) / pace.per_second))
    return shown, end_seconds
