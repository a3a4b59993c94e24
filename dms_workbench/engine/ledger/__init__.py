"""The books of every run, kept in the target."""

from __future__ import annotations

from .changes import Changes, changes_of, enter_changes
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
    "FINISHED", "FORMAT", "Accounts", "Changes", "Checkpoint", "Ledger", "LedgerConflict", "LedgerFormat", "LedgerQuarantine",
    "LedgerRun", "changes_of", "decode_row", "encode_row", "enter_changes", "open_for_reading",
]  # fmt: skip
