"""Inserting what is missing: rows that were there keep their values, and each row that the run wrote is proved."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions, RunResult, execute_repair, execute_verify
from dms_workbench.engine.planning import PlanOptions, build_plan
from tests.engine.copying.products import PRODUCTS, new, sql  # noqa: F401  fixtures

New = Callable[[str], str]
Sql = Callable[..., Any]
Migrate = Callable[..., RunResult]
TABLE = "create table t (id integer primary key, a varchar(20))"


def sides(new: New, sql: Sql, product: str) -> tuple[str, str]:  # noqa: F811
    """Rows 1 to 50 in the source, two of which the target has with other values, and one row beside them."""
    source, target = new("sqlite"), new(product)
    sql(source, TABLE, "insert into t values " + ", ".join(f"({number}, 'row')" for number in range(1, 51)))
    sql(target, TABLE, "insert into t values (3, 'mine'), (4, 'mine'), (101, 'mine')")
    return source, target


def verified(source: str, target: str, folder: Path) -> RunResult:
    """As ``dms verify`` does."""
    plan = build_plan(source, target, PlanOptions(purpose="verify", mode="insert-missing"))
    return execute_verify(plan, source, target, run_id="v", control=Control(), spool_directory=folder)


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_row_that_the_run_inserted_and_that_differs_is_named_but_none_that_was_there(
    new: New,  # noqa: F811
    sql: Sql,  # noqa: F811
    migrate: Migrate,
    tmp_path: Path,
    product: str,
) -> None:
    source, target = sides(new, sql, product)
    copied = migrate(source, target, mode="insert-missing")
    assert (copied.status, copied.tables[0].verified) == ("succeeded", "equal")
    assert "2 rows that were there keep values other than the source's" in copied.tables[0].reason

    assert verified(source, target, tmp_path).tables[0].verified == "equal"
    sql(target, "update t set a = 'mine' where id = 3", "update t set a = 'wrong' where id = 30")
    (table,) = verified(source, target, tmp_path).tables
    assert table.verified == "different"
    assert [(found["kind"], found["key"]) for found in table.findings] == [("changed", {"id": "30"})]
    assert "1 changed" in table.reason


@pytest.mark.postgres
def test_a_wrong_row_cannot_hide_among_rows_that_were_met(
    new: New,  # noqa: F811
    sql: Sql,  # noqa: F811
    migrate: Migrate,
    tmp_path: Path,
) -> None:
    source, target = sides(new, sql, "postgres")
    migrate(source, target, mode="insert-missing")
    sql(target, "update t set a = 'row' where id in (3, 4)", "update t set a = 'wrong' where id = 30")
    (table,) = verified(source, target, tmp_path).tables
    assert (table.verified, [found["key"] for found in table.findings]) == ("different", [{"id": "30"}])


def test_without_undo_data_rows_that_differ_are_not_verified(new: New, sql: Sql, migrate: Migrate) -> None:  # noqa: F811
    source, target = sides(new, sql, "sqlite")
    result = migrate(source, target, mode="insert-missing", undo_days=0)
    assert (result.status, result.tables[0].verified) == ("not_verified", "not_verified")
    assert "2 rows differ, and without undo data nobody can tell" in result.tables[0].reason


def test_a_repair_leaves_rows_that_were_there(new: New, sql: Sql, migrate: Migrate, tmp_path: Path) -> None:  # noqa: F811
    source, target = sides(new, sql, "sqlite")
    migrate(source, target, mode="insert-missing")
    sql(target, "delete from t where id = 30")
    plan = build_plan(source, target, PlanOptions(purpose="verify", mode="insert-missing"))
    result = execute_repair(
        plan,
        source,
        target,
        run_id=str(uuid.uuid4()),
        options=RunOptions(),
        control=Control(),
        spool_directory=tmp_path,
    )
    assert result.status == "differences"
    assert any("--mode insert-missing" in note for note in result.notes)
    assert sql(target, "select id from t where a = 'mine' order by id") == [(3,), (4,), (101,)]
