"""Progress on standard error: bars where it is a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from .layout import count, duration, number, shortened
from .terminal import Terminal, in_colour

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn, Task, TaskID
    from rich.text import Text

    from ...features.runs import Run, TableProgress, Work

LINE_SECONDS = 2.0
BARS_AT_MOST = 12
LABEL_WIDTH = 32
PHASES = {
    "": "Waiting for the worker",
    "connect": "Connecting",
    "create": "Creating what is missing",
    "copy": "Copying",
    "finish": "Finishing the schema",
    "verify": "Verifying",
    "done": "Closing the books",
}
Show: TypeAlias = "Callable[[Run], None]"


@dataclass(slots=True)
class Pace:
    """Rows per second over the last moments, and the time left."""

    seconds: float = 0.0
    rows: float = 0
    per_second: float = 0.0

    def take(self, rows: float, at_seconds: float) -> None:
        """Take a new count of rows; forgets slowly."""
        passed = at_seconds - self.seconds
        if self.seconds and passed > 0:
            now = max(0.0, (rows - self.rows) / passed)
            self.per_second = now if not self.per_second else 0.7 * self.per_second + 0.3 * now
        self.seconds, self.rows = at_seconds, rows

    def left(self, total: float) -> str:
        """The time left in words; empty when it cannot be told."""
        if self.per_second < 1 or total <= self.rows:
            return ""
        return f"{duration((total - self.rows) / self.per_second)} left"


@dataclass(slots=True)
class Weighed:
    """The time left of a phase of a run, in which a wide row counts for more than a narrow one."""

    pace: Pace = field(default_factory=Pace)
    work: Work | None = None

    def take(self, run: Run, at_seconds: float) -> None:
        """Take the run as it stands now."""
        from ...features.runs import Work

        rows = {table.map_no: moved(table, run.phase) for table in run.tables}
        totals = {table.map_no: total_rows(table) for table in run.tables}
        self.work = (self.work or Work()).after(run.tables, rows, totals)
        self.pace.take(self.work.done, at_seconds)

    def left(self) -> str:
        """The time left in words; empty when it cannot be told."""
        return self.pace.left(self.work.done + self.work.left) if self.work else ""


@contextmanager
def painter(terminal: Terminal) -> Iterator[Show]:
    """A function that shows a run as it stands now."""
    if terminal.quiet:
        yield lambda _run: None
    elif terminal.live:
        with bars() as show:
            yield show
    else:
        yield Lines(terminal).show


def done_rows(table: TableProgress) -> int:
    """Rows of a table that are accounted for."""
    return table.written + table.filtered + table.quarantined


def total_rows(table: TableProgress) -> int:
    """Rows of a table there are to account for."""
    return max(table.rows_total, table.read, done_rows(table))


def moved(table: TableProgress, phase: str) -> int:
    """Rows of a table that the phase is done with; verification may read some of them twice."""
    return min(table.verified_rows, total_rows(table)) if phase == "verify" else done_rows(table)


def label(table: TableProgress) -> str:
    """A table's name, both where they differ."""
    name = table.source if table.source == table.target else f"{table.source} → {table.target}"
    return shortened(name, LABEL_WIDTH)


@dataclass(slots=True)
class Lines:
    """Plain progress: a line when the phase changes, and every two seconds when rows moved."""

    terminal: Terminal
    pace: Pace = field(default_factory=Pace)
    weighed: Weighed = field(default_factory=Weighed)
    phase: str = "none"
    at_seconds: float = 0.0
    shown: str = ""
    clock: Callable[[], float] = time.monotonic

    def show(self, run: Run) -> None:
        """Write a line if there is news."""
        now = self.clock()
        rows = sum(moved(table, run.phase) for table in run.tables)
        new_phase = run.phase != self.phase
        if not new_phase and now - self.at_seconds < LINE_SECONDS:
            return
        if new_phase:
            self.pace, self.weighed = Pace(), Weighed()
        self.pace.take(rows, now)
        self.weighed.take(run, now)
        line = self.line(run, rows)
        if line != self.shown and run.active:
            self.terminal.say(line)
            self.shown = line
        self.phase, self.at_seconds = run.phase, now

    def line(self, run: Run, rows: int) -> str:
        """The run in one line."""
        words = [PHASES.get(run.phase, run.phase)]
        if rows and run.phase in {"copy", "verify"}:
            words.append(f"{number(rows)} of {count(run.rows_total, 'row')}")
            words += [f"{number(round(self.pace.per_second))} rows/s"] if self.pace.per_second >= 1 else []
            words += [self.weighed.left()] if self.weighed.left() else []
        return " · ".join(words)


@contextmanager
def bars() -> Iterator[Show]:
    """Bars, one for each table and one for all, redrawn in place and gone at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(file=sys.stderr, no_color=not in_colour(sys.stderr), highlight=False)
    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        words_column("share"),
        words_column("rows"),
        words_column("pace"),
        console=console,
        transient=True,
    )
    with progress:
        yield Bars(progress).show


def words_column(name: str) -> ProgressColumn:
    """A column of plain words; never markup, since tables may be called anything."""
    from rich.progress import ProgressColumn as Column
    from rich.table import Column as Layout
    from rich.text import Text as Plain

    class Words(Column):
        """The words that a task was last given under a name."""

        max_refresh = 0.1

        def render(self, task: Task) -> Text:
            """The words now."""
            return Plain(str(task.fields.get(name, "")), justify="right", no_wrap=True)

    return Words(table_column=Layout(no_wrap=True))


@dataclass(slots=True)
class Bars:
    """One bar for each table that moves now, and one for all."""

    progress: Progress
    tasks: dict[int, TaskID] = field(default_factory=dict)
    paces: dict[int, Pace] = field(default_factory=dict)
    weighed: Weighed = field(default_factory=Weighed)
    whole: TaskID | None = None
    phase: str = ""

    def show(self, run: Run) -> None:
        """Draw a run as it stands now."""
        if run.phase != self.phase:
            self.phase, self.paces, self.weighed = run.phase, {}, Weighed()
        if self.whole is None:
            self.whole = self.progress.add_task(PHASES[""], total=None)
        done = sum(moved(table, run.phase) for table in run.tables)
        self.weighed.take(run, time.monotonic())
        self.draw(self.whole, -1, PHASES.get(run.phase, run.phase), (done, run.rows_total), self.weighed.left())
        many = len(run.tables) > BARS_AT_MOST
        for table in run.tables:
            rows = moved(table, run.phase)
            if table.map_no not in self.tasks:
                self.tasks[table.map_no] = self.progress.add_task(label(table), total=None, visible=not many)
            moving = 0 < rows < total_rows(table)
            self.draw(self.tasks[table.map_no], table.map_no, f"  {label(table)}", (rows, total_rows(table)))
            self.progress.update(self.tasks[table.map_no], visible=moving or not many)

    def draw(self, task: TaskID, key: int, name: str, rows: tuple[int, int], left: str | None = None) -> None:
        """Bring one bar up to date. left: the time left in words; by the bar's own rows if it is not given."""
        done, total = rows
        pace = self.paces.setdefault(key, Pace())
        pace.take(done, time.monotonic())
        speed = f"{number(round(pace.per_second))} rows/s" if pace.per_second >= 1 and done < total else ""
        told: dict[str, Any] = {
            "share": f"{100 * done // total} %" if total else "",
            "rows": f"{number(done)} of {number(total)}" if total else "",
            "pace": " · ".join(word for word in (speed, pace.left(total) if left is None else left) if word),
        }
        self.progress.update(task, description=name, completed=done, total=total or None, **told)
