"""Named places at which a test can end the process, as a power cut would.

``DMS_FAIL_POINT=NAME`` kills the process (SIGKILL) when it comes to that place for the first time, ``NAME:3`` for the third.
Without that variable a place costs one look at a name. The names are in `POINTS`; a test sees to it that each is in use.
"""

from __future__ import annotations

import os

from .. import platform

VARIABLE = "DMS_FAIL_POINT"
POINTS = (
    "source.before-open",
    "source.snapshot-taken",
    "target.before-open",
    "run.locked",
    "ledger.installed",
    "run.entered",
    "table.made",
    "run.begun",
    "run.taken-over",
    "modes.prepared",
    "lanes.opened",
    "chunk.before-read",
    "chunk.read",
    "chunk.transformed",
    "chunk.rows-written",
    "chunk.entered",
    "chunk.checkpoint-moved",
    "chunk.before-commit",
    "chunk.committed",
    "table.before-done",
    "table.done",
    "swap.before",
    "swap.before-commit",
    "swap.done",
    "objects.before-index",
    "objects.before-foreign-key",
    "objects.before-sequence",
    "objects.finished",
    "verify.before",
    "verify.done",
    "result.before-entry",
    "result.entered",
)


class FailPoint:
    """The armed place of this process, if any."""

    def __init__(self, armed: str) -> None:
        """armed: the value of the variable."""
        self.name, _, count = armed.partition(":")
        self.left = int(count or 1)

    def reach(self, name: str) -> None:
        """Die here, if this is the place and the time."""
        if name != self.name:
            return
        self.left -= 1
        if self.left <= 0:
            platform.kill_own_process()


_armed = FailPoint(os.environ.get(VARIABLE, ""))
reach = _armed.reach
