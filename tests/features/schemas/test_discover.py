from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.engine.databases.errors import FileMissing
from dms_workbench.features.connections import Connection
from dms_workbench.kernel.errors import NotFound
from dms_workbench.kernel.secrets import Secret
from dms_workbench.workbench import Workbench
from tests.migrating import make_source


@pytest.fixture
def source(workbench: Workbench, tmp_path: Path) -> Connection:
    """A connection to a file with one table."""
    project = workbench.projects.ensure("shop")
    return workbench.connections.ensure(project.id, Secret(str(make_source(tmp_path / "source.db"))))


def add_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY)")


def test_a_discovery_keeps_the_catalogue(workbench: Workbench, source: Connection) -> None:
    snapshot = workbench.schemas.discover(source.id)

    kept = workbench.schemas.get(snapshot.id)
    assert kept.catalogue == snapshot.catalogue
    assert [table.name.name for table in kept.catalogue.tables] == ["customers"]
    assert (kept.summary.tables, kept.summary.database, kept.changed) == (1, "sqlite", False)
    assert "customers: 2 columns, key id" in str(kept)
    assert ">customers</td>" in kept._repr_html_()


def test_the_same_structure_is_only_seen_again(workbench: Workbench, source: Connection) -> None:
    first = workbench.schemas.discover(source.id)
    second = workbench.schemas.discover(source.id)

    assert (second.id, second.changed) == (first.id, False)
    assert second.summary.last_seen_at > first.summary.last_seen_at
    assert workbench.schemas.list(source.id).total == 1


def test_another_structure_is_another_snapshot(workbench: Workbench, source: Connection, tmp_path: Path) -> None:
    first = workbench.schemas.discover(source.id)
    add_table(tmp_path / "source.db")

    second = workbench.schemas.discover(source.id)

    assert second.changed
    assert second.previous_fingerprint == first.fingerprint
    assert [line.id for line in workbench.schemas.list(source.id)] == [second.id, first.id]
    assert workbench.schemas.get(second.id).changed
    assert not workbench.schemas.get(first.id).changed


def test_a_database_that_is_gone_is_told_and_nothing_is_kept(
    workbench: Workbench, source: Connection, tmp_path: Path
) -> None:
    (tmp_path / "source.db").unlink()

    with pytest.raises(FileMissing):
        workbench.schemas.discover(source.id)

    assert workbench.schemas.list(source.id).total == 0


def test_a_snapshot_that_is_not_there_is_not_found(workbench: Workbench) -> None:
    with pytest.raises(NotFound):
        workbench.schemas.get("no-such-snapshot")
