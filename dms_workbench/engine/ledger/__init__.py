"""The books of every run, kept in the target."""

from __future__ import annotations

from .changes import Changes, changes_of, enter_changes
from .ledger import (
    FINISHED,
    Accounts,
    Checkpoint,
    Ledger,
    LedgerConflict,
    LedgerQuarantine,
    LedgerRun,
)
from .quarantine import (
    Group,
    Kept,
    Replayed,
    SealedCount,
    groups,
    mark_replayed,
    open_rows,
    reject_again,
    replayed_rows,
    replays_with_expression,
    row_at,
    rows_of,
    sealed_rows,
)
from .reading import open_for_reading
from .sealing import RAW_TEXT, Opened, QuarantineDamaged, QuarantineSealed, Seals, Spot
from .tables import FORMAT, LedgerFormat
from .values import decode_row, encode_row

__all__ = [
    "FINISHED", "FORMAT", "RAW_TEXT", "Accounts", "Changes", "Checkpoint", "Group", "Kept", "Ledger", "LedgerConflict",
    "LedgerFormat", "LedgerQuarantine", "LedgerRun", "Opened", "QuarantineDamaged", "QuarantineSealed", "Replayed", "SealedCount", "Seals",
    "Spot", "changes_of", "decode_row", "encode_row", "enter_changes", "groups", "mark_replayed", "open_for_reading", "open_rows",
    "reject_again", "replayed_rows", "replays_with_expression", "row_at", "rows_of", "sealed_rows",
]  # fmt: skip
