"""The quick look at a CSV file's columns tells what the look at each value tells."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dms_workbench.engine.databases.files import csv_table
from dms_workbench.engine.databases.files.arrow_look import ArrowLook, columns_of, look, quick
from dms_workbench.engine.databases.files.blocks import whole_block
from dms_workbench.engine.databases.files.csv_table import Known, examine
from dms_workbench.engine.databases.files.dialect import Dialect, Wishes
from dms_workbench.engine.databases.files.kinds import Watch, forms_for
from dms_workbench.engine.databases.files.opening import state_of

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
    columns = columns_of(block.data, dialect, 2, [0, 1])
    assert columns is not None
    assert [column.to_pylist() for column in columns] == block.columns()
    second = columns_of(block.data, dialect, 2, [1])
    assert second == columns[1:]


PLAIN = WHOLE | DECIMALS | DATES | ODD
ROW = st.tuples(PLAIN, PLAIN, st.sampled_from(["\n"] * 9 + ["\r\n", ",\n", "\r", "\n\n", '"\n', "\x00\n", "\\.\n"]))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(ROW, min_size=1, max_size=30),
    st.sampled_from([b"", b"a,b\n"]),
    st.sampled_from([b"", b"\xff\n", b"1,\xe2\x82\n", b"1,2"]),
    st.sampled_from([None, "utf-8"]),
    st.integers(1, 60),
)
def test_files_are_known_alike_whether_their_blocks_are_cut_or_looked_at_as_a_whole(
    rows: list[tuple[str, str, str]], head: bytes, tail: bytes, encoding: str | None, first_bytes: int
) -> None:
    found = []
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "t.csv"
        path.write_bytes(head + "".join(f"{a},{b}{end}" for a, b, end in rows).encode() + tail)
        patch.setattr(csv_table, "FIRST_BYTES", first_bytes)
        wishes = Wishes(encoding=encoding, delimiter=",")
        for quickly in (True, False):
            if not quickly:
                patch.setattr(ArrowLook, "take", lambda *_: None)
                patch.setattr(ArrowLook, "look", lambda *_: False)
            found.append(examine(path, wishes, (), state_of(path)))
    assert found[0] == found[1]


@pytest.mark.parametrize("quote", ["", '"'])
def test_usual_blocks_are_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quote: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,n,s\n" + "".join(f"{i},{i}.50,name {i}\n" for i in range(20_000)))
    taken = []
    take = ArrowLook.take

    def noted(self: ArrowLook, data: bytes) -> int | None:
        taken.append(take(self, data))
        return taken[-1]

    monkeypatch.setattr(ArrowLook, "take", noted)
    found: Known = examine(path, Wishes(quote=quote), (), state_of(path))
    assert None not in taken
    assert sum(count or 0 for count in taken) == found.rows == 20_000
    assert [column.type.native for column in found.columns] == ["BIGINT", "DECIMAL(7,2)", "VARCHAR"]
