"""A table that could not be compared: the result says what happened, where, what is safe and what to type now."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions, RunResult, execute_repair, execute_verify
from dms_workbench.engine.planning import PlanOptions, build_plan
from tests.engine.copying.conftest import run_sql

pytestmark = pytest.mark.postgres
Migrate = Callable[..., RunResult]


@pytest.fixture
def unreadable(new_database: Callable[[str], str], postgres: Any) -> Iterator[tuple[str, str, str]]:
    """Source, target, and the target as a role sees it that writes t, but may not read its column a."""
    source, target = new_database("sqlite"), new_database("postgres")
    run_sql(source, "create table t (id integer primary key, a text)", "insert into t values (1, 'x'), (2, 'y')")
    role = f"half_{uuid.uuid4().hex[:12]}"
    name = target.rpartition("/")[2].partition("?")[0]
    run_sql(target, f"create role {role} login password 'half'", f'grant create on database "{name}" to {role}')
    yield source, target, postgres.url(name, user=role, password="half")
    run_sql(target, f"drop owned by {role} cascade", f"drop role {role}")


def grant(target: str, seen: str) -> None:
    """Let the role read all but one column."""
    role = seen.partition("//")[2].partition(":")[0]
    run_sql(
        target,
        f"grant select (id) on t to {role}",
        f"grant usage on schema dms_ledger to {role}",
        f"grant select on all tables in schema dms_ledger to {role}",
    )


def told(result: RunResult) -> dict[str, Any]:
    """The error of a result that is not verified."""
    assert result.status == "not_verified"
    assert result.error is not None
    return result.error


def test_a_verification_that_may_not_read_a_table_says_what_to_do(
    unreadable: tuple[str, str, str], migrate: Migrate, tmp_path: Path
) -> None:
    source, target, seen = unreadable
    migrate(source, target)
    grant(target, seen)
    plan = build_plan(source, seen, PlanOptions(purpose="verify"))
    error = told(execute_verify(plan, source, seen, run_id="v", control=Control(), spool_directory=tmp_path))
    assert (error["code"], error["where"], error["next"]) == ("not-verified", "t", "dms runs resume v")
    assert "permission denied for table t. Ask the database's owner" in error["message"]
    assert "committed" in error["safe"]


def test_a_table_that_cannot_even_be_counted_leaves_the_others_verified(
    unreadable: tuple[str, str, str], migrate: Migrate, tmp_path: Path
) -> None:
    source, target, seen = unreadable
    run_sql(source, "create table v (id integer primary key)", "insert into v values (1), (2), (3)")
    migrate(source, target)
    grant(target, seen)
    role = seen.partition("//")[2].partition(":")[0]
    run_sql(target, f"grant select on v to {role}", f"revoke all on t from {role}", f"revoke all (id) on t from {role}")
    plan = build_plan(source, seen, PlanOptions(purpose="verify"))
    result = execute_verify(plan, source, seen, run_id="v", control=Control(), spool_directory=tmp_path)
    assert told(result)["where"] == "t"
    unread, read = result.tables
    assert (unread.verified, unread.counted, unread.read, unread.written) == ("not_verified", False, 2, 0)
    assert "permission denied for table t" in unread.reason
    assert unread.reason.endswith("its rows could not be counted")
    assert (read.verified, read.counted, read.read, read.written) == ("equal", True, 3, 3)


def test_a_repair_that_may_not_read_a_table_says_so_under_its_own_name(
    unreadable: tuple[str, str, str], migrate: Migrate, tmp_path: Path
) -> None:
    source, target, seen = unreadable
    migrate(source, target)
    grant(target, seen)
    result = execute_repair(
        build_plan(source, seen, PlanOptions(purpose="verify")),
        source,
        seen,
        run_id="r",
        options=RunOptions(),
        control=Control(),
        spool_directory=tmp_path,
    )
    assert told(result)["next"] == "dms runs resume r"


def test_a_run_that_was_not_to_verify_names_the_command_that_does(
    new_database: Callable[[str], str], migrate: Migrate
) -> None:
    source, target = new_database("sqlite"), new_database("sqlite")
    run_sql(source, "create table t (id integer primary key)", "insert into t values (1)")
    result = migrate(source, target, options=RunOptions(verify=False))
    assert (result.status, result.error) == ("not_verified", None)
    assert "dms verify" in result.tables[0].reason


def test_rows_of_which_nobody_knows_who_wrote_them_name_the_comparison_of_all(
    new_database: Callable[[str], str], migrate: Migrate
) -> None:
    source, target = new_database("sqlite"), new_database("sqlite")
    run_sql(source, "create table t (id integer primary key, a text)", "insert into t values (1, 'x'), (2, 'y')")
    run_sql(target, "create table t (id integer primary key, a text)", "insert into t values (1, 'mine')")
    error = told(migrate(source, target, mode="insert-missing", undo_days=0))
    assert error["next"].startswith("dms verify")
    assert "--mode" in error["next"]
