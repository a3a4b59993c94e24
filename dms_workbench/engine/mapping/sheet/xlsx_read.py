"""Rows of a workbook that someone has worked in. Nothing in it is calculated, no link followed, no macro looked at."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

from .cells import text_of
from .errors import SheetProblem, refused
from .layout import TITLES
from .xlsx import library

MOST_BYTES_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 2_000
MOST_COLUMNS = 100
MOST_EMPTY_ROWS = 2_000
"""One below the other: then the sheet has ended, whatever size it says it has."""
PAGE, LEFT_PAGE = "Mapping", "Source columns left"


def xlsx_rows(content: bytes) -> tuple[list[tuple[int, list[str]]], list[list[str]]]:
    """The rows of the page with the mapping, numbered from 1, and the source columns left.

    Raises SheetRefused, SheetLibraryMissing.
    """
    openpyxl = library()
    check_parts(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
            page = page_of(book)
            page.reset_dimensions()
            rows = list(page_rows(page))
            left = [texts for _, texts in left_rows(book)]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, SyntaxError, zipfile.BadZipFile) as error:
        raise refused([SheetProblem(0, "", f"the workbook cannot be read ({type(error).__name__})")]) from None
    return rows, left


def check_parts(content: bytes) -> None:
    """Refuse what unpacks to far more than a sheet has, and XML that declares entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            infos = parts.infolist()
            if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > MOST_BYTES_UNPACKED:
                raise refused([SheetProblem(0, "", "the workbook unpacks to more than a sheet can hold")])
            for info in infos:
                if info.filename.endswith((".xml", ".rels")):
                    check_part(parts.read(info))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise refused([SheetProblem(0, "", f"the workbook cannot be read ({type(error).__name__})")]) from None


def check_part(data: bytes) -> None:
    """Refuse a document type, in any encoding."""
    if b"<!DOCTYPE" in data.replace(b"\0", b"").upper():
        raise refused([SheetProblem(0, "", "the workbook's XML declares a document type, which a sheet never does")])


def page_of(book: Any) -> Any:
    """The page named Mapping, else the first with its headings. Raises SheetRefused."""
    if PAGE in book.sheetnames:
        return book[PAGE]
    for page in book.worksheets:
        first = next(page.iter_rows(max_row=1, max_col=MOST_COLUMNS, values_only=True), ())
        if sum(str(value).strip() in TITLES for value in first) > 3:
            return page
    raise refused([SheetProblem(0, "", f"the workbook has no page {PAGE!r}; there is {', '.join(book.sheetnames)}")])


def left_rows(book: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows of the page with source columns left, without its heading; none if it is gone."""
    if LEFT_PAGE in book.sheetnames:
        page = book[LEFT_PAGE]
        page.reset_dimensions()
        rows = page_rows(page)
        next(rows, None)
        yield from rows


def page_rows(page: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows with texts. Raises SheetRefused for a formula."""
    empty = 0
    titles: list[str] = []
    for number, cells in enumerate(page.iter_rows(max_col=MOST_COLUMNS), 1):
        texts = [text_of(cell.value) for cell in cells]
        if not any(texts):
            empty += 1
            if empty > MOST_EMPTY_ROWS:
                return
            continue
        empty = 0
        titles = titles or texts
        for place, cell in enumerate(cells):
            if cell.data_type == "f":
                column = titles[place] if place < len(titles) else ""
                raise refused([SheetProblem(number, column, "this is a formula; write its text there, ' before it")])
        yield number, texts
