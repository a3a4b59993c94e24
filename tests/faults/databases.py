"""Faults of the servers: killed, stopped, hung, full, locked, short of connections."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.faults.registry import FROM_POSTGRES, POSTGRES, SERVERS, scenario
from tests.faults.scene import Scene

OURS = "application_name like 'dms %' and application_name <> 'dms witness' and pid <> pg_backend_pid()"
TO_POSTGRES = (("postgres", "postgres"), ("mariadb", "postgres"))


def end_sessions(server: Any, how: str) -> int:
    """End or cancel sessions of the worker on a server; returns how many."""
    if server.product == "postgres":
        return len(server.execute(f"select {how}(pid) from pg_stat_activity where {OURS}"))
    verb = "KILL" if how == "pg_terminate_backend" else "KILL QUERY"
    found = server.sessions()
    for (number,) in found:
        with contextlib.suppress(Exception):
            server.execute(f"{verb} {number}")
    return len(found)


def a_side(scene: Scene) -> tuple[str, Any]:
    """One side and its server, by lot."""
    side = scene.dice.choice(("source", "target"))
    return side, scene.source_server if side == "source" else scene.target_server


@scenario(SERVERS)
def sessions_ended_by_an_administrator(scene: Scene) -> None:
    """All sessions of one side are ended at random moments: it goes on by itself."""
    _, server = a_side(scene)
    worker = scene.start(lanes=scene.dice.choice((1, 2)), chunk_rows=100)
    worker.until_copying(100)
    for _ in range(2):
        end_sessions(server, "pg_terminate_backend")
        time.sleep(scene.dice.uniform(0.3, 1.0))
    scene.expect_done(worker.wait())


@scenario(SERVERS)
def statements_cancelled(scene: Scene) -> None:
    """Statements of one side are cancelled at random moments: chunks get smaller, and it goes on."""
    _, server = a_side(scene)
    worker = scene.start(chunk_rows=100)
    worker.until_copying(100)
    for _ in range(5):
        end_sessions(server, "pg_cancel_backend")
        time.sleep(scene.dice.uniform(0.05, 0.3))
    scene.expect_done(worker.wait())


@scenario(POSTGRES, kills=True)
def a_server_process_killed(scene: Scene) -> None:
    """SIGKILL to one session's process: that server restarts itself, all sessions are gone, the run goes on by itself."""
    _, server = a_side(scene)
    worker = scene.start(chunk_rows=100)
    worker.until_copying(scene.dice.randrange(100, scene.rows))
    pids = server.backends()
    if pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(scene.dice.choice(pids), signal.SIGKILL)
            scene.kills += 1
    scene.expect_done(worker.wait())


@scenario(SERVERS, kills=True)
def target_server_killed(scene: Scene) -> None:
    """All processes of the target server are killed and it is started again; the worker waits and goes on."""
    worker = scene.start(chunk_rows=100, lanes=scene.dice.choice((1, 2)))
    worker.until_copying(scene.dice.randrange(100, scene.rows))
    server = scene.target_server
    server.kill()
    scene.kills += 1
    time.sleep(scene.scaled(20))
    server.start()
    scene.expect_done(worker.wait())


@scenario(SERVERS, kills=True)
def source_server_killed(scene: Scene) -> None:
    """All processes of the source server are killed, and the snapshot with them; rows after that say so."""
    worker = scene.start(chunk_rows=100, lanes=scene.dice.choice((1, 2)))
    worker.until_copying(scene.dice.randrange(100, scene.rows // 2))
    server = scene.source_server
    server.kill()
    scene.kills += 1
    time.sleep(scene.scaled(20))
    server.start()
    result = worker.wait()
    scene.expect_done(result)
    if any(line.get("said", "").startswith("waiting for the source") for line in worker.heard):
        assert any("snapshot" in note for note in result["notes"]), result["notes"]


@scenario(SERVERS)
def target_away_for_long(scene: Scene) -> None:
    """The target is shut down at once and stays away; the worker says what it waits for, hears a pause, and goes on later."""
    worker = scene.start(chunk_rows=100, patience_seconds=900)
    worker.until_copying(100)
    server = scene.target_server
    server.kill()
    said = worker.until(lambda line: "waiting for the target" in line.get("said", ""))
    if said is None:
        server.start()
        scene.finish()
        return
    time.sleep(scene.scaled(600))
    pauses = scene.dice.random() < 0.3
    if pauses:
        worker.signal(signal.SIGTERM)
        began = time.monotonic()
        assert worker.wait()["status"] == "paused"
        assert time.monotonic() - began < 8
    server.start()
    if pauses:
        scene.finish()
    else:
        scene.expect_done(worker.wait())


@scenario(POSTGRES)
def patience_at_its_end(scene: Scene) -> None:
    """The target stays away for longer than is waited: the run is interrupted, and resumes later."""
    worker = scene.start(chunk_rows=100, patience_seconds=1.0)
    worker.until_copying(100)
    server = scene.target_server
    server.kill()
    result = worker.wait()
    server.start()
    assert result["status"] == "interrupted", result
    assert result["error"]["next"], result
    scene.finish()


@scenario(POSTGRES)
def snapshot_holder_ended(scene: Scene) -> None:
    """The session that holds the snapshot is ended: what is not finished goes on under a new one, and the summary says so."""
    worker = scene.start(chunk_rows=50, lanes=2)
    worker.until_copying(100)
    scene.source_server.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dms source'"
    )
    result = worker.wait()
    scene.expect_done(result)
    assert any("snapshot" in note for note in result["notes"]), result["notes"]


def stop_a_session(server: Any, name: str) -> int | None:
    """SIGSTOP to a session's process that is at work; its number."""
    for _ in range(100):
        pids = server.backends(f"application_name = '{name}' and state <> 'idle'")
        if pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pids[0], signal.SIGSTOP)
                return int(pids[0])
        time.sleep(0.02)
    return None


@scenario(POSTGRES, root=True)
def source_session_hung(scene: Scene) -> None:
    """A source session's process is stopped: the watchdog ends the session within the stall limit, a new one goes on."""
    worker = scene.start(chunk_rows=50, lanes=2, stall_seconds=2.0)
    worker.until_copying(50)
    pid = stop_a_session(scene.source_server, "dms lane")
    try:
        scene.expect_done(worker.wait())
    finally:
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@scenario(POSTGRES, root=True)
def target_session_hung_while_another_starts(scene: Scene) -> None:
    """The target session's process is stopped with a transaction open; its worker is killed, another begins, SIGCONT."""
    worker = scene.start(chunk_rows=100)
    worker.until_copying(200)
    pid = stop_a_session(scene.target_server, "dms target")
    scene.kills += worker.kill()
    second = scene.start(chunk_rows=100)
    time.sleep(2.0)
    if pid is not None:
        os.kill(pid, signal.SIGCONT)
    result = second.wait()
    if (result.get("error") or {}).get("code") == "run-locked":
        scene.finish()
    else:
        scene.expect_done(result)


@scenario(FROM_POSTGRES)
def table_locked(scene: Scene) -> None:
    """Another session locks the target table: it is said who, and it goes on when the lock is released."""
    worker = scene.start(chunk_rows=50)
    worker.until_copying(200)
    if scene.target_product == "postgres":
        with psycopg.connect(scene.target, application_name="somebody else") as other:
            other.execute("lock table numbers, words, pairs in access exclusive mode")
            other.execute("select 'a secret of theirs'")
            said = worker.until(lambda line: "waits for a lock" in line.get("said", ""), 60)
            if said is not None:
                assert str(other.info.backend_pid) in said["said"]
                assert "somebody else" in said["said"]
                assert "a secret of theirs" not in said["said"]
    else:
        with contextlib.closing(scene.target_server.connect(scene.name(scene.target))) as other:
            other.cursor().execute("lock tables numbers write, words write, pairs write")
            time.sleep(scene.scaled(60))
            other.cursor().execute("unlock tables")
    scene.expect_done(worker.wait())


@scenario(SERVERS)
def deadlocks_with_an_application(scene: Scene) -> None:
    """An application on the target touches the same rows in another order: deadlocks, and both get on."""
    over = threading.Event()
    worker = scene.start(chunk_rows=50)
    worker.until_copying(50)
    application = threading.Thread(target=quarrel, args=(scene, over), daemon=True)
    application.start()
    try:
        result = worker.wait()
    finally:
        over.set()
        application.join(20)
    scene.expect_done(result)


def quarrel(scene: Scene, over: threading.Event) -> None:
    """Lock a row of the ledger's checkpoints, then the table, again and again."""
    postgres = scene.target_product == "postgres"
    place = "dms_ledger.checkpoints" if postgres else "dms_ledger_checkpoints"
    while not over.is_set():
        with (
            contextlib.suppress(Exception),
            contextlib.closing(
                psycopg.connect(scene.target) if postgres else scene.target_server.connect(scene.name(scene.target))
            ) as other,
        ):
            cursor = other.cursor()
            if not postgres:
                cursor.execute("start transaction")
            cursor.execute(f"select * from {place} where done = 0 for update")
            time.sleep(0.02)
            cursor.execute(
                "lock table numbers, words in exclusive mode" if postgres else "select * from numbers for update"
            )
            other.rollback()
        time.sleep(0.05)


@scenario(POSTGRES)
def connections_used_up(scene: Scene) -> None:
    """An application has taken almost all connections of the target: fewer lanes are used, and it ends well."""
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(contextlib.closing(psycopg.connect(scene.target))) for _ in range(48)]
        assert held
        result = scene.start(lanes=8).wait()
    scene.expect_done(result)


@scenario(SERVERS, rows=20_000)
def time_limits_of_the_role(scene: Scene) -> None:
    """The role has short limits for statements, locks and idle transactions: they do not hold for a run."""
    with contextlib.ExitStack() as stack:
        for server in (scene.source_server, scene.target_server):
            stack.enter_context(short_limits(server))
        result = scene.start(chunk_rows=20_000).wait()
    scene.expect_done(result)


@contextlib.contextmanager
def short_limits(server: Any) -> Iterator[None]:
    """Meanwhile the role's new sessions have limits that no run could work with."""
    if server.product == "mariadb":
        import pymysql

        server.execute(f"alter user {ROLE}@'%' with max_statement_time {MARIADB_SECONDS}")
        try:
            with pytest.raises(pymysql.err.OperationalError, match="max_statement_time"):
                server.execute("select count(*) from seq_1_to_100000000 where seq % 3 = 1", "mysql")
            yield
        finally:
            server.execute(f"alter user {ROLE}@'%' with max_statement_time 0")
        return
    for name, value in (
        ("statement_timeout", "1ms"),
        ("idle_in_transaction_session_timeout", "1ms"),
        ("synchronous_commit", "off"),
    ):
        server.execute(f"alter role {ROLE} set {name} = '{value}'", "postgres")
    try:
        yield
    finally:
        unlimited = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
        with server.connect(options=unlimited) as connection:
            connection.execute(f"alter role {ROLE} reset all")


MARIADB_SECONDS = 0.05
"""Less than reading or writing the larger tables takes, more than logging in does."""
ROLE = "dms"


@scenario((("sqlite", "postgres"),))
def file_locked_by_a_writer(scene: Scene) -> None:
    """Another program holds the SQLite file for itself: it is waited for, and all of the file is read."""
    path = scene.source.partition("///")[2]
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin exclusive")
        worker = scene.start()
        time.sleep(scene.scaled(40))
        other.execute("rollback")
    scene.expect_done(worker.wait())


@scenario((("postgres", "sqlite"),))
def target_file_locked(scene: Scene) -> None:
    """Another program writes to the target file for longer than SQLite waits: it is said, and it goes on."""
    worker = scene.start(chunk_rows=50)
    worker.until_copying(50)
    with contextlib.closing(
        sqlite3.connect(scene.target.partition("///")[2], isolation_level=None, timeout=20)
    ) as other:
        other.execute("begin immediate")
        time.sleep(scene.dice.choice((1.0, 11.0)))
        other.execute("rollback")
    scene.expect_done(worker.wait())


@scenario(POSTGRES, root=True)
def target_disk_full(scene: Scene) -> None:
    """The target's disk is full for a while: it is waited for room, and nothing is lost."""
    folder = Path(scene.target_server.folder) / f"small-{time.monotonic_ns()}"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m,mode=0777", "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("no tmpfs can be mounted here")
    scene.stack.callback(lambda: subprocess.run(["umount", "-l", folder], check=False))
    place = folder / "space"
    place.mkdir()
    account = scene.target_server.account()
    if account:
        os.chown(place, account["user"], account["group"])
    name = f"small_{time.monotonic_ns()}"
    scene.target_server.execute(f"create tablespace {name} location '{place}'")
    scene.stack.callback(lambda: scene.target_server.execute(f"drop tablespace if exists {name}"))
    database = scene.name(scene.target)
    scene.target_server.execute(f"drop database {database}")
    scene.target_server.execute(f"create database {database} tablespace {name}")
    scene.stack.callback(lambda: scene.target_server.execute(f"drop database if exists {database} with (force)"))
    free = os.statvfs(folder)
    (folder / "filler").write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - 500_000)))
    worker = scene.start(chunk_rows=200)
    worker.until(lambda line: "no room left" in line.get("said", ""), 60)
    (folder / "filler").unlink()
    scene.expect_done(worker.wait())
