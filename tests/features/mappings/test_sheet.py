from __future__ import annotations

import base64
import io
from pathlib import Path

import openpyxl
import pytest

from dms_workbench.engine.mapping.sheet import SheetRefused
from dms_workbench.workbench import Workbench
from tests.migrating import make_source

TEXT = """format: dms-mapping/1
name: shop
tables:
  - source: customers
    target: clients
"""


@pytest.fixture
def sides(tmp_path: Path) -> tuple[str, str]:
    """A file with one table, and one that does not exist yet."""
    return str(make_source(tmp_path / "source.db")), str(tmp_path / "target.db")


def filled(content: bytes, heading: str, row: int, text: str) -> bytes:
    """The workbook with one cell filled in."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book["Mapping"]
    number = [cell.value for cell in page[1]].index(heading) + 1
    page.cell(row, number).value = text
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_sheet_goes_out_and_comes_back_without_a_change(
    workbench: Workbench, sides: tuple[str, str], form: str
) -> None:
    sheet = workbench.mappings.sheet(TEXT, *sides, form=form)
    found = workbench.mappings.fill_in(TEXT, sheet.content)

    assert (sheet.form, sheet.rows > 0) == (form, True)
    assert (found.text, found.changes) == (TEXT, ())
    assert str(found) == "The sheet changes nothing."


def test_what_was_filled_in_is_a_mapping_that_still_fits(workbench: Workbench, sides: tuple[str, str]) -> None:
    content = filled(workbench.mappings.sheet(TEXT, *sides).content, "Remark", 2, "ask Bob")
    found = workbench.mappings.fill_in(TEXT, content, source=sides[0])

    assert [(change.cell, change.old, change.new) for change in found.changes] == [("Remark", "", "ask Bob")]
    assert "ask Bob" in found.text
    assert workbench.mappings.sheet(found.text, *sides).open_rows == 0


def test_a_column_that_is_not_there_is_refused_with_its_row(workbench: Workbench, sides: tuple[str, str]) -> None:
    content = filled(workbench.mappings.sheet(TEXT, *sides).content, "Source column", 2, "nonsense")

    with pytest.raises(SheetRefused, match="row 2, Source column: customers has no column 'nonsense'"):
        workbench.mappings.fill_in(TEXT, content, source=sides[0])


def test_what_is_no_base64_is_refused(workbench: Workbench) -> None:
    with pytest.raises(SheetRefused, match="not base64"):
        workbench.mappings.import_sheet(TEXT, "§§§")


def test_the_content_of_a_sheet_is_its_bytes(workbench: Workbench, sides: tuple[str, str]) -> None:
    sheet = workbench.mappings.sheet(TEXT, *sides)

    assert base64.b64decode(sheet.content_base64) == sheet.content
    assert sheet.content.startswith(b"PK")
