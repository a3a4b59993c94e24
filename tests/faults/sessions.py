"""Faults between transactions: serialization failures, pooled sessions, old snapshots, a full disk of the log, a standby."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import servers
from tests.faults.registry import FROM_POSTGRES, POSTGRES, Pair, scenario
from tests.faults.scene import SCHEMA, Scene
from tests.faults.servers import PASSWORD, Postgres
from tests.faults.servers import server as server_of
from tests.faults.tables import expect_message

TO_POSTGRES: tuple[Pair, ...] = (("postgres", "postgres"), ("mariadb", "postgres"))


@scenario(TO_POSTGRES)
def transactions_that_conflict(scene: Scene) -> None:
    """The target's role is serializable and an application reads and writes what the run does: 40001, and both get on."""
    scene.target_server.execute("alter role dms set default_transaction_isolation = 'serializable'")
    over, counts = threading.Event(), {"committed": 0, "failed": 0}
    try:
        worker = scene.start(chunk_rows=150, lanes=scene.dice.choice((1, 2)))
        worker.until_copying(20)
        application = threading.Thread(target=overlap, args=(scene, over, counts), daemon=True)
        application.start()
        try:
            result = worker.wait(240)
        finally:
            over.set()
            application.join(20)
    finally:
        scene.target_server.execute("alter role dms reset default_transaction_isolation")
    went_on = [note for note in result.get("notes", ()) if "serialization" in note]
    scene.facts |= {"application": counts, "went_on": went_on}
    scene.expect_done(result)
    assert went_on, (counts, result.get("notes"))


def overlap(scene: Scene, over: threading.Event, counts: dict[str, int]) -> None:
    """Touch the run's checkpoints in serializable transactions: whoever comes second gets 40001."""
    while not over.is_set():
        with contextlib.suppress(psycopg.errors.UndefinedTable), psycopg.connect(scene.target) as other:
            try:
                other.execute("update dms_ledger.checkpoints set lane_no = lane_no")
                time.sleep(scene.dice.uniform(0, 0.02))
                other.commit()
                counts["committed"] += 1
            except psycopg.errors.SerializationFailure:
                counts["failed"] += 1
        time.sleep(scene.dice.uniform(0, 0.1))


@scenario(TO_POSTGRES)
def commits_refused_at_random(scene: Scene) -> None:
    """Half of the target's commits end with 40001, as from an extension: each is tried again until it holds."""
    share = scene.dice.choice((30, 50))
    worker = scene.start(chunk_rows=200, environment={"DMS_FAIL_STOP": "chunk.committed:2"})
    worker.until_copying(100)
    time.sleep(0.5)
    scene.in_target(REFUSING.replace("{share}", str(share)))
    worker.signal(signal.SIGCONT)
    result = worker.wait(240)
    refused = scene.in_target("select last_value from public.refused")[0][0]
    scene.facts["refused"] = refused
    scene.in_target("drop sequence public.refused; drop function public.refuse() cascade")
    scene.expect_done(result)
    assert refused > 3, refused


REFUSING = """
create sequence public.refused;
create function public.refuse() returns trigger language plpgsql as $$
begin
  if current_setting('fault.asked', true) is not distinct from txid_current()::text then
    return null;  -- once a transaction: that of a table without a key has many chunks
  end if;
  perform set_config('fault.asked', txid_current()::text, true);
  if random() * 100 < {share} then
    perform nextval('public.refused');
    raise exception 'could not serialize access' using errcode = '40001';
  end if;
  return null;
end $$;
create constraint trigger refuse after update on dms_ledger.checkpoints
  deferrable initially deferred for each row execute function public.refuse();
"""


@contextmanager
def pooler(scene: Scene, server: Postgres, database: str, mode: str) -> Iterator[str]:
    """A pgbouncer before a database, in a pool mode; the URL that leads through it."""
    binary = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if binary is None:
        pytest.skip("no pgbouncer here; install pgbouncer")
    folder = server.folder / f"pool-{time.monotonic_ns()}"
    folder.mkdir(mode=0o755)
    port = servers.free_port()
    (folder / "users").write_text(f'"{servers.SUPERUSER}" "{PASSWORD}"\n')
    (folder / "ini").write_text(
        f"[databases]\n{database} = host=127.0.0.1 port={server.port} dbname={database} user={servers.SUPERUSER}"
        f" password={PASSWORD}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = scram-sha-256\n"
        f"auth_file = {folder}/users\npool_mode = {mode}\nunix_socket_dir =\ndefault_pool_size = 20\n"
        "ignore_startup_parameters = extra_float_digits,options\n"
    )
    account = server.account()
    for file in ("users", "ini"):
        (folder / file).chmod(0o644)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([binary, folder / "ini"], stdout=log, stderr=log, cwd="/", **account)
    url = f"postgresql://{servers.SUPERUSER}:{PASSWORD}@127.0.0.1:{port}/{database}"
    try:
        for _ in range(100):
            with contextlib.suppress(psycopg.Error), psycopg.connect(url, connect_timeout=2, sslmode="disable"):
                break
            time.sleep(0.05)
        else:
            raise RuntimeError((folder / "log").read_text()[-1000:])
        yield url
    finally:
        process.terminate()
        process.wait(20)


@scenario(FROM_POSTGRES)
def source_behind_a_pooler(scene: Scene) -> None:
    """A pooler that lends sessions for a transaction stands before the source: refused before anything is written."""
    with pooler(scene, scene.source_server, scene.name(scene.source), "transaction") as url:
        expect_refused(scene, scene.start(source=url, lanes=2).wait(), url)


@scenario(TO_POSTGRES)
def target_behind_a_pooler(scene: Scene) -> None:
    """A pooler that lends sessions for a transaction stands before the target: refused before anything is written."""
    with pooler(scene, scene.target_server, scene.name(scene.target), "transaction") as url:
        expect_refused(scene, scene.start(target=url, lanes=2).wait(), url)
    scene.finish()


def expect_refused(scene: Scene, result: dict[str, Any], url: str) -> None:
    """The pooler is named, the target is as it was, and so are the pool's sessions, which others use."""
    expect_message(result, "pool")
    assert (result.get("error") or {}).get("code") == "transaction-pooling", result.get("error")
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as other:
        assert other.execute("show search_path").fetchone() == ('"$user", public',)
    if scene.target_product == "postgres":
        assert scene.in_target("select 1 from pg_tables where schemaname in ('public', 'dms_ledger')") == []
    else:
        assert scene.in_target("show tables") == []


@scenario(POSTGRES)
def sessions_of_a_pooler(scene: Scene) -> None:
    """A pooler that keeps sessions apart stands before both sides: a session is a session, and all goes well."""
    with (
        pooler(scene, scene.source_server, scene.name(scene.source), "session") as source,
        pooler(scene, scene.target_server, scene.name(scene.target), "session") as target,
    ):
        scene.expect_done(scene.start(source=source, target=target, lanes=2).wait())


@scenario((*FROM_POSTGRES, ("mariadb", "postgres")))
def snapshot_held_for_its_limit(scene: Scene) -> None:
    """The limit of the longest transaction is reached: it is said, the snapshot is let go, and the same command goes on."""
    worker = scene.start(chunk_rows=50, budget={"transaction_seconds": 0.4, "rows_per_second": 1500})
    result = worker.wait()
    assert result["status"] == "paused", result.get("status")
    assert "snapshot has been held for 0.4 s" in worker.said(), worker.said()
    if scene.source_product == "postgres":
        held = "select 1 from pg_stat_activity where application_name like 'dms %' and backend_xmin is not null"
        assert scene.in_source(held) == []
    else:
        held = "select 1 from information_schema.innodb_trx where trx_state = 'RUNNING'"
        assert not scene.in_source(held)
    scene.finish()


@scenario(FROM_POSTGRES)
def snapshot_too_old(scene: Scene) -> None:
    """The source allows no old snapshots and its rows change meanwhile: what it no longer shows is never taken for no rows."""
    server = own_server(scene, {"old_snapshot_threshold": "0", "autovacuum": "off"})
    scene.source = server.create_database()
    name = scene.name(scene.source)
    server.execute(SCHEMA["postgres"].replace("{rows}", str(scene.rows)), name)
    worker = scene.start(chunk_rows=50, environment={"DMS_FAIL_STOP": "chunk.committed:2"})
    worker.until_copying(50)
    time.sleep(TOO_OLD_SECONDS)
    for _ in range(3):
        for table in ("numbers", "words", "loose"):
            server.execute(f"update {table} set {COLUMN[table]} = {COLUMN[table]}", name)
            server.execute(f"vacuum {table}", name)
    worker.signal(signal.SIGCONT)
    result = worker.wait()
    log = (server.folder / "log").read_text(errors="replace")
    scene.facts |= {
        "too_old": log.count("snapshot too old"),
        "status": result.get("status"),
        "notes": result.get("notes"),
    }
    scene.expect_done(result)


TOO_OLD_SECONDS = 7.0
"""A server whose threshold is 0 still keeps five seconds."""
COLUMN = {"numbers": "name", "words": "number", "loose": "word"}


@scenario(TO_POSTGRES, root=True)
def target_log_disk_full(scene: Scene) -> None:
    """The disk of the target's write-ahead log is full, the server stops itself: the run waits, and goes on when there is room."""
    server = own_server(scene, {"max_wal_size": "64MB", "min_wal_size": "32MB"})
    small = small_log(scene, server)
    scene.target = server.create_database()
    worker = scene.start(chunk_rows=50, patience_seconds=120)
    worker.until_copying(50)
    free = os.statvfs(small)
    filler = small / "filler"
    filler.write_bytes(bytes(free.f_bavail * free.f_frsize))
    flood(server)
    assert server.process is not None
    server.process.wait(60)
    log = (server.folder / "log").read_text(errors="replace")
    assert "PANIC" in log, log[-500:]
    said = worker.until(lambda line: "waiting for the target" in line.get("said", ""), 60)
    scene.facts["was_waiting"] = said is not None
    filler.unlink()
    server.start()
    server.execute("drop table if exists public.flood")
    scene.expect_done(worker.wait())


def small_log(scene: Scene, server: Postgres) -> Path:
    """Move a server's write-ahead log to a small disk of its own; the folder."""
    server.stop()
    small = server.folder / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=192m", "tmpfs", small], check=False).returncode:
        pytest.skip("no tmpfs can be mounted here")
    scene.stack.callback(lambda: subprocess.run(["umount", "-l", small], check=False))
    scene.stack.callback(server.kill)
    log, place = server.folder / "data" / "pg_wal", small / "pg_wal"
    shutil.copytree(log, place)
    shutil.rmtree(log)
    log.symlink_to(place)
    account = server.account()
    if account:
        for path in (log, place, *place.rglob("*")):
            os.chown(path, account["user"], account["group"], follow_symlinks=False)
    server.start()
    return small


def flood(server: Postgres) -> None:
    """Write until the disk of the log is full."""
    server.execute("create table public.flood (t text)")
    for _ in range(100):
        try:
            server.execute("insert into public.flood select repeat(md5(i::text), 50) from generate_series(1, 5000) i")
        except psycopg.Error:
            return
    raise AssertionError("the log's disk did not become full")


def own_server(scene: Scene, settings: dict[str, str]) -> Postgres:
    """A PostgreSQL server of this play's own."""
    found = scene.stack.enter_context(server_of("postgres", settings))
    assert isinstance(found, Postgres)
    return found
