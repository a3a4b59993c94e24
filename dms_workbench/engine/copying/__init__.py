"""Chunks, lanes, quarantine and pause: one read, many commits, closed books."""

from __future__ import annotations

from .options import RunOptions
from .pacing import Budget
from .quarantine import read_quarantine
from .result import EXIT_CODES, ObjectResult, QuarantinedRow, RunResult, TableResult
from .run import execute_run
from .verify_run import execute_verify

__all__ = [
    "EXIT_CODES",
    "Budget",
    "ObjectResult",
    "QuarantinedRow",
    "RunOptions",
    "RunResult",
    "TableResult",
    "execute_run",
    "execute_verify",
    "read_quarantine",
]  # fmt: skip
