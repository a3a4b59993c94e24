"""The packets of a result, cut from bytes as they arrive, however the network has split them.

A packet is three bytes of length, a number that counts, and its body; a body of 16 MB - 1 byte goes on in the next packet. A
row's fields each begin with their length: one byte up to 250, or 252, 253 or 254 and then two, three or eight bytes; 251 is
NULL. The rows end with a short packet that begins with 254, or with an error.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

LARGEST_PACKET = 0xFFFFFF
END, FAILURE = 0xFE, 0xFF
END_BYTES = 9
"""An end of rows is shorter than this; a row that begins with the same byte is not."""
HEADER_BYTES = 4
LONGEST_OF_ONE_BYTE = 250
TWO_BYTES, THREE_BYTES = 252, 253
header_of = struct.Struct("<I").unpack_from


class PacketSplitter:
    """Cuts bytes into the bodies of packets."""

    def __init__(self) -> None:
        self.rest = b""
        """The beginning of a packet that has not arrived whole."""
        self.long: list[bytes] = []
        """Parts of a row that goes on."""
        self.ended = False
        self.failure: bytes | None = None
        """The packet of the error that the rows ended with."""

    @property
    def missing(self) -> int:
        """How many bytes more the packet has that has begun; 0 where that is not known."""
        rest = self.rest
        return HEADER_BYTES + int.from_bytes(rest[:3], "little") - len(rest) if len(rest) >= HEADER_BYTES else 0

    def feed(self, data: bytes) -> list[bytes]:
        """The rows that are whole with these bytes; notes the end of the result."""
        buffer = self.rest + data if self.rest else data
        found: list[bytes] = []
        at, size = 0, len(buffer)
        while size - at >= HEADER_BYTES:
            length = header_of(buffer, at)[0] & LARGEST_PACKET
            end = at + HEADER_BYTES + length
            if end > size:
                break
            body = buffer[at + HEADER_BYTES : end]
            at = end
            if length == LARGEST_PACKET or self.long:
                self.go_on(body, found)
            elif body[0] < END or (body[0] == END and length >= END_BYTES):
                found.append(body)
            else:
                self.failure = body if body[0] == FAILURE else None
                self.ended = True
                break
        self.rest = buffer[at:]
        return found

    def go_on(self, body: bytes, found: list[bytes]) -> None:
        """One more part of a long row; a part that is not full is the last."""
        self.long.append(body)
        if len(body) < LARGEST_PACKET:
            found.append(b"".join(self.long))
            self.long.clear()


@dataclass(slots=True)
class Block:
    """Rows that arrived together."""

    buffer: bytes = b""
    lines: list[bytes] = field(default_factory=list)
    """The first field of each row."""
    ends: list[int] = field(default_factory=list)
    """Where each row's packet ends in the buffer; the first begins with it."""

    def begin(self, row: int) -> int:
        """Where a row's packet begins."""
        return self.ends[row - 1] if row else 0

    def others(self, row: int) -> bytes:
        """The fields of a row behind the first, in the form of a packet's body."""
        at = self.begin(row) + HEADER_BYTES
        first, width = self.buffer[at], len(self.lines[row])
        lead = {TWO_BYTES: 3, THREE_BYTES: 4}.get(first, 1)
        return self.buffer[at + lead + width : self.ends[row]]


class LineSplitter(PacketSplitter):
    """Cuts bytes into the first fields of rows, where that field is a line.

    A line that is NULL, since the server could not hold it, or a row as large as a packet makes the result unfit: what
    follows is cut, but none of it is a line.
    """

    def __init__(self) -> None:
        super().__init__()
        self.unfit = False

    def lines(self, data: bytes) -> Block:
        """The rows that are whole with these bytes."""
        if self.unfit:
            self.feed(data)
            return Block()
        buffer = self.rest + data if self.rest else data
        block = Block(buffer)
        add, note = block.lines.append, block.ends.append
        at, size = 0, len(buffer)
        while size - at > HEADER_BYTES:
            length = header_of(buffer, at)[0] & LARGEST_PACKET
            end = at + HEADER_BYTES + length
            if end > size and length < LARGEST_PACKET:
                break
            first = buffer[at + 4]
            if first <= LONGEST_OF_ONE_BYTE and length < LARGEST_PACKET:
                add(buffer[at + 5 : at + 5 + first])
            elif first == TWO_BYTES and length < LARGEST_PACKET:
                begin = at + 7
                add(buffer[begin : begin + buffer[at + 5] + (buffer[at + 6] << 8)])
            elif first == THREE_BYTES and length < LARGEST_PACKET:
                begin = at + 8
                add(buffer[begin : begin + int.from_bytes(buffer[at + 5 : begin], "little")])
            else:
                self.odd(buffer[at:])
                return block
            note(end)
            at = end
        self.rest = buffer[at:]
        return block

    def odd(self, rest: bytes) -> None:
        """What begins here is the end, or a row that holds no line."""
        self.rest = b""
        found = self.feed(rest)
        self.unfit = bool(found) or not self.ended


def fields(packet: bytes) -> list[bytes | None]:
    """The fields of a row's packet."""
    found: list[bytes | None] = []
    at, size = 0, len(packet)
    while at < size:
        first = packet[at]
        at += 1
        if first == 251:
            found.append(None)
            continue
        if first > 251:
            width = {252: 2, 253: 3, 254: 8}[first]
            first = int.from_bytes(packet[at : at + width], "little")
            at += width
        found.append(packet[at : at + first])
        at += first
    return found


SKIPPED = {252: 3, 253: 4, 254: 9}


def only_field(packet: bytes) -> bytes | None:
    """The field of a row of one column."""
    first = packet[0]
    if first < 251:
        return packet[1:]
    return None if first == 251 else packet[SKIPPED[first] :]
