"""Rows with large cells are read from CSV as Arrow's own reader reads them, wherever the pieces are cut."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from dms_workbench.engine.databases import large_csv
from dms_workbench.engine.databases.base import Lines, RowsRefused
from dms_workbench.engine.databases.canonical_csv import CANONICAL, read_table
from dms_workbench.engine.databases.catalogue import Column, DataType

COLUMNS = (
    Column("k", DataType("integer", "integer", bits=32)),
    Column("b", DataType("bytes", "blob")),
    Column("s", DataType("text", "varchar")),
)
KINDS = (b'a"b', b"x\ny,z", "ö€😀".encode(), b"plain", b'"', b"")


def field(text: bytes | None) -> bytes:
    """As COPY writes it."""
    if text is None:
        return b""
    return b'"' + text.replace(b'"', b'""') + b'"' if not text or any(mark in text for mark in b'",\n\r') else text


def row(number: int, content: bytes | None, text: bytes | None) -> bytes:
    """A row of all columns."""
    return b"%d,%b,%b\n" % (number, b"" if content is None else rb"\x" + content.hex().encode(), field(text))


def lines_of(rows: list[bytes], sizes: random.Random | None = None) -> Lines:
    """A chunk, cut into pieces of any size."""
    lines, data, pieces, at = Lines(CANONICAL), b"".join(rows), [], 0
    while at < len(data):
        step = len(data) if sizes is None else sizes.choice((1, 2, 3, 50, 700))
        pieces.append(data[at : at + step])
        at += step
    lines.pieces, lines.rows = iter(pieces), len(rows)
    return lines


@pytest.fixture
def small(monkeypatch):
    """A field of 100 bytes is large, and a chunk of 400."""
    monkeypatch.setattr(large_csv, "SMALL_FIELD_BYTES", 100)
    monkeypatch.setattr(large_csv, "LARGE_BYTES", 400)


@pytest.mark.parametrize("seed", range(60))
def test_rows_are_what_arrow_makes_of_them_wherever_pieces_are_cut(seed, small):
    dice = random.Random(seed)
    rows, wanted = [], []
    for number in range(dice.randrange(1, 12)):
        content = dice.choice((None, b"", dice.randbytes(9), dice.randbytes(dice.randrange(300, 900))))
        kind = dice.choice(KINDS)
        text = dice.choice((None, kind, kind * dice.randrange(30, 200)))
        rows.append(row(number, content, text))
        wanted.append({"c0": number, "c1": content, "c2": None if text is None else text.decode()})
    assert read_table(lines_of(rows, dice), COLUMNS).to_pylist() == wanted


@pytest.mark.parametrize(
    "broken",
    [
        b"1,\\x" + b"0" * 1001 + b",x\n",
        b"1,\\x" + b"zz" * 500 + b",x\n",
        b"1," + b"00" * 500 + b",x\n",
        b"1,," + b"\xff" * 900 + b"\n",
        b'1,,"' + b"a" * 900 + b"\n",
        b"1,," + b"a" * 900 + b",\n",
        b"1" * 900 + b",,\n",
    ],
)
def test_what_is_no_value_of_its_column_is_refused(broken, small):
    lines = lines_of([broken], random.Random(1))
    with pytest.raises((RowsRefused, pa.ArrowInvalid)) as refusal:
        read_table(lines, COLUMNS)
    assert refusal.type is RowsRefused


def test_a_large_row_is_a_piece_of_its_own_so_that_it_can_be_let_go_alone(small):
    table = read_table(lines_of([row(1, None, b"a"), row(2, None, b"b" * 500_000)], random.Random(1)), COLUMNS)
    assert table.column("c2").num_chunks == 2
    assert [batch.num_rows for batch in table.to_batches()] == [1, 1]
