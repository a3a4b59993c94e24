"""Packets are cut the same however the network splits them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.engine.databases.mysql.packets import LARGEST_PACKET, LineSplitter, PacketSplitter, fields

END = b"\xfe\x00\x00\x02\x00"
FAILURE = b"\xff\x25\x05#70100Query execution was interrupted"
SIZES = st.one_of(st.integers(0, 300), st.sampled_from([250, 251, 252, 253, 254, 255, 65_535, 65_536]))


def sized(data: bytes) -> bytes:
    """A field with its length before it."""
    if len(data) < 251:
        return bytes([len(data)]) + data
    if len(data) < 65_536:
        return b"\xfc" + len(data).to_bytes(2, "little") + data
    return b"\xfd" + len(data).to_bytes(3, "little") + data


def packet(body: bytes, number: int = 0) -> bytes:
    """A body, or the parts of one that is too long, with headers."""
    parts = [body[at : at + LARGEST_PACKET] for at in range(0, len(body) + 1, LARGEST_PACKET)]
    return b"".join(len(part).to_bytes(3, "little") + bytes([number % 256]) + part for part in parts)


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    """Data in pieces."""
    places = sorted({cut % (len(data) + 1) for cut in cuts})
    return [data[at:end] for at, end in zip([0, *places], [*places, len(data)], strict=True)]


@given(
    rows=st.lists(st.tuples(SIZES, st.one_of(st.none(), st.binary(max_size=20))), max_size=30),
    end=st.sampled_from([END, FAILURE]),
    cuts=st.lists(st.integers(0, 1 << 30), max_size=40),
)
def test_rows_are_found_at_any_split(rows, end, cuts):
    lines = [bytes([number % 256]) * size for number, (size, _) in enumerate(rows)]
    keys = [b"\xfb" if key is None else sized(key) for _, key in rows]
    bodies = [sized(line) + key for line, key in zip(lines, keys, strict=True)]
    data = b"".join(packet(body, number) for number, body in enumerate(bodies)) + packet(end)
    whole, cutter = PacketSplitter(), LineSplitter()
    found: list[bytes] = []
    first: list[bytes] = []
    others: list[bytes] = []
    for piece in split(data, cuts):
        found += whole.feed(piece)
        block = cutter.lines(piece)
        first += block.lines
        others += [block.others(row) for row in range(len(block.lines))]
    assert found == bodies
    assert (first, others) == (lines, keys)
    for splitter in (whole, cutter):
        assert splitter.ended
        assert splitter.failure == (end if end is FAILURE else None)
    assert not cutter.unfit


@given(before=st.integers(0, 5), after=st.integers(0, 5), cuts=st.lists(st.integers(0, 1 << 30), max_size=20))
def test_a_line_that_is_null_makes_the_rest_unfit_and_is_read_to_the_end(before, after, cuts):
    row = packet(sized(b"line\n") + sized(b"1"))
    data = row * before + packet(b"\xfb" + sized(b"1")) + row * after + packet(END)
    cutter = LineSplitter()
    found = [line for piece in split(data, cuts) for line in cutter.lines(piece).lines]
    assert found == [b"line\n"] * before
    assert cutter.unfit
    assert cutter.ended


def test_a_row_of_several_packets_is_one_row_and_no_line():
    body = b"\xfe" + (LARGEST_PACKET * 2).to_bytes(8, "little") + bytes(LARGEST_PACKET * 2)
    data = packet(body) + packet(sized(b"x")) + packet(END)
    whole, cutter = PacketSplitter(), LineSplitter()
    found = [row for piece in split(data, [5, LARGEST_PACKET + 2, LARGEST_PACKET + 9]) for row in whole.feed(piece)]
    assert [len(row) for row in found] == [len(body), 2]
    assert fields(found[0]) == [bytes(LARGEST_PACKET * 2)]
    for piece in split(data, [5, LARGEST_PACKET + 2]):
        assert not cutter.lines(piece).lines
    assert (cutter.unfit, cutter.ended) == (True, True)
