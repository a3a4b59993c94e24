"""Watch a run in a cell that need not have a browser: one block of plain text, brought up to date in place."""

from __future__ import annotations

import time

from ..runs import GetRun, Run, RunEvents, TableProgress
from .found import HasBus
from .shown import number

NEWS_SECONDS = 1.0
BAR_WIDTH = 24
PHASES = {
    "connect": "connecting",
    "create": "creating tables",
    "copy": "copying",
    "finish": "finishing the schema",
    "verify": "verifying",
    "done": "closing the books",
}


class Block:
    """Text that replaces itself, shown as it stands."""

    def __init__(self, text: str) -> None:
        """text: lines."""
        self.text = text

    def __repr__(self) -> str:
        return self.text


def follow(workbench: HasBus, run: Run) -> Run:
    """Show how a run goes until it is no longer queued or running; the run as it ended."""
    from IPython.display import display

    began, after = time.monotonic(), 0
    handle = display(Block(text_of(run, 0.0)), display_id=True)  # type: ignore[no-untyped-call]
    while run.active:
        events = workbench.bus.send(RunEvents(run.id, after, wait_seconds=NEWS_SECONDS))
        after = events[-1].number if events else after
        run = workbench.bus.send(GetRun(run.id))
        if handle is not None:
            handle.update(Block(text_of(run, time.monotonic() - began)))
    return run


def text_of(run: Run, seconds: float) -> str:
    """A run in lines: a title and a bar for each table."""
    state = PHASES.get(run.phase, run.phase) if run.status == "running" else run.status.replace("_", " ")
    lines = [f"{state} · {number(run.rows_done)} of {number(run.rows_total)} rows · {seconds:.0f} s"]
    width = max((len(title(table)) for table in run.tables), default=0)
    return "\n".join(lines + [line_of(table, width) for table in run.tables])


def line_of(table: TableProgress, width: int) -> str:
    """A table's bar and numbers."""
    done = table.written + table.filtered + table.quarantined
    total = max(table.rows_total, table.read)
    filled = round(BAR_WIDTH * done / total) if total else 0
    quarantined = f", {number(table.quarantined)} in quarantine" if table.quarantined else ""
    return f"  {title(table):{width}}  {'█' * filled}{'░' * (BAR_WIDTH - filled)}  {number(done)} of {number(total)}{quarantined}"


def title(table: TableProgress) -> str:
    """The table, or both where the names differ."""
    return table.source if table.source == table.target else f"{table.source} → {table.target}"
