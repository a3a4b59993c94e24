"""Files that a command is told to read: their content travels in messages, their paths never."""

from __future__ import annotations

import sys
from pathlib import Path

from ...kernel.errors import UsageError

LIMIT_BYTES = 16 * 1024 * 1024


class TextUnreadable(UsageError, code="text-unreadable", next="Check the path and its permissions."):
    """The file {path} cannot be read: {reason}"""


def read_text(path: str) -> str:
    """The text of a UTF-8 file, ``-`` for standard input. Raises TextUnreadable."""
    try:
        content = sys.stdin.buffer.read() if path == "-" else limited(Path(path))
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TextUnreadable(path=path, reason=f"it is not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise TextUnreadable(path=path, reason=error.strerror or type(error).__name__) from None


def limited(path: Path) -> bytes:
    """The bytes of a file that is not absurdly large."""
    with path.open("rb") as file:
        content = file.read(LIMIT_BYTES + 1)
    if len(content) > LIMIT_BYTES:
        raise TextUnreadable(path=str(path), reason=f"it is larger than {LIMIT_BYTES // 1024 // 1024} MiB")
    return content
