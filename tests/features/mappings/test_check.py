from __future__ import annotations

from pathlib import Path

import pytest

from dms_workbench.kernel.secrets import Secret
from dms_workbench.workbench import Workbench
from tests.migrating import make_source

GOOD = """format: dms-mapping/1
name: shop
tables:
  - source: customers
    target: clients
"""


@pytest.fixture
def sides(workbench: Workbench, tmp_path: Path) -> tuple[str, str]:
    """Connections to a file with one table, and to a file that does not exist yet."""
    project = workbench.projects.ensure("shop").id
    source = workbench.connections.ensure(project, Secret(str(make_source(tmp_path / "source.db"))))
    return source.id, workbench.connections.ensure(project, Secret(str(tmp_path / "target.db"))).id


def test_a_mapping_that_fits_has_no_findings(workbench: Workbench, sides: tuple[str, str]) -> None:
    check = workbench.mappings.check(*sides, GOOD)

    assert check.findings == ()
    assert check.ok
    assert str(check) == "The mapping fits both schemas."


def test_a_table_that_is_not_there_is_found_with_its_place(workbench: Workbench, sides: tuple[str, str]) -> None:
    check = workbench.mappings.check(*sides, GOOD.replace("customers", "custommers"))

    assert not check.ok
    assert check.findings[0].line == 4
    assert "customers" in str(check)


def test_open_lines_are_told_and_keep_nothing_from_working(workbench: Workbench, sides: tuple[str, str]) -> None:
    columns = "    columns:\n      id: id\n      name: name\n      fax: {owner: ana, decision: open}\n"
    check = workbench.mappings.check(*sides, GOOD + columns)

    assert check.ok
    assert [(each.line, each.column) for each in check.open] == [(9, 7)]
    assert str(check).endswith("open: line 9, column 7: clients.fax is open: not written (ana is to decide)")


def test_what_is_no_mapping_is_a_finding_too(workbench: Workbench, sides: tuple[str, str]) -> None:
    check = workbench.mappings.check(*sides, GOOD.replace("tables", "tabels"))

    assert not check.ok
    assert check.findings[0].line > 0


def test_the_default_mapping_goes_to_namesakes_and_fits(workbench: Workbench, sides: tuple[str, str]) -> None:
    text = workbench.mappings.default(*sides, names="snake_case").text

    assert "customers" in text
    assert workbench.mappings.check(*sides, text).ok
