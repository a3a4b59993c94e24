"""Calls of functions: found in the list, their arguments checked, compiled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .columns import changing, nearest
from .errors import wrong
from .functions import CHANGING, FUNCTIONS, LONGEST_PADDING, PARTS, SPELLINGS, Function
from .parts import Part, choice, eager, first_of, when
from .repair_calls import CALLS
from .syntax import offset_of

if TYPE_CHECKING:
    from sqlglot.expressions import Expression

    from .scope import Scope

LONGEST_PATTERN = 500
DEEPEST_LOOKUPS = 3
FILES = re.compile(
    r"^(read_|write_|glob$|sniff_|parquet_|duckdb_|pragma_|scan_|.*_scan$|.*_scanner$|getenv$|query|which_)"
)


def call(scope: Scope, node: Expression, name: str, arguments: Sequence[Expression]) -> Part:
    """Compile a call; raises InvalidExpression for a name, a count or a literal that does not fit."""
    function = known(name, node)
    check_count(function, node, len(arguments))
    for index, kind in function.literal.items():
        if index < len(arguments):
            check_literal(function, arguments[index], index, kind)
    special = SPECIAL.get(function.name)
    return special(scope, node, arguments) if special else plain(scope, function, arguments)


def known(name: str, node: Expression) -> Function:
    """The function of that name."""
    lower = SPELLINGS.get(name.lower(), name.lower())
    if lower in FUNCTIONS:
        return FUNCTIONS[lower]
    if lower in CHANGING:
        raise wrong(changing(f"{name}()"), offset_of(node))
    if FILES.match(lower):
        raise wrong(
            f"{name}() reaches outside the row: files, tables and settings are not for expressions", offset_of(node)
        )
    raise wrong(f"there is no function {name!r} in the language{nearest(lower, list(FUNCTIONS))}", offset_of(node))


def check_count(function: Function, node: Expression, given: int) -> None:
    """Refuse too few or too many arguments."""
    low, high = function.arguments
    if not low <= given <= high:
        raise wrong(f"{function.name} is written {function.signature}; it was given {given} values", offset_of(node))


def check_literal(function: Function, node: Expression, index: int, kind: str) -> None:
    """Refuse an argument that must be written out and is not, or is too much."""
    is_literal = type(node).__name__ == "Literal"
    is_text = is_literal and bool(node.args.get("is_string"))
    place = f"value {index + 1} of {function.name}"
    if kind == "count":
        if not is_literal or is_text or not str(node.this).isdigit() or int(node.this) > LONGEST_PADDING:
            raise wrong(f"{place} must be a number written out, from 0 to {LONGEST_PADDING:,}", offset_of(node))
    elif not is_text:
        raise wrong(f"{place} must be a text written out in single quotes", offset_of(node))
    elif kind == "part" and str(node.this).lower() not in PARTS:
        raise wrong(f"{str(node.this)!r} is no part of a date{nearest(str(node.this), sorted(PARTS))}", offset_of(node))
    elif kind in {"pattern", "format"} and len(str(node.this)) > LONGEST_PATTERN:
        raise wrong(f"{place} is longer than {LONGEST_PATTERN} characters", offset_of(node))


def plain(scope: Scope, function: Function, arguments: Sequence[Expression]) -> Part:
    """A function of DuckDB's by the same name."""
    parts = [scope.part(argument) for argument in arguments]
    sizes = [part.characters for part in parts]
    if "replacement" in function.literal.values():
        sizes[2] += sizes[0] * len(re.findall(r"\\\d", str(arguments[2].this)))
    part = eager(f"{function.name}({', '.join(part.sql for part in parts)})", parts, function.size(sizes))
    return scope.failing(part, reason(function, arguments)) if function.fails else part


def reason(function: Function, arguments: Sequence[Expression]) -> str:
    """What is said of a row for which the function fails: never the row's value."""
    for index, kind in function.literal.items():
        if kind == "format" and index < len(arguments):
            return f"the value does not fit the format {str(arguments[index].this)!r}"
    return f"{function.name}() cannot be computed for the value"


def if_(scope: Scope, _: Expression, arguments: Sequence[Expression]) -> Part:
    """For if: lazy as CASE."""
    condition, yes, no = (scope.part(argument) for argument in arguments)
    return scope.failing(choice([(condition, yes)], no), "the two results of if() do not fit one type")


def coalesce(scope: Scope, _: Expression, arguments: Sequence[Expression]) -> Part:
    """For coalesce: a later value's faults count only where all before it are NULL."""
    parts = [scope.part(argument) for argument in arguments]
    faults, causes, empty = [], [], "TRUE"
    for part in parts:
        faults.append(when(empty, part.fault))
        causes.append(when(empty, part.cause))
        empty = f"{empty} AND {part.sql} IS NULL" if empty != "TRUE" else f"{part.sql} IS NULL"
    sql = f"COALESCE({', '.join(part.sql for part in parts)})"
    whole = Part(sql, first_of(faults), first_of(causes), max(part.characters for part in parts))
    return scope.failing(whole, "the values of coalesce() do not fit one type")


def error(scope: Scope, _: Expression, arguments: Sequence[Expression]) -> Part:
    """For error: NULL, and a fault."""
    number = scope.fault(str(arguments[0].this))
    return Part("NULL", number, number)


def lookup(scope: Scope, node: Expression, arguments: Sequence[Expression]) -> Part:
    """For lookup: a left join on the key, which is tried, as the join sees rows too that a CASE would spare."""
    name = str(arguments[0].this)
    if name not in scope.lookups:
        raise wrong(f"there is no lookup {name!r}{nearest(name, list(scope.lookups))}", offset_of(node))
    key = key_part(scope, node, arguments[1])
    alias = scope.join(name, f"{scope.guarded(f'CAST({key.sql} AS VARCHAR)')}[1]")
    missing = f"(({key.sql}) IS NOT NULL AND {alias}.dms_found IS NULL)"
    value = f"CASE WHEN ({key.sql}) IS NULL THEN NULL ELSE {alias}.dms_value END"
    if len(arguments) == 3:
        default = scope.part(arguments[2])
        return Part(
            f"(CASE WHEN {missing} THEN {default.sql} ELSE {value} END)",
            first_of([key.fault, when(missing, default.fault)]),
            first_of([key.cause, when(missing, default.cause)]),
            max(1_000, default.characters),
        )
    number = scope.fault(f"the lookup {name!r} has no such key", "no-lookup")
    miss = when(missing, number)
    return Part(f"({value})", first_of([key.fault, miss]), first_of([key.cause, miss]), 1_000)


def key_part(scope: Scope, node: Expression, key: Expression) -> Part:
    """The key of a lookup; lookups inside it may go only so deep."""
    if scope.open_lookups >= DEEPEST_LOOKUPS:
        raise wrong(f"lookups are nested more than {DEEPEST_LOOKUPS} deep", offset_of(node))
    scope.open_lookups += 1
    part = scope.part(key)
    scope.open_lookups -= 1
    return part


SPECIAL = {"if": if_, "coalesce": coalesce, "ifnull": coalesce, "error": error, "lookup": lookup, **CALLS}
"""Functions that are more than a call."""
