"""Functions in PostgreSQL's SQL; see `pushing`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..databases.base import Value
from ..databases.postgres.capabilities import literal
from .functions import SPELLINGS
from .joined import joined_name
from .lookups import LookupTable
from .pushed_types import INTEGERS, NULL, as_text, comparable, decimal_of, same_family
from .pushing import NotPushable, Pushing
from .syntax import parse_expression

if TYPE_CHECKING:
    from sqlglot.expressions import Expression

Arguments = Sequence["Expression"]
Call = Callable[[Pushing, "Expression", Arguments], str]
MOST_KEYS = 50
"""A lookup of more keys is one comparison after the other in PostgreSQL: this process is faster."""
PARTS = frozenset(("year", "quarter", "month", "day", "dow", "isodow", "doy"))


def call(pushing: Pushing, node: Expression, name: str, arguments: Arguments) -> str:
    """A call of the language. Raises NotPushable."""
    lower = name.lower()
    rule = CALLS.get(SPELLINGS.get(lower, lower))
    if rule is None:
        raise NotPushable(lower)
    return rule(pushing, node, arguments)


def text(pushing: Pushing, node: Expression) -> str:
    """A part that is text."""
    if pushing.type(node) != "VARCHAR":
        raise NotPushable("no text")
    return pushing.sql(node)


def written(node: Expression) -> str:
    """A text that is written out and not empty."""
    if type(node).__name__ != "Literal" or not node.args.get("is_string") or not str(node.this):
        raise NotPushable("not written out")
    return str(node.this)


def count(node: Expression, least: int = 0) -> int:
    """A whole number that is written out."""
    value = str(node.this) if type(node).__name__ == "Literal" and not node.args.get("is_string") else ""
    if not re.fullmatch(r"\d{1,6}", value) or int(value) < least:
        raise NotPushable("not written out")
    return int(value)


def plain(name: str) -> Call:
    """A function of texts that is the same in both."""
    return lambda pushing, _node, given: f"pg_catalog.{name}({', '.join(text(pushing, each) for each in given)})"


def letters(name: str) -> Call:
    """upper, lower: alike for ASCII; each has its own tables for other letters."""

    def rule(pushing: Pushing, _node: Expression, given: Arguments) -> str:
        sql = text(pushing, given[0])
        pushing.guard(pushing.not_ascii(sql))
        return f"pg_catalog.{name}({sql})"

    return rule


def trimmed(name: str) -> Call:
    """trim, ltrim, rtrim: without characters DuckDB takes other blanks away too, so that none may stand at an end."""

    def rule(pushing: Pushing, _node: Expression, given: Arguments) -> str:
        sql = text(pushing, given[0])
        if len(given) == 2:
            return f"pg_catalog.{name}({sql}, {literal(written(given[1]))})"
        made = f"pg_catalog.{name}({sql}, ' ')"
        pushing.as_ascii(made, sql)
        ends = f"pg_catalog.ascii({made}) > 127 OR pg_catalog.ascii(pg_catalog.right({made}, 1)) > 127"
        pushing.guard(ends, unless=pushing.not_ascii(sql))
        return made

    return rule


def substring(pushing: Pushing, _: Expression, given: Arguments) -> str:
    """substring from a place written out, counted from 1."""
    rest = f", {count(given[2])}" if len(given) == 3 else ""
    return f"pg_catalog.substr({text(pushing, given[0])}, {count(given[1], 1)}{rest})"


def counted(name: str) -> Call:
    """left, right, repeat, with the number written out."""
    return lambda pushing, _node, given: f"pg_catalog.{name}({text(pushing, given[0])}, {count(given[1])})"


def padded(name: str) -> Call:
    """lpad, rpad with one character or more written out."""

    def rule(pushing: Pushing, _node: Expression, given: Arguments) -> str:
        return f"pg_catalog.{name}({text(pushing, given[0])}, {count(given[1])}, {literal(written(given[2]))})"

    return rule


def length(pushing: Pushing, _: Expression, given: Arguments) -> str:
    """Characters."""
    return f"pg_catalog.char_length({text(pushing, given[0])})::bigint"


def replaced(pushing: Pushing, _: Expression, given: Arguments) -> str:
    """replace of a text written out."""
    new = text(pushing, given[2])
    return f"pg_catalog.replace({text(pushing, given[0])}, {literal(written(given[1]))}, {new})"


def split(pushing: Pushing, _: Expression, given: Arguments) -> str:
    """split_part, counted from the start."""
    return f"pg_catalog.split_part({text(pushing, given[0])}, {literal(written(given[1]))}, {count(given[2], 1)})"


def place(pushing: Pushing, _: Expression, given: Arguments) -> str:
    """strpos."""
    return f"pg_catalog.strpos({text(pushing, given[0])}, {literal(written(given[1]))})::bigint"


def contains(pushing: Pushing, node: Expression, given: Arguments) -> str:
    """contains."""
    return f"({place(pushing, node, given)} > 0)"


def starts(pushing: Pushing, _: Expression, given: Arguments) -> str:
    """starts_with."""
    return f"pg_catalog.starts_with({text(pushing, given[0])}, {literal(written(given[1]))})"


def ends(pushing: Pushing, _: Expression, given: Arguments) -> str:
    """ends_with."""
    part = written(given[1])
    return f"(pg_catalog.right({text(pushing, given[0])}, {len(part)}) = {literal(part)})"


def concat(pushing: Pushing, _: Expression, given: Arguments) -> str:
    """concat: NULL counts as empty."""
    return f"pg_catalog.concat({', '.join(as_text(pushing, each) for each in given)})"


def concat_ws(pushing: Pushing, _: Expression, given: Arguments) -> str:
    """concat_ws with the separator written out."""
    parts = ", ".join(as_text(pushing, each) for each in given[1:])
    return f"pg_catalog.concat_ws({literal(written(given[0]))}, {parts})"


def coalesce(pushing: Pushing, node: Expression, given: Arguments) -> str:
    """The first that is not NULL."""
    same_family(pushing, [node, *given])
    return f"COALESCE({', '.join(map(pushing.sql, given))})"


def nullif(pushing: Pushing, node: Expression, given: Arguments) -> str:
    """NULL where both are equal."""
    comparable(pushing, given)
    if pushing.type(node) != pushing.type(given[0]):
        raise NotPushable("nullif")
    return f"NULLIF({pushing.sql(given[0])}, {pushing.sql(given[1])})"


def if_(pushing: Pushing, node: Expression, given: Arguments) -> str:
    """As CASE."""
    if pushing.type(given[0]) != "BOOLEAN":
        raise NotPushable("not a truth value")
    same_family(pushing, [node, *given[1:]])
    condition, yes, no = map(pushing.sql, given)
    return f"(CASE WHEN {condition} THEN {yes} ELSE {no} END)"


def magnitude(pushing: Pushing, node: Expression, given: Arguments) -> str:
    """abs."""
    kind = pushing.type(given[0])
    if kind != pushing.type(node) or (kind != "BIGINT" and (kind in INTEGERS or not decimal_of(kind))):
        raise NotPushable(kind)
    return f"pg_catalog.abs({pushing.sql(given[0])})"


def sha256(pushing: Pushing, _: Expression, given: Arguments) -> str:
    """The hash of the UTF-8 bytes."""
    bytes = f"pg_catalog.convert_to({text(pushing, given[0])}, 'UTF8')"
    return f"""pg_catalog.encode(pg_catalog.sha256({bytes}), 'hex') COLLATE "C\""""


def part_of(name: str) -> Call:
    """year(d), month(d) …"""
    return lambda pushing, _node, given: extracted(pushing, name, given[0])


def date_part(pushing: Pushing, _: Expression, given: Arguments) -> str:
    """date_part with the part written out."""
    return extracted(pushing, written(given[0]).lower(), given[1])


def extracted(pushing: Pushing, part: str, node: Expression) -> str:
    """A part of a day that is a whole number."""
    if part not in PARTS or pushing.type(node) not in ("DATE", "TIMESTAMP"):
        raise NotPushable(part)
    return f"pg_catalog.date_part({literal(part)}, {pushing.sql(node)}::timestamp)::bigint"


def lookup(pushing: Pushing, _: Expression, given: Arguments) -> str:
    """A lookup of few keys with texts as values: a missing key fails, unless there is a default."""
    present = few_texts(pushing.lookups.get(written(given[0])))
    key = as_text(pushing, given[1])
    keys = ", ".join(literal(each) for each, _ in present)
    if len(given) == 2 and present:
        pushing.guard(f"{key} NOT IN ({keys})")
    elif len(given) == 2:
        pushing.guard(f"{key} IS NOT NULL")
    elif pushing.type(given[2]) not in ("VARCHAR", NULL):
        raise NotPushable("a default of another type")
    return chosen(key, present, pushing.sql(given[2]) if len(given) == 3 else "NULL")


def joined_column(pushing: Pushing, node: Expression) -> str:
    """A column of a joined table of few rows, if its key is one text: as a lookup, NULL for a key that is not there."""
    name = joined_name(node, [name for name, table in pushing.lookups.items() if table.on])
    table = pushing.lookups[name]
    if len(table.on) > 1:
        raise NotPushable("a key of several columns")
    if name not in pushing.on:
        pushing.on[name] = parse_expression(table.on[0])
    return chosen(as_text(pushing, pushing.on[name]), few_texts(table), "NULL")


def few_texts(table: LookupTable | None) -> list[tuple[str, Value]]:
    """The keys and values of a lookup that may be written out."""
    if table is None or len(table.keys) > MOST_KEYS or table.key_type.kind != "text" or table.value_type.kind != "text":
        raise NotPushable("this lookup")
    present = [(key, value) for key, value in zip(table.keys, table.values, strict=True) if isinstance(key, str)]
    if len({key for key, _ in present}) < len(present) or not all(
        key is None or isinstance(key, str) for key in table.keys
    ):
        raise NotPushable("this lookup")
    return present


def chosen(key: str, present: Sequence[tuple[str, Value]], default: str) -> str:
    """The value of a key; NULL for NULL."""
    whens = " ".join(f"WHEN {literal(each)} THEN {worth(value)}" for each, value in present)
    found = f"CASE {key} {whens} ELSE {default} END" if present else default
    return f"(CASE WHEN {key} IS NULL THEN NULL::text ELSE {found} END)"


def worth(value: Value) -> str:
    """A lookup's value."""
    if value is None:
        return "NULL"
    return f'{literal(str(value))}::text COLLATE "C"'


CALLS: dict[str, Call] = {
    "upper": letters("upper"),
    "lower": letters("lower"),
    "trim": trimmed("btrim"),
    "ltrim": trimmed("ltrim"),
    "rtrim": trimmed("rtrim"),
    "length": length,
    "left": counted("left"),
    "right": counted("right"),
    "repeat": counted("repeat"),
    "substring": substring,
    "substr": substring,
    "split_part": split,
    "replace": replaced,
    "concat": concat,
    "concat_ws": concat_ws,
    "lpad": padded("lpad"),
    "rpad": padded("rpad"),
    "strpos": place,
    "contains": contains,
    "starts_with": starts,
    "ends_with": ends,
    "md5": plain("md5"),
    "sha256": sha256,
    "coalesce": coalesce,
    "ifnull": coalesce,
    "nullif": nullif,
    "if": if_,
    "abs": magnitude,
    "date_part": date_part,
    "year": part_of("year"),
    "month": part_of("month"),
    "day": part_of("day"),
    "lookup": lookup,
}
"""The functions that are pushed down."""
