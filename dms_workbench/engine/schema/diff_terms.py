"""When two facts of two catalogues mean the same, within one product and across two."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from ..databases.base import Database
from ..databases.catalogue import Catalogue, Column, DataType, TableName
from .types import target_type

DIALECTS = {"postgres": "postgres", "mysql": "mysql", "sqlite": "sqlite", "duckdb": "duckdb", "files": "duckdb"}
"""sqlglot's names of the products' languages."""
NOW = re.compile(r"\b(?:now|current_timestamp|localtimestamp)\b\s*(?:\(\s*\d*\s*\))?", re.IGNORECASE)
CAST_OF_LITERAL = re.compile(
    r"('(?:[^']|'')*'|\b-?\d+(?:\.\d+)?|\bnull)::[\w \"]+(?:\(\d+(?:,\s*\d+)?\))?(?:\[\])?", re.I
)
TYPE_FACTS = ("kind", "bits", "unsigned", "precision", "scale", "length", "fixed", "labels", "several")


@dataclass(frozen=True)
class Side:
    """A catalogue with its product."""

    catalogue: Catalogue
    database: Database

    @property
    def product(self) -> str:
        """The folder of the product."""
        return self.database.can.database

    def schema_of(self, name: TableName) -> str | None:
        """The schema that tells a name apart from others; None for the one that is meant by default."""
        return None if name.schema in (None, self.catalogue.schema) else name.schema

    def named(self, name: TableName) -> str:
        """A name as people read it."""
        schema = self.schema_of(name)
        return f"{schema}.{name.name}" if schema else name.name


@dataclass(frozen=True)
class Terms:
    """The terms in which two sides are compared."""

    first: Side
    second: Side

    @cached_property
    def same(self) -> bool:
        """Is it one product on both sides?"""
        return self.first.product == self.second.product

    @cached_property
    def folds_tables(self) -> bool:
        """Are table names that differ by capitals one name?"""
        return self.first.database.can.folds_table_names or self.second.database.can.folds_table_names

    @cached_property
    def folds_columns(self) -> bool:
        """Are column names that differ by capitals one name?"""
        return self.first.database.can.folds_column_names or self.second.database.can.folds_column_names

    def table_key(self, side: Side, name: TableName) -> tuple[str | None, str]:
        """What a table (or any object of a schema) is found by."""
        schema = side.schema_of(name)
        return (schema, name.name.casefold()) if self.folds_tables else (schema, name.name)

    def column_key(self, name: str) -> str:
        """What a column is found by."""
        return name.casefold() if self.folds_columns else name

    def columns_key(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Several columns."""
        return tuple(map(self.column_key, names))

    def same_type(self, one: DataType, other: DataType) -> bool:
        """Are two types one, in the terms of both products or of the one that knows fewer types?"""
        if self.same:
            return native(one) == native(other) and one.labels == other.labels
        there = target_type(self.first.product, self.second.product, one).type
        if facts(there) == facts(other):
            return True
        back = target_type(self.second.product, self.first.product, other).type
        return facts(back) == facts(one)

    def same_expression(self, one: str | None, other: str | None) -> bool:
        """Do two expressions (defaults, checks, predicates) mean the same, as far as that is told from their form?"""
        if one is None or other is None or (self.same and one == other):
            return one == other
        plain = [squeezed(text) for text in (one, other)]
        if plain[0] == plain[1]:
            return True
        return normal_form(one, self.first.product) == normal_form(other, self.second.product)

    def in_second(self, type: DataType) -> DataType:
        """A type of the first side as the second one has it."""
        return target_type(self.first.product, self.second.product, type).type


def native(type: DataType) -> str:
    """The native spelling without accidents of capitals and blanks."""
    return re.sub(r"\s*([(),])\s*", r"\1", " ".join(type.native.split())).casefold()


def facts(type: DataType) -> tuple[Any, ...]:
    """What the common terms say of a type."""
    if type.kind == "text" and type.labels is None:
        return (type.kind, type.length, type.fixed)
    if type.kind in ("time", "timestamp", "timestamptz"):
        return (type.kind, 6 if type.scale is None else type.scale)
    return tuple(getattr(type, name) for name in TYPE_FACTS)


def squeezed(text: str) -> str:
    """An expression without casts of literals, outer brackets and accidents of blanks; capitals only inside quotes."""
    text = CAST_OF_LITERAL.sub(r"\1", text.strip())
    while text.startswith("(") and closes_at_end(text):
        text = text[1:-1].strip()
    parts = re.split(r"('(?:[^']|'')*')", NOW.sub("now()", text))
    plain = [part if part.startswith("'") else re.sub(r"[\s\"`]+", "", part).casefold() for part in parts]
    joined = "".join(plain)
    return {"true": "1", "false": "0", "null": ""}.get(joined, joined)


def closes_at_end(text: str) -> bool:
    """Does the bracket that opens a text close at its very end?"""
    depth, quote = 0, False
    for place, letter in enumerate(text):
        quote ^= letter == "'"
        depth += 0 if quote else (letter == "(") - (letter == ")")
        if depth == 0 and not quote:
            return place == len(text) - 1
    return False


@cache
def normal_form(text: str, product: str) -> str:
    """An expression in one spelling; the squeezed text where it cannot be parsed."""
    import sqlglot
    from sqlglot import exp

    try:
        tree = sqlglot.parse_one(text, dialect=DIALECTS[product])
    except (sqlglot.errors.SqlglotError, RecursionError):
        return squeezed(text)

    def plain(node: Any) -> Any:
        if isinstance(node, exp.Paren | exp.Cast | exp.TryCast):
            return node.this
        if isinstance(node, exp.Boolean):
            return exp.Literal.number(1 if node.this else 0)
        if isinstance(node, exp.Identifier):
            return exp.to_identifier(str(node.this).casefold(), quoted=True)
        return node

    for _ in range(3):
        tree = tree.transform(plain)
    return str(
        tree.sql(
            dialect="duckdb", unsupported_level=sqlglot.ErrorLevel.IGNORE, normalize_functions="lower", comments=False
        )
    ).replace("<>", "!=")


def default_of(column: Column) -> str | None:
    """A column's own default: what its sequence or identity gives is none."""
    return None if column.identity is not None or column.sequence is not None else column.default


LITERAL = re.compile(r"-?\d+(?:\.\d+)?|'(?:[^']|'')*'|true|false|null|current_timestamp|current_date", re.IGNORECASE)


def plain_default(default: str | None) -> str | None:
    """A default that every product reads alike: a literal, or the moment; None where it is none."""
    if default is None:
        return None
    text = CAST_OF_LITERAL.sub(r"\1", default.strip())
    while text.startswith("(") and closes_at_end(text):
        text = text[1:-1].strip()
    text = "CURRENT_TIMESTAMP" if NOW.fullmatch(text) else text
    return text if LITERAL.fullmatch(text) else None
