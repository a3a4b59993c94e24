"""The books of every run, kept in the target."""

from __future__ import annotations

from .ledger import (
    FINISHED,
    FORMAT,
    Accounts,
    Checkpoint,
    Ledger,
    LedgerConflict,
    LedgerFormat,
    LedgerQuarantine,
    LedgerRun,
)
from .reading import open_for_reading
from .values import decode_row, encode_row

__all__ = [
    "FINISHED", "FORMAT", "Accounts", "Checkpoint", "Ledger", "LedgerConflict", "LedgerFormat", "LedgerQuarantine", "LedgerRun",
    "decode_row", "encode_row", "open_for_reading",
]  # fmt: skip
