"""Faults that people and programs cause in mid-run: tables altered, emptied, written to; rows that cannot be held."""

from __future__ import annotations

import signal
import time

import psycopg

from tests.faults.registry import FROM_POSTGRES, POSTGRES, SERVERS, scenario
from tests.faults.scene import Scene


@scenario(FROM_POSTGRES)
def target_table_altered(scene: Scene) -> None:
    """A column is added to the target table in mid-run: the run stops within a chunk and names it; then it goes on."""
    worker = scene.start(environment={"DMS_FAIL_STOP": "chunk.committed:3"}, chunk_rows=100)
    worker.until_copying(200)
    time.sleep(0.3)
    scene.in_target("alter table numbers add column surprise int")
    worker.signal(signal.SIGCONT)
    result = worker.wait()
    assert (result.get("error") or {}).get("code") == "target-changed", result.get("error")
    assert "surprise" in result["error"]["message"]
    scene.in_target("alter table numbers drop column surprise")
    scene.finish()


@scenario(POSTGRES)
def target_table_made_anew(scene: Scene) -> None:
    """The target table is dropped and made anew in mid-run: the run stops; it never says that all is well."""
    worker = scene.start(environment={"DMS_FAIL_STOP": "chunk.committed:3"}, chunk_rows=100)
    worker.until_copying(200)
    time.sleep(0.3)
    scene.in_target(
        "create table other (like numbers including all); drop table numbers cascade; alter table other rename to numbers"
    )
    worker.signal(signal.SIGCONT)
    result = worker.wait()
    assert (result.get("error") or {}).get("code") == "target-changed", result.get("error")
    assert "another table" in result["error"]["message"]
    again = scene.start().wait()
    assert again.get("status") != "succeeded", again.get("status")


@scenario(POSTGRES)
def source_emptied_behind_the_snapshot(scene: Scene) -> None:
    """A source table is emptied after the snapshot was taken and before it is read: the run never takes it for an empty one."""
    worker = scene.start(environment={"DMS_FAIL_STOP": "source.snapshot-taken"})
    worker.until(lambda line: line.get("at") == "connect")
    time.sleep(1.5)
    scene.in_source("truncate loose")
    worker.signal(signal.SIGCONT)
    result = worker.wait()
    scene.expect_done(result)
    assert any("emptied or rewritten" in note for note in result["notes"]), result["notes"]


@scenario(POSTGRES)
def source_altered_behind_the_snapshot(scene: Scene) -> None:
    """A source column gets another type after the snapshot was taken: the run stops and names the column."""
    worker = scene.start(environment={"DMS_FAIL_STOP": "source.snapshot-taken"})
    worker.until(lambda line: line.get("at") == "connect")
    time.sleep(1.5)
    scene.in_source("alter table words alter number type text")
    worker.signal(signal.SIGCONT)
    result = worker.wait()
    assert (result.get("error") or {}).get("code") == "source-changed", result
    assert "number" in result["error"]["message"]
    scene.finish()


@scenario(POSTGRES)
def source_waits_for_the_snapshot(scene: Scene) -> None:
    """An application that wants to alter a table that is being read waits; what it does later is not in the copy."""
    worker = scene.start(environment={"DMS_FAIL_STOP": "chunk.committed:2"}, chunk_rows=100)
    worker.until_copying(100)
    time.sleep(0.3)
    with psycopg.connect(scene.source, autocommit=True, options="-c lock_timeout=500") as other:
        try:
            other.execute("alter table numbers add column later int")
            raise AssertionError("the table could be altered while it was read")
        except psycopg.errors.LockNotAvailable:
            pass
        other.execute("update words set number = number + 1")
        other.execute("delete from loose")
        other.execute("insert into numbers (id, name) values (1, 'late')")
    worker.signal(signal.SIGCONT)
    result = worker.wait()
    assert result["status"] == "succeeded", result
    counts = scene.ask_oracle()
    assert counts["lost"] == 1
    assert counts["altered"] == scene.rows // 2


@scenario(SERVERS)
def somebody_writes_to_the_target(scene: Scene) -> None:
    """Rows of the target are changed and deleted in mid-run: the verification names them, nothing is overwritten."""
    worker = scene.start(environment={"DMS_FAIL_STOP": "chunk.committed:3"}, chunk_rows=100)
    worker.until_copying(200)
    time.sleep(0.3)
    first = scene.in_target("select min(id) from numbers")[0][0]
    scene.in_target(f"update numbers set name = 'theirs' where id = {first}")
    scene.in_target(f"delete from numbers where id = {first + 1000003}")
    worker.signal(signal.SIGCONT)
    result = worker.wait()
    assert result["status"] == "differences", result["status"]
    found = {finding["kind"] for table in result["tables"] for finding in table["findings"]}
    assert {"changed", "missing"} <= found, found
    counts = scene.ask_oracle()
    assert (counts["lost"], counts["altered"], counts["extra"]) == (1, 1, 0), counts


@scenario(POSTGRES, kills=True)
def numbers_go_on_after_a_kill(scene: Scene) -> None:
    """After a worker was killed among the indexes and counters, the next insert gets the next number."""
    point = scene.dice.choice(
        ("objects.before-index", "objects.before-sequence", "objects.before-foreign-key", "objects.finished")
    )
    worker = scene.start(environment={"DMS_FAIL_POINT": point})
    worker.process.wait(120)
    scene.kills += worker.process.returncode == -signal.SIGKILL
    scene.finish()
    made = scene.in_target("insert into children (number_id, text) select min(id), 'next' from numbers returning id")[
        0
    ][0]
    assert made == scene.rows // 2 + 1, made
    assert scene.in_target("select 1 from pg_indexes where indexname = 'children_text'")
    assert scene.in_target("select 1 from pg_constraint where contype = 'f' and convalidated")


@scenario(SERVERS)
def target_rows_before_the_run(scene: Scene) -> None:
    """A target table that holds rows is not written to unless that is said."""
    scene.in_target("create table loose (n int, word varchar(20))")
    scene.in_target("insert into loose values (1, 'theirs')")
    result = scene.start().wait()
    code = (result.get("error") or {}).get("code") or result.get("code")
    assert code in ("target-not-empty", "would-change-nothing") or result.get("status") in ("refused", None), result
    assert scene.in_target("select count(*) from loose")[0][0] == 1
