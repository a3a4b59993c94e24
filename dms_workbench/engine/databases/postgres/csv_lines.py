"""Rows of PostgreSQL as CSV whose fields are the text of their values, for targets that read them into typed columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial

from ..base import LineQuery, Position
from ..canonical_csv import passes
from .rendering import Rendering, as_text, begins_with

CSV_OPTION = " (FORMAT csv)"


def rendering_of(asked: LineQuery, keys: Sequence[str]) -> Rendering | None:
    """How rows pass; None if columns are not what conversion would make of them. keys: the position's columns."""
    if asked.where or not begins_with(asked.columns, keys):
        return None
    sources = [
        column.source
        for column in asked.columns
        if column.source is not None and not column.sql and passes(column.source.type, column.target.type)
    ]
    if len(sources) < len(asked.columns):
        return None
    return Rendering(tuple(map(as_text, sources)), False, partial(csv_position, fields=len(keys)))


def csv_position(row: bytes, fields: int) -> Position:
    """The place of a row, from its first bytes. fields: how many of its first ones make it."""
    return json.dumps(leading_fields(row, fields)) if fields else ""


def leading_fields(row: bytes, count: int) -> list[str]:
    """The first fields of a row, none of them NULL; the others may be of any length."""
    fields, at = [], 0
    for _ in range(count):
        if row[at : at + 1] != b'"':
            end = min(found for found in (row.find(b",", at), row.find(b"\n", at), len(row)) if found >= 0)
            fields.append(row[at:end].decode())
        else:
            end = closing_quote(row, at + 1)
            fields.append(row[at + 1 : end].replace(b'""', b'"').decode())
            end += 1
        at = end + 1
    return fields


def closing_quote(row: bytes, at: int) -> int:
    """Where the quote stands that ends a field; a doubled one does not."""
    while True:
        at = row.index(b'"', at)
        if row[at + 1 : at + 2] != b'"':
            return at
        at += 2
