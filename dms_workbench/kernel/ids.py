"""Identifiers: UUID version 7 of RFC 9562, which sort by the time they were made."""

from __future__ import annotations

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0
NANOSECONDS_PER_MILLISECOND = 1_000_000


def new_id() -> str:
    """A fresh UUIDv7; within this process each is greater than the one before."""
    return str(uuid.UUID(int=uuid7_int(next_tick(), int.from_bytes(os.urandom(8)) & ((1 << 62) - 1))))


def uuid7_int(tick: int, randomness: int) -> int:
    """The 128 bits: 48 of milliseconds, version, 12 of the millisecond's fraction, variant, 62 random ones."""
    milliseconds, fraction = tick >> 12, tick & 0xFFF
    return milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | randomness


def next_tick() -> int:
    """The time as milliseconds and 12 bits of fraction, always greater than the last one given."""
    global _last  # noqa: PLW0603  one clock for the process
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, NANOSECONDS_PER_MILLISECOND)
    with _lock:
        _last = max(_last + 1, milliseconds << 12 | (rest << 12) // NANOSECONDS_PER_MILLISECOND)
        return _last
