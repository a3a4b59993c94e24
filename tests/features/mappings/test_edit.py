from __future__ import annotations

import re
from pathlib import Path

import pytest

from dms_workbench.engine.mapping.edit import NoSuchLine
from dms_workbench.features.mappings.edit import NothingToEdit
from dms_workbench.surfaces.cli import main
from dms_workbench.workbench import Workbench

TEXT = """format: dms-mapping/1
name: shop
tables:
  # the people
  - source: customers
    target: clients
    columns:
      id: cust_id   # never changes
      name: {source: cust_nm, decision: {status: open, candidates: [customers.nm], rejected: [customers.fax]}}
"""


def test_a_decision_is_entered_with_who_and_when(workbench: Workbench) -> None:
    text = workbench.mappings.edit(TEXT, "clients", "id", status="accepted", confidence=0.97).text
    line = re.search(r"id: (.*)", text)
    assert line is not None
    at = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    form = rf"\{{source: cust_id, decision: \{{status: accepted, by: \S+, at: {at}, confidence: 0\.97\}}\}}   # never changes"
    assert re.fullmatch(form, line[1]), line[1]
    assert text.replace(line[0], "id: cust_id   # never changes") == TEXT


def test_a_rejected_line_lists_every_source_that_was_turned_down(workbench: Workbench) -> None:
    text = workbench.mappings.edit(TEXT, "clients", "name", status="rejected").text
    assert "rejected: [customers.fax, customers.cust_nm]" in text
    assert "candidates" not in text


def test_lines_are_put_in_noted_and_taken_out(workbench: Workbench) -> None:
    edit = workbench.mappings.edit
    assert edit(TEXT, "clients", "fax", expression="trim(fax)").text == TEXT + '      fax: {expression: "trim(fax)"}\n'
    owned = edit(TEXT, "clients", owner="ana").text
    assert owned == TEXT.replace("target: clients\n", "target: clients\n    owner: ana\n")
    assert edit(owned, "clients", owner="").text == TEXT
    assert edit(TEXT, "clients", "id", remove=True).text == TEXT.replace("      id: cust_id   # never changes\n", "")


def test_a_line_is_made_of_another_column_or_of_an_expression_and_its_comment_stays(workbench: Workbench) -> None:
    again = workbench.mappings.edit(TEXT, "clients", "id", source="cust_no").text
    assert again == TEXT.replace("id: cust_id", "id: cust_no")
    made = workbench.mappings.edit(TEXT, "clients", "id", expression="cust_id + 1").text
    assert made == TEXT.replace("id: cust_id", 'id: {expression: "cust_id + 1"}')
    assert workbench.mappings.edit(made, "clients", "id", source="cust_id").text == TEXT


def test_a_note_for_a_column_without_a_line_names_the_column_that_was_meant(workbench: Workbench) -> None:
    with pytest.raises(NoSuchLine, match="did you mean 'name'"):
        workbench.mappings.edit(TEXT, "clients", "nane", owner="ana")


def test_what_cannot_be_done_is_told(workbench: Workbench) -> None:
    edit = workbench.mappings.edit
    with pytest.raises(NothingToEdit, match="Nothing was given"):
        edit(TEXT, "clients", "id")
    with pytest.raises(NothingToEdit, match="not of both"):
        edit(TEXT, "clients", "id", source="a", expression="b")
    with pytest.raises(NothingToEdit, match="name the target column too"):
        edit(TEXT, "clients", source="a")
    with pytest.raises(NoSuchLine, match=r"no table map into client; did you mean 'clients'\?"):
        edit(TEXT, "client", "id", owner="ana")


def test_the_command_line_writes_the_file(
    tmp_path: Path, clean_environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "shop.mapping.yaml"
    file.write_bytes(TEXT.encode())
    assert main(["mappings", "edit", str(file), "clients", "id", "--owner", "ana"]) == 0
    assert file.read_bytes().decode() == TEXT.replace("id: cust_id", "id: {source: cust_id, owner: ana}")
    assert "Changed clients.id" in capsys.readouterr().out
    assert main(["mappings", "edit", str(file), "clients", "nme", "--remove"]) == 2
    assert "did you mean 'name'?" in capsys.readouterr().err
