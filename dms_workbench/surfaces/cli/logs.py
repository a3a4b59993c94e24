"""``dms logs``: what a run logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .command import command
from .terminal import Terminal, paint
from .watch import Interrupts

if TYPE_CHECKING:
    from ...features.runs import LogLine
    from ...workbench import Workbench

WAIT_SECONDS = 0.5
PAGE_LINES = 1_000
COLOURS = {"warning": "yellow", "error": "red", "debug": "dim"}


@command("logs")
@click.argument("run_id")
@click.option("--follow", "-f", is_flag=True, help="Go on until the run ends; Ctrl-C stops the showing, not the run.")
@click.option(
    "--level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="The least level to show.",
)
@click.option("--after", type=click.IntRange(min=0), default=0, metavar="N", help="Only lines behind this number.")
def logs(terminal: Terminal, run_id: str, follow: bool, level: str, after: int) -> int:
    """Show the log of a run, oldest line first."""
    from ...kernel.wire import to_plain
    from ...workbench import Workbench

    lines: list[LogLine] = []
    interrupts = Interrupts()
    with Workbench() as workbench, interrupts.counted():
        while True:
            active = follow and workbench.runs.get(run_id).active
            new = read(workbench, run_id, after, level)
            after = new[-1].number if new else after
            lines += new
            terminal.show("\n".join(map(line_text, new)))
            if len(new) < PAGE_LINES and (not active or interrupts.pressed):
                break
            wait(workbench, run_id)
    terminal.data(to_plain(lines))
    return 0


def read(workbench: Workbench, run_id: str, after: int, level: str) -> list[LogLine]:
    """The next lines."""
    return workbench.runs.log(run_id, after=after, level=level, limit=PAGE_LINES)  # type: ignore[arg-type]  # a Choice


def wait(workbench: Workbench, run_id: str) -> None:
    """Wait for news of a run, but not for long."""
    import time

    if workbench.runs.get(run_id).active:
        time.sleep(WAIT_SECONDS)


def line_text(line: LogLine) -> str:
    """A line, its level in colour."""
    return paint(str(line), COLOURS[line.level]) if line.level in COLOURS else str(line)
