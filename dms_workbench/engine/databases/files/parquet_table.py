"""One Parquet file as rows, read by row groups through Arrow; types of Arrow as common ones."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..arrow_alone import arrow_alone
from ..base import Batch, Reject, Value
from ..catalogue import Column, DataType
from ..errors import FileMissing
from .errors import FileChanged, FileDamaged
from .opening import state_of
from .types import integer_name, parse_type

if TYPE_CHECKING:
    import pyarrow
    import pyarrow.parquet

MICROSECOND_DIGITS = 6
UNIT_DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
SECONDS_IN_DAY = 86_400
FIRST_DAY = (datetime.date(1, 1, 1) - datetime.date(1970, 1, 1)).days
LAST_DAY = (datetime.date(9999, 12, 31) - datetime.date(1970, 1, 1)).days
DAYS_IN_CYCLE = 146_097
YEARS_IN_CYCLE = 400


class ParquetFile:
    """A file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def opened(self) -> Iterator[pyarrow.parquet.ParquetFile]:
        """The file with its metadata read. Raises FileMissing, FileDamaged."""
        import pyarrow
        from pyarrow import parquet

        arrow_alone()
        try:
            with parquet.ParquetFile(self.path, page_checksum_verification=True) as file:
                yield file
        except FileNotFoundError:
            raise FileMissing(path=str(self.path), database="files") from None
        except (pyarrow.ArrowException, OSError) as error:
            raise FileDamaged(path=str(self.path), format="Parquet", reason=first_line(error)) from None

    def described(self) -> tuple[tuple[Column, ...], int]:
        """The columns and the number of rows."""
        with self.opened() as file:
            columns = tuple(
                Column(field.name, common_type(field.type), nullable=field.nullable) for field in file.schema_arrow
            )
            return columns, int(file.metadata.num_rows)

    def batches(
        self, names: Sequence[str], skip: int, batch_rows: int, batch_bytes: int
    ) -> Iterator[tuple[Batch, int]]:
        """The rows behind so many, each batch with the number of the row behind it. Raises FileChanged, FileDamaged."""
        state = state_of(self.path)
        with self.opened() as file:
            row = 0
            for group in range(file.metadata.num_row_groups):
                about = file.metadata.row_group(group)
                if row + about.num_rows <= skip:
                    row += about.num_rows
                    continue
                rows = max(1, min(batch_rows, int(batch_bytes * about.num_rows / max(about.total_byte_size, 1))))
                for arrow in file.iter_batches(batch_size=rows, row_groups=[group], columns=list(names)):
                    cut = max(0, min(skip - row, arrow.num_rows))
                    row += arrow.num_rows
                    if cut < arrow.num_rows:
                        yield self.batch(arrow.slice(cut), names, row), row
        if state_of(self.path) != state:
            raise FileChanged(path=str(self.path))

    def batch(self, arrow: pyarrow.RecordBatch, names: Sequence[str], end: int) -> Batch:
        """A batch of values."""
        rejects: dict[int, Reject] = {}
        columns = []
        for name in names:
            values, unlike = values_of(arrow.column(name), name)
            columns.append(values)
            for reject in unlike:
                rejects.setdefault(reject.row, reject)
        keys: list[list[Value]] = [list(range(end - arrow.num_rows + 1, end + 1))]
        return Batch(columns, arrow.num_rows, "", keys, rejects=[rejects[row] for row in sorted(rejects)])


def first_line(error: BaseException) -> str:
    """What Arrow says, without the places in its own source."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def common_type(type: pyarrow.DataType) -> DataType:
    """The common meaning of an Arrow type."""
    from pyarrow import types as is_

    if is_.is_dictionary(type):
        return common_type(type.value_type)
    if is_.is_integer(type):
        return parse_type(integer_name(type.bit_width, unsigned=not is_.is_signed_integer(type)))
    if is_.is_decimal(type):
        return common_decimal(type.precision, type.scale)
    if is_.is_floating(type):
        return parse_type("DOUBLE" if type.bit_width == 64 else "FLOAT")
    if is_.is_timestamp(type):
        digits = UNIT_DIGITS[type.unit]
        if type.tz:
            return replace(parse_type("TIMESTAMP WITH TIME ZONE"), scale=digits)
        return parse_type("TIMESTAMP_NS" if digits > MICROSECOND_DIGITS else "TIMESTAMP")
    if is_.is_time(type):
        return parse_type("TIME_NS" if UNIT_DIGITS[type.unit] > MICROSECOND_DIGITS else "TIME")
    return other_type(type)


def common_decimal(precision: int, scale: int) -> DataType:
    """A decimal; one whose scale is negative has so many digits more."""
    if scale < 0:
        precision, scale = precision - scale, 0
    return DataType("decimal", f"DECIMAL({precision},{scale})", precision=precision, scale=scale)


def other_type(type: pyarrow.DataType) -> DataType:
    """As `common_type`, for types without parameters and nested ones."""
    from pyarrow import types as is_

    if is_.is_boolean(type):
        return parse_type("BOOLEAN")
    if is_.is_date(type):
        return parse_type("DATE")
    if is_.is_duration(type):
        return parse_type("INTERVAL")
    name = getattr(type, "extension_name", "")
    if name == "arrow.uuid":
        return parse_type("UUID")
    if name == "arrow.json" or is_.is_nested(type):
        return parse_type("JSON")
    if is_.is_binary(type) or is_.is_large_binary(type) or is_.is_binary_view(type) or is_.is_fixed_size_binary(type):
        return parse_type("BLOB")
    return parse_type("VARCHAR")


def values_of(array: Any, name: str) -> tuple[list[Value], list[Reject]]:
    """A column's values in the forms of `engine.databases.base`."""
    from pyarrow import types as is_

    type = array.type
    if is_.is_dictionary(type):
        return values_of(array.dictionary_decode(), name)
    if is_.is_nested(type):
        return json_values(array), []
    extension = getattr(type, "extension_name", "")
    if extension == "arrow.uuid":
        return [None if value is None else str(value) for value in array.to_pylist()], []
    if extension == "arrow.json":
        return texts(array.storage, name)
    if is_.is_decimal(type):
        return [None if value is None else format(value, "f") for value in array.to_pylist()], []
    if is_.is_temporal(type):
        return temporal_values(array), []
    if is_.is_string(type) or is_.is_large_string(type) or is_.is_string_view(type):
        return texts(array, name)
    return array.to_pylist(), []


def texts(array: Any, name: str) -> tuple[list[Value], list[Reject]]:
    """Text; what is no UTF-8 is rejected, its bytes as lone surrogates."""
    import pyarrow

    try:
        return array.to_pylist(), []
    except UnicodeDecodeError:
        stored = array.cast(pyarrow.large_binary()).to_pylist()
    values: list[Value] = []
    rejects = []
    for row, value in enumerate(stored):
        text = None if value is None else value.decode("utf-8", "surrogateescape")
        values.append(text)
        if text is not None and text.encode("utf-8", "replace") != value:
            rejects.append(Reject(row, name, "invalid-text", "the text is no UTF-8"))
    return values, rejects


def json_values(array: Any) -> list[Value]:
    """Lists, structs and maps as JSON text."""
    import duckdb
    import pyarrow

    rows = pyarrow.table({"value": array})
    with duckdb.connect(config={"enable_external_access": False}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("rows", rows)
        made = connection.execute(
            "SELECT CASE WHEN value IS NOT NULL THEN CAST(to_json(value) AS VARCHAR) END FROM rows"
        ).fetchall()
    return [value for (value,) in made]


def temporal_values(array: Any) -> list[Value]:
    """Dates, times, timestamps and durations."""
    import pyarrow
    from pyarrow import types as is_

    type = array.type
    if is_.is_date32(type):
        return [None if days is None else day_text(days) for days in array.cast(pyarrow.int32()).to_pylist()]
    counts = array.cast(pyarrow.int32()).cast(pyarrow.int64()) if is_.is_time32(type) else array.cast(pyarrow.int64())
    numbers = counts.to_pylist()
    if is_.is_date64(type):
        return [None if each is None else day_text(each // (SECONDS_IN_DAY * 1_000)) for each in numbers]
    per_second = PER_SECOND[type.unit]
    if is_.is_time(type):
        return [None if each is None else clock_text(each, per_second) for each in numbers]
    if is_.is_duration(type):
        return [None if each is None else duration_text(each, per_second) for each in numbers]
    zone = "+00" if type.tz else ""
    return [None if each is None else stamp_text(each, per_second, zone) for each in numbers]


def day_text(days: int) -> str:
    """A day by its number since 1970."""
    if FIRST_DAY <= days <= LAST_DAY:
        return (EPOCH + datetime.timedelta(days)).isoformat()
    cycles, rest = divmod(days - FIRST_DAY, DAYS_IN_CYCLE)
    inside = EPOCH + datetime.timedelta(FIRST_DAY + rest)
    year = inside.year + cycles * YEARS_IN_CYCLE
    text = f"{year if year > 0 else 1 - year:04d}-{inside.month:02d}-{inside.day:02d}"
    return text if year > 0 else f"{text} BC"


EPOCH = datetime.date(1970, 1, 1)


def clock_text(count: int, per_second: int) -> str:
    """A time of day by its count since midnight."""
    seconds, fraction = divmod(count, per_second)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if not fraction:
        return text
    return f"{text}.{str(fraction).zfill(len(str(per_second)) - 1).rstrip('0')}"


def stamp_text(count: int, per_second: int, zone: str) -> str:
    """A moment by its count since 1970."""
    day, rest = divmod(count, per_second * SECONDS_IN_DAY)
    date = day_text(day)
    era = " BC" if date.endswith(" BC") else ""
    return f"{date.removesuffix(' BC')} {clock_text(rest, per_second)}{zone}{era}"


def duration_text(count: int, per_second: int) -> str:
    """A duration in PostgreSQL's form of an interval."""
    return f"{'-' if count < 0 else ''}{clock_text(abs(count), per_second)}"
