"""Fresh databases of every product for tests of modes and undo, and statements on them. Used as a pytest plugin module."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.engine.copying.conftest import run_sql
from tests.mariadb import MariadbServer

PRODUCTS = (
    "sqlite",
    "duckdb",
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("mysql", marks=pytest.mark.mariadb),
)
New = Callable[[str], str]
Sql = Callable[..., list[tuple]]


@pytest.fixture
def new(new_database: New, request: pytest.FixtureRequest) -> New:
    """A fresh, empty database of a product, MariaDB among them."""

    def make(product: str) -> str:
        if product != "mysql":
            return new_database(product)
        server: MariadbServer = request.getfixturevalue("mariadb")
        url = server.create_database()
        request.addfinalizer(lambda: server.drop_database(url))
        return url

    return make


@pytest.fixture
def sql(request: pytest.FixtureRequest) -> Sql:
    """Run statements on a database of any product; the rows of the last one."""

    def execute(url: str, *statements: str) -> list[tuple]:
        if not url.startswith("mysql"):
            return run_sql(url, *statements)
        server: MariadbServer = request.getfixturevalue("mariadb")
        rows: list[tuple] = []
        for statement in statements:
            rows = server.execute(statement, url.rpartition("/")[2])
        return rows

    return execute
