"""A sheet as a file: CSV for every program, XLSX to work in."""

from __future__ import annotations

import csv
import io

from .cells import guarded
from .layout import COLUMNS, MARK, Sheet, SheetRow, titles_of

CSV_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
LEFT_TITLES = ("Source table", "Source column", "Source type", "What becomes of it")
LOOKUP_TITLES = ("Lookup", "Key", "Value")


def write_csv(sheet: Sheet, delimiter: str = ",", *, bom: bool = False) -> bytes:
    """The rows as CSV in UTF-8; source columns left over stand after them, without target.

    delimiter: one of the values of `CSV_DELIMITERS`; bom: begin with a byte order mark, by which Excel knows UTF-8.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(titles_of([*COLUMNS, MARK]))
    for row in [*sheet.rows, *map(left_row, sheet.left)]:
        writer.writerow([guarded(row.get(column.key)) for column in (*COLUMNS, MARK)])
    return file.getvalue().encode("utf-8-sig" if bom else "utf-8", "replace")


def left_row(left: tuple[str, str, str, str]) -> SheetRow:
    """A source column that is left over as a row of the CSV file."""
    table, column, type_, fate = left
    return SheetRow({"source_table": table, "source_column": column, "source_type": type_, "open_points": fate})


def write_xlsx(sheet: Sheet) -> bytes:
    """The sheet as a workbook: Mapping, Overview, Source columns left, Lookups. Every cell is text; there is no formula.

    Raises SheetLibraryMissing.
    """
    from .xlsx import Book

    book = Book()
    book.mapping(sheet.rows)
    book.overview(sheet.overview)
    book.plain("Source columns left", LEFT_TITLES, sheet.left, (24, 28, 20, 60))
    book.plain("Lookups", LOOKUP_TITLES, sheet.lookups, (24, 40, 60))
    return book.content()
