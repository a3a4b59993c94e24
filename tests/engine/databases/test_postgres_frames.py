"""The messages of a COPY, cut into chunks wherever they are split."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.engine.databases.base import LineLimits, Lines
from dms_workbench.engine.databases.postgres import frames
from dms_workbench.engine.databases.postgres.copy_in import BINARY_HEADER, BINARY_TRAILER
from dms_workbench.engine.databases.postgres.frames import FrameCutter, bare_rows, frame

END = b"c\x00\x00\x00\x04C\x00\x00\x00\x0bCOPY 1\x00"
CELLS = st.binary(max_size=12) | st.integers(0, 3_000).map(bytes) | st.just(b"d\x00\x00\x00\x06\xff\xff" * 9)
ASIDES = st.lists(st.tuples(st.sampled_from("NSA"), st.binary(max_size=30)), max_size=2)


def row_of(binary: bool, number: int, cell: bytes) -> bytes:
    if binary:
        return struct.pack(">hiii", 2, 4, number, len(cell)) + cell
    return b"%d\t%s\n" % (number, cell.hex().encode())


def asides(found: list[tuple[str, bytes]]) -> bytes:
    return b"".join(kind.encode() + struct.pack(">I", len(body) + 4) + body for kind, body in found)


def rows_of(pieces: bytes) -> list[bytes]:
    """The rows of whole messages."""
    at, rows = 0, []
    while at < len(pieces):
        assert pieces[at : at + 1] == b"d"
        (size,) = struct.unpack_from(">I", pieces, at + 1)
        rows.append(pieces[at + 5 : at + 1 + size])
        at += 1 + size
    assert at == len(pieces)
    return rows


@st.composite
def streams(draw: st.DrawFn) -> tuple[bool, list[bytes], list[bytes]]:
    """Binary or not, the rows, and the stream in parts as they may be read."""
    binary, cells = draw(st.booleans()), draw(st.lists(CELLS, max_size=12))
    rows = [row_of(binary, number, cell) for number, cell in enumerate(cells)]
    said = list(rows)
    if binary:
        said.append(BINARY_TRAILER)
        if draw(st.booleans()):
            said.insert(0, BINARY_HEADER)
        else:
            said[0] = BINARY_HEADER + said[0]
    if binary and not rows and said[0] != BINARY_HEADER:
        said = [BINARY_HEADER, BINARY_TRAILER]
    stream = b"".join(asides(draw(ASIDES)) + frame(message) for message in said) + END
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=30)))
    parts = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    return binary, rows, [part for part in parts if part]


@given(streams(), st.integers(1, 9), st.sampled_from([1, 40, 5_000, 10**9]))
def test_every_row_is_in_one_chunk_wherever_the_stream_is_split(given, rows_limit, bytes_limit):
    binary, rows, parts = given
    reads = iter(parts)
    limits = LineLimits(rows_limit, bytes_limit)
    cutter = FrameCutter(lambda: Lines("x"), reads.__next__, limits, lambda row: row[:9].hex(), binary=binary)
    found: list[bytes] = []
    for lines in cutter.chunks():
        passed = b"".join(lines.pieces)
        chunk = rows_of(passed)
        assert (lines.rows, lines.size_bytes) == (len(chunk), len(passed))
        assert 1 <= len(chunk) <= rows_limit
        assert sum(len(row) for row in chunk[:-1]) < bytes_limit + 5
        assert lines.position.startswith(chunk[-1][:6].hex() if binary else chunk[-1].split(b"\t")[0].hex())
        found += chunk
    assert found == rows
    assert (cutter.left + b"".join(reads)) == END


@pytest.mark.parametrize("binary", [True, False])
def test_chunks_end_at_a_row_for_every_split_of_the_stream_in_two(binary):
    rows = [row_of(binary, number, bytes(number)) for number in range(4)]
    said = [BINARY_HEADER + rows[0], *rows[1:], BINARY_TRAILER] if binary else rows
    stream = b"".join(frame(message) for message in said) + END
    for cut in range(1, len(stream)):
        reads = iter([stream[:cut], stream[cut:]])
        cutter = FrameCutter(
            lambda: Lines("x"), reads.__next__, LineLimits(3), lambda row: row[:6].hex(), binary=binary
        )
        found = [rows_of(b"".join(lines.pieces)) for lines in cutter.chunks()]
        assert found == [rows[:3], rows[3:]]
        assert (cutter.left + b"".join(reads)) == END


def test_a_message_whose_rest_never_comes_is_filled_up_before_the_error():
    class Gone(Exception):
        pass

    def parts() -> Iterator[bytes]:
        yield frame(b"1\tone\n") + frame(bytes(200_000))[:70_000]
        raise Gone

    reads = parts()
    cutter = FrameCutter(lambda: Lines("x"), reads.__next__, LineLimits(), lambda _: "", binary=False)
    passed: list[bytes] = []
    with pytest.raises(Gone):
        for lines in cutter.chunks():
            passed += lines.pieces
    assert [len(row) for row in rows_of(b"".join(passed))] == [6, 200_000]


@pytest.mark.parametrize("gathered", [1, 3_000, 10**9])
@given(st.lists(CELLS, max_size=12), st.lists(st.integers(0, 40_000), max_size=30))
def test_rows_are_taken_out_of_their_messages_wherever_these_are_cut(gathered, cells, cuts):
    rows = [row_of(False, number, cell) for number, cell in enumerate(cells)]
    stream = b"".join(map(frame, rows))
    places = sorted({min(cut, len(stream)) for cut in cuts})
    pieces = [stream[start:end] for start, end in zip([0, *places], [*places, len(stream)], strict=True)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frames, "GATHERED_BYTES", gathered)
        found = list(bare_rows(pieces))
    assert b"".join(found) == b"".join(rows)
    assert all(piece.endswith(b"\n") for piece in found)
    if gathered > len(stream):
        assert len(found) <= 1
