"""Values of executing notebooks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CellDone:
    """A code cell that has just ended. ``number`` counts code cells from 1, ``total`` is all of them."""

    number: int
    total: int
    failed: bool
    run_ids: tuple[str, ...] = ()
    """Runs that the cell started and showed with `started`."""


@dataclass(frozen=True, slots=True)
class Execution:
    """A notebook that was executed to its end."""

    output: Path
    seconds: float
    cells: int
    """Code cells that were executed."""
    run_ids: tuple[str, ...] = ()
