"""Faults of a standby server: what it ends to keep up with its primary, and what it does not take."""

from __future__ import annotations

import threading
import time

from tests import servers
from tests.faults.registry import FROM_POSTGRES, POSTGRES, scenario
from tests.faults.scene import SCHEMA, Scene
from tests.faults.servers import Postgres
from tests.faults.sessions import own_server
from tests.faults.tables import expect_message
from tests.standby import standby_of

NOT_KEEPING = (
    "alter system set max_standby_streaming_delay = 0",
    "alter system set hot_standby_feedback = off",
    "select pg_reload_conf()",
)
CONFLICT = "conflict with recovery"
AGAIN_AND_AGAIN = 4


@scenario(FROM_POSTGRES)
def standby_that_ends_queries(scene: Scene) -> None:
    """The source is a standby that ends sessions for its primary's sake, several times: it goes on by itself and says so."""
    primary = own_server(scene, {"autovacuum": "off"})
    url = primary.create_database()
    name = scene.name(url)
    primary.execute(SCHEMA["postgres"].replace("{rows}", str(scene.rows)), name)
    standby = scene.stack.enter_context(standby_of(as_known(primary)))
    for statement in NOT_KEEPING:
        standby.execute(statement)
    caught_up(primary, standby)
    scene.source = url.replace(f":{primary.port}/", f":{standby.port}/")
    worker = scene.start(chunk_rows=50, lanes=scene.dice.choice((1, 2)))
    worker.until_copying(50)
    over = threading.Event()
    writer = threading.Thread(target=conflict, args=(scene, primary, name, over), daemon=True)
    writer.start()
    try:
        result = worker.wait()
    finally:
        over.set()
        writer.join(20)
    log = (standby.folder / "log").read_text(errors="replace")
    scene.facts |= {"ended": log.count(CONFLICT), "notes": result.get("notes"), "status": result.get("status")}
    assert log.count(CONFLICT), "the standby has ended nothing"
    caught_up(primary, standby)
    scene.expect_done(result)
    assert any("snapshot" in note for note in result["notes"]), result["notes"]


@scenario(POSTGRES)
def standby_as_target(scene: Scene) -> None:
    """The target is a standby, which takes no writes: refused before anything is done, and what to do is said."""
    primary = own_server(scene, {})
    url = primary.create_database()
    standby = scene.stack.enter_context(standby_of(as_known(primary)))
    caught_up(primary, standby)
    result = scene.start(target=url.replace(f":{primary.port}/", f":{standby.port}/")).wait()
    expect_message(result, "standby")
    assert (
        primary.execute("select 1 from pg_tables where schemaname in ('public', 'dms_ledger')", scene.name(url)) == []
    )


def as_known(server: Postgres) -> servers.PostgresServer:
    """A server of the faults as the helpers of other tests know servers."""
    return servers.PostgresServer(server.port, server.password, 0, server.folder, 0)


def caught_up(primary: Postgres, standby: servers.PostgresServer) -> None:
    """Wait until a standby shows all that its primary has committed."""
    place = primary.execute("select pg_current_wal_lsn()::text")[0][0]
    end = time.monotonic() + 30
    while not standby.execute(f"select pg_last_wal_replay_lsn() >= '{place}'::pg_lsn")[0][0]:
        assert time.monotonic() < end, "the standby does not follow"
        time.sleep(0.05)


def conflict(scene: Scene, primary: Postgres, name: str, over: threading.Event) -> None:
    """Remove row versions that the standby's snapshots need, now and again; values stay as they are."""
    for _ in range(AGAIN_AND_AGAIN):
        primary.execute("update loose set n = n; update numbers set name = name", name)
        primary.execute("vacuum loose", name)
        primary.execute("vacuum numbers", name)
        if over.wait(scene.dice.uniform(0.3, 1.0)):
            return
