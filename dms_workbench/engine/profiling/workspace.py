"""Rows of any source as tables that DuckDB reads: Parquet files where they lie, all others from one private folder."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..databases.arrow_alone import arrow_alone
from ..databases.base import (
    Batch,
    LineColumn,
    LineLimits,
    LineQuery,
    LineSource,
    LinesUnfit,
    Reject,
    RowsRefused,
    Source,
    Value,
)
from ..databases.canonical_csv import CANONICAL, passes, read_table
from ..databases.catalogue import Column, DataType, Table
from ..databases.duckdb.capabilities import literal, quote
from ..databases.duckdb.connection import open_duckdb
from ..databases.duckdb.errors import translated
from ..databases.files.parquet_write import arrow_table, schema_of
from .long_cells import LongCells, cut_rows, cut_values
from .model import Sampling
from .undecodable import mend

if TYPE_CHECKING:
    import duckdb
    import pyarrow

MEMORY_BYTES = 256_000_000
"""What DuckDB may use; beyond it works with the disk."""
BATCH_ROWS = 50_000
BATCH_BYTES = 16_000_000
COLUMNS_AT_ONCE = 500
PART_COLUMNS = 100
WIDE_ROWS = 200
WIDE_BYTES = 1 << 40
"""Parts of rows that are read side by side are cut by rows alone."""
NO_ROW = -1
UNFIT_KEPT = 10_000
"""Values of a table that are none of their column's type and are kept as they are."""
TEXT = DataType("text", "VARCHAR")
FOLDER = "dms-profile-"
CHANCES = 2**32

Watch = Callable[[int], None]
"""Told after each batch how many rows of the table have been read; may raise to end the work."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """A value that its column's type cannot hold, or that is no valid text."""

    row: int
    """Its number in the workspace; `NO_ROW` in a sample."""
    column: str
    value: Value
    """As the source gave it; text that is not UTF-8 has its bad bytes as lone surrogates."""


@dataclass(slots=True)
class Gathered:
    """The rows of a table in the workspace, under names that no source can choose: ``t0``, with columns ``c0`` … and ``r``."""

    name: str
    table: Table
    columns: tuple[Column, ...]
    relation: str
    sampling: Sampling
    unfit: list[Unfit] = field(default_factory=list)
    unfit_counts: dict[str, int] = field(default_factory=dict)
    """By column, also of those that were not kept."""
    no_records: int = 0
    """Lines of a file that are no rows."""
    long_cells: dict[str, LongCells] = field(default_factory=dict)
    """By column: values of which the workspace holds but the beginning and a hash."""

    parts: bool = False
    """A table of very many columns is held a second time, in parts of `PART_COLUMNS`."""

    def holding(self, place: str) -> str:
        """What to read one column from: the whole table, or the part that has it."""
        return f"{self.relation}p{int(place[1:]) // PART_COLUMNS}" if self.parts else self.relation

    def place(self, column: str) -> str:
        """The column's name in the workspace. Raises KeyError."""
        for number, each in enumerate(self.columns):
            if each.name == column:
                return f"c{number}"
        raise KeyError(column)


class Workspace:
    """A DuckDB of our own over gathered tables; a context manager that leaves nothing behind."""

    def __init__(self, memory_bytes: int = MEMORY_BYTES, folders: Sequence[str] = ()) -> None:
        """folders: where Parquet files lie that are read as they are."""
        self.folder = Path(tempfile.mkdtemp(prefix=FOLDER))
        self.tables: list[Gathered] = []
        try:
            self.connection: duckdb.DuckDBPyConnection = open_duckdb(
                spool_directory=str(self.folder), more_directories=tuple(folders), memory_bytes=memory_bytes
            )
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End it and remove its files; may be called twice."""
        self.connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query and return all its rows. Raises the errors of `engine.databases.duckdb.errors`."""
        with translated("the profile's workspace"):
            return self.connection.execute(sql, list(parameters) or None).fetchall()

    def gather(
        self,
        source: Source,
        table: Table,
        *,
        sampling: Sampling,
        watch: Watch | None = None,
        columns: Sequence[str] = (),
    ) -> Gathered:
        """Read a table once, under the source's snapshot.

        sampling: ``fraction`` and ``seed`` choose the rows; the result says how many there were.
        columns: only these; all if none is named.

        Raises the errors of the source; whatever ``watch`` raises.
        """
        wanted = tuple(each for each in table.columns if not columns or each.name in columns)
        number = len(self.tables)
        found = Gathered(str(table.name), table, wanted, f"t{number}", sampling)
        path = self.folder / f"{found.relation}.parquet"
        spool = Spool(source, found, sampling, watch)
        rows = spool.write(path)
        selected = ", ".join([*(f"c{place}" for place in range(len(wanted))), "r"])
        self.query(f"CREATE VIEW {found.relation} AS SELECT {selected} FROM read_parquet({literal(str(path))})")
        self.split(found)
        total = sampling.rows_total if sampling.rows_total is not None else spool.seen
        found.sampling = replace(sampling, rows_read=rows, rows_total=total)
        self.tables.append(found)
        return found

    def split(self, found: Gathered) -> None:
        """Hold a table of very many columns in parts too: DuckDB binds all columns of a file for each query."""
        places = [f"c{place}" for place in range(len(found.columns))]
        if len(places) <= 2 * PART_COLUMNS:
            return
        for number, start in enumerate(range(0, len(places), PART_COLUMNS)):
            path = literal(str(self.folder / f"{found.relation}p{number}.parquet"))
            listed = ", ".join([*places[start : start + PART_COLUMNS], "r"])
            self.query(f"COPY (SELECT {listed} FROM {found.relation}) TO {path} (FORMAT parquet, COMPRESSION lz4)")
            self.query(f"CREATE VIEW {found.relation}p{number} AS SELECT * FROM read_parquet({path})")
        found.parts = True

    def view_files(self, table: Table, paths: Sequence[Path], *, sampling: Sampling) -> Gathered:
        """Parquet files as they lie, as one table; nothing is copied. Nested values are read as their JSON text."""
        number = len(self.tables)
        found = Gathered(str(table.name), table, table.columns, f"t{number}", sampling)
        listed = ", ".join(literal(str(path)) for path in paths)
        shown = ", ".join(f"{read_as(column)} AS c{place}" for place, column in enumerate(table.columns))
        chosen = (
            "" if sampling.whole else f" WHERE hash(file_row_number, {sampling.seed}) % {CHANCES} < {chance(sampling)}"
        )
        self.query(
            f"CREATE VIEW {found.relation} AS SELECT {shown}, file_row_number AS r "
            f"FROM read_parquet([{listed}], file_row_number = true){chosen}"
        )
        self.split(found)
        rows = int(self.query(f"SELECT count(*) FROM {found.relation}")[0][0])
        found.sampling = replace(sampling, rows_read=rows)
        self.tables.append(found)
        return found


def read_as(column: Column) -> str:
    """The column of a Parquet file, nested values as text."""
    name = quote(column.name)
    return f"CAST({name} AS VARCHAR)" if column.type.kind in ("other", "json", "interval") else name


def chance(sampling: Sampling) -> int:
    """The fraction of `CHANCES`."""
    return int(sampling.fraction * CHANCES)


@dataclass(slots=True)
class Spool:
    """Writes the rows of one table into a Parquet file."""

    source: Source
    into: Gathered
    sampling: Sampling
    watch: Watch | None
    seen: int = 0
    written: int = 0

    def write(self, path: Path) -> int:
        """All rows that are chosen; returns how many. As lines where the source gives them and types allow, else as values."""
        asked = line_query(self.into, self.source.position_columns(self.into.table))
        source = cast(LineSource, self.source)
        if asked is not None and hasattr(source, "gives_lines") and source.gives_lines(asked):
            try:
                return self.save(path, self.lines(source, asked))
            except (LinesUnfit, RowsRefused):
                self.seen = self.written = 0
                self.into.long_cells.clear()
        return self.save(path, self.values())

    def save(self, path: Path, pieces: Iterator[pyarrow.Table]) -> int:
        """Write them, numbered."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        arrow_alone()
        schema = pa.schema([pa.field(f"c{place}", held_as(each)) for place, each in enumerate(self.into.columns)])
        schema = schema.append(pa.field("r", pa.int64()))
        with pq.ParquetWriter(path, schema, compression="lz4") as writer:
            for rows in pieces:
                numbers = pa.array(range(self.written, self.written + rows.num_rows), pa.int64())
                writer.write_table(rows.append_column("r", numbers).cast(schema))
                self.written += rows.num_rows
                if self.watch is not None:
                    self.watch(self.seen)
        return self.written

    def lines(self, source: LineSource, asked: LineQuery) -> Iterator[pyarrow.Table]:
        """Lines, chunk by chunk, each column at its place. Raises LinesUnfit and RowsRefused where a value does not pass so."""
        choose = self.dice()
        targets = [line.target for line in asked.columns]
        names = [f"c{place}" for place in range(len(targets))]
        called = [column.name for column in self.into.columns]
        lane = source.lane()
        try:
            for chunk in lane.read_lines(asked, limits=LineLimits(rows=BATCH_ROWS, size_bytes=BATCH_BYTES)):
                rows = read_table(chunk, targets).rename_columns([target.name for target in targets]).select(names)
                self.seen += rows.num_rows
                yield cut_rows(self.chosen(rows, choose), called, self.into.long_cells)
        finally:
            lane.close()

    def values(self) -> Iterator[pyarrow.Table]:
        """Values, batch by batch; what its column cannot hold is noted and NULL here."""
        choose = self.dice()
        columns = [replace(each, name=f"c{place}") for place, each in enumerate(self.into.columns)]
        for batch in self.batches():
            self.seen += batch.rows
            mend(self.source, self.into.table, self.into.columns, batch)
            values = self.records(batch.columns, batch.rejects)
            rows, rejects = arrow_table(columns, values)
            self.note(rejects, values)
            yield self.chosen(rows, choose)

    def batches(self) -> Iterator[Batch]:
        """The rows as values; long ones are cut. A table of very many columns is read part by part, side by side."""
        names = [column.name for column in self.into.columns]
        parts = [names[start : start + COLUMNS_AT_ONCE] for start in range(0, len(names), COLUMNS_AT_ONCE)]
        rows, size = (BATCH_ROWS, BATCH_BYTES) if len(parts) == 1 else (WIDE_ROWS, WIDE_BYTES)
        reads = [self.source.read(self.into.table, part, batch_rows=rows, batch_bytes=size) for part in parts]
        for together in zip(*reads, strict=True):
            first = together[0]
            for batch in together[1:]:
                first.columns += batch.columns
            for place, name in enumerate(names):
                values = as_typed(self.into.columns[place].type.kind, first.columns[place])
                first.columns[place] = cut_values(name, values, self.into.long_cells)
            yield first

    def records(self, values: list[list[Value]], rejects: Sequence[Reject]) -> list[list[Value]]:
        """The rows that are records; lines of a file that are none are counted."""
        gone = {reject.row for reject in rejects if reject.column is None}
        self.into.no_records += len(gone)
        if not gone:
            return values
        return [[value for row, value in enumerate(column) if row not in gone] for column in values]

    def note(self, rejects: Sequence[Reject], values: list[list[Value]]) -> None:
        """Remember values that fit nowhere; of a sample those of all rows that were read."""
        for reject in rejects:
            place = int((reject.column or "c0")[1:])
            name = self.into.columns[place].name
            self.into.unfit_counts[name] = self.into.unfit_counts.get(name, 0) + 1
            if len(self.into.unfit) < UNFIT_KEPT:
                row = self.written + reject.row if self.sampling.whole else NO_ROW
                self.into.unfit.append(Unfit(row, name, values[place][reject.row]))

    def dice(self) -> random.Random:
        """What chooses the rows of a sample: the same for the same seed."""
        return random.Random(self.sampling.seed)  # noqa: S311  chooses rows, keeps no secret

    def chosen(self, rows: pyarrow.Table, choose: random.Random) -> pyarrow.Table:
        """The rows of the sample."""
        if self.sampling.whole:
            return rows
        import pyarrow as pa

        kept = [row for row in range(rows.num_rows) if choose.random() < self.sampling.fraction]
        return rows.take(pa.array(kept, pa.int64()))


def as_typed(kind: str, values: list[Value]) -> list[Value]:
    """Values of a column that holds any type (SQLite's) as those of its own, where they are plainly meant so."""
    if kind == "boolean":
        return [bool(value) if type(value) is int and value in (0, 1) else value for value in values]
    if kind == "decimal":
        return [repr(value) if type(value) in (int, float) else value for value in values]
    return values


def held_as(column: Column) -> Any:
    """The Arrow type of a column in the workspace."""
    return schema_of([replace(column, name="c")]).field(0).type


def line_query(found: Gathered, keys: Sequence[str]) -> LineQuery | None:
    """What to ask a source that gives lines of CSV, the position's columns first; None where a type does not pass so."""
    columns = []
    for place, column in enumerate(found.columns):
        target = replace(column, name=f"c{place}")
        if not passes(column.type, target.type):
            target = replace(target, type=TEXT)
            if not passes(column.type, TEXT):
                return None
        columns.append(LineColumn(target, column))
    leading = [each for key in keys for each in columns if each.source is not None and each.source.name == key]
    if len(leading) < len(keys):
        return None
    return LineQuery(found.table, (*leading, *(each for each in columns if each not in leading)), CANONICAL)
