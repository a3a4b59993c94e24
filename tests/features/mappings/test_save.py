from __future__ import annotations

import pytest

from dms_workbench.engine.mapping.errors import InvalidMapping
from dms_workbench.features.mappings import MappingConflict, MappingNotFound, MappingVersionNotFound
from dms_workbench.workbench import Workbench

FIRST = """format: dms-mapping/1
name: shop
tables:
  - source: customers
    target: clients
"""
SECOND = FIRST.replace("clients", "people")


@pytest.fixture
def project_id(workbench: Workbench) -> str:
    """A project."""
    return workbench.projects.ensure("shop").id


def test_versions_are_counted_and_known_by_their_content(workbench: Workbench, project_id: str) -> None:
    first = workbench.mappings.save(project_id, "shop", FIRST)
    second = workbench.mappings.save(project_id, "shop", SECOND, based_on=first.sha)

    assert (first.number, second.number, second.based_on) == (1, 2, first.sha)
    assert workbench.mappings.get(project_id, "shop").text == SECOND
    assert workbench.mappings.get(project_id, "shop", sha=first.sha).text == FIRST
    assert workbench.mappings.get(project_id, "shop", sha=first.sha[7:15]).text == FIRST
    assert [version.number for version in workbench.mappings.versions(project_id, "shop")] == [2, 1]
    assert [version.sha for version in workbench.mappings.list(project_id)] == [second.sha]


def test_the_same_content_is_the_same_version(workbench: Workbench, project_id: str) -> None:
    first = workbench.mappings.save(project_id, "shop", FIRST)

    assert workbench.mappings.save(project_id, "shop", FIRST) == first
    assert len(workbench.mappings.versions(project_id, "shop")) == 1


def test_another_base_is_a_conflict_and_nothing_is_overwritten(workbench: Workbench, project_id: str) -> None:
    first = workbench.mappings.save(project_id, "shop", FIRST)

    with pytest.raises(MappingConflict, match=first.sha):
        workbench.mappings.save(project_id, "shop", SECOND)

    assert workbench.mappings.get(project_id, "shop").text == FIRST


def test_the_base_may_stand_in_the_file(workbench: Workbench, project_id: str) -> None:
    first = workbench.mappings.save(project_id, "shop", FIRST)
    text = SECOND.replace("name: shop\n", f"name: shop\nbased_on: {first.sha}\n")

    assert workbench.mappings.save(project_id, "shop", text).number == 2


def test_what_is_no_mapping_is_not_saved(workbench: Workbench, project_id: str) -> None:
    with pytest.raises(InvalidMapping):
        workbench.mappings.save(project_id, "shop", "format: dms-mapping/1\nnmae: x\n")

    assert workbench.mappings.list(project_id) == []


def test_names_and_versions_that_are_not_there_are_not_found(workbench: Workbench, project_id: str) -> None:
    with pytest.raises(MappingNotFound, match="nothing"):
        workbench.mappings.get(project_id, "nothing")
    with pytest.raises(MappingNotFound):
        workbench.mappings.versions(project_id, "nothing")
    workbench.mappings.save(project_id, "shop", FIRST)
    with pytest.raises(MappingVersionNotFound, match="abcdef"):
        workbench.mappings.get(project_id, "shop", sha="abcdef")
