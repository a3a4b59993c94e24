"""The rows of files read a second way, for verification: what it says must not depend on how the copy reads.

Parquet goes through DuckDB instead of Arrow. CSV is cut character by character by an automaton that shares no code with
`records`, or by DuckDB's own reader where the file is large and plain. Every value is text in the canonical form of its
column's kind; a row that is no record is all NULL.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..arrow_alone import arrow_alone
from ..catalogue import Column, Kind
from ..duckdb.connection import open_duckdb
from .automaton import Automaton
from .capabilities import quote
from .csv_table import CsvFile, Known
from .location import FileTable
from .opening import open_bytes

if TYPE_CHECKING:
    import duckdb
    import pyarrow

    from .read import FilesSource

BLOCK_BYTES = 1_000_000
ROWS_IN_BATCH = 20_000
PLAIN_BYTES = 1_000_000
"""Files of more bytes are read by DuckDB where they are plain."""
NESTED = re.compile(r"STRUCT|MAP|\[|UNION|JSON|VARIANT")


def query(source: FilesSource, tables: list[FileTable], sql: str, batch_rows: int) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a query over the tables it names."""
    connection = open_duckdb(
        spool_directory=source.location.path if source.location.is_folder else str(source.location.folder)
    )
    try:
        for table in tables:
            if quote(table.name) in sql:
                offer(connection, source, table)
        cursor = connection.execute(sql)
        while rows := cursor.fetchmany(batch_rows):
            yield rows
    finally:
        connection.close()


def offer(connection: duckdb.DuckDBPyConnection, source: FilesSource, table: FileTable) -> None:
    """A view of a table, all of it text."""
    if table.format == "parquet":
        connection.execute(f"CREATE VIEW {quote(table.name)} AS {parquet_select(connection, source, table)}")
        return
    parts = source.csv(table)
    columns = parts[0][1].columns
    if plain(parts):
        selects = " UNION ALL BY NAME ".join(csv_scan(file, known) for file, known in parts)
    else:
        connection.register("dms_rows", reader(parts, columns))
        selects = "SELECT * FROM dms_rows"
    forms = ", ".join(
        f"{field_text(column.type.kind, f'c{at}')} AS {quote(column.name)}" for at, column in enumerate(columns)
    )
    connection.execute(f"CREATE VIEW {quote(table.name)} AS SELECT {forms or 'NULL AS none'} FROM ({selects})")


def field_text(kind: Kind, field: str) -> str:
    """SQL of the canonical text of a field of a CSV file."""
    match kind:
        case "boolean":
            return (
                f"CASE WHEN lower({field}) IN ('t', 'true', 'yes', 'y', 'on', '1') THEN 'true'"
                f" WHEN lower({field}) IN ('f', 'false', 'no', 'n', 'off', '0') THEN 'false' ELSE {field} END"
            )
        case "bytes":
            return f"lower(CASE WHEN starts_with({field}, '\\x') THEN substr({field}, 3) ELSE {field} END)"
        case "time":
            return without_zeros(field)
        case "timestamp":
            return without_zeros(f"replace({field}, 'T', ' ')")
        case "timestamptz":
            zoneless = rf"regexp_replace(replace({field}, 'T', ' '), '(Z|\+00(:?00)?)( BC)?$', '\3')"
            return without_zeros(zoneless)
        case "uuid":
            return f"lower({field})"
    return field


def without_zeros(text: str) -> str:
    """SQL of a time without zeros at the end of its fraction."""
    return rf"regexp_replace({text}, '(\.[0-9]*[1-9])0+($|[+ ])|\.0+($|[+ ])', '\1\2\3')"


def plain(parts: list[tuple[CsvFile, Known]]) -> bool:
    """May DuckDB's own reader be trusted with these files? They are large, of one usual form, and without a fault."""
    return sum(known.state.size_bytes for _, known in parts) > PLAIN_BYTES and all(
        known.faults == 0
        and known.dialect.encoding == "utf-8"
        and known.dialect.quote == known.dialect.escape == '"'
        and known.dialect.newline == "\n"
        and known.dialect.decimal == "."
        and not known.dialect.thousands
        and not file.path.name.endswith(".gz")
        and len(known.columns) > 1
        for file, known in parts
    )


def csv_scan(file: CsvFile, known: Known) -> str:
    """DuckDB's reading of one file, nothing detected, every column text."""
    columns = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(len(known.columns)))
    path = os.path.realpath(file.path).replace("'", "''")
    null = known.dialect.null.replace("'", "''")
    return (
        f"SELECT * FROM read_csv('{path}', auto_detect = false, columns = {{{columns}}}, delim = '{known.dialect.delimiter}',"
        f" quote = '\"', escape = '\"', header = {str(known.dialect.header).lower()}, nullstr = '{null}',"
        " allow_quoted_nulls = false, strict_mode = true, max_line_size = 256000000, parallel = false)"
    )


def parquet_select(connection: duckdb.DuckDBPyConnection, source: FilesSource, table: FileTable) -> str:
    """The files of a table as text."""
    paths = ", ".join("'" + os.path.realpath(path).replace("'", "''") + "'" for path in table.paths)
    scan = f"read_parquet([{paths}], binary_as_string = false)"
    described = {row[0]: row[1] for row in connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()}
    columns, _ = source.parquet(table)
    texts = [f"{parquet_text(column, described[column.name])} AS {quote(column.name)}" for column in columns]
    return f"SELECT {', '.join(texts) or 'NULL AS none'} FROM {scan}"


def parquet_text(column: Column, native: str) -> str:
    """SQL of the canonical text of a column."""
    name = quote(column.name)
    if NESTED.search(native):
        return f"CASE WHEN {name} IS NOT NULL THEN CAST(to_json({name}) AS VARCHAR) END"
    if column.type.kind == "decimal" and native.endswith("VARCHAR"):
        return name
    text = f"CAST({name} AS VARCHAR)"
    match column.type.kind:
        case "bytes":
            return f"lower(hex({name}))"
        case "date":
            return era_last(text)
        case "timestamp" | "timestamptz":
            return era_last(without_zeros(text))
        case "time":
            return without_zeros(text)
    return text


def era_last(text: str) -> str:
    """SQL of a date as DuckDB prints it, the era at its end."""
    return f"CASE WHEN contains({text}, ' (BC)') THEN replace({text}, ' (BC)', '') || ' BC' ELSE {text} END"


def reader(parts: list[tuple[CsvFile, Known]], columns: tuple[Column, ...]) -> pyarrow.RecordBatchReader:
    """All rows of the files as Arrow batches of text."""
    import pyarrow as pa

    schema = pa.schema([(f"c{at}", pa.large_string()) for at in range(len(columns))] or [("c0", pa.large_string())])
    return pa.RecordBatchReader.from_batches(schema, batches(parts, schema))


def batches(parts: list[tuple[CsvFile, Known]], schema: pyarrow.Schema) -> Iterator[pyarrow.RecordBatch]:
    """The rows in batches."""
    import pyarrow as pa

    arrow_alone()
    for file, known in parts:
        rows: list[list[str | None]] = []
        for row in numbered(rows_of(file, known), known):
            rows.append(row)
            if len(rows) >= ROWS_IN_BATCH:
                yield pa.record_batch(
                    [pa.array(column, pa.large_string()) for column in zip(*rows, strict=True)], schema=schema
                )
                rows = []
        if rows:
            yield pa.record_batch(
                [pa.array(column, pa.large_string()) for column in zip(*rows, strict=True)], schema=schema
            )


def rows_of(file: CsvFile, known: Known) -> Iterator[list[str | None]]:
    """The rows of one file behind its header, read by the automaton."""
    dialect = known.dialect
    automaton = Automaton(
        dialect.delimiter, dialect.quote, dialect.escape, dialect.null, dialect.newline, len(known.columns)
    )
    automaton.text_format = dialect.text_format
    errors = "surrogatepass" if dialect.encoding.startswith("utf-16") else "surrogateescape"
    decoder = codecs.getincrementaldecoder(dialect.encoding)(errors)
    skip = 1 if dialect.header else 0
    with open_bytes(file.path) as opened:
        opened.seek(dialect.bom_bytes)
        while block := opened.read(BLOCK_BYTES):
            for row in automaton.feed(decoder.decode(block)):
                if skip:
                    skip -= 1
                else:
                    yield row
    for row in automaton.finish():
        if skip:
            skip -= 1
        else:
            yield row


def numbered(rows: Iterator[list[str | None]], known: Known) -> Iterator[list[str | None]]:
    """Rows with numbers as the rule of their column writes them."""
    commas = [
        (at, form.decimal if form else known.dialect.decimal, form.thousands if form else "")
        for at, (column, form) in enumerate(zip(known.columns, known.forms, strict=True))
        if column.type.kind in ("decimal", "float") and (form.decimal if form else known.dialect.decimal) != "."
    ]
    if not commas:
        yield from rows
        return
    for row in rows:
        for at, decimal, thousands in commas:
            if (value := row[at]) is not None:
                row[at] = (value.replace(thousands, "") if thousands else value).replace(decimal, ".")
        yield row
