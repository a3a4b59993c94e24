"""How the rows of a lane come from the source and go into its sink: the fastest way that fits."""

from __future__ import annotations

from typing import Protocol

from ..failpoints import reach
from .lanes import Lane
from .passage import LinePassage, Rows
from .transforms import PushedPassage, TransformedLines


class Strategy(Protocol):
    """One way to copy a lane. Loop, ledger, quarantine and pause are the lane's."""

    def fits(self, lane: Lane) -> bool:
        """Can this lane be copied so?"""
        ...

    def copy_keyed(self, lane: Lane) -> None:
        """A transaction a chunk, resumable at each."""
        ...

    def copy_whole(self, lane: Lane) -> None:
        """One transaction for a table without key: after a crash nothing of it is there, and it starts again."""
        ...


STRATEGIES: tuple[type[Strategy], ...] = (LinePassage, PushedPassage, TransformedLines, Rows)
"""The first that fits; fastest first; the last always fits."""


def copy_lane(lane: Lane) -> None:
    """Move what is left of a lane. Raises Stopped, LedgerConflict, and the databases' errors."""
    if lane.checkpoint.done:
        return
    strategy = next(strategy for strategy in (way() for way in STRATEGIES) if strategy.fits(lane))
    if lane.key:
        strategy.copy_keyed(lane)
        reach("table.before-done")
        with lane.target.transaction():
            lane.checkpoint = lane.ledger.advance(lane.checkpoint, lane.checkpoint.position, done=True)
    else:
        strategy.copy_whole(lane)
    reach("table.done")
