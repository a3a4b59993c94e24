"""Pairs of names that one project confirmed help the other projects of its organisation, if it shares them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.features.mappings import InvalidMemory
from dms_workbench.workbench import Workbench

MAPPING = """format: dms-mapping/1
name: shop
tables:
  - source: art
    target: items
    columns:
      purpose: zwk
      label: {source: bez, decision: {status: accepted, by: ada, rejected: [art.mkt]}}
      price: {source: prs, decision: {status: open, confidence: 0.5}}
"""


@pytest.fixture
def shop(workbench: Workbench) -> str:
    """A project with a saved mapping."""
    project_id = workbench.projects.ensure("shop").id
    workbench.mappings.save(project_id, "shop", MAPPING)
    return project_id


def pairs(workbench: Workbench) -> dict[tuple[str, str], tuple[int, int, tuple[str, ...]]]:
    """What is remembered."""
    return {
        (each.source, each.target): (each.accepted, each.rejected, each.projects)
        for each in workbench.mappings.memory().items
    }


def make(path: Path, statement: str) -> str:
    with closing(sqlite3.connect(path)) as file:
        file.execute(statement)
    return str(path)


def test_nothing_is_shared_until_a_project_says_so(workbench: Workbench, shop: str) -> None:
    assert pairs(workbench) == {}

    shared = workbench.mappings.memory_share(shop)

    assert (shared.shared, shared.pairs) == (True, 3)
    assert pairs(workbench) == {
        ("art.zwk", "items.purpose"): (1, 0, ("shop",)),
        ("art.bez", "items.label"): (1, 0, ("shop",)),
        ("art.mkt", "items.label"): (0, 1, ("shop",)),
    }


def test_a_later_version_takes_the_place_of_what_the_one_before_said(workbench: Workbench, shop: str) -> None:
    workbench.mappings.memory_share(shop)
    latest = workbench.mappings.get(shop, "shop").sha

    workbench.mappings.save(shop, "shop", MAPPING.replace("purpose: zwk", "purpose: other"), based_on=latest)

    assert ("art.zwk", "items.purpose") not in pairs(workbench)
    assert pairs(workbench)["art.other", "items.purpose"] == (1, 0, ("shop",))


def test_a_project_is_forgotten_and_shares_no_more(workbench: Workbench, shop: str) -> None:
    workbench.mappings.memory_share(shop)

    forgotten = workbench.mappings.memory_forget(shop)

    assert (forgotten.shared, forgotten.pairs) == (False, 0)
    latest = workbench.mappings.get(shop, "shop").sha
    workbench.mappings.save(shop, "shop", MAPPING + "# later\n", based_on=latest)
    assert pairs(workbench) == {}


def test_a_deleted_project_leaves_nothing_behind(workbench: Workbench, shop: str) -> None:
    workbench.mappings.memory_share(shop)

    workbench.projects.archive(shop)
    workbench.projects.delete(shop)

    assert pairs(workbench) == {}


def test_other_projects_are_helped_and_the_own_one_is_not_told_its_own_words(
    workbench: Workbench, shop: str, tmp_path: Path
) -> None:
    places = (
        make(
            tmp_path / "a.sqlite",
            "create table ware (nr integer primary key, zwk varchar(20), mkt varchar(20), gbt varchar(20))",
        ),
        make(
            tmp_path / "b.sqlite",
            "create table goods (number integer primary key, purpose varchar(20), region varchar(20))",
        ),
    )

    def sure(project: str) -> float:
        found = workbench.mappings.suggest(*places, project=project)
        column = next(each for each in found.columns if each.column == "purpose")
        return next((each.confidence for each in column.candidates if each.column == "zwk"), 0.0)

    before = sure("garage")
    workbench.mappings.memory_share(shop)

    assert sure("garage") > before
    assert sure("shop") == pytest.approx(before)


def test_an_exported_file_is_shown_as_a_difference_before_it_is_imported(workbench: Workbench, shop: str) -> None:
    workbench.mappings.memory_share(shop)
    text = workbench.mappings.memory_export().text.replace("\tshop\t", "\telsewhere\t")

    shown = workbench.mappings.memory_import(text)
    assert (shown.applied, len(shown.changes), shown.unchanged) == (False, 3, 0)
    assert {projects for *_, projects in pairs(workbench).values()} == {("shop",)}

    workbench.mappings.memory_import(text, apply=True)
    assert pairs(workbench)["art.zwk", "items.purpose"] == (2, 0, ("elsewhere", "shop"))
    assert workbench.mappings.memory_import(text).changes == ()

    assert workbench.mappings.memory_forget_import("elsewhere").pairs == 3
    assert pairs(workbench)["art.zwk", "items.purpose"] == (1, 0, ("shop",))


def test_what_a_project_here_said_is_not_changed_by_a_file(workbench: Workbench, shop: str) -> None:
    workbench.mappings.memory_share(shop)
    text = workbench.mappings.memory_export().text.replace("\t1\t0\t", "\t900\t0\t")

    assert workbench.mappings.memory_import(text, apply=True).changes == ()
    assert pairs(workbench)["art.zwk", "items.purpose"] == (1, 0, ("shop",))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: b\n", "Line 1 .*begins with"),
        ("# dms-mapping-memory/1\na\tb\n", "Line 2 .*2 fields instead of 9"),
        ("# dms-mapping-memory/1\na\tb\tc\td\tmany\t0\tp\t2026-01-01\tx\n", "Line 2 .*numbers"),
        ("# dms-mapping-memory/1\na\tb\tc\td\t-1\t0\tp\t2026-01-01\tx\n", "Line 2 .*counts are from 0"),
        ("# dms-mapping-memory/1\na\t\tc\td\t1\t0\tp\t2026-01-01\tx\n", "Line 2 .*empty"),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_line(workbench: Workbench, text: str, reason: str) -> None:
    with pytest.raises(InvalidMemory, match=reason):
        workbench.mappings.memory_import(text)
