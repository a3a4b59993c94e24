"""The run widget: watch a run, pause it, resume it, cancel it, read its books."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, TextIO

import traitlets
from IPython.core.getipython import get_ipython
from IPython.display import DisplayHandle, display

from ...features.runs import CancelRun, PauseRun, ResumeRun, Run
from ...features.runs.model import ACTIVE, DONE
from ...kernel.errors import NotFound, WorkbenchError
from ...kernel.messages import Message
from .base import WorkbenchWidget
from .run_state import Pace, head_of, tables_of
from .still import html, plain, progress, still_name

if TYPE_CHECKING:
    from ...workbench import Workbench

NEWS_SECONDS = 1.0
"""How long one question for news may wait; also how long closing the widget may take."""
BETWEEN_SECONDS = 0.4
AT_REST_SECONDS = 5.0
"""Between two looks at a run that is neither active nor done: somebody may resume it from elsewhere."""
TROUBLE_SECONDS = (1.0, 2.0, 5.0, 10.0)
STILL_SECONDS = 10.0
"""Between two updates of the picture that stays in the notebook file, while the run is active."""


class RunWidget(WorkbenchWidget):
    """Watch a run: rows per table, rows per second, time left in seconds; steer it; read its books at the end.

    workbench: the open workbench; run_id: the run. A thread of its own follows the run until it is done or the
    widget is closed; a cell that keeps the kernel busy does not stop it. Where there is no browser it shows as text.
    Raises NotFound at once when there is no such run.
    """

    bundle: ClassVar[str] = "run"
    sends: ClassVar[tuple[type[Message[Any]], ...]] = (PauseRun, ResumeRun, CancelRun)

    state = traitlets.Dict().tag(sync=True)
    tables: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    still = traitlets.Unicode().tag(sync=True)

    def __init__(self, workbench: Workbench, run_id: str) -> None:
        self._closed = threading.Event()
        self._guard = threading.Lock()
        self._follower: threading.Thread | None = None
        self._pace = Pace()
        self._stills: list[DisplayHandle] = []
        self._still_of: tuple[str, datetime] | None = None
        run = workbench.runs.get(run_id)
        super().__init__(workbench)
        self.run_id = run_id
        self.still = still_name(str(self.model_id))
        self._show(run)
        self._follow()

    def __repr__(self) -> str:
        return f"RunWidget(run_id={self.run_id!r})"

    def __str__(self) -> str:
        return plain(self.state, self.tables)

    def after(self, message: Message[Any]) -> None:
        """Show at once what a button changed, and follow the run again if it had ended."""
        del message
        self._show(self.workbench.runs.get(self.run_id))
        self._follow()

    def close(self) -> None:
        """Take the widget off the page and end its thread; the run goes on."""
        self._closed.set()
        super().close()
        follower = self._follower
        if follower is not None and follower is not threading.current_thread():
            follower.join(NEWS_SECONDS + 5.0)

    def watch(self, file: TextIO | None = None) -> Run:
        """Print the progress line by line until the run is no longer queued or running; for terminals and papermill.

        file: where to print, standard output by default. Returns the run as it then stands.
        """
        out = file or sys.stdout
        last, run = "", self.workbench.runs.get(self.run_id)
        for run in self._runs():
            if run.status not in ACTIVE:
                break
            line = live_line(self.state)
            if line != last:
                write_line(out, line)
            last = line
        write_line(out, str(self))
        return run

    def _runs(self) -> Iterator[Run]:
        """The run again and again as news of it arrives, shown each time before it is given out, until it is done."""
        after = 0
        while not self._closed.is_set():
            run = self.workbench.runs.get(self.run_id)
            self._show(run)
            yield run
            if run.status in DONE:
                return
            if run.status not in ACTIVE:
                self._closed.wait(AT_REST_SECONDS)
                continue
            events = self.workbench.runs.events(self.run_id, after=after, wait_seconds=NEWS_SECONDS)
            after = max((event.number for event in events), default=after)
            self._closed.wait(BETWEEN_SECONDS)

    def _show(self, run: Run) -> None:
        """Set the traits from a run; nothing is sent for what did not change."""
        now = datetime.now(UTC)
        with self._guard:
            self._pace = self._pace.seen(run, now)
            head, tables = head_of(run, self._pace, now), tables_of(run)
            if self._closed.is_set():
                return
            if tables != self.tables:
                self.tables = tables
            self.state = head
            self._renew_still(now)

    def _follow(self) -> None:
        """Start the thread unless one is at it."""
        with self._guard:
            if self._closed.is_set() or (self._follower is not None and self._follower.is_alive()):
                return
            self._follower = threading.Thread(target=self._follow_run, name=f"dms-run-{self.run_id}", daemon=True)
            self._follower.start()

    def _follow_run(self) -> None:
        """Follow the run to its end; a store or service that does not answer is asked again, and the page told."""
        failures = 0
        while not self._closed.is_set():
            try:
                for _ in self._runs():
                    failures = 0
                return
            except NotFound as error:
                self._trouble(error)
                return
            except Exception as error:  # noqa: BLE001  # a thread has nobody to raise to: the page shows it
                self._trouble(error)
            self._closed.wait(TROUBLE_SECONDS[min(failures, len(TROUBLE_SECONDS) - 1)])
            failures += 1

    def _trouble(self, error: Exception) -> None:
        """Tell the page why there is no news."""
        reason = error.message if isinstance(error, WorkbenchError) else f"an unexpected {type(error).__name__}"
        with self._guard:
            if not self._closed.is_set():
                self.state = {**self.state, "trouble": f"No news: {reason}"}

    def _renew_still(self, now: datetime) -> None:
        """Bring the picture in the notebook file up to date: at once for a new status, else now and then."""
        word = str(self.state["word"])
        if self._still_of and self._still_of[0] == word:
            age = (now - self._still_of[1]).total_seconds()
            if self.state["status"] not in ACTIVE or age < STILL_SECONDS:
                return
        self._still_of = (word, now)
        for handle in self._stills:
            handle.update(self._still(), raw=True)  # type: ignore[no-untyped-call]

    def _repr_mimebundle_(self, **_options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        view, metadata = super()._repr_mimebundle_()
        return {**view, **self._still()}, metadata

    def _ipython_display_(self) -> None:
        """Two outputs in a notebook: the picture that stays in the file, and the living widget, which hides it."""
        if getattr(get_ipython(), "kernel", None) is None:
            sys.stdout.write(f"{self}\n")
            return
        handle = display(self._still(), raw=True, display_id=True)  # type: ignore[no-untyped-call]
        if handle is not None:
            self._stills.append(handle)
        display(super()._repr_mimebundle_()[0], raw=True)  # type: ignore[no-untyped-call]

    def _still(self) -> dict[str, str]:
        """The last known state, for a page without kernel and for a terminal."""
        return {"text/html": html(self.state, self.tables, self.still), "text/plain": str(self)}


def live_line(head: dict[str, Any]) -> str:
    """Status, sentence and bar in one line."""
    bar = progress(head) if head["rows_total"] and head["counts_rows"] else ""
    return " ".join(part for part in (f"{head['word']}:", head["sentence"], bar) if part)


def write_line(out: TextIO, line: str) -> None:
    """Write a line and let it be seen at once."""
    out.write(line + "\n")
    out.flush()
