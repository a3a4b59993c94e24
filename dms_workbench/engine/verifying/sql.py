"""The SQL of verification: what is asked of the databases, and how the spooled rows are compared.

The databases render their own values, so nothing here depends on how the copy reads or converts them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..databases.catalogue import Column, TableName
from . import mysql
from .large import NO_LARGE, Large, large_or_whole

DEFAULT_SCHEMAS = {"postgres": "public", "duckdb": "main"}

SETTINGS = {
    "postgres": (
        "SELECT current_setting('DateStyle') LIKE 'ISO%' AND current_setting('IntervalStyle') = 'postgres'"
        " AND current_setting('extra_float_digits')::int >= 1",
        "it does not print dates, intervals and floats in full (DateStyle ISO, IntervalStyle postgres, extra_float_digits 1)",
    ),
    "duckdb": ("SELECT current_setting('TimeZone') IN ('UTC', 'Etc/UTC')", "its time zone is not UTC"),
    "mysql": (
        "SELECT @@time_zone = '+00:00' AND @@character_set_results = 'utf8mb4' AND @@sql_mode NOT LIKE '%PAD_CHAR%'",
        "its time zone is not UTC, its texts are not sent as utf8mb4, or CHAR is padded",
    ),
}
"""What must hold for a rendering to be exact, and the reason when it does not."""


def quoted(name: str) -> str:
    """An identifier, quoted as standard SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def qualified(database: str, table: TableName) -> str:
    """Schema and table, quoted; without the rows of tables that inherit from it."""
    if table.rows_in is not None:
        return table.rows_in
    if database == "mysql":
        return mysql.qualified(table)
    schema = table.schema or DEFAULT_SCHEMAS.get(database)
    name = f"{quoted(schema)}.{quoted(table.name)}" if schema else quoted(table.name)
    return f"ONLY {name}" if table.alone else name


def render_query(
    database: str, table: TableName, columns: Sequence[Column], condition: str = "", large: Large = NO_LARGE
) -> str:
    """Every column as the database itself writes it, large ones as `large` says; a table without columns gives a constant a row."""
    rendered = [large_or_whole(column, RENDERERS[database](column), large, database) for column in columns]
    where = f" WHERE {condition}" if condition else ""
    return f"SELECT {', '.join(rendered) or '1'} FROM {qualified(database, table)}{where}"


def rendered_by_postgres(column: Column) -> str:
    """Text without session settings where there is such a form."""
    name = quoted(column.name)
    if column.type.kind == "bytes":
        return f"encode({name}, 'hex')"
    if column.type.native == "money":
        return f"{name}::numeric::text"
    if column.type.kind == "timestamptz":
        return f"({name} AT TIME ZONE 'UTC')::text"
    if column.type.kind == "other":  # a cast may spell more than the type's own output (inet)
        return f"CASE WHEN {name} IS DISTINCT FROM NULL THEN format('%s', {name}) END"
    return f"{name}::text"


def rendered_by_duckdb(column: Column) -> str:
    """DuckDB's own text of any type; JSON of a UNION, whose text does not tell the member, and of a VARIANT that has one."""
    name = quoted(column.name)
    if column.type.kind == "bytes":
        return f"lower(hex({name}))"
    if column.type.kind == "other" and "UNION(" in column.type.native:
        return f"CAST(to_json({name}) AS VARCHAR)"
    if column.type.native == "VARIANT":
        json = f"CAST(to_json({name}) AS VARCHAR)"
        typed = f"variant_typeof({name}) || ': ' || CAST({name} AS VARCHAR)"
        return f"CASE WHEN CAST(TRY_CAST({json} AS JSON) AS VARIANT) = {name} THEN {json} ELSE {typed} END"
    return f"CAST({name} AS VARCHAR)"


def rendered_by_sqlite(column: Column) -> str:
    """The stored value: its storage class is part of it."""
    return quoted(column.name)


def rendered_by_files(column: Column) -> str:
    """Canonical text, as `engine.databases.files.proof` offers every column."""
    return quoted(column.name)


RENDERERS = {
    "postgres": rendered_by_postgres,
    "duckdb": rendered_by_duckdb,
    "sqlite": rendered_by_sqlite,
    "mysql": mysql.rendered,
    "files": rendered_by_files,
}


def widest_row(database: str, table: TableName, columns: Sequence[Column], condition: str = "") -> str | None:
    """The query for the size in bytes of the widest row at most; None if every column is narrow."""
    wide = [
        column
        for column in columns
        if column.type.kind in WIDE_KINDS or (database == "sqlite" and column.type.kind == "text")
    ]
    if not wide:
        return None
    sizes = " + ".join(f"coalesce(max({SIZES[database](column)}), 0)" for column in wide)
    where = f" WHERE {condition}" if condition else ""
    return f"SELECT {sizes} FROM {qualified(database, table)}{where}"


WIDE_KINDS = ("text", "bytes", "json", "other")


def size_in_postgres(column: Column) -> str:
    """Without reading what lies out of line, where possible; else from the stored size, compressed perhaps."""
    name = quoted(column.name)
    plain = column.type.kind in ("text", "bytes") and column.type.labels is None
    return f"octet_length({name})" if plain else f"8 * pg_column_size({name})"


def size_in_duckdb(column: Column) -> str:
    """Bytes of a blob or of the text."""
    name = quoted(column.name)
    return f"octet_length({name})" if column.type.kind == "bytes" else f"strlen(CAST({name} AS VARCHAR))"


def size_in_sqlite(column: Column) -> str:
    """Bytes of a blob, characters of a text."""
    return f"length({quoted(column.name)})"


def size_in_files(column: Column) -> str:
    """Bytes of the text."""
    return f"strlen({quoted(column.name)})"


SIZES = {
    "postgres": size_in_postgres,
    "duckdb": size_in_duckdb,
    "sqlite": size_in_sqlite,
    "mysql": mysql.size,
    "files": size_in_files,
}


def create_spool(name: str, width: int) -> str:
    """A table of so many columns of text."""
    columns = ", ".join(f"c{index} VARCHAR" for index in range(width)) or "c0 VARCHAR"
    return f"CREATE OR REPLACE TABLE {name} ({columns})"


def fill_spool(name: str, batch: str, expressions: Sequence[str]) -> str:
    """Add a batch to a spool table."""
    return f"INSERT INTO {name} SELECT {', '.join(expressions) or 'NULL'} FROM {batch}"


def select_texts(expressions: Sequence[str], origin: str) -> str:
    """A SELECT of canonical texts."""
    columns = ", ".join(f"{expression} AS k{index}" for index, expression in enumerate(expressions)) or "NULL AS k0"
    return f"SELECT {columns} FROM {origin}"


def create_slice(name: str, first: int, expressions: Sequence[str], origin: str) -> str:
    """A table of some of the canonical texts of every row, beside the row's place."""
    columns = ", ".join(f"{expression} AS k{first + index}" for index, expression in enumerate(expressions))
    return f"CREATE OR REPLACE TABLE {name} AS SELECT rowid AS spot, {columns} FROM {origin}"


def select_slices(names: Sequence[str]) -> str:
    """A SELECT of the canonical texts that lie in several tables."""
    joins = "".join(f" JOIN {name} USING (spot)" for name in names[1:])
    return f"SELECT * EXCLUDE (spot) FROM {names[0]}{joins}"


def create_view(name: str, selects: Sequence[str]) -> str:
    """A view of the rows of several SELECTs."""
    return f"CREATE OR REPLACE VIEW {name} AS {' UNION ALL '.join(selects)}"


def count_rows(name: str) -> str:
    """The query for the rows of a table of the workspace."""
    return f"SELECT count(*) FROM {name}"


@dataclass(frozen=True, slots=True)
class Tests:
    """SQL over one source row: the filter, the fault of the filter and of all expressions, the typed columns in use."""

    where: str
    where_fault: str
    fault: str
    used: tuple[int, ...]


def typed_rows(name: str, typed: Mapping[int, str]) -> str:
    """The spooled rows with typed columns ``v0``, ``v1`` … beside them."""
    columns = "".join(f", {expression} AS v{place}" for place, expression in typed.items())
    return f'(SELECT rowid AS "row", *{columns} FROM {name}) AS batch'


def era_in_the_middle(text: str, kind: str) -> str:
    """The common text of a date or time as DuckDB reads it."""
    if kind == "date":
        return f"replace({text}, ' BC', ' (BC)')"
    if kind not in ("timestamp", "timestamptz"):
        return text
    return f"CASE WHEN ends_with({text}, ' BC') THEN replace(replace({text}, ' BC', ''), ' ', ' (BC) ') ELSE {text} END"


def describe(expression: str, origin: str) -> str:
    """The query for an expression's type."""
    return f"DESCRIBE SELECT {expression} FROM {origin}"


def tried(expression: str) -> str:
    """A list of the expression's value; NULL where it fails."""
    return f'TRY(CASE WHEN "row" >= 0 THEN [{expression}] END)'


def create_transformed(name: str, origin: str, outputs: Sequence[str], kinds: Sequence[str], tests: Tests) -> str:
    """The rows that the filter keeps, and those where filter or expressions fail, marked ``failed``."""
    values = "".join(f", {tried(output)} AS r{index}" for index, output in enumerate(outputs))
    kept = tried(f"({tests.where}) IS TRUE")
    if tests.where_fault:
        kept = f"CASE WHEN {tried(tests.where_fault)}[1] IS NULL THEN {kept} END"
    fault = tried(f"CAST({tests.fault or 'NULL'} AS INTEGER)")
    attempted = f"SELECT batch.*, {kept} AS kept, {fault} AS fault{values} FROM {origin}"
    unfit = [f"(c{place} IS NOT NULL AND v{place} IS NULL)" for place in tests.used]
    failures = [
        "kept IS NULL",
        "fault IS NULL",
        "fault[1] IS NOT NULL",
        *(f"r{index} IS NULL" for index in range(len(outputs))),
        *unfit,
    ]
    texts = "".join(
        f", lower(hex(r{index}[1])) AS o{index}" if kind == "bytes" else f", CAST(r{index}[1] AS VARCHAR) AS o{index}"
        for index, kind in enumerate(kinds)
    )
    failed = f"coalesce({' OR '.join(failures)}, true)"
    return (
        f"CREATE OR REPLACE TABLE {name} AS SELECT COLUMNS('^c[0-9]+$'), {failed} AS failed{texts}"
        f" FROM ({attempted}) WHERE coalesce(kept[1], true)"
    )


def failed_or(expression: str, salt: str) -> str:
    """The canonical text, or for a row whose expressions failed one that no target row has."""
    return f"CASE WHEN failed THEN '{salt}' ELSE {expression} END"


def row_hash(columns: Sequence[str], salt: str) -> str:
    """128 bits of a whole row: the length before each text, so that no two rows read the same.

    MD5 with a salt drawn anew each time: nobody can prepare two rows that collide.
    """
    parts = ", ".join(f"coalesce(strlen({column}) || ':' || {column}, 'N')" for column in columns)
    return f"md5_number(concat('{salt}', {parts}))" if columns else f"md5_number('{salt}')"


def create_matches(origin: str, identities: Sequence[str]) -> str:
    """Pairs of a source row and a quarantined row with the same identity texts: the k-th of a text with the k-th.

    The table ``quarantine`` holds the identity texts and, last, each row's place.
    """
    width = len(identities)
    names = ", ".join(f"i{index}" for index in range(width))
    stored = ", ".join(f"{identity} AS i{index}" for index, identity in enumerate(identities))
    given = ", ".join(f"c{index} AS i{index}" for index in range(width))
    numbered = f"*, row_number() OVER (PARTITION BY {names} ORDER BY spot) AS nth"
    on = " AND ".join([f"s.i{index} IS NOT DISTINCT FROM q.i{index}" for index in range(width)] + ["s.nth = q.nth"])
    wanted = f"SELECT {numbered}, spot AS place FROM (SELECT CAST(c{width} AS BIGINT) AS spot, {given} FROM quarantine)"
    return (
        "CREATE OR REPLACE TABLE matches AS SELECT s.spot, q.place"
        f" FROM (SELECT {numbered} FROM (SELECT rowid AS spot, {stored} FROM {origin})) s JOIN ({wanted}) q ON {on}"
    )


def create_alike(name: str, origin: str) -> str:
    """An empty table with the columns of another."""
    return f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM {origin} LIMIT 0"


def keep_matches(name: str, origin: str) -> str:
    """Add the matched source rows to a table."""
    return f"INSERT INTO {name} SELECT * FROM {origin} WHERE rowid IN (SELECT spot FROM matches)"


def delete_matches(origin: str) -> str:
    """Remove the matched source rows."""
    return f"DELETE FROM {origin} WHERE rowid IN (SELECT spot FROM matches)"


MATCHED_PLACES = "SELECT place FROM matches"


def create_places(name: str) -> str:
    """A table of rows known by their place, with their hashes."""
    return f"CREATE OR REPLACE TABLE {name} (place BIGINT, h BIGINT)"


def fill_places(name: str, batch: str) -> str:
    """Add a batch to a table of places."""
    return f"INSERT INTO {name} SELECT place, h FROM {batch}"


def create_unequal_hashes(left: str, right: str) -> str:
    """The hashes that do not stand equally often in two tables of places."""
    return (
        "CREATE OR REPLACE TABLE unequal_hashes AS SELECT h FROM ("
        f"SELECT h, 1 AS n FROM {left} UNION ALL SELECT h, -1 FROM {right}) GROUP BY h HAVING sum(n) <> 0"
    )


def unequal_places(name: str) -> str:
    """The places of the rows with such a hash."""
    return f"SELECT place, h FROM {name} WHERE h IN (SELECT h FROM unequal_hashes)"
