"""A 64-bit hash of a whole row, computed by PostgreSQL: two tables with the same hashes hold the same rows.

A type's own hash serves only where values that are equal in SQL are the same value and where it takes every bit in. So
numbers are not hashed as they are: ``hash_numeric`` knows neither sign nor scale, ``hashint8`` folds 64 bits to 32, ``-0``
hashes as ``0``, ``1 mon`` as ``30 days``, a label by the number it has in its own database. `HASHES` and `SENT` say what
stands in for each type; what is in neither is hashed by its text.

The hashes of the columns are joined by an exclusive or, each under a seed of its own, and mixed once more. Without that
last step sums over rows would not notice two rows that exchange a cell. Seeds are drawn anew each time, so that nobody can
prepare values that look alike.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..catalogue import Column, Table
from .capabilities import literal, quote, rows_of

if TYPE_CHECKING:
    from .read import PostgresSource

OLDEST_VERSION = 140_000
"""The first server that hashes records."""
STEP_BYTES = 64_000_000
MOST_STEPS = 128
PARAMETERS = re.compile(r"\(\d+(,-?\d+)?\)")
OF_FIXED_SCALE = re.compile(r"numeric\(\d+,-?\d+\)")

AS_TEXT = 'hashtextextended(({x}) COLLATE "C", {s})'
HASHES = {
    # native type without its parameters: SQL that gives a bigint; {x} the value, {s} {t} seeds of 62 bits, {k} one of 31
    "smallint": "hashint2extended({x}, {s})",
    "integer": "hashint4extended({x}, {s})",
    "bigint": "hashint4extended({k}, {x} # {s})",
    "oid": "hashoidextended({x}, {s})",
    "boolean": "hashint4extended({x}::int4, {s})",
    "uuid": "uuid_hash_extended({x}, {s})",
    "text": AS_TEXT,
    "character varying": AS_TEXT,
    "json": 'hashtextextended({x}::text COLLATE "C", {s})',
    "jsonb": 'hashtextextended({x}::text COLLATE "C", {s})',
    # with a declared scale all values have that scale
    "numeric(p,s)": "hashint4extended({k}, hash_numeric_extended({x}, CASE WHEN {x} < 0 THEN {s} ELSE {t} END))",
}
SENT = {
    # SQL of a value whose type's own hash takes it in exactly
    "date": "{x}",
    "bytea": "{x}",
    '"char"': "{x}",
    "character": "bpcharsend({x})",
    "bpchar": "bpcharsend({x})",
    "numeric": "numeric_send({x})",
    "real": "float4send({x})",
    "double precision": "float8send({x})",
    "timestamp without time zone": "timestamp_send({x})",
    "timestamp with time zone": "timestamptz_send({x})",
    "time without time zone": "time_send({x})",
    "time with time zone": "timetz_send({x})",
    "interval": "interval_send({x})",
    "inet": "inet_send({x})",
    "cidr": "cidr_send({x})",
    "macaddr": "macaddr_send({x})",
    "macaddr8": "macaddr8_send({x})",
    "bit": "bit_send({x})",
    "bit varying": "varbit_send({x})",
    "point": "point_send({x})",
    "line": "line_send({x})",
    "lseg": "lseg_send({x})",
    "box": "box_send({x})",
    "path": "path_send({x})",
    "polygon": "poly_send({x})",
    "circle": "circle_send({x})",
    "tsvector": "tsvectorsend({x})",
    "tsquery": "tsquerysend({x})",
    "pg_lsn": "pg_lsn_send({x})",
}

Rendered = Callable[[Column], str]
"""SQL of a column's text, for types that have no hash of their own here."""


def base_type(native: str) -> str:
    """A native type without its parameters; a number of fixed scale is a type of its own."""
    return "numeric(p,s)" if OF_FIXED_SCALE.fullmatch(native) else PARAMETERS.sub("", native)


def seeds(salt: str, place: int) -> dict[str, int]:
    """The seeds of one column, drawn from the salt."""
    digest = hashlib.sha256(f"{salt}:{place}".encode()).digest()
    numbers = [int.from_bytes(digest[at : at + 8], "big") >> 2 for at in (0, 8, 16)]
    return {"s": numbers[0], "t": numbers[1], "n": numbers[2], "k": int.from_bytes(digest[24:28], "big") >> 1}


def row_hash(columns: Sequence[Column], salt: str, rendered: Rendered) -> str:
    """SQL of a row's hash, a bigint that is never NULL: over every value, its place, and whether it is NULL."""
    parts, sent = [], []
    for place, column in enumerate(columns):
        base = base_type(column.type.native)
        own = quote(column.name)
        if base in SENT:
            sent.append(SENT[base].format(x=own))
            continue
        given = seeds(salt, place)
        form, value = (HASHES[base], own) if base in HASHES else (AS_TEXT, rendered(column))
        parts.append(f"coalesce({form.format(x=value, **given)}, {given['n']})")
    whole = seeds(salt, -1)
    if sent:
        parts.append(f"hash_record_extended(row({', '.join(sent)}), {whole['s']})")
    return f"hashint4extended({whole['k']}, {' # '.join([*parts, str(whole['t'])])})"


class PostgresHasher:
    """Sums of row hashes, and the rows behind them, under the snapshot of a source."""

    def __init__(self, source: PostgresSource) -> None:
        """source: at rest; used by one thread at a time."""
        self.source = source
        source.query_nothing("SET LOCAL jit = off")
        self.form = f"postgres:{source.one('select getdatabaseencoding()')}"
        """Two hashers of one form give the same row the same hash."""

    def sums(
        self, table: Table, hashed: str, buckets: int, condition: str = ""
    ) -> Iterator[list[tuple[int, int, int]]]:
        """For each bucket of hashes the rows and the sum of their hashes; a large table in several parts.

        hashed: of `row_hash`; buckets: a power of two; condition: SQL that rows must fulfil.
        """
        for part in self.parts(table):
            where = " AND ".join(filter(None, [part, condition]))
            rows = self.source.query(
                f"SELECT (h & {buckets - 1})::int4, count(*), sum(h) FROM ({self.select(table, hashed, where)}) r GROUP BY 1"
            )
            yield [(int(bucket), int(count), int(total)) for bucket, count, total in rows]

    def places(self, table: Table, hashed: str, buckets: int, wanted: Sequence[int]) -> Iterator[bytes]:
        """The place and hash of every row in some buckets, as lines of CSV."""
        listed = literal(f"{{{','.join(map(str, wanted))}}}")
        yield from self.source.copy_out(
            f"COPY (SELECT ctid, h FROM ({self.select(table, hashed, '')}) r"
            f" WHERE (h & {buckets - 1})::int4 = ANY ({listed}::int4[])) TO STDOUT (FORMAT csv)"
        )

    @staticmethod
    def at(places: Sequence[str], hashes: Sequence[int], hashed: str) -> str:
        """The condition of rows at some places that have one of some hashes: partitions share their places."""
        where = literal("{" + ",".join(f'"{place}"' for place in places) + "}")
        known = literal(f"{{{','.join(map(str, hashes))}}}")
        return f"ctid = ANY ({where}::tid[]) AND ({hashed}) = ANY ({known}::int8[])"

    def select(self, table: Table, hashed: str, where: str) -> str:
        """The rows' places and hashes; OFFSET keeps the planner from computing each hash twice."""
        filtered = f" WHERE {where}" if where else ""
        return f"SELECT ctid, {hashed} AS h FROM {rows_of(table.name)}{filtered} OFFSET 0"

    def parts(self, table: Table) -> list[str]:
        """Conditions that cut a large table into parts of its file, all rows in one of them; one empty one for others."""
        found = self.source.query(
            f"select pg_relation_size(oid), current_setting('block_size')::int from pg_class"
            f" where oid = {literal(rows_of(table.name).removeprefix('ONLY '))}::regclass and relkind in ('r', 'm')"
        )
        size, block = found[0] if found else (0, 1)
        steps = min(int(size) // STEP_BYTES, MOST_STEPS)
        if steps < 2:
            return [""]
        bounds = [int(size) // int(block) * step // steps for step in range(1, steps)]
        starts = ["", *(f"ctid >= '({bound},0)'::tid" for bound in bounds)]
        ends = [*(f"ctid < '({bound},0)'::tid" for bound in bounds), ""]
        return [" AND ".join(filter(None, pair)) for pair in zip(starts, ends, strict=True)]

    def interrupt(self) -> None:
        """End what runs now with an error; from another thread."""
        self.source.connection.cancel_safe()


def hasher_of(source: Any) -> PostgresHasher | None:
    """What hashes the rows of a source; None for an old server, or what is no such source."""
    from .read import PostgresSource

    if not isinstance(source, PostgresSource) or int(source.version) < OLDEST_VERSION:
        return None
    return PostgresHasher(source)
