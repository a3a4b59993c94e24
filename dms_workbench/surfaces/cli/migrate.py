"""``dms migrate``: the main job, put together from messages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from . import report, show
from .command import command
from .request import (
    Places,
    Request,
    content_options,
    make_plan,
    place_options,
    request_key,
    rotation,
    verify_command,
)
from .run_options import SETTINGS, run_options
from .terminal import Terminal
from .watch import Watch

if TYPE_CHECKING:
    from ...features.runs import Run
    from ...workbench import Workbench

OTHER_ROWS = re.compile(r" has -?\d+ rows now, not the ")
"""How a run that was done before notes that rows have come or gone since."""
CONTINUED = {"queued", "running", "paused", "interrupted", "cancelled", "failed"}
"""A run that stands so goes on, by the plan it has."""


@command("migrate", failure=report.refusal)
@place_options
@content_options
@run_options
@click.option("--new-run", is_flag=True, help="Begin again although a run of the same rows has finished.")
def migrate(terminal: Terminal, source: str, target: str, **given: Any) -> int:
    """Copy SOURCE into TARGET, verify every row and close the books.

    SOURCE and TARGET are URLs (sqlite:///shop.sqlite, postgresql://me@host/shop, duckdb:///shop.duckdb), paths of
    database files, or @names of saved connections. Tables that are missing in the target are created.

    The same command resumes after any interruption. Ctrl-C pauses; a second Ctrl-C leaves the run working.

    Examples:
      dms migrate shop.sqlite shop.duckdb
      dms migrate shop.sqlite postgresql://me@localhost/shop --tables customers,orders
      dms migrate old.sqlite new.duckdb --mapping shop.yaml --max-rejects 100 --json
    """
    from ...workbench import Workbench

    settings = {name: given.pop(name) for name in SETTINGS}
    request = Request.of(source, target, given.pop("project"), given.pop("mapping"), **given)
    with Workbench() as workbench:
        watch = Watch(workbench, terminal)
        places = Places.of(workbench, request)
        run = watch.until_it_ends(Migration(workbench, terminal, request, places, settings).begin())
        told = with_next(report.with_keys(workbench, report.full(run)), places)
        compares = changed_since(told) or (run.status == "not_verified" and not told["error"])
        again = verify_command(request, places) if compares else next_command(run, left=watch.left)
        return deliver(terminal, told, run, again)


@dataclass(frozen=True, slots=True)
class Migration:
    """One request on its way to a run."""

    workbench: Workbench
    terminal: Terminal
    request: Request
    places: Places
    settings: dict[str, Any]

    def begin(self) -> Run:
        """The run of the request: the one that was begun before, or a new one."""
        from ...features.runs import expect_run

        places = self.places
        expect_run(self.workbench.bus)
        earlier = self.earlier(request_key(self.request, places))
        if earlier is not None and earlier.active:
            self.terminal.say(f"Run {earlier.id} is {earlier.status} already; watching it.")
            return earlier
        if earlier is not None and earlier.status in CONTINUED:
            self.terminal.say(f"Going on with run {earlier.id}, which was {earlier.status}.")
            return self.workbench.runs.start(earlier.plan_id, **self.settings)
        self.terminal.say(f"Reading {places.source.url} and {places.target.url}")
        plan = make_plan(self.workbench, self.request, places)
        self.terminal.detail(str(plan))
        run = self.workbench.runs.start(plan.id, **self.settings, new_run=self.request.plan["new_run"])
        if plan.ledger_run_id == run.id and plan.ledger_status == "not_verified" and self.settings["verify"]:
            self.terminal.say(
                f"Going on with run {run.id}: its rows are there, and those not verified yet are compared."
            )
        return run

    def earlier(self, key: str) -> Run | None:
        """The newest run that this very command began."""
        from ...features.runs import RunNotFound

        try:
            return self.workbench.runs.find(request_key=key)
        except RunNotFound:
            return None


def with_next(told: dict[str, Any], places: Places) -> dict[str, Any]:
    """A report whose error says what to type: to repeat the command, or what to do about the password of a saved connection."""
    error = told["error"]
    if error and error.get("code") == "not-verified" and str(error["next"]).startswith("dms runs resume"):
        return {**told, "error": {**error, "next": f"the same command again, or {error['next']}"}}
    if not error or error.get("code") != "password-wrong":
        return told
    return {**told, "error": {**error, "next": rotation(places, error.get("facts") or {}) or error["next"]}}


def changed_since(told: dict[str, Any]) -> bool:
    """Was the run done before, and does a table hold other rows now than it did then?"""
    return bool(told["already_done"]) and any(OTHER_ROWS.search(note) for note in told["notes"])


def deliver(terminal: Terminal, told: dict[str, Any], run: Run, command: str) -> int:
    """Print a report as JSON or as a summary; returns the run's exit code."""
    if terminal.as_json and told["error"]:
        terminal.complain(told["error"])
    terminal.data(report.public(told, findings=run.kind in ("verify", "repair")))
    terminal.show(show.summary(told, command))
    return run.exit_code


def next_command(run: Run, *, left: bool) -> str:
    """What to type now."""
    if left or run.active:
        return f"dms status {run.id}"
    if run.status in {"paused", "cancelled", "interrupted"}:
        return f"the same command again, or dms runs resume {run.id}"
    if run.status == "succeeded_with_quarantine":
        return show.quarantine_command(run.id)
    if run.status == "failed" and not (run.error or {}).get("next"):
        return f"dms logs {run.id}"
    return ""
