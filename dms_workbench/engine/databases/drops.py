"""The statements that take objects away which a run has made. Nothing goes that something else needs."""

from __future__ import annotations

import re
from typing import Any

from .base import Database
from .catalogue import TableName

WORDS = {
    "view": "VIEW",
    "materialized view": "MATERIALIZED VIEW",
    "function": "FUNCTION",
    "procedure": "PROCEDURE",
    "aggregate": "AGGREGATE",
    "partition": "TABLE",
    "table": "TABLE",
    "virtual table": "TABLE",
    "sequence": "SEQUENCE",
    "type": "TYPE",
    "event": "EVENT",
    "event trigger": "EVENT TRIGGER",
    "publication": "PUBLICATION",
    "cast": "CAST",
    "conversion": "CONVERSION",
    "text search configuration": "TEXT SEARCH CONFIGURATION",
    "text search dictionary": "TEXT SEARCH DICTIONARY",
    "collation": "COLLATION",
    "foreign server": "SERVER",
    "foreign data wrapper": "FOREIGN DATA WRAPPER",
    "extension": "EXTENSION",
    "schema": "SCHEMA",
}
"""Kinds of the account of objects that stand for themselves -> what DROP calls them, in the order in which they go."""
NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
NAMED = rf"(?:\(.+? AS .+?\)|{NAME}(?:\.{NAME})?)"


def drop_statement(database: Database, kind: str, name: TableName | None, thing: Any) -> str:
    """The DROP of an object; empty where there is none for its kind.

    name: in its schema; None where the catalogue knows none. thing: the catalogue's value for it.
    """
    if kind not in WORDS:
        return ""
    word = "DOMAIN" if getattr(thing, "kind", "") == "domain" else WORDS[kind]
    if name is None:
        called = other_name(database, word, thing)
        return f"DROP {word} IF EXISTS {called}" if called else ""
    arguments = ""
    if kind in ("function", "procedure", "aggregate") and database.can.database == "postgres":
        arguments = str(thing.signature).removeprefix(name.name)
    return f"DROP {word} IF EXISTS {database.qualified(name)}{arguments}"


def other_name(database: Database, word: str, thing: Any) -> str:
    """What an object without a form of its own is called, as the statement that makes it calls it; a schema is its name."""
    if isinstance(thing, str):
        return database.quote(thing)
    if database.can.database != "postgres":
        return database.quote(thing.name)
    found = re.match(rf"CREATE (?:DEFAULT )?{word} (?:IF NOT EXISTS )?({NAMED})", thing.definition)
    return found[1] if found else ""


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
