from __future__ import annotations

import io
import sys

import openpyxl
import pytest

from dms_workbench.engine.mapping import parse_mapping
from dms_workbench.engine.mapping.sheet import SheetLibraryMissing, sheet_of, write_xlsx
from tests.engine.mapping.samples import SHOP, SOURCE, TARGET
from tests.engine.mapping.sheet.shop import exported

HOSTILE = "=cmd|' /C calc'!A0"


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    text = SHOP.replace("origin: {constant: legacy}", f'origin: {{constant: legacy, remark: "{HOSTILE}"}}')
    return openpyxl.load_workbook(io.BytesIO(write_xlsx(sheet_of(parse_mapping(text), SOURCE, TARGET))))


def test_the_workbook_has_a_page_for_each_thing(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == ["Mapping", "Overview", "Source columns left", "Lookups"]


def test_no_cell_is_a_formula_and_hostile_text_is_marked_as_text(book: openpyxl.Workbook) -> None:
    cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row if cell.value is not None]
    hostile = next(cell for cell in cells if cell.value == HOSTILE)

    assert {cell.data_type for cell in cells} == {"s"}
    assert hostile.quotePrefix


def test_the_page_is_ready_to_work_in(book: openpyxl.Workbook) -> None:
    page = book["Mapping"]

    assert page.freeze_panes == "C2"
    assert page.auto_filter.ref == "A1:S6"
    assert page.column_dimensions["S"].hidden
    assert page.page_setup.orientation == "landscape"
    assert page["J3"].alignment.wrap_text


def test_the_status_is_chosen_from_a_list(book: openpyxl.Workbook) -> None:
    [choice] = book["Mapping"].data_validations.dataValidation

    assert choice.formula1 == '"accepted,open,rejected"'
    assert str(choice.sqref) == "N2:N6"


def test_columns_to_fill_in_look_unlike_the_others(book: openpyxl.Workbook) -> None:
    page = book["Mapping"]
    heads = {cell.value: cell.fill.fgColor.rgb for cell in page[1]}

    assert heads["Remark"] == heads["Status"] == heads["Source column"] == "001F3864"
    assert heads["Target type"] == "00595959"


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)

    with pytest.raises(SheetLibraryMissing) as error:
        write_xlsx(exported())
    assert error.value.next == "pip install 'dms-workbench[sheet]'"
