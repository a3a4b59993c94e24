"""How far a read is: the order of a table, and the condition for the rows behind or up to a position.

A position holds what the order compares: the bytes of a text in its own character set, the number behind an ENUM.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..base import Position, Value
from ..catalogue import Column
from ..positions import decode
from .forms import GEOMETRY, INTEGERS, TEXT, UTF8, Stored, widened

NUMBERED = frozenset(("enum", "set", "bit", "year"))


@dataclass(frozen=True, slots=True)
class OrderedBy:
    """One column of an order. name: quoted."""

    name: str
    column: Column
    stored: Stored

    @property
    def term(self) -> str:
        """What is compared and sorted by."""
        return f"({self.name} + 0)" if self.stored.data_type in NUMBERED else self.name

    @property
    def extra(self) -> str | None:
        """What must be read besides the column's value to know its place; None if the value tells."""
        if self.stored.data_type in NUMBERED:
            return f"({self.name} + 0)"
        own = self.stored.data_type in TEXT and (self.stored.charset or "utf8mb4") not in UTF8
        return f"HEX({self.name})" if own else None

    def place(self, value: Value) -> Value:
        """The exact place of a value that was read (not of an `extra`)."""
        if isinstance(value, float) and self.stored.data_type == "float":
            return widened(value)
        return value

    def literal(self, value: Value) -> str:
        """A place in SQL."""
        type_ = self.stored.data_type
        if type_ in NUMBERED:
            return str(int(value))
        if isinstance(value, bool | int) or type_ in INTEGERS or type_ == "decimal":
            return str(int(value) if isinstance(value, bool) else value)
        if isinstance(value, float):
            return f"{value!r}e0" if "e" not in repr(value) else repr(value)
        if isinstance(value, bytes):
            return f"X'{value.hex()}'" if value else "''"
        if type_ in TEXT:
            raw = value if self.extra else value.encode("utf-8", "surrogateescape").hex()
            return f"(_{self.stored.charset or 'utf8mb4'} X'{raw}' COLLATE {self.stored.collation})"
        return "'" + str(value).removesuffix("+00").replace("'", "''") + "'"


def can_order(column: Column, stored: Stored) -> bool:
    """Is there an order in which rows can be found again?"""
    return stored.data_type not in GEOMETRY and column.type.kind != "json"


def condition(order: Sequence[OrderedBy], operator: str, position: Position) -> str:
    """``order operator position``, written so that the server can use the index."""
    literals = [by.literal(value) for by, value in zip(order, decode(position), strict=True)]
    strict = operator[0]
    if len(order) == 1:
        return f"{order[0].term} {operator} {literals[0]}"
    parts = []
    for at, (by, literal) in enumerate(zip(order, literals, strict=True)):
        last = at == len(order) - 1
        before = [f"{order[n].term} = {literals[n]}" for n in range(at)]
        parts.append(" AND ".join([*before, f"{by.term} {operator if last else strict} {literal}"]))
    return f"({order[0].term} {strict}= {literals[0]} AND ({' OR '.join(f'({part})' for part in parts)}))"
