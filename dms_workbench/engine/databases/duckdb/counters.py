"""Sequences and the columns that draw from them: where they stand, how they are put there, and the proof by a row."""

from __future__ import annotations

import secrets
from typing import Any

from ..catalogue import Column, SequenceState, Table, TableName
from ..tokens import tokens
from .capabilities import CAPABILITIES, literal, qualified, quote
from .inspect import DRAWN
from .queries import Query

DEFAULT = """SELECT column_default FROM duckdb_columns() WHERE database_name = current_database()
    AND schema_name = ? AND table_name = ? AND column_name = ?"""
STATE = """SELECT increment_by, last_value, regexp_extract(sql, ' START (-?[0-9]+) ', 1), cycle FROM duckdb_sequences()
    WHERE database_name = current_database() AND schema_name = ? AND sequence_name = ?"""
UNLIKELY: dict[str, Any] = {"boolean": False, "float": 0.0, "decimal": "0", "date": "2000-01-01", "time": "00:00:00"}


def drawn_by(query: Query, table: Table, column: str) -> TableName | None:
    """The sequence that the column's default draws from in the file."""
    schema = table.name.schema or CAPABILITIES.default_schema
    rows = query(DEFAULT, (schema, table.name.name, column))
    match = DRAWN.fullmatch((rows[0][0] if rows else None) or "")
    if match is None:
        return None
    names = [token.name for token in tokens(match[1].replace("''", "'")) if token.text != "."]
    return TableName(names[-2] if len(names) > 1 else schema, names[-1]) if names else None


def state_of(query: Query, sequence: TableName) -> SequenceState:
    """Where a sequence stands."""
    _, last, following, _ = query(STATE, (sequence.schema, sequence.name))[0]
    return SequenceState(int(following), is_called=False) if last is None else SequenceState(int(last))


def put(query: Query, sequence: TableName, state: SequenceState) -> None:
    """Put a sequence where a state says."""
    called = "true" if state.is_called else "false"
    query(f"SELECT setval({literal(qualified(sequence))}, {int(state.last_value)}, {called})", ())


def restore_counter(query: Query, table: Table, column: str, state: SequenceState | None) -> None:
    """Put a column's sequence where a state says (None: where it is), or behind the numbers present."""
    sequence = drawn_by(query, table, column)
    if sequence is None:
        return
    step, _, _, cycle = query(STATE, (sequence.schema, sequence.name))[0]
    furthest = "max" if step > 0 else "min"
    present = query(f"SELECT {furthest}({quote(column)}) FROM {qualified(table.name)}", ())[0][0]
    wanted = state or state_of(query, sequence)
    following = wanted.last_value + (step if wanted.is_called else 0)
    if present is not None and not cycle and (present >= following if step > 0 else present <= following):
        wanted = SequenceState(int(present))
    put(query, sequence, wanted)


def trial_insert(table: Table, column: str) -> tuple[str, list[Any]]:
    """The statement that adds a row without a number and gives the number made, and the values it needs."""
    needed = [each for each in table.columns if needs_value(each, column)]
    marks = ", ".join(f"CAST(? AS {each.type.native})" for each in needed)
    names = ", ".join(quote(each.name) for each in needed)
    values = f"({names}) VALUES ({marks})" if needed else "DEFAULT VALUES"
    return f"INSERT INTO {qualified(table.name)} {values} RETURNING {quote(column)}", list(map(unlikely, needed))


def needs_value(column: Column, counter: str) -> bool:
    """Must a row name it?"""
    return column.name != counter and not column.nullable and column.default is None and column.generated is None


def unlikely(column: Column) -> Any:
    """A value of the column's kind that no row has, where there are many."""
    if column.type.labels:
        return column.type.labels[0]
    if column.type.kind == "integer":
        return secrets.randbits(min((column.type.bits or 64) - 2, 52))
    if column.type.kind.startswith("timestamp"):
        return "2000-01-01 00:00:00"
    if column.type.kind == "uuid":
        return f"{secrets.token_hex(4)}-0000-4000-8000-{secrets.token_hex(6)}"
    return UNLIKELY.get(column.type.kind, secrets.token_hex(16))
