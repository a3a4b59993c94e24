"""``dms runs undo``: what would be taken back, a question, and the undo itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .command import command
from .terminal import Terminal
from .watch import Watch

if TYPE_CHECKING:
    from ...features.runs import Run
    from ...workbench import Workbench


@command("undo")
@click.argument("run_id")
@click.option("--preview", "only_look", is_flag=True, help="Only say what would be taken back.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
def undo(terminal: Terminal, run_id: str, *, only_look: bool, yes: bool) -> int:
    """Take a run back: its rows, what it changed and replaced, the objects it made, the positions of counters.

    Rows that others have changed since are listed and stay. What would be done is shown first. The same command goes on with
    an undo that was interrupted.

    Examples:
      dms runs undo RUN_ID --preview
      dms runs undo RUN_ID --yes
    """
    from ...workbench import Workbench

    with Workbench() as workbench:
        if only_look or not yes:
            looked = watched(terminal, workbench, workbench.runs.undo(run_id, preview=True))
            if only_look or looked.status != "succeeded":
                return told(terminal, looked)
            terminal.say(str(looked))
            if not click.confirm("Take this back?", default=False, err=True):
                terminal.say("Nothing was changed.")
                return told(terminal, looked)
        return told(terminal, watched(terminal, workbench, workbench.runs.undo(run_id, preview=False)))


def watched(terminal: Terminal, workbench: Workbench, run: Run) -> Run:
    """The run as it ended."""
    return Watch(workbench, terminal).until_it_ends(run)


def told(terminal: Terminal, run: Run) -> int:
    """Show how an undo ended, or what it would do."""
    found: dict[str, Any] = run.result or {}
    terminal.data(
        {
            "run_id": run.id,
            "undoes": run.settings.parent_run_id,
            "preview": run.settings.preview,
            "status": run.status,
            "already_done": run.already_done,
            **{name: found.get(name, []) for name in ("undo", "objects", "counters")},
            "error": run.error,
        }
    )
    terminal.show(str(run))
    return run.exit_code
