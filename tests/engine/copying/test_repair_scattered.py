"""Mending rows that lie far apart: many ranges are read again, by few connections."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions, RunResult, execute_repair
from dms_workbench.engine.planning import PlanOptions, build_plan
from tests.engine.copying import products
from tests.engine.copying.products import new, sql  # noqa: F401  fixtures

NewDatabase = Callable[[str], str]
Migrate = Callable[..., RunResult]
WRONG = 150
"""Rows that are wrong, each too far from the next one to be read with it."""
CONNECTIONS = 20
"""More than a repair of one row opens, far fewer than one for each of many."""
NUMBERS = f"with recursive n (i) as (select 1 union all select i + 1 from n where i < {2 * WRONG}) select i from n"
OPENED = {
    "postgres": "select sessions from pg_stat_database where datname = current_database()",
    "mysql": "select variable_value from information_schema.global_status where variable_name = 'CONNECTIONS'",
}


@pytest.mark.parametrize(
    ("source_product", "target_product"),
    [
        pytest.param("postgres", "postgres", marks=pytest.mark.postgres),
        pytest.param("mysql", "mysql", marks=pytest.mark.mariadb),
    ],
)
def test_rows_far_apart_are_mended_by_few_connections(
    new: NewDatabase,  # noqa: F811
    sql: products.Sql,  # noqa: F811
    migrate: Migrate,
    tmp_path: Path,
    source_product: str,
    target_product: str,
) -> None:
    source, target = new(source_product), new(target_product)
    sql(
        source,
        "create table t (id integer primary key, a varchar(20))",
        f"insert into t select i * 5000, 'a' from ({NUMBERS}) m",
    )
    assert migrate(source, target).status == "succeeded"
    sql(target, f"update t set a = 'b' where id > {WRONG * 5000}", f"delete from t where id <= {20 * 5000}")
    before = [int(sql(url, OPENED[source_product])[0][0]) for url in (source, target)]
    plan = build_plan(source, target, PlanOptions(purpose="verify"))
    result = execute_repair(
        plan,
        source,
        target,
        run_id=str(uuid.uuid4()),
        options=RunOptions(),
        control=Control(),
        spool_directory=tmp_path,
    )
    after = [int(sql(url, OPENED[source_product])[0][0]) for url in (source, target)]
    opened = [then - now for now, then in zip(before, after, strict=True)]
    (table,) = result.tables
    assert (result.status, table.read, table.written, table.merged) == ("succeeded", WRONG + 20, 20, WRONG)
    assert max(opened) < CONNECTIONS
    assert sql(target, "select count(*) from t where a = 'a'") == [(2 * WRONG,)]
    stages = "select count(*) from information_schema.tables where table_name like 'dms%stage%'"
    assert sql(target, stages) == [(0,)]
