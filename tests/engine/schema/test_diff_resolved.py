from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
import yaml

from dms_workbench.engine.schema.diff import compare
from dms_workbench.engine.schema.diff_model import differences_of
from dms_workbench.engine.schema.diff_script import statements_in_order
from tests.engine.schema.conftest import side_of
from tests.servers import PostgresServer

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "schema_diff" / "resolved.yaml").read_text())


@pytest.fixture
def filled(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str, str, str], str]:
    """A database of a product with the objects of a script: its URL."""

    def make(product: str, name: str, script: str) -> str:
        if product == "postgres":
            server: PostgresServer = request.getfixturevalue("postgres")
            url = server.create_database()
            request.addfinalizer(lambda: server.drop_database(url))
        else:
            url = f"{product}:///{tmp_path / name}.{product}"
        run(url, script)
        return url

    return make


def run(url: str, script: str) -> None:
    """Run statements of any product."""
    path = url.partition("///")[2]
    if url.startswith("postgres"):
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(script.encode())
    elif url.startswith("sqlite"):
        with closing(sqlite3.connect(path)) as file:
            file.executescript(script)
    else:
        with duckdb.connect(path) as file:
            file.execute(script)


@pytest.mark.parametrize("case", CASES, ids=[f"{number}-{case['product']}" for number, case in enumerate(CASES)])
def test_the_statements_make_the_second_side_as_the_first(
    case: dict[str, Any], filled: Callable[[str, str, str], str]
) -> None:
    first, second = (filled(case["product"], name, case[name]) for name in ("first", "second"))
    found = compare(side_of(first), side_of(second))
    for rename in found.renames:
        rename.reject()

    for statement, _ in statements_in_order(differences_of(found.certain, found.renames)):
        run(second, statement)

    left = compare(side_of(first), side_of(second))
    assert sorted(each.aspect or str(each) for each in left.certain) == sorted(case.get("left", []))
    assert all(each.resolution.unresolved for each in left.certain)
