"""Passwords of connections: kept sealed, given to their own place only, rotated, and gone with their connection."""

from __future__ import annotations

from pathlib import Path

import pytest

from dms_workbench import Workbench
from dms_workbench.engine.databases.urls import normalise
from dms_workbench.features.connections import (
    PasswordAgain,
    PasswordUseless,
)
from dms_workbench.kernel.errors import NotFound
from dms_workbench.kernel.secrets import Secret
from dms_workbench.kernel.store import Store
from tests.features.connections.places import URL, shop, url_for_workers

__all__ = ["shop"]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "postgresql://me@evil.example.org/shop",
        "postgresql://you@db.example.org/shop",
        "postgresql://me@db.example.org/shop?sslmode=disable",
        "postgresql://me@db.example.org:6666/shop",
    ],
)
def test_a_stored_password_is_not_sent_to_another_place(workbench: Workbench, store: Store, elsewhere: str) -> None:
    made = workbench.connections.create("shop", "orders", URL)

    with pytest.raises(PasswordAgain):
        workbench.connections.update("orders", url=Secret(elsewhere))

    assert workbench.connections.get("orders") == made
    moved = workbench.connections.update("orders", url=Secret(elsewhere.replace("@", ":again@", 1)))
    assert normalise(url_for_workers(store, moved)).password == "again"


def test_another_database_of_the_same_server_keeps_the_password(workbench: Workbench, store: Store) -> None:
    workbench.connections.create("shop", "orders", URL)

    moved = workbench.connections.update("orders", url=Secret("postgresql://me@db.example.org/other"))

    assert url_for_workers(store, moved) == "postgresql://me:pass@db.example.org:5432/other"


def test_a_rotated_password_replaces_the_one_before(workbench: Workbench, store: Store) -> None:
    made = workbench.connections.create("shop", "orders", URL)

    rotated = workbench.connections.rotate("orders", Secret("next"))

    assert (rotated.version, rotated.has_password) == (2, True)
    assert normalise(url_for_workers(store, made)).password == "next"
    assert workbench.connections.rotate("orders", Secret("${PGPASS_SHOP}")).password_variable == "PGPASS_SHOP"


def test_a_file_has_no_password_to_rotate(workbench: Workbench, tmp_path: Path) -> None:
    workbench.connections.create("shop", "file", Secret(str(tmp_path / "a.sqlite")))

    with pytest.raises(PasswordUseless):
        workbench.connections.rotate("file", Secret("x"))


def test_a_deleted_connection_is_gone_with_its_secret(workbench: Workbench, store: Store) -> None:
    workbench.connections.create("shop", "orders", URL)

    workbench.connections.delete("orders")

    with pytest.raises(NotFound):
        workbench.connections.get("orders")
    with store.reading() as db:
        assert db.exec_driver_sql("select count(*) from connections").scalar() == 0


def test_rotating_master_keys_keeps_every_password(workbench: Workbench, store: Store) -> None:
    made = workbench.connections.create("shop", "orders", URL)
    before = sealed_columns(store)

    rotation = workbench.connections.rotate_keys()

    after = sealed_columns(store)
    assert rotation.secrets == 1
    assert before["ciphertext"] == after["ciphertext"]
    assert (after["key"], (before["key"],)) == (rotation.key, rotation.old_keys)
    workbench.connections.forget_key(rotation.old_keys[0])
    assert normalise(url_for_workers(store, made)).password == "pass"


def sealed_columns(store: Store) -> dict[str, object]:
    """The sealed columns of the only connection."""
    with store.reading() as db:
        row = db.exec_driver_sql("select * from connections").mappings().one()
        return {name: row[name] for name in ("key", "wrapped_key", "ciphertext", "secret_version")}


def test_a_sealed_password_moved_to_another_connection_does_not_open(workbench: Workbench, store: Store) -> None:
    from dms_workbench.kernel.sealing import SealBroken

    workbench.connections.create("shop", "orders", URL)
    mine = workbench.connections.create("shop", "mine", Secret("postgresql://me:x@evil.example.org/shop"))
    with store.writing() as db:
        db.exec_driver_sql(
            "update connections set (key, wrapped_key, ciphertext, secret_version) = "
            "(select key, wrapped_key, ciphertext, secret_version from connections where name = 'orders')"
        )

    with pytest.raises(SealBroken):
        url_for_workers(store, mine)


def test_without_its_master_key_a_password_is_refused_and_no_new_key_made(
    workbench: Workbench, store: Store, clean_environment: Path
) -> None:
    from dms_workbench.kernel.master_keys import KeyUnusable

    made = workbench.connections.create("shop", "orders", URL)
    (clean_environment / "master-keys").rename(clean_environment / "elsewhere")

    with pytest.raises(KeyUnusable, match="put it back"):
        url_for_workers(store, made)
    with pytest.raises(KeyUnusable):
        workbench.connections.create("shop", "other", URL)
    assert workbench.connections.test("orders").code == "master-key-unusable"
    assert not (clean_environment / "master-keys").exists()
