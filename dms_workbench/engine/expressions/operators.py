"""Operators and CASE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .calls import call
from .errors import wrong
from .parts import Part, choice, eager, first_of, quoted, when
from .scope import Compiler, Scope, only, text_literal
from .syntax import offset_of

if TYPE_CHECKING:
    from sqlglot.expressions import Expression

MOST_IN = 1_000


def binary(sign: str, reason: str) -> Compiler:
    """An operator between two values."""

    def compiler(scope: Scope, node: Expression) -> Part:
        only(node, "this", "expression", "safe", "typed")
        left, right = scope.part(node.this), scope.part(node.expression)
        size = left.characters + right.characters if sign == "||" else 0
        return scope.failing(eager(f"({left.sql} {sign} {right.sql})", (left, right), size), reason)

    return compiler


def division(scope: Scope, node: Expression) -> Part:
    """``/``: DuckDB gives infinity for a zero; here it rejects the row."""
    only(node, "this", "expression", "typed", "safe")
    left, right = scope.part(node.this), scope.part(node.expression)
    by_zero = when(f"{right.sql} = 0", scope.fault("division by zero"))
    part = eager(f"({left.sql} / {right.sql})", (left, right))
    part = Part(part.sql, first_of([part.fault, by_zero]), first_of([part.cause, by_zero]))
    return scope.failing(part, "the result of / is out of range")


def logic(sign: str, decided: str) -> Compiler:
    """AND, OR: an error on the right counts only where the left has not decided."""

    def compiler(scope: Scope, node: Expression) -> Part:
        only(node, "this", "expression")
        left, right = scope.part(node.this), scope.part(node.expression)
        open_still = f"({left.sql}) IS DISTINCT FROM {decided}"
        part = Part(
            f"({left.sql} {sign} {right.sql})",
            first_of([left.fault, when(open_still, right.fault)]),
            first_of([left.cause, right.cause]),
        )
        return scope.failing(part, f"a side of {sign} is neither true nor false")

    return compiler


def paren(scope: Scope, node: Expression) -> Part:
    """Brackets: every operator gets its own anyway."""
    only(node, "this")
    return scope.part(node.this)


def negation(scope: Scope, node: Expression) -> Part:
    """NOT."""
    only(node, "this")
    inner = scope.part(node.this)
    return scope.failing(eager(f"(NOT {inner.sql})", (inner,)), "what stands after NOT is neither true nor false")


def minus(scope: Scope, node: Expression) -> Part:
    """The sign."""
    only(node, "this")
    inner = scope.part(node.this)
    return scope.failing(eager(f"(- {inner.sql})", (inner,)), "the number without its sign is out of range")


def is_(scope: Scope, node: Expression) -> Part:
    """IS NULL, IS TRUE, IS FALSE."""
    only(node, "this", "expression")
    name = type(node.expression).__name__
    if name not in {"Null", "Boolean"}:
        raise wrong("after IS stands NULL, TRUE or FALSE", offset_of(node))
    inner, right = scope.part(node.this), scope.part(node.expression)
    part = eager(f"({inner.sql} IS {right.sql})", (inner,))
    return part if name == "Null" else scope.failing(part, "what stands before IS is neither true nor false")


def member(scope: Scope, node: Expression) -> Part:
    """IN (a, b, …)."""
    only(node, "this", "expressions")
    listed = node.expressions
    if not listed:
        raise wrong("IN wants values in brackets", offset_of(node))
    if len(listed) > MOST_IN:
        raise wrong(f"IN has {len(listed):,} values; {MOST_IN:,} are the limit: use a lookup", offset_of(node))
    inner = [scope.part(node.this), *(scope.part(value) for value in listed)]
    sql = f"({inner[0].sql} IN ({', '.join(part.sql for part in inner[1:])}))"
    return scope.failing(eager(sql, inner), "a value cannot be compared with those after IN")


def between(scope: Scope, node: Expression) -> Part:
    """BETWEEN a AND b."""
    only(node, "this", "low", "high")
    inner = [scope.part(node.this), scope.part(node.args["low"]), scope.part(node.args["high"])]
    sql = f"({inner[0].sql} BETWEEN {inner[1].sql} AND {inner[2].sql})"
    return scope.failing(eager(sql, inner), "a value cannot be compared with those of BETWEEN")


def like(sign: str) -> Compiler:
    """LIKE, ILIKE."""
    return lambda scope, node: like_part(scope, node, sign, "")


def like_part(scope: Scope, node: Expression, sign: str, escape: str) -> Part:
    """LIKE with a pattern written out; many signs in one pattern would take for ever."""
    only(node, "this", "expression")
    pattern = text_literal(node.expression, f"the pattern of {sign}")
    if pattern.count("%") > (2 if "_" in pattern or escape or sign == "ILIKE" else 20):
        raise wrong(f"the pattern of {sign} has too many % signs; use regexp_matches", offset_of(node.expression))
    inner = scope.part(node.this)
    part = eager(f"({inner.sql} {sign} {quoted(pattern)}{escape})", (inner,))
    return scope.failing(part, f"a value cannot be compared by {sign}")


def escaped(scope: Scope, node: Expression) -> Part:
    """LIKE … ESCAPE 'x'."""
    only(node, "this", "expression")
    sign = text_literal(node.expression, "what follows ESCAPE")
    name = type(node.this).__name__
    if len(sign) != 1 or name not in {"Like", "ILike"}:
        raise wrong("ESCAPE wants one sign, after LIKE", offset_of(node.expression))
    return like_part(scope, node.this, name.upper(), f" ESCAPE {quoted(sign)}")


def regular(scope: Scope, node: Expression) -> Part:
    """``text ~ 'pattern'``: the whole text fits."""
    only(node, "this", "expression")
    return call(scope, node, "regexp_full_match", [node.this, node.expression])


def case(scope: Scope, node: Expression) -> Part:
    """CASE, both forms; lazy."""
    only(node, "this", "ifs", "default")
    subject = node.args.get("this")
    whens = []
    for branch in node.args["ifs"]:
        condition = scope.part(branch.this)
        if subject is not None:
            inner = scope.part(subject)
            condition = eager(f"({inner.sql} = {condition.sql})", (inner, condition))
            condition = scope.failing(condition, "a value cannot be compared with that after WHEN")
        whens.append((condition, scope.part(branch.args["true"])))
    default = node.args.get("default")
    otherwise = scope.part(default) if default is not None else Part("NULL")
    return scope.failing(choice(whens, otherwise), "the branches of CASE do not fit one type")
