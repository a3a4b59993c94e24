"""What each kind of node becomes in PostgreSQL's SQL, and when; see `pushing`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..databases.catalogue import Column
from ..databases.postgres.capabilities import literal, quote
from .pushed_calls import call, joined_column
from .pushed_types import (
    FIRST_DAY,
    INTEGERS,
    LAST_DAY,
    as_decimal,
    as_text,
    comparable,
    decimal_of,
    family,
    same_family,
)
from .pushing import NotPushable, Pushing
from .types import input_type

if TYPE_CHECKING:
    from sqlglot.expressions import Expression

Rule = Callable[[Pushing, "Expression"], str]
SAFE_PATTERN = re.compile(r"[^\\]*")
WHOLE_TEXT = "^-?[0-9]{1,18}$"
DAY_TEXT = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
INTEGER_NATIVES = {"SMALLINT": "smallint", "INTEGER": "integer", "BIGINT": "bigint"}
INTERVAL = re.compile(r"(YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?")


def finished(pushing: Pushing, tree: Expression) -> tuple[str, str]:
    """A whole expression: its SQL, and DuckDB's type of it."""
    type, sql = pushing.type(tree), pushing.sql(tree)
    return (as_decimal(sql, type) if decimal_of(type) else sql), type


def number_or_text(_: Pushing, node: Expression) -> str:
    """A literal."""
    value = str(node.this)
    if node.args.get("is_string"):
        return f'{literal(value)}::text COLLATE "C"'
    if re.fullmatch(r"\d{1,18}", value):
        return f"{value}::bigint"
    if re.fullmatch(r"\d{1,18}\.\d{1,18}", value):
        return f"{value}::numeric"
    raise NotPushable("a number with an exponent")


def column(pushing: Pushing, node: Expression) -> str:
    """A column of the source row, or of a joined one."""
    if node.args.get("table") is not None:
        return joined_column(pushing, node)
    number = pushing.names.number(str(node.this.this), 0, in_quotes=bool(node.this.args.get("quoted")))
    of = pushing.columns[number]
    rule = COLUMNS.get(of.type.kind)
    if rule is None or of.type.labels is not None or of.type.user_type is not None:
        raise NotPushable(of.type.kind)
    return rule(pushing, of, f"dms_row.{quote(of.name)}")


def whole_column(_: Pushing, of: Column, name: str) -> str:
    """Whole numbers."""
    if of.type.native not in ("smallint", "integer", "bigint"):
        raise NotPushable(of.type.native)
    return f"{name}::bigint"


def text_column(_: Pushing, of: Column, name: str) -> str:
    """Text, compared by its bytes; character(n) with its blanks, which PostgreSQL's own cast would cut."""
    if of.type.fixed and of.type.length and of.type.native.startswith("character("):
        return f'pg_catalog.rpad({name}::text, {of.type.length}) COLLATE "C"'
    if of.type.fixed or not (of.type.native == "text" or of.type.native.startswith("character varying")):
        raise NotPushable(of.type.native)
    return f'{name}::text COLLATE "C"'


def decimal_column(pushing: Pushing, of: Column, name: str) -> str:
    """Decimals of a size that DuckDB has; NaN is none there."""
    if not of.type.native.startswith("numeric(") or input_type(of.type) == "VARCHAR":
        raise NotPushable(of.type.native)
    pushing.guard(f"{name} = 'NaN'::numeric")
    return name


def boolean_column(_: Pushing, of: Column, name: str) -> str:
    """Booleans."""
    if of.type.native != "boolean":
        raise NotPushable(of.type.native)
    return name


def day_column(pushing: Pushing, of: Column, name: str) -> str:
    """Dates and timestamps of the years that both write alike."""
    if of.type.native != "date" and not re.fullmatch(r"timestamp(\(\d\))? without time zone", of.type.native):
        raise NotPushable(of.type.native)
    in_years(pushing, name)
    return name


def in_years(pushing: Pushing, sql: str) -> None:
    """Guard against what lies outside of the years 1 to 9999."""
    pushing.guard(f"{sql} < {FIRST_DAY} OR {sql} >= {LAST_DAY}")


COLUMNS: dict[str, Callable[[Pushing, Column, str], str]] = {
    "integer": whole_column,
    "text": text_column,
    "decimal": decimal_column,
    "boolean": boolean_column,
    "date": day_column,
    "timestamp": day_column,
}


def logic(sign: str) -> Rule:
    """AND, OR."""

    def rule(pushing: Pushing, node: Expression) -> str:
        return f"({boolean(pushing, node.this)} {sign} {boolean(pushing, node.expression)})"

    return rule


def boolean(pushing: Pushing, node: Expression) -> str:
    """A part that is true, false or NULL."""
    if pushing.type(node) != "BOOLEAN":
        raise NotPushable("not a truth value")
    return pushing.sql(node)


def comparison(sign: str) -> Rule:
    """Two values of one family."""

    def rule(pushing: Pushing, node: Expression) -> str:
        comparable(pushing, [node.this, node.expression])
        return f"({pushing.sql(node.this)} {sign} {pushing.sql(node.expression)})"

    return rule


def between(pushing: Pushing, node: Expression) -> str:
    """BETWEEN."""
    parts = [node.this, node.args["low"], node.args["high"]]
    comparable(pushing, parts)
    value, low, high = (pushing.sql(part) for part in parts)
    return f"({value} BETWEEN {low} AND {high})"


def member(pushing: Pushing, node: Expression) -> str:
    """IN (…)."""
    comparable(pushing, [node.this, *node.expressions])
    return f"({pushing.sql(node.this)} IN ({', '.join(map(pushing.sql, node.expressions))}))"


def is_(pushing: Pushing, node: Expression) -> str:
    """IS NULL, IS TRUE, IS FALSE."""
    if type(node.expression).__name__ == "Null":
        return f"({pushing.sql(node.this)} IS NULL)"
    return f"({boolean(pushing, node.this)} IS {'TRUE' if node.expression.this else 'FALSE'})"


def like(pushing: Pushing, node: Expression) -> str:
    """LIKE with a pattern without backslashes, which only PostgreSQL takes for more than a sign."""
    pattern = str(node.expression.this)
    if pushing.type(node.this) != "VARCHAR" or not SAFE_PATTERN.fullmatch(pattern):
        raise NotPushable("this pattern")
    return f"({pushing.sql(node.this)} LIKE {literal(pattern)} ESCAPE '')"


def arithmetic(sign: str) -> Rule:
    """+, -, * of whole numbers and decimals; + and - of a date and days."""

    def rule(pushing: Pushing, node: Expression) -> str:
        left, right, made = pushing.type(node.this), pushing.type(node.expression), pushing.type(node)
        if made == "BIGINT" and {left, right} <= INTEGERS:
            return f"({pushing.sql(node.this)} {sign} {pushing.sql(node.expression)})"
        if decimal_of(made):
            return decimals(pushing, node, sign)
        if made == "DATE" and left == "DATE" and right in INTEGERS and sign in "+-":
            return dated(pushing, f"({pushing.sql(node.this)} {sign} ({pushing.sql(node.expression)})::integer)")
        if made == "TIMESTAMP" and left in ("DATE", "TIMESTAMP") and right == "INTERVAL" and sign in "+-":
            return dated(pushing, f"({pushing.sql(node.this)}::timestamp {sign} {pushing.sql(node.expression)})")
        raise NotPushable(f"{left} {sign} {right}")

    return rule


def dated(pushing: Pushing, sql: str) -> str:
    """A date made of another one."""
    in_years(pushing, sql)
    return sql


def decimals(pushing: Pushing, node: Expression, sign: str) -> str:
    """Decimals are exact on both sides; what has more digits than DuckDB's type for the result is guarded against."""
    precision, scale = decimal_of(pushing.type(node)) or (0, 0)
    digits = [decimal_of(pushing.type(part)) for part in (node.this, node.expression)]
    known = [found for found in digits if found]
    if len(known) < len(digits):
        raise NotPushable("no decimals")
    wanted = sum(s for _, s in known) if sign == "*" else max(s for _, s in known)
    if scale != wanted or (sign != "*" and max(p - s for p, s in known) > precision - scale):
        raise NotPushable("DuckDB's type for the result is too narrow")
    sql = f"({pushing.sql(node.this)} {sign} {pushing.sql(node.expression)})"
    pushing.guard(f"pg_catalog.abs({sql}) >= 1e{precision - scale}::numeric")
    return sql


def whole_division(sign: str) -> Rule:
    """// and % of whole numbers by a number written out."""

    def rule(pushing: Pushing, node: Expression) -> str:
        divisor = str(node.expression.this) if type(node.expression).__name__ == "Literal" else ""
        if not re.fullmatch(r"[1-9]\d{0,17}", divisor) or pushing.type(node) != "BIGINT":
            raise NotPushable("a divisor that may be zero")
        if pushing.type(node.this) not in INTEGERS:
            raise NotPushable("no whole number")
        return f"({pushing.sql(node.this)} {sign} {divisor}::bigint)"

    return rule


def negative(pushing: Pushing, node: Expression) -> str:
    """The sign."""
    kind = pushing.type(node)
    if kind != pushing.type(node.this) or not (kind in INTEGERS or decimal_of(kind)):
        raise NotPushable(kind)
    return f"(- ({pushing.sql(node.this)}))"


def joined(pushing: Pushing, node: Expression) -> str:
    """||."""
    if pushing.type(node) != "VARCHAR":
        raise NotPushable("||")
    return f"({as_text(pushing, node.this)} || {as_text(pushing, node.expression)})"


def case(pushing: Pushing, node: Expression) -> str:
    """CASE, both forms."""
    subject, default = node.args.get("this"), node.args.get("default")
    values = [branch.args["true"] for branch in node.args["ifs"]] + ([default] if default is not None else [])
    same_family(pushing, [node, *values])
    whens = []
    for branch in node.args["ifs"]:
        if subject is not None:
            comparable(pushing, [subject, branch.this])
            condition = f"{pushing.sql(subject)} = {pushing.sql(branch.this)}"
        else:
            condition = boolean(pushing, branch.this)
        whens.append(f"WHEN {condition} THEN {pushing.sql(branch.args['true'])}")
    otherwise = pushing.sql(default) if default is not None else "NULL"
    return f"(CASE {' '.join(whens)} ELSE {otherwise} END)"


def cast(pushing: Pushing, node: Expression) -> str:
    """Casts that both databases do alike, or refuse."""
    given, wanted, inner = pushing.type(node.this), pushing.type(node), node.this
    if given == wanted and family(given):
        return pushing.sql(inner)
    if wanted == "VARCHAR":
        return as_text(pushing, inner)
    if given == "VARCHAR":
        return text_read(pushing, pushing.sql(inner), wanted)
    if (given in INTEGERS or decimal_of(given)) and wanted not in INTEGERS and decimal_of(wanted):
        return wider_decimal(pushing, inner, given, wanted)
    if given in INTEGERS and (wanted in INTEGER_NATIVES or wanted == "DOUBLE"):
        native = "double precision" if wanted == "DOUBLE" else f"{INTEGER_NATIVES[wanted]}::bigint"
        return f"({pushing.sql(inner)})::{native}"
    if {given, wanted} == {"DATE", "TIMESTAMP"}:
        return f"({pushing.sql(inner)})::{wanted.lower()}"
    raise NotPushable(f"{given} as {wanted}")


def text_read(pushing: Pushing, sql: str, wanted: str) -> str:
    """A text that is written as both write a whole number or a day; any other fails."""
    if wanted in INTEGER_NATIVES:
        pushing.guard(f"{sql} !~ '{WHOLE_TEXT}'")
        return f"({sql})::{INTEGER_NATIVES[wanted]}::bigint"
    if wanted == "DATE":
        pushing.guard(f"{sql} !~ '{DAY_TEXT}'")
        return dated(pushing, f"({sql})::date")
    raise NotPushable(f"text as {wanted}")


def wider_decimal(pushing: Pushing, inner: Expression, given: str, wanted: str) -> str:
    """A number as a decimal with as many digits after the point or more; a number too large fails on both sides."""
    precision, scale = decimal_of(wanted) or (0, 0)
    if (decimal_of(given) or (0, 0))[1] > scale:
        raise NotPushable("it would be rounded")
    return f"({pushing.sql(inner)})::numeric({precision},{scale})"


def interval(_: Pushing, node: Expression) -> str:
    """INTERVAL '3' DAY."""
    unit = str(getattr(node.args.get("unit"), "this", "")).upper()
    number = str(getattr(node.args.get("this"), "this", ""))
    if not INTERVAL.fullmatch(unit) or not re.fullmatch(r"-?\d{1,6}", number, re.ASCII):
        raise NotPushable("this interval")
    return f"interval '{number} {unit.lower()}'"


def paren(pushing: Pushing, node: Expression) -> str:
    """Brackets."""
    return pushing.sql(node.this)


def named(name: str, *order: str) -> Rule:
    """A call with a grammar of its own."""

    def rule(pushing: Pushing, node: Expression) -> str:
        return call(pushing, node, name, [node.args[key] for key in order if node.args.get(key) is not None])

    return rule


def trim(pushing: Pushing, node: Expression) -> str:
    """TRIM with or without characters, at both ends or one."""
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(node.args.get("position") or "").upper(), "trim")
    extra = node.args.get("expression")
    return call(pushing, node, name, [node.this, *([extra] if extra is not None else [])])


def extract(pushing: Pushing, node: Expression) -> str:
    """EXTRACT: as date_part."""
    from .compile import as_text_literal

    return call(pushing, node, "date_part", [as_text_literal(node.this), node.expression])


def anonymous(pushing: Pushing, node: Expression) -> str:
    """A call by name."""
    arguments: Sequence[Expression] = node.expressions
    return call(pushing, node, str(node.this), arguments)


RULES: dict[str, Rule] = {
    "Literal": number_or_text,
    "Null": lambda _pushing, _node: "NULL",
    "Boolean": lambda _pushing, node: "TRUE" if node.this else "FALSE",
    "Column": column,
    "Paren": paren,
    "Not": lambda pushing, node: f"(NOT {boolean(pushing, node.this)})",
    "Neg": negative,
    "Is": is_,
    "In": member,
    "Between": between,
    "Like": like,
    "Case": case,
    "Cast": cast,
    "Interval": interval,
    "Extract": extract,
    "Trim": trim,
    "Substring": named("substring", "this", "start", "length"),
    "StrPosition": named("strpos", "this", "substr"),
    "Anonymous": anonymous,
    "And": logic("AND"),
    "Or": logic("OR"),
    "DPipe": joined,
    "Add": arithmetic("+"),
    "Sub": arithmetic("-"),
    "Mul": arithmetic("*"),
    "IntDiv": whole_division("/"),
    "Mod": whole_division("%"),
    "EQ": comparison("="),
    "NEQ": comparison("<>"),
    "LT": comparison("<"),
    "LTE": comparison("<="),
    "GT": comparison(">"),
    "GTE": comparison(">="),
    "NullSafeEQ": comparison("IS NOT DISTINCT FROM"),
    "NullSafeNEQ": comparison("IS DISTINCT FROM"),
}
"""The kinds of node that are pushed down; TRY_CAST, ILIKE, regular expressions, `/` and time zones are not."""
