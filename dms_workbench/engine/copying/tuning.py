"""Sizes of chunks and numbers of lanes, chosen from what the first chunks show, and the reasons in words for a DBA.

A chunk's cost beside its rows is its BEGIN, the statement that opens it, its ledger entries and its COMMIT. Where that is more than
`DEAREST_SHARE` of the chunk, chunks double; a chunk of more than `LONGEST_SECONDS` makes the next ones smaller, so that a pause is
obeyed soon and a crash repeats little. A lane more is tried while each one adds `WORTH_GROWTH` to the rows per second.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from ..databases.base import LineLimits
from ..ledger import Checkpoint

FIRST_ROWS, FIRST_BYTES = 50_000, 8_000_000
"""What a chunk holds at most before anything is known; the bytes are also the most of a chunk that is held in memory."""
FEWEST_ROWS, FEWEST_BYTES = 10, 10_000
"""A chunk is not made smaller than this."""
DEAREST_SHARE = 0.05
LONGEST_SECONDS = 1.5
MOST_DOUBLINGS, MOST_HALVINGS = 5, 12
CHUNKS_MEASURED = 3
MEASURED_SECONDS = 1.0
"""A rate is taken from so many chunks of each lane, and from so many seconds, at least."""
WORTH_GROWTH = 0.20
WORTH_SECONDS = 5.0
"""Nothing is tried for rows that need less than this."""
MOST_LANES = 8
BUSY_SHARE = 0.90
NEAR_LIMIT = 0.90
TOLD_ROWS = 500_000
"""A table of fewer rows is only told of if something was chosen for it."""
TOLD_TABLES = 20
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")

Step: TypeAlias = Literal["", "add", "drop"]
OnChunk: TypeAlias = Callable[[Checkpoint, int, float, bool], None]
"""Called when a chunk is committed: where the lane stands, the rows of the chunk, its seconds, and whether the next ones are as large."""


@dataclass(slots=True)
class Tuning:
    """What one run has learnt about its chunks and lanes; safe for several threads."""

    chunk_rows: int | None
    """As the user gave it; None lets the run choose."""
    doublings: int = 0
    """Of `FIRST_ROWS` and `FIRST_BYTES`; below zero, halvings."""
    lanes: tuple[int, str] = (0, "")
    """What the last table that was tried has come to, and its name; 0 while nothing is known."""
    at_work: int = 1
    """Lanes that work at a time: what is held in memory is shared out among them."""
    chunks: dict[str, str] = field(default_factory=dict)
    """By table, how large its chunks became, and why."""
    kept: dict[str, str] = field(default_factory=dict)
    """By table, why its last chunks were not made larger."""
    lanes_of: dict[str, str] = field(default_factory=dict)
    """By table, how many lanes it had, and why."""
    guard: threading.Lock = field(default_factory=threading.Lock)

    def limits(self) -> LineLimits:
        """Of a chunk that begins now."""
        if self.chunk_rows is not None:
            return LineLimits(self.chunk_rows, FIRST_BYTES)
        return LineLimits(
            scaled(FIRST_ROWS, self.doublings, FEWEST_ROWS), scaled(FIRST_BYTES, self.doublings, FEWEST_BYTES)
        )

    def held(self, limits: LineLimits) -> LineLimits:
        """The same for chunks that are held in memory as a whole, by each lane that is at work."""
        return LineLimits(
            min(limits.rows, self.chunk_rows or FIRST_ROWS),
            max(FEWEST_BYTES, min(limits.size_bytes, FIRST_BYTES) // self.at_work),
        )

    def begin_with(self, rows: int) -> None:
        """Go on where an earlier worker of the run has come to. rows: of its last chunks; 0 if there are none."""
        if rows > FIRST_ROWS:
            self.doublings = min(MOST_DOUBLINGS, round(math.log2(rows / FIRST_ROWS)))
        elif rows and (halvings := round(math.log2(FIRST_ROWS / rows))) and rows == scaled(FIRST_ROWS, -halvings, 1):
            self.doublings = -min(halvings, MOST_HALVINGS)

    def change(self, table: str, doublings: int, why: str) -> None:
        """Let chunks be so much larger from now on, or smaller."""
        with self.guard:
            self.doublings = doublings
            self.chunks[table] = f"chunks of {self.limits().rows:,} rows at most, because {why}"

    def notes(self, copied: dict[str, int]) -> list[str]:
        """What the summary says of it. copied: the rows of each table that this worker has copied."""
        tables = [
            table
            for table, rows in sorted(copied.items(), key=lambda item: -item[1])
            if table in self.chunks or table in self.lanes_of or (rows >= TOLD_ROWS and table in self.kept)
        ]
        said = [f"{table}: {self.told(table)}" for table in tables[:TOLD_TABLES]]
        left = len(tables) - len(said)
        return said + ([f"Lanes and chunks of {left} smaller tables were chosen in the same way"] if left else [])

    def told(self, table: str) -> str:
        """Of one table."""
        parts = [self.lanes_of[table]] if table in self.lanes_of else []
        if table in self.chunks:
            parts.append(self.chunks[table])
        elif table in self.kept:
            parts.append(self.kept[table])
        return "; ".join(parts)


def scaled(size: int, doublings: int, least: int) -> int:
    """A size doubled, or halved, so many times."""
    return max(least, size << doublings if doublings >= 0 else size >> -doublings)


@dataclass(slots=True)
class Rhythm:
    """Measures the chunks of one lane, and makes the next ones larger or smaller."""

    tuning: Tuning
    table: str
    limits: LineLimits
    """The lane's; changed in place."""
    fitted: Callable[[LineLimits], None]
    """Called after each change: other limits hold too."""
    fixed: bool = False
    """The limits stay as they are."""
    streams: bool = False
    """Chunks pass without being held, so that they may grow."""
    begins: bool = True
    """The next chunk is the first of a read: its time is also that of opening it, and perhaps of a sort."""
    ended_at: float = field(default_factory=time.perf_counter)
    asked_at: float = 0.0
    fed_at: float = 0.0
    written_at: float = 0.0
    chunks: int = 0
    seconds: float = 0.0
    beside: float = 0.0
    """Seconds of the last chunks, and what of them was not for their rows."""

    def waited(self, seconds: float) -> None:
        """So long the lane was held back, which is not the chunk's time."""
        self.ended_at += seconds

    def asked(self) -> None:
        """The chunk's transaction is about to begin."""
        self.asked_at = self.fed_at = time.perf_counter()

    def feeding(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces of a chunk; when the first is wanted, the statement that takes them is open."""
        self.fed_at = time.perf_counter()
        yield from pieces

    def written(self) -> None:
        """The rows of the chunk are at the target."""
        self.written_at = time.perf_counter()

    def committed(self, rows: int) -> tuple[float, bool]:
        """The chunk is committed: its seconds, and whether the next ones are as large."""
        now = time.perf_counter()
        seconds, beside = now - self.ended_at, self.fed_at - self.asked_at + now - self.written_at
        self.ended_at = now
        judged, self.begins = not (self.fixed or self.begins), False
        if not judged:
            return seconds, True
        self.chunks, self.seconds, self.beside = self.chunks + 1, self.seconds + seconds, self.beside + beside
        return seconds, not (self.shrunk(rows, seconds - beside) or self.grown())

    def shrunk(self, rows: int, seconds: float) -> bool:
        """Make chunks smaller after one whose rows took too long: smaller ones do not make a slow COMMIT faster."""
        if seconds <= LONGEST_SECONDS or rows <= FEWEST_ROWS:
            return False
        steps = math.ceil(math.log2(seconds / LONGEST_SECONDS))
        doublings = max(-MOST_HALVINGS, self.tuning.doublings - steps)
        self.resize(doublings, f"one of {rows:,} took {seconds:.1f} s")
        return True

    def grown(self) -> bool:
        """Make chunks larger where the last ones cost much beside their rows, and would still be short."""
        if self.chunks < CHUNKS_MEASURED:
            return False
        share, mean = self.beside / self.seconds, (self.seconds - self.beside) / self.chunks
        self.chunks, self.seconds, self.beside = 0, 0.0, 0.0
        doublings = self.tuning.doublings + 1
        if why := self.why_not(share, mean, doublings):
            self.tuning.kept[self.table] = f"chunks of {self.limits.rows:,} rows at most, because {why}"
            return False
        self.resize(doublings, f"commits took {share:.0%} of a chunk at {self.limits.rows:,}")
        return True

    def why_not(self, share: float, mean: float, doublings: int) -> str:
        """Why chunks are not made larger. share: of their time, beside their rows; mean: seconds for the rows of one."""
        if share <= DEAREST_SHARE:
            return f"commits took {share:.0%} of their time"
        if not self.streams:
            return "they are held in memory as a whole"
        if mean * 2 > LONGEST_SECONDS:
            return f"larger ones would take more than {LONGEST_SECONDS:g} s"
        return "larger ones are not tried" if doublings > MOST_DOUBLINGS else ""

    def resize(self, doublings: int, why: str) -> None:
        """Choose, from the next chunk on."""
        self.tuning.change(self.table, doublings, why)
        chosen = self.tuning.limits()
        self.limits.rows, self.limits.size_bytes = chosen.rows, chosen.size_bytes
        self.fitted(self.limits)
        self.chunks, self.seconds, self.beside = 0, 0.0, 0.0


class Cores:
    """How busy the processors of this machine are, where the system tells (Linux)."""

    def __init__(self) -> None:
        self.number = os.cpu_count() or 1
        self.last = self.read()

    def read(self) -> tuple[int, int] | None:
        """Ticks at work and in all, since the machine was started."""
        try:
            line = Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0]
        except OSError:
            return None
        ticks = [int(word) for word in line.split()[1:9]]
        return sum(ticks) - ticks[3] - ticks[4], sum(ticks)

    def busy(self) -> float | None:
        """The share of the time since it was last asked; None where that is not known."""
        now, before = self.read(), self.last
        self.last = now
        if now is None or before is None or now[1] == before[1]:
            return None
        return (now[0] - before[0]) / (now[1] - before[1])


@dataclass(slots=True)
class Heard:
    """The chunks of one worker since all workers are at work."""

    chunks: int = 0
    rows: int = 0
    seconds: float = 0.0

    def add(self, rows: int, seconds: float) -> None:
        """One chunk more."""
        self.chunks, self.rows, self.seconds = self.chunks + 1, self.rows + rows, self.seconds + seconds

    @property
    def tells(self) -> bool:
        """Are these enough for a rate?"""
        return self.chunks >= CHUNKS_MEASURED and self.seconds >= MEASURED_SECONDS


@dataclass(slots=True)
class LaneTrial:
    """Says when one lane more is worth a try, and whether it was. Not for use by two threads at a time."""

    most: int
    why_not_more: str
    """Why there may be no more than that."""
    rate_limit: float | None = None
    """Rows per second that the whole run may copy."""
    cores: Cores = field(default_factory=Cores)
    lanes: int = 1
    rates: list[float] = field(default_factory=list)
    """Rows per second with one lane, with two, and so on."""
    heard: dict[int, Heard] = field(default_factory=dict)
    decided: str = ""
    """Why it ended."""
    general: bool = False
    """Does what it came to hold for other tables too?"""

    def chunk(self, worker: int, rows: int, seconds: float, rows_left: int, *, settled: bool) -> Step:
        """A worker has committed a chunk: what is to be done now. settled: its next chunks are as large."""
        if self.decided:
            return ""
        if worker not in self.heard or not settled:
            self.heard[worker] = Heard()
            if len(self.heard) == self.lanes:
                self.heard = {number: Heard() for number in self.heard}
            return ""
        if len(self.heard) == self.lanes:
            self.heard[worker].add(rows, seconds)
        if not all(each.tells for each in self.heard.values()):
            return ""
        self.rates.append(sum(each.rows / each.seconds for each in self.heard.values()))
        self.heard = {}
        if len(self.rates) > 1 and self.growth(self.lanes) < WORTH_GROWTH:
            self.lanes -= 1
            self.decided, self.general = "no more", True
            return "drop"
        self.decided = self.why_not(rows_left)
        if self.decided:
            return ""
        self.lanes += 1
        return "add"

    def growth(self, lanes: int) -> float:
        """What the last of so many lanes added, as a share."""
        return self.rates[lanes - 1] / self.rates[lanes - 2] - 1

    def why_not(self, rows_left: int) -> str:
        """Why one lane more is not tried; empty if it is."""
        rate, busy = self.rates[-1], self.cores.busy()
        if self.lanes >= self.most:
            self.general = self.most > 1
            return self.why_not_more
        if self.rate_limit is not None and rate >= NEAR_LIMIT * self.rate_limit:
            return f"the run keeps to {self.rate_limit:,.0f} rows per second"
        if busy is not None and busy >= BUSY_SHARE:
            self.general = True
            return f"the {self.cores.number} cores of this machine were {busy:.0%} busy with that"
        if rows_left < WORTH_SECONDS * rate:
            return f"what was left needed less than {WORTH_SECONDS:g} s"
        return ""

    def told(self) -> str:
        """How many lanes, and why."""
        lanes = "1 lane" if self.lanes == 1 else f"{self.lanes} lanes"
        if not self.rates:
            return f"{lanes}, {self.decided or 'because the table was over before more could be tried'}"
        reasons = [
            f"a {ORDINALS[at]} added {self.growth(at + 1):.0%} ({self.between(at)})" for at in range(1, len(self.rates))
        ]
        if self.decided not in ("", "no more"):
            reasons.append(self.decided)
        elif not self.decided:
            reasons.append("the table was over before more could be tried")
        return f"{lanes}, because {' and '.join(reasons)}"

    def between(self, at: int) -> str:
        """Two rates in thousands of rows a second."""
        return f"{thousands(self.rates[at - 1])} → {thousands(self.rates[at])} rows/s"


def thousands(rate: float) -> str:
    """A rate in few digits."""
    return f"{rate / 1000:,.0f}k" if rate >= 10_000 else f"{rate:,.0f}"
