"""What a column is made of, in words for people who read no SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...expressions.errors import InvalidExpression
from ...expressions.syntax import parse_expression
from ..reads import columns_named

if TYPE_CHECKING:
    from sqlglot.expressions import Expression

    from ..model import ColumnMap

LISTED = 6
SIGNS = {"DPipe": "joined texts", "Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "Mod": "remainder"}


def in_words(column: ColumnMap) -> str:
    """``as it is``, ``always 'legacy'``, ``from cust_name by split_part``; nothing for what is made of nothing."""
    if column.source is not None:
        return "as it is"
    if column.expression is None:
        return ""
    try:
        tree = parse_expression(column.expression)
    except InvalidExpression:
        return "cannot be read"
    names = columns_named(tree)
    if not names:
        return f"always {column.expression}" if len(column.expression) < 40 else "always the same"
    return "; ".join(part for part in (origin(names, tree), *conditions(tree), *looked_up(tree)) if part)


def in_order(tree: Expression) -> list[Any]:
    """Every node as it is read, from the left."""
    return list(tree.walk(bfs=False))


def origin(names: list[str], tree: Expression) -> str:
    """Columns, and what is done to them."""
    done = list(dict.fromkeys(word for node in in_order(tree) if (word := deed(node))))
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return f"from {', '.join(names[:LISTED])}{more}{' by ' + ', '.join(done[:LISTED]) if done else ''}"


def deed(node: Expression) -> str:
    """What one node does, if it says anything to a reader."""
    from sqlglot import expressions

    if isinstance(node, expressions.Anonymous):
        name = str(node.this).casefold()
        return "" if name in {"lookup", "error", "if"} else name
    if isinstance(node, expressions.Cast):
        return f"conversion to {str(node.args['to']).lower()}"
    if isinstance(node, expressions.Func) and not isinstance(
        node, expressions.Case | expressions.If | expressions.Connector
    ):
        return node.sql_name().casefold()
    return SIGNS.get(type(node).__name__, "")


def conditions(tree: Expression) -> list[str]:
    """Whether it depends on conditions, and whether some rows are refused."""
    from sqlglot import expressions

    calls = {str(node.this).casefold() for node in in_order(tree) if isinstance(node, expressions.Anonymous)}
    parts = ["by cases"] if tree.find(expressions.Case) or "if" in calls else []
    return [*parts, "other rows are set aside"] if "error" in calls else parts


def looked_up(tree: Expression) -> list[str]:
    """The lookups, by name."""
    from sqlglot import expressions

    names = [
        node.expressions[0].name
        for node in in_order(tree)
        if isinstance(node, expressions.Anonymous) and str(node.this).casefold() == "lookup" and node.expressions
    ]
    return [f"looked up in {name}" for name in dict.fromkeys(names)]
