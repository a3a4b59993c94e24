"""Saved connections, embedded and through the service."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench import Workbench
from dms_workbench.engine.databases.errors import InvalidUrl, OptionNotAllowed, UnknownDatabase
from dms_workbench.engine.databases.urls import normalise
from dms_workbench.features.connections import (
    ConnectionChanged,
    ConnectionIncomplete,
    ConnectionNameAmbiguous,
    ConnectionNameTaken,
    InvalidConnectionName,
    OwnStoreRefused,
    Status,
    UnknownConnection,
    VariableRefused,
)
from dms_workbench.features.projects import ProjectArchived
from dms_workbench.kernel.errors import NotFound, NotPermitted
from dms_workbench.kernel.secrets import Secret
from dms_workbench.kernel.store import Store
from tests.features.connections.places import URL, shop, url_for_workers
from tests.servers import PostgresServer
from tests.workbenches import Team

__all__ = ["shop"]


def test_a_connection_is_shown_without_its_password(workbench: Workbench, store: Store) -> None:
    made = workbench.connections.create("shop", "orders", URL)

    assert (made.name, made.database, made.url) == ("orders", "postgres", "postgresql://me@db.example.org:5432/shop")
    assert (made.has_password, made.production, made.status, made.version) == (True, False, Status.UNTESTED, 1)
    assert workbench.connections.get("orders") == workbench.connections.get(made.id) == made
    assert url_for_workers(store, made) == "postgresql://me:pass@db.example.org:5432/shop"


def test_parts_make_the_same_connection(workbench: Workbench, store: Store) -> None:
    made = workbench.connections.create(
        "shop",
        "orders",
        database="postgresql",
        host="db.example.org",
        user="me",
        password=Secret("p@ss/w:rd"),
        database_name="a b",
    )

    assert made.url == "postgresql://me@db.example.org:5432/a%20b"
    assert normalise(url_for_workers(store, made)).password == "p@ss/w:rd"


def test_a_file_is_a_path_or_a_url(workbench: Workbench, tmp_path: Path) -> None:
    by_path = workbench.connections.create("shop", "one", Secret(str(tmp_path / "a.sqlite")))
    by_part = workbench.connections.create("shop", "two", database="sqlite", path=str(tmp_path / "a.sqlite"))

    assert by_path.url == by_part.url == f"sqlite:///{tmp_path}/a.sqlite"
    assert not by_path.has_password


def test_the_environment_gives_a_url(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_URL", URL.reveal())

    assert workbench.connections.create("shop", "orders", environment="SHOP_URL").has_password
    with pytest.raises(ConnectionIncomplete, match="OTHER_URL is not set"):
        workbench.connections.create("shop", "other", environment="OTHER_URL")


def test_a_password_by_reference_is_not_stored(
    workbench: Workbench, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASS_SHOP", "canary")
    made = workbench.connections.create("shop", "orders", Secret("postgresql://me:${PGPASS_SHOP}@db/shop"))

    assert (made.has_password, made.password_variable) == (True, "PGPASS_SHOP")
    assert url_for_workers(store, made) == "postgresql://me:${PGPASS_SHOP}@db:5432/shop"


@pytest.mark.parametrize("variable", ["DMS_MASTER_KEY", "DMS_WORKBENCH_TOKEN"])
def test_the_workbenchs_own_settings_are_no_passwords(workbench: Workbench, variable: str) -> None:
    with pytest.raises(VariableRefused, match=variable):
        workbench.connections.create("shop", "orders", Secret(f"postgresql://me:${{{variable}}}@evil/shop"))
    with pytest.raises(VariableRefused):
        workbench.connections.create("shop", "orders", environment=variable)


def test_what_is_given_must_be_clear(workbench: Workbench) -> None:
    create = workbench.connections.create
    with pytest.raises(ConnectionIncomplete, match="either"):
        create("shop", "orders")
    with pytest.raises(ConnectionIncomplete, match="either"):
        create("shop", "orders", URL, environment="X")
    with pytest.raises(ConnectionIncomplete, match="host"):
        create("shop", "orders", URL, host="other")
    with pytest.raises(ConnectionIncomplete, match="host and database_name"):
        create("shop", "orders", database="postgres")
    with pytest.raises(ConnectionIncomplete, match="sqlite"):
        create("shop", "orders", database="oracle", host="x")


def test_bad_urls_are_refused_by_their_own_errors(workbench: Workbench) -> None:
    for url, error in {
        "oracle://me:canary@host/db": UnknownDatabase,
        "postgresql://me:can@ary@host/db": InvalidUrl,
        "postgresql://me:canary@host/db?passfile=x": OptionNotAllowed,
        "sqlite:///file:x.db": InvalidUrl,
    }.items():
        with pytest.raises(error) as refused:
            workbench.connections.create("shop", "orders", Secret(url))
        assert "ary" not in str(refused.value.as_dict())


@pytest.mark.parametrize("name", ["", "@x", "a/b", "-x", "x" * 101, "x ", "a\nb"])
def test_a_name_outside_the_rule_is_refused(workbench: Workbench, name: str) -> None:
    with pytest.raises(InvalidConnectionName, match="1 to 100"):
        workbench.connections.create("shop", name, URL)


def test_a_name_is_unique_in_its_project_only(workbench: Workbench) -> None:
    workbench.projects.create("other")
    first = workbench.connections.create("shop", "orders", URL)
    with pytest.raises(ConnectionNameTaken, match="orders"):
        workbench.connections.create("shop", "orders", URL)

    workbench.connections.create("other", "orders", URL)

    with pytest.raises(ConnectionNameAmbiguous):
        workbench.connections.get("orders")
    assert workbench.connections.get(first.id).name == "orders"


def test_an_archived_project_takes_no_connection(workbench: Workbench) -> None:
    workbench.projects.archive("shop")

    with pytest.raises(ProjectArchived):
        workbench.connections.create("shop", "orders", URL)
    with pytest.raises(ProjectArchived):
        workbench.connections.ensure("shop", URL)


def test_the_same_url_is_one_connection_whatever_its_password(workbench: Workbench, store: Store) -> None:
    first = workbench.connections.ensure("shop", URL)
    again = workbench.connections.ensure("shop", Secret("postgres://me@DB.example.org:5432/shop"))
    changed = workbench.connections.ensure("shop", Secret("postgresql://me:new@db.example.org/shop"))

    assert (first.ad_hoc, first.name) == (True, first.url)
    assert again == first
    assert (changed.id, changed.version) == (first.id, 2)
    assert normalise(url_for_workers(store, first)).password == "new"


def test_a_very_long_url_is_found_again(workbench: Workbench) -> None:
    url = Secret(f"postgresql://me@{','.join(f'host{number}.example.org' for number in range(30))}/shop")

    assert workbench.connections.ensure("shop", url) == workbench.connections.ensure("shop", url)


def test_a_saved_connection_is_meant_by_its_sign(workbench: Workbench) -> None:
    made = workbench.connections.create("shop", "orders", URL)

    assert workbench.connections.ensure("shop", Secret("@orders")) == made
    with pytest.raises(UnknownConnection, match="nothing"):
        workbench.connections.ensure("shop", Secret("@nothing"))


def test_lists_are_of_a_project_and_of_a_kind(workbench: Workbench) -> None:
    workbench.projects.create("other")
    made = workbench.connections.create("shop", "orders", URL)
    ad_hoc = workbench.connections.ensure("shop", URL)
    workbench.connections.create("other", "stock", URL)

    assert [item.name for item in workbench.connections.list()] == ["orders", ad_hoc.name, "stock"]
    assert workbench.connections.list("shop").items == (made, ad_hoc)
    assert workbench.connections.list("shop", ad_hoc=False).items == (made,)
    assert workbench.connections.list(search="STOCK").total == 1
    assert workbench.connections.list(limit=1, offset=1).items == (ad_hoc,)


def test_a_change_counts_versions_and_refuses_a_stale_one(workbench: Workbench) -> None:
    workbench.connections.create("shop", "orders", URL)

    changed = workbench.connections.update("orders", name="sales", production=True, expected_version=1)

    assert (changed.name, changed.production, changed.version) == ("sales", True, 2)
    assert workbench.connections.update("sales") == changed
    with pytest.raises(ConnectionChanged, match="at version 2"):
        workbench.connections.update("sales", name="x", expected_version=1)
    workbench.connections.create("shop", "orders", URL)
    with pytest.raises(ConnectionNameTaken):
        workbench.connections.update("sales", name="orders")


def test_a_deleted_project_takes_its_connections_along(workbench: Workbench, store: Store) -> None:
    workbench.connections.create("shop", "orders", URL)
    workbench.projects.archive("shop")

    workbench.projects.delete("shop")

    with store.reading() as db:
        assert db.exec_driver_sql("select count(*) from connections").scalar() == 0


def test_a_working_connection_is_said_to_work(workbench: Workbench, postgres_url: str) -> None:
    workbench.connections.create("shop", "orders", Secret(postgres_url))

    found = workbench.connections.test("orders", as_target=True)

    assert (found.works, found.product, found.can_create) == (True, "PostgreSQL", True)
    kept = workbench.connections.get("orders")
    assert (kept.status, kept.problem, kept.tested_at) == (Status.WORKS, None, found.tested_at)


@pytest.mark.parametrize(
    ("old", "new", "code", "blame"),
    [
        ("127.0.0.1", "no.such.invalid", "host-not-found", "host"),
        ("@127.0.0.1:{port}", "@127.0.0.1:1", "port-unreachable", "port"),
        (":{password}@", ":wrong@", "password-wrong", "password"),
        (":{password}@", "@", "password-needed", "password"),
        ("/{name}", "/no-such", "database-missing", "database"),
        ("/{name}", "/{name}?sslmode=require", "tls-failed", "tls"),
    ],
)
def test_each_cause_of_failure_has_its_own_code(
    workbench: Workbench, postgres: PostgresServer, old: str, new: str, code: str, blame: str
) -> None:
    url = normalise(postgres.url())
    facts = {"port": url.port, "password": url.password, "name": url.name}
    broken = url.with_secrets.replace(old.format(**facts), new.format(**facts))
    workbench.connections.create("shop", "orders", Secret(broken))

    found = workbench.connections.test("orders", timeout_seconds=3)

    assert (found.works, found.code, found.blame) == (False, code, blame)
    assert found.problem
    kept = workbench.connections.get("orders")
    assert (kept.status, kept.problem) == (Status.FAILING, code)


def test_a_missing_file_and_a_file_of_another_kind_are_told_apart(workbench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_text("text, not a database " * 100)
    workbench.connections.create("shop", "missing", Secret(str(tmp_path / "none.sqlite")))
    workbench.connections.create("shop", "text", Secret(str(tmp_path / "text.sqlite")))

    assert workbench.connections.test("missing").code == "file-missing"
    assert workbench.connections.test("text").code == "file-not-a-database"
    assert workbench.connections.test("missing", as_target=True).works


def test_the_store_itself_is_refused_by_any_name(workbench: Workbench, tmp_path: Path, clean_environment: Path) -> None:
    own = clean_environment / "workbench.sqlite"
    (tmp_path / "soft.sqlite").symlink_to(own)
    os.link(own, tmp_path / "hard.sqlite")
    (tmp_path / "folder").symlink_to(clean_environment)
    for path in (
        own,
        tmp_path / "soft.sqlite",
        tmp_path / "hard.sqlite",
        tmp_path / "folder" / "workbench.sqlite",
        tmp_path / "folder" / ".." / "dms-home" / "workbench.sqlite",
        own.with_name("workbench.sqlite-wal"),
        clean_environment / "master-keys" / "current",
    ):
        for database in ("sqlite", "duckdb"):
            with pytest.raises(OwnStoreRefused):
                workbench.connections.create("shop", "own", database=database, path=str(path))
            with pytest.raises(OwnStoreRefused):
                workbench.connections.ensure("shop", Secret(f"{database}:///{path}"))


def test_a_file_that_became_a_link_to_the_store_is_refused_when_it_is_used(
    workbench: Workbench, store: Store, tmp_path: Path, clean_environment: Path
) -> None:
    path = tmp_path / "a.sqlite"
    made = workbench.connections.create("shop", "a", Secret(str(path)))
    path.symlink_to(clean_environment / "workbench.sqlite")

    assert workbench.connections.test("a").code == "own-store-refused"
    with pytest.raises(OwnStoreRefused):
        url_for_workers(store, made)


def test_a_viewer_sees_and_tests_but_changes_nothing(team: Team, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as connection:
        connection.execute("create table t (a)")
    boss = team.administrator
    boss.connections.create("shop", "a", Secret(str(tmp_path / "a.sqlite")))
    viewer = team.person("vera")
    boss.projects.add_member("shop", "vera", "viewer")
    viewer = team.again(viewer)

    assert viewer.connections.list().total == 1
    assert viewer.connections.test("a").works
    for refused in (
        lambda: viewer.connections.create("shop", "b", URL),
        lambda: viewer.connections.update("a", name="b"),
        lambda: viewer.connections.rotate("a", Secret("x")),
        lambda: viewer.connections.delete("a"),
        viewer.connections.rotate_keys,
    ):
        with pytest.raises(NotPermitted):
            refused()


def test_strangers_find_nothing(team: Team) -> None:
    team.administrator.connections.create("shop", "orders", URL)
    team.administrator.projects.create("other")
    stranger = team.person("stan")
    team.administrator.projects.add_member("other", "stan", "data_engineer")
    stranger = team.again(stranger)

    assert stranger.connections.list().total == 0
    with pytest.raises(NotFound):
        stranger.connections.get("orders")
    with pytest.raises(NotFound):
        stranger.connections.test("orders")
