"""Rows of MariaDB that nothing tells apart: many of them are taken out, or taken back, in a few statements."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions, RunResult, execute_repair
from dms_workbench.engine.planning import PlanOptions, build_plan
from tests.engine.copying import killed, products
from tests.engine.copying.products import new, sql  # noqa: F401  fixtures

pytestmark = pytest.mark.mariadb
ROWS = 400
STATEMENTS = 40
"""Far fewer than rows."""
DELETES = "select sum(variable_value) from information_schema.global_status where variable_name in ('COM_DELETE', 'COM_DELETE_MULTI')"
BY_KIND = "select n, f, count(*) from t group by n, f, later order by n"
MANY = f"with recursive i (n) as (select 1 union all select n + 1 from i where n < {ROWS}) select n, n / 7 from i"


@pytest.fixture
def doubled(
    request: pytest.FixtureRequest,
    new: Callable[[str], str],  # noqa: F811
    sql: products.Sql,  # noqa: F811
    migrate: Callable[..., RunResult],
) -> tuple[str, str, str]:
    """A table without key that was copied, and each of whose rows others have added once or twice more, and the copy's id.

    Its parameter: the row that was there before.
    """
    source, target = new("sqlite"), new("mysql")
    sql(source, "create table t (n integer, f float)", f"insert into t {MANY}")
    sql(target, "create table t (n integer, f double, later varchar(9) default 'x', twice integer as (n * 2))")
    sql(target, *(f"insert into t (n, f) values ({row})" for row in request.param))
    run_id = migrate(source, target, mode="append").run_id
    more = "insert into t (n, f, later) select n, f, later from t where n"
    sql(target, f"{more} <= {ROWS}", f"{more} > {ROWS // 2}")
    return source, target, run_id


def deletes(sql: products.Sql, url: str) -> int:  # noqa: F811
    """The statements that have deleted rows so far."""
    return int(sql(url, DELETES)[0][0])


@pytest.mark.parametrize("doubled", [()], indirect=True)
def test_rows_that_are_there_too_often_go_in_a_few_statements(
    doubled: tuple[str, str, str],
    sql: products.Sql,  # noqa: F811
    tmp_path: Path,
) -> None:
    source, target, _ = doubled
    before = deletes(sql, target)
    result = execute_repair(
        build_plan(source, target, PlanOptions(purpose="verify", mode="append")),
        source,
        target,
        run_id=str(uuid.uuid4()),
        options=RunOptions(),
        control=Control(),
        spool_directory=tmp_path,
        delete_extra=True,
    )
    assert (result.status, result.tables[0].verified) == ("succeeded", "equal")
    assert deletes(sql, target) - before < STATEMENTS
    assert [row[2] for row in sql(target, BY_KIND)] == [1] * ROWS


@pytest.mark.parametrize("doubled", [("0, 0.5",)], indirect=True)
def test_rows_of_which_others_added_more_are_taken_back_in_a_few_statements(
    doubled: tuple[str, str, str],
    sql: products.Sql,  # noqa: F811
    tmp_path: Path,
) -> None:
    source, target, run_id = doubled
    before = deletes(sql, target)
    assert killed.undo(source, target, tmp_path / "undo", run_id, mode="append").status == "succeeded"
    assert deletes(sql, target) - before < STATEMENTS
    assert [row[2] for row in sql(target, BY_KIND)] == [2] + [1] * (ROWS // 2) + [3] * (ROWS // 2)
    others = 2 + ROWS * 2
    assert sql(target, "select count(*) from t where later = 'x' and twice = n * 2") == [(others,)]
