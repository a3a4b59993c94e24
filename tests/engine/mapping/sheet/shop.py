"""A shop's mapping as a sheet, and cells of it changed."""

from __future__ import annotations

from dataclasses import replace

from dms_workbench.engine.mapping import parse_mapping
from dms_workbench.engine.mapping.sheet import Sheet, SheetMerge, merge_sheet, sheet_of
from tests.engine.mapping.samples import SHOP, SOURCE, TARGET

MAPPING = parse_mapping(SHOP)
BY, AT = "ann", "2026-01-05T10:00:00Z"


def exported() -> Sheet:
    """The sheet of the shop, its rows numbered as a spreadsheet numbers them."""
    sheet = sheet_of(MAPPING, SOURCE, TARGET, at="2026-01-05 10:00 UTC")
    return replace(sheet, rows=tuple(replace(row, number=at) for at, row in enumerate(sheet.rows, 2)))


def filled_in(sheet: Sheet, **cells: dict[str, str]) -> Sheet:
    """The sheet with cells changed, by target column."""
    rows = [replace(row, values={**row.values, **cells.get(row.get("target_column"), {})}) for row in sheet.rows]
    return replace(sheet, rows=tuple(rows))


def merged(sheet: Sheet, text: str = SHOP) -> SheetMerge:
    """What the sheet makes of a mapping, without databases."""
    return merge_sheet(parse_mapping(text), sheet, by=BY, at=AT)
