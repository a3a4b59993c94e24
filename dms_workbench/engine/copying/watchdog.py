"""Looks after lanes from a thread of its own: a session that no longer answers is ended, so that its lane can recover.

A lane waits inside a driver and cannot look up. Once in a while the watchdog looks at the lines of each lane:

- what was sent is not answered for some seconds: the network or the other machine is gone, the line is shut;
- a session waits for a lock of another one: that is said, with the other session's number and statement;
- no byte moves and the server shows no sign of life of the session for the stall limit, although it is to act: the line is
  shut. If it was only slow, the limit is twice as long for the next time, so that slow work is not begun again for ever.

Time is counted in the watchdog's own looks, so a process that was stopped for a while has not stalled.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from ...kernel.errors import WorkbenchError
from ..control import Control, Progress
from ..databases.sockets import LineState, is_busy, known, session_of, shut, state_of, threads_wanted
from ..databases.witness import Witness

LOOK_SECONDS = 0.5
UNANSWERED_SECONDS = 3.5
ASK_SECONDS = 2.0
"""After so long without a byte the server is asked what the session does, and again and again, in longer steps."""
LONGEST_ASK_SECONDS = 15.0
SLOW_FACTOR = 10
"""A statement outside of the copy of rows (an index, a count) may show no sign of life for so many stall limits."""
SAID_AGAIN_SECONDS = 60.0
YOUNG_SECONDS = 30.0
"""So long after it was opened, a session has only small things to do."""
SIDES = ("source", "target")

log = logging.getLogger("dms_workbench.engine")


class Watched(Protocol):
    """A lane, or something else with two sides; what they are may change."""

    @property
    def source(self) -> Any:
        """Whom it reads from."""
        ...

    @property
    def target(self) -> Any:
        """Whom it writes to."""
        ...


@dataclass(slots=True)
class Watch:
    """One lane under watch."""

    lane: Watched
    label: str
    stall_seconds: float
    """Without a byte for so long, its sessions are ended; 0 never does that."""
    moved: int = -1
    still_seconds: float = 0.0
    ask_at: float = ASK_SECONDS
    """In seconds of stillness."""
    signs: str = ""
    said: str = ""
    quiet_seconds: float = 0.0
    """Since something was said of it."""


@dataclass(slots=True)
class Watchdog:
    """Watches the lanes of one run. Use it as a context manager."""

    control: Control
    source: Witness
    target: Witness
    stall_seconds: float
    watches: list[Watch] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    others: dict[int, tuple[int, float]] = field(default_factory=dict)
    """Bytes moved and seconds of stillness of sessions that belong to no lane."""

    def __enter__(self) -> Watchdog:
        self.thread = threading.Thread(target=self.look_around, name="dms-watchdog", daemon=True)
        with threads_wanted():
            self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        if self.thread is not None:
            self.thread.join(timeout=10)
        self.source.close()
        self.target.close()

    @contextmanager
    def watching(self, lane: Watched, label: str, *, slow: bool = False) -> Iterator[None]:
        """Look after a lane meanwhile. slow: its statements may take long without a byte."""
        watch = Watch(lane, label, self.stall_seconds * (SLOW_FACTOR if slow else 1))
        with self.guard:
            self.watches.append(watch)
        try:
            yield
        finally:
            with self.guard:
                self.watches.remove(watch)

    def look_around(self) -> None:
        """Look at every lane, again and again."""
        while not self.over.wait(LOOK_SECONDS):
            with self.guard:
                watches = list(self.watches)
            for watch in watches:
                self.carefully(partial(self.look_at, watch))
            self.carefully(partial(self.look_at_others, watches))

    def carefully(self, look: Callable[[], None]) -> None:
        """Look; a server that cannot be asked now is asked again, and whatever else goes wrong does not end the watch."""
        try:
            look()
        except WorkbenchError as error:
            log.debug("the watchdog could not ask: %s", error.message)
        except Exception:
            log.exception("the watchdog could not look")

    def look_at_others(self, watches: list[Watch]) -> None:
        """End sessions that nobody looks after (one that is only being opened, a reader beside) and that do not move."""
        looked_after = {id(session_of(getattr(watch.lane, side, None))) for watch in watches for side in SIDES}
        now, stand = time.monotonic(), {}
        for connection, opened_at in known():
            state = state_of(connection) if id(connection) not in looked_after and is_busy(connection) else None
            if state is None:
                continue
            moved, still = self.others.get(id(connection), (-1, 0.0))
            still = still + LOOK_SECONDS if moved == state.moved else 0.0
            limit = self.stall_seconds * (1 if now - opened_at < YOUNG_SECONDS else SLOW_FACTOR)
            if state.unanswered_milliseconds > UNANSWERED_SECONDS * 1000 or still >= limit:
                if shut(connection):
                    self.say("a session beside the lanes does not answer; it is ended")
                continue
            stand[id(connection)] = (state.moved, still)
        self.others = stand

    def look_at(self, watch: Watch) -> None:
        """Look at one lane."""
        lines = self.lines(watch.lane)
        for side, (connection, state) in lines.items():
            if state.unanswered_milliseconds > UNANSWERED_SECONDS * 1000:
                self.end(watch, side, connection, "does not answer", kill=False)
                return
        moved = sum(state.moved for _, state in lines.values())
        watch.quiet_seconds += LOOK_SECONDS
        if not lines or moved != watch.moved or held_back(watch.lane):
            watch.moved, watch.still_seconds, watch.ask_at = moved, 0.0, ASK_SECONDS
            return
        watch.still_seconds += LOOK_SECONDS
        if watch.still_seconds >= watch.ask_at:
            watch.ask_at += min(watch.ask_at, LONGEST_ASK_SECONDS, max(watch.stall_seconds / 4, LOOK_SECONDS))
            if self.lives(watch, lines):
                watch.still_seconds, watch.ask_at = 0.0, ASK_SECONDS
        if watch.still_seconds >= watch.stall_seconds:
            self.end_stalled(watch, lines)

    def lines(self, lane: Watched) -> dict[str, tuple[Any, LineState]]:
        """Connection and line of each side that has one."""
        found = {}
        for name in SIDES:
            connection = session_of(getattr(lane, name, None))
            state = state_of(connection) if connection is not None else None
            if state is not None:
                found[name] = (connection, state)
        return found

    def witness(self, side: str) -> Witness:
        """Who looks at the sessions of a side."""
        return self.source if side == "source" else self.target

    def lives(self, watch: Watch, lines: dict[str, tuple[Any, LineState]]) -> bool:
        """Does a session wait for another's lock, which has a limit of its own, or does it get on with something?"""
        signs = ""
        for side in lines:
            session, witness = getattr(watch.lane, side), self.witness(side)
            number = witness.number(session)
            if number is None or not witness.is_busy(session):
                continue
            if holder := witness.blocked_by(number):
                self.say_once(watch, f"{watch.label}: the {side} waits for a lock held by {holder}")
                return True
            signs += witness.signs_of_life(number)
        before, watch.signs = watch.signs, signs
        return not signs or (bool(before) and before != signs)

    def say_once(self, watch: Watch, message: str) -> None:
        """Say something of a lane, and the same not again for a while."""
        if message != watch.said or watch.quiet_seconds >= SAID_AGAIN_SECONDS:
            watch.said, watch.quiet_seconds = message, 0.0
            self.say(message)

    def end_stalled(self, watch: Watch, lines: dict[str, tuple[Any, LineState]]) -> None:
        """End the session that is to act and does not: the source only if it owes rows."""
        to_act = [side for side in lines if self.witness(side).is_busy(getattr(watch.lane, side))]
        if "source" in lines and lines["source"][1].unread:
            to_act = [side for side in to_act if side != "source"]
        if "target" in to_act and lines["target"][1].unsent:
            to_act = ["target"]
        seconds, watch.still_seconds = watch.still_seconds, 0.0
        watch.stall_seconds *= 2
        for side in to_act:
            self.end(watch, side, lines[side][0], f"has not moved a byte for {seconds:.0f} s", kill=True)

    def end(self, watch: Watch, side: str, connection: Any, why: str, *, kill: bool) -> None:
        """Shut a line; the lane's own call ends with it. kill: the server, which can be reached, is asked to end it too."""
        number = self.witness(side).number(getattr(watch.lane, side))
        if shut(connection):
            self.say(f"{watch.label}: the {side} {why}; its session is ended")
        if kill and number is not None:
            self.witness(side).end(number)

    def say(self, message: str) -> None:
        """Tell those who watch the run."""
        self.control.report(Progress("copy", message=message, level="warning"))


def held_back(lane: Watched) -> bool:
    """Does the run itself hold the lane back?"""
    return bool(getattr(getattr(lane, "pace", None), "reason", ""))
