"""Casts, intervals and time zones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .errors import wrong
from .parts import Part, eager, quoted
from .scope import Scope, only, text_literal
from .syntax import offset_of

if TYPE_CHECKING:
    from sqlglot.expressions import Expression


CASTS = {
    "BOOLEAN": "BOOLEAN",
    "TINYINT": "TINYINT",
    "SMALLINT": "SMALLINT",
    "INT": "INTEGER",
    "BIGINT": "BIGINT",
    "INT128": "HUGEINT",
    "UTINYINT": "UTINYINT",
    "USMALLINT": "USMALLINT",
    "UINT": "UINTEGER",
    "UBIGINT": "UBIGINT",
    "FLOAT": "FLOAT",
    "DOUBLE": "DOUBLE",
    "TEXT": "VARCHAR",
    "VARCHAR": "VARCHAR",
    "DATE": "DATE",
    "TIME": "TIME",
    "TIMESTAMP": "TIMESTAMP",
    "TIMESTAMPNTZ": "TIMESTAMP",
    "TIMESTAMPTZ": "TIMESTAMPTZ",
    "INTERVAL": "INTERVAL",
    "UUID": "UUID",
    "VARBINARY": "BLOB",
    "BLOB": "BLOB",
}
"""The types a cast may name: sqlglot's name to DuckDB's."""


def cast_type(node: Expression) -> str:
    """The DuckDB type a cast names."""
    name = getattr(node.this, "name", "")
    if name == "DECIMAL":
        digits = [str(parameter.this.this) for parameter in node.expressions]
        if not 1 <= len(digits) <= 2 or not all(d.isascii() and d.isdigit() and len(d) < 3 for d in digits):
            raise wrong("DECIMAL wants one or two numbers: DECIMAL(12,2)", offset_of(node))
        return f"DECIMAL({','.join(digits)})"
    if name not in CASTS or node.expressions:
        known = ", ".join(sorted({*CASTS.values(), "DECIMAL(p,s)"}))
        raise wrong(f"a cast goes to one of {known}", offset_of(node))
    return CASTS[name]


def cast(scope: Scope, node: Expression) -> Part:
    """CAST and ``::``."""
    only(node, "this", "to")
    inner, type_ = scope.part(node.this), cast_type(node.args["to"])
    part = eager(f"CAST({inner.sql} AS {type_})", (inner,), max(inner.characters, 64))
    return scope.failing(part, f"the value cannot be read as {type_}")


def try_cast(scope: Scope, node: Expression) -> Part:
    """TRY_CAST: NULL where the value does not fit."""
    only(node, "this", "to", "safe")
    inner = scope.part(node.this)
    return eager(f"TRY_CAST({inner.sql} AS {cast_type(node.args['to'])})", (inner,), max(inner.characters, 64))


def interval(_: Scope, node: Expression) -> Part:
    """INTERVAL '3' DAY, with the number written out."""
    only(node, "this", "unit")
    unit = str(getattr(node.args.get("unit"), "this", "")).upper()
    number = str(getattr(node.args.get("this"), "this", ""))
    if not re.fullmatch(r"(YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?", unit) or not re.fullmatch(
        r"-?\d{1,9}", number, re.ASCII
    ):
        raise wrong("an interval is written INTERVAL '3' DAY; to_days(n) takes a value", offset_of(node))
    return Part(f"INTERVAL '{number}' {unit}")


def zone(scope: Scope, node: Expression) -> Part:
    """AT TIME ZONE 'Europe/Berlin'."""
    only(node, "this", "zone")
    name = text_literal(node.args["zone"], "the time zone")
    inner = scope.part(node.this)
    part = eager(f"({inner.sql} AT TIME ZONE {quoted(name)})", (inner,))
    return scope.failing(part, "the timestamp cannot be brought to that time zone")
