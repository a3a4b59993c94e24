"""The source-to-target sheet: a mapping as rows for a spreadsheet, and what was filled in there as a mapping again."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from annotated_types import Len

from ...engine.mapping.errors import InvalidMapping
from ...engine.mapping.sheet.errors import SheetConflict, SheetLibraryMissing, SheetProblem, SheetRefused, refused
from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Query
from ...kernel.shown import Readable
from ..connections import resolve_url
from ..schemas import catalogue_of
from .check import both
from .save import Text

if TYPE_CHECKING:
    from ...engine.databases.catalogue import Catalogue

Content: TypeAlias = Annotated[str, Len(1, 24_000_000)]
Form = Literal["xlsx", "csv"]


@dataclass(frozen=True)
class MappingSheet(Readable):
    """A sheet as a file's content."""

    form: Form
    content_base64: str
    rows: int
    open_rows: int
    """Rows with open points."""

    @property
    def content(self) -> bytes:
        """The bytes to write to a file."""
        return base64.b64decode(self.content_base64)

    def __str__(self) -> str:
        return f"{self.rows} target columns, {self.open_rows} of them with open points"


class ExportMappingSheet(
    Query[MappingSheet],
    route="POST /mappings/sheet",
    scope="mappings:edit",
    raises=(InvalidMapping, SheetLibraryMissing),
):
    """A mapping as a sheet with a row for each target column: types, source, rule, decision, owner, remark, open points.

    source_connection_id: where the rows come from.
    target_connection_id: where they go.
    text: the content of the mapping file.
    form: ``xlsx`` to work in, or ``csv``.
    delimiter: of CSV, between its cells.
    bom: of CSV, begin with the byte order mark by which Excel knows UTF-8.
    source_schema: the source's schema; its default one if left out.
    target_schema: the target's schema; its default one if left out.
    """

    source_connection_id: str
    target_connection_id: str
    text: Text
    form: Form = "xlsx"
    delimiter: Literal["comma", "semicolon", "tab"] = "comma"
    bom: bool = False
    source_schema: str | None = None
    target_schema: str | None = None


@handles(ExportMappingSheet)
def export_mapping_sheet(query: ExportMappingSheet, ctx: Context) -> MappingSheet:
    from ...engine.mapping import parse_mapping
    from ...engine.mapping.sheet import CSV_DELIMITERS, sheet_of, write_csv, write_xlsx

    mapping = parse_mapping(query.text)
    sheet = sheet_of(mapping, *both(query, ctx), at=f"{ctx.now:%Y-%m-%d %H:%M} UTC")
    csv = query.form == "csv"
    content = write_csv(sheet, CSV_DELIMITERS[query.delimiter], bom=query.bom) if csv else write_xlsx(sheet)
    opened = sum(bool(row.get("open_points")) for row in sheet.rows)
    return MappingSheet(query.form, base64.b64encode(content).decode(), len(sheet.rows), opened)


@dataclass(frozen=True)
class SheetCellChange(Readable):
    """A cell of a sheet that changes the mapping."""

    row: int
    """As the spreadsheet counts, from 1."""
    table: str
    column: str
    cell: str
    """The heading."""
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}, {self.cell}: {self.old or '(nothing)'} → {self.new or '(nothing)'}"


@dataclass(frozen=True)
class ImportedSheet(Readable):
    """What a sheet makes of a mapping; nothing is saved."""

    text: str
    """The mapping file with the changes; the text as it was, if there are none."""
    changes: tuple[SheetCellChange, ...]
    notes: tuple[str, ...]
    """What was not taken over, and why."""

    def __str__(self) -> str:
        return "\n".join([*map(str, self.changes), *self.notes]) or "The sheet changes nothing."


class ImportMappingSheet(
    Query[ImportedSheet],
    route="POST /mappings/sheet/import",
    scope="mappings:edit",
    raises=(InvalidMapping, SheetRefused, SheetConflict, SheetLibraryMissing),
):
    """Take what was filled in in a sheet over into its mapping, cell by cell; the answer shows every change.

    What the mapping has changed meanwhile stays; a cell that both have changed is a conflict, and nothing is taken over.

    text: the content of the mapping file as it is now.
    content_base64: the sheet's file, XLSX or CSV, in base64.
    source_connection_id: where the rows come from: names and rules are checked against it. Without it against what the
        mapping and the sheet name.
    target_connection_id: where the rows go, for the same.
    source_schema: the source's schema; its default one if left out.
    target_schema: the target's schema; its default one if left out.
    """

    text: Text
    content_base64: Content
    source_connection_id: str | None = None
    target_connection_id: str | None = None
    source_schema: str | None = None
    target_schema: str | None = None


@handles(ImportMappingSheet)
def import_mapping_sheet(query: ImportMappingSheet, ctx: Context) -> ImportedSheet:
    from ...engine.mapping import parse_mapping
    from ...engine.mapping.sheet import merge_sheet, read_sheet
    from ...engine.mapping.text_with import text_with

    mapping = parse_mapping(query.text)
    found = merge_sheet(
        mapping,
        read_sheet(decoded(query.content_base64)),
        by=ctx.caller.name,
        at=f"{ctx.now:%Y-%m-%dT%H:%M:%SZ}",
        source=catalogue_there(query.source_connection_id, query.source_schema, ctx),
        target=catalogue_there(query.target_connection_id, query.target_schema, ctx),
    )
    changes = tuple(
        SheetCellChange(each.row, each.table, each.column, each.cell, each.old, each.new) for each in found.changes
    )
    return ImportedSheet(text_with(mapping, found.mapping), changes, found.notes)


def decoded(content: str) -> bytes:
    """The file's bytes. Raises SheetRefused."""
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise refused([SheetProblem(0, "", "content_base64 is not base64")]) from None


def catalogue_there(connection_id: str | None, schema: str | None, ctx: Context) -> Catalogue | None:
    """The catalogue of a connection; None where none is named."""
    return None if connection_id is None else catalogue_of(resolve_url(ctx, connection_id), schema)
