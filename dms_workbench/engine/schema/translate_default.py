"""Defaults of one product's columns as another product has them: only those that mean the same there."""

from __future__ import annotations

from typing import Any

from ..databases.capabilities import PRODUCT_NAMES
from ..databases.catalogue import Column
from .translate import NotTranslatable, Pair, parsed, rendered

MOMENTS = frozenset(("date", "time", "timestamp", "timestamptz"))
NUMBERS = frozenset(("integer", "decimal", "float"))
BYTES = {"postgres": "'\\x{0}'::bytea", "duckdb": "from_hex('{0}')"}
"""How bytes are written where it is not ``x'00'``."""


def translated_default(default: str, source: Column, target: Column, pair: Pair) -> str:
    """The default of a source column for a target column. Raises NotTranslatable."""
    from sqlglot import exp

    tree = plain(parsed(default, pair))
    kind = target.type.kind
    if isinstance(tree, exp.Null):
        return "NULL"
    if isinstance(tree, exp.Column) and pair.source == "sqlite" and tree.this.quoted:
        tree = exp.Literal.string(tree.name)
    if isinstance(tree, exp.Boolean):
        return truth(bool(tree.this), kind, pair)
    if isinstance(tree, exp.Literal | exp.Neg) and (number := number_of(tree)) is not None:
        return number_for(number, kind, pair)
    if isinstance(tree, exp.Literal):
        return text_for(tree, kind, pair)
    if isinstance(tree, exp.BitString) and target.type.native.lower().startswith("bit"):
        return f"b'{tree.this}'"
    if isinstance(tree, exp.HexString | exp.BitString):
        return bits_for(tree, kind, pair)
    return call_for(tree, source, target, pair)


def plain(tree: Any) -> Any:
    """Without brackets, and without casts around literals."""
    from sqlglot import exp

    while isinstance(tree, exp.Paren) or (
        isinstance(tree, exp.Cast) and isinstance(tree.this, exp.Literal | exp.Neg | exp.Paren | exp.Null)
    ):
        tree = tree.this
    return tree


def number_of(tree: Any) -> str | None:
    """A number with its sign as text; None if it is none."""
    from sqlglot import exp

    sign = ""
    while isinstance(tree, exp.Neg | exp.Paren):
        sign = ("" if sign else "-") if isinstance(tree, exp.Neg) else sign
        tree = tree.this
    return sign + str(tree.this) if isinstance(tree, exp.Literal) and not tree.is_string else None


def truth(value: bool, kind: str, pair: Pair) -> str:
    """A truth value."""
    if kind == "boolean":
        return "0" if pair.target == "sqlite" and not value else "1" if pair.target == "sqlite" else str(value).upper()
    if kind in NUMBERS:
        return str(int(value))
    raise NotTranslatable("it is a truth value, and the column is none")


def number_for(number: str, kind: str, pair: Pair) -> str:
    """A number."""
    if kind in NUMBERS:
        return number
    if kind == "boolean" and number in ("0", "1"):
        return truth(number == "1", kind, pair)
    if kind == "text":
        return f"'{number}'"
    raise NotTranslatable("it is a number, and the column holds none")


def text_for(literal: Any, kind: str, pair: Pair) -> str:
    """A text literal, as what the column holds."""
    value = str(literal.this)
    if kind in NUMBERS:
        try:
            float(value)
        except ValueError:
            raise NotTranslatable("it is a text, and the column holds numbers") from None
        return value.strip()
    if kind == "boolean":
        if value.lower() in ("t", "true", "1", "f", "false", "0"):
            return truth(value.lower() in ("t", "true", "1"), kind, pair)
        raise NotTranslatable("it is a text, and the column holds truth values")
    if kind == "bytes":
        raise NotTranslatable("it is a text, and the column holds bytes")
    return rendered(literal, pair)


def bits_for(tree: Any, kind: str, pair: Pair) -> str:
    """Bytes or bits, where the column holds bytes or numbers."""
    from sqlglot import exp

    if kind == "bytes" and isinstance(tree, exp.HexString):
        return BYTES.get(pair.target, "x'{0}'").format(tree.this)
    if kind in (*NUMBERS, "boolean") and isinstance(tree, exp.BitString):
        return number_for(str(int(str(tree.this), 2)), kind, pair)
    raise NotTranslatable("bytes and bits are written otherwise there")


def call_for(tree: Any, source: Column, target: Column, pair: Pair) -> str:
    """The moment of the insert, a random UUID, or a calculation with literals alone."""
    from sqlglot import exp

    moments = (exp.CurrentTimestamp, exp.Localtimestamp, exp.CurrentDate, exp.CurrentTime)
    if isinstance(tree, moments) or str(tree).lower() in ("now()", "now", "transaction_timestamp()"):
        as_text = pair.target == "sqlite" and source.type.kind in (*MOMENTS, "text")
        if not as_text and (target.type.kind not in MOMENTS or source.type.kind == "text"):
            raise NotTranslatable("it is the moment of the insert, and the column is of another kind")
        word = "CURRENT_DATE" if isinstance(tree, exp.CurrentDate) else "CURRENT_TIMESTAMP"
        digits = target.type.scale if pair.target == "mysql" and word == "CURRENT_TIMESTAMP" else None
        return f"{word}({digits})" if digits else word
    if isinstance(tree, exp.Uuid) and pair.target != "sqlite":
        return rendered(tree, pair)
    allowed = (exp.Add, exp.Sub, exp.Mul, exp.Paren, exp.Neg, exp.Abs, exp.Literal)
    if target.type.kind in NUMBERS and all(isinstance(node, allowed) for node in tree.walk()):
        return rendered(tree, pair)
    raise NotTranslatable(f"it is an expression of {PRODUCT_NAMES.get(pair.source, pair.source)}")
