"""Which rows DuckDB would refuse and why, by queries alone: an error would end the transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..base import Reject, Value
from ..catalogue import Column, ForeignKey, Table
from .arrow import ROW
from .capabilities import CAPABILITIES, qualified, quote
from .forms import needs_check, passes_native, read_expression, write_expression
from .rounds import own_keys, parent_rows, rounds_of
from .types import is_enum

Query = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]

INCOMING = '"dms incoming rows"'
"""The name under which a batch is seen by SQL, quoted; with columns c0, c1 … and `ROW`; no table has this name."""
CHECKS = """SELECT expression, constraint_name FROM duckdb_constraints()
    WHERE database_name = current_database() AND schema_name = ? AND table_name = ? AND constraint_type = 'CHECK'"""
UNIQUE_INDEXES = """SELECT CAST(expressions AS VARCHAR[]) FROM duckdb_indexes()
    WHERE database_name = current_database() AND schema_name = ? AND table_name = ? AND is_unique AND NOT is_primary"""


@dataclass(frozen=True, slots=True)
class UniqueKey:
    """What must be unique, as SQL expressions over the table's columns."""

    label: str
    column: str | None
    expressions: tuple[str, ...]


@dataclass(slots=True)
class Occupied:
    """A unique key's state: the group of equal keys each row is in, and the rows whose key is in the table already."""

    key: UniqueKey
    groups: dict[int, int]
    taken: set[int]


class Diagnosis:
    """One batch, registered as `INCOMING`, against one table."""

    def __init__(self, query: Query, table: Table, columns: Sequence[Column], values: list[list[Value]]) -> None:
        """query: runs SQL where the batch is registered."""
        self.query = query
        self.table = table
        self.columns = columns
        self.values = values
        self.place = (table.name.schema or CAPABILITIES.default_schema, table.name.name)
        self.numbers = {column.name: number for number, column in enumerate(columns)}
        self.batch = self.typed_batch()

    def rejects(self, known: list[Reject]) -> list[Reject]:
        """All rows refused, each with its first reason, in order; ``known`` are refused already."""
        found: dict[int, Reject] = {}
        for source in (known, self.bad_casts(), self.nulls(), self.failed_checks(), self.orphans()):
            for reject in source:
                found.setdefault(reject.row, reject)
        self.add_dependent(found)
        return [found[row] for row in sorted(found)]

    def typed_batch(self) -> str:
        """The batch as the table would hold it: a subquery of that name; columns not given have their default.

        Constraints on generated columns do not exist in DuckDB, so those are left out.
        """
        selected = [ROW]
        selected += [f"{self.typed(c)} AS {quote(c.name)}" for c in self.table.columns if c.generated is None]
        return f"(SELECT {', '.join(selected)} FROM {INCOMING}) AS {quote(self.table.name.name)}"

    def typed(self, column: Column) -> str:
        """One column's value, NULL where it cannot be made."""
        if column.name in self.numbers:
            return tried(f"c{self.numbers[column.name]}", column)
        default = column.default if column.default and "nextval" not in column.default else "NULL"
        return f"CAST({default} AS {column.type.native})"

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[int]:
        """The first column of a query's rows."""
        return (int(row[0]) for row in self.query(sql, parameters))

    def bad_casts(self) -> Iterator[Reject]:
        """Values that their column cannot hold, or would hold changed."""
        for column, number in zip(self.columns, range(len(self.columns)), strict=True):
            given = f"c{number}"
            made = tried(given, column)
            if made == given:
                continue
            changed = f" OR {read_expression(made, column.type)} <> {given}" if needs_check(column.type) else ""
            reason = (
                "it is none of the values of the ENUM"
                if is_enum(column.type.native)
                else f"it is no {column.type.native} that keeps its form"
            )
            for row in self.rows(
                f"SELECT {ROW} FROM {INCOMING} WHERE {given} IS NOT NULL AND ({made} IS NULL{changed})"
            ):
                yield Reject(row, column.name, "invalid-value", reason)

    def nulls(self) -> Iterator[Reject]:
        """NULL where there must be none."""
        for column in self.table.columns:
            if column.nullable or column.generated is not None:
                continue
            if column.name in self.numbers:
                condition = f"c{self.numbers[column.name]} IS NULL"
            elif column.default is None:
                condition = "true"
            else:
                continue
            for row in self.rows(f"SELECT {ROW} FROM {INCOMING} WHERE {condition}"):
                yield Reject(row, column.name, "not-null", "the target column must not be NULL")

    def failed_checks(self) -> Iterator[Reject]:
        """Rows for which a CHECK constraint is false, or cannot be evaluated."""
        for expression, name in self.query(CHECKS, self.place):
            holds = f"TRY(CASE WHEN ({expression}) THEN 1 WHEN NOT ({expression}) THEN 0 ELSE 1 END)"
            for row in self.rows(f"SELECT {ROW} FROM {self.batch} WHERE coalesce({holds}, 0) = 0"):
                yield Reject(row, None, "check", f"the check constraint {name} fails")

    def orphans(self) -> Iterator[Reject]:
        """Rows that refer to a row of another table that is not there."""
        own = own_keys(self.table)
        for key in self.table.foreign_keys:
            if key not in own:
                for row in sorted(self.without_parent(key)):
                    yield missing_parent(row, key)

    def without_parent(self, key: ForeignKey) -> set[int]:
        """Rows whose reference is complete and finds no row in the table it refers to."""
        names = list(zip(key.columns, key.referenced_columns, strict=True))
        complete = " AND ".join(f"dms_b.{quote(name)} IS NOT NULL" for name in key.columns)
        equal = " AND ".join(
            f"dms_b.{quote(mine)} = {binary(f'dms_p.{quote(theirs)}', self.table.column(mine))}"
            for mine, theirs in names
        )
        sql = (
            f"SELECT dms_b.{ROW} FROM (SELECT * FROM {self.batch}) AS dms_b WHERE {complete} "
            f"AND NOT EXISTS (SELECT 1 FROM {qualified(key.references)} AS dms_p WHERE {equal})"
        )
        return set(self.rows(sql))

    def add_dependent(self, found: dict[int, Reject]) -> None:
        """Add rows whose fate depends on other rows of the batch: equal keys, and references to the own table."""
        occupied = [self.occupied(key) for key in self.unique_keys()]
        references = [
            (key, self.without_parent(key), parent_rows(key, self.columns, self.values)) for key in own_keys(self.table)
        ]
        circles = {row for row, number in enumerate(rounds_of(self.table, self.columns, self.values)) if number is None}
        while True:
            duplicates = self.duplicates(occupied, found)
            refused = found.keys() | duplicates.keys()
            lost = {
                row: missing_parent(row, key)
                for key, orphans, parents in references
                for row in orphans
                if row not in refused and (parents[row] is None or parents[row] in refused or row in circles)
            }
            if not lost:
                found.update(duplicates)
                return
            found.update(lost)

    def unique_keys(self) -> list[UniqueKey]:
        """Primary and unique keys, and unique indexes."""
        named = [key.columns for key in (self.table.primary_key, *self.table.unique_keys) if key is not None]
        keys = [
            UniqueKey(", ".join(names), names[0] if len(names) == 1 else None, tuple(
                binary(quote(name), self.table.column(name)) for name in names))
            for names in named
        ]  # fmt: skip
        for (expressions,) in self.query(UNIQUE_INDEXES, self.place):
            keys.append(UniqueKey("of a unique index", None, tuple(f"({expression})" for expression in expressions)))
        return keys

    def occupied(self, key: UniqueKey) -> Occupied:
        """Which rows have equal keys, and which find theirs in the table."""
        made = ", ".join(f"TRY({expression}) AS k{number}" for number, expression in enumerate(key.expressions))
        names = [f"k{number}" for number in range(len(key.expressions))]
        complete = " AND ".join(f"{name} IS NOT NULL" for name in names)
        batch = f"(SELECT * FROM (SELECT {ROW}, {made} FROM {self.batch}) WHERE {complete})"
        present = f"(SELECT {made} FROM {qualified(self.table.name)})"
        equal = " AND ".join(f"dms_b.{name} = dms_p.{name}" for name in names)
        groups = self.query(f"SELECT {ROW}, dense_rank() OVER (ORDER BY {', '.join(names)}) FROM {batch} AS dms_b", ())
        taken = self.rows(
            f"SELECT {ROW} FROM {batch} AS dms_b WHERE EXISTS (SELECT 1 FROM {present} AS dms_p WHERE {equal})"
        )
        return Occupied(key, {int(row): int(group) for row, group in groups}, set(taken))

    def duplicates(self, occupied: list[Occupied], found: dict[int, Reject]) -> dict[int, Reject]:
        """Rows that come too late: their key is in the table, or in an earlier row that is not refused itself."""
        result: dict[int, Reject] = {}
        used: list[set[int]] = [set() for _ in occupied]
        for row in range(len(self.values[0]) if self.values else 0):
            if row in found:
                continue
            clash = next(
                (
                    o.key
                    for o, groups in zip(occupied, used, strict=True)
                    if row in o.taken or o.groups.get(row) in groups
                ),
                None,
            )
            if clash is not None:
                result[row] = Reject(row, clash.column, "unique", f"the key ({clash.label}) is in the target already")
                continue
            for state, groups in zip(occupied, used, strict=True):
                if row in state.groups:
                    groups.add(state.groups[row])
        return result


def tried(sql: str, column: Column) -> str:
    """As `write_expression`, with NULL for a value that cannot be cast."""
    cast = write_expression(sql, column.type)
    return f"TRY_{cast}" if cast.startswith("CAST(") and cast != sql else cast


def binary(sql: str, column: Column) -> str:
    """A column compared by its bytes, as DuckDB's indexes do, whatever its collation."""
    return f"{sql} COLLATE C" if column.type.kind == "text" and passes_native(column.type) else sql


def missing_parent(row: int, key: ForeignKey) -> Reject:
    """A reference to nothing."""
    column = key.columns[0] if len(key.columns) == 1 else None
    return Reject(row, column, "foreign-key", f"the row of {key.references.name} it refers to is missing")
