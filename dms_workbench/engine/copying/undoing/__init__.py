"""Taking a run back: its rows, what it changed and replaced, the objects it made, the positions of counters."""

from __future__ import annotations

from .result import UndoneTable, UndoResult
from .undo import UndoImpossible, UndoUnknown, execute_undo

__all__ = ["UndoImpossible", "UndoResult", "UndoUnknown", "UndoneTable", "execute_undo"]
