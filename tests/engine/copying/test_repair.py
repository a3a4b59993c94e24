"""Mending the rows that verification finds wrong, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions, RunResult, execute_repair, execute_verify
from dms_workbench.engine.planning import PlanOptions, build_plan
from tests.engine.copying import killed, products
from tests.engine.copying.conftest import PRODUCTS, run_sql
from tests.engine.copying.products import new, sql  # noqa: F401  fixtures

Repairs = Callable[..., RunResult]
NewDatabase = Callable[[str], str]
Migrate = Callable[..., RunResult]
ROWS = "with recursive n (i) as (select 1 union all select i + 1 from n where i < 3000) select i, 'row ' || i, i * 2 from n"
DAMAGE = (
    "update t set a = 'Row 7' where id = 7",
    "update t set n = null where id in (8, 2500)",
    "delete from t where id in (1, 1500, 3000)",
    "insert into t values (0, 'extra', 1), (9999, 'extra', 2)",
)


@pytest.fixture
def repaired(tmp_path: Path) -> Repairs:
    """Compare, mend and compare again, as ``dms verify --repair`` does."""

    def run(source: str, target: str, *, run_id: str = "", delete_extra: bool = False, **options: Any) -> RunResult:
        plan = build_plan(source, target, PlanOptions(purpose="verify", **options))
        return execute_repair(
            plan,
            source,
            target,
            run_id=run_id or str(uuid.uuid4()),
            options=RunOptions(),
            control=Control(),
            spool_directory=tmp_path,
            delete_extra=delete_extra,
        )

    return run


def verified(source: str, target: str, folder: Path, **options: Any) -> str:
    """What a verification says of the only table."""
    plan = build_plan(source, target, PlanOptions(purpose="verify", **options))
    result = execute_verify(plan, source, target, run_id="v", control=Control(), spool_directory=folder)
    return result.tables[0].verified


def copied(
    new_database: NewDatabase, migrate: Migrate, products: tuple[str, str], key: str = "primary key"
) -> tuple[str, str]:
    """Table t of 3,000 rows on both sides."""
    source, target = map(new_database, products)
    run_sql(source, f"create table t (id integer {key}, a text, n integer)", f"insert into t {ROWS}")
    assert migrate(source, target).status == "succeeded"
    return source, target


@pytest.mark.parametrize("target_product", PRODUCTS)
@pytest.mark.parametrize("source_product", ["sqlite", "postgres"])
def test_wrong_rows_are_mended_and_extra_ones_left(
    new_database: NewDatabase, migrate: Migrate, repaired: Repairs, source_product: str, target_product: str
) -> None:
    source, target = copied(new_database, migrate, (source_product, target_product))
    run_sql(target, *DAMAGE)
    result = repaired(source, target)
    (table,) = result.tables
    assert (table.merged, table.written, result.status) == (3, 3, "differences")
    assert table.read < 3000 or target_product != "postgres"
    assert table.closed
    assert [finding["kind"] for finding in table.findings] == ["extra", "extra"]
    assert any("2 rows that the source does not have were left" in note for note in result.notes)
    assert run_sql(target, "select a from t where id in (7, 0) order by id") == [("extra",), ("row 7",)]


@pytest.mark.parametrize("target_product", PRODUCTS)
def test_extra_rows_are_deleted_if_asked_for_and_all_is_equal_then(
    new_database: NewDatabase, migrate: Migrate, repaired: Repairs, tmp_path: Path, target_product: str
) -> None:
    source, target = copied(new_database, migrate, ("sqlite", target_product))
    run_sql(target, *DAMAGE)
    result = repaired(source, target, delete_extra=True)
    assert (result.status, result.tables[0].verified) == ("succeeded", "equal")
    assert any("2 rows that the source does not have were deleted" in note for note in result.notes)
    assert verified(source, target, tmp_path) == "equal"


def test_equal_tables_are_left_as_they_are(new_database: NewDatabase, migrate: Migrate, repaired: Repairs) -> None:
    source, target = copied(new_database, migrate, ("sqlite", "postgres"))
    before = run_sql(target, "select sum(xmin::text::bigint) from t")
    assert repaired(source, target).status == "succeeded"
    assert run_sql(target, "select sum(xmin::text::bigint) from t") == before
    assert run_sql(target, "select count(*) from dms_ledger.runs") == [(1,)]


def test_only_the_wrong_rows_are_written(new_database: NewDatabase, migrate: Migrate, repaired: Repairs) -> None:
    source, target = copied(new_database, migrate, ("postgres", "postgres"))
    run_sql(target, "create table before_repair as select id, xmin::text as x from t", *DAMAGE[:2])
    assert repaired(source, target).status == "succeeded"
    changed = run_sql(target, "select t.id from t join before_repair b using (id) where t.xmin::text <> b.x order by 1")
    assert changed == [(7,), (8,), (2500,)]


def test_the_ledger_says_whose_rows_were_mended(new_database: NewDatabase, migrate: Migrate, repaired: Repairs) -> None:
    source, target = copied(new_database, migrate, ("sqlite", "postgres"))
    run_sql(target, *DAMAGE[:3])
    result = repaired(source, target)
    rows = run_sql(
        target, f"select kind, status, parent_run_id is not null from dms_ledger.runs where run_id = '{result.run_id}'"
    )
    assert rows == [("repair", "succeeded", True)]


def test_rows_are_mended_through_the_mapping(
    new_database: NewDatabase, migrate: Migrate, repaired: Repairs, tmp_path: Path
) -> None:
    source, target = new_database("sqlite"), new_database("postgres")
    run_sql(source, "create table t (id integer primary key, a text, n integer)", f"insert into t {ROWS}")
    mapping = (
        "format: dms-mapping/1\nname: m\ntables:\n  - source: t\n    target: u\n    where: n > 100\n    columns:\n"
        "      key: id\n      name: {expression: upper(a)}\n"
    )
    assert migrate(source, target, mapping_text=mapping).status == "succeeded"
    run_sql(target, "update u set name = lower(name) where key = 70", "delete from u where key = 2000")
    assert repaired(source, target, mapping_text=mapping).status == "succeeded"
    assert verified(source, target, tmp_path, mapping_text=mapping) == "equal"


def test_a_table_that_is_wrong_in_very_many_rows_is_read_whole(
    new_database: NewDatabase, migrate: Migrate, repaired: Repairs
) -> None:
    source, target = copied(new_database, migrate, ("sqlite", "postgres"))
    run_sql(target, "update t set a = a || ' ' where id > 500")
    result = repaired(source, target)
    assert (result.status, result.tables[0].merged, result.tables[0].read) == ("succeeded", 2500, 3000)


def test_text_keys_are_mended_too(new_database: NewDatabase, migrate: Migrate, repaired: Repairs) -> None:
    source, target = new_database("postgres"), new_database("postgres")
    run_sql(
        source,
        "create table t (k text primary key, n numeric)",
        "insert into t select 'k' || i, 1.0 from generate_series(1, 500) i",
    )
    migrate(source, target)
    run_sql(
        target, "update t set n = 1.00 where k = 'k7'", "delete from t where k = 'k9'", "insert into t values ('K7', 1)"
    )
    assert repaired(source, target, delete_extra=True).status == "succeeded"
    assert run_sql(target, "select count(*), sum(scale(n)) from t") == [(500, 500)]


def test_rows_that_others_hang_on_are_not_deleted(
    new_database: NewDatabase, migrate: Migrate, repaired: Repairs
) -> None:
    source, target = copied(new_database, migrate, ("sqlite", "postgres"))
    run_sql(
        target,
        "insert into t values (9999, 'extra', 0)",
        "create table child (id integer references t on delete cascade)",
        "insert into child values (9999)",
    )
    result = repaired(source, target, delete_extra=True, tables=("t",))
    assert result.status == "differences"
    assert any("child would change too" in note for note in result.notes)
    assert run_sql(target, "select count(*) from child") == [(1,)]


KEYLESS = (
    "create table t (a varchar(20), n integer)",
    "insert into t values ('one', 1), ('one', 1), ('one', 1), ('One', 1), (null, 2), (null, 2), ('', 3), ('gone', null)",
)
KEYLESS_DAMAGE = (
    "delete from t where a = 'gone'",
    "insert into t values ('one', 1), ('One', 1), ('one', 7), (null, 2), (null, 3)",
)


def sorted_rows(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """In an order that NULLs have a place in."""
    return sorted(rows, key=lambda row: [(value is None, value) for value in row])


@pytest.mark.parametrize("product", products.PRODUCTS)
def test_rows_of_a_table_without_key_are_mended_as_often_as_they_are_wrong(
    new: NewDatabase,  # noqa: F811
    sql: products.Sql,  # noqa: F811
    migrate: Migrate,
    repaired: Repairs,
    product: str,
) -> None:
    source, target = new("sqlite"), new(product)
    sql(source, *KEYLESS)
    assert migrate(source, target).status == "succeeded"
    sql(target, *KEYLESS_DAMAGE)
    first = repaired(source, target)
    assert (first.status, first.tables[0].written, first.tables[0].closed) == ("differences", 1, True)
    assert sql(target, "select count(*) from t") == [(13,)]
    result = repaired(source, target, delete_extra=True)
    assert (result.status, result.tables[0].verified, result.tables[0].closed) == ("succeeded", "equal", True)
    assert any("5 rows that the source does not have were deleted" in note for note in result.notes)
    rows = "select a, n from t"
    assert sorted_rows(sql(target, rows)) == sorted_rows(sql(source, rows))


@pytest.mark.parametrize("key", ["primary key", ""])
@pytest.mark.parametrize("product", products.PRODUCTS)
def test_a_repair_is_taken_back_with_the_rows_that_it_deleted(
    new: NewDatabase,  # noqa: F811
    sql: products.Sql,  # noqa: F811
    migrate: Migrate,
    repaired: Repairs,
    tmp_path: Path,
    product: str,
    key: str,
) -> None:
    source, target = new("sqlite"), new(product)
    sql(
        source, f"create table t (id integer {key}, a varchar(20))", "insert into t values (1, 'x'), (2, 'y'), (3, 'z')"
    )
    assert migrate(source, target).status == "succeeded"
    sql(target, "delete from t where id = 1", "update t set a = 'Y' where id = 2", "insert into t values (9, 'more')")
    damaged = sorted(sql(target, "select * from t"))
    result = repaired(source, target, delete_extra=True)
    assert result.status == "succeeded"
    assert sorted(sql(target, "select * from t")) == [(1, "x"), (2, "y"), (3, "z")]
    taken_back = killed.undo(source, target, tmp_path / "undo", result.run_id, purpose="verify")
    assert (taken_back.status, taken_back.error) == ("succeeded", None)
    assert sorted(sql(target, "select * from t")) == damaged
    assert repaired(source, target, delete_extra=True).status == "succeeded"


@pytest.mark.parametrize("point", ["chunk.committed", "repair.before-exchange-commit", "repair.exchanged"])
def test_a_repair_of_a_table_without_key_that_is_killed_goes_on(
    new_database: NewDatabase, migrate: Migrate, tmp_path: Path, point: str
) -> None:
    source, target = copied(new_database, migrate, ("postgres", "postgres"), key="")
    run_sql(target, "delete from t where id = 5", "insert into t values (6, 'row 6', 12), (7, 'x', 0)")
    command = [sys.executable, "-c", SCRIPT, source, target, "repair-1", str(tmp_path)]
    dead = subprocess.run(command, env={**os.environ, "DMS_FAIL_POINT": point}, capture_output=True, check=False)
    assert dead.returncode < 0 or point == "chunk.committed"
    done = subprocess.run(command, env=dict(os.environ), capture_output=True, check=True)
    assert json.loads(done.stdout) == ["succeeded", ["equal"], None]


def test_a_table_without_key_that_had_rows_before_is_said_not_to_be_mended(
    new_database: NewDatabase, migrate: Migrate, repaired: Repairs
) -> None:
    source, target = map(new_database, ("sqlite", "postgres"))
    run_sql(source, *KEYLESS)
    run_sql(target, KEYLESS[0], "insert into t values ('mine', 0)")
    assert migrate(source, target, mode="append").status == "succeeded"
    run_sql(target, "delete from t where a = 'gone'")
    result = repaired(source, target, delete_extra=True, mode="append")
    assert result.status == "differences"
    assert any("rows were in it before" in note for note in result.notes)
    assert run_sql(target, "select count(*) from t where a = 'mine'") == [(1,)]


POINTS = [
    "run.entered", "repair.lanes-opened", "chunk.before-commit", "chunk.committed", "repair.before-delete-commit",
    "repair.deleted", "result.before-entry",
]  # fmt: skip
SCRIPT = """
import sys, json
from pathlib import Path
from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions, execute_repair
from dms_workbench.engine.planning import PlanOptions, build_plan
source, target, run_id, folder = sys.argv[1:]
plan = build_plan(source, target, PlanOptions(purpose="verify"))
result = execute_repair(plan, source, target, run_id=run_id, options=RunOptions(), control=Control(), spool_directory=Path(folder),
                        delete_extra=True)
print(json.dumps([result.status, [table.verified for table in result.tables], result.error]))
"""


@pytest.mark.parametrize("point", POINTS)
def test_a_repair_killed_anywhere_goes_on_and_ends_equal(
    new_database: NewDatabase, migrate: Migrate, tmp_path: Path, point: str
) -> None:
    source, target = copied(new_database, migrate, ("sqlite", "postgres"))
    run_sql(target, *DAMAGE)
    command = [sys.executable, "-c", SCRIPT, source, target, "repair-1", str(tmp_path)]
    dead = subprocess.run(command, env={**os.environ, "DMS_FAIL_POINT": point}, capture_output=True, check=False)
    assert dead.returncode < 0
    done = subprocess.run(command, env=dict(os.environ), capture_output=True, check=True)
    assert json.loads(done.stdout) == ["succeeded", ["equal"], None]
