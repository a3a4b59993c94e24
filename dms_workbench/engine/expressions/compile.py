"""From a tree to DuckDB SQL: every kind of node has a function; a node without one is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .calls import call
from .casts import cast, interval, try_cast, zone
from .columns import Columns
from .errors import wrong
from .joined import joined_column
from .lookups import LookupTable
from .operators import (
    between,
    binary,
    case,
    division,
    escaped,
    is_,
    like,
    logic,
    member,
    minus,
    negation,
    paren,
    regular,
)
from .parts import COLUMN_TEXT, Part, quoted
from .scope import Compiler, Scope, only, refusal
from .syntax import offset_of, parse_expression

if TYPE_CHECKING:
    from sqlglot.expressions import Expression

MOST_NODES = 3_000
LONGEST_LITERAL = 4_000


def new_scope(columns: Columns, lookups: Mapping[str, LookupTable], guard: str) -> Scope:
    """The scope of one table map. guard: SQL that is true on every row, which the database cannot know beforehand."""
    return Scope(columns, lookups, NODES, guard=guard)


def compile_expression(scope: Scope, text: str, target: str | None) -> Part:
    """Parse and compile one expression; target: the column it makes, None for the filter."""
    tree = parse_expression(text)
    if sum(1 for _ in tree.walk()) > MOST_NODES:
        raise wrong(f"the expression has more than {MOST_NODES:,} parts")
    scope.faults.target = target
    try:
        return scope.part(tree)
    except RecursionError:
        raise wrong("the expression is nested too deeply") from None


def literal(_: Scope, node: Expression) -> Part:
    """A text or number as written."""
    value = str(node.this)
    if len(value) > LONGEST_LITERAL:
        raise wrong(f"a text of {len(value):,} characters; {LONGEST_LITERAL:,} are the limit", offset_of(node))
    if node.args.get("is_string"):
        return Part(quoted(value), characters=len(value))
    if not re.fullmatch(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", value, re.ASCII) or len(value) > 60:
        raise wrong(f"{value[:40]} is no number of the language", offset_of(node))
    return Part(value)


def column(scope: Scope, node: Expression) -> Part:
    """A column of the source row, or of a joined one."""
    if node.args.get("table") is not None:
        return joined_column(scope, node)
    only(node, "this", "join_mark")
    identifier = node.this
    if type(identifier).__name__ != "Identifier":
        raise wrong(refusal(identifier), offset_of(node))
    sql = scope.columns.sql(str(identifier.this), offset_of(node), in_quotes=bool(identifier.args.get("quoted")))
    return Part(sql, characters=COLUMN_TEXT)


def named(name: str, *order: str) -> Compiler:
    """A call with a grammar of its own, as the plain function."""

    def compiler(scope: Scope, node: Expression) -> Part:
        only(node, *order)
        return call(scope, node, name, [node.args[key] for key in order if node.args.get(key) is not None])

    return compiler


def extract(scope: Scope, node: Expression) -> Part:
    """EXTRACT: as date_part."""
    only(node, "this", "expression")
    return call(scope, node, "date_part", [as_text_literal(node.this), node.expression])


def as_text_literal(node: Expression) -> Expression:
    """A bare word as a text."""
    from sqlglot.expressions import Literal

    return Literal.string(str(node.this))


def trim(scope: Scope, node: Expression) -> Part:
    """TRIM with or without characters, at both ends or one."""
    only(node, "this", "expression", "position")
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(node.args.get("position") or "").upper(), "trim")
    extra = node.args.get("expression")
    return call(scope, node, name, [node.this, *([extra] if extra is not None else [])])


def anonymous(scope: Scope, node: Expression) -> Part:
    """A call by name."""
    only(node, "this", "expressions")
    return call(scope, node, str(node.this), node.expressions)


NOT_COMPARABLE = "the two values cannot be compared: one cannot be read as the other's type"
OUT_OF_RANGE = "the result of {} is out of range"

NODES: dict[str, Compiler] = {
    "Literal": literal,
    "Null": lambda _scope, _node: Part("NULL"),
    "Boolean": lambda _scope, node: Part("TRUE" if node.this else "FALSE"),
    "Column": column,
    "Paren": paren,
    "Not": negation,
    "Neg": minus,
    "Is": is_,
    "In": member,
    "Between": between,
    "Like": like("LIKE"),
    "ILike": like("ILIKE"),
    "Escape": escaped,
    "RegexpLike": regular,
    "Case": case,
    "Cast": cast,
    "TryCast": try_cast,
    "Interval": interval,
    "AtTimeZone": zone,
    "Extract": extract,
    "Trim": trim,
    "Substring": named("substring", "this", "start", "length"),
    "StrPosition": named("strpos", "this", "substr"),
    "Anonymous": anonymous,
    "And": logic("AND", "FALSE"),
    "Or": logic("OR", "TRUE"),
    "Div": division,
    "DPipe": binary("||", "the two values cannot be joined"),
    "Add": binary("+", OUT_OF_RANGE.format("+")),
    "Sub": binary("-", OUT_OF_RANGE.format("-")),
    "Mul": binary("*", OUT_OF_RANGE.format("*")),
    "IntDiv": binary("//", "the result of // is out of range, or the divisor is zero"),
    "Mod": binary("%", "the result of % is out of range, or the divisor is zero"),
    "EQ": binary("=", NOT_COMPARABLE),
    "NEQ": binary("<>", NOT_COMPARABLE),
    "LT": binary("<", NOT_COMPARABLE),
    "LTE": binary("<=", NOT_COMPARABLE),
    "GT": binary(">", NOT_COMPARABLE),
    "GTE": binary(">=", NOT_COMPARABLE),
    "NullSafeEQ": binary("IS NOT DISTINCT FROM", NOT_COMPARABLE),
    "NullSafeNEQ": binary("IS DISTINCT FROM", NOT_COMPARABLE),
}
"""The whole language: the kinds of node that are allowed."""
