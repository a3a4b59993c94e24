"""Lookups: the tables of replacements behind ``lookup('name', key)``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..databases.base import Value
from ..databases.catalogue import DataType

TEXT = DataType("text", "VARCHAR")


@dataclass(frozen=True, slots=True)
class LookupTable:
    """Keys and their values, both in the forms of `engine.databases.base`; a NULL key is never found.

    Keys are compared as text, so a lookup on numbers finds the number 1 by the text ``1`` too.
    """

    keys: list[Value]
    values: list[Value]
    key_type: DataType = TEXT
    value_type: DataType = TEXT
    more_keys: tuple[tuple[list[Value], DataType], ...] = ()
    """Of a column of a join: the other columns of its key, with their types."""
    on: tuple[str, ...] = ()
    """Of a column of a join: the expression that each column of its key is equal to. Only such a one is ``name.column``."""


def lookup_of_values(values: dict[Any, Any]) -> LookupTable:
    """A lookup written in the mapping file: values all true or false, all whole numbers, all numbers, or text."""
    found = {type(value) for value in values.values() if value is not None}
    keys = [as_text(key) for key in values]
    if found == {bool}:
        return LookupTable(keys, list(values.values()), value_type=DataType("boolean", "BOOLEAN"))
    if found == {int}:
        return LookupTable(keys, list(values.values()), value_type=DataType("integer", "BIGINT", bits=64))
    if found and found <= {int, float}:
        numbers = [None if value is None else float(value) for value in values.values()]
        return LookupTable(keys, numbers, value_type=DataType("float", "DOUBLE", bits=64))
    return LookupTable(keys, [None if value is None else as_text(value) for value in values.values()])


def as_text(value: Any) -> str:
    """A value as the mapping file writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
