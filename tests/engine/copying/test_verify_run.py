"""Verifying what is there already, which reads only."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import execute_verify
from dms_workbench.engine.planning import PlanOptions, build_plan
from tests.engine.copying.conftest import PRODUCTS, run_sql


@pytest.fixture
def verified(tmp_path):
    def run(source: str, target: str, **options):
        plan = build_plan(source, target, PlanOptions(purpose="verify", **options))
        return execute_verify(plan, source, target, run_id="verification", control=Control(), spool_directory=tmp_path)

    return run


def dirty_source(url: str) -> str:
    run_sql(url, "create table t (id integer primary key, n integer)", "insert into t values (1, 1), (2, 'x'), (3, 3)")
    return url


@pytest.mark.parametrize("product", PRODUCTS)
def test_rows_in_quarantine_are_expected_to_be_absent(product, new_database, migrate, verified):
    source, target = dirty_source(new_database("sqlite")), new_database(product)
    copied = migrate(source, target)
    result = verified(source, target)
    assert [table.verified for table in result.tables] == ["equal"]
    assert result.status == copied.status


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_changed_cell_is_named(product, new_database, migrate, verified):
    source, target = dirty_source(new_database("sqlite")), new_database(product)
    migrate(source, target)
    run_sql(target, "update t set n = 4 where id = 3")
    result = verified(source, target)
    assert result.status == "differences"
    assert result.tables[0].findings[0]["columns"] == ["n"]


def test_a_verification_changes_no_byte_of_the_target(new_database, migrate, verified):
    source, target = dirty_source(new_database("sqlite")), new_database("sqlite")
    migrate(source, target)
    file = Path(target.partition("///")[2])
    before = (hashlib.sha256(file.read_bytes()).digest(), file.stat().st_mtime_ns)
    verified(source, target)
    assert (hashlib.sha256(file.read_bytes()).digest(), file.stat().st_mtime_ns) == before


def test_a_database_made_read_only_by_its_owner_can_be_verified(new_database, migrate, verified):
    source, target = dirty_source(new_database("sqlite")), new_database("postgres")
    migrate(source, target)
    run_sql(target, f"alter database {target.rpartition('/')[2]} set default_transaction_read_only = on")
    assert verified(source, target).tables[0].verified == "equal"
