"""Large values are compared by their length and SHA-256: neither side's value is ever held whole beside the other.

Only columns whose values pass as they are, byte for byte, are compared so. PostgreSQL and DuckDB compute the digest themselves; what
SQLite and MariaDB give is digested here, value by value.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from ..databases.base import Source
from ..databases.catalogue import Column, DataType
from ..databases.postgres.read import PostgresSource
from ..planning.plan import PlannedTable

LARGE_BYTES = 65_536
"""A value of more bytes, as UTF-8 where it is a text, is large."""
PIECE = 1_000_000
OLDEST_POSTGRES = 110_000
"""The first server that computes SHA-256."""
PRODUCTS = ("postgres", "duckdb", "sqlite", "mysql")
TEXTS = ("text", "json")

Names = frozenset[str]
Large = tuple[Names, str]
"""The names of columns, and what the digests of their large values begin with."""
NO_LARGE: Large = (frozenset(), "")
DIGESTING = ("postgres", "duckdb")
"""The products that compute digests themselves."""


def large_columns(planned: PlannedTable, source: Source, target: Source) -> tuple[Names, Names]:
    """The columns of source and target, by name, whose large values are compared by their digests."""
    if not planned.plain or not can_digest(source) or not can_digest(target):
        return frozenset(), frozenset()
    same = source.can.database == target.can.database
    keys = {*planned.source.row_key(), *planned.target.row_key()}
    unfit: set[str] = set()
    pairs: list[tuple[str, str]] = []
    for column in planned.columns:
        name = column.source or ""
        read = planned.source.column(name).type
        fits = not column.lossy and pass_unchanged(read, column.target.type, same=same)
        if fits and not keys & {name, column.target.name}:
            pairs.append((name, column.target.name))
        else:
            unfit.add(name)
    chosen = [(name, target_name) for name, target_name in pairs if name not in unfit]
    return frozenset(name for name, _ in chosen), frozenset(target_name for _, target_name in chosen)


def can_digest(database: Source) -> bool:
    """Can large values of this database be told by their SHA-256?"""
    if isinstance(database, PostgresSource):
        return int(database.version) >= OLDEST_POSTGRES
    return database.can.database in PRODUCTS


def pass_unchanged(source: DataType, target: DataType, *, same: bool) -> bool:
    """Are values equal exactly if their bytes are? same: is it the same product on both sides?"""
    if source.kind == target.kind == "bytes":
        return True
    if source.kind not in TEXTS or target.kind not in TEXTS:
        return False
    if any(type_.fixed or type_.labels is not None or type_.several for type_ in (source, target)):
        return False
    return "jsonb" not in (source.native, target.native) or (same and source.native == target.native)


def large_or_whole(column: Column, value: str, large: Large, database: str) -> str:
    """SQL of the value as it is rendered, or of its digest where it is large. value: SQL of the rendering."""
    names, marker = large
    if column.name not in names or database not in DIGESTING:
        return value
    name = '"' + column.name.replace('"', '""') + '"'
    if database == "duckdb":
        raw = name if column.type.kind == "bytes" else f"CAST({name} AS VARCHAR)"
        size = f"octet_length({raw})" if column.type.kind == "bytes" else f"strlen({raw})"
        return f"CASE WHEN {size} > {LARGE_BYTES} THEN '{marker}' || {size} || ':' || sha256({raw}) ELSE {value} END"
    raw = name if column.type.kind == "bytes" else f"convert_to({name}::text, 'UTF8')"
    size = f"octet_length({raw})"
    least = f"octet_length({name}) > {LARGE_BYTES // 4} AND " if column.type.kind in ("bytes", "text") else ""
    digest = f"'{marker}' || {size} || ':' || encode(sha256({raw}), 'hex')"
    return f"CASE WHEN {least}{size} > {LARGE_BYTES} THEN {digest} ELSE {value} END"


def digested(value: object, marker: str) -> str | None:
    """The digest of a large text or of large bytes; None for any other value, and for a text that is not UTF-8."""
    if isinstance(value, bytes):
        if len(value) <= LARGE_BYTES:
            return None
        return f"{marker}{len(value)}:{sha256(value).hexdigest()}"
    if not isinstance(value, str) or len(value) <= LARGE_BYTES // 4:
        return None
    made, size = sha256(), 0
    try:
        for at in range(0, len(value), PIECE):
            piece = value[at : at + PIECE].encode()
            size += len(piece)
            made.update(piece)
    except UnicodeEncodeError:
        return None
    return f"{marker}{size}:{made.hexdigest()}" if size > LARGE_BYTES else None


@dataclass(frozen=True, slots=True)
class Digest:
    """Stands for a large value."""

    text: str
    kind: type
    """Of the value: str or bytes."""
