"""A fingerprint of all rows of a table by functions of a connection: SQLite has none that hashes."""

from __future__ import annotations

import hashlib
import sqlite3
from typing import Any, cast

VALUES_HASH, ROWS_HASH = "dms_values_hash", "dms_rows_hash"


def values_hash(*values: object) -> bytes:
    """A hash of some values and their storage classes."""
    return hashlib.blake2b(repr(values).encode(), digest_size=8).digest()


class RowsHash:
    """The sum of a hash for each row, whatever their order."""

    def __init__(self) -> None:
        self.total = 0

    def step(self, *hashes: bytes) -> None:
        """One row, as the hashes of its values."""
        self.total += int.from_bytes(hashlib.blake2b(b"".join(hashes), digest_size=8).digest(), "big")

    def finalize(self) -> str:
        """The sum, as text: it may be larger than what SQLite counts with."""
        return str(self.total)


def with_hashes(connection: sqlite3.Connection) -> sqlite3.Connection:
    """The same connection, with both functions."""
    connection.create_function(VALUES_HASH, -1, values_hash, deterministic=True)
    connection.create_aggregate(ROWS_HASH, -1, cast(Any, RowsHash))
    return connection
