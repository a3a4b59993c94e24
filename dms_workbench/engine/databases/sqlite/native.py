"""Does a statement of SQLite's own catalogue still say what a structure says? Then it is used as it is written."""

from __future__ import annotations

import functools
import sqlite3
from typing import Any

from ....kernel.errors import WorkbenchError
from ..catalogue import Column, ForeignKey, Index, Table, View, structure_of
from ..tokens import tokens, unquoted
from .errors import translated
from .inspect import read_catalogue
from .statements import index_condition, index_expressions, name_at, named, own_name, view_query


def table_says_the_same(definition: str, table: Table) -> bool:
    """Made by the statement, would the table have these columns, keys and checks?"""
    made = made_by(definition, table.name.name)
    if made is None:
        return False
    keys = (table.primary_key.columns if table.primary_key else ()) if made.primary_key else ()
    return (
        [column_facts(column, keys) for column in made.columns]
        == [column_facts(column, keys) for column in table.columns]
        and (made.primary_key, made.unique_keys) == (table.primary_key, table.unique_keys)
        and [check.expression for check in made.checks] == [check.expression for check in table.checks]
        and same_references(made.foreign_keys, table.foreign_keys)
    )


@functools.lru_cache(maxsize=64)
def made_by(definition: str, name: str) -> Table | None:
    """The table that a statement makes, under a name, in a database that is gone at once."""
    connection = sqlite3.connect(":memory:", isolation_level=None)

    def query(sql: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with translated(":memory:"):
            return connection.execute(sql, parameters).fetchall()

    try:
        query(named(definition, name))
        return read_catalogue(query).table(name)
    except (WorkbenchError, KeyError):
        return None
    finally:
        connection.close()


def column_facts(column: Column, keys: tuple[str, ...]) -> dict[str, Any]:
    """A column's structure; whether a key's column may be NULL is its table's own affair."""
    facts = structure_of(column)
    if column.name in keys:
        facts.pop("nullable", None)
    return facts


def same_references(made: tuple[ForeignKey, ...], wanted: tuple[ForeignKey, ...]) -> bool:
    """The same foreign keys; a parent that is not there yet cannot tell which columns are meant without naming them."""
    return len(made) == len(wanted) and all(
        reference(one) == reference(other)
        and (not one.referenced_columns or folded(one.referenced_columns) == folded(other.referenced_columns))
        for one, other in zip(made, wanted, strict=True)
    )


def reference(key: ForeignKey) -> tuple[Any, ...]:
    """What must be equal of a foreign key."""
    return (
        folded(key.columns),
        key.references.name.lower(),
        key.on_delete,
        key.on_update,
        key.deferrable,
        key.initially_deferred,
    )


def folded(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names without regard to capitals."""
    return tuple(name.lower() for name in names)


def index_says_the_same(definition: str, index: Index) -> bool:
    """Does the statement of an index name these columns and expressions, under this condition?"""
    texts = index_expressions(definition)
    return (
        len(texts) == len(index.parts)
        and all(
            unquoted(text).lower() == part.column.lower() if part.column is not None else text == part.expression
            for text, part in zip(texts, index.parts, strict=True)
        )
        and index_condition(definition) == index.where
    )


def view_says_the_same(definition: str, view: View) -> bool:
    """Is this the statement of a view of that name with that query, without a schema?"""
    every = list(tokens(definition))
    at = name_at(every)
    return own_name(definition) == view.name.name and every[at - 1].text != "." and view_query(definition) == view.query
