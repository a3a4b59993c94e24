"""The source-to-target sheet of a mapping: one row for each target column, for people who work in a spreadsheet."""

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
