"""Values as they are written: as fields of a LOAD DATA file and as literals, for the column that takes them.

The server is not asked to guess: what it would take for another value without an error (the number 5 for the year 2005,
the text ``2`` for the second label) is found here before it is sent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..base import Reject, Value
from ..catalogue import Column
from .capabilities import literal, quote
from .forms import BINARY, GEOMETRY, TEXT, Stored, widened

NULL_FIELD = "\\N"
SPECIAL = re.compile(r"[\\\t\n\0]")
ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\0": "\\0"}
TO_ESCAPE = tuple(ESCAPES)
FORMS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "time": re.compile(r"-?\d{2,3}:\d\d:\d\d(?:\.\d{1,6})?"),
    "timestamp": re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?"),
    "timestamptz": re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?:\+00)?"),
    "decimal": re.compile(r"-?\d+(?:\.\d+)?"),
}
FORM_OF = {
    "date": "date",
    "time": "time",
    "datetime": "timestamp",
    "timestamp": "timestamptz",
    "decimal": "decimal",
}
BITS = re.compile(r"[01]+")
GEOMETRY_TEXT = re.compile(r"(?:SRID=(\d+);)?(.*)", re.DOTALL)
NO_GEOMETRY = "'no geometry'"
"""What is stored for text that is none: the server refuses it, where it would take the NULL that the function gives."""
NUMBERS = frozenset(("integer", "boolean", "float", "decimal"))
FIRST_YEAR, LAST_YEAR = 1901, 2155
LARGEST_SINGLE = 3.4028234663852886e38


@dataclass(frozen=True, slots=True)
class Place:
    """A column that is written."""

    column: Column
    stored: Stored

    @property
    def is_hex(self) -> bool:
        """Do its values travel in hexadecimal?"""
        return self.stored.data_type in BINARY or (self.stored.data_type == "bit" and self.column.type.kind == "bytes")

    def target(self, number: int) -> tuple[str, str]:
        """The column or variable that a field is read into, and what is to be SET, if anything."""
        name, variable = quote(self.column.name), f"@dms{number}"
        made = self.made_of(variable)
        return (name, "") if made is None else (variable, f"{name} = {made}")

    def made_of(self, variable: str) -> str | None:
        """The value made of a field in a variable; None where the server takes the field as it is."""
        type_ = self.stored.data_type
        if self.is_hex:
            return f"UNHEX({variable})"
        if type_ in GEOMETRY:
            srid = f"CAST(SUBSTRING_INDEX({variable}, ';', 1) AS UNSIGNED)"
            made = f"ST_GeomFromText(SUBSTRING({variable}, LOCATE(';', {variable}) + 1), {srid})"
            return f"IF({variable} IS NULL, NULL, COALESCE({made}, {NO_GEOMETRY}))"
        if type_ == "bit":
            bits = self.column.type.kind not in ("boolean", "integer", "decimal")
            return f"CAST(CONV({variable}, 2, 10) AS UNSIGNED)" if bits else f"CAST({variable} AS UNSIGNED)"
        return f"CAST({variable} AS SIGNED)" if type_ == "year" else None

    def plain(self, value: Value) -> str:
        """A value as text without quotes: what stands in a field before it is escaped."""
        if isinstance(value, str):
            if self.stored.data_type in GEOMETRY:
                match = GEOMETRY_TEXT.fullmatch(value)
                return f"{match[1] or 0};{match[2]}" if match else value
            return value.removesuffix("+00") if self.column.type.kind == "timestamptz" else value
        if isinstance(value, bool):
            return "1" if value else "0"
        if isinstance(value, float):
            return repr(widened(value) if self.stored.data_type == "float" else value)
        return value.hex() if isinstance(value, bytes) else str(value)

    def fields(self, values: Sequence[Value]) -> list[str]:
        """Values as fields of a line."""
        kind = self.column.type.kind
        if kind == "integer":
            return [NULL_FIELD if value is None else str(value) for value in values]
        plain = self.plain
        if kind in ("text", "json", "other"):
            return self.texts(values)
        return [NULL_FIELD if value is None else plain(value) for value in values]

    def texts(self, values: Sequence[Value]) -> list[str]:
        """Texts as fields; one look at all of them tells whether there is anything to escape."""
        plain = [None if value is None else self.plain(value) for value in values]
        joined = "".join([text for text in plain if text is not None])
        if not any(character in joined for character in TO_ESCAPE):
            return [NULL_FIELD if text is None else text for text in plain]
        return [NULL_FIELD if text is None else SPECIAL.sub(lambda match: ESCAPES[match[0]], text) for text in plain]

    def literal(self, value: Value) -> str:
        """A value in SQL."""
        if value is None:
            return "NULL"
        type_, plain = self.stored.data_type, self.plain(value)
        if self.is_hex:
            return f"X'{plain}'" if plain else "''"
        if type_ in GEOMETRY:
            srid, _, text = plain.partition(";")
            return f"COALESCE(ST_GeomFromText({literal(text)}, {srid}), {NO_GEOMETRY})"
        if type_ == "bit" and self.column.type.kind == "other":
            return f"b'{plain}'"
        if isinstance(value, float):
            return plain if "e" in plain else f"{plain}e0"
        if self.column.type.kind in NUMBERS and not isinstance(value, str):
            return plain
        return literal(plain)

    def refusals(self, values: Sequence[Value]) -> list[Reject]:
        """The values that the server would store as something else, or cannot be told."""
        check = CHECKS.get(self.stored.data_type)
        if check is None:
            check = is_text if self.stored.data_type in TEXT else is_anything
        form = FORMS.get(FORM_OF.get(self.stored.data_type, ""))
        found = []
        known: dict[Any, str | None] = {}
        for row, value in enumerate(values):
            if value is None:
                continue
            if isinstance(value, str) and value.isascii() and check is is_text:
                continue
            if value not in known:
                known[value] = check(self, value, form)
            if (code := known[value]) is not None:
                found.append(Reject(row, self.column.name, code, REASONS[code]))
        return found


Check = Callable[[Place, Any, "re.Pattern[str] | None"], "str | None"]
REASONS = {
    "invalid-value": "the value is not one of the type",
    "invalid-text": "the text is not valid Unicode",
    "out-of-range": "the value is outside the type's range",
}


def is_anything(_place: Place, _value: Any, _form: re.Pattern[str] | None) -> str | None:
    """Whatever it is, the server decides."""
    return None


def is_text(_place: Place, value: Any, _form: re.Pattern[str] | None) -> str | None:
    """Text that UTF-8 can hold."""
    try:
        str(value).encode()
    except UnicodeEncodeError:
        return "invalid-text"
    return None


def is_of_form(place: Place, value: Any, form: re.Pattern[str] | None) -> str | None:
    """A date, time or number written in full; numbers of their own class as they are."""
    if isinstance(value, int) and place.stored.data_type == "decimal":
        return None
    return None if form is not None and isinstance(value, str) and form.fullmatch(value) else "invalid-value"


def is_finite(place: Place, value: Any, _form: re.Pattern[str] | None) -> str | None:
    """A number inside the type's range: the product has no NaN and no infinity."""
    if not (isinstance(value, int | float) and math.isfinite(value)):
        return "invalid-value"
    if place.stored.data_type == "float" and abs(value) > LARGEST_SINGLE:
        return "out-of-range"
    return None


def is_year(_place: Place, value: Any, _form: re.Pattern[str] | None) -> str | None:
    """A year that is stored as it is; 70 would become 1970."""
    return None if value == 0 or FIRST_YEAR <= int(value) <= LAST_YEAR else "out-of-range"


def is_bits(place: Place, value: Any, _form: re.Pattern[str] | None) -> str | None:
    """Bits as zeros and ones, as many as the column has; or a number."""
    if not isinstance(value, str):
        return None
    return None if BITS.fullmatch(value) and len(value) <= (place.column.type.length or 64) else "invalid-value"


def is_filled(place: Place, value: Any, _form: re.Pattern[str] | None) -> str | None:
    """As many bytes as BINARY has: fewer would be filled with zeros."""
    width = place.stored.native.partition("(")[2].rstrip(")")
    return "invalid-value" if isinstance(value, bytes) and width.isdigit() and len(value) < int(width) else None


CHECKS: dict[str, Check] = {
    "binary": is_filled,
    "date": is_of_form,
    "time": is_of_form,
    "datetime": is_of_form,
    "timestamp": is_of_form,
    "decimal": is_of_form,
    "float": is_finite,
    "double": is_finite,
    "year": is_year,
    "bit": is_bits,
}


def lines(places: Sequence[Place], values: Sequence[Sequence[Value]]) -> bytes:
    """Rows as the lines of a LOAD DATA file."""
    columns = [place.fields(column) for place, column in zip(places, values, strict=True)]
    return ("\n".join(map("\t".join, zip(*columns, strict=True))) + "\n").encode()


def tuples(places: Sequence[Place], values: Sequence[Sequence[Value]]) -> list[str]:
    """Rows as the tuples of an INSERT."""
    columns = [list(map(place.literal, column)) for place, column in zip(places, values, strict=True)]
    return [f"({', '.join(row)})" for row in zip(*columns, strict=True)]
