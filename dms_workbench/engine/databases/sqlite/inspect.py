"""SQLite's catalogue: a handful of queries over all tables at once, so that thousands of tables take only seconds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from ....kernel.errors import WorkbenchError
from ..catalogue import (
    Catalogue,
    Column,
    Index,
    IndexPart,
    OtherObject,
    SequenceState,
    Table,
    TableName,
    Trigger,
    View,
)
from ..errors import SchemaMissing
from .definition import default_expression
from .described import Described, Entry, Query, describe, hidden
from .keys import foreign_keys, primary_key, rowid_alias, unique_keys
from .statements import index_condition, index_expressions, names_in, read_trigger, view_query
from .types import declarable, parse_type
from .virtual import full_text_tables

VIEW_COLUMNS = "SELECT name, type FROM pragma_table_xinfo(?, 'main') ORDER BY cid"


def read_catalogue(query: Query, schema: str | None = None) -> Catalogue:
    """The catalogue of the file. Raises SchemaMissing for a schema other than ``main``."""
    if schema not in (None, "main"):
        raise SchemaMissing(schema=schema, database="SQLite", known="main")
    described = describe(query)
    full_text = list(full_text_tables(query, described.entries))
    tables = [*(table(described, name) for name in described.definitions), *full_text]
    return Catalogue(
        database="sqlite",
        version=sqlite3.sqlite_version,
        schema=None,
        tables=tuple(sorted(tables, key=lambda each: each.name.name)),
        views=tuple(view(query, described, entry) for entry in described.entries if entry.kind == "view"),
        others=tuple(others(described, {each.name.name for each in full_text})),
    )


def table(described: Described, name: str) -> Table:
    """One base table."""
    definition = described.definitions[name]
    options = [("strict", "")] if definition.strict else []
    options += [("without rowid", "")] if definition.without_rowid else []
    return Table(
        name=TableName(None, name),
        columns=tuple(columns(described, name)),
        primary_key=primary_key(described, name),
        unique_keys=tuple(unique_keys(described, name)),
        foreign_keys=tuple(foreign_keys(described, name)),
        rows_estimate=described.estimates.get(name),
        checks=tuple(definition.checks),
        indexes=tuple(indexes(described, name)),
        triggers=tuple(triggers(described, name)),
        size_bytes=described.sizes.get(name),
        options=(*options, ("definition", described.statements[name])),
    )


def columns(described: Described, table_name: str) -> Iterable[Column]:
    """The columns; the key of a table without rowid and an alias of the rowid hold no NULL, whatever is declared."""
    rows, definition = described.columns[table_name], described.definitions[table_name]
    alias = rowid_alias(described, table_name)
    for name, native, not_null, default, key, kind in rows:
        if kind == 1:
            continue
        counts = name == alias and definition.autoincrement
        generated = kind in (2, 3)
        yield Column(
            name=name,
            type=parse_type(declarable(native or ""), collation=definition.collations.get(name)),
            nullable=not (bool(not_null) or name == alias or bool(key and definition.without_rowid)),
            default=default_expression(default),
            identity="by default" if counts else None,
            generated=definition.generated.get(name, "") if generated else None,
            stored=kind != 2,
            counter_state=counter_state(described, table_name) if counts else None,
        )


def counter_state(described: Described, table_name: str) -> SequenceState:
    """Where AUTOINCREMENT stands: behind the largest number it ever saw."""
    last = described.counters.get(table_name)
    return SequenceState(1, is_called=False) if last is None else SequenceState(last)


def indexes(described: Described, table_name: str) -> Iterable[Index]:
    """Indexes that no key made, in order of name."""
    made = [entry for entry in described.of_table.get(table_name, ()) if entry.kind == "index" and entry.sql]
    for entry in made:
        sql = entry.sql or ""
        expressions = index_expressions(sql)
        rows = described.index_parts.get(entry.name, [])
        yield Index(
            name=entry.name,
            parts=tuple(
                index_part(described, table_name, row, text) for row, text in zip(rows, expressions, strict=True)
            ),
            unique=entry.name in described.unique_indexes,
            where=index_condition(sql),
            definition=sql,
        )


def index_part(described: Described, table_name: str, row: tuple[object, ...], text: str) -> IndexPart:
    """One part; its collation where it is not the column's own."""
    column, descending, collation = row
    declared = described.definitions[table_name].collations.get(str(column), "BINARY")
    differs = str(collation or "BINARY").upper() != declared.upper()
    return IndexPart(
        column=None if column is None else str(column),
        expression=text if column is None else None,
        descending=bool(descending),
        collation=str(collation) if differs else None,
    )


def triggers(described: Described, table_name: str) -> Iterable[Trigger]:
    """Triggers of a table or view, in order of name."""
    for entry in described.of_table.get(table_name, ()):
        if entry.kind == "trigger":
            yield read_trigger(entry.name, entry.sql or "")


def view(query: Query, described: Described, entry: Entry) -> View:
    """One view; a broken one has its problem instead of columns."""
    sql = entry.sql or ""
    text = view_query(sql)
    found: tuple[Column, ...] = ()
    problem = None
    try:
        rows = query(VIEW_COLUMNS, (entry.name,))
        found = tuple(Column(name, parse_type(declarable(native or ""))) for name, native in rows)
    except WorkbenchError as error:
        problem = str(error.facts.get("reason", error))
    mentioned = names_in(text)
    known = [*described.definitions, *(e.name for e in described.entries if e.kind == "view" and e.name != entry.name)]
    return View(
        name=TableName(None, entry.name),
        query=text,
        definition=sql,
        columns=found,
        triggers=tuple(triggers(described, entry.name)),
        depends_on=tuple(TableName(None, name) for name in sorted(known) if name.lower() in mentioned),
        problem=problem,
    )


def others(described: Described, read: set[str]) -> Iterable[OtherObject]:
    """Virtual tables and the tables in which they keep their content, in order of name. read: those that are tables here."""
    for entry in described.entries:
        if entry.name in described.shadows:
            yield OtherObject("shadow table", entry.name)
        elif entry.kind == "table" and not entry.has_pages and not hidden(entry.name) and entry.name not in read:
            yield OtherObject("virtual table", entry.name, definition=entry.sql or "")
