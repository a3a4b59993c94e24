"""The quick look at a CSV file's columns tells what the look at each value tells."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dms_workbench.engine.databases.files.arrow_look import columns_of, look, quick
from dms_workbench.engine.databases.files.blocks import whole_block
from dms_workbench.engine.databases.files.dialect import Dialect
from dms_workbench.engine.databases.files.kinds import Watch, forms_for

WHOLE = st.integers(-(2**65), 2**65).map(str) | st.integers(-9, 99).map(str)
DECIMALS = st.decimals(-999, 999, places=2).map(str) | st.sampled_from(
    ["-0.00", "0.10", "1.5", "00.50", "1e2", "+1.50"]
)
DATES = st.dates().map(str) | st.sampled_from(["0000-01-01", "2023-02-29", "1999-1-8", "20240101"])
STAMPS = st.datetimes().map(lambda at: at.replace(microsecond=0).isoformat(" ")) | st.sampled_from(
    ["0000-01-01 00:00:00", "2024-01-01 24:00:00", "2024-01-01T00:00:00", "2024-01-01 00:00:00.5", "2024-01-01 00:00"]
)
ODD = st.sampled_from(["", "x", "true", "0", "-0", "007", " 1", "1,5", "1.234,5", "é"])
KINDS = (WHOLE, DECIMALS, DATES, STAMPS)


def state(watch: Watch) -> tuple[Any, ...]:
    """All that comes of a watch."""
    return watch.form(), watch.type(), watch.has_null, watch.seen


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(KINDS), st.sampled_from([",", ";"]))
def test_the_quick_look_finds_what_the_look_at_each_value_finds(data: st.DataObject, kind: Any, delimiter: str) -> None:
    block = st.lists(kind | st.none() if data.draw(st.booleans()) else kind, min_size=1, max_size=6)
    odd = st.lists(kind | ODD | st.none(), min_size=1, max_size=4)
    blocks = data.draw(st.lists(block, min_size=1, max_size=4)) + data.draw(st.lists(odd, max_size=1))
    one, other = (Watch(forms_for(Dialect(delimiter=delimiter))) for _ in range(2))
    for values in blocks:
        one.look(values)
        look(other, pa.chunked_array([pa.array(values, pa.string())]))
    assert state(one) == state(other)


@pytest.mark.parametrize(
    "values", [["1", "25"], ["1.50", "2.25"], ["2024-01-01"], ["2024-01-01 10:00:00"], ["x", "y"]], ids=str
)
def test_usual_columns_are_looked_at_quickly(values: list[str | None]) -> None:
    watch = Watch(forms_for(Dialect()))
    watch.look(values)
    assert quick(watch, pa.chunked_array([pa.array(values, pa.string())]))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(*[st.none() | st.text(alphabet='a1,;"\r\n é', max_size=5) for _ in range(2)]), min_size=1, max_size=8
    ),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "a"]),
)
def test_arrow_reads_the_fields_of_a_block_that_the_cut_finds(rows: list[tuple[Any, ...]], end: str, null: str) -> None:
    dialect = Dialect(null=null)
    lines = (",".join(null if v is None else '"' + v.replace('"', '""') + '"' for v in row) + end for row in rows)
    data = "".join(lines).encode()
    block = whole_block(data, dialect, 2)
    assert block is not None
    columns = columns_of(block.data, dialect, 2)
    assert columns is not None
    assert [column.to_pylist() for column in columns] == block.columns()
