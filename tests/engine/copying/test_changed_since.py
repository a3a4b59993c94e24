"""Which side has changed since a run: told apart by what the run kept of its verification."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions, RunResult, execute_repair, execute_verify
from dms_workbench.engine.planning import PlanOptions, build_plan
from tests.engine.copying.products import new, sql  # noqa: F401  fixtures

New = Callable[[str], str]
Sql = Callable[..., Any]
Migrate = Callable[..., RunResult]
ROWS = "with recursive n (i) as (select 1 union all select i + 1 from n where i < 900) select i, 'row' from n"
SERVERS = (
    pytest.param(("postgres", "postgres"), marks=pytest.mark.postgres),
    pytest.param(("mysql", "mysql"), marks=pytest.mark.mariadb),
    pytest.param(("mysql", "postgres"), marks=[pytest.mark.mariadb, pytest.mark.postgres]),
    pytest.param(("postgres", "mysql"), marks=[pytest.mark.mariadb, pytest.mark.postgres]),
)


def copied(new: New, sql: Sql, migrate: Migrate, products: tuple[str, str]) -> tuple[str, str]:  # noqa: F811
    """Table t of 900 rows on both sides."""
    source, target = map(new, products)
    sql(source, "create table t (id integer primary key, a varchar(40))", f"insert into t {ROWS}")
    assert migrate(source, target).status == "succeeded"
    return source, target


def verified(source: str, target: str, folder: Path, differences: Path | None = None) -> RunResult:
    """As ``dms verify`` does."""
    plan = build_plan(source, target, PlanOptions(purpose="verify"))
    return execute_verify(
        plan, source, target, run_id="v", control=Control(), spool_directory=folder, differences=differences
    )


def since(result: RunResult) -> dict[str, str]:
    """By key what is said of each row."""
    return {found["key"]["id"]: found.get("since", "") for found in result.tables[0].findings}


@pytest.mark.parametrize("products", SERVERS)
def test_each_row_says_which_side_has_changed_it(
    new: New,  # noqa: F811
    sql: Sql,  # noqa: F811
    migrate: Migrate,
    tmp_path: Path,
    products: tuple[str, str],
) -> None:
    source, target = copied(new, sql, migrate, products)
    assert verified(source, target, tmp_path).tables[0].compared == "hashes in both databases"
    sql(
        source,
        "update t set a = 'new' where id = 7",
        "delete from t where id = 8",
        "insert into t values (5000, 'new')",
    )
    sql(
        target,
        "update t set a = 'other' where id = 107",
        "delete from t where id = 108",
        "insert into t values (5100, 'x')",
    )
    sql(source, "update t set a = 'here' where id = 500")
    sql(target, "update t set a = 'there' where id = 500")
    listed = tmp_path / "rows.jsonl"
    result = verified(source, target, tmp_path, listed)
    assert result.status == "differences"
    assert since(result) == {
        "7": "source", "8": "source", "5000": "source", "107": "target", "108": "target", "5100": "target", "500": "both",
    }  # fmt: skip
    assert "3 changed in the source" in result.tables[0].reason
    assert "3 changed in the target" in result.tables[0].reason
    assert listed.read_text().count('"since": "source"') == 3


@pytest.mark.postgres
def test_a_row_that_was_wrong_when_the_run_ended_is_told_from_one_changed_since(
    new: New,  # noqa: F811
    sql: Sql,  # noqa: F811
    migrate: Migrate,
    tmp_path: Path,
) -> None:
    source, target = new("postgres"), new("postgres")
    sql(source, "create table t (id integer primary key, a varchar(40))", f"insert into t {ROWS}")
    sql(
        target,
        "create table t (id integer primary key, a varchar(40))",
        "create function spoil() returns trigger language plpgsql as $$ begin new.a := 'spoilt'; return new; end $$",
        "create trigger spoils before insert on t for each row when (new.id = 40) execute function spoil()",
    )
    assert migrate(source, target).status == "differences"
    sql(source, "update t set a = 'new' where id = 7")
    assert since(verified(source, target, tmp_path)) == {"7": "source", "40": "neither"}


@pytest.mark.postgres
def test_what_a_repair_has_mended_is_what_later_changes_are_told_by(
    new: New,  # noqa: F811
    sql: Sql,  # noqa: F811
    migrate: Migrate,
    tmp_path: Path,
) -> None:
    source, target = copied(new, sql, migrate, ("postgres", "postgres"))
    sql(source, "update t set a = 'new' where id = 7")
    plan = build_plan(source, target, PlanOptions(purpose="verify"))
    mended = execute_repair(
        plan,
        source,
        target,
        run_id=str(uuid.uuid4()),
        options=RunOptions(),
        control=Control(),
        spool_directory=tmp_path,
    )
    assert mended.status == "succeeded"
    sql(target, "update t set a = 'other' where id = 7")
    assert since(verified(source, target, tmp_path)) == {"7": "target"}


@pytest.mark.parametrize("product", ["sqlite", "duckdb"])
@pytest.mark.parametrize("side", ["source", "target"])
def test_of_a_table_whose_buckets_no_key_chooses_the_side_is_told_as_a_whole(
    new: New,  # noqa: F811
    sql: Sql,  # noqa: F811
    migrate: Migrate,
    tmp_path: Path,
    product: str,
    side: str,
) -> None:
    source, target = copied(new, sql, migrate, (product, product))
    sql(source if side == "source" else target, "update t set a = 'new' where id = 7")
    result = verified(source, target, tmp_path)
    assert since(result) == {"7": ""}
    assert f"since the run only the {side} has changed" in result.tables[0].reason


def test_without_books_nothing_is_said_of_who_has_changed_what(new: New, sql: Sql, tmp_path: Path) -> None:  # noqa: F811
    source, target = new("sqlite"), new("sqlite")
    for url, word in ((source, "a"), (target, "b")):
        sql(url, "create table t (id integer primary key, a text)", f"insert into t values (1, '{word}')")
    result = verified(source, target, tmp_path)
    assert "since" not in result.tables[0].reason
    assert since(result) == {"1": ""}
