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
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..catalogue import Column, Table
from ..row_hashes import Written, places_table
from .alike_rows import alike_rows
from .capabilities import literal, quote, rows_of
from .line import speaks

if TYPE_CHECKING:
    import pyarrow

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


ARGUMENTS = 50
"""Of one function: a server takes a hundred at most."""


def text_hash(columns: Sequence[Written], salt: str) -> str:
    """SQL of the hash that `row_hashes` describes, a bigint that is never NULL."""
    forms = {
        "plain": "coalesce({x}, 'N')",
        "sized": "coalesce(octet_length({x}) || ':' || {x}, 'N')",
        "digest": "coalesce(md5({x}), 'N')",
    }
    parts = [literal(salt), *(forms[column.way].format(x=f"({column.sql})") for column in columns)]
    groups = [", ".join(parts[first : first + ARGUMENTS]) for first in range(0, len(parts), ARGUMENTS)]
    text = " || ',' || ".join(f"concat_ws(',', {group})" for group in groups)
    return f"('x' || left(md5({text}), 16))::bit(64)::bigint"


PLACED = [("fields", ">i2"), ("size", ">i4"), ("h", ">i8"), ("size_of_place", ">i4"), ("block", ">u4"), ("line", ">u2")]
"""One row of a hash and a place in COPY's binary form."""
HEADER_BYTES = 19
TRAILER_BYTES = 2
ROWS_IN_PIECE = 50_000
MANY = 0.5
"""Where this share of the buckets is wanted, all rows are given: they cost less than being looked up."""


class PostgresRows:
    """Rows and their hashes; see `row_hashes.HashedRows`."""

    most_places = 250_000
    places_at_a_time = 5_000

    def __init__(self, source: PostgresSource, table: Table, hashed: str, bucket: str = "") -> None:
        """source: at rest. hashed: SQL of a row's hash. bucket: SQL of what buckets are chosen by instead of the hash."""
        self.source = source
        self.table = table
        self.hashed = hashed
        self.bucket = bucket
        self.form = f"{hashed} by {bucket}"
        source.query_nothing("SET LOCAL jit = off")

    def sums(self, buckets: int) -> Iterator[list[tuple[int, ...]]]:
        """Rows and sums by bucket, part by part of the table's file."""
        bucket = f"{self.bucket} & {buckets - 1}" if self.bucket else "0"
        chosen = "b" if self.bucket else f"(h & {buckets - 1})::int4"
        for part in self.parts():
            rows = self.source.query(
                f"SELECT {chosen}, count(*), sum(h) FROM ({self.select(part, f'({bucket})::int4 AS b')}) r GROUP BY 1"
            )
            yield [(int(bucket), int(count), int(total)) for bucket, count, total in rows]

    def places(self, buckets: int, wanted: Sequence[int]) -> Iterator[pyarrow.Table]:
        """Places and hashes, in COPY's binary form."""
        chosen = self.bucket or "h"
        where = "" if len(wanted) > MANY * buckets else self.in_buckets(f"{chosen} & {buckets - 1}", wanted)
        inner = where if self.bucket else ""
        outer = f" WHERE {where}" if where and not self.bucket else ""
        sql = f"COPY (SELECT h, ctid FROM ({self.select(inner, 'ctid')}) r{outer}) TO STDOUT (FORMAT binary)"
        if speaks(self.source.connection):
            for rows in alike_rows(self.source.connection, sql, PLACED):
                yield placed(rows)
            return
        skipped = HEADER_BYTES
        messages = self.source.copy_out(sql)
        while piece := b"".join(islice(messages, ROWS_IN_PIECE)):
            yield placed(whole_rows(piece[skipped:]))
            skipped = 0

    @staticmethod
    def in_buckets(bucket: str, wanted: Sequence[int]) -> str:
        """The condition of rows in some buckets."""
        listed = literal("{" + ",".join(map(str, wanted)) + "}")
        return f"({bucket})::int4 = ANY ({listed}::int4[])"

    def at(self, places: Sequence[int], hashes: Sequence[int], _buckets: int, _wanted: Sequence[int]) -> str:
        """Rows at some places; partitions share their places, so the hash must be known too."""
        where = literal("{" + ",".join(f'"({place >> 16},{place & 0xFFFF})"' for place in places) + "}")
        known = literal("{" + ",".join(map(str, hashes)) + "}")
        return f"ctid = ANY ({where}::tid[]) AND ({self.hashed}) = ANY ({known}::int8[])"

    def select(self, where: str, beside: str) -> str:
        """The rows' hashes and something beside; OFFSET keeps the planner from computing each hash twice."""
        filtered = f" WHERE {where}" if where else ""
        return f"SELECT {beside}, {self.hashed} AS h FROM {rows_of(self.table.name)}{filtered} OFFSET 0"

    def parts(self) -> list[str]:
        """Conditions that cut a large table into parts of its file, all rows in one of them; one empty one for others."""
        name = rows_of(self.table.name).removeprefix("ONLY ")
        found = self.source.query(
            f"select pg_relation_size(oid), current_setting('block_size')::int from pg_class"
            f" where oid = {literal(name)}::regclass and relkind in ('r', 'm')"
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


def whole_rows(piece: bytes) -> Any:
    """Whole rows of COPY's binary form; the trailer may be among them."""
    import numpy as np

    form = np.dtype(PLACED)
    if len(piece) % form.itemsize not in (0, TRAILER_BYTES):
        raise ValueError("the server sent rows of another form")
    return np.frombuffer(piece, form, count=len(piece) // form.itemsize)


def placed(rows: Any) -> pyarrow.Table:
    """Rows of the form `PLACED` as a table."""
    import numpy as np

    if not (rows["fields"] == 2).all():
        raise ValueError("the server sent rows of another form")
    places = (rows["block"].astype(np.int64) << 16) | rows["line"]
    return places_table(places, rows["h"].astype(np.int64))


def encoding_of(source: PostgresSource) -> str:
    """The character set in which a database keeps its texts."""
    return str(source.one("select getdatabaseencoding()"))


def hashes_alike(source: PostgresSource, target: PostgresSource) -> bool:
    """Do two servers give the same row the same `row_hash`?"""
    old = min(int(source.version), int(target.version)) < OLDEST_VERSION
    return not old and encoding_of(source) == encoding_of(target)
