"""Rows with cells of many megabytes as values: cell by cell, so that no more than one is held twice."""

from __future__ import annotations

import binascii
from collections.abc import Iterator, Sequence

from ..base import Value
from ..catalogue import Column, Kind
from .text import render_column, resolve

LARGE_BYTES = 16_000_000
"""A cell, or the rows of a batch together, beyond this are handled one by one."""
SLICE_BYTES = 1_048_576
SIZED: frozenset[Kind] = frozenset(("text", "bytes", "json", "other"))
"""Kinds whose values may be so large."""


def compact(expression: str) -> str:
    r"""A bytea for COPY's text form: a large one as base64, which takes two thirds of the room; it does not begin with ``\x``."""
    name = expression.removeprefix("dms_row.")
    return (
        f"CASE WHEN pg_catalog.octet_length({expression}) > {LARGE_BYTES} "
        f"THEN pg_catalog.translate(pg_catalog.encode({expression}, 'base64'), E'\\n', '') ELSE {expression}::text END AS {name}"
    )


def split_large(lines: list[bytes], kinds: Sequence[Kind]) -> list[list[Value]]:
    """As `text.split_lines`, but columns of bytes are values already. The lines are used up."""
    columns: list[list[Value]] = [[] for _ in kinds]
    lines.reverse()
    while lines:
        fields = lines.pop().split(b"\t")
        fields[-1] = fields[-1].removesuffix(b"\n")
        fields.reverse()
        for column, kind in zip(columns, kinds, strict=True):
            column.append(value_of(fields.pop(), kind))
    return columns


def value_of(field: bytes, kind: Kind) -> Value:
    """One field: bytes as a value, else its text."""
    if kind == "bytes" and field != rb"\N":
        return binascii.unhexlify(memoryview(field)[3:]) if field.startswith(rb"\\x") else binascii.a2b_base64(field)
    return resolve([field.decode("utf-8")])[0]


def is_large(columns: Sequence[Column], values: Sequence[Sequence[Value]]) -> bool:
    """Is any cell large?"""
    return any(
        max(map(len, filter(None, column)), default=0) > LARGE_BYTES
        for of, column in zip(columns, values, strict=True)
        if of.type.kind in SIZED
    )


def large_lines(columns: Sequence[Column], values: Sequence[Sequence[Value]]) -> Iterator[bytes]:
    """Rows as COPY text, a piece a field or a part of it."""
    kinds = [column.type.kind for column in columns]
    for row in zip(*values, strict=True):
        for place, (kind, value) in enumerate(zip(kinds, row, strict=True)):
            if place:
                yield b"\t"
            if isinstance(value, bytes) and len(value) > SLICE_BYTES:
                yield rb"\\x"
                view = memoryview(value)
                yield from (binascii.hexlify(view[at : at + SLICE_BYTES]) for at in range(0, len(view), SLICE_BYTES))
            else:
                yield render_column([value], kind)[0].encode("utf-8")
        yield b"\n"
