"""What DuckDB's own catalogue functions are asked: once for a whole schema."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

Query = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
Rows = dict[str, list[tuple[Any, ...]]]

LEDGER_PREFIX = "dms_ledger_"
HERE = "database_name = current_database() AND schema_name = ?"
SCHEMAS = (
    "SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database() AND NOT internal ORDER BY 1"
)
TABLES = f"""SELECT table_name, estimated_size, comment, sql FROM duckdb_tables()
    WHERE {HERE} AND NOT internal AND NOT temporary ORDER BY table_name"""
COLUMNS = f"""SELECT table_name, column_name, data_type, is_nullable, column_default, is_generated,
    generation_expression, comment FROM duckdb_columns()
    WHERE {HERE} AND NOT internal ORDER BY table_name, column_index"""
CONSTRAINTS = f"""SELECT table_name, constraint_type, constraint_column_names, referenced_table,
    referenced_column_names, expression FROM duckdb_constraints() WHERE {HERE} ORDER BY table_name, constraint_index"""
INDEXES = f"""SELECT table_name, index_name, is_unique, CAST(expressions AS VARCHAR[]), comment, sql
    FROM duckdb_indexes() WHERE {HERE} AND NOT is_primary ORDER BY table_name, index_name"""
TRIGGERS = f"""SELECT table_name, trigger_name, action_timing, event_manipulation, for_each, comment, sql
    FROM duckdb_triggers() WHERE {HERE} AND NOT temporary ORDER BY table_name, trigger_name"""
VIEWS = f"""SELECT view_name, sql, comment FROM duckdb_views()
    WHERE {HERE} AND NOT internal AND NOT temporary ORDER BY view_name"""
SEQUENCES = f"""SELECT sequence_name, start_value, min_value, max_value, increment_by, cycle, last_value, comment, sql
    FROM duckdb_sequences() WHERE {HERE} AND NOT temporary ORDER BY sequence_name"""
TYPES = f"""SELECT type_name, logical_type, labels, comment FROM duckdb_types()
    WHERE {HERE} AND NOT internal ORDER BY type_name"""
MACROS = f"""SELECT function_name, function_type, parameters, parameter_types, macro_definition, comment
    FROM duckdb_functions() WHERE {HERE} AND NOT internal AND function_type IN ('macro', 'table_macro')
    ORDER BY function_name, function_oid, len(parameters)"""
PROBLEM = "SELECT json_serialize_plan(?)"
"""Binds a query without an error that would end the transaction: ``error`` and ``error_message`` tell of one."""


def by_table(rows: Iterable[tuple[Any, ...]]) -> Rows:
    """Rows by their first value, without it."""
    grouped: Rows = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(row[1:])
    return grouped
