"""The statements that take objects away which a run has made. Nothing goes that something else needs."""

from __future__ import annotations

from typing import Any

from .base import Database
from .catalogue import TableName

WORDS = {
    "view": "VIEW",
    "materialized view": "MATERIALIZED VIEW",
    "function": "FUNCTION",
    "procedure": "PROCEDURE",
    "aggregate": "AGGREGATE",
    "table": "TABLE",
    "partition": "TABLE",
    "sequence": "SEQUENCE",
    "type": "TYPE",
}
"""Kinds of the account of objects that stand for themselves -> what DROP calls them, in the order in which they go."""


def drop_statement(database: Database, kind: str, name: TableName, thing: Any) -> str:
    """The DROP of an object; empty where there is none for its kind. thing: the catalogue's value for it."""
    if kind not in WORDS:
        return ""
    word = "DOMAIN" if getattr(thing, "kind", "") == "domain" else WORDS[kind]
    arguments = ""
    if kind in ("function", "procedure", "aggregate") and database.can.database == "postgres":
        arguments = str(thing.signature).removeprefix(name.name)
    return f"DROP {word} IF EXISTS {database.qualified(name)}{arguments}"


def drop_reference(database: Database, on: TableName, name: str) -> str:
    """The DROP of a foreign key, where one can be dropped apart from its table; else empty."""
    if not database.can.adds_foreign_keys_later:
        return ""
    word = "FOREIGN KEY" if database.can.database == "mysql" else "CONSTRAINT"
    return f"ALTER TABLE {database.qualified(on)} DROP {word} IF EXISTS {database.quote(name)}"


def lock_statement(database: Database, name: TableName) -> str:
    """Keeps others from writing to a table until the transaction ends; empty where the write transaction does that itself."""
    return (
        f"LOCK TABLE {database.qualified(name)} IN ACCESS EXCLUSIVE MODE" if database.can.database == "postgres" else ""
    )
