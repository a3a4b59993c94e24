"""Reading files: a table is a file, or a folder of files of one structure; places are bytes or rows of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..base import Batch, LineLimits, LineQuery, Lines, Position
from ..catalogue import Catalogue, Column, Table, TableName
from ..errors import DatabaseError, SchemaMissing
from .capabilities import CAPABILITIES
from .csv_lines import CSV, chunks, passes
from .csv_table import CsvFile, FirstFault, Known, encode_place
from .dialect import wishes_from
from .errors import FileChanged, FilesDiffer, UnreadableRow
from .location import FileTable, Location
from .opening import state_of
from .parquet_table import ParquetFile
from .records import Place
from .staged import declared_columns, declared_options, query_ledger, unpublished
from .types import parse_type

FILE, LINE, BYTE, ROW = "(file)", "(line)", "(byte)", "(row)"
"""What names a row of a file: never columns of a table, so they stand in brackets."""
OWN = {"encoding": "utf-8", "header": True, "quote": '"', "format": "csv"}
"""How every CSV file is written here."""
OF_LEDGER = ("dms_ledger_", "sqlite_master")
"""Names that only queries on the ledger hold."""


class FilesSource:
    """The read side of a place of files."""

    can = CAPABILITIES

    def __init__(self, location: Location) -> None:
        """Raises FileMissing if there is no such place."""
        self.location = location
        self.identity = location.identity
        self._tables = {table.name: table for table in (*location.tables(), *unpublished(location))}
        states = [f"{path}={state_of(path)}" for table in self._tables.values() for path in table.paths]
        self.snapshot = hashlib.sha256("\n".join(states).encode()).hexdigest()[:16]

    def catalogue(self, schema: str | None = None) -> Catalogue:
        """The tables; raises SchemaMissing for any schema, FileDamaged, FilesDiffer."""
        if schema:
            raise SchemaMissing(schema=schema, database="files", known="none")
        visible = {table.name for table in self.location.tables()}
        tables = [self.table(found) for name, found in sorted(self._tables.items()) if name in visible]
        return Catalogue("files", "", None, tuple(tables))

    def table(self, found: FileTable) -> Table:
        """One table of the catalogue."""
        size = sum(path.stat().st_size for path in found.paths)
        name = TableName(None, found.name)
        if found.format == "parquet":
            columns, rows = self.parquet(found)
            return Table(name, columns, rows_estimate=rows, size_bytes=size, options=(("format", "parquet"),))
        parts = self.csv(found)
        dialect = parts[0][1].dialect
        options = [("format", "csv"), ("dialect", dialect.said), *(("reason", reason) for reason in dialect.reasons)]
        if faults := sum(known.faults for _, known in parts):
            options.append(("faults", f"{faults} rows are no records; the first is in line {first(parts).line}"))
        return Table(
            name,
            columns_of(parts),
            rows_estimate=sum(known.rows for _, known in parts),
            size_bytes=size,
            options=tuple(options),
            problem=None if parts[0][1].columns else "the file is empty: it has neither a header nor rows",
        )

    def found(self, table: Table) -> FileTable:
        """The files of a table. Raises DatabaseError if there are none."""
        found = self._tables.get(table.name.name)
        if found is None:
            raise DatabaseError(database="files", reason=f"there is no file for the table {table.name.name}")
        return found

    def csv(self, found: FileTable) -> list[tuple[CsvFile, Known]]:
        """The CSV files of a table with what is known of each, all with the same columns. Raises FilesDiffer."""
        declared = declared_columns(self.location, found)
        own = declared_options(self.location, found)
        files = [
            CsvFile(
                path,
                wishes_from({**OWN, **own}, path.name) if own else self.location.wishes_for(path, found.name),
                declared,
            )
            for path in found.paths
        ]
        parts = [(file, file.known()) for file in files]
        return agreed(found, parts)

    def parquet(self, found: FileTable) -> tuple[tuple[Column, ...], int]:
        """Columns and rows of a table of Parquet files. Raises FilesDiffer, FileDamaged."""
        described = [ParquetFile(path).described() for path in found.paths]
        columns = described[0][0]
        for path, (others, _) in zip(found.paths, described, strict=True):
            if [(column.name, column.type) for column in others] != [(column.name, column.type) for column in columns]:
                raise FilesDiffer(table=found.name, path=str(path))
        declared = {column.name: column for column in declared_columns(self.location, found)}
        if list(declared) == [column.name for column in columns]:
            columns = tuple(
                replace(column, type=declared[column.name].type)
                if declared[column.name].type.kind == column.type.kind
                else column
                for column in columns
            )
        return columns, sum(rows for _, rows in described)

    def count(self, table: Table) -> int:
        """Rows, with those that are no records."""
        found = self.found(table)
        if found.format == "parquet":
            return self.parquet(found)[1]
        return sum(known.rows for _, known in self.csv(found))

    def check_rows(self, table: Table) -> None:
        """Raise UnreadableRow if a row is no record."""
        found = self.found(table)
        parts = self.csv(found) if found.format == "csv" else []
        if count := sum(known.faults for _, known in parts):
            fault = first(parts)
            raise UnreadableRow(path=fault.path, count=count, line=fault.line, offset=fault.offset, reason=fault.reason)

    def position_columns(self, table: Table) -> tuple[str, ...]:
        """The place of a row: its line and byte, or its number, and the file where there are several."""
        found = self._tables.get(table.name.name)
        several = found is not None and len(found.paths) > 1
        place = (ROW,) if found is not None and found.format == "parquet" else (LINE, BYTE)
        return (FILE, *place) if several else place

    def read(
        self,
        table: Table,
        columns: Sequence[str],
        *,
        after: Position = "",
        until: Position = "",
        batch_rows: int = 50_000,
        batch_bytes: int = 16_000_000,
    ) -> Iterator[Batch]:
        """Rows in the order of the files. Raises FileChanged if a file is not as it was at a position."""  # fmt: skip
        found = self.found(table)
        if until and found.format == "parquet":
            raise DatabaseError(database="files", reason="Parquet files are read by one lane")
        number, place = self.decoded(found, after)
        last, end = self.decoded(found, until) if until else (len(found.paths) - 1, None)
        for at in range(number, last + 1):
            start = place if at == number else None
            stop = end.offset if end is not None and at == last else None
            for batch in self.read_file(found, at, columns, (start, stop), batch_rows, batch_bytes):
                if len(found.paths) > 1:
                    batch.keys.insert(0, [found.paths[at].name] * batch.rows)
                yield batch

    def read_file(
        self,
        found: FileTable,
        at: int,
        columns: Sequence[str],
        between: tuple[Place | None, int | None],
        batch_rows: int,
        batch_bytes: int,
    ) -> Iterator[Batch]:
        """The rows of one file between two places."""
        if found.format == "parquet":
            return self.read_parquet(found, at, columns, between[0], batch_rows, batch_bytes)
        return self.read_csv(found, at, columns, between, batch_rows, batch_bytes)

    def gives_lines(self, asked: LineQuery) -> bool:
        """The bytes of CSV files as they stand, where the target reads them as the values they are."""
        found = self.found(asked.table)
        if asked.form != CSV or asked.where or not asked.columns or found.format == "parquet":
            return False
        parts = self.csv(found)
        return len(parts) == len(found.paths) and all(passes(known, asked.columns) for _, known in parts)

    def read_lines(
        self, asked: LineQuery, *, limits: LineLimits, after: Position = "", until: Position = ""
    ) -> Iterator[Lines]:
        """As `read`, as lines; a chunk ends with its file at the latest."""
        if until:
            raise DatabaseError(database="files", reason="files are read by one lane")
        found = self.found(asked.table)
        number, place = self.decoded(found, after)
        parts = self.csv(found)
        for at in range(number, len(parts)):
            file, known = parts[at]
            for lines, end in chunks(file.path, known, place if at == number else None, limits):
                lines.position = encode_place(at, end, known.state)
                yield lines

    def decoded(self, found: FileTable, after: Position) -> tuple[int, Place | None]:
        """The number of a file and the place in it. Raises FileChanged."""
        if not after:
            return 0, None
        number, offset, line, opened, state = json.loads(after)
        if number >= len(found.paths) or str(state_of(found.paths[number])) != state:
            raise FileChanged(path=str(found.paths[min(number, len(found.paths) - 1)]))
        return number, Place(offset, line, opened)

    def read_csv(
        self,
        found: FileTable,
        at: int,
        columns: Sequence[str],
        between: tuple[Place | None, int | None],
        batch_rows: int,
        batch_bytes: int,
    ) -> Iterator[Batch]:
        """The rows of one CSV file."""
        parts = {file.path: (file, known) for file, known in self.csv(found)}
        if found.paths[at] not in parts:
            return
        file, known = parts[found.paths[at]]
        for batch, end in file.batches(known, columns, between, batch_rows, batch_bytes):
            batch.position = encode_place(at, end, known.state)
            yield batch

    def read_parquet(
        self, found: FileTable, at: int, columns: Sequence[str], start: Place | None, batch_rows: int, batch_bytes: int
    ) -> Iterator[Batch]:
        """The rows of one Parquet file."""
        state = state_of(found.paths[at])
        skip = start.offset if start else 0
        for batch, row in ParquetFile(found.paths[at]).batches(columns, skip, batch_rows, batch_bytes):
            batch.position = encode_place(at, Place(row, row), state)
            yield batch

    def lane_bounds(self, table: Table, lanes: int) -> list[Position]:  # noqa: ARG002
        """None: a file has no key, and is read from its beginning."""
        return []

    def stream(
        self, sql: str, parameters: Sequence[Any] = (), *, batch_rows: int = 10_000
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of a query, which sees every table as text, read by another way than `read` does."""
        from .proof import query

        if any(name in sql for name in OF_LEDGER):
            if rows := query_ledger(self.location, sql, parameters):
                yield rows
            return
        yield from query(self, list(self._tables.values()), sql, batch_rows)

    def lane(self) -> FilesSource:
        """Another reader of the same files."""
        return FilesSource(self.location)

    def close(self) -> None:
        """Nothing is kept open."""


def first(parts: list[tuple[CsvFile, Known]]) -> FirstFault:
    """The first fault of the files."""
    return next(known.first_fault for _, known in parts if known.first_fault is not None)


def columns_of(parts: list[tuple[CsvFile, Known]]) -> tuple[Column, ...]:
    """The columns of files that agree: nullable where one of them has a NULL."""
    return tuple(
        replace(column, nullable=any(known.columns[at].nullable for _, known in parts))
        for at, column in enumerate(parts[0][1].columns)
    )


def agreed(found: FileTable, parts: list[tuple[CsvFile, Known]]) -> list[tuple[CsvFile, Known]]:
    """The parts with one type for each column: a wider decimal, or text where the kinds differ. Raises FilesDiffer."""
    filled = [part for part in parts if part[1].columns] or parts[:1]
    names = [column.name for column in filled[0][1].columns]
    for file, known in filled:
        if [column.name for column in known.columns] != names:
            raise FilesDiffer(table=found.name, path=str(file.path))
    if len(filled) == 1:
        return filled
    shared = [one_type([known for _, known in filled], at) for at in range(len(names))]
    return [(file, with_types(known, shared)) for file, known in filled]


def one_type(parts: list[Known], at: int) -> Column:
    """The column of all parts."""
    columns = [known.columns[at] for known in parts]
    forms = {known.forms[at] for known, column in zip(parts, columns, strict=True) if known.rows or column.nullable}
    if len({column.type for column in columns}) == 1:
        return columns[0]
    if len(forms) == 1 and (form := next(iter(forms))) is not None and form.kind == "decimal":
        scale = max(column.type.scale or 0 for column in columns)
        before = max((column.type.precision or 0) - (column.type.scale or 0) for column in columns)
        return replace(columns[0], type=parse_type(f"DECIMAL({before + scale},{scale})"))
    return replace(columns[0], type=parse_type("text"))


def with_types(known: Known, shared: list[Column]) -> Known:
    """What is known of a part, under the types of all parts."""
    columns = tuple(replace(column, type=of_all.type) for column, of_all in zip(known.columns, shared, strict=True))
    forms = tuple(
        form if column.type.kind != "text" else None for form, column in zip(known.forms, columns, strict=True)
    )
    return replace(known, columns=columns, forms=forms)
