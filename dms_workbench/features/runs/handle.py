"""What a run in hand can do: ``run = wb.runs.start(plan.id)``, then ``run.wait()``, or just ``run`` in a cell."""

from __future__ import annotations

import sys
import time
from importlib import import_module
from typing import TYPE_CHECKING, TextIO, TypeVar

from ...kernel.bus import Bus
from ...kernel.errors import Refused
from ...kernel.messages import Message
from ...kernel.paging import Page

if TYPE_CHECKING:
    from .model import Run

R = TypeVar("R")
PACKAGE = __name__.partition(".")[0]
WIDGETS = f"{PACKAGE}.surfaces.widgets"  # loaded by name when a run is shown: features lie below surfaces
NEWS_SECONDS = 10.0


class RunNotBound(Refused, code="run-not-bound"):
    """This run is a value only. Ask for it again to steer it: wb.runs.get("{run_id}")."""


class Steerable:
    """The part of a run that sends messages; a run has it from the facade that gave it."""

    id: str
    _bus: Bus | None = None

    def bound(self, bus: Bus) -> Run:
        """This run, steered through a bus."""
        object.__setattr__(self, "_bus", bus)
        return self  # type: ignore[return-value]  # the only class derived from this one

    @property
    def bus(self) -> Bus:
        """Where its messages go. Raises RunNotBound for a run that came from no facade."""
        if self._bus is None:
            raise RunNotBound(run_id=self.id)
        return self._bus

    def refresh(self) -> Run:
        """The run as it stands now."""
        from .read import GetRun

        return self.bus.send(GetRun(self.id)).bound(self.bus)

    def pause(self) -> Run:
        """Pause it at the next safe point."""
        from .control import PauseRun

        return self.bus.send(PauseRun(self.id)).bound(self.bus)

    def resume(self) -> Run:
        """Go on where the last commit left it."""
        from .control import ResumeRun

        return self.bus.send(ResumeRun(self.id)).bound(self.bus)

    def cancel(self) -> Run:
        """Stop it; what is committed stays."""
        from .control import CancelRun

        return self.bus.send(CancelRun(self.id)).bound(self.bus)

    def wait(self, timeout_seconds: float | None = None) -> Run:
        """Wait until it is no longer queued or running.

        timeout_seconds: give up then and return the run as it stands; None waits for ever.
        """
        return self._follow(timeout_seconds, None)

    def watch(self, file: TextIO | None = None) -> Run:
        """Print how it goes until it is no longer queued or running.

        file: where to print; standard output by default.
        """
        return self._follow(None, file or sys.stdout)

    def _follow(self, timeout_seconds: float | None, out: TextIO | None) -> Run:
        from .read import RunEvents

        until = float("inf") if timeout_seconds is None else time.monotonic() + timeout_seconds
        run, after, shown = self.refresh(), 0, ""
        while run.active and (left := until - time.monotonic()) > 0:
            events = self.bus.send(RunEvents(self.id, after, wait_seconds=min(NEWS_SECONDS, left)))
            after = events[-1].number if events else after
            run = self.refresh()
            if out is not None and str(run) != shown:
                shown = str(run)
                print(shown, file=out, flush=True)
        if out is not None and str(run) != shown:
            print(run, file=out, flush=True)
        return run

    def _ipython_display_(self) -> None:
        """The run widget in a notebook; text in a terminal, and for a run that is not bound."""
        if self._bus is None or not in_notebook():
            print(self)  # noqa: T201  it is what showing is for
            return
        workbench = import_module(f"{PACKAGE}.workbench").Workbench.over(self._bus)
        import_module(f"{WIDGETS}.run").RunWidget(workbench, self.id)._ipython_display_()


def in_notebook() -> bool:
    """Is there a page that could show a widget? IPython in a terminal has no kernel."""
    from IPython import get_ipython

    return getattr(get_ipython(), "kernel", None) is not None


class Binding:
    """A bus whose runs can be steered."""

    def __init__(self, bus: Bus) -> None:
        """bus: where messages go."""
        self.inner = bus

    def send(self, message: Message[R]) -> R:
        """The result of the message; runs in it are bound."""
        result = self.inner.send(message)
        for item in result.items if isinstance(result, Page) else (result,):
            if isinstance(item, Steerable):
                item.bound(self.inner)
        return result
