"""When a database is away for a while: how long it is waited for, and what is said meanwhile."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ...kernel.errors import WorkbenchError
from ..control import Control, Progress, stop_if_wished
from ..databases.errors import RunLocked, is_transient
from ..databases.urls import database_for
from ..databases.witness import Witness
from ..ledger import Checkpoint

FIRST_SECONDS = 0.1
LONGEST_SECONDS = 5.0
LOOK_SECONDS = 0.1
"""How often the wish for a pause is asked for while waiting."""
SAID_AGAIN_SECONDS = 30.0


def witness_of(url: str) -> Witness:
    """Who looks at sessions of a database from beside; one that sees nothing where the product has no sessions."""
    make = getattr(database_for(url), "witness", None)
    return make(url) if make is not None else Witness()


@dataclass(slots=True)
class Clock:
    """When the run last committed something, whichever lane did."""

    progressed_at: float = field(default_factory=time.monotonic)
    recovered: dict[str, int] = field(default_factory=dict)
    """How often work went on after an error, by the error's code."""

    seen: dict[tuple[int, int], int] = field(default_factory=dict)
    """Chunks of each lane that are known to be committed."""

    def saw(self, lane: Checkpoint) -> None:
        """A lane stands there, as its worker or the target says; that is progress if it is further on than before."""
        key = (lane.map_no, lane.lane_no)
        if lane.chunk_no > self.seen.get(key, 0):
            self.seen[key] = lane.chunk_no
            self.progressed_at = time.monotonic()

    def saw_epoch(self, epoch: int) -> None:
        """The run has been taken over so often; once more is progress, although its answer may have been lost."""
        self.saw(Checkpoint(-1, -1, epoch, chunk_no=epoch + 1))

    def count(self, error: WorkbenchError) -> None:
        """Work goes on after this error."""
        self.recovered[error.code] = self.recovered.get(error.code, 0) + 1


@dataclass(slots=True)
class Patience:
    """Waits between attempts: longer each time, at random, until nothing has been committed for so many seconds.

    Each lane has one of its own, so that lanes do not come back at the same moment.
    """

    control: Control
    seconds: float
    clock: Clock
    attempts: int = 0
    began: float = 0.0
    said_at: float = float("-inf")

    def wait(self, error: WorkbenchError, what: str = "") -> None:
        """Wait before the next attempt. Raises the error when patience is at its end, Stopped when a pause is wished.

        what: who is waited for, ``target``, ``source``; empty where the same is only tried again.
        """
        now = time.monotonic()
        if self.attempts == 0 or self.clock.progressed_at > self.began:
            self.attempts, self.began = 0, now
        if now - self.began > self.seconds:
            raise error
        self.attempts += 1
        self.clock.count(error)
        self.say(error, what, now)
        pause = min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** min(self.attempts - 1, 10)) * random.uniform(0.5, 1.0)  # noqa: S311
        until = time.monotonic() + pause
        stop_if_wished(self.control)
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(LOOK_SECONDS, left))
            stop_if_wished(self.control)

    def say(self, error: WorkbenchError, what: str, now: float) -> None:
        """Tell why there is no progress, at first and then now and again."""
        if self.attempts > 1 and now - self.said_at < SAID_AGAIN_SECONDS:
            return
        self.said_at = now
        reason = f"waiting for the {what}: {error.message}" if what else f"trying again: {error.message}"
        self.control.report(Progress("copy", message=reason, level="warning"))


def tried(patience: Patience, work: Callable[[], None], what: str) -> None:
    """Do something until it is done, as long as only what passes by itself is in the way."""
    while True:
        try:
            work()
        except WorkbenchError as error:
            if not is_transient(error) and not isinstance(error, RunLocked):
                raise
            patience.wait(error, what)
        else:
            return
