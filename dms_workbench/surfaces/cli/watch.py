"""Watching a run from the terminal: progress on standard error, Ctrl-C pauses, a second one leaves it running."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING

from ...kernel.errors import WorkbenchError
from .progress import painter
from .terminal import Terminal

if TYPE_CHECKING:
    from ...features.runs import Run
    from ...workbench import Workbench

NEWS_SECONDS = 0.4
UNHEARD_SECONDS = 30.0
SILENT_SECONDS = 45.0
"""A worker writes that it is alive every few seconds; after so long without that it is not waited for any more."""


class WorkerSilent(
    WorkbenchError,
    code="worker-silent",
    status=503,
    exit_code=5,
    safe="What was copied is committed in the target, with its ledger; nothing is copied twice.",
    next="Make room or free the store, then give the same command again: it goes on, or tells how the run ended.",
):
    """The worker of the run has not been able to write to the store for {seconds} s: {reason}."""


@dataclass(slots=True)
class Interrupts:
    """How often Ctrl-C was pressed."""

    pressed: int = 0
    heard: int = 0

    def press(self, _number: int, _frame: FrameType | None) -> None:
        """Count; a signal handler."""
        self.pressed += 1

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count Ctrl-C instead of ending the process."""
        before = signal.signal(signal.SIGINT, self.press)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


@dataclass(slots=True)
class Watch:
    """One run being watched until it is no longer queued or running, or left."""

    workbench: Workbench
    terminal: Terminal
    interrupts: Interrupts = field(default_factory=Interrupts)
    left: bool = False
    _after: int = 0
    _lines: int = 0
    _queued_since: float = 0.0
    _heard: object = None
    _heard_since: float = 0.0

    def until_it_ends(self, run: Run) -> Run:
        """The run as it ended; as it stands if it was left running."""
        self._queued_since = time.monotonic()
        with self.interrupts.counted(), painter(self.terminal) as show:
            while run.active and not self.left:
                events = self.workbench.runs.events(run.id, self._after, wait_seconds=NEWS_SECONDS)
                self._after = events[-1].number if events else self._after
                run = self.workbench.runs.get(run.id)
                show(run)
                self.tell_log(run)
                self.tell_queued(run)
                self.hear_worker(run)
                run = self.listen(run)
        return run

    def listen(self, run: Run) -> Run:
        """Act on Ctrl-C: the first pauses the run, the second takes that back and leaves it running."""
        if self.interrupts.pressed > self.interrupts.heard and run.active:
            self.interrupts.heard += 1
            return self.pause(run) if self.interrupts.heard == 1 else self.leave(run)
        return run

    def pause(self, run: Run) -> Run:
        """Wish for a pause, unless the run has just ended."""
        from ...features.runs import RunNotActive

        self.terminal.say("Pausing at the next safe point. Ctrl-C again leaves the run working in the background.")
        try:
            return self.workbench.runs.pause(run.id)
        except RunNotActive:
            return self.workbench.runs.get(run.id)

    def leave(self, run: Run) -> Run:
        """Take the pause back and stop watching, unless the run has just ended."""
        from ...features.runs import RunNotResumable

        self.left = True
        try:
            return self.workbench.runs.resume(run.id)
        except RunNotResumable:
            return self.workbench.runs.get(run.id)

    def tell_log(self, run: Run) -> None:
        """Show the run's log to those who asked for more."""
        if self.terminal.verbose:
            for line in self.workbench.runs.log(run.id, after=self._lines):
                self._lines = line.number
                self.terminal.detail(str(line))

    def tell_queued(self, run: Run) -> None:
        """Say so, once, when no worker takes the run."""
        if run.status != "queued":
            self._queued_since = float("inf")
        elif time.monotonic() - self._queued_since > UNHEARD_SECONDS:
            self._queued_since = float("inf")
            self.terminal.say("No worker has taken the run yet. dms doctor says where the worker's log is.")

    def hear_worker(self, run: Run) -> None:
        """Raise WorkerSilent when the run's worker has not been heard of for too long, as when its disk is full."""
        from ... import platform

        now = time.monotonic()
        if run.status != "running" or run.heard_at != self._heard:
            self._heard, self._heard_since = run.heard_at, now
        elif now - self._heard_since > SILENT_SECONDS:
            folder = platform.data_folder()
            free_bytes = shutil.disk_usage(folder).free
            reason = f"{free_bytes:,} bytes are free in {folder}" + (
                ", which is full" if free_bytes < 1_000_000 else ""
            )
            raise WorkerSilent(run_id=run.id, seconds=round(SILENT_SECONDS), reason=reason)
