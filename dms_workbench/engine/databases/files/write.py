"""Writing files exactly once: rows go to hidden files first, and count only as far as the ledger has recorded them.

What a transaction adds is on the disk before the transaction of the ledger commits that records the new length. Whatever lies
beyond the recorded length (of a worker that was killed, of a transaction that failed) is cut off before more is written. A
table's files get their own names when the run has succeeded, and no file of another is ever replaced.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Never

from ..base import Lines, Reject, RowsRefused, Value
from ..canonical_csv import CANONICAL
from ..catalogue import Catalogue, Column, SequenceState, Table, TableName
from ..errors import DatabaseError, FileMissing, FileReadOnly
from ..sqlite.connect import BUSY_TIMEOUT_SECONDS, open_for_writing
from ..sqlite.write import SqliteTarget
from .capabilities import CAPABILITIES, quote
from .csv_text import Writing
from .errors import FileExists, NotAFolder
from .location import Location
from .own_names import clear_partial, final_path, sync_folder, was_moved
from .parquet_lines import table_of_lines
from .parquet_write import arrow_table, schema_of, write_part
from .read import FilesSource
from .staged import (
    STATE_DDL,
    STATE_TABLE,
    Staged,
    columns_of,
    ledger_path,
    part_name,
    partial_folder,
    partial_paths,
    states_of,
)

CREATE = re.compile(r'CREATE TABLE "((?:[^"]|"")+)" \(')
LEDGER_PREFIX = "dms_ledger_"


class FilesTarget:
    """The write side of a folder."""

    can = CAPABILITIES
    read_only = ""

    def __init__(self, location: Location, writing: Writing) -> None:
        """Nothing is made before the first transaction. Raises NotAFolder, FileMissing, FileReadOnly."""
        if not location.is_folder:
            raise NotAFolder(path=location.path)
        self.location = replace(location, format="parquet" if location.format == "parquet" else "csv")
        self.writing = writing
        self.identity = location.identity
        self.line_forms: tuple[str, ...] = (CANONICAL,) if self.location.format == "parquet" else ()
        self._sqlite: SqliteTarget | None = None
        self._touched: dict[str, Staged] = {}
        self._open: dict[str, Any] = {}
        folder = Path(location.path)
        if not folder.parent.is_dir():
            raise FileMissing(path=str(folder.parent), database="files")
        if not os.access(folder if folder.exists() else folder.parent, os.W_OK | os.X_OK):
            raise FileReadOnly(path=str(folder), reason="permission denied")
        if ledger_path(self.location).is_file():
            self.ledger()

    def ledger(self) -> SqliteTarget:
        """The SQLite file, made with its folder if it is missing."""
        if self._sqlite is None:
            path = ledger_path(self.location)
            path.parent.mkdir(exist_ok=True)
            connection = open_for_writing(str(path), create=True, busy_timeout_seconds=BUSY_TIMEOUT_SECONDS)
            self._sqlite = SqliteTarget(connection, str(path), busy_timeout_seconds=BUSY_TIMEOUT_SECONDS)
            self._sqlite.execute(STATE_DDL)
        return self._sqlite

    def catalogue(self, schema: str | None = None) -> Catalogue:
        """The tables that are there, and those that a run is still writing."""
        visible = FilesSource(self.location).catalogue(schema).tables if Path(self.location.path).is_dir() else ()
        names = {table.name.name for table in visible}
        made = [Table(TableName(None, each.name), self.columns(each.name)) for each in self.unfinished()]
        tables = [*visible, *(table for table in made if table.name.name not in names)]
        return Catalogue("files", "", None, tuple(sorted(tables, key=lambda table: table.name)))

    def columns(self, name: str) -> tuple[Column, ...]:
        """The columns of a table that was made here."""
        return columns_of(self.query('SELECT name, type, "notnull" FROM pragma_table_info(?)', [name]))

    def unfinished(self) -> list[Staged]:
        """The tables that are not published."""
        rows = self.query(f"SELECT * FROM {STATE_TABLE} WHERE published = '' ORDER BY name")
        return [Staged(*row) for row in rows]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction of the ledger; what was added to files is on the disk before it commits."""
        with self.ledger().transaction():
            try:
                yield
                self.record()
            except BaseException:
                self.cut_back()
                raise
            finally:
                self.let_go()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Part of a transaction that can fail on its own."""
        before = {name: replace(staged) for name, staged in self._touched.items()}
        with self.ledger().savepoint():
            try:
                yield
            except BaseException:
                for name in self._touched:
                    self.cut(before.get(name) or self.recorded(name))
                self._touched = before
                raise

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement of the ledger, or make a table."""
        ledger = self.ledger()
        made = CREATE.match(sql)
        if made is None or made[1].startswith(LEDGER_PREFIX):
            return ledger.execute(sql, parameters)
        name = made[1].replace('""', '"')
        self.check_name(name)
        ledger.execute(f"DROP TABLE IF EXISTS {quote(name)}")
        ledger.execute(f"DELETE FROM {STATE_TABLE} WHERE name = ?", [name])
        count = ledger.execute(sql)
        ledger.execute(
            f"INSERT INTO {STATE_TABLE} VALUES (?, 0, 0, 0, ?, '')", [name, json.dumps(asdict(self.writing))]
        )
        self.cut(Staged(name))
        return count

    def check_name(self, name: str) -> None:
        """Raise FileExists, or DatabaseError for a name that no file can have."""
        if "/" in name or "\0" in name or name.startswith((".", "_")) or name.lower() == STATE_TABLE:
            raise DatabaseError(database="files", reason=f"no file of a table can be named {name}")
        path = final_path(self.location, Staged(name))
        if path.exists():
            raise FileExists(path=str(path))

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query on the ledger; there are no rows before there is a ledger."""
        return [] if self._sqlite is None else self._sqlite.query(sql, parameters)

    def write(self, table: Table, columns: Sequence[Column], values: list[list[Value]]) -> int:
        """Add rows to the table's hidden file. Raises RowsRefused where one cannot be written."""
        rejects = self.diagnose(table, columns, values)
        if rejects:
            raise RowsRefused(f"{rejects[0].column}: {rejects[0].reason}")
        rows = len(values[0]) if values else 0
        staged = self.staged(table.name.name)
        in_order, given = self.whole_rows(table, columns, values, rows)
        if self.location.format == "parquet":
            folder = partial_folder(self.location) / staged.name
            folder.mkdir(parents=True, exist_ok=True)
            made, _ = arrow_table(in_order, given)
            write_part(folder / part_name(staged.parts + 1), made)
            staged.parts += 1
        else:
            text = self.header(in_order) if not staged.bytes else ""
            staged.bytes += self.file(staged.name).write((text + self.writing.lines(given)).encode())
        staged.rows += rows
        return rows

    def write_lines(self, table: Table, columns: Sequence[Column], lines: Lines) -> int:
        """Add the rows of a chunk as a part file of the table's Parquet. Raises RowsRefused where one cannot be written."""
        staged = self.staged(table.name.name)
        known = self.columns(staged.name)
        types = {column.name: column.type for column in columns}
        in_order = [replace(column, type=types.get(column.name, column.type)) for column in known]
        made = table_of_lines(in_order, columns, lines)
        folder = partial_folder(self.location) / staged.name
        folder.mkdir(parents=True, exist_ok=True)
        write_part(folder / part_name(staged.parts + 1), made)
        staged.parts += 1
        staged.rows += made.num_rows
        return int(made.num_rows)

    def header(self, columns: Sequence[Column]) -> str:
        """The first line of a CSV file."""
        return self.writing.header([column.name for column in columns])

    def whole_rows(
        self, table: Table, columns: Sequence[Column], values: list[list[Value]], rows: int
    ) -> tuple[list[Column], list[list[Value]]]:
        """All columns of the table, in its order; NULL where nothing is given."""
        known = self.columns(table.name.name)
        given = {column.name: value for column, value in zip(columns, values, strict=True)}
        types = {column.name: column.type for column in columns}
        in_order = [replace(column, type=types.get(column.name, column.type)) for column in known]
        return in_order, [given.get(column.name, [None] * rows) for column in known]

    def diagnose(self, table: Table, columns: Sequence[Column], values: list[list[Value]]) -> list[Reject]:  # noqa: ARG002
        """Find the values that cannot be written."""
        if self.location.format == "parquet":
            return arrow_table([replace(column, nullable=True) for column in columns], values)[1]
        rejects = []
        for column, given in zip(columns, values, strict=True):
            if all(map(encodes, given)) if column.type.kind in ("text", "json", "other") else True:
                continue
            rejects += [
                Reject(row, column.name, "invalid-text", "the text is not valid Unicode")
                for row, value in enumerate(given)
                if not encodes(value)
            ]
        return rejects

    def staged(self, name: str) -> Staged:
        """A table inside the transaction; its files are first cut back to what is recorded. Raises FileExists."""
        if name not in self._touched:
            recorded = self.recorded(name)
            if recorded.published:
                raise FileExists(path=str(final_path(self.location, recorded)))
            self.cut(recorded)
            self._touched[name] = recorded
        return self._touched[name]

    def recorded(self, name: str) -> Staged:
        """A table as far as the ledger has recorded it. Raises FileExists for a file that no run of this folder has made."""
        rows = self.query(f"SELECT * FROM {STATE_TABLE} WHERE name = ?", [name])
        if not rows:
            raise FileExists(path=str(final_path(self.location, Staged(name))))
        return Staged(*rows[0])

    def file(self, name: str) -> Any:
        """The hidden CSV file, at its end."""
        if name not in self._open:
            self._open[name] = open(partial_paths(self.location, Staged(name))[0], "ab")  # noqa: SIM115  closed by let_go
        return self._open[name]

    def cut(self, staged: Staged) -> None:
        """Cut a table's hidden files back to what a record says."""
        if file := self._open.get(staged.name):
            file.flush()
        if self.location.format == "parquet":
            folder = partial_folder(self.location) / staged.name
            kept = {part_name(number) for number in range(1, staged.parts + 1)}
            for path in folder.iterdir() if folder.is_dir() else ():
                if path.name not in kept:
                    path.unlink()
            return
        path = partial_paths(self.location, staged)[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        if path.stat().st_size < staged.bytes:
            raise DatabaseError(
                database="files", reason=f"{path} is shorter than the run's ledger says: it was changed"
            )
        os.truncate(path, staged.bytes)

    def cut_back(self) -> None:
        """Undo what the transaction has added to files."""
        for name in self._touched:
            rows = self.query(f"SELECT * FROM {STATE_TABLE} WHERE name = ?", [name])
            if rows:
                self.cut(Staged(*rows[0]))

    def record(self) -> None:
        """Bring what was added to the disk and record it."""
        for name, staged in self._touched.items():
            if file := self._open.get(name):
                file.flush()
                os.fsync(file.fileno())
            sync_folder(partial_folder(self.location) / (name if self.location.format == "parquet" else "."))
            self.ledger().execute(
                f"UPDATE {STATE_TABLE} SET row_count = ?, byte_count = ?, parts = ? WHERE name = ?",
                (staged.rows, staged.bytes, staged.parts, name),
            )

    def let_go(self) -> None:
        """Close the files of a transaction."""
        for file in self._open.values():
            file.close()
        self._open.clear()
        self._touched.clear()

    def count(self, table: Table) -> int:
        """Rows: recorded ones of a table that is not published, else those of its files."""
        name = table.name.name
        if name in self._touched:
            return self._touched[name].rows
        rows = self.query(f"SELECT * FROM {STATE_TABLE} WHERE name = ?", [name])
        if rows and not Staged(*rows[0]).published:
            return Staged(*rows[0]).rows
        return FilesSource(self.location).count(table)

    def publish(self, names: Sequence[str]) -> None:
        """Give the files of these tables their own names. Raises FileExists rather than replace a file."""
        with self.transaction():
            for name in names:
                recorded = self.recorded(name)
                if not recorded.published:
                    paths = self.moved(recorded)
                    self.ledger().execute(
                        f"UPDATE {STATE_TABLE} SET published = ? WHERE name = ?", (states_of(paths), name)
                    )
        if not self.unfinished():
            clear_partial(self.location)

    def moved(self, staged: Staged) -> tuple[Path, ...]:
        """Move one table's files to their place; one that a killed worker has moved already is left there."""
        final = final_path(self.location, staged)
        if was_moved(self.location, staged, final):
            return tuple(sorted(final.iterdir())) if final.is_dir() else (final,)
        if final.exists():
            raise FileExists(path=str(final))
        self.cut(staged)
        columns = self.columns(staged.name)
        if self.location.format == "parquet":
            source = partial_folder(self.location) / staged.name
            source.mkdir(parents=True, exist_ok=True)
            if not staged.parts:
                write_part(source / part_name(1), schema_of(columns).empty_table())
            source = source / part_name(1) if staged.parts <= 1 else source
        else:
            source = partial_paths(self.location, staged)[0]
            if not staged.bytes:
                source.write_bytes(self.header(columns).encode())
        os.rename(source, final)
        sync_folder(final.parent)
        return tuple(sorted(final.iterdir())) if final.is_dir() else (final,)

    def advance_identity(self, table: Table, column: str) -> None:
        """Nothing: files make no numbers."""

    def restore_sequence(self, name: TableName, state: SequenceState) -> None:
        """Nothing: files have no sequences."""

    def restore_counter(self, table: Table, column: str) -> None:
        """Nothing: files make no numbers."""

    def next_number(self, table: Table, column: str) -> int | None:  # noqa: ARG002  of the form
        """None: files make no numbers."""
        return None

    def ledger_table(self, name: str) -> str:
        """``"dms_ledger_name"`` of the SQLite file."""
        return quote(f"{LEDGER_PREFIX}{name}")

    def lock(self, name: str, *, timeout_seconds: float) -> None:
        """Wait until the ledger can be written, and cut off what a killed worker left beyond it."""
        self.ledger().lock(name, timeout_seconds=timeout_seconds)
        with self.transaction():
            for staged in self.unfinished():
                if self.location.format == "parquet" or partial_paths(self.location, staged)[0].exists():
                    self.cut(staged)

    def lane(self) -> Never:
        """Refused: a folder has one writer at a time."""
        raise DatabaseError(database="files", reason="a folder has one writer at a time")

    def close(self) -> None:
        """Close the ledger."""
        self.let_go()
        if self._sqlite is not None:
            self._sqlite.close()
            self._sqlite = None


def encodes(value: Value) -> bool:
    """Can the value be written as UTF-8?"""
    if not isinstance(value, str):
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
