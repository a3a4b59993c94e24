"""Files opened for reading, and what tells one state of a file from another."""

from __future__ import annotations

import gzip
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from ..errors import FileMissing, FileUnreadable

HEAD_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class FileState:
    """Size, time and head of a file: differs when the file was changed."""

    size_bytes: int
    modified_ns: int
    head: str

    def __str__(self) -> str:
        return f"{self.size_bytes}@{self.modified_ns}:{self.head}"


def open_bytes(path: Path) -> BinaryIO:
    """The bytes of a file, unpacked if its name ends with ``.gz``. Raises FileMissing, FileUnreadable."""
    try:
        return cast(BinaryIO, gzip.open(path, "rb")) if path.name.lower().endswith(".gz") else path.open("rb")
    except FileNotFoundError:
        raise FileMissing(path=str(path), database="files") from None
    except OSError as error:
        raise FileUnreadable(path=str(path), database="files", reason=error.strerror or "it cannot be opened") from None


def state_of(path: Path) -> FileState:
    """The state of a file now. Raises FileMissing, FileUnreadable."""
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            head = hashlib.sha256(file.read(HEAD_BYTES)).hexdigest()[:16]
    except FileNotFoundError:
        raise FileMissing(path=str(path), database="files") from None
    except OSError as error:
        raise FileUnreadable(path=str(path), database="files", reason=error.strerror or "it cannot be opened") from None
    return FileState(found.st_size, found.st_mtime_ns, head)
