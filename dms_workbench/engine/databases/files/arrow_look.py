"""A quick look at a block of well-formed CSV by Arrow: columns whose texts are all written as their type writes them.

The bytes of a column tell whether all of it has the form that was found in the rows before, or Arrow parses it and writes it
again and every text comes back the same; nothing need be made a Python object. Whatever differs is left to the look of `kinds`.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ..arrow_alone import arrow_alone
from .blocks import takes
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
NEWLINE = 0x0A
DECIMAL_DIGITS = 38
FIRST_DAY = datetime.date.min.toordinal() - datetime.date(1970, 1, 1).toordinal()
SECONDS_OF_A_DAY = 86_400


class ArrowLook:
    """The quick look at a file. Its columns are looked at aside, while the next block is read and cut into columns."""

    def __init__(self, dialect: Dialect, watches: list[Watch]) -> None:
        """watches: of its columns; nobody else may use them before `wait`."""
        self.dialect, self.watches = dialect, watches
        self.reads = takes(dialect) and dialect.encoding == "utf-8" and dialect.newline == "\n"
        self.aside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dms look")
        self.going: Future[None] | None = None

    def __enter__(self) -> ArrowLook:
        return self

    def __exit__(self, *_: object) -> None:
        self.aside.shutdown()
        self.wait()

    def take(self, data: bytes) -> int | None:
        """Look at whole lines, if each is a record without a quote; how many they are, None if nothing of them is noted."""
        quote = self.dialect.quote.encode()
        if not self.reads or (quote and quote in data) or not is_utf8(data):
            return None
        rows = whole_lines(data)
        return rows if rows and self.look(data, rows) else None

    def look(self, data: bytes, rows: int) -> bool:
        """Look at so many well-formed records; False if Arrow does not find them so, and nothing is noted."""
        if not self.reads:
            return False
        wanted = [at for at, watch in enumerate(self.watches) if not watch.told] or [0]
        columns = columns_of(data, self.dialect, len(self.watches), wanted)
        if columns is None or len(columns[0]) != rows:
            return False
        self.wait()
        try:
            self.going = self.aside.submit(self.note, wanted, columns)
        except RuntimeError:  # the system gives no more threads
            self.note(wanted, columns)
        return True

    def note(self, wanted: list[int], columns: list[Arrow]) -> None:
        """Look at columns."""
        for at, column in zip(wanted, columns, strict=True):
            look(self.watches[at], column)

    def wait(self) -> None:
        """Until all that was taken is noted."""
        if self.going is not None:
            going, self.going = self.going, None
            going.result()


def whole_lines(data: bytes) -> int:
    """How many lines end here; 0 if one of them is blank, which Arrow takes for a row without values."""
    import numpy as np

    ends = np.frombuffer(data, dtype=np.uint8) == NEWLINE
    before = 2 if b"\r" in data else 1
    if ends[:before].any() or (ends[before:] & ends[:-before]).any():
        return 0
    return int(np.count_nonzero(ends))


def is_utf8(data: bytes) -> bool:
    """Is it text?"""
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def columns_of(data: bytes, dialect: Dialect, width: int, wanted: Sequence[int]) -> list[Arrow] | None:
    """Some columns of a block of valid UTF-8 as text, NULL where an unquoted field says so; None where Arrow does not take it."""
    import pyarrow as pa
    from pyarrow import csv

    arrow_alone()
    names = [str(at) for at in range(width)]
    source: Any = pa.py_buffer(data)
    try:
        table = csv.read_csv(
            source,
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
                include_columns=[names[at] for at in wanted],
                check_utf8=False,
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
