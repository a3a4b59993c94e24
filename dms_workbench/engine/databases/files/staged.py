"""Files that a run is still writing: they lie in a hidden folder until the run has succeeded, and a SQLite file beside them
keeps the run's ledger, the structure of each table, and how much of each file is committed.

A structure is kept as an empty table of that SQLite file. What is known of a published file (its types, how it is written)
holds as long as the file is as it was published.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..catalogue import Column
from ..errors import FileUnreadable
from .location import FileTable, Format, Location
from .opening import state_of
from .types import parse_type

PARTIAL_FOLDER = ".dms-partial"
STATE_TABLE = "dms_files"
STATE_DDL = (
    f"CREATE TABLE IF NOT EXISTS {STATE_TABLE} (name TEXT PRIMARY KEY, row_count BIGINT NOT NULL, byte_count BIGINT NOT NULL, "
    "parts BIGINT NOT NULL, writing TEXT NOT NULL, published TEXT NOT NULL)"
)


@dataclass(slots=True)
class Staged:
    """One table that was made here: what of it is committed, and whether it is published."""

    name: str
    rows: int = 0
    bytes: int = 0
    parts: int = 0
    writing: str = "{}"
    """The options a CSV file is written with, as JSON."""
    published: str = ""
    """The state of its files when they were published; empty before."""


def ledger_path(location: Location) -> Path:
    """The SQLite file beside the files."""
    return location.folder / ("dms_ledger_parquet.sqlite" if location.format == "parquet" else "dms_ledger.sqlite")


def partial_folder(location: Location) -> Path:
    """Where unfinished files lie."""
    return location.folder / PARTIAL_FOLDER / ("parquet" if location.format == "parquet" else "csv")


def partial_paths(location: Location, staged: Staged) -> tuple[Path, ...]:
    """The files of a table that is not published."""
    if location.format == "parquet":
        folder = partial_folder(location) / staged.name
        return tuple(folder / part_name(number) for number in range(1, staged.parts + 1))
    return (partial_folder(location) / f"{staged.name}.csv",)


def part_name(number: int) -> str:
    """The name of a part file."""
    return f"part-{number:05d}.parquet"


def query_ledger(location: Location, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Rows of the SQLite file, opened for reading; none if there is no such file. Raises FileUnreadable."""
    path = ledger_path(location)
    if not location.is_folder or not path.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, parameters).fetchall()
    except sqlite3.Error as error:
        if "no such table" in str(error):
            return []
        raise FileUnreadable(path=str(path), database="SQLite", reason=str(error)) from None


def all_staged(location: Location) -> list[Staged]:
    """Every table that was made here."""
    found = query_ledger(location, f"SELECT * FROM {STATE_TABLE} ORDER BY name")
    return [Staged(*row) for row in found]


def unpublished(location: Location) -> tuple[FileTable, ...]:
    """The tables that a run is still writing."""
    format: Format = "parquet" if location.format == "parquet" else "csv"
    return tuple(
        FileTable(staged.name, format, paths)
        for staged in all_staged(location)
        if not staged.published and (paths := tuple(p for p in partial_paths(location, staged) if p.exists()))
    )


def known_table(location: Location, found: FileTable) -> Staged | None:
    """What is kept of a table whose files are as they were when it was written."""
    if not location.is_folder:
        return None
    for staged in all_staged(location):
        if staged.name != found.name:
            continue
        unfinished = not staged.published and partial_folder(location) in (
            found.paths[0].parent,
            found.paths[0].parent.parent,
        )
        if unfinished or (staged.published and staged.published == states_of(found.paths)):
            return staged
    return None


def declared_columns(location: Location, found: FileTable) -> tuple[Column, ...]:
    """The columns of a table that was made here and has not changed since; () of any other."""
    if known_table(location, found) is None:
        return ()
    return columns_of(query_ledger(location, 'SELECT name, type, "notnull" FROM pragma_table_info(?)', [found.name]))


def declared_options(location: Location, found: FileTable) -> dict[str, Any]:
    """The options a CSV file that was made here is written with; {} of any other."""
    staged = known_table(location, found)
    return json.loads(staged.writing) if staged is not None and found.format == "csv" else {}


def columns_of(rows: Sequence[tuple[Any, ...]]) -> tuple[Column, ...]:
    """Columns out of what SQLite says of a table."""
    return tuple(Column(name, parse_type(native), nullable=not notnull) for name, native, notnull in rows)


def states_of(paths: Sequence[Path]) -> str:
    """The state of all files of a table."""
    return json.dumps([[path.name, str(state_of(path))] for path in paths])
