"""Named places at which a test can end the process, as a power cut would.

``DMS_FAIL_POINT=NAME`` kills the process when it comes to that place for the first time, ``NAME:3`` for the third.
``DMS_FAIL_STOP=NAME`` stops it there (SIGSTOP), as a machine that is put to sleep.
Without these variables a place costs one look at a name. The names are in `POINTS`; a test sees to it that each is in use.
"""

from __future__ import annotations

import os

from .. import platform

VARIABLE = "DMS_FAIL_POINT"
STOP_VARIABLE = "DMS_FAIL_STOP"
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
    "repair.lanes-opened",
    "repair.before-delete-commit",
    "repair.deleted",
    "repair.before-exchange-commit",
    "repair.exchanged",
    "objects.before-index",
    "objects.before-foreign-key",
    "objects.before-sequence",
    "objects.before-code",
    "objects.before-commit",
    "objects.finished",
    "verify.before",
    "verify.done",
    "undo.rows-gone",
    "undo.before-commit",
    "undo.rows-back",
    "undo.before-drop-commit",
    "undo.before-end",
    "result.before-entry",
    "result.entered",
    "replay.begun",
    "replay.copied",
    "replay.before-books",
    "replay.books-closed",
)


class FailPoint:
    """The armed place of this process, if any."""

    def __init__(self, armed: str, stopping: str = "") -> None:
        """armed, stopping: the values of the variables."""
        self.name, _, count = (armed or stopping).partition(":")
        self.left = int(count or 1)
        self.act = platform.kill_own_process if armed else platform.stop_own_process

    def reach(self, name: str) -> None:
        """Die here, if this is the place and the time."""
        if name != self.name:
            return
        self.left -= 1
        if self.left == 0:
            self.act()


_armed = FailPoint(os.environ.get(VARIABLE, ""), os.environ.get(STOP_VARIABLE, ""))
reach = _armed.reach
