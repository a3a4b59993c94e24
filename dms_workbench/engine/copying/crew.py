"""Several workers over the lanes of one table: each takes a lane, copies it and takes the next; their number may change."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial

from ..control import Control, Progress, Stopped, Wish
from ..databases.errors import is_transient
from ..ledger import Checkpoint
from .tuning import LaneTrial, OnChunk, Tuning

CopyLane = Callable[[Checkpoint, Control, OnChunk], None]
"""Copies what is left of one lane by connections of its own."""


@dataclass(slots=True)
class Stepping(Control):
    """The control of one lane, which may be told to step aside after its chunk without anything being wrong."""

    control: Control
    aside: bool = False
    at: Checkpoint | None = None
    """Where the lane stands, once it has committed something."""

    def report(self, progress: Progress) -> None:
        """As the control outside."""
        self.control.report(progress)

    def wish(self) -> Wish:
        """The wish outside, or pause when it is to step aside."""
        wish = self.control.wish()
        return "pause" if wish == "run" and self.aside else wish

    def stepped_aside(self) -> bool:
        """Was a pause only that?"""
        return self.aside and self.control.wish() == "run"


@dataclass(slots=True)
class Halt(Control):
    """The control of several lanes: when one fails, the others stop at their next chunk."""

    control: Control
    halted: bool = False

    def report(self, progress: Progress) -> None:
        """As the control outside."""
        self.control.report(progress)

    def wish(self) -> Wish:
        """The wish outside, or pause when a lane has failed."""
        return "pause" if self.halted else self.control.wish()


@dataclass(slots=True)
class Crew:
    """The workers of one table. The first failure halts all of them."""

    copy_lane: CopyLane
    lanes: deque[Checkpoint]
    halt: Halt
    tuning: Tuning
    rows_left: Callable[[], int]
    trial: LaneTrial | None = None
    """Decides on the number of workers; None leaves it."""
    pool: ThreadPoolExecutor = field(init=False)
    guard: threading.Lock = field(default_factory=threading.Lock)
    futures: list[Future[None]] = field(default_factory=list)
    at_work: dict[int, Stepping] = field(default_factory=dict)
    """The control of each worker, by its number."""

    def run(self, workers: int) -> None:
        """Copy all lanes. workers: how many begin. Raises what the worst failed one met."""
        most = workers if self.trial is None else max(workers, self.trial.most)
        with ThreadPoolExecutor(most) as self.pool:
            with self.guard:
                for _ in range(workers):
                    self.hire()
            while pending := self.pending():
                wait(pending)
        self.tuning.at_work = 1
        failures = [error for error in (future.exception() for future in self.futures) if error is not None]
        for failure in sorted(failures, key=lambda error: (isinstance(error, Stopped), is_transient(error))):
            raise failure

    def pending(self) -> Sequence[Future[None]]:
        """Those that are not at their end; a worker that hires another is one of them meanwhile."""
        with self.guard:
            return [future for future in self.futures if not future.done()]

    def hire(self) -> None:
        """Let one worker more begin; under the guard."""
        number = len(self.futures)
        self.at_work[number] = Stepping(self.halt)
        self.tuning.at_work = len(self.at_work)
        self.futures.append(self.pool.submit(self.work, number))

    def work(self, number: int) -> None:
        """One worker: lane after lane until none is left, or until there are to be fewer workers."""
        control = self.at_work[number]
        try:
            while (lane := self.next(number)) is not None:
                control.at = lane
                try:
                    self.copy_lane(lane, control, partial(self.heard, number))
                except Stopped:
                    if not control.stepped_aside():
                        raise
                    if self.leaves(number, control.at):
                        return
        except BaseException:
            self.halt.halted = True
            raise

    def next(self, number: int) -> Checkpoint | None:
        """The next lane; without one the worker is at its end."""
        with self.guard:
            if self.lanes and self.halt.wish() == "run":
                return self.lanes.popleft()
            self.dismiss(number)
            return None

    def dismiss(self, number: int) -> None:
        """A worker has ended; under the guard."""
        self.at_work.pop(number, None)
        self.tuning.at_work = max(1, len(self.at_work))

    def leaves(self, number: int, lane: Checkpoint) -> bool:
        """Give a lane back that another worker is to go on with; False if there is no other, so that this one stays."""
        with self.guard:
            self.lanes.appendleft(lane)
            if len(self.at_work) == 1:
                self.at_work[number].aside = False
                return False
            self.dismiss(number)
            return True

    def heard(self, number: int, at: Checkpoint, rows: int, seconds: float, settled: bool) -> None:
        """A worker has committed a chunk."""
        with self.guard:
            control = self.at_work[number]
            control.at = at
            if self.trial is None:
                return
            step = self.trial.chunk(number, rows, seconds, self.rows_left(), settled=settled)
            if step == "add":
                self.hire()
            elif step == "drop":
                control.aside = True
