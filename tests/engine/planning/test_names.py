"""Names and shapes that a target cannot hold are refused by the plan, before anything is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from dms_workbench.engine.planning import PlanOptions, build_plan
from dms_workbench.engine.planning.errors import NameNotPossible, NothingToCopy, PlanRefused, SameFile
from tests.engine.copying.conftest import run_sql

LONG = "n" * 64


def lite(folder: Path, *statements: str) -> str:
    url = f"sqlite:///{folder / 'source.sqlite'}"
    run_sql(url, *statements)
    return url


@pytest.mark.parametrize(
    ("ddl", "reason"),
    [
        ('create table t (id integer, "" text)', "must not be empty"),
        (f"create table {LONG} (id integer)", "at most 63 bytes"),
        (f"create table t (id integer, {LONG} text)", "at most 63 bytes"),
    ],
)
def test_names_that_postgres_would_cut_or_refuse_are_named(ddl, reason, tmp_path, postgres_url):
    with pytest.raises(NameNotPossible, match=reason):
        build_plan(lite(tmp_path, ddl), postgres_url, PlanOptions())


@pytest.mark.parametrize("product", ["sqlite", "duckdb"])
@pytest.mark.parametrize(
    "ddl",
    [
        'create table "Item" (id int); create table item (id int)',
        'create table t (id int, "Val" text, val text)',
    ],
)
def test_names_that_differ_by_capitals_only_are_not_merged(product, ddl, tmp_path, postgres_url):
    run_sql(postgres_url, ddl)
    with pytest.raises(NameNotPossible, match="does not tell"):
        build_plan(postgres_url, f"{product}:///{tmp_path / 'aim'}.{product}", PlanOptions())


def test_a_table_without_columns_to_copy_is_refused_with_its_name(tmp_path, postgres_url):
    run_sql(postgres_url, "create table t ()")
    with pytest.raises(NothingToCopy) as caught:
        build_plan(postgres_url, f"sqlite:///{tmp_path / 'aim.sqlite'}", PlanOptions())
    assert "--exclude t" in caught.value.next


def test_a_sqlite_file_is_not_written_while_it_is_read(tmp_path):
    url = lite(tmp_path, "create table t (id integer)")
    mapping = "format: dms-mapping/1\nname: x\ntables:\n  - {source: t, target: u, columns: {id: id}}\n"
    with pytest.raises(SameFile):
        build_plan(url, url, PlanOptions(mapping_text=mapping))


def test_all_names_that_cannot_be_are_told_at_once(tmp_path, postgres_url):
    run_sql(
        postgres_url, 'create table "Item" (id int)', "create table item (id int)", 'create table t (id int, "Id" int)'
    )
    with pytest.raises(PlanRefused) as caught:
        build_plan(postgres_url, f"sqlite:///{tmp_path / 'aim.sqlite'}", PlanOptions())
    assert "'Item'" in caught.value.message
    assert "column of t" in caught.value.message
    assert "item: item_2" in caught.value.message
