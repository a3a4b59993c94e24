"""Chunks, lanes, quarantine and pause: one read, many commits, closed books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import lazy_names

if TYPE_CHECKING:
    from .options import RunOptions
    from .pacing import Budget
    from .preview import Example, Explained, Preview, Proposal, explain_causes, preview_replay
    from .quarantine import Cause, CauseUnknown, read_causes, read_quarantine
    from .repair import execute_repair
    from .replay import execute_replay
    from .replay_asked import Replay, ReplayResult
    from .result import EXIT_CODES, ObjectResult, QuarantinedRow, RunResult, TableResult
    from .run import execute_run
    from .verify_run import execute_verify

__all__ = [
    "EXIT_CODES", "Budget", "Cause", "CauseUnknown", "Example", "Explained", "ObjectResult", "Preview", "Proposal", "QuarantinedRow",
    "Replay", "ReplayResult", "RunOptions", "RunResult", "TableResult", "execute_repair", "execute_replay", "execute_run", "execute_verify",
    "explain_causes", "preview_replay", "read_causes", "read_quarantine",
]  # fmt: skip

__getattr__ = lazy_names(
    __name__,
    {
        "options": "RunOptions",
        "pacing": "Budget",
        "preview": "Example Explained Preview Proposal explain_causes preview_replay",
        "quarantine": "Cause CauseUnknown read_causes read_quarantine",
        "repair": "execute_repair",
        "replay": "execute_replay",
        "replay_asked": "Replay ReplayResult",
        "result": "EXIT_CODES ObjectResult QuarantinedRow RunResult TableResult",
        "run": "execute_run",
        "verify_run": "execute_verify",
    },
)
