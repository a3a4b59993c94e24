"""Opening, upgrading and sharing the metadata store."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from dms_workbench import Workbench, connect
from dms_workbench.features.projects import ProjectNameTaken
from dms_workbench.kernel.store import (
    Store,
    StoreTooNew,
    StoreUnavailable,
    UnknownStore,
    newest_version,
    outbox,
    version,
)
from dms_workbench.workbench import SharedStoreRefused, open_store

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


def test_the_store_is_a_private_file_in_the_data_folder(clean_environment: Path) -> None:
    with Workbench() as workbench:
        assert workbench.projects.list().total == 0
    file = clean_environment / "workbench.sqlite"
    assert clean_environment.stat().st_mode & 0o777 == PRIVATE_FOLDER
    assert file.stat().st_mode & 0o777 == PRIVATE_FILE


def test_what_is_written_is_there_when_opened_again(clean_environment: Path) -> None:
    with Workbench() as workbench:
        made = workbench.projects.create("shop")
    with connect() as again:
        assert again.projects.get("shop") == made
        assert str(clean_environment) in repr(again)


def test_a_store_is_opened_by_address_and_by_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"sqlite:///{tmp_path / 'own' / 'store.sqlite'}"
    with Workbench(address) as workbench:
        workbench.projects.create("shop")
    monkeypatch.setenv("DMS_WORKBENCH_URI", address)
    with Workbench() as workbench:
        assert workbench.projects.list().total == 1


@pytest.mark.parametrize("address", ["oracle://host/db", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://h/d"])
def test_an_address_that_is_no_store_is_refused(address: str) -> None:
    with pytest.raises(UnknownStore):
        Workbench(address)


def test_a_password_in_a_refused_address_is_not_shown() -> None:
    with pytest.raises(UnknownStore) as refused:
        Workbench("mysql://me:sesame@host/db")
    assert "sesame" not in str(refused.value)


def test_a_shared_store_is_refused_to_a_person() -> None:
    with pytest.raises(SharedStoreRefused, match="single_user=True"):
        Workbench("postgresql://host/db")


def test_a_store_that_cannot_be_reached_says_why(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1"):
        Workbench("postgresql://me:sesame@127.0.0.1:1/db", single_user=True)
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="file"):
        Workbench(f"sqlite:///{tmp_path / 'file' / 'store.sqlite'}")


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_text("this is plain text, and long enough to be read as a header" * 20)
    with pytest.raises(StoreUnavailable, match="not a database"):
        Workbench(f"sqlite:///{tmp_path / 'store.sqlite'}")


def test_a_store_of_a_later_release_is_refused(store: Store) -> None:
    with store.writing() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreTooNew, match="9999"):
        open_store()


def test_moments_come_back_in_utc(store: Store) -> None:
    moment = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=5)))
    with store.writing() as db:
        db.execute(outbox.insert().values(id="1", organisation_id="o", at=moment, name="n", body={}))
    with store.reading() as db:
        found = db.execute(outbox.select()).one().at
    assert found == moment
    assert found.tzinfo is UTC


def test_foreign_keys_hold_and_wal_is_on(store: Store) -> None:
    with store.writing() as db:
        assert db.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert db.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def test_a_reader_sees_commits_made_after_it_opened(store: Store) -> None:
    with store.reading() as reader:
        assert reader.execute(outbox.select()).all() == []
        with store.writing() as db:
            db.execute(outbox.insert().values(id="1", organisation_id="o", at=datetime.now(UTC), name="n", body={}))
        assert len(reader.execute(outbox.select()).all()) == 1


def test_threads_write_in_turn_and_the_audit_stays_one_chain(store: Store) -> None:
    with Workbench() as workbench, ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: workbench.projects.create(f"p{number}"), range(40)))
        assert workbench.projects.list().total == 40
        report = workbench.audit.verify()
    assert (report.intact, report.entries) == (True, 40)


def test_processes_that_open_a_new_store_at_once_all_succeed(clean_environment: Path) -> None:
    code = "import sys; from dms_workbench import Workbench; Workbench().projects.create('p' + sys.argv[1])"
    environment = {**os.environ, "DMS_HOME": str(clean_environment)}
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(n)], env=environment, stderr=subprocess.PIPE)
        for n in range(3)
    ]
    errors = [process.communicate(timeout=60)[1].decode() for process in started]
    assert errors == ["", "", ""]
    with Workbench() as workbench:
        assert workbench.projects.list().total == 3
        assert workbench.audit.verify().intact


@pytest.mark.postgres
def test_postgresql_works_the_same_for_a_single_user(postgres_url: str) -> None:
    with Workbench(postgres_url, single_user=True) as workbench:
        made = workbench.projects.create("shop", "ü")
        assert workbench.projects.get("shop") == made
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda number: workbench.projects.create(f"p{number}"), range(12)))
        report = workbench.audit.verify()
    assert (report.intact, report.entries) == (True, 13)


@pytest.mark.postgres
def test_threads_that_create_one_project_on_postgresql_make_it_once(postgres_url: str) -> None:
    def attempt(_number: int) -> str:
        try:
            workbench.projects.create("same")
        except ProjectNameTaken:
            return "taken"
        return "created"

    with Workbench(postgres_url, single_user=True) as workbench, ThreadPoolExecutor(4) as threads:
        outcomes = sorted(threads.map(attempt, range(4)))
    assert outcomes == ["created"] + ["taken"] * 3


@pytest.mark.postgres
def test_a_query_on_postgresql_cannot_write(postgres_url: str) -> None:
    opened = open_store(postgres_url)
    with opened.reading() as db, pytest.raises(Exception, match="read-only"):
        db.execute(text("DELETE FROM projects"))
    opened.close()


def test_the_newest_version_is_the_last_migration(store: Store) -> None:
    with store.reading() as db:
        assert version(db) == newest_version()


def test_a_statement_that_fails_does_not_tell_its_values(store: Store) -> None:
    with pytest.raises(IntegrityError) as failed, store.writing() as db:
        for _ in range(2):
            row = {"id": "1", "organisation_id": "sesame", "at": datetime.now(UTC), "name": "n", "body": {}}
            db.execute(outbox.insert().values(row))
    assert "sesame" not in str(failed.value)
