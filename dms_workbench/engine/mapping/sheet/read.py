"""A sheet from a file that someone has worked in: CSV or XLSX, found out from the bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace

from .cells import line_ends, unguarded
from .errors import SheetProblem, refused
from .layout import COLUMNS, IDENTITY, TITLES, Sheet, SheetRow

MOST_ROWS = 100_000
LARGEST_BYTES = 16 * 1024 * 1024
ZIP = b"PK\x03\x04"
CELL_LIMIT = 10_000_000


def read_sheet(content: bytes) -> Sheet:
    """The rows of a sheet, in the order of the file; rows without any text are passed over.

    Columns are known by their headings, so they may stand in any order and others may be there.
    Raises SheetRefused, naming row and column; SheetLibraryMissing for XLSX without openpyxl.
    """
    if len(content) > LARGEST_BYTES:
        raise refused([SheetProblem(0, "", f"the file has {len(content):,} bytes; {LARGEST_BYTES:,} are the limit")])
    if content.startswith(ZIP):
        from .xlsx_read import xlsx_rows

        rows, left = xlsx_rows(content)
        return replace(sheet_of_rows(rows), left=tuple((row[0], row[1], row[2], row[3]) for row in left))
    return sheet_of_rows(csv_rows(content))


def csv_rows(content: bytes) -> Iterable[tuple[int, list[str]]]:
    """The lines of a CSV file: UTF-8, or UTF-16 with its mark; commas, semicolons or tabs."""
    text = decoded(content)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    csv.field_size_limit(CELL_LIMIT)
    number = 0
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise refused([SheetProblem(number + 1, "", f"this is no CSV: {error}")]) from None
        number += 1
        yield number, [line_ends(unguarded(cell)) for cell in cells]


def decoded(content: bytes) -> str:
    """The text of a CSV file."""
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"the file is not UTF-8 text (byte {error.start:,}): save it as 'CSV UTF-8'"
        raise refused([SheetProblem(0, "", message)]) from None


def delimiter_of(text: str) -> str:
    """What separates the headings: of those possible the one that gives the most known ones."""
    first = text.partition("\n")[0].rstrip("\r")
    return max(",;\t", key=lambda sign: sum(title.strip(' "') in TITLES for title in first.split(sign)))


def sheet_of_rows(rows: Iterable[tuple[int, list[str]]]) -> Sheet:
    """A sheet from numbered rows of texts, the first of them the headings."""
    heading: list[str | None] | None = None
    found: list[SheetRow] = []
    notes: list[str] = []
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if heading is None:
            heading = headings(number, cells, notes)
            continue
        if len(found) == MOST_ROWS:
            raise refused([SheetProblem(number, "", f"the sheet has more than {MOST_ROWS:,} rows")])
        values = {key: cell for key, cell in zip(heading, cells, strict=False) if key is not None}
        short = {key: "" for key in heading[len(cells) :] if key is not None}
        found.append(SheetRow({**values, **short}, number))
    if heading is None:
        raise refused([SheetProblem(0, "", "the sheet is empty")])
    return Sheet(tuple(found), notes=tuple(notes))


def headings(number: int, cells: Sequence[str], notes: list[str]) -> list[str | None]:
    """The column behind each cell, None where it is none of ours. Raises SheetRefused if needed ones are missing."""
    known = {title.casefold(): column.key for title, column in TITLES.items()}
    keys = [known.get(cell.strip().casefold()) for cell in cells]
    for key in {key for key in keys if key is not None and keys.count(key) > 1}:
        raise refused([SheetProblem(number, key, "this heading stands there twice")])
    missing = [column.title for column in COLUMNS if column.key in IDENTITY and column.key not in keys]
    if missing:
        message = f"the headings {', '.join(missing)} are missing; the first row of a sheet holds its headings"
        raise refused([SheetProblem(number, "", message)])
    notes += [f"The column {cell!r} is none of a sheet's and was not read." for cell, key in zip(cells, keys, strict=True)
              if key is None and cell.strip()]  # fmt: skip
    notes += [
        f"The column {column.title!r} is not in the file: it stays as it is in the mapping."
        for column in COLUMNS
        if column.editable and column.key not in keys
    ]
    return keys
