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
    assert "--names adapt" in caught.value.message


def adapted(source: str, target: str) -> dict[str, tuple[str, list[str]]]:
    plan = build_plan(source, target, PlanOptions(names="adapt"))
    return {of.source.name.name: (of.target.name.name, [each.target.name for each in of.columns]) for of in plan.tables}


def test_adapt_gives_only_impossible_names_anew(tmp_path, postgres_url):
    source = lite(tmp_path, f'create table t (id int, "" text, {LONG} text)', 'create table "" (id int)')
    names = adapted(source, postgres_url)
    assert names[""][0].startswith("table_")
    name, (first, second, third) = names["t"]
    assert (name, first, second) == ("t", "id", "column_2")
    assert third.startswith("nnnn")
    assert len(third) <= 63


def test_adapt_tells_apart_what_the_target_does_not(tmp_path, postgres_url):
    run_sql(postgres_url, 'create table "Item" (id int, "Id" int)', "create table item (id int)")
    names = adapted(postgres_url, f"duckdb:///{tmp_path / 'aim.duckdb'}")
    assert sorted(names.values()) == [("Item", ["id", "Id_2"]), ("item_2", ["id"])]


def test_names_given_anew_are_told_in_the_account(tmp_path, postgres_url):
    plan = build_plan(lite(tmp_path, 'create table t (id int, "" text)'), postgres_url, PlanOptions(names="adapt"))
    (line,) = (item for item in plan.objects if item.kind == "table")
    assert line.reason == "its column '' is column_2"
