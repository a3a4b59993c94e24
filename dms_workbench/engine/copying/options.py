"""How a run behaves; none of it changes what arrives, so none of it is part of the resume key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ..ledger import Seals
from .pacing import Budget

if TYPE_CHECKING:
    from .lane_tasks import LaneRunner


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run behaves."""

    on_reject: Literal["quarantine", "stop"] = "quarantine"
    max_rejects: int | None = None
    lanes: int | None = None
    """Streams for each table; None lets the run try."""
    chunk_rows: int | None = None
    """Rows of a chunk at most; None lets the run choose."""
    new_run: bool = False
    verify: bool = True
    push_down: bool = True
    """Expressions are computed in the source's own SQL where that is proved to give the same; else in this process."""
    seals: Seals | None = field(default=None, repr=False)
    """The keys by which values in quarantine are sealed; None leaves them readable in the ledger."""
    budget: Budget = field(default_factory=Budget)
    """What the run may ask of its source."""
    patience_seconds: float = 600.0
    """How long a lane waits for a database that is gone or busy, in all, before the run stops."""
    stall_seconds: float = 60.0
    """How long nothing may move before a database is asked whether it is still there."""
    lane_runner: LaneRunner | None = field(default=None, repr=False)
    """Runs lanes in other processes; None lets them run here."""
