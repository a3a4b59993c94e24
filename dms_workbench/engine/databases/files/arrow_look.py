"""A quick look at a block of well-formed CSV by Arrow: columns whose texts are all written as their type writes them.

The bytes of a column tell whether all of it has the form that was found in the rows before, or Arrow parses it and writes it
again and every text comes back the same; nothing need be made a Python object. Whatever differs is left to the look of `kinds`.
"""

from __future__ import annotations

import datetime
import io
from typing import TYPE_CHECKING, Any

from ..arrow_alone import arrow_alone
from .kinds import COMMA_FORMS, FORMS, Watch
from .plain_texts import decimal_digits, whole_digits, written_as_stamps

if TYPE_CHECKING:
    from .dialect import Dialect

Arrow = Any
"""A chunked array of Arrow."""

INTEGER = next(form for form in FORMS if form.kind == "integer")
DECIMAL = next(form for form in FORMS if form.kind == "decimal")
DATE = next(form for form in FORMS if form.kind == "date")
STAMP = next(form for form in FORMS if form.kind == "timestamp" and form.separator == " ")
NUMBERS = (INTEGER, DECIMAL, *COMMA_FORMS)
DECIMAL_DIGITS = 38
FIRST_DAY = datetime.date.min.toordinal() - datetime.date(1970, 1, 1).toordinal()
SECONDS_OF_A_DAY = 86_400


def columns_of(data: bytes, dialect: Dialect, width: int) -> list[Arrow] | None:
    """The columns of a block as text, NULL where an unquoted field says so; None where Arrow does not take it."""
    import pyarrow as pa
    from pyarrow import csv

    arrow_alone()
    names = [str(at) for at in range(width)]
    try:
        table = csv.read_csv(
            io.BytesIO(data),
            read_options=csv.ReadOptions(column_names=names, use_threads=False, block_size=len(data) + 1),
            parse_options=csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=dialect.quote or False,
                double_quote=True,
                newlines_in_values=True,
                ignore_empty_lines=False,
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[dialect.null],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return list(table.columns)


def look(watch: Watch, column: Arrow) -> None:
    """As `Watch.look`."""
    if not quick(watch, column):
        watch.look(column.to_pylist())


def quick(watch: Watch, column: Arrow) -> bool:
    """Could all be told at once? Then it is noted."""
    if not watch.seen:
        return False
    if not watch.forms or column.null_count == len(column):
        watch.has_null = watch.has_null or column.null_count > 0
        return True
    present = column.drop_null() if column.null_count else column
    if not same_form(watch, present):
        return False
    watch.has_null = watch.has_null or column.null_count > 0
    return True


def same_form(watch: Watch, present: Arrow) -> bool:
    """Have all texts the form of the rows before? Notes what is known of their digits."""
    import pyarrow as pa

    first = watch.forms[0]
    if first == INTEGER and all(form in NUMBERS for form in watch.forms):
        return whole_numbers(watch, present)
    if watch.forms == (DECIMAL,) and len(watch.scales) == 1 and 0 not in watch.scales:
        return decimals(watch, present)
    if watch.forms == (DATE,):
        return (days := read_as(present, pa.date32())) is not None and not before(days.cast(pa.int32()), FIRST_DAY)
    if watch.forms == (STAMP,) and watch.scales == {0}:
        seconds = read_as(present, pa.timestamp("s"))
        return (
            seconds is not None
            and written_as_stamps(present)
            and not before(seconds.cast(pa.int64()), FIRST_DAY * SECONDS_OF_A_DAY)
        )
    return False


def read_as(present: Arrow, type: Any) -> Arrow | None:
    """The values of texts; None where one is no value. Arrow reads a date in one form only."""
    import pyarrow as pa

    try:
        return present.cast(type)
    except pa.ArrowInvalid:
        return None


def comes_back(present: Arrow, type: Any) -> Arrow | None:
    """The values of texts, if each is written as the type writes it."""
    import pyarrow as pa

    values = read_as(present, type)
    return values if values is not None and values.cast(pa.string()).equals(present) else None


def extremes(values: Arrow) -> tuple[Any, Any]:
    """The smallest and the largest."""
    import pyarrow.compute as pc

    found: Any = pc.min_max(values)
    found = found.as_py()
    return found["min"], found["max"]


def before(numbers: Arrow, first: int) -> bool:
    """Is one of them before a first one? Arrow knows a year 0."""
    return bool(extremes(numbers)[0] < first)


def whole_numbers(watch: Watch, present: Arrow) -> bool:
    """Note whole numbers, if they are that."""
    import pyarrow as pa

    digits = whole_digits(present)
    if digits is None:
        if (numbers := comes_back(present, pa.int64())) is None:
            return False
        digits = max(len(str(abs(number))) for number in extremes(numbers))
    watch.digits_before = max(watch.digits_before, digits)
    if len(watch.forms) > 1:
        watch.scales.add(0)
    return True


def decimals(watch: Watch, present: Arrow) -> bool:
    """Note decimals of the scale of those before, if they are that."""
    import pyarrow as pa
    import pyarrow.compute as pc

    (scale,) = watch.scales
    told = decimal_digits(present, scale)
    if told is None:
        if (numbers := comes_back(present, pa.decimal128(DECIMAL_DIGITS, scale))) is None:
            return False
        digits = max(len(str(int(abs(number)))) for number in extremes(numbers))
        told = digits, bool(pc.any(pc.ends_with(present, "0")).as_py())
    watch.digits_before = max(watch.digits_before, told[0])
    watch.zero_ended = watch.zero_ended or told[1]
    return True
