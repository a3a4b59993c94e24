"""All that SQLite's pragmas and its own catalogue table say, asked for all tables at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ....kernel.errors import WorkbenchError
from .definition import Definition, read_definition, virtual_module

Query = Callable[..., list[tuple[Any, ...]]]
Rows = dict[str, list[tuple[Any, ...]]]

HIDDEN_PREFIXES = ("sqlite_", "dms_ledger_")
SIZES_UP_TO_BYTES = 256_000_000
"""A larger file would have to be read whole for the sizes of its tables."""
BASE_TABLES = "(SELECT name FROM main.sqlite_master WHERE type = 'table' AND rootpage > 0)"
OBJECTS = "SELECT type, name, tbl_name, sql, rootpage FROM main.sqlite_master ORDER BY name"
COLUMNS = f"""SELECT m.name, x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden
    FROM {BASE_TABLES} AS m, pragma_table_xinfo(m.name, 'main') AS x ORDER BY m.name, x.cid"""
INDEXES = f"""SELECT m.name, l.seq, l.name, l.origin, i.name, l."unique", i."desc", i.coll
    FROM {BASE_TABLES} AS m, pragma_index_list(m.name, 'main') AS l, pragma_index_xinfo(l.name, 'main') AS i
    WHERE i.key ORDER BY m.name, l.seq DESC, i.seqno"""
FOREIGN_KEYS = f"""SELECT m.name, f.id, f."table", f."from", f."to", f.on_update, f.on_delete
    FROM {BASE_TABLES} AS m, pragma_foreign_key_list(m.name, 'main') AS f ORDER BY m.name, f.id DESC, f.seq"""
STATISTICS = "SELECT tbl, stat FROM main.sqlite_stat1"
COUNTERS = "SELECT name, seq FROM main.sqlite_sequence"
FILE_BYTES = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
SIZES = "SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE"
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
class Entry:
    """A row of SQLite's catalogue table."""

    kind: str
    name: str
    table: str
    sql: str | None
    has_pages: bool


@dataclass(slots=True)
class Described:
    """Everything that is known, by table."""

    entries: list[Entry]
    """All objects but SQLite's own, the ledger's and those of shadow tables."""
    shadows: set[str]
    definitions: dict[str, Definition]
    statements: dict[str, str]
    columns: Rows
    indexes: Rows
    foreign_keys: Rows
    estimates: dict[str, int]
    sizes: dict[str, int]
    counters: dict[str, int]
    spelling: dict[str, str]
    """Lower-cased table name -> as spelled."""
    of_table: dict[str, list[Entry]] = field(default_factory=dict)
    """Indexes and triggers by the table or view they are of."""
    index_parts: Rows = field(default_factory=dict)
    """Index -> column (None: an expression), descending, collation of each part."""
    unique_indexes: set[str] = field(default_factory=set)


def describe(query: Query) -> Described:
    """Ask all pragmas for all tables."""
    objects = [Entry(kind, name, table, sql, bool(page)) for kind, name, table, sql, page in query(OBJECTS)]
    shadows = shadow_tables(objects)
    entries = [
        e for e in objects if not (hidden(e.name) or hidden(e.table) or (e.kind != "table" and e.table in shadows))
    ]
    base = [e for e in entries if e.kind == "table" and e.has_pages and e.name not in shadows]
    found = Described(
        entries=entries,
        shadows=shadows,
        definitions={e.name: read_definition(e.sql or "") for e in base},
        statements={e.name: e.sql or "" for e in base},
        columns=by_table(query(COLUMNS)),
        indexes=by_table(query(INDEXES)),
        foreign_keys=by_table(query(FOREIGN_KEYS)),
        estimates=row_estimates(query, objects),
        sizes=sizes(query, objects),
        counters=counters(query, objects),
        spelling={e.name.lower(): e.name for e in entries if e.kind in ("table", "view")},
    )
    add_indexes(found)
    return found


def add_indexes(found: Described) -> None:
    """Sort indexes and triggers by table, and the parts of indexes by index."""
    for entry in found.entries:
        if entry.kind in ("index", "trigger"):
            spelled = found.spelling.get(entry.table.lower(), entry.table)
            found.of_table.setdefault(spelled, []).append(entry)
    for rows in found.indexes.values():
        for _, name, _, column, unique, descending, collation in rows:
            found.index_parts.setdefault(name, []).append((column, descending, collation))
            if unique:
                found.unique_indexes.add(name)


def hidden(name: str) -> bool:
    """SQLite's own tables and the ledger's."""
    return name.lower().startswith(HIDDEN_PREFIXES)


def by_table(rows: Iterable[tuple[Any, ...]]) -> Rows:
    """Rows by their first value, without it."""
    grouped: Rows = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(row[1:])
    return grouped


def row_estimates(query: Query, objects: list[Entry]) -> dict[str, int]:
    """What ANALYZE counted, if it ever ran."""
    if not any(entry.name == "sqlite_stat1" for entry in objects):
        return {}
    counts = {name: str(stat).partition(" ")[0] for name, stat in query(STATISTICS)}
    return {name: int(count) for name, count in counts.items() if count.isdecimal()}


def counters(query: Query, objects: list[Entry]) -> dict[str, int]:
    """Where AUTOINCREMENT stands, by table."""
    if not any(entry.name == "sqlite_sequence" for entry in objects):
        return {}
    return {name: last for name, last in query(COUNTERS) if isinstance(last, int)}


def sizes(query: Query, objects: list[Entry]) -> dict[str, int]:
    """Bytes of each table with its indexes; nothing where SQLite was built without dbstat, or the file is large."""
    tables: dict[str | None, str] = {entry.name: entry.table for entry in objects}
    found: dict[str, int] = defaultdict(int)
    try:
        if query(FILE_BYTES)[0][0] <= SIZES_UP_TO_BYTES:
            for name, size in query(SIZES):
                found[tables.get(name, str(name))] += int(size)
    except WorkbenchError:
        return {}
    return found


def shadow_tables(objects: list[Entry]) -> set[str]:
    """Tables that belong to virtual tables."""
    shadows: set[str] = set()
    for entry in objects:
        module = virtual_module(entry.sql) if entry.kind == "table" else None
        shadows.update(f"{entry.name}_{suffix}" for suffix in SHADOW_SUFFIXES.get(module or "", ()))
    return shadows
