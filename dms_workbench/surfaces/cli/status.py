"""``dms status``: all runs, or one with its books."""

from __future__ import annotations

import contextlib
import functools
from pathlib import PurePath
from typing import TYPE_CHECKING

import click

from . import report, show
from .command import command
from .terminal import Terminal

if TYPE_CHECKING:
    from ...features.connections import Connection
    from ...workbench import Workbench

PARTS_SHOWN = 2
"""How much of a long path tells files apart: the folder and the name."""


@command("status")
@click.argument("run_id", required=False)
@click.option("--project", metavar="NAME", help="Only runs of this project.")
@click.option("--status", "wanted", metavar="STATUS", help="Only runs that stand so now: running, paused, succeeded …")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, metavar="N", help="Runs at most.")
@click.option(
    "--offset",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Runs to leave out before them, newest first.",
)
def status(
    terminal: Terminal, run_id: str | None, project: str | None, wanted: str | None, limit: int, offset: int
) -> int:
    """Show how runs stand: all of them, newest first, or one with its books."""
    from ...workbench import Workbench

    with Workbench() as workbench:
        if run_id is None:
            return every(
                terminal, workbench, {"project_id": project, "status": wanted, "limit": limit, "offset": offset}
            )
        told = report.with_keys(workbench, report.full(run := workbench.runs.get(run_id)))
        terminal.data(report.public(told, findings=run.kind == "verify"))
        terminal.show(show.summary(told, next_command(run.status, run.id)))
        return 0


def every(terminal: Terminal, workbench: Workbench, fields: dict[str, object]) -> int:
    """Runs as a table, with where they go from and to."""
    from ...features.runs import ListRuns
    from ...kernel.wire import validate
    from .results import deliver, listing

    message = validate(ListRuns, fields)
    if terminal.as_json:
        return deliver(terminal, workbench, message)
    found = workbench.bus.send(message)
    terminal.show(listing(found, routes(workbench, {run.plan_id for run in found})))
    return 0


def routes(workbench: Workbench, plan_ids: set[str]) -> dict[str, str]:
    """From where to where plans go, by id; what may not be seen, or is gone, is left out."""
    from ...kernel.errors import WorkbenchError

    place = functools.cache(lambda connection_id: place_name(workbench.connections.get(connection_id)))
    found: dict[str, str] = {}
    for plan_id in plan_ids:
        with contextlib.suppress(WorkbenchError):
            plan = workbench.plans.get(plan_id)
            found[plan_id] = f"{place(plan.source_connection_id)} → {place(plan.target_connection_id)}"
    return found


def place_name(connection: Connection) -> str:
    """A saved connection by its name; another by its URL without the password, a file by its name and folder."""
    if not connection.ad_hoc:
        return f"@{connection.name}"
    path = PurePath(connection.url.partition("://")[2].partition("?")[0])
    if connection.database == "postgres" or len(path.parts) <= PARTS_SHOWN:
        return connection.url.partition("?")[0]
    return str(PurePath("…", *path.parts[-PARTS_SHOWN:]))


def next_command(status: str, run_id: str) -> str:
    """What to type now."""
    if status in {"running", "queued"}:
        return f"dms logs {run_id} --follow, or dms runs pause {run_id}"
    if status in {"paused", "cancelled", "interrupted", "failed"}:
        return f"dms runs resume {run_id}"
    return show.quarantine_command(run_id) if status == "succeeded_with_quarantine" else ""
