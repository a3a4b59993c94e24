"""Fixtures for every test: a clean environment and the database servers."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from dms_workbench.platform import is_locked
from tests.mariadb import MariadbServer, mariadb_server
from tests.servers import PostgresServer, postgres_server

LEAKY = ("PG", "MYSQL_", "MARIADB_", "DMS_", "DATABASE_URL", "FORCE_COLOR", "CLICOLOR", "PAPERMILL_")
KEPT = ("DMS_TEST_",)
WORKER_IDLE_SECONDS = "10"
WORKER_LEAVES_SECONDS = 10.0

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
"""Drawn examples are not timed: a machine that is busy with other tests is no fault."""


@pytest.fixture(autouse=True)
def clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The data folder of this test alone (DMS_HOME); no settings, passwords or colours of the user."""
    for name in os.environ:
        if name.startswith(LEAKY) and not name.startswith(KEPT):
            monkeypatch.delenv(name)
    home = tmp_path / "dms-home"
    monkeypatch.setenv("DMS_HOME", str(home))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "no-pgpass"))
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "no-pg-service"))
    monkeypatch.setenv("DMS_WORKER_IDLE_SECONDS", WORKER_IDLE_SECONDS)
    yield home
    end_workers(home)


def end_workers(home: Path) -> None:
    """Ask the workers that a test left behind in its data folder to leave, and wait for them."""
    until = time.monotonic() + WORKER_LEAVES_SECONDS
    living = [path for path in home.glob("workers/*/alive/*.lock") if is_locked(path)]
    for path in living:
        if process_id := path.read_text().strip():
            os.kill(int(process_id), signal.SIGTERM)
    while any(map(is_locked, living)) and time.monotonic() < until:
        time.sleep(0.02)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test session: url(database), create_database(), execute(sql, database)."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a fresh, empty PostgreSQL database, removed after the test."""
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariadbServer]:
    """A MariaDB server of this test session: url(database), create_database(), execute(sql, database)."""
    with mariadb_server() as server:
        yield server


@pytest.fixture
def mariadb_url(mariadb: MariadbServer) -> Iterator[str]:
    """The URL of a fresh, empty MariaDB database, removed after the test."""
    url = mariadb.create_database()
    yield url
    mariadb.drop_database(url)
