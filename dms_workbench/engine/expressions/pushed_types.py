"""DuckDB's types as far as parts of them are pushed down: which are alike, which can be compared, how they become text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .pushing import NotPushable, Pushing

if TYPE_CHECKING:
    from sqlglot.expressions import Expression

INTEGERS = frozenset(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "INTEGER_LITERAL"))
DIGITS = {"TINYINT": 3, "SMALLINT": 5, "INTEGER": 10, "BIGINT": 19, "INTEGER_LITERAL": 10}
ALIKE = frozenset(("VARCHAR", "BOOLEAN", "DATE", "TIMESTAMP"))
MOST_DIGITS = 38
FIRST_DAY = "date '0001-01-01'"
LAST_DAY = "date '9999-12-31'"
NULL = "NULL"


def decimal_of(type: str) -> tuple[int, int] | None:
    """Precision and scale of a number that is exact; of whole numbers those of their decimal; None for any other type."""
    if type in INTEGERS:
        return DIGITS[type], 0
    found = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", type)
    return (int(found[1]), int(found[2])) if found else None


def family(type: str) -> str:
    """What types can be mixed without a change of values; "" for those that are not pushed down."""
    if type in INTEGERS:
        return "whole"
    if decimal_of(type):
        return "decimal"
    return type if type in ALIKE else ""


def same_family(pushing: Pushing, nodes: Sequence[Expression]) -> None:
    """Raise NotPushable unless all are of one family, or NULL; whole numbers may stand among decimals."""
    families = {family(kind) for kind in map(pushing.type, nodes) if kind != NULL}
    if "" in families or (len(families) > 1 and families != {"whole", "decimal"}):
        raise NotPushable("different types")


def comparable(pushing: Pushing, nodes: Sequence[Expression]) -> None:
    """Raise NotPushable unless the values compare alike on both sides."""
    if any(pushing.type(node) == NULL for node in nodes):
        raise NotPushable("NULL without a type")
    same_family(pushing, nodes)
    found = [decimal_of(pushing.type(node)) for node in nodes]
    digits = [each for each in found if each]
    if digits and max(p - s for p, s in digits) + max(s for _, s in digits) > MOST_DIGITS:
        raise NotPushable("decimals that DuckDB cannot compare")


def as_decimal(sql: str, type: str) -> str:
    """A number with the digits after the point that its type says."""
    if type in INTEGERS:
        return sql
    precision, scale = decimal_of(type) or (0, 0)
    return f"({sql})::numeric({precision},{scale})"


def as_text(pushing: Pushing, node: Expression) -> str:
    """A value as both databases write it."""
    kind, sql = pushing.type(node), pushing.sql(node)
    if kind == "VARCHAR":
        return sql
    if kind == NULL:
        return 'NULL::text COLLATE "C"'
    if decimal_of(kind) or kind in ("BOOLEAN", "DATE"):
        return f'({as_decimal(sql, kind) if decimal_of(kind) else sql})::text COLLATE "C"'
    raise NotPushable(f"{kind} as text")
