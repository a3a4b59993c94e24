"""What a copy loads: what reads and writes columns only where a side or an expression needs it.

Arrow itself would load pandas as soon as it is given a Python value; nothing of ours uses it, and no copy loads it.
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

source, target, mapping, verify = sys.argv[1:]
plan = build_plan(source, target, PlanOptions(mapping_text=mapping or None))
with tempfile.TemporaryDirectory() as folder:
    result = execute_run(
        plan, source, target, run_id=str(uuid.uuid4()), options=RunOptions(verify=bool(verify)), control=Control(),
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


def loaded(source: str, target: str, mapping: str = "", verify: bool = False) -> list[str]:
    """The heavy packages that a copy of the table t loads in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", COPY, source, target, mapping, "yes" if verify else ""],
        capture_output=True,
        text=True,
        check=True,
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


@pytest.mark.parametrize("product", ["postgres", "mariadb", "sqlite"])
def test_a_copy_to_postgres_loads_nothing_for_columns(product: str, filled: Any, new_database: Any) -> None:
    assert loaded(filled(product), new_database("postgres")) == []


def test_a_csv_file_is_looked_at_by_arrow(filled: Any, new_database: Any) -> None:
    assert loaded(filled("csv"), new_database("postgres")) == ["pyarrow"]


@pytest.mark.parametrize("product", ["postgres", "mariadb"])
def test_expressions_load_duckdb_and_arrow(product: str, filled: Any, new_database: Any) -> None:
    assert loaded(filled(product), new_database("postgres"), MAPPING) == ["duckdb", "pyarrow", "sqlglot"]


@pytest.mark.parametrize("product", ["postgres", "mariadb"])
def test_a_duckdb_target_loads_duckdb_and_arrow(product: str, filled: Any, new_database: Any) -> None:
    assert loaded(filled(product), new_database("duckdb")) == ["duckdb", "pyarrow"]


@pytest.mark.parametrize("product", ["postgres", "mariadb"])
def test_a_parquet_target_loads_arrow(product: str, filled: Any, tmp_path: Path) -> None:
    assert set(loaded(filled(product), f"parquet:///{tmp_path / 'out'}")) <= {"duckdb", "pyarrow"}


def test_a_verification_that_compares_rows_here_loads_duckdb_and_arrow(filled: Any, new_database: Any) -> None:
    assert loaded(filled("sqlite"), new_database("postgres"), verify=True) == ["duckdb", "pyarrow"]


@pytest.mark.parametrize("product", ["postgres", "mariadb"])
def test_a_verification_by_hashes_in_both_databases_loads_neither(product: str, filled: Any, new_database: Any) -> None:
    assert loaded(filled(product), new_database("postgres"), verify=True) == []


def test_arrow_knows_pandas_all_the_same_once_somebody_uses_it() -> None:
    script = """
import sys
from dms_workbench.engine.databases.arrow_alone import arrow_alone
arrow_alone()
import pyarrow
pyarrow.array([1])
assert "pandas" not in sys.modules
import pandas
frame = pandas.DataFrame({"a": [1, 2]})
assert pyarrow.table(frame).to_pandas().equals(frame)
"""
    pytest.importorskip("pandas")
    subprocess.run([sys.executable, "-c", script], check=True)
