"""Bytes of an open file that pass without being read: the operating system sends them from where it holds them."""

from __future__ import annotations

import os
from collections.abc import Callable

CSV_SPANS = "csv-spans"
"""The form of lines that is ``csv``, in pieces that are `Span` instead of bytes, and without a line that begins with ``\\.``."""
CAN_SEND = hasattr(os, "sendfile")


class Span:
    """Some bytes of a file that stays open as long as the span is used."""

    __slots__ = ("_changed", "descriptor", "offset", "size")

    def __init__(self, descriptor: int, offset: int, size: int, changed: Callable[[], Exception]) -> None:
        """changed: makes the error that is raised where the file has become shorter."""
        self.descriptor, self.offset, self.size, self._changed = descriptor, offset, size, changed

    def __len__(self) -> int:
        return self.size

    def send(self, socket: int, at: int) -> int:
        """Send what lies behind a place of it; how many bytes were taken. Raises OSError, and what `changed` makes."""
        sent = os.sendfile(socket, self.descriptor, self.offset + at, self.size - at)
        if not sent:
            raise self._changed()
        return sent

    def read(self, at: int, most: int) -> bytes:
        """What lies behind a place of it, so many bytes at most. Raises OSError, and what `changed` makes."""
        data = os.pread(self.descriptor, min(most, self.size - at), self.offset + at)
        if not data:
            raise self._changed()
        return data
