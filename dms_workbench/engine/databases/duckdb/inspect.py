"""DuckDB's catalogue, from its own catalogue functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..catalogue import Catalogue, Column, ForeignKey, Key, OtherObject, Table, TableName
from ..errors import SchemaMissing
from .types import parse_type

Query = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
Rows = dict[str, list[tuple[Any, ...]]]

HERE = "database_name = current_database() AND schema_name = ?"
TABLES = f"""SELECT table_name, estimated_size FROM duckdb_tables()
    WHERE {HERE} AND NOT internal AND NOT temporary ORDER BY table_name"""
COLUMNS = f"""SELECT table_name, column_name, data_type, is_nullable, column_default, is_generated,
    generation_expression FROM duckdb_columns() WHERE {HERE} AND NOT internal ORDER BY table_name, column_index"""
CONSTRAINTS = f"""SELECT table_name, constraint_type, constraint_column_names, constraint_name, referenced_table,
    referenced_column_names, expression FROM duckdb_constraints() WHERE {HERE} ORDER BY table_name, constraint_index"""
OTHERS = (
    ("view", f"SELECT view_name, NULL FROM duckdb_views() WHERE {HERE} AND NOT internal AND NOT temporary"),
    ("index", f"SELECT index_name, table_name FROM duckdb_indexes() WHERE {HERE}"),
    ("sequence", f"SELECT sequence_name, NULL FROM duckdb_sequences() WHERE {HERE} AND NOT temporary"),
    ("type", f"SELECT type_name, NULL FROM duckdb_types() WHERE {HERE} AND NOT internal"),
    ("routine", f"SELECT function_name, NULL FROM duckdb_functions() WHERE {HERE} AND NOT internal"),
)
SCHEMAS = (
    "SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database() AND NOT internal ORDER BY 1"
)
LEDGER_PREFIX = "dms_ledger_"


def read_catalogue(query: Query, schema: str | None = None) -> Catalogue:
    """The catalogue of a schema. Raises SchemaMissing."""
    name = schema or "main"
    schemas = sorted({row[0] for row in query(SCHEMAS, ())} | {"main"})
    if name not in schemas:
        raise SchemaMissing(schema=name, database="DuckDB", known=", ".join(schemas))
    columns, constraints = by_table(query(COLUMNS, (name,))), by_table(query(CONSTRAINTS, (name,)))
    return Catalogue(
        database="duckdb",
        version=str(query("SELECT version()", ())[0][0]),
        schema=name,
        tables=tuple(
            table(TableName(name, table_name), int(size), columns[table_name], constraints[table_name])
            for table_name, size in query(TABLES, (name,))
            if not table_name.startswith(LEDGER_PREFIX)
        ),
        others=tuple(others(query, name, constraints)),
    )


def by_table(rows: Iterable[tuple[Any, ...]]) -> Rows:
    """Rows by their first value, without it."""
    grouped: Rows = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(row[1:])
    return grouped


def table(name: TableName, size: int, columns: list[tuple[Any, ...]], constraints: list[tuple[Any, ...]]) -> Table:
    """One base table."""
    keys = {kind: [Key(tuple(c[1]), c[2]) for c in constraints if c[0] == kind] for kind in ("PRIMARY KEY", "UNIQUE")}
    return Table(
        name=name,
        columns=tuple(column(row) for row in columns),
        primary_key=keys["PRIMARY KEY"][0] if keys["PRIMARY KEY"] else None,
        unique_keys=tuple(keys["UNIQUE"]),
        foreign_keys=tuple(
            ForeignKey(tuple(c[1]), TableName(name.schema, c[3]), tuple(c[4]), c[2])
            for c in constraints
            if c[0] == "FOREIGN KEY"
        ),
        rows_estimate=size,
    )


def column(row: tuple[Any, ...]) -> Column:
    """One column."""
    name, native, nullable, default, is_generated, expression = row
    return Column(
        name=name,
        type=parse_type(native),
        nullable=bool(nullable),
        default=None if is_generated else default,
        identity="by default" if default and default.startswith("nextval(") and not is_generated else None,
        generated=(expression or default or "") if is_generated else None,
    )


def others(query: Query, schema: str, constraints: Rows) -> Iterable[OtherObject]:
    """What is seen and not carried."""
    for kind, sql in OTHERS:
        for name, table_name in sorted(query(sql, (schema,)), key=str):
            if not (table_name or name).startswith(LEDGER_PREFIX):
                yield OtherObject(kind, name, table_name)
    for table_name, rows in constraints.items():
        for row in rows:
            if row[0] == "CHECK" and not table_name.startswith(LEDGER_PREFIX):
                yield OtherObject("check", row[2] or row[5], table_name)
