"""Evaluating expressions batch by batch in an in-memory DuckDB: all rows at once, and the bad ones one level deeper."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..databases.arrow_alone import arrow_alone
from ..databases.base import Reject, Value
from ..databases.catalogue import Column, DataType
from ..databases.duckdb.connection import open_duckdb
from .arrow import arrow_column
from .batch import Result, first_failing, good_rows, in_order, only_rows, rows_of, unpacked, without_rows
from .contract import Evaluated
from .errors import EvaluationFailed, InvalidExpression, wrong
from .lookups import LookupTable
from .parts import Part
from .pushing import PushedDown, push_down
from .repairs import teach
from .results import canonical_sql, values_of
from .select import CompiledSelect, compile_select, place
from .tables import create_lookup_table
from .types import in_words, result_type
from .words import in_plain_words

if TYPE_CHECKING:
    import pyarrow as pa

HALF_A_CHARACTER = "a text that is written out does not fit its function"
"""DuckDB's message cuts the text within a character then, so that it cannot be read."""
NOT_OF_ITS_TYPE = "the value is not of its column's type, which an expression needs"


def compile_evaluator(
    source_columns: Sequence[Column],
    outputs: Sequence[tuple[str, str]],
    where: str | None,
    lookups: Mapping[str, LookupTable],
) -> DuckEvaluator:
    """Compile the expressions and the filter of one table map.

    source_columns: the columns of the batches, in their order.
    outputs: target column and expression of each output.
    Raises InvalidExpression (its ``where`` names the expression), InvalidLookup.
    """
    evaluator = DuckEvaluator(source_columns, compile_select(source_columns, outputs, where, lookups), lookups)
    evaluator.pushed = lambda: push_down(source_columns, outputs, lookups)
    return evaluator


class DuckEvaluator:
    """An `Evaluator` over DuckDB. Not for use by two threads at a time."""

    types: Sequence[DataType]
    pushed: Callable[[], PushedDown | None]
    """The expressions in PostgreSQL's SQL, where that is proved to be the same."""

    def __init__(self, columns: Sequence[Column], select: CompiledSelect, lookups: Mapping[str, LookupTable]) -> None:
        self.columns = columns
        self.select = select
        self.pushed = lambda: None
        self.casts: dict[str, str] = {}
        arrow_alone()
        self.connection = open_duckdb()
        try:
            for name, table in select.lookup_tables.items():
                create_lookup_table(self.connection, table, name, lookups[name])
            teach(self.connection, select)
            self.types = self.output_types()
        except BaseException:
            self.close()
            raise

    def output_types(self) -> list[DataType]:
        """Bind every expression over no rows to learn its type; an error is put into words."""
        empty, _ = self.loaded([[] for _ in self.columns], 0)
        self.connection.register("raw", empty)
        condition = self.described(self.select.where, None)
        if condition not in {"BOOLEAN", "NULL"}:
            raise located(wrong(f"a filter must be true or false; this one gives {in_words(condition)}"), None)
        return [self.output_type(part, name) for name, part in zip(self.select.names, self.select.outputs, strict=True)]

    def output_type(self, part: Part, name: str) -> DataType:
        """The common type of one output."""
        described = self.described(part, name)
        type_ = result_type(described)
        if type_ is None:
            raise located(wrong(f"no column can hold the result, which is {described}"), name)
        return type_

    def described(self, part: Part, target: str | None) -> str:
        """DuckDB's name of an expression's type. Runs it too, as DuckDB finds some faults of constants only then."""
        import duckdb

        faults = [f"CAST({fault} AS INTEGER)" for fault in (part.fault, self.select.where.fault) if fault]
        trial = f"SELECT {', '.join(map(self.guarded, [part.sql, *faults]))} FROM {self.source}"
        try:
            found = self.connection.execute(f"DESCRIBE SELECT {part.sql} FROM {self.source}").fetchall()
            self.connection.execute(trial).fetchall()
        except UnicodeDecodeError:
            raise located(wrong(HALF_A_CHARACTER), target) from None
        except duckdb.Error as error:
            names = [column.name for column in self.columns]
            raise located(wrong(in_plain_words(str(error), names)), target) from None
        return str(found[0][1]).strip('"')

    def evaluate(self, columns: list[list[Value]], rows: int) -> Evaluated:
        """As `Evaluator.evaluate`. Raises EvaluationFailed if DuckDB cannot go on at all (memory)."""
        import duckdb

        try:
            batch, rejects = self.loaded(columns, rows)
            self.connection.register("raw", batch)
            try:
                result = self.all_at_once()
            except (duckdb.Error, UnicodeDecodeError) as error:
                if isinstance(error, duckdb.OutOfMemoryException):
                    raise
                result = self.one_by_one(batch)
            return self.evaluated(result, rejects, rows)
        except duckdb.Error as error:
            raise EvaluationFailed(target=", ".join(self.select.names), reason=kind_of(error)) from error

    def loaded(self, columns: list[list[Value]], rows: int) -> tuple[pa.Table, list[Reject]]:
        """The columns in use as Arrow, without the rows whose values are not of their column's type."""
        import pyarrow as pa

        arrays: dict[str, Any] = {"row": pa.array(range(rows), pa.int64())}
        bad: dict[int, str] = {}
        self.casts = {}
        for number in self.select.used:
            column = self.columns[number]
            made = arrow_column(columns[number], column.type)
            arrays[f"c{number}"] = made.values
            if made.cast:
                self.casts[f"c{number}"] = made.cast
            for row in made.bad:
                bad.setdefault(row, column.name)
        table = pa.table(arrays)
        for row, name in self.not_castable(table):
            bad.setdefault(row, self.columns[int(name[1:])].name)
        rejects = [Reject(row, name, "invalid-value", NOT_OF_ITS_TYPE) for row, name in sorted(bad.items())]
        return without_rows(table, bad), rejects

    def not_castable(self, table: pa.Table) -> list[tuple[int, str]]:
        """Rows whose text cannot be cast to the column's type (the 31st of February), and in which column."""
        if not self.casts:
            return []
        self.connection.register("raw", table)
        checks = " UNION ALL ".join(
            f"SELECT \"row\", '{name}' FROM raw WHERE {name} IS NOT NULL AND TRY_CAST({name} AS {cast}) IS NULL"
            for name, cast in self.casts.items()
        )
        return self.connection.execute(checks).fetchall()

    @property
    def source(self) -> str:
        """The FROM: the registered batch with its types, and the lookups."""
        names = [f"c{number}" for number in self.select.used]
        casts = [f"TRY_CAST({name} AS {self.casts[name]}) AS {name}" if name in self.casts else name for name in names]
        columns = ", ".join(['"row"', *casts])
        return f"(SELECT {columns} FROM raw) AS batch{self.select.joins}"

    def all_at_once(self) -> Result:
        """Evaluate every row in one query; raises duckdb.Error if one of them fails."""
        where, fault = self.select.where, self.select.fault
        outputs = self.outputs_sql()
        keep = f"({where.sql})" + (f" OR ({where.fault}) IS NOT NULL" if where.fault else "")
        sql = f'SELECT "row", {fault or "NULL"} AS fault{outputs} FROM {self.source} WHERE {keep}'
        table = in_order(self.connection.sql(sql).to_arrow_table())
        faults = table.column("fault").to_pylist() if fault else []
        bad = {int(row): int(number) for row, number in zip(rows_of(table), faults, strict=False) if number is not None}
        return Result(without_rows(table, bad), bad, {})

    def outputs_sql(self) -> str:
        """The outputs in canonical form, as further columns of a SELECT."""
        pairs = zip(self.select.outputs, self.types, strict=True)
        return "".join(f", {canonical_sql(part.sql, type_)} AS o{i}" for i, (part, type_) in enumerate(pairs))

    def one_by_one(self, batch: pa.Table) -> Result:
        """Evaluate every row under TRY, then ask for the cause of the rows that failed."""
        import pyarrow as pa
        import pyarrow.compute as pc

        table = in_order(self.connection.sql(self.tried_sql()).to_arrow_table())
        kept = [value is None or value[0] for value in table.column("w").to_pylist()]
        table = table.filter(pa.array(kept, pa.bool_()))
        good = good_rows(table, len(self.types))
        failed = table.filter(pc.invert(good))
        bad, unnamed = self.causes(batch, failed) if failed.num_rows else ({}, {})
        return Result(unpacked(table.filter(good), len(self.types)), bad, unnamed)

    def tried_sql(self) -> str:
        """The query of `one_by_one`: each value in a list of its own, NULL where it fails."""
        tried = self.guarded
        pairs = zip(self.select.outputs, self.types, strict=True)
        outputs = "".join(f", {tried(canonical_sql(part.sql, type_))} AS o{i}" for i, (part, type_) in enumerate(pairs))
        where = tried(f"({self.select.where.sql}) IS TRUE")
        if self.select.where.fault:
            where = f"CASE WHEN {tried(self.select.where.fault)}[1] IS NULL THEN {where} END"
        fault = tried(f"CAST({self.select.fault or 'NULL'} AS INTEGER)")
        return f'SELECT "row", {where} AS w, {fault} AS f{outputs} FROM {self.source}'

    @staticmethod
    def guarded(sql: str) -> str:
        """NULL where the SQL raises, else a list of its value."""
        return f'TRY(CASE WHEN "row" >= 0 THEN [{sql}] END)'

    def causes(self, batch: pa.Table, failed: pa.Table) -> tuple[dict[int, int], dict[int, str | None]]:
        """For each failed row the number of its fault; or, where none can be named, the target column."""
        rows = rows_of(failed)
        self.connection.register("raw", only_rows(batch, rows))
        parts = [self.select.where, *self.select.outputs]
        tried = [self.guarded(f"CAST({part.cause or 'NULL'} AS INTEGER)") + "[1]" for part in parts]
        sql = f'SELECT "row", [{", ".join(tried)}] AS causes FROM {self.source}'
        causes = self.named_causes(sql, len(rows), len(parts))
        bad: dict[int, int] = {}
        unnamed: dict[int, str | None] = {}
        for row, which, numbers in zip(rows, first_failing(failed, len(self.types)), causes, strict=True):
            number = next((n for n in numbers if n), None) if which is None else numbers[which]
            if number:
                bad[row] = number
            else:
                unnamed[row] = (None, *self.select.names)[which or 0]
        return bad, unnamed

    def named_causes(self, sql: str, rows: int, parts: int) -> list[list[int | None]]:
        """The fault that each expression names for each row; none where DuckDB cannot even plan the question."""
        import duckdb

        try:
            found: Any = in_order(self.connection.sql(sql).to_arrow_table()).column("causes").to_pylist()
        except (duckdb.Error, UnicodeDecodeError):
            return [[None] * parts for _ in range(rows)]
        return list(found)

    def evaluated(self, result: Result, rejects: list[Reject], rows: int) -> Evaluated:
        """Close the account of the batch."""
        for row, number in result.faults.items():
            column, fault = self.select.faults[number]
            reason = fault.reason if column is not None else f"in the filter: {fault.reason}"
            rejects.append(Reject(row, column, fault.code, reason))
        for row, column in result.unnamed.items():
            rejects.append(Reject(row, column, "transform-failed", f"{place(column)} cannot be computed for this row"))
        kept = rows_of(result.table)
        columns = [values_of(result.table.column(f"o{i}"), type_) for i, type_ in enumerate(self.types)]
        rejects.sort(key=lambda reject: reject.row)
        return Evaluated(columns, kept, rows - len(kept) - len(rejects), rejects)

    def close(self) -> None:
        """Close the connection; may be called twice."""
        self.connection.close()


def located(error: InvalidExpression, target: str | None) -> InvalidExpression:
    """The error with what the expression is for."""
    error.where = place(target)
    return error


def kind_of(error: Exception) -> str:
    """The kind of a DuckDB error without its text, which may hold values."""
    return type(error).__name__.removesuffix("Exception").removesuffix("Error").lower() or "error"
