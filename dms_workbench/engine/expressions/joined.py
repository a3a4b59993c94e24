"""Columns of joined tables, written ``name.column``: each is a lookup on the join's key, and NULL where no row is found."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from .columns import nearest
from .errors import wrong
from .parts import Part, first_of
from .syntax import offset_of, parse_expression

if TYPE_CHECKING:
    from sqlglot.expressions import Expression

    from .scope import Scope

DEEPEST = 3
ALONE = "a name with a dot is not in the language: write the column's name alone"


def joined_column(scope: Scope, node: Expression) -> Part:
    """Compile ``name.column``. Raises InvalidExpression for a name of no join."""
    name = joined_name(node, [name for name, table in scope.lookups.items() if table.on])
    keys = [key_part(scope, node, text) for text in scope.lookups[name].on]
    key = combined([f"CAST({key.sql} AS VARCHAR)" for key in keys])
    alias = scope.join(name, f"{scope.guarded(key)}[1]")
    sql = f"(CASE WHEN {key} IS NULL THEN NULL ELSE {alias}.dms_value END)"
    return Part(sql, first_of(key.fault for key in keys), first_of(key.cause for key in keys), 1_000)


def key_part(scope: Scope, node: Expression, text: str) -> Part:
    """What one column of the joined table's key must be equal to."""
    if scope.open_lookups >= DEEPEST:
        raise wrong(f"joins that read other joins go no more than {DEEPEST} deep", offset_of(node))
    scope.open_lookups += 1
    part = scope.part(parse_expression(text))
    scope.open_lookups -= 1
    return part


def combined(texts: Sequence[str]) -> str:
    """SQL of one text for the texts of a key, another one for other keys; NULL if one of them is NULL."""
    if len(texts) == 1:
        return texts[0]
    return "(" + " || ".join(f"CAST(length({text}) AS VARCHAR) || ':' || {text}" for text in texts) + ")"


def joined_name(node: Expression, known: Collection[str]) -> str:
    """The full name of a joined column, as `known` spells it; case counts only where it must."""
    column, table = node.this, node.args.get("table")
    if not known or table is None or node.args.get("db") is not None or type(column).__name__ != "Identifier":
        raise wrong(ALONE, offset_of(node))
    name = f"{table.this}.{column.this}"
    found = [name] if name in known else [each for each in known if each.casefold() == name.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        raise wrong(f"{name!r} may be any of {', '.join(map(repr, found))}: write it exactly", offset_of(node))
    raise wrong(f"no join has {name!r}{nearest(name, list(known))}", offset_of(node))


def joined_columns(text: str, known: Collection[str]) -> list[str]:
    """The columns of joins that an expression reads, of those that are known. Raises InvalidExpression."""
    from sqlglot.expressions import Column

    columns = parse_expression(text).find_all(Column)
    return [joined_name(node, known) for node in columns if node.args.get("table") is not None]
