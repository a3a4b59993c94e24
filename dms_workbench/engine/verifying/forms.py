"""How the two sides of a column are written so that both databases can hash them: the same text exactly for the same value.

Whoever finds equal hashes has found equal texts of every column; so a pair of types stands here only where equal texts are
values that `canonical` takes for equal. Where texts differ, nothing is lost but time: the rows are compared as any others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..databases.catalogue import Column, DataType
from ..databases.row_hashes import Way, Written
from . import mysql, sql

Form = str
FORMS: dict[tuple[str, str], Form] = {
    # (kind in the source, kind in the target): how PostgreSQL and MariaDB write both alike
    ("integer", "integer"): "number",
    ("integer", "decimal"): "number",
    ("decimal", "integer"): "number",
    ("decimal", "decimal"): "number",
    ("boolean", "boolean"): "truth",
    ("boolean", "integer"): "truth",
    ("integer", "boolean"): "truth",
    ("date", "date"): "plain",
    ("uuid", "uuid"): "plain",
    ("time", "time"): "clock",
    ("timestamp", "timestamp"): "clock",
    ("timestamptz", "timestamptz"): "clock",
    ("timestamptz", "timestamp"): "clock",
    ("text", "text"): "text",
    ("json", "json"): "long",
    ("bytes", "bytes"): "bytes",
}
PLAIN_KINDS = ("boolean", "integer", "float", "decimal", "date", "time", "timestamp", "timestamptz", "uuid")
LONG_TYPES = ("long", "medium", "json")
"""How types begin whose values may be larger than what a function of the server gives."""

Pair = tuple[Column, Column]
Texts = tuple[list[Written], list[Written]]


def written_alike(pairs: Sequence[Pair], products: tuple[str, str]) -> Texts | None:
    """The texts of both sides' columns; None where not all of them have one that is the same in both products.

    pairs: source and target column, of values that pass as they are; products: of source and target.
    """
    left: list[Written] = []
    right: list[Written] = []
    for source, target in pairs:
        found = alike(source, target, products)
        if found is None:
            return None
        left.append(found[0])
        right.append(found[1])
    return left, right


def alike(source: Column, target: Column, products: tuple[str, str]) -> tuple[Written, Written] | None:
    """The texts of one pair."""
    if products[0] == products[1]:
        write = WITHIN.get(products[0])
        same = source.type.native == target.type.native
        return (write(source), write(target)) if write is not None and same else None
    form = FORMS.get((source.type.kind, target.type.kind))
    if form is None or set(products) != set(ACROSS) or not fits(form, source.type, target.type):
        return None
    way: Way = "plain"
    if form in ("bytes", "long", "text"):
        long = form != "text" or is_long(source.type) or is_long(target.type)
        way = "digest" if long else "sized"
    first, second = (
        Written(ACROSS[product](column, form), way, own_name(column, product))
        for column, product in zip((source, target), products, strict=True)
    )
    return first, second


def fits(form: Form, source: DataType, target: DataType) -> bool:
    """Do both products write values of these types alike in this form?"""
    if form == "number":
        return decimals(source) == decimals(target) is not None
    if form == "long":
        return target.native != "jsonb"
    if form == "text":
        return all(type_.charset in mysql.SAFE_CHARSETS for type_ in (source, target))
    return not any(type_.kind == "integer" and decimals(type_) is None for type_ in (source, target))


def decimals(type_: DataType) -> int | None:
    """Digits after the point that every value of a type is written with; None where they vary."""
    if type_.kind == "integer":
        return None if type_.native.lower().startswith(("year", "bit")) else 0
    return type_.scale if type_.precision is not None and (type_.scale or 0) >= 0 else None


def is_long(type_: DataType) -> bool:
    """May a value be larger than MariaDB's functions give?"""
    return type_.native.lower().startswith(LONG_TYPES)


def own_name(column: Column, product: str) -> str:
    """A column's name, quoted."""
    return mysql.quoted(column.name) if product == "mysql" else sql.quoted(column.name)


def across_in_postgres(column: Column, form: Form) -> str:
    """A value as both products write it, by PostgreSQL."""
    name = sql.quoted(column.name)
    if form == "bytes":
        return name
    if form == "truth" and column.type.kind == "boolean":
        return f"{name}::int4::text"
    if form == "clock" and column.type.kind == "timestamptz":
        return f"({name} AT TIME ZONE 'UTC')::text"
    return f"{name}::text"


def across_in_mysql(column: Column, form: Form) -> str:
    """A value as both products write it, by MariaDB."""
    if form == "truth" and column.type.kind == "boolean":
        return f"CAST(ORD({mysql.quoted(column.name)}) AS CHAR)"
    return mysql.hashable(column)


def within_mysql(column: Column) -> Written:
    """A value between two servers of MariaDB or MySQL."""
    plain = column.type.kind in PLAIN_KINDS
    long = is_long(column.type) or column.type.kind == "other"
    way: Way = "plain" if plain else "digest" if long else "sized"
    return Written(mysql.hashable(column), way, mysql.quoted(column.name))


def within_duckdb(column: Column) -> Written:
    """A value between two DuckDB files."""
    return Written(sql.rendered_by_duckdb(column), "sized", sql.quoted(column.name))


ACROSS: dict[str, Callable[[Column, Form], str]] = {"postgres": across_in_postgres, "mysql": across_in_mysql}
WITHIN: dict[str, Callable[[Column], Written]] = {"mysql": within_mysql, "duckdb": within_duckdb}
