"""Calls of the functions that repair a text: where the repair cannot be known the row is rejected, or with ``try_`` gets NULL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .errors import wrong
from .parts import Part, eager, first_of, quoted, when
from .repairs import DECIMALS, REPAIRS, name_in_sql
from .syntax import offset_of

if TYPE_CHECKING:
    from sqlglot.expressions import Expression

    from .scope import Scope

Call = Callable[["Scope", "Expression", Sequence["Expression"]], Part]

UNKNOWN = {
    "fix_encoding": "a character of the text is lost (U+FFFD)",
    "parse_number": "the value is no number of that form",
    "parse_boolean": "the value is no word for true or false",
    "phone_e164": "the value is no telephone number with its country",
    "country_code": "the value is no country's code or name",
    "parse_date": "the value is no date of these forms",
}
"""Why a row is rejected: never its value."""


def unknown_is_a_fault(scope: Scope, part: Part, value: Part, name: str) -> Part:
    """A part that is NULL where the value is not, as a fault."""
    number = scope.fault(UNKNOWN[name])
    missed = when(f"({value.sql}) IS NOT NULL AND {part.sql} IS NULL", number)
    return Part(part.sql, first_of([part.fault, missed]), first_of([part.cause, missed]), part.characters)


def repair(name: str, *, tried: bool = False) -> Call:
    """The call of a function of `REPAIRS`. tried: NULL instead of a reject."""

    def call(scope: Scope, node: Expression, arguments: Sequence[Expression]) -> Part:
        value = scope.part(arguments[0])
        written = tuple(str(argument.this) for argument in arguments[1:])
        check_written(name, written, node)
        scope.repairs.add((name, written))
        sql = f"{name_in_sql(name, written)}({value.sql})"
        if name == "parse_boolean":
            sql = f"CAST({sql} AS BOOLEAN)"
        part = eager(sql, [value], 2 * value.characters + 64)
        return part if tried or name not in UNKNOWN else unknown_is_a_fault(scope, part, value, name)

    return call


def check_written(name: str, written: Sequence[str], node: Expression) -> None:
    """Refuse a form that there is not."""
    if name == "parse_number" and written[0] not in DECIMALS:
        raise wrong("value 2 of parse_number is 'comma' or 'point': what stands before the fraction", offset_of(node))
    country = written[0] if name == "phone_e164" and written else "+1"
    if not (country.startswith("+") and country[1:].isascii() and country[1:].isdigit() and len(country) <= 4):
        raise wrong("value 2 of phone_e164 is a country's calling code, as '+49'", offset_of(node))


def parse_date(*, tried: bool = False) -> Call:
    """A date by the first of several formats that fits."""

    def call(scope: Scope, _: Expression, arguments: Sequence[Expression]) -> Part:
        value = scope.part(arguments[0])
        forms = ", ".join(quoted(str(argument.this)) for argument in arguments[1:])
        part = eager(f"CAST(try_strptime({value.sql}, [{forms}]) AS DATE)", [value], 64)
        part = scope.failing(part, "the date is out of range, or a format is wrong")
        return part if tried else unknown_is_a_fault(scope, part, value, "parse_date")

    return call


def pad_left(scope: Scope, _: Expression, arguments: Sequence[Expression]) -> Part:
    """Filled at the left and never cut."""
    value, count, filler = (scope.part(argument) for argument in arguments)
    sql = f"(CASE WHEN length({value.sql}) >= {count.sql} THEN {value.sql} ELSE lpad({value.sql}, {count.sql}, {filler.sql}) END)"
    part = eager(sql, [value, count, filler], max(value.characters, 1_000))
    return scope.failing(part, "pad_left() cannot be computed for the value")


CALLS: dict[str, Call] = {
    **{name: repair(name) for name in REPAIRS},
    **{f"try_{name}": repair(name, tried=True) for name in REPAIRS if name in UNKNOWN},
    "parse_date": parse_date(),
    "try_parse_date": parse_date(tried=True),
    "pad_left": pad_left,
}
"""Functions of the language by name."""
