from __future__ import annotations

from pathlib import Path

import pytest

from dms_workbench.engine.mapping.errors import InvalidMapping
from dms_workbench.features.mappings import MappingNotFound
from dms_workbench.features.mappings.named import NoSuchMappingFile
from dms_workbench.workbench import Workbench

FIRST = """format: dms-mapping/1
name: shop
tables:
  - source: customers
    target: clients
    columns:
      id: cust_id
      name: cust_nm
"""
SECOND = FIRST.replace("id: cust_id", "id: {source: cust_id, owner: '<ana>'}")
THIRD = FIRST.replace("name: cust_nm", "name: cust_name   # full")


def test_two_texts_are_compared(workbench: Workbench) -> None:
    found = workbench.mappings.compare(FIRST, SECOND, "old", "new")
    (change,) = found.changes
    assert (change.where, change.field, change.before, change.after) == ("clients.id", "owner", None, '"<ana>"')
    assert (str(found), found.exit_code) == ('~ column clients.id, owner: none → "<ana>"', 4)
    assert workbench.mappings.compare(FIRST, FIRST).exit_code == 0


def test_a_comparison_shows_names_as_text_in_a_notebook(workbench: Workbench) -> None:
    html = workbench.mappings.compare(FIRST, SECOND)._repr_html_()
    assert "&lt;ana&gt;" in html
    assert "<ana>" not in html


def test_versions_are_compared_by_name_and_with_files(workbench: Workbench, tmp_path: Path) -> None:
    project_id = workbench.projects.ensure("shop").id
    first = workbench.mappings.save(project_id, "shop", FIRST)
    second = workbench.mappings.save(project_id, "shop", SECOND, based_on=first.sha)
    file = tmp_path / "shop.mapping.yaml"
    file.write_text(SECOND, encoding="utf-8")
    between = workbench.mappings.diff(f"shop@{first.sha[7:15]}", "shop@", project="shop")
    assert [change.where for change in between.changes] == ["clients.id"]
    assert between.first == f"shop@{first.sha[7:19]}"
    assert workbench.mappings.diff(second, str(file)).changes == ()
    with pytest.raises(MappingNotFound):
        workbench.mappings.diff("shop@", "other@", project="shop")
    with pytest.raises(NoSuchMappingFile, match=r"nowhere\.yaml"):
        workbench.mappings.diff("nowhere.yaml", FIRST)


def test_what_two_people_changed_is_merged(workbench: Workbench) -> None:
    merged = workbench.mappings.merge(FIRST, SECOND, THIRD)
    assert (merged.conflicts, merged.exit_code) == ((), 0)
    assert merged.text == SECOND.replace("name: cust_nm", "name: cust_name   # full")


def test_a_conflict_is_told_with_both_sides(workbench: Workbench) -> None:
    merged = workbench.mappings.merge(FIRST, THIRD, FIRST.replace("cust_nm", "cust_short"))
    (conflict,) = merged.conflicts
    assert (conflict.where, conflict.base) == ("clients.name", "name: cust_nm")
    assert (conflict.ours, conflict.theirs) == ("name: cust_name", "name: cust_short")
    assert merged.exit_code == 1
    with pytest.raises(InvalidMapping, match="a merge left a conflict here"):
        workbench.mappings.compare(FIRST, merged.text)
