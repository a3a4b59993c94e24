"""What could be done about rejected rows: expressions proposed from the code, the types on both sides and the values themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..databases.base import Value
from ..databases.catalogue import DataType
from ..planning.plan import PlannedColumn

PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
LOOKUP = re.compile(r"lookup\(\s*'[^']*'\s*,[^,]*\)", re.IGNORECASE)
DECIMAL_COMMA = re.compile(r"[-+]?(\d+|\d{1,3}(\.\d{3})+),\d+")
THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
DEFAULTS = {
    "text": "''",
    "integer": "0",
    "decimal": "0",
    "float": "0",
    "boolean": "false",
    "date": "DATE '1970-01-01'",
    "timestamp": "TIMESTAMP '1970-01-01 00:00:00'",
}
DATE_FORMS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d %b %Y", "%b %d, %Y")
TIME_FORMS = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
ZERO_DATES = ("0000-00-00", "0000-00-00 00:00:00")
TRUTH = (
    "CASE WHEN lower(trim({0})) IN ('1', 'true', 't', 'yes', 'y', 'on') THEN true "
    "WHEN lower(trim({0})) IN ('0', 'false', 'f', 'no', 'n', 'off') THEN false END"
)
HELP = {
    "too-long": "Widen the target column and replay the rows as they are, or cut the text.",
    "not-null": "Give a default, or let the target column be NULL and replay the rows as they are.",
    "out-of-range": "Give the target column a wider type and replay the rows as they are, or choose another value.",
    "loses-precision": "Give the target column more digits and replay the rows as they are, or round.",
    "invalid-value": "Say how the value is written, or correct the source rows and copy again.",
    "invalid-text": "The text is damaged in the source: correct it there and copy again.",
    "nul-character": "Take the character out, or keep the value in a column of bytes.",
    "unique": "The key is in the target already: take that row away, or choose a mode that merges (--mode upsert).",
    "foreign-key": "Copy the row it refers to, then replay the rows as they are.",
    "check": "Change the value or the target's condition.",
    "no-lookup": "Add the key to the lookup and copy again, or give a default.",
    "transform-failed": "Give another expression for these rows.",
    "refused-by-target": "A trigger or rule of the target refuses the rows: change it, then replay them as they are.",
}
"""What helps, by code."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An expression that might put rows through."""

    expression: str
    meaning: str
    lossy: bool = False
    """It loses something of the value."""


def help_of(code: str) -> str:
    """What helps against rejects of a code."""
    return HELP.get(code, "Change the value, the mapping or the target, then replay the rows.")


def candidates(column: PlannedColumn, code: str, values: Sequence[Value]) -> list[Candidate]:
    """Expressions to try for a target column, the careful ones first. values: some of the rejected ones, as they were read."""
    base = base_of(column)
    found = list(BY_CODE.get(code, nothing)(base, column, values))
    if column.target.nullable and code != "not-null":
        found.append(Candidate("NULL", "leave the column empty", lossy=True))
    return found


def base_of(column: PlannedColumn) -> str:
    """The value as it is made now."""
    if column.expression is not None:
        return f"({column.expression})"
    return spelled(column.source or "")


def spelled(name: str) -> str:
    """A column's name as a person would write it in an expression."""
    from sqlglot.tokens import Tokenizer

    if PLAIN_NAME.fullmatch(name) and name.upper() not in Tokenizer.KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def nothing(_base: str, _column: PlannedColumn, _values: Sequence[Value]) -> Iterator[Candidate]:
    """No expression helps."""
    return iter(())


def shorter(base: str, column: PlannedColumn, _values: Sequence[Value]) -> Iterator[Candidate]:
    """Texts that are too long."""
    length = column.target.type.length
    if length is not None:
        yield Candidate(f"rtrim(left({base}, {length}))", f"cut to {length} characters", lossy=True)
        yield Candidate(f"trim({base})", "without blanks at both ends")


def defaulted(base: str, column: PlannedColumn, _values: Sequence[Value]) -> Iterator[Candidate]:
    """NULLs where none may be."""
    default = DEFAULTS.get(column.target.type.kind)
    if default is not None:
        yield Candidate(f"coalesce({base}, {default})", f"{default} where there is none")


def in_range(base: str, column: PlannedColumn, values: Sequence[Value]) -> Iterator[Candidate]:
    """Values that the type does not reach."""
    kind = column.target.type
    if kind.kind == "integer" and kind.bits is not None:
        low, high = (0, 2**kind.bits - 1) if kind.unsigned else (-(2 ** (kind.bits - 1)), 2 ** (kind.bits - 1) - 1)
        yield Candidate(f"least(greatest({base}, {low}), {high})", f"the nearest number of {low} to {high}", lossy=True)
    yield from of_dates(base, kind, values)


def rounded(base: str, column: PlannedColumn, _values: Sequence[Value]) -> Iterator[Candidate]:
    """Digits that the type does not hold."""
    kind = column.target.type
    if kind.kind == "decimal" and kind.precision is not None and kind.precision <= 38:
        scale = kind.scale or 0
        yield Candidate(
            f"CAST({base} AS DECIMAL({kind.precision}, {scale}))", f"rounded to {scale} decimals", lossy=True
        )
    if kind.kind == "integer":
        yield Candidate(f"CAST({base} AS BIGINT)", "rounded to a whole number", lossy=True)


def rewritten(base: str, column: PlannedColumn, values: Sequence[Value]) -> Iterator[Candidate]:
    """Values that are written otherwise."""
    kind = column.target.type
    if any(value == "" for value in values):
        yield Candidate(f"nullif({base}, '')", "NULL for an empty text")
    yield from of_dates(base, kind, values)
    if kind.kind in ("integer", "decimal", "float"):
        number = (
            "DOUBLE" if kind.kind == "float" else f"DECIMAL(38, {kind.scale or 0 if kind.kind == 'decimal' else 0})"
        )
        if any(DECIMAL_COMMA.fullmatch(text.strip()) for text in texts(values)):
            made = f"CAST(replace(replace({base}, '.', ''), ',', '.') AS {number})"
            yield Candidate(made, "a decimal comma, points between thousands")
        if any(THOUSANDS.fullmatch(text.strip()) for text in texts(values)):
            yield Candidate(f"CAST(replace({base}, ',', '') AS {number})", "commas between thousands")
        yield Candidate(f"CAST(trim({base}) AS {number})", "a number between blanks")
    elif kind.kind == "boolean":
        yield Candidate(TRUTH.format(base), "yes and no in words")
    elif kind.labels is not None or kind.kind in ("uuid", "time"):
        yield Candidate(f"lower(trim({base}))", "in small letters, without blanks around")
        yield Candidate(f"upper(trim({base}))", "in capitals, without blanks around")
        yield Candidate(f"trim({base})", "without blanks around")


def of_dates(base: str, kind: DataType, values: Sequence[Value]) -> Iterator[Candidate]:
    """Dates and times that are none, or are written otherwise."""
    if kind.kind not in ("date", "timestamp", "timestamptz"):
        return
    for zero in ZERO_DATES:
        if any(text.startswith(zero) for text in texts(values)):
            yield Candidate(f"nullif({base}, '{zero}')", "NULL for a zero date")
    for form in (*DATE_FORMS, *(() if kind.kind == "date" else TIME_FORMS)):
        if any(is_written(text, form) for text in texts(values)):
            yield Candidate(f"strptime({base}, '{form}')", f"written as {form}")


def is_written(text: str, form: str) -> bool:
    """Is a text a date of this form?"""
    from datetime import datetime

    try:
        datetime.strptime(text, form)
    except ValueError:
        return False
    return True


def texts(values: Sequence[Value]) -> Iterator[str]:
    """Those of the values that are text."""
    return (value for value in values if isinstance(value, str))


def without_nul(base: str, _column: PlannedColumn, _values: Sequence[Value]) -> Iterator[Candidate]:
    """Texts with the NUL character."""
    yield Candidate(f"replace({base}, chr(0), '')", "without the NUL character", lossy=True)


def looked_up(_base: str, column: PlannedColumn, _values: Sequence[Value]) -> Iterator[Candidate]:
    """Keys that a lookup does not have."""
    text = column.expression or ""
    default = "NULL" if column.target.nullable else DEFAULTS.get(column.target.type.kind)
    if default is not None and LOOKUP.search(text):
        yield Candidate(LOOKUP.sub(lambda found: f"{found[0][:-1]}, {default})", text), f"{default} for an unknown key")


BY_CODE = {
    "too-long": shorter,
    "not-null": defaulted,
    "out-of-range": in_range,
    "loses-precision": rounded,
    "invalid-value": rewritten,
    "nul-character": without_nul,
    "no-lookup": looked_up,
}
