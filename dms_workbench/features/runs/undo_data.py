"""What is kept in a target to take runs back, and what became of it, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from ...kernel.shown import Readable


@dataclass(frozen=True)
class UndoDropped(Readable):
    """Undo data of a run that were dropped."""

    run_id: str
    tables: int
    """Tables that they were in; 0 if there were none any more."""
    kept_until: str
    """How long they were to be kept."""


@dataclass(frozen=True)
class UndoData(Readable):
    """Undo data of one run in a target."""

    run_id: str
    tables: int
    """Tables that they are in."""
    kept_until: str
    """How long they are to be kept, UTC."""
    stays: str = ""
    """Why they are not dropped; empty if they are."""

    def __str__(self) -> str:
        return f"run {self.run_id}, until {self.kept_until[:10]}" + (f": {self.stays}" if self.stays else "")


@dataclass(frozen=True)
class ExpiredUndo(Readable):
    """Undo data of a target whose time is over."""

    connection_id: str
    preview: bool
    """Nothing was dropped: this is what would be."""
    dropped: tuple[UndoData, ...] = ()
    left: tuple[UndoData, ...] = ()
    """What stays, each with the reason."""

    def __str__(self) -> str:
        if not self.dropped and not self.left:
            return "The target keeps no undo data."
        done = "To drop" if self.preview else "Dropped"
        lines = [f"{done}: {each}" for each in self.dropped] or ["There are no undo data whose time is over."]
        return "\n".join([*lines, *(f"Stays: {each}" for each in self.left)])


@dataclass(frozen=True)
class LedgerDropped(Readable):
    """A ledger that was dropped."""

    connection_id: str
    tables: int
    """Its tables, with those of undo data."""

    def __str__(self) -> str:
        return f"The ledger is dropped: {self.tables} tables." if self.tables else "There was no ledger."
