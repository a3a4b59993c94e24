"""Probing: what is there, what may be done, and which part of a connection is to blame."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.engine.databases.errors import (
    ConnectionFailed,
    DatabaseBusy,
    FileMissing,
    FileNotADatabase,
    FileReadOnly,
    InvalidUrl,
    PrivilegeMissing,
)
from dms_workbench.engine.databases.probe import blame, probe
from dms_workbench.engine.databases.urls import normalise
from dms_workbench.kernel.errors import WorkbenchError
from tests.servers import PostgresServer


@pytest.fixture
def reader(postgres: PostgresServer, postgres_url: str) -> Iterator[str]:
    """The URL of a user that may read one of two tables."""
    name = normalise(postgres_url).name
    postgres.execute("create role reader password 'x' login")
    postgres.execute("create table open (a int); create table shut (a int); grant select on open to reader", name)
    postgres.execute("revoke create on schema public from public", name)
    yield postgres.url(name, user="reader", password="x")
    postgres.execute("drop owned by reader", name)
    postgres.execute("drop role reader")


def test_a_server_is_described(postgres: PostgresServer, postgres_url: str) -> None:
    postgres.execute("create table t (a int)", normalise(postgres_url).name)

    report = probe(postgres_url, as_target=True)

    assert report.product == "PostgreSQL"
    assert int(report.version.split(".")[0]) == postgres.version // 10_000 or str(postgres.version) in report.version
    assert (report.user, report.name) == (normalise(postgres_url).user, normalise(postgres_url).name)
    assert (report.encoding, report.tables) == ("UTF8", 1)
    assert (report.can_read, report.can_write, report.can_create) == (True, True, True)
    assert (report.size_bytes or 0) > 1_000_000
    assert report.identity.startswith("postgres:")


def test_what_endangers_data_is_said(postgres_url: str) -> None:
    said = " ".join(probe(postgres_url).warnings)

    assert "fsync is off" in said
    assert "superuser" in said


def test_synchronous_commit_off_is_said_though_the_session_switches_it_on(
    postgres: PostgresServer, postgres_url: str
) -> None:
    name = normalise(postgres_url).name
    postgres.execute(f"alter database {name} set synchronous_commit = off")

    assert "synchronous_commit is off" in " ".join(probe(postgres_url).warnings)


def test_tables_that_may_not_be_read_are_counted(reader: str) -> None:
    report = probe(reader)

    assert not report.can_read
    assert "1 tables may not be read by user reader." in report.warnings


def test_a_target_that_may_not_be_written_is_refused(reader: str) -> None:
    with pytest.raises(PrivilegeMissing, match="neither create tables nor insert rows") as refused:
        probe(reader, as_target=True)

    assert blame(refused.value) == "user"


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda url: url.replace("127.0.0.1", "no.such.invalid"), "host"),
        (lambda url: url.replace(f":{normalise(url).port}/", ":1/"), "port"),
        (lambda url: url.replace(f":{normalise(url).password}@", ":wrong@"), "password"),
        (lambda url: f"{url}_missing", "database"),
        (lambda url: f"{url}?sslmode=require", "tls"),
        (lambda url: f"{url}?passfile=x", "options"),
        (lambda url: f"{url.rpartition('/')[0]}/?service=x", "options"),
        (lambda url: url.rpartition("/")[0], "url"),
    ],
)
def test_the_part_at_fault_is_named(postgres_url: str, change: object, part: str) -> None:
    with pytest.raises(WorkbenchError) as failed:
        probe(change(postgres_url))  # type: ignore[operator]

    assert blame(failed.value) == part


def test_a_sqlite_file_is_described(tmp_path: Path) -> None:
    path = made(tmp_path / "a.sqlite")

    report = probe(str(path), as_target=True)

    assert (report.product, report.name, report.tables, report.encoding) == ("SQLite", "a.sqlite", 1, "UTF-8")
    assert (report.size_bytes, report.can_write) == (path.stat().st_size, True)
    assert (report.free_bytes or 0) > 0


def test_a_duckdb_file_is_described(tmp_path: Path) -> None:
    import duckdb

    with duckdb.connect(tmp_path / "a.duckdb") as connection:
        connection.execute("create table t (a int)")

    for as_target in (False, True):
        report = probe(str(tmp_path / "a.duckdb"), as_target=as_target)
        assert (report.product, report.version, report.tables) == ("DuckDB", duckdb.__version__, 1)


@pytest.mark.parametrize("suffix", ["sqlite", "duckdb"])
def test_a_missing_file_is_a_target_but_no_source(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"new.{suffix}"

    assert "a run will make it" in probe(str(path), as_target=True).warnings[0]
    assert not path.exists()
    with pytest.raises(FileMissing) as missing:
        probe(str(path))
    assert blame(missing.value) == "path"
    assert not path.exists()


@pytest.mark.parametrize("suffix", ["sqlite", "duckdb"])
def test_a_file_in_a_missing_folder_is_no_target(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(FileMissing, match="none"):
        probe(str(tmp_path / "none" / f"new.{suffix}"), as_target=True)


@pytest.mark.parametrize("suffix", ["sqlite", "duckdb"])
@pytest.mark.parametrize("as_target", [False, True])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, suffix: str, as_target: bool) -> None:
    path = tmp_path / f"text.{suffix}"
    path.write_text("no database at all, but long enough to be looked at\n" * 100)
    before = path.read_bytes()

    with pytest.raises(FileNotADatabase):
        probe(str(path), as_target=as_target)

    assert path.read_bytes() == before


def test_a_busy_sqlite_target_is_said_to_be_busy(tmp_path: Path) -> None:
    path = made(tmp_path / "a.sqlite")
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("begin immediate")
        with pytest.raises(DatabaseBusy):
            probe(str(path), as_target=True, timeout_seconds=0.2)


def test_a_folder_that_cannot_be_written_is_no_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)

    with pytest.raises(FileReadOnly):
        probe(str(tmp_path / "new.duckdb"), as_target=True)


def test_an_unknown_error_blames_nothing() -> None:
    assert blame(ConnectionFailed(database="x", reason="y")) == ""
    assert blame(InvalidUrl(url="x", reason="y")) == "url"


def made(path: Path) -> Path:
    """A SQLite file with one table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table t (a)")
    return path
