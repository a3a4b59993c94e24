"""How far a read is: the order of a table, and the condition for the rows behind or up to a position."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..base import Position, Value
from ..catalogue import Table
from ..positions import decode
from .capabilities import quote

Query = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]

ROWID_NAMES = ("rowid", "_rowid_", "oid")
KEY_COLLATIONS = """SELECT l.seq, i.name, i.coll
    FROM pragma_index_list(?, 'main') AS l, pragma_index_xinfo(l.name, 'main') AS i
    WHERE l."unique" AND l.origin IN ('pk', 'u') AND i.key ORDER BY l.seq, i.seqno"""


@dataclass(frozen=True, slots=True)
class Order:
    """The terms a table is ordered by. ``columns`` is empty when they are the rowid: good under one snapshot only."""

    terms: tuple[str, ...]
    columns: tuple[str, ...]

    def condition(self, operator: str, position: Position) -> tuple[str, list[Any]]:
        """``terms operator position``, and the values to bind."""
        values = [bound(value) for value in decode(position)]
        marks = ", ".join(mark for mark, _ in values)
        return f"({', '.join(self.terms)}) {operator} ({marks})", [value for _, value in values]


def order_of(table: Table, query: Query) -> Order:
    """By the table's row key, in the collations in which it is unique; without one by the rowid, if it has a name."""
    key = table.row_key()
    if key:
        collations = key_collations(table, key, query)
        terms = tuple(
            f"t.{quote(name)}" + (f" COLLATE {quote(collations[name])}" if name in collations else "") for name in key
        )
        return Order(terms, key)
    taken = {column.name.lower() for column in table.columns}
    free = next((name for name in ROWID_NAMES if name not in taken), None)
    return Order((f"t.{free}",) if free else (), ())


def key_collations(table: Table, key: tuple[str, ...], query: Query) -> dict[str, str]:
    """Column -> collation of the unique index behind a key; none for an INTEGER PRIMARY KEY."""
    indexes: dict[int, dict[str, str]] = {}
    for sequence, name, collation in query(KEY_COLLATIONS, (table.name.name,)):
        indexes.setdefault(sequence, {})[name] = collation
    return next((names for names in indexes.values() if set(names) == set(key)), {})


def bound(value: Value) -> tuple[str, Value]:
    """How a key value is written in SQL, and what is bound; the plus sign takes the cast's affinity away."""
    if isinstance(value, str) and not encodes(value):
        return "+CAST(? AS TEXT)", value.encode("utf-8", "surrogateescape")
    return "?", value


def encodes(text: str) -> bool:
    """Is it text that UTF-8 can hold?"""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
