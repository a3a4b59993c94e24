"""Parquet files read exactly."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from dms_workbench.engine.databases.files.errors import FileDamaged
from dms_workbench.engine.databases.urls import database_for

COLUMNS = {
    "boolean": (pa.array([True, None]), [True, None], "BOOLEAN"),
    "uint64": (pa.array([2**64 - 1, 0], pa.uint64()), [2**64 - 1, 0], "UBIGINT"),
    "decimal": (pa.array([Decimal("1.50"), None], pa.decimal128(10, 2)), ["1.50", None], "DECIMAL(10,2)"),
    "half": (pa.array([1.5, None], pa.float32()).cast(pa.float16()), [1.5, None], "FLOAT"),
    "text": (pa.array(["", None]), ["", None], "VARCHAR"),
    "word": (pa.array(["a", "b"]).dictionary_encode(), ["a", "b"], "VARCHAR"),
    "bytes": (pa.array([b"\x00\xff", None]), [b"\x00\xff", None], "BLOB"),
    "date": (pa.array([datetime.date(2024, 2, 29), None]), ["2024-02-29", None], "DATE"),
    "old": (pa.array([-800_000, None], pa.int32()).cast(pa.date32()), ["0222-09-04 BC", None], "DATE"),
    "nano": (pa.array([1, None], pa.timestamp("ns")), ["1970-01-01 00:00:00.000000001", None], "TIMESTAMP_NS"),
    "zoned": (
        pa.array([1_500_000, None], pa.timestamp("us", "Europe/Berlin")),
        ["1970-01-01 00:00:01.5+00", None],
        "TIMESTAMP WITH TIME ZONE",
    ),
    "time": (pa.array([500, None], pa.time32("ms")), ["00:00:00.5", None], "TIME"),
    "list": (pa.array([[1, None], None]), ["[1,null]", None], "JSON"),
    "struct": (pa.array([{"a": 1, "b": "x"}, None]), ['{"a":1,"b":"x"}', None], "JSON"),
}  # fmt: skip


@pytest.fixture
def source(tmp_path: Path):
    """A file with a column of each type, in two row groups."""
    table = pa.table({name: array for name, (array, _, _) in COLUMNS.items()})
    pyarrow.parquet.write_table(table, tmp_path / "t.parquet", row_group_size=1)
    url = f"parquet:///{tmp_path}"
    return database_for(url).open_source(url)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_type_is_read_exactly(source, name: str) -> None:
    (table,) = source.catalogue().tables
    values = [value for batch in source.read(table, [name]) for value in batch.columns[0]]
    assert (values, table.column(name).type.native) == (COLUMNS[name][1], COLUMNS[name][2])


def test_reading_goes_on_behind_a_row(source) -> None:
    (table,) = source.catalogue().tables
    first = next(source.read(table, ["word"]))
    assert [batch.columns for batch in source.read(table, ["word"], after=first.position)] == [[["b"]]]


def test_a_file_cut_short_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(b"PAR1 and then nothing")
    url = f"parquet:///{tmp_path}"
    with pytest.raises(FileDamaged, match=r"t\.parquet"):
        database_for(url).open_source(url).catalogue()
