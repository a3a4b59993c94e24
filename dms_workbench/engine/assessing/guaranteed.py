"""Is it sure from the types alone that every value arrives?"""

from __future__ import annotations

from ..converting import Pair
from ..databases.catalogue import Column, DataType
from ..schema.diff_grade import narrower

PLAIN_KINDS = frozenset(("boolean", "integer", "float", "decimal", "date", "time", "timestamp", "timestamptz", "uuid"))


def is_guaranteed(source: DataType, target: Column, pair: Pair, *, nullable: bool) -> bool:
    """Does the source's type keep all values inside the target's? nullable: may the source column hold NULL?"""
    if nullable and not target.nullable:
        return False
    if pair.source == pair.target and source.native == target.type.native:
        return True
    if pair.dynamic or source.kind != target.type.kind or target.type.labels is not None:
        return False
    if source.kind == "text":
        return target.type.length is None and pair.holds_nul and not pair.checks_text
    if source.kind not in PLAIN_KINDS or pair.checks_calendar:
        return False
    if source.kind == "decimal" and not pair.decimals_hold_nan and pair.source == "postgres":
        return False
    if source.kind == "float" and not pair.holds_nan:
        return False
    return not narrower(target.type, source)
