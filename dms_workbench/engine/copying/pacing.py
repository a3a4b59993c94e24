"""Kindness to the source: a budget that lanes keep, and a watch on the source that holds them back while it is in need."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ...kernel.errors import WorkbenchError
from ..control import Control, Progress, Stopped, stop_if_wished
from ..databases.base import Health, LineLimits, Lines, Observer
from ..databases.errors import SnapshotLost

LOOK_SECONDS = 1.0
HELD_SECONDS = 0.1
"""How long a lane that is held back sleeps between two looks at its wish."""
BURST_SECONDS = 0.01
"""What may pass at once after a rest, in seconds of the allowed rate."""
CATCH_UP = 1.25
"""So many times the allowed rate passes at most while time is made good that went by in a COMMIT."""
MADE_GOOD_SECONDS = 1.0
"""No more time than this is made good."""
READ_BYTES = 65_536
"""What is taken from the source at a time where there is a rate: a few thousandths of a second of it, so that the source's server
works a little all the time, and an application beside it is never kept waiting for long."""
FEWEST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run may ask of its source, all lanes together; None sets no limit."""

    rows_per_second: float | None = None
    lanes: int | None = None
    """Of one table at a time, whoever chose them."""
    lock_wait_seconds: float | None = 2.0
    """Hold back while a session of the source's database waits longer than this for a lock."""
    lag_seconds: float | None = 60.0
    """Hold back while a standby of the source is further behind."""
    active_sessions: int | None = None
    """Hold back while more sessions than this, ours not counted, are at work."""
    transaction_seconds: float | None = None
    """Pause when the snapshot has been held for so long: it keeps the source from clearing away dead rows."""

    def exceeded(self, health: Health) -> str:
        """Why the source is to be left alone now; empty if it is well."""
        if (
            self.lock_wait_seconds is not None
            and health.lock_wait_seconds > self.lock_wait_seconds
            and not health.waits_for_us
        ):
            return f"{health.lock_wait} on the source for {health.lock_wait_seconds:.0f} s (limit {self.lock_wait_seconds:g} s)"
        if self.lag_seconds is not None and health.lag_seconds > self.lag_seconds:
            return f"the standby {health.lag_of} is {health.lag_seconds:.0f} s behind the source (limit {self.lag_seconds:g} s)"
        if self.active_sessions is not None and health.active_sessions > self.active_sessions:
            return f"{health.active_sessions} sessions are at work on the source (limit {self.active_sessions})"
        return ""


@dataclass(slots=True)
class Pace:
    """Keeps lanes to the budget; safe for several threads."""

    budget: Budget
    control: Control
    reason: str = ""
    """Why everybody is held back now."""
    wanted: str = ""
    """Who waits for a lock that the run's own snapshot holds; only letting the snapshot go helps."""
    held: dict[str, float] = field(default_factory=dict)
    """Seconds held back so far, by kind of reason."""
    began: float = field(default_factory=time.monotonic)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _free_at: float = field(default_factory=time.monotonic)
    """When what was taken so far will have been allowed."""
    _even_at: float = 0.0
    """The same at `CATCH_UP` times the rate, with hardly any rest made good."""
    _row_bytes: float = 0.0

    def limit(self, limits: LineLimits) -> None:
        """Let a chunk hold about a second of the allowed rate at most, so that what passes is even."""
        if self.budget.rows_per_second is not None:
            limits.rows = min(limits.rows, max(FEWEST_ROWS, int(self.budget.rows_per_second)))
            limits.read_bytes = READ_BYTES

    def before_chunk(self) -> None:
        """Wait while the source is to be left alone.

        Raises Stopped when a pause or cancel is wished, or the time is over, and SnapshotLost when somebody waits for a lock
        that the snapshot holds: the run goes on under a new one.
        """
        limit = self.budget.transaction_seconds
        if limit is not None and time.monotonic() - self.began > limit:
            self.control.report(
                Progress(
                    "copy",
                    message=f"The snapshot has been held for {limit:g} s, its limit: the run pauses.",
                    level="warning",
                )
            )
            raise Stopped("pause")
        if self.wanted:
            raise SnapshotLost(
                database="the source", reason=f"the run let it go: {self.wanted}, which is the run's own"
            )
        while self.reason:
            stop_if_wished(self.control)
            time.sleep(HELD_SECONDS)

    def pieces(self, lines: Lines) -> Iterator[bytes]:
        """The pieces of a chunk, no faster than allowed, by the bytes that rows have had so far."""
        return lines.pieces if self.budget.rows_per_second is None else self.paced(lines, lines.pieces)

    def paced(self, lines: Lines, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """As `pieces`, where there is a rate."""
        for piece in pieces:
            if self._row_bytes:
                self.take(len(piece) / self._row_bytes)
            yield piece
        if not self._row_bytes:
            self.take(lines.rows)
        self._row_bytes = lines.size_bytes / max(lines.rows, 1)

    def take(self, rows: float) -> None:
        """Sleep until so many more rows are allowed."""
        rate = self.budget.rows_per_second
        if rate is None:
            return
        with self._guard:
            now = time.monotonic()
            self._free_at = max(self._free_at, now - MADE_GOOD_SECONDS) + rows / rate
            self._even_at = max(self._even_at, now - BURST_SECONDS) + rows / (rate * CATCH_UP)
            wait = max(self._free_at, self._even_at) - now
        if wait > 0:
            time.sleep(wait)

    def hold(self, reason: str) -> None:
        """Hold everybody back for a reason, or with an empty one let them go on; tells it when that changes."""
        if bool(reason) != bool(self.reason):
            message = f"Holding back: {reason}." if reason else "Going on: the source is well again."
            self.control.report(Progress("copy", message=message, level="warning" if reason else "info"))
        self.reason = reason

    def notes(self) -> list[str]:
        """What the summary says of it."""
        return [f"The run held back {seconds:.0f} s: {reason}" for reason, seconds in self.held.items() if seconds >= 1]


class Watch(threading.Thread):
    """Looks at the source once a second and holds the run back while the budget is exceeded."""

    def __init__(self, observe: Callable[[], Observer], pace: Pace) -> None:
        """observe: opens a connection of its own to the source."""
        super().__init__(name="dms-watch", daemon=True)
        self.observe, self.pace = observe, pace
        self.over = threading.Event()
        self.observer: Observer | None = None

    def run(self) -> None:
        """Look until told that it is over."""
        while not self.over.wait(LOOK_SECONDS):
            reason = self.look()
            if self.over.is_set():
                break
            if reason:
                kind = "".join(character for character in reason if not character.isdigit())
                self.pace.held[kind] = self.pace.held.get(kind, 0.0) + LOOK_SECONDS
            self.pace.hold(reason)
        if self.observer is not None:
            self.observer.close()

    def look(self) -> str:
        """Why the source is to be left alone; a source that cannot be asked is the lanes' own matter."""
        try:
            if self.observer is None:
                self.observer = self.observe()
            health = self.observer.look()
            limit = self.pace.budget.lock_wait_seconds
            if health.waits_for_us and limit is not None and health.lock_wait_seconds > limit:
                self.pace.wanted = health.lock_wait
            return self.pace.budget.exceeded(health)
        except WorkbenchError:
            if self.observer is not None:
                self.observer.close()
            self.observer = None
            return ""

    def stop(self) -> None:
        """End the watch; nobody is held back any longer."""
        self.over.set()
        self.pace.reason = ""
        if self.is_alive():
            self.join(timeout=LOOK_SECONDS * 2)
