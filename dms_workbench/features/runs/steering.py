"""What the engine is steered and watched by: answers from memory, so that no slow or absent store holds up a copy."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from ...engine.control import Control, Progress, Wish
from .model import TableProgress

WHOLE_RUN = -1
LINES_KEPT = 1_000
EVENT_SECONDS = 1.0
PHASES = {
    "connect": "Connecting to both databases.",
    "create": "Making what is missing in the target.",
    "copy": "Copying rows.",
    "finish": "Adding foreign keys and setting where new identity numbers begin.",
    "verify": "Reading every row back and comparing it.",
    "done": "Closing the books.",
}


@dataclass(frozen=True, slots=True)
class News:
    """What is to be written to the store: changed tables, the run's phase, new log lines (level, message)."""

    phase: str
    tables: tuple[TableProgress, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tables or self.lines)


class RunControl(Control):
    """Keeps the last wish heard and the last progress told; safe for several threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._wish: Wish = "run"
        self._phase = ""
        self._tables: dict[int, TableProgress] = {}
        self._changed: set[int] = set()
        self._told_at: dict[int, float] = {}
        self._lines: deque[tuple[str, str]] = deque(maxlen=LINES_KEPT)

    def wish(self) -> Wish:
        """What was wished when the store was last heard."""
        return self._wish

    def hear(self, wish: Wish) -> None:
        """Take over a wish."""
        self._wish = wish

    @property
    def phase(self) -> str:
        """What the engine does now."""
        return self._phase

    def report(self, progress: Progress) -> None:
        """Remember the progress; the newest of each table is enough."""
        with self._guard:
            self._lines.extend(lines_of(progress, self._phase))
            self._phase = progress.phase
            if progress.map_no != WHOLE_RUN:
                self._tables[progress.map_no] = table_progress(progress, self._tables.get(progress.map_no))
                self._changed.add(progress.map_no)

    def news(self, at_seconds: float, *, all_of_it: bool = False) -> News:
        """Take what is to be told: each table at most once a second, unless all of it is asked for.

        at_seconds: a clock that never goes back.
        """
        with self._guard:
            ready = {
                number
                for number in self._changed
                if all_of_it or at_seconds - self._told_at.get(number, float("-inf")) >= EVENT_SECONDS
            }
            self._changed -= ready
            self._told_at.update(dict.fromkeys(ready, at_seconds))
            lines, tables = tuple(self._lines), tuple(self._tables[number] for number in sorted(ready))
            self._lines.clear()
            return News(self._phase, tables, lines)

    def take_back(self, news: News) -> None:
        """Keep news that could not be written for the next time."""
        with self._guard:
            self._changed.update(table.map_no for table in news.tables)
            self._lines.extendleft(reversed(news.lines))


def lines_of(progress: Progress, phase_before: str) -> list[tuple[str, str]]:
    """What the log says of a report: the phase that begins, and its message, with the table it is about."""
    lines: list[tuple[str, str]] = []
    if progress.phase != phase_before and progress.phase in PHASES:
        lines.append(("info", PHASES[progress.phase]))
    if progress.message:
        about = "" if progress.map_no == WHOLE_RUN else f"{progress.source} -> {progress.target}: "
        lines.append((progress.level, about + progress.message))
    return lines


def table_progress(progress: Progress, before: TableProgress | None) -> TableProgress:
    """A report as the table's progress; what it leaves out stays as it was."""
    told = {name: getattr(progress, name) for name in TableProgress.__dataclass_fields__}
    if before is not None:
        told = {name: value or getattr(before, name) for name, value in told.items()} | {"map_no": progress.map_no}
    return TableProgress(**told)
