from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest

from dms_workbench.engine.mapping.sheet import SheetRefused, read_sheet, write_csv, write_xlsx
from tests.engine.mapping.sheet.shop import exported


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("bom", [True, False])
def test_csv_comes_back_with_every_delimiter_and_mark(delimiter: str, bom: bool) -> None:
    sheet = exported()
    content = write_csv(sheet, delimiter, bom=bom)

    found = read_sheet(content)

    assert content.startswith(b"\xef\xbb\xbf") == bom
    assert [row.values for row in found.rows[:5]] == [row.values for row in sheet.rows]
    assert [row.get("source_column") for row in found.rows[5:]] == ["cntry_cd", "cntry_nm", "cust_old_fax"]


def test_xlsx_comes_back_with_the_source_columns_left() -> None:
    sheet = exported()

    found = read_sheet(write_xlsx(sheet))

    assert [row.values for row in found.rows] == [row.values for row in sheet.rows]
    assert [row.number for row in found.rows] == [2, 3, 4, 5, 6]
    assert found.left == sheet.left


def test_csv_that_a_spreadsheet_wrote_as_unicode_text_is_read() -> None:
    text = write_csv(exported(), "\t").decode()

    assert len(read_sheet(text.encode("utf-16")).rows) == 8


def test_columns_may_stand_in_another_order_and_others_beside_them() -> None:
    lines = [line.split(",") for line in ("My note,Part,Source table,Target column,Target table,Remark", "x,1,s,c,t,r")]
    found = read_sheet("\n".join(",".join(line) for line in lines).encode())

    assert found.rows[0].values == {
        "part": "1", "source_table": "s", "target_column": "c", "target_table": "t", "remark": "r",
    }  # fmt: skip
    assert "The column 'My note' is none of a sheet's and was not read." in found.notes
    assert "The column 'Owner' is not in the file: it stays as it is in the mapping." in found.notes


def test_empty_rows_are_passed_over_and_rows_keep_their_numbers() -> None:
    text = "Target table,Target column,Source table,Part\r\n,,,\r\nt,c,s,1\r\n"

    assert [row.number for row in read_sheet(text.encode()).rows] == [3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the sheet is empty"),
        (b"a,b\n1,2\n", "the headings Target table, Target column, Source table, Part are missing"),
        (b"Target table,Target table,Target column,Source table,Part\n", "this heading stands there twice"),
        (b"Target table,Gr\xfc\xdfe\n", "the file is not UTF-8 text"),
        (b'Target table,Target column,Source table,Part\n"open,c,s,1\n', "this is no CSV"),
        (b"PK\x03\x04 no workbook", "the workbook cannot be read"),
    ],
)
def test_what_is_no_sheet_is_refused_in_words(content: bytes, message: str) -> None:
    with pytest.raises(SheetRefused, match=message):
        read_sheet(content)


def edited(change: object) -> bytes:
    """The shop's workbook after someone has worked in it."""
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(exported())))
    change(book)  # type: ignore[operator]
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_formula_is_never_evaluated_but_refused_with_its_place() -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["Mapping"]["Q3"] = '=HYPERLINK("http://example.org","x")'

    with pytest.raises(SheetRefused, match=r"row 3, Remark: this is a formula"):
        read_sheet(edited(change))


def test_a_workbook_without_our_page_says_which_it_has() -> None:
    def change(book: openpyxl.Workbook) -> None:
        book.remove(book["Mapping"])

    with pytest.raises(SheetRefused, match="no page 'Mapping'; there is Overview"):
        read_sheet(edited(change))


def test_a_page_with_another_name_is_found_by_its_headings() -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["Mapping"].title = "Zuordnung"

    assert len(read_sheet(edited(change)).rows) == 5


def test_a_cell_far_below_does_not_make_a_million_rows() -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["Mapping"]["A1000000"] = "stray"

    assert len(read_sheet(edited(change)).rows) == 5


def repacked(name: str, data: bytes) -> bytes:
    """The shop's workbook with one part more, or another one."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(write_xlsx(exported()))) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            if info.filename != name:
                new.writestr(info, old.read(info))
        new.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_workbook_whose_xml_declares_entities_is_refused(encoding: str) -> None:
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'

    with pytest.raises(SheetRefused, match="document type"):
        read_sheet(repacked("xl/sharedStrings.xml", bomb.encode(encoding)))


def test_a_workbook_that_unpacks_to_far_more_than_a_sheet_is_refused() -> None:
    with pytest.raises(SheetRefused, match="more than a sheet can hold"):
        read_sheet(repacked("xl/media/zeros.bin", bytes(201 * 1024 * 1024)))


def test_broken_parts_of_a_workbook_are_told_in_words() -> None:
    with pytest.raises(SheetRefused, match="cannot be read"):
        read_sheet(repacked("xl/workbook.xml", b"<workbook"))
