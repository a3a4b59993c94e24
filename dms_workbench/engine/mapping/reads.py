"""The columns that an expression names, found without a schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..expressions.errors import InvalidExpression
from ..expressions.syntax import parse_expression

if TYPE_CHECKING:
    from sqlglot.expressions import Expression


def columns_named(tree: Expression) -> list[str]:
    """The columns an expression names, each once, from the left; those of a join with its name."""
    from sqlglot.expressions import Column

    found = [".".join(part.name for part in node.parts) for node in tree.walk(bfs=False) if isinstance(node, Column)]
    return list(dict.fromkeys(found))


def names_read(expression: str | None) -> list[str]:
    """The columns that an expression names; none if it is wrong, which is a problem of its own."""
    if expression is None:
        return []
    try:
        return columns_named(parse_expression(expression))
    except InvalidExpression:
        return []
