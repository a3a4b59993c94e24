"""Databases of every product for copies: a source is filled by SQL, a target is empty."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import psycopg
import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions, RunResult, execute_run
from dms_workbench.engine.planning import PlanOptions, build_plan
from tests.servers import PostgresServer

PRODUCTS = ("sqlite", "duckdb", "postgres")


def run_sql(url: str, *statements: str) -> list[tuple]:
    """Run statements on a database with its own driver; the rows of the last one."""
    if url.startswith("postgresql"):
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []
    path = url.partition("///")[2]
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(path)) as file:
            for statement in statements:
                rows = file.execute(statement).fetchall()
            file.commit()
            return rows
    with duckdb.connect(path) as connection:
        for statement in statements:
            rows = connection.execute(statement).fetchall()
        return rows


@pytest.fixture
def new_database(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """A fresh, empty database of a product; for files, the file does not exist yet."""

    def make(product: str) -> str:
        if product == "postgres":
            server: PostgresServer = request.getfixturevalue("postgres")
            url = server.create_database()
            request.addfinalizer(lambda: server.drop_database(url))
            return url
        return f"{product}:///{tmp_path / uuid.uuid4().hex}.{product}"

    return make


@pytest.fixture
def migrate(tmp_path: Path) -> Callable[..., RunResult]:
    """Plan and execute, as ``dms migrate`` does."""

    def run(
        source: str, target: str, *, control: Control | None = None, options: RunOptions | None = None, **plan
    ) -> RunResult:
        made = build_plan(source, target, PlanOptions(**plan))
        spool = tmp_path / "spool"
        spool.mkdir(exist_ok=True)
        return execute_run(
            made,
            source,
            target,
            run_id=made.ledger_run_id or str(uuid.uuid4()),
            options=options or RunOptions(),
            control=control or Control(),
            spool_directory=spool,
        )

    return run
