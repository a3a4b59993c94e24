"""Stages, merges and images of SQLite: tables beside the ledger's, emptied within the transaction of each chunk."""

from __future__ import annotations

import re
import sqlite3

from ..base import RowsRefused
from ..catalogue import TableName
from ..stages import CHANGED, CHUNK, KIND, LANE, ROW, StageSql
from .errors import ROW_ERRORS, reject
from .fingerprint import ROWS_HASH, VALUES_HASH

COLLATIONS = ("NOCASE", "RTRIM")
HASHED_AT_ONCE = 60
"""Columns, each with its storage class, that one call of a function takes: SQLite allows 127 arguments."""
ROW_NUMBERS = ("rowid", "_rowid_", "oid")


class Stages(StageSql):
    """As SQLite says it."""

    @property
    def row_id(self) -> str:  # type: ignore[override]  # which of its names is free depends on the table
        """The row's number, under a name that no column has."""
        taken = {name.lower() for name in self.shape.kept}
        return next(name for name in ROW_NUMBERS if name not in taken)

    def table_text(self, name: TableName) -> str:
        """In the file itself."""
        return f"main.{self.qualified(name)}"

    def same(self, one: str, other: str) -> str:
        """The same value in the same storage class, whatever the collation."""
        return f"({one} IS {other} COLLATE BINARY AND typeof({one}) = typeof({other}))"

    def exact_parts(self, value: str) -> list[str]:
        """By value and storage class, whatever the collation."""
        return [f"{value} COLLATE BINARY", f"typeof({value})"]

    def column_text(self, name: str) -> str:
        """A column that stores values as the target's does, and compares them so."""
        type_ = self.shape.table.column(name).type
        collation = (type_.collation or "").upper()
        return f"{self.quote(name)} {type_.native or ''}" + (f" COLLATE {collation}" if collation in COLLATIONS else "")

    def create_stage(self) -> list[str]:
        """Numbered as rows come in."""
        columns = ", ".join(map(self.column_text, self.shape.written))
        return [
            f"CREATE TABLE IF NOT EXISTS {self.stage} ({ROW} INTEGER PRIMARY KEY, {columns})",
            f"CREATE TABLE IF NOT EXISTS {self.hits} ({ROW} INTEGER NOT NULL, {CHANGED} INTEGER NOT NULL)",
        ]

    def create_images(self) -> list[str]:
        """With columns that store values as the target's do."""
        columns = ", ".join(map(self.column_text, self.shape.kept))
        return [
            f"CREATE TABLE IF NOT EXISTS {self.images} ({KIND} TEXT NOT NULL, {LANE} INTEGER, {CHUNK} INTEGER, {columns})",
            *self.index_images(),
        ]

    def index_images(self) -> list[str]:
        """An index of the same file."""
        if not self.shape.key:
            return []
        index = self.quote(f"{self.images_name.name}_key")
        return [
            f"CREATE INDEX IF NOT EXISTS main.{index} ON {self.quote(self.images_name.name)} ({self.names(self.shape.key)})"
        ]

    @property
    def no_hit(self) -> str:
        """By a list that SQLite looks up."""
        return f"s.{ROW} NOT IN (SELECT h.{ROW} FROM {self.hits} h)"

    def fingerprint(self) -> str:
        """By functions of the connection: SQLite has none that hashes. Text goes as bytes, which may be no UTF-8."""
        names = [f"t.{self.quote(name)}" for name in self.shape.kept]
        values = [
            f"typeof({name}), CASE typeof({name}) WHEN 'text' THEN CAST({name} AS BLOB) ELSE {name} END"
            for name in names
        ]
        groups = [values[at : at + HASHED_AT_ONCE] for at in range(0, len(values), HASHED_AT_ONCE)]
        row = ", ".join(f"{VALUES_HASH}({', '.join(group)})" for group in groups)
        return f"SELECT count(*), {ROWS_HASH}({row}) FROM {self.target} t"

    def refusal(self, error: Exception) -> RowsRefused | None:
        """A constraint's error, in words without values."""
        if isinstance(error, RowsRefused):
            return error
        cause = error.__cause__
        if isinstance(cause, ROW_ERRORS) and isinstance(cause, sqlite3.Error):
            return RowsRefused(re.sub(r"\s+", " ", reject(0, cause, self.shape.table.name.name).reason))
        return None
