from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dms_workbench.engine.databases.duckdb import database, open_duckdb
from dms_workbench.engine.databases.duckdb.connect import path_of
from dms_workbench.engine.databases.duckdb.connection import spill_directory
from dms_workbench.engine.databases.errors import (
    DatabaseBusy,
    DatabaseError,
    FileMissing,
    FileNotADatabase,
    FileReadOnly,
    FileUnreadable,
    InvalidUrl,
    OptionNotAllowed,
    RunLocked,
    UnknownDatabase,
)

QUICK = {"busy_timeout_seconds": 0.2}
HOLD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.duckdb"
    connection = duckdb.connect(str(path))
    connection.execute("create table t (id integer primary key); insert into t values (1), (2)")
    connection.close()
    return path


@pytest.fixture
def held(shop: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", HOLD, str(shop)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"ready\n"
        yield holder
        holder.kill()


def test_a_url_names_a_path_and_nothing_else() -> None:
    assert path_of("duckdb:////srv/a%20b%3F.duckdb") == "/srv/a b?.duckdb"
    with pytest.raises(OptionNotAllowed, match="threads"):
        path_of("duckdb:////srv/a.duckdb?threads=4")
    with pytest.raises(InvalidUrl):
        path_of("duckdb:///:memory:")
    with pytest.raises(UnknownDatabase):
        path_of("sqlite:////srv/a.db")


def test_each_fault_of_a_file_has_its_own_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty.duckdb").touch()
    (tmp_path / "junk.duckdb").write_bytes(b"this is no database" * 1_000)
    (tmp_path / "folder.duckdb").mkdir()
    for name, error in (
        ("missing.duckdb", FileMissing),
        ("empty.duckdb", FileNotADatabase),
        ("junk.duckdb", FileNotADatabase),
        ("folder.duckdb", FileNotADatabase),
    ):
        with pytest.raises(error, match=name):
            database.open_source(f"duckdb:///{tmp_path / name}", options=QUICK)
    with pytest.raises(FileMissing):
        database.open_target(f"duckdb:///{tmp_path}/missing.duckdb", create=False)
    with pytest.raises(FileMissing, match="nowhere"):
        database.open_target(f"duckdb:///{tmp_path}/nowhere/new.duckdb")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(FileUnreadable, match="permission denied"):
        database.open_source(f"duckdb:///{tmp_path}/junk.duckdb")


def test_a_file_that_may_not_be_written_is_no_target(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
    with pytest.raises(FileReadOnly, match="permission denied"):
        database.open_target(f"duckdb:///{shop}")


def test_a_file_that_another_process_has_is_waited_for_and_its_process_is_named(
    shop: Path, held: subprocess.Popen[bytes]
) -> None:
    with pytest.raises(DatabaseBusy, match=rf"process {held.pid} "):
        database.open_source(f"duckdb:///{shop}", options=QUICK)
    with pytest.raises(DatabaseBusy, match=rf"process {held.pid} "):
        database.open_target(f"duckdb:///{shop}", options=QUICK)
    held.kill()
    held.wait()
    database.open_source(f"duckdb:///{shop}").close()


def test_what_was_committed_before_a_kill_is_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "target.duckdb"
    code = (
        "import os, signal, sys\n"
        "from dms_workbench.engine.databases.duckdb import database\n"
        "target = database.open_target(sys.argv[1])\n"
        "with target.transaction():\n"
        "    target.execute('create table t (id integer primary key)')\n"
        "table = target.catalogue().table('t')\n"
        "with target.transaction():\n"
        "    target.write(table, table.columns, [[1, 2, 3]])\n"
        "with target.transaction():\n"
        "    target.write(table, table.columns, [[4]])\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert killed.returncode == -9
    assert (tmp_path / "target.duckdb.wal").exists()
    source = database.open_source(str(path))
    assert source.count(source.catalogue().table("t")) == 3
    source.close()
    target = database.open_target(str(path))
    assert target.count(target.catalogue().table("t")) == 3
    target.close()


def test_a_target_and_sources_of_the_same_file_share_one_instance(shop: Path) -> None:
    target = database.open_target(f"duckdb:///{shop}")
    source = database.open_source(f"duckdb:///{shop}")
    assert source.identity == target.identity == f"duckdb:{os.path.realpath(shop)}"
    table = source.catalogue().table("t")
    with target.transaction():
        target.execute("delete from t")
    assert (source.count(table), target.count(table)) == (2, 0)
    target.close()
    assert source.count(table) == 2
    source.close()
    source.close()
    connection = duckdb.connect(str(shop))
    assert connection.execute("select count(*) from t").fetchall() == [(0,)]
    connection.close()


def test_a_file_that_is_only_read_becomes_a_target_if_that_was_said(shop: Path) -> None:
    reader = database.open_source(f"duckdb:///{shop}")
    with pytest.raises(DatabaseBusy, match="this process reads it"):
        database.open_target(f"duckdb:///{shop}", options=QUICK)
    reader.close()
    reader = database.open_source(f"duckdb:///{shop}", options={"writable": True})
    database.open_target(f"duckdb:///{shop}").close()
    reader.close()


def test_a_lock_is_held_until_its_holder_is_closed(shop: Path) -> None:
    first, second = (database.open_target(f"duckdb:///{shop}") for _ in range(2))
    first.lock("run", timeout_seconds=0.1)
    first.lock("run", timeout_seconds=0.1)
    with pytest.raises(RunLocked, match="run"):
        second.lock("run", timeout_seconds=0.1)
    second.lock("another", timeout_seconds=0.1)
    first.close()
    second.lock("run", timeout_seconds=0.1)
    second.close()
    with pytest.raises(DatabaseError, match="closed"):
        second.query("select 1")


def test_sql_reaches_no_file_no_network_no_extension_no_setting_and_no_variable(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    outside = [1]  # a name that SQL must not see
    connection = open_duckdb()
    for statement in (
        f"select * from read_csv('{secret}')",
        f"select * from read_text('{secret}')",
        f"select * from glob('{tmp_path}/*')",
        f"select * from '{secret}'",
        f"select * from sniff_csv('{secret}')",
        f"attach '{tmp_path}/other.duckdb'",
        f"copy (select 1) to '{tmp_path}/out.csv'",
        f"export database '{tmp_path}/out'",
        "select * from read_csv('http://127.0.0.1:1/x.csv')",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set threads = 1",
        "set memory_limit = '10GB'",
        "reset lock_configuration",
        "set TimeZone = 'Europe/Berlin'",
        "create secret (type s3)",
        "select * from outside",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(statement).fetchall()
    assert outside == [1]
    assert os.listdir(tmp_path) == ["secret.csv"]
    connection.close()


def test_only_the_spool_directory_is_open_and_no_way_leads_out_of_it(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    (spool / "a.csv").write_text("a\n1\n")
    (tmp_path / "secret.csv").write_text("a\n2\n")
    (spool / "link.csv").symlink_to(tmp_path / "secret.csv")
    connection = open_duckdb(spool_directory=str(spool))
    assert connection.execute(f"select * from read_csv('{spool}/a.csv')").fetchall() == [(1,)]
    for path in (f"{spool}/../secret.csv", f"{tmp_path}/secret.csv", f"{spool}/link.csv"):
        with pytest.raises(duckdb.Error):
            connection.execute(f"select * from read_csv('{path}')").fetchall()
    connection.close()


def test_times_are_utc_in_every_cursor_and_what_spills_is_private() -> None:
    connection = open_duckdb()
    with connection.cursor() as cursor:
        assert cursor.execute("select current_setting('TimeZone')").fetchall() == [("UTC",)]
        assert cursor.execute("select current_setting('temp_directory')").fetchall() == [(spill_directory(),)]
    assert stat.S_IMODE(os.stat(spill_directory()).st_mode) == 0o700
    connection.close()


def test_errors_of_duckdb_come_without_values(shop: Path) -> None:
    source = database.open_source(f"duckdb:///{shop}")
    with pytest.raises(DatabaseError) as caught:
        list(source.stream("select cast('canary-7' as integer)"))
    assert "canary" not in f"{caught.value!r} {caught.value.__cause__!r}"
    with pytest.raises(DatabaseError) as caught:
        list(source.stream("select cast(x as integer) from (values ('canary-7')) as v (x)"))
    assert "canary" not in f"{caught.value!r} {caught.value.__cause__!r}"
    source.close()
    target = database.open_target(f"duckdb:///{shop}")
    target.execute("create table c (a varchar primary key)")
    target.execute("insert into c values ('canary-7')")
    with pytest.raises(DatabaseError) as caught:
        target.execute("insert into c values ('canary-7')")
    assert "canary" not in f"{caught.value!r} {caught.value.__cause__!r}"
    target.close()


def test_a_source_cannot_write_the_file_even_where_this_process_can(shop: Path) -> None:
    target = database.open_target(f"duckdb:///{shop}")
    source = database.open_source(f"duckdb:///{shop}")
    for statement in ("insert into t values (3)", "create table u (a int)", "drop table t"):
        with pytest.raises(DatabaseError):
            list(source.stream(statement))
    assert source.count(source.catalogue().table("t")) == 2
    source.close()
    target.close()
