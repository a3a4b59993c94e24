"""``dms verify``: compare every row; write nothing, or mend what is wrong."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import report
from .command import command
from .migrate import deliver
from .request import MODES, Places, Request, key_option, make_plan, place_options, verify_command
from .terminal import Terminal
from .watch import Watch

if TYPE_CHECKING:
    from ...features.runs import Run

STOPPED = frozenset({"failed", "paused", "cancelled", "interrupted", "not_verified"})
"""A repair that stands so goes on by the same command."""


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
@click.option(
    "--repair", is_flag=True, help="Mend the rows that are wrong, and only those, under a ledger; then compare again."
)
@click.option(
    "--differences",
    "listing",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write every row that differs to FILE, a line of JSON each; only you may read it.",
)
@click.option("--delete-extra", is_flag=True, help="With --repair: delete rows that SOURCE does not have.")
def verify(terminal: Terminal, source: str, target: str, **given: Any) -> int:
    """Compare SOURCE and TARGET row by row, through the mapping if there is one; nothing is written without --repair.

    With --repair rows that are missing are read again from SOURCE and added, rows that differ are replaced, and everything is
    compared again. Rows that SOURCE does not have are listed and left, unless --delete-extra is given.

    Rows that a migration put in quarantine are expected to be absent. Exit code 0: equal; 4: different; 6: not verified.

    With --differences every row that differs is named in FILE, not only the first 100 of each table: table, kind, key, columns.

    Examples:
      dms verify shop.sqlite shop.duckdb
      dms verify @old @new --project shop --mapping shop.yaml --json
      dms verify shop.sqlite shop.duckdb --differences wrong.jsonl
      dms verify shop.sqlite postgresql://me@localhost/shop --repair
    """
    from ...workbench import Workbench

    mends, delete_extra = given.pop("repair"), given.pop("delete_extra")
    listing: Path | None = given.pop("listing")
    if delete_extra and not mends:
        raise click.UsageError("--delete-extra goes with --repair.")
    if listing is not None and mends:
        raise click.UsageError("--differences goes without --repair: what is mended differs no more.")
    if listing is not None and not listing.absolute().parent.is_dir():
        raise click.UsageError(f"{listing.parent} is no folder that --differences could write to.")
    request = Request.of(source, target, given.pop("project"), given.pop("mapping"), **given, purpose="verify")
    with Workbench() as workbench:
        places = Places.of(workbench, request)
        terminal.say(f"Reading {places.source.url} and {places.target.url}")
        plan = make_plan(workbench, request, places)
        watch = Watch(workbench, terminal)
        runs = workbench.runs
        begun = (
            runs.repair(plan.id, delete_extra=delete_extra)
            if mends
            else runs.verify(plan.id, list_differences=listing is not None)
        )
        run = watch.until_it_ends(begun)
        told = report.full(run)
        if listing is not None:
            told["notes"].append(fetch(run, listing))
        return deliver(terminal, told, run, next_command(run, request, places))


def fetch(run: Run, listing: Path) -> str:
    """Put the rows that differ where they were asked for, readable for their owner only; says what is there now."""
    made = Path(str((run.result or {}).get("differences") or ""))
    if not made.is_file():
        return (
            f"{listing} was not written: the comparison did not come to its end, or had begun before it was asked for"
        )
    try:
        listing.unlink(missing_ok=True)
        fresh = os.open(listing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with made.open("rb") as found, os.fdopen(fresh, "wb") as kept:
            shutil.copyfileobj(found, kept)
    except OSError as error:
        return f"{listing} could not be written ({error.strerror}); every row that differs is named in {made}"
    made.unlink()
    return f"{listing} names every row that differs; only you may read it"


def next_command(run: Run, request: Request, places: Places) -> str:
    """What to type now."""
    if run.active:
        return f"dms status {run.id}"
    again = verify_command(request, places)
    if run.kind == "repair" and run.status == "differences":
        return "" if run.settings.delete_extra else f"{again} --repair --delete-extra"
    if run.kind == "repair":
        return f"{again} --repair" if run.status in STOPPED else ""
    if run.status == "not_verified":
        every = (
            request.plan.get("mode") == "insert-missing"
        )  # who wrote which row may not be known: compare all of them
        return verify_command(replace(request, plan={**request.plan, "mode": "create"}), places) if every else again
    return f"{again} --repair" if run.status == "differences" else ""
