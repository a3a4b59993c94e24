"""The workbook: made with openpyxl, every cell a text, styled to be read and filled in."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any

from .cells import DANGEROUS, escaped
from .errors import SheetLibraryMissing
from .layout import COLUMNS, MARK, STATUSES, SheetRow

DARK, GREY, PALE, LINE = "1F3864", "595959", "F2F2F2", "D9D9D9"
TINTS = {"open": "FFF2CC", "rejected": "F8CBAD", "accepted": "E2EFDA"}
FONT = "Calibri"
FROZEN = "C2"
"""Headings and the target's name stay in sight."""
TALLEST_LINES = 8
POINTS_A_LINE = 15


def library() -> Any:
    """openpyxl. Raises SheetLibraryMissing."""
    try:
        import openpyxl
    except ImportError:
        raise SheetLibraryMissing from None
    return openpyxl


class Book:
    """A workbook that is being written."""

    def __init__(self) -> None:
        self.book = library().Workbook()
        self.book.remove(self.book.active)
        self.styles = library().styles
        self.looks: dict[str, Any] = {}

    def content(self) -> bytes:
        """The file."""
        file = io.BytesIO()
        self.book.save(file)
        return file.getvalue()

    def put(self, page: Any, row: int, column: int, text: str, look: str = "plain") -> Any:
        """One cell of text, whatever the text begins with. look: ``plain``, or a cell in lines, ``white`` or ``grey``."""
        cell = page.cell(row, column)
        if text:
            cell.value = escaped(text)
            cell.data_type = "s"
        if look not in self.looks:
            self.dress(cell, look)
            self.looks[look] = copy(cell._style)
        cell._style = copy(self.looks[look])
        if DANGEROUS.match(text):
            cell.quotePrefix = True
        return cell

    def dress(self, cell: Any, look: str) -> None:
        """Give a cell a look; openpyxl takes far longer for it than for a copy of what it then has."""
        cell.number_format = "@"
        cell.alignment = self.styles.Alignment(vertical="top", wrap_text=True)
        if look != "plain":
            line = self.styles.Side(style="thin", color=LINE)
            cell.border = self.styles.Border(left=line, right=line, top=line, bottom=line)
        if look == "grey":
            cell.fill = self.styles.PatternFill("solid", fgColor=PALE)

    def head(self, page: Any, titles: Sequence[tuple[str, str]], widths: Sequence[int]) -> None:
        """The heading: titles with the colour behind them."""
        for number, ((title, colour), width) in enumerate(zip(titles, widths, strict=True), 1):
            cell = self.put(page, 1, number, title)
            cell.font = self.styles.Font(name=FONT, bold=True, color="FFFFFF")
            cell.fill = self.styles.PatternFill("solid", fgColor=colour)
            cell.alignment = self.styles.Alignment(vertical="center", wrap_text=True)
            page.column_dimensions[letter(number)].width = width
        page.row_dimensions[1].height = 2 * POINTS_A_LINE

    def mapping(self, rows: Sequence[SheetRow]) -> None:
        """The sheet itself. Columns to fill in have a dark heading and white cells, the others are grey."""
        page = self.book.create_sheet("Mapping")
        columns = (*COLUMNS, MARK)
        titles = [(column.title, DARK if column.editable else GREY) for column in columns]
        self.head(page, titles, [column.width for column in columns])
        for number, row in enumerate(rows, 2):
            for place, column in enumerate(columns, 1):
                self.put(page, number, place, row.get(column.key), "white" if column.editable else "grey")
            page.row_dimensions[number].height = height(row)
        page.freeze_panes = FROZEN
        page.auto_filter.ref = f"A1:{letter(len(columns))}{len(rows) + 1}"
        page.column_dimensions[letter(len(columns))].hidden = True
        self.notes(page)
        self.choices(page, len(rows) + 1)
        self.printed(page)

    def notes(self, page: Any) -> None:
        """What a column is for, at its heading."""
        for number, column in enumerate((*COLUMNS, MARK), 1):
            if column.note:
                page.cell(1, number).comment = library().comments.Comment(column.note, "dms")

    def choices(self, page: Any, last: int) -> None:
        """The status is chosen from a list, and coloured."""
        number = next(number for number, column in enumerate(COLUMNS, 1) if column.key == "status")
        cells = f"{letter(number)}2:{letter(number)}{max(last, 2)}"
        choice = library().worksheet.datavalidation.DataValidation(
            type="list", formula1=f'"{",".join(STATUSES)}"', allow_blank=True, showErrorMessage=True
        )
        choice.error = "accepted, open, rejected, or nothing"
        choice.add(cells)
        page.add_data_validation(choice)
        for status, colour in TINTS.items():
            tint = self.styles.PatternFill("solid", bgColor=colour)
            rule = library().formatting.rule.CellIsRule(operator="equal", formula=[f'"{status}"'], fill=tint)
            page.conditional_formatting.add(cells, rule)

    def printed(self, page: Any) -> None:
        """On paper: landscape, as wide as a page, headings on each."""
        page.page_setup.orientation = "landscape"
        page.page_setup.paperSize = page.PAPERSIZE_A3
        page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
        page.sheet_properties.pageSetUpPr = library().worksheet.properties.PageSetupProperties(fitToPage=True)
        page.print_title_rows = "1:1"

    def overview(self, lines: Iterable[tuple[str, str]]) -> None:
        """Names and figures, one below the other."""
        page = self.book.create_sheet("Overview")
        page.column_dimensions["A"].width, page.column_dimensions["B"].width = 30, 90
        for number, (name, text) in enumerate(lines, 1):
            self.put(page, number, 1, name).font = self.styles.Font(name=FONT, bold=True)
            self.put(page, number, 2, text)
        self.printed(page)

    def plain(self, title: str, titles: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]) -> None:
        """A list with a heading."""
        page = self.book.create_sheet(title)
        self.head(page, [(each, GREY) for each in titles], widths)
        last = 1
        for last, row in enumerate(rows, 2):
            for place, text in enumerate(row, 1):
                self.put(page, last, place, text)
        page.freeze_panes = "A2"
        page.auto_filter.ref = f"A1:{letter(len(titles))}{last}"
        self.printed(page)


def letter(number: int) -> str:
    """The letters of a column."""
    found: str = library().utils.get_column_letter(number)
    return found


def height(row: SheetRow) -> int:
    """Points for the lines that the longest cell of the row wraps to."""
    lines = max(
        (sum(-(-len(part) // column.width) or 1 for part in row.get(column.key).split("\n")) for column in COLUMNS),
        default=1,
    )
    return POINTS_A_LINE * min(max(lines, 1), TALLEST_LINES)
