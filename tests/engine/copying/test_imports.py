"""What a copy loads: what reads and writes columns only where a side or an expression needs it.

Arrow itself looks for pandas, where that is installed, as soon as it is given a Python value; nothing of ours uses it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.engine.copying.conftest import run_sql
from tests.mariadb import MariadbServer

HEAVY = ("dask", "duckdb", "fastapi", "pandas", "polars", "pyarrow", "sqlalchemy", "sqlglot")
COPY = """
import json, sys, tempfile, uuid
from pathlib import Path
from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions, execute_run
from dms_workbench.engine.planning import PlanOptions, build_plan

source, target, mapping = sys.argv[1:]
plan = build_plan(source, target, PlanOptions(mapping_text=mapping or None))
with tempfile.TemporaryDirectory() as folder:
    result = execute_run(
        plan, source, target, run_id=str(uuid.uuid4()), options=RunOptions(verify=False), control=Control(),
        spool_directory=Path(folder),
    )
print(json.dumps([[table.written for table in result.tables], sorted({name.partition(".")[0] for name in sys.modules})]))
"""
MAPPING = """\
format: dms-mapping/1
name: t
tables:
  - source: t
    target: t
    columns: {id: id, v: {expression: "upper(v)"}}
"""


def loaded(source: str, target: str, mapping: str = "") -> list[str]:
    """The heavy packages that a copy of the table t loads in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", COPY, source, target, mapping], capture_output=True, text=True, check=True
    )
    written, modules = json.loads(done.stdout.splitlines()[-1])
    assert written == [2]
    return [name for name in HEAVY if name in modules]


FILLED = ("create table t (id integer primary key, v varchar(20))", "insert into t values (1, 'a'), (2, null)")


@pytest.fixture
def filled(new_database: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """A source of a product with a table t of two rows."""

    def make(product: str) -> str:
        if product == "csv":
            (tmp_path / "t.csv").write_text("id,v\n1,a\n2,\n")
            return str(tmp_path / "t.csv")
        if product == "mariadb":
            server: MariadbServer = request.getfixturevalue("mariadb")
            url = server.create_database()
            request.addfinalizer(lambda: server.drop_database(url))
            for statement in FILLED:
                server.execute(statement, url.rpartition("/")[2].partition("?")[0])
            return str(url)
        url = new_database(product)
        run_sql(url, *FILLED)
        return str(url)

    return make


@pytest.mark.parametrize("product", ["postgres", "mariadb", "sqlite", "csv"])
def test_a_copy_to_postgres_loads_nothing_for_columns(product: str, filled: Any, new_database: Any) -> None:
    assert loaded(filled(product), new_database("postgres")) == []


def test_expressions_load_duckdb_and_arrow(filled: Any, new_database: Any) -> None:
    found = loaded(filled("postgres"), new_database("postgres"), MAPPING)
    assert set(found) - {"pandas"} == {"duckdb", "pyarrow", "sqlglot"}


def test_a_duckdb_target_loads_duckdb_and_arrow(filled: Any, new_database: Any) -> None:
    assert loaded(filled("postgres"), new_database("duckdb")) == ["duckdb", "pyarrow"]
