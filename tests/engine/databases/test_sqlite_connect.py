from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

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
from dms_workbench.engine.databases.sqlite import database
from dms_workbench.engine.databases.sqlite.connect import path_of

QUICK = {"busy_timeout_seconds": 0.2}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        "create table t (id integer primary key, a text); insert into t values (1, 'x'), (2, 'y');"
    )
    connection.close()
    return path


def test_a_url_names_a_path_and_nothing_else() -> None:
    assert path_of("sqlite:////srv/a%20b%3F.db") == "/srv/a b?.db"
    assert path_of("sqlite:///shop.db") == os.path.abspath("shop.db")
    with pytest.raises(OptionNotAllowed, match="vfs"):
        path_of("sqlite:////srv/a.db?vfs=unix-none")
    for url in ("sqlite:///:memory:", "sqlite:///file:a.db?mode=rw", "sqlite:///file:a.db", "sqlite://"):
        with pytest.raises((InvalidUrl, OptionNotAllowed)):
            path_of(url)
    with pytest.raises(UnknownDatabase):
        path_of("duckdb:////srv/a.duckdb")


def test_a_path_with_every_special_character_is_only_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a b?mode=memory#x%41&é.db"
    target = database.open_target(str(path))
    target.execute("create table t (a int)")
    target.close()
    assert path.exists()
    source = database.open_source(str(path))
    assert [table.name.name for table in source.catalogue().tables] == ["t"]
    source.close()


def test_the_identity_is_the_path_with_links_resolved(shop: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(shop)
    source = database.open_source(f"sqlite:///{link}")
    assert source.identity == f"sqlite:{os.path.realpath(shop)}"
    source.close()


def test_each_fault_of_a_file_has_its_own_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty.db").touch()
    (tmp_path / "junk.db").write_bytes(b"this is no database, though it is long enough to be one" * 100)
    (tmp_path / "folder.db").mkdir()
    for name, error in (
        ("missing.db", FileMissing),
        ("empty.db", FileNotADatabase),
        ("junk.db", FileNotADatabase),
        ("folder.db", FileNotADatabase),
    ):
        with pytest.raises(error, match=name):
            database.open_source(f"sqlite:///{tmp_path / name}")
    with pytest.raises(FileMissing):
        database.open_target(f"sqlite:///{tmp_path}/missing.db", create=False)
    with pytest.raises(FileMissing, match="nowhere"):
        database.open_target(f"sqlite:///{tmp_path}/nowhere/new.db")
    with pytest.raises(FileNotADatabase):
        database.open_target(f"sqlite:///{tmp_path}/junk.db")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(FileUnreadable, match="permission denied"):
        database.open_source(f"sqlite:///{tmp_path}/junk.db")


def test_a_file_that_may_not_be_written_is_no_target(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
    with pytest.raises(FileReadOnly, match="permission denied"):
        database.open_target(f"sqlite:///{shop}")


def test_a_source_cannot_be_written_nor_left(shop: Path, tmp_path: Path) -> None:
    source = database.open_source(f"sqlite:///{shop}")
    for statement in (
        "insert into t values (3, 'z')",
        "delete from t",
        f"attach '{tmp_path / 'other.db'}' as other",
        "pragma writable_schema = on",
        "pragma query_only = off",
        "select load_extension('x')",
        "create temp table x (a int)",
        f"vacuum into '{tmp_path / 'copy.db'}'",
    ):
        with pytest.raises(DatabaseError):
            list(source.stream(statement))
    source.close()


def test_a_target_cannot_reach_other_files(tmp_path: Path) -> None:
    target = database.open_target(f"sqlite:///{tmp_path / 'new.db'}")
    for statement in (
        f"attach '{tmp_path / 'other.db'}' as other",
        f"vacuum into '{tmp_path / 'copy.db'}'",
        "select load_extension('x')",
        "pragma writable_schema = on",
    ):
        with pytest.raises(DatabaseError):
            target.execute(statement)
    target.close()
    assert os.listdir(tmp_path) == ["new.db"]


def test_a_source_that_someone_writes_exclusively_is_waited_for_and_then_reported(shop: Path) -> None:
    writer = sqlite3.connect(shop, isolation_level=None)
    writer.execute("begin exclusive")
    started = time.monotonic()
    with pytest.raises(DatabaseBusy, match="locked"):
        database.open_source(f"sqlite:///{shop}", options=QUICK)
    assert 0.15 < time.monotonic() - started < 5
    writer.execute("commit")
    database.open_source(f"sqlite:///{shop}", options=QUICK).close()
    writer.close()


def test_a_target_that_someone_else_writes_is_busy_and_locked(shop: Path) -> None:
    target = database.open_target(f"sqlite:///{shop}", options=QUICK)
    writer = sqlite3.connect(shop, isolation_level=None)
    writer.execute("begin immediate")
    with pytest.raises(DatabaseBusy), target.transaction():
        pass
    with pytest.raises(RunLocked, match="run-1"):
        target.lock("run-1", timeout_seconds=0.2)
    writer.execute("rollback")
    target.lock("run-1", timeout_seconds=0.2)
    writer.close()
    target.close()


def test_a_source_in_wal_mode_is_read_with_what_stands_in_the_log(shop: Path) -> None:
    writer = sqlite3.connect(shop, isolation_level=None)
    writer.execute("pragma journal_mode = wal")
    writer.execute("insert into t values (3, 'in the log')")
    source = database.open_source(f"sqlite:///{shop}")
    table = source.catalogue().table("t")
    assert source.count(table) == 3
    writer.execute("insert into t values (4, 'after the snapshot')")
    assert source.count(table) == 3
    source.close()
    writer.close()


def test_the_name_of_the_snapshot_changes_with_the_file(shop: Path) -> None:
    first = database.open_source(f"sqlite:///{shop}")
    same = database.open_source(f"sqlite:///{shop}")
    assert first.snapshot == same.snapshot != ""
    first.close()
    same.close()
    writer = sqlite3.connect(shop)
    writer.execute("insert into t values (3, 'z')")
    writer.commit()
    writer.close()
    later = database.open_source(f"sqlite:///{shop}")
    assert later.snapshot != first.snapshot
    later.close()


def test_an_interrupted_write_is_refused_by_a_reader_and_rolled_back_by_one_that_may_write(shop: Path) -> None:
    code = (
        "import os, sqlite3, sys\n"
        f"c = sqlite3.connect({str(shop)!r}, isolation_level=None)\n"
        "c.execute('pragma cache_size = 1')\n"
        "c.execute('begin immediate')\n"
        "c.executemany('insert into t values (?, ?)', [(n, 'x' * 1000) for n in range(10, 2000)])\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stdin=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        writer.send_signal(signal.SIGKILL)
    with pytest.raises(FileUnreadable, match="journal"):
        database.open_source(f"sqlite:///{shop}")
    source = database.open_source(f"sqlite:///{shop}", options={"writable": True})
    assert source.count(source.catalogue().table("t")) == 2
    source.close()


def test_closed_ends_say_so_and_close_twice(shop: Path) -> None:
    source = database.open_source(f"sqlite:///{shop}")
    lane = source.lane()
    source.close()
    source.close()
    with pytest.raises(DatabaseError, match="closed"):
        source.catalogue()
    assert lane.catalogue().tables
    lane.close()
    target = database.open_target(f"sqlite:///{shop}")
    target.close()
    target.close()
    with pytest.raises(DatabaseError):
        target.query("select 1")
