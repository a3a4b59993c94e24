"""Choosing how the rows of a table map can be hashed by both databases, if they can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from ..databases.base import Source
from ..databases.catalogue import Column, Table
from ..databases.duckdb.read import DuckdbSource
from ..databases.mysql.read import MysqlSource
from ..databases.postgres import hashing as postgres
from ..databases.postgres.read import PostgresSource
from ..databases.row_hashes import HashedRows, Written, mixed_bits
from ..databases.sqlite.read import SqliteSource
from ..planning.plan import PlannedTable
from . import sql
from .forms import Pair, Texts, own_name, written_alike
from .hashed import HashedPair, HashedSide
from .spool import check_settings

COLUMNS_OF_CHECKSUM = 2
BY_KEY = {"postgres", "mysql"}
"""Where an integer key chooses a row's bucket."""
UNLIKE = (1, 2)
"""Stand for the hash of a row that has none, on each side."""


def hashed_pair(planned: PlannedTable, source: Source, target: Source, salt: str) -> HashedPair | None:
    """The two sides of a table map, if both databases can hash them alike; else None. Raises Unreadable.

    salt: drawn anew for each verification, so that nobody can prepare rows that look alike.
    """
    if not planned.plain or not all(passes(planned, column.target) for column in planned.columns):
        return None
    pairs = [(planned.source.column(str(column.source)), column.target) for column in planned.columns]
    found = rows_of(source, target, planned, pairs, salt)
    if found is None:
        return None
    check_settings(source)
    check_settings(target)
    products = source.can.database, target.can.database
    read, written = tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
    return HashedPair(
        planned,
        HashedSide(source, planned.source, read, found[0], f"source_{planned.map_no}"),
        HashedSide(target, planned.target, written, found[1], "target_rows"),
        key[1].name if (key := key_of(planned, pairs)) is not None and set(products) <= BY_KEY else None,
    )


def passes(planned: PlannedTable, target: Column) -> bool:
    """Does a column arrive as it is: no expression, no rule that changes values?"""
    column = next(column for column in planned.columns if column.target is target)
    return column.source is not None and column.expression is None and not column.lossy


def same_types(pairs: Sequence[Pair]) -> bool:
    """Are all types the same on both sides, as the product spells them?"""
    return all(source.type.native == target.type.native for source, target in pairs)


def rows_of(
    source: Source, target: Source, planned: PlannedTable, pairs: Sequence[Pair], salt: str
) -> tuple[HashedRows, HashedRows] | None:
    """The hashed rows of both sides; None where there is no hash that both compute."""
    left, right = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    tables = planned.source, planned.target
    if isinstance(source, SqliteSource) and isinstance(target, SqliteSource):
        from ..databases.sqlite.hashing import SqliteRows

        if not same_types(pairs):
            return None
        names = [[column.name for column in columns] for columns in (left, right)]
        return SqliteRows(source, tables[0], names[0], salt), SqliteRows(target, tables[1], names[1], salt)
    key = key_of(planned, pairs)
    if isinstance(source, PostgresSource) and isinstance(target, PostgresSource):
        if not same_types(pairs) or not postgres.hashes_alike(source, target):
            return None
        hashed = partial(postgres.row_hash, salt=salt, rendered=sql.RENDERERS["postgres"])
        return (
            postgres.PostgresRows(source, tables[0], hashed(left), folded(key, 0, "postgres")),
            postgres.PostgresRows(target, tables[1], hashed(right), folded(key, 1, "postgres")),
        )
    texts = written_alike(pairs, (source.can.database, target.can.database))
    if texts is None:
        return None
    buckets = [folded(key, side, database.can.database) for side, database in enumerate((source, target))]
    if key is None and isinstance(source, MysqlSource) and isinstance(target, MysqlSource):
        buckets = checksums(planned, pairs, texts)
    first, second = (
        by_text(database, table, written, salt, Chosen(side, bucket, place_of(key, side)))
        for side, (database, table, written, bucket) in enumerate(
            zip((source, target), tables, texts, buckets, strict=True)
        )
    )
    return None if first is None or second is None else (first, second)


def checksums(planned: PlannedTable, pairs: Sequence[Pair], texts: Texts) -> list[str]:
    """SQL that chooses buckets by the key's columns, or by the first ones, of two servers of MariaDB."""
    from ..databases.mysql.hashing import checksum

    names = planned.target.row_key()
    places = [place for place, pair in enumerate(pairs) if pair[1].name in names] or range(len(pairs))[
        :COLUMNS_OF_CHECKSUM
    ]
    return [checksum([side[place] for place in places]) for side in texts] if pairs else ["", ""]


def key_of(planned: PlannedTable, pairs: Sequence[Pair]) -> Pair | None:
    """The column of an integer key, on both sides: it tells a row's bucket."""
    names = planned.target.row_key()
    found = [pair for pair in pairs if (pair[1].name,) == names]
    return found[0] if found and all(column.type.kind == "integer" for column in found[0]) else None


def folded(key: Pair | None, side: int, product: str) -> str:
    """SQL that chooses a bucket by the key; empty where there is no such key."""
    if key is None:
        return ""
    return mixed_bits(own_name(key[side], product), "^" if product == "mysql" else "#")


@dataclass(frozen=True, slots=True)
class Chosen:
    """How rows are told apart on one side."""

    side: int
    """0: source; 1: target."""
    bucket: str
    """SQL that chooses a row's bucket; empty: its hash does."""
    place: str
    """SQL of an integer by which a row is found again; empty if there is none."""


def place_of(key: Pair | None, side: int) -> str:
    """An integer key of 64 bits with a sign, in MariaDB's SQL; empty for others."""
    fits = key is not None and not (key[side].type.unsigned and key[side].type.bits == 64)
    return own_name(key[side], "mysql") if key is not None and fits else ""


def by_text(source: Source, table: Table, texts: Sequence[Written], salt: str, chosen: Chosen) -> HashedRows | None:
    """Rows with the hash of their text; None for a product or a database that has no such hash."""
    if isinstance(source, PostgresSource):
        if postgres.encoding_of(source) != "UTF8":
            return None
        return postgres.PostgresRows(source, table, postgres.text_hash(texts, salt), chosen.bucket)
    if isinstance(source, DuckdbSource):
        from ..databases.duckdb.hashing import DuckdbRows, text_of_row

        return DuckdbRows(source, table, text_of_row(texts, salt))
    if isinstance(source, MysqlSource):
        from ..databases.mysql.hashing import NO_PLACE, MysqlRows, text_hash

        hashed = text_hash(texts, salt, UNLIKE[chosen.side])
        return MysqlRows(source, table, hashed, chosen.bucket or hashed, chosen.place or NO_PLACE)
    return None
