"""What the SQL of stages and of taking back is put together from: names, keys, and the comparison of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .base import Database, RowsRefused
from .catalogue import Column, DataType, Table, TableName

ROW = "dms_row"
"""The number of a row in a stage, from 0 or 1 on."""
CHANGED = "dms_changed"
KIND, LANE, CHUNK = "dms_kind", "dms_lane", "dms_chunk"
NEW, BARE, BEFORE, AFTER, SEEN, OLD = "new", "bare", "before", "after", "seen", "old"
"""Kinds of images: a row added, told by its key or by all that was written; a row before and after it was changed; a key
that met an equal row; a row of the content that was replaced."""
SPARE = "spare"
"""An image of a row that goes and comes back within one transaction, where nothing tells it from those that are to go."""
NUMBER = DataType("integer", "bigint", bits=64)


@dataclass(frozen=True, slots=True)
class Shape:
    """A target table as stages and images see it."""

    table: Table
    columns: tuple[Column, ...]
    """Those that the run writes."""
    key: tuple[str, ...]
    """Those that tell rows apart, all of them written; () where only all values do."""

    @property
    def written(self) -> tuple[str, ...]:
        """The names of the columns that the run writes."""
        return tuple(column.name for column in self.columns)

    @property
    def kept(self) -> tuple[str, ...]:
        """All columns of the table, as images hold them."""
        return tuple(column.name for column in self.table.columns)

    @property
    def restored(self) -> tuple[str, ...]:
        """The columns that take values: all but the generated ones."""
        return tuple(column.name for column in self.table.copied_columns)

    def settable(self, names: Sequence[str]) -> list[str]:
        """Of some columns those that an UPDATE may set."""
        return [name for name in names if self.table.column(name).identity != "always"]


class StageParts:
    """One target table, its stage and its images, as statements name and compare them."""

    temporary = False
    """Is the stage one of the connection, gone with it?"""
    before_taking: tuple[str, ...] = ()
    after_taking: tuple[str, ...] = ()
    """Statements around taking rows out that may refer to one another."""
    one_table_at_a_time = False
    """Does a row count as referred to until the transaction that took the reference away has ended?"""
    checks_each_row = False
    """Are references checked row by row, so that rows that refer to one another go in passes?"""
    key_may_be_set = True
    """May an UPDATE set the columns of the key to what is equal to them?"""
    row_id = ""
    """What names a stored row whatever its values are; empty where nothing does."""

    def __init__(self, database: Database, shape: Shape, stage: TableName, images: TableName) -> None:
        """stage, images: what they are called, whether they are there or not; hits are called like the stage."""
        self.quote, self.qualified, self.ddl = database.quote, database.qualified, database.ddl
        self.shape = shape
        self.stage_name, self.images_name = stage, images
        self.target = self.table_text(shape.table.name)
        self.stage = self.table_text(stage)
        self.hits = self.table_text(TableName(stage.schema, f"{stage.name}_hits"))
        self.images = self.table_text(images)

    def table_text(self, name: TableName) -> str:
        """A table in a statement."""
        return self.qualified(name)

    # -- parts of statements

    def names(self, names: Sequence[str], alias: str = "") -> str:
        """Columns with commas, of a table by its alias."""
        return ", ".join(f"{alias}.{self.quote(name)}" if alias else self.quote(name) for name in names)

    def on_key(self, one: str, other: str) -> str:
        """Have two rows the same key, as the target itself compares?"""
        return " AND ".join(f"{one}.{self.quote(name)} = {other}.{self.quote(name)}" for name in self.shape.key)

    def has_key(self, alias: str) -> str:
        """Has a row no NULL in its key?"""
        return " AND ".join(f"{alias}.{self.quote(name)} IS NOT NULL" for name in self.shape.key)

    def identical(self, one: str, other: str, names: Sequence[str]) -> str:
        """Are the values of some columns the same to the last byte, NULL like NULL?"""
        return " AND ".join(self.same(f"{one}.{self.quote(name)}", f"{other}.{self.quote(name)}") for name in names)

    def same(self, one: str, other: str) -> str:
        """Are two values of a column the same to the last byte?"""
        return f"{one} IS NOT DISTINCT FROM {other}"

    def update(self, names: Sequence[str], alias: str, tables: str, condition: str) -> str:
        """UPDATE of the target (as ``t``) from other tables."""
        sets = ", ".join(f"{self.quote(name)} = {alias}.{self.quote(name)}" for name in names)
        return f"UPDATE {self.target} AS t SET {sets} FROM {tables} WHERE {condition}"

    def delete_where(self, condition: str) -> str:
        """DELETE from the target (as ``t``)."""
        return f"DELETE FROM {self.target} AS t WHERE {condition}"

    def bare_partition(self, alias: str) -> str:
        """What makes rows without a key equal, as a list for PARTITION BY."""
        return self.names(self.shape.written, alias)

    @property
    def overriding(self) -> str:
        """Lets an INSERT give numbers that the column would make itself."""
        return ""

    def refusal(self, error: Exception) -> RowsRefused | None:
        """Are rows to blame for an error of a statement? What the connection translates itself is so already."""
        return error if isinstance(error, RowsRefused) else None
