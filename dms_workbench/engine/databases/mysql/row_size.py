"""The width of a row: a table's columns share 65,535 bytes, and what InnoDB keeps in a page about 8,000."""

from __future__ import annotations

import re
from dataclasses import replace

from ..catalogue import Column, Table
from .types import parse_type

ROW_BYTES = 65_535
PAGE_BYTES = 8_000
IN_PAGE_BYTES = 40
"""So much of a long value stays in the page."""
BESIDE_BYTES = 12
"""A value that is kept beside the row."""
BYTES_PER_CHARACTER = {
    "utf8mb4": 4, "utf16": 4, "utf16le": 4, "utf32": 4, "gb18030": 4, "utf8mb3": 3, "utf8": 3, "ujis": 3, "eucjpms": 3,
    "ucs2": 2, "sjis": 2, "cp932": 2, "big5": 2, "gbk": 2, "gb2312": 2, "euckr": 2,
}  # fmt: skip
SIZED = re.compile(r"(?i)(varchar|varbinary|char|binary)\s*\((\d+)\)")
BESIDE = re.compile(
    r"(?i)(tiny|medium|long)?(text|blob)|json|geometry|(multi)?(point|linestring|polygon)|geometrycollection"
)
WIDEST_FIXED = 31


def width(column: Column) -> int:
    """The bytes that a column has a share of at most."""
    native = column.type.native.strip()
    match = SIZED.match(native)
    if match is None:
        return BESIDE_BYTES if BESIDE.match(native) else WIDEST_FIXED if column.type.kind == "decimal" else 10
    charset = column.type.charset or parse_type(native).charset or "utf8mb4"
    each = (
        1 if "binary" in match[1].lower() else BYTES_PER_CHARACTER.get(charset, 4 if column.type.charset is None else 1)
    )
    return int(match[2]) * each + 2


def fitted(table: Table) -> Table:
    """The table so that its columns fit into a row: the widest texts outside of keys and indexes become ``text`` or ``blob``."""
    widths = {column.name: width(column) for column in table.columns}
    indexed = indexed_columns(table)
    movable = [name for name in sorted(widths, key=lambda name: -widths[name]) if name not in indexed]
    moved: set[str] = set()
    spare = ROW_BYTES - sum(widths.values()) - len(widths)
    for name in movable:
        if spare >= 0 or widths[name] <= BESIDE_BYTES:
            break
        if re.match("(?i)var", table.column(name).type.native):
            moved.add(name)
            spare += widths[name] - BESIDE_BYTES
    columns = tuple(beside_the_row(column) if column.name in moved else column for column in table.columns)
    return replace(table, columns=columns) if moved else table


def beside_the_row(column: Column) -> Column:
    """The column with a type that is kept beside the row and holds as much."""
    native = SIZED.sub(lambda match: "blob" if "binary" in match[1].lower() else "text", column.type.native, count=1)
    return replace(column, type=replace(column.type, native=native))


def indexed_columns(table: Table) -> set[str]:
    """The columns that any key, index or foreign key names."""
    keys = [key.columns for key in (table.primary_key, *table.unique_keys) if key is not None]
    keys += [key.columns for key in table.foreign_keys]
    keys += [tuple(part.column for part in index.parts if part.column) for index in table.indexes]
    return {name for columns in keys for name in columns}


def is_wide(table: Table) -> bool:
    """May a row be too wide for a page of InnoDB, which refuses such a table unless it is told not to?"""
    in_page = sum(min(width(column), IN_PAGE_BYTES) for column in table.columns)
    return in_page > PAGE_BYTES and dict(table.options).get("engine", "InnoDB").lower() == "innodb"
