"""The oracle finds what was done to a target, and knows nothing of the package."""

from __future__ import annotations

import ast
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import psycopg
import pytest

from tests import oracle, oracle_readers
from tests.servers import PostgresServer

CLEAN = {"lost": 0, "duplicated": 0, "altered": 0, "extra": 0}
PRODUCTS = ("sqlite", "duckdb", "postgres")
Run = Callable[..., str]


@pytest.fixture
def made(tmp_path: Path, request: pytest.FixtureRequest) -> Run:
    """Runs statements in a database of a product, a new one by default, and gives its URL."""

    def run(product: str, *statements: str, url: str = "") -> str:
        if product == "postgres":
            server: PostgresServer = request.getfixturevalue("postgres")
            if not url:
                url = server.create_database()
                request.addfinalizer(lambda: server.drop_database(url))
            with psycopg.connect(url) as connection:
                for statement in statements:
                    connection.execute(statement.encode())
            return url
        url = url or f"{product}:///{tmp_path / product}.{len(list(tmp_path.iterdir()))}"
        path = url.partition("///")[2]
        if product == "duckdb":
            with duckdb.connect(path) as file:
                for statement in statements:
                    file.execute(statement)
        else:
            with closing(sqlite3.connect(path)) as database:
                for statement in statements:
                    database.execute(statement)
                database.commit()
        return url

    return run


KEYED = "CREATE TABLE t (id INTEGER PRIMARY KEY, n DECIMAL(8,2), f DOUBLE PRECISION, s TEXT, b BOOLEAN, d DATE, m TIMESTAMP)"
ROWS = (
    "INSERT INTO t VALUES (1, 1.5, 0.1, 'x', true, '2024-02-29', '2024-01-01 12:00:00.5'),"
    " (2, NULL, NULL, NULL, NULL, NULL, NULL), (3, 0, -1e300, '', false, '0001-01-01', '2024-01-01 00:00:00')"
)


@pytest.mark.parametrize("target", PRODUCTS)
@pytest.mark.parametrize("source", PRODUCTS)
def test_equal_tables_are_clean_across_products(made: Run, source: str, target: str) -> None:
    left, right = (made(product, KEYED, ROWS) for product in (source, target))
    assert oracle.compare(left, right) == {"t": CLEAN}


@pytest.mark.parametrize("target", PRODUCTS)
def test_lost_altered_and_extra_rows_are_told_apart_by_key(made: Run, target: str) -> None:
    source = made("sqlite", KEYED, ROWS)
    url = made(
        target,
        KEYED,
        ROWS,
        "DELETE FROM t WHERE id = 2",
        "UPDATE t SET s = 'x ' WHERE id = 1",
        "INSERT INTO t (id) VALUES (9)",
    )
    assert oracle.compare(source, url) == {"t": {"lost": 1, "duplicated": 0, "altered": 1, "extra": 1}}


@pytest.mark.parametrize(
    "change",
    [
        "n = 1.51",
        "f = 0.10000000000000002",
        "s = NULL",
        "s = 'X'",
        "b = false",
        "d = '2024-02-28'",
        "m = '2024-01-01 12:00:00'",
    ],
)
@pytest.mark.parametrize("target", PRODUCTS)
def test_every_kind_of_change_is_seen(made: Run, target: str, change: str) -> None:
    source = made("sqlite", KEYED, ROWS)
    url = made(target, KEYED, ROWS, f"UPDATE t SET {change} WHERE id = 1")
    assert oracle.compare(source, url) == {"t": {**CLEAN, "altered": 1}}


@pytest.mark.parametrize("target", PRODUCTS)
def test_rows_without_key_are_counted(made: Run, target: str) -> None:
    table = "CREATE TABLE t (a INTEGER, b TEXT)"
    source = made("sqlite", table, "INSERT INTO t VALUES (1, 'x'), (1, 'x'), (2, NULL), (3, 'z')")
    url = made(target, table, "INSERT INTO t VALUES (1, 'x'), (1, 'x'), (1, 'x'), (2, NULL), (4, 'new')")
    assert oracle.compare(source, url) == {"t": {"lost": 1, "duplicated": 1, "altered": 0, "extra": 1}}


def test_a_table_that_is_missing_is_lost_and_the_ledger_is_no_table(made: Run) -> None:
    source = made(
        "sqlite", KEYED, ROWS, "CREATE TABLE dms_ledger_chunks (a)", "INSERT INTO dms_ledger_chunks VALUES (1)"
    )
    assert oracle.compare(source, made("duckdb", "CREATE TABLE other (a INTEGER)")) == {"t": {**CLEAN, "lost": 3}}


def test_the_command_line_prints_one_object_and_says_by_its_code_whether_all_is_well(made: Run) -> None:
    source, target = (
        made("sqlite", KEYED, ROWS),
        made("duckdb", KEYED.replace(" t ", " other "), ROWS.replace(" t ", " other ")),
    )

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.oracle", source, target, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    done = run("--tables", "t:other")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"other": CLEAN})
    done = run()
    assert (done.returncode, json.loads(done.stdout)) == (1, {"t": {**CLEAN, "lost": 3}})


def test_the_oracle_imports_nothing_of_the_package() -> None:
    names = [name for module in (oracle, oracle_readers) for name in imports_of(Path(str(module.__file__)))]
    assert {name for name in names if name.split(".")[0] in {"dms_workbench", "tests"}} == {"tests.oracle_readers"}


def imports_of(path: Path) -> list[str]:
    """The modules that a file names in its imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return names + [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
