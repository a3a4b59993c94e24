"""Where connections may lead, and how parts become a URL."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import create_engine

from dms_workbench.engine.databases.urls import Host, normalise
from dms_workbench.features.connections.addresses import check_permitted, check_usable, check_variable, from_parts
from dms_workbench.features.connections.errors import OperatorsOption, OwnStoreRefused, VariableRefused
from dms_workbench.kernel.context import Caller


@pytest.fixture
def shared_store() -> Any:
    """Something like a connection to a store in PostgreSQL; nothing is opened."""
    return SimpleNamespace(engine=create_engine("postgresql+psycopg://dms:x@store.example.org/workbench"))


@pytest.mark.parametrize("host", ["store.example.org", "STORE.example.org:5432", "other,store.example.org"])
def test_the_database_of_a_shared_store_is_refused(shared_store: Any, host: str) -> None:
    with pytest.raises(OwnStoreRefused, match="workbench itself") as refused:
        check_usable(normalise(f"postgresql://me:canary@{host}/workbench"), shared_store)

    assert "canary" not in str(refused.value.as_dict())


@pytest.mark.parametrize("place", ["store.example.org/shop", "store.example.org:5433/workbench", "other/workbench"])
def test_its_neighbours_are_not(shared_store: Any, place: str) -> None:
    url = normalise(f"postgresql://me@{place}")

    assert check_usable(url, shared_store) == url


@pytest.mark.parametrize("host", ["::1", "/run/postgresql", "db.example.org"])
def test_hosts_in_parts_are_written_as_they_are(host: str) -> None:
    url = from_parts("postgres", {"host": host, "port": 6000, "database_name": "a/b?c", "user": "u@x", "password": "%"})

    assert (url.hosts, url.name, url.user, url.password) == ((Host(host, 6000),), "a/b?c", "u@x", "%")


def test_a_path_in_parts_is_taken_as_it_is() -> None:
    assert from_parts("duckdb", {"path": "/data/50% a?b#c.db"}).path == "/data/50% a?b#c.db"


@pytest.mark.parametrize("variable", ["DMS_PASSWORD_SHOP", "DMS_URL_SHOP", "SHOP"])
def test_variables_for_connections_may_be_used(variable: str) -> None:
    check_variable(variable)


def test_the_master_key_is_no_password() -> None:
    with pytest.raises(VariableRefused):
        check_variable("DMS_MASTER_KEY")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me@db/shop?ssh=bastion",
        "postgresql://me@db/shop?service=shop",
        "mysql://me@db/shop?read_default_file=~/.my.cnf",
        "mysql://me@db/shop?ssl-key=/etc/key.pem",
    ],
)
def test_the_operators_own_keys_are_lent_by_an_administrator_only(url: str) -> None:
    engineer = Caller("u1", "emil", "local", role="data_engineer")
    operator = Caller("u2", "olga", "local", role="org_admin")

    assert check_permitted(normalise(url), operator) == normalise(url)
    with pytest.raises(OperatorsOption, match="administrator"):
        check_permitted(normalise(url), engineer)


def test_other_options_are_for_everybody() -> None:
    url = normalise("postgresql://me@db/shop?sslmode=require")
    assert check_permitted(url, Caller("u1", "emil", "local", role="data_engineer")) == url
