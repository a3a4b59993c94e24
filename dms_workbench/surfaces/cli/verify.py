"""``dms verify``: compare every row, write nothing."""

from __future__ import annotations

from typing import Any

import click

from . import report
from .command import command
from .migrate import deliver
from .request import MODES, Places, Request, key_option, make_plan, place_options
from .terminal import Terminal
from .watch import Watch


@command("verify", failure=report.refusal)
@place_options
@click.option(
    "--mode",
    type=click.Choice(MODES),
    default="create",
    show_default=True,
    help="Of the migration whose quarantined rows may be absent.",
)
@key_option()
def verify(terminal: Terminal, source: str, target: str, **given: Any) -> int:
    """Compare SOURCE and TARGET row by row, through the mapping if there is one; nothing is written.

    Rows that a migration put in quarantine are expected to be absent. Exit code 0: equal; 4: different; 6: not verified.

    Examples:
      dms verify shop.sqlite shop.duckdb
      dms verify @old @new --project shop --mapping shop.yaml --json
    """
    from ...workbench import Workbench

    request = Request.of(source, target, given.pop("project"), given.pop("mapping"), **given, purpose="verify")
    with Workbench() as workbench:
        places = Places.of(workbench, request)
        terminal.say(f"Reading {places.source.url} and {places.target.url}")
        plan = make_plan(workbench, request, places)
        watch = Watch(workbench, terminal)
        run = watch.until_it_ends(workbench.runs.verify(plan.id))
        return deliver(terminal, report.full(run), run, f"dms status {run.id}" if run.active else "")
