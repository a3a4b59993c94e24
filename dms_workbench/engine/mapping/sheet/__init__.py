"""The source-to-target sheet of a mapping: one row for each target column, for people who work in a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy import lazy_names

if TYPE_CHECKING:
    from .errors import SheetConflict, SheetLibraryMissing, SheetProblem, SheetRefused
    from .layout import COLUMNS, Sheet, SheetRow
    from .make import sheet_of
    from .merge import SheetChange, SheetMerge, merge_sheet
    from .read import read_sheet
    from .write import CSV_DELIMITERS, write_csv, write_xlsx

__all__ = [
    "COLUMNS",
    "CSV_DELIMITERS",
    "Sheet",
    "SheetChange",
    "SheetConflict",
    "SheetLibraryMissing",
    "SheetMerge",
    "SheetProblem",
    "SheetRefused",
    "SheetRow",
    "merge_sheet",
    "read_sheet",
    "sheet_of",
    "write_csv",
    "write_xlsx",
]

__getattr__ = lazy_names(
    __name__,
    {
        "errors": "SheetConflict SheetLibraryMissing SheetProblem SheetRefused",
        "layout": "COLUMNS Sheet SheetRow",
        "make": "sheet_of",
        "merge": "SheetChange SheetMerge merge_sheet",
        "read": "read_sheet",
        "write": "CSV_DELIMITERS write_csv write_xlsx",
    },
)
