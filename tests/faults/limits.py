"""Faults of the worker's surroundings: little memory, few processes."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.faults.registry import POSTGRES, Pair, scenario
from tests.faults.scene import Scene, Worker
from tests.faults.tables import anew, brief, expect_message

MEBIBYTE = 1 << 20
CAP_BYTES = 512 * MEBIBYTE
CELL_BYTES = 64_000_000
LARGE_CELLS: tuple[Pair, ...] = (
    ("postgres", "postgres"), ("postgres", "mariadb"), ("mariadb", "postgres"), ("sqlite", "postgres"),
    ("postgres", "sqlite"), ("postgres", "duckdb"),
)  # fmt: skip
LARGE = {
    "postgres": "create table large_bytes (id int primary key, bytes bytea);"
    "create table large_words (id int primary key, words text);"
    "insert into large_bytes select i, convert_to(repeat(chr(65 + i), {size}), 'UTF8') from generate_series(1, 3) i;"
    "insert into large_words select i, repeat(chr(97 + i), {size}) from generate_series(1, 3) i",
    "mariadb": "create table large_bytes (id int primary key, bytes longblob);"
    "create table large_words (id int primary key, words longtext);"
    "insert into large_bytes select seq, repeat(char(65 + seq), {size}) from seq_1_to_3;"
    "insert into large_words select seq, repeat(char(97 + seq), {size}) from seq_1_to_3",
    "sqlite": "create table large_bytes (id integer primary key, bytes blob);"
    "create table large_words (id integer primary key, words text);"
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3)"
    " insert into large_bytes select i, zeroblob({size}) from n;"
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3)"
    " insert into large_words select i, hex(zeroblob({size} / 2)) from n",
}
PACKET = "max_allowed_packet = 1073741824"


@scenario(LARGE_CELLS, root=True, filled=False)
def little_memory(scene: Scene) -> None:
    """A worker with 512 MiB copies cells of 64 MB: it ends within the limit, or refuses them by column; it is never killed."""
    for product, server in (("source", scene.source_product), ("target", scene.target_product)):
        if server == "mariadb":
            found = scene.source_server if product == "source" else scene.target_server
            found.execute(f"set global {PACKET}")
    anew(scene, LARGE[scene.source_product].replace("{size}", str(CELL_BYTES)))
    group = memory_group(scene, CAP_BYTES)
    worker = scene.start(inside=inside(group), chunk_rows=1000, stall_seconds=60.0)
    result = worker.wait(400)
    scene.facts["peak_mebibytes"] = int((group / "memory.max_usage_in_bytes").read_text()) // MEBIBYTE
    scene.facts["status"] = result.get("status")
    assert not killed(group, worker), scene.facts
    if result.get("status") == "succeeded":
        scene.expect_same()
    else:
        expect_message(result, "large")


def memory_group(scene: Scene, cap_bytes: int) -> Path:
    """A memory group of its own with a limit; gone at the end of the play."""
    group = Path(f"/sys/fs/cgroup/memory/dms-fault-{os.getpid()}-{scene.dice.randrange(10**6)}")
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(cap_bytes))
    except OSError as error:
        pytest.skip(f"no memory groups can be made here: {error}")

    def leave() -> None:
        for worker in scene.workers:
            worker.close()
        group.rmdir()

    scene.stack.callback(leave)
    return group


def inside(group: Path) -> tuple[str, ...]:
    """What starts a command in a group."""
    return ("sh", "-c", f'echo $$ > {group}/cgroup.procs; exec "$@"', "sh")


def killed(group: Path, worker: Worker) -> bool:
    """Did the system kill for want of memory?"""
    control = dict(line.split() for line in (group / "memory.oom_control").read_text().splitlines())
    return int(control.get("oom_kill", 0)) > 0 or (worker.process.returncode or 0) < 0


@scenario((*POSTGRES, ("mariadb", "postgres")), root=True)
def few_processes(scene: Scene) -> None:
    """A worker whose account may have few processes and threads: it does without, or names the limit; then all is well."""
    account = str(64_000 + scene.dice.randrange(900))
    if shutil.which("setpriv") is None or shutil.which("prlimit") is None:
        pytest.skip("no setpriv or prlimit here")
    limit = scene.facts.get("processes") or scene.dice.choice((1, 2, 3, 4, 5, 6))
    reading = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    start = (
        "setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups", *reading, "prlimit", f"--nproc={limit}"
    )  # fmt: skip
    if subprocess.run([*start, "true"], capture_output=True, check=False, cwd="/").returncode:
        pytest.skip("no other account can be taken here")
    result = scene.start(inside=start, lanes=4, environment={"HOME": "/tmp"}).wait()
    scene.facts |= {"processes": limit, "status": result.get("status")}
    if result.get("status") == "succeeded":
        scene.expect_same()
    else:
        expect_message(result, "threads", f"may have {limit}")
        assert not brief(result)["tables"]
    scene.finish()
