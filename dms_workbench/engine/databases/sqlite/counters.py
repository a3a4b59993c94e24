"""Where AUTOINCREMENT stands, how it is put there, and the proof by a row that is taken back."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from typing import Any

from ..catalogue import Column, Table
from .capabilities import qualified, quote
from .storage import INTEGER_MAX
from .types import affinity

Query = Callable[..., list[tuple[Any, ...]]]

HAS_COUNTERS = "SELECT 1 FROM main.sqlite_master WHERE name = 'sqlite_sequence'"


def restore_counter(query: Query, table: Table, column: str) -> None:
    """Put AUTOINCREMENT where the column's state says, or behind the largest number if that is further on."""
    if not query(HAS_COUNTERS):
        return
    following = table.column(column).following
    told = 0 if following is None else following - 1
    largest = query(f"SELECT max({quote(column)}) FROM main.{qualified(table.name)}")[0][0] or 0
    last = min(max(told, largest, 0), INTEGER_MAX)
    query("DELETE FROM main.sqlite_sequence WHERE name = ?", (table.name.name,))
    if last:
        query("INSERT INTO main.sqlite_sequence (name, seq) VALUES (?, ?)", (table.name.name, last))


def next_number(connection: sqlite3.Connection, table: Table, column: str) -> int | None:
    """Insert a row without a number, read the number, take all back; None where the table takes no such row."""
    needed = [each for each in table.columns if needs_value(each, column)]
    names = ", ".join(quote(each.name) for each in needed)
    values = f"({names}) VALUES ({', '.join('?' * len(needed))})" if needed else "DEFAULT VALUES"
    statement = f"INSERT OR ABORT INTO main.{qualified(table.name)} {values}"
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        return connection.execute(statement, list(map(unlikely, needed))).lastrowid
    except sqlite3.Error:
        return None
    finally:
        connection.execute("PRAGMA ignore_check_constraints = OFF")
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def needs_value(column: Column, counter: str) -> bool:
    """Must a row name it?"""
    return column.name != counter and not column.nullable and column.default is None and column.generated is None


def unlikely(column: Column) -> int | str | bytes:
    """A value of the column's class that no row has."""
    match affinity(column.type.native.strip('"')):
        case "TEXT":
            return secrets.token_hex(16)
        case "BLOB":
            return secrets.token_bytes(16)
    return secrets.randbits(52)
