"""SQLite's catalogue: a handful of queries over all tables at once, so that 400 tables take no longer than a moment."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..catalogue import Catalogue, Column, ForeignKey, Key, OtherObject, Table, TableName
from ..errors import SchemaMissing
from .definition import Definition, default_expression, read_definition, virtual_module
from .types import declarable, parse_type

Query = Callable[[str], list[tuple[Any, ...]]]
Rows = dict[str, list[tuple[Any, ...]]]

HIDDEN_PREFIXES = ("sqlite_", "dms_ledger_")
BASE_TABLES = "(SELECT name FROM main.sqlite_master WHERE type = 'table' AND rootpage > 0)"
OBJECTS = "SELECT type, name, tbl_name, sql, rootpage FROM main.sqlite_master ORDER BY name"
COLUMNS = f"""SELECT m.name, x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden
    FROM {BASE_TABLES} AS m, pragma_table_xinfo(m.name, 'main') AS x ORDER BY m.name, x.cid"""
INDEXES = f"""SELECT m.name, l.seq, l.name, l.origin, i.name
    FROM {BASE_TABLES} AS m, pragma_index_list(m.name, 'main') AS l, pragma_index_xinfo(l.name, 'main') AS i
    WHERE i.key ORDER BY m.name, l.seq DESC, i.seqno"""
FOREIGN_KEYS = f"""SELECT m.name, f.id, f."table", f."from", f."to", f.on_update, f.on_delete
    FROM {BASE_TABLES} AS m, pragma_foreign_key_list(m.name, 'main') AS f ORDER BY m.name, f.id DESC, f.seq"""
STATISTICS = "SELECT tbl, stat FROM main.sqlite_stat1"
SHADOW_SUFFIXES = {
    "fts5": ("data", "idx", "content", "docsize", "config"),
    "fts4": ("content", "segments", "segdir", "docsize", "stat"),
    "fts3": ("content", "segments", "segdir"),
    "rtree": ("node", "parent", "rowid"),
    "rtree_i32": ("node", "parent", "rowid"),
    "geopoly": ("node", "parent", "rowid"),
}
"""Tables in which virtual tables of SQLite's own modules keep their content; asking SQLite would start the modules."""


@dataclass(frozen=True, slots=True)
class Described:
    """Everything the pragmas say, by table."""

    definitions: dict[str, Definition]
    columns: Rows
    indexes: Rows
    foreign_keys: Rows
    estimates: dict[str, int]
    spelling: dict[str, str]
    """Lower-cased table name -> as spelled."""


def read_catalogue(query: Query, schema: str | None = None) -> Catalogue:
    """The catalogue of the file. Raises SchemaMissing for a schema other than ``main``."""
    if schema not in (None, "main"):
        raise SchemaMissing(schema=schema, database="SQLite", known="main")
    objects = query(OBJECTS)
    shadows = shadow_tables(objects)
    base = [row for row in objects if row[0] == "table" and row[4] and row[1] not in shadows and not hidden(row[1])]
    described = describe(query, base)
    keys = {row[1]: primary_key(described, row[1]) for row in base}
    return Catalogue(
        database="sqlite",
        version=sqlite3.sqlite_version,
        schema=None,
        tables=tuple(table(described, name, keys) for name in sorted(keys)),
        others=tuple(others(objects, shadows, described)),
    )


def hidden(name: str) -> bool:
    """SQLite's own tables and the ledger's."""
    return name.lower().startswith(HIDDEN_PREFIXES)


def describe(query: Query, base: list[tuple[Any, ...]]) -> Described:
    """Ask all pragmas for all tables."""
    return Described(
        definitions={row[1]: read_definition(row[3] or "") for row in base},
        columns=by_table(query(COLUMNS)),
        indexes=by_table(query(INDEXES)),
        foreign_keys=by_table(query(FOREIGN_KEYS)),
        estimates=row_estimates(query),
        spelling={row[1].lower(): row[1] for row in base},
    )


def by_table(rows: Iterable[tuple[Any, ...]]) -> Rows:
    """Rows by their first value, without it."""
    grouped: Rows = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(row[1:])
    return grouped


def row_estimates(query: Query) -> dict[str, int]:
    """What ANALYZE counted, if it ever ran."""
    if not query("SELECT 1 FROM main.sqlite_master WHERE name = 'sqlite_stat1'"):
        return {}
    counts = {name: str(stat).partition(" ")[0] for name, stat in query(STATISTICS)}
    return {name: int(count) for name, count in counts.items() if count.isdecimal()}


def shadow_tables(objects: list[tuple[Any, ...]]) -> set[str]:
    """Tables that belong to virtual tables."""
    shadows: set[str] = set()
    for kind, name, _, sql, _ in objects:
        module = virtual_module(sql) if kind == "table" else None
        shadows.update(f"{name}_{suffix}" for suffix in SHADOW_SUFFIXES.get(module or "", ()))
    return shadows


def table(described: Described, name: str, keys: dict[str, Key | None]) -> Table:
    """One base table."""
    definition = described.definitions[name]
    return Table(
        name=TableName(None, name),
        columns=tuple(columns(described, name, definition)),
        primary_key=keys[name],
        unique_keys=tuple(unique_keys(described.indexes[name])),
        foreign_keys=tuple(foreign_keys(described, name, keys)),
        rows_estimate=described.estimates.get(name),
    )


def columns(described: Described, table_name: str, definition: Definition) -> Iterable[Column]:
    """The columns; the key of a table without rowid and an alias of the rowid hold no NULL, whatever is declared."""
    rows = described.columns[table_name]
    alias = rowid_alias(rows, described.indexes[table_name], definition)
    for name, native, not_null, default, key, kind in rows:
        if kind == 1:
            continue
        never_null = bool(not_null) or name == alias or bool(key and definition.without_rowid)
        yield Column(
            name=name,
            type=parse_type(declarable(native or "")),
            nullable=not never_null,
            default=default_expression(default),
            identity="by default" if name == alias and definition.autoincrement else None,
            generated=definition.generated.get(name, "") if kind in (2, 3) else None,
        )


def rowid_alias(rows: list[tuple[Any, ...]], indexes: list[tuple[Any, ...]], definition: Definition) -> str | None:
    """The INTEGER PRIMARY KEY column that is the rowid itself: the one key for which SQLite keeps no index."""
    key = [row for row in rows if row[4]]
    if len(key) != 1 or (key[0][1] or "").upper() != "INTEGER" or definition.without_rowid:
        return None
    return None if any(origin == "pk" for _, _, origin, _ in indexes) else str(key[0][0])


def primary_key(described: Described, name: str) -> Key | None:
    """The primary key's columns in the key's order."""
    found = sorted((row[4], row[0]) for row in described.columns[name] if row[4])
    return Key(tuple(column for _, column in found)) if found else None


def unique_keys(indexes: list[tuple[Any, ...]]) -> Iterable[Key]:
    """Unique constraints in the order declared."""
    found: dict[str, list[str]] = {}
    for _, index, origin, column in indexes:
        if origin == "u":
            found.setdefault(index, []).append(column)
    return [Key(tuple(names)) for names in found.values()]


def foreign_keys(described: Described, name: str, keys: dict[str, Key | None]) -> Iterable[ForeignKey]:
    """Foreign keys in the order declared, to missing tables too; parents and their columns as they spell themselves."""
    grouped: dict[int, list[tuple[Any, ...]]] = {}
    for row in described.foreign_keys[name]:
        grouped.setdefault(row[0], []).append(row)
    for rows in grouped.values():
        parent = described.spelling.get(rows[0][1].lower(), rows[0][1])
        implicit = keys.get(parent)
        named = tuple(spelled(described.columns.get(parent, []), row[3]) for row in rows if row[3] is not None)
        yield ForeignKey(
            columns=tuple(row[2] for row in rows),
            references=TableName(None, parent),
            referenced_columns=named or (implicit.columns if implicit else ()),
            on_delete=action(rows[0][5]),
            on_update=action(rows[0][4]),
        )


def spelled(rows: Sequence[tuple[Any, ...]], name: str) -> str:
    """A column's name as its table spells it."""
    return next((row[0] for row in rows if row[0].lower() == name.lower()), name)


def action(text: str) -> str | None:
    """A referential action, None for none."""
    return None if text == "NO ACTION" else text


def others(objects: list[tuple[Any, ...]], shadows: set[str], described: Described) -> Iterable[OtherObject]:
    """What is seen and not carried, in order of name."""
    for kind, name, table_name, sql, rootpage in objects:
        if name in shadows:
            yield OtherObject("shadow table", name)
        elif hidden(name) or hidden(table_name) or table_name in shadows:
            continue
        elif kind == "table" and not rootpage:
            yield OtherObject("virtual table", name)
        elif kind in ("view", "trigger") or (kind == "index" and sql):
            yield OtherObject(
                kind, name, None if kind == "view" else described.spelling.get(table_name.lower(), table_name)
            )
    for name, definition in described.definitions.items():
        for check in definition.checks:
            yield OtherObject("check", check, name)
