"""``dms profile``: what the rows of tables are like, and how that drifts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from .command import comma_lists, command
from .layout import number
from .progress import LINE_SECONDS
from .schemas import PROJECT
from .terminal import Terminal

if TYPE_CHECKING:
    from ...features.profiles.compare import Gate


def rows_or_all(_ctx: click.Context, _option: click.Parameter, given: str) -> int | None:
    """The value of ``--sample``: rows, or None for all of them."""
    if given == "all":
        return None
    if not given.isdecimal() or int(given) < 1:
        raise click.BadParameter(f"{given!r} is neither a number of rows nor 'all'.")
    return int(given)


@command("profile")
@click.argument("source")
@click.option("--tables", multiple=True, metavar="NAMES", callback=comma_lists, help="Only these tables.")
@click.option("--schema", metavar="NAME", help="The schema to read; the default one if left out.")
@click.option("--sample", "sample", default="1000000", show_default=True, metavar="N|all", callback=rows_or_all,
              help="About so many rows of tables of more than 5 million; all reads every row.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses the rows of a sample.")
@click.option("--everything/--basic", default=True, show_default=True,
              help="Also frequent values, forms, meanings, keys and personal data.")  # fmt: skip
@click.option("--show-personal", is_flag=True, help="Do not mask values of personal data; nothing of it is kept.")
@click.option("--html", metavar="FILE", help="Write a report as well: one file, nothing from elsewhere.")
@click.option("--drift-against", metavar="PROFILE",
              help="Compare with an earlier profile: a file, an id, or a source whose newest one is taken.")  # fmt: skip
@click.option("--fail-on", type=click.Choice(["error", "warning", "info", "never"]), default="error", show_default=True,
              help="With --drift-against: the severity from which on the exit code is 4.")  # fmt: skip
@PROJECT
def profile(
    terminal: Terminal, source: str, html: str | None, drift_against: str | None, fail_on: Gate, **given: Any
) -> int:
    """Measure the data of SOURCE: rows, NULLs, distinct values, ranges, frequent values, forms, keys, personal data.

    SOURCE is a URL, a path or @connection. Nothing is written to it. The figures are kept; values of personal data are
    masked in them. Of a sample the report says so, with its error.

    Exit code 0: measured; 1: a table could not be read; 4: with --drift-against, a change is too grave.

    Examples:
      dms profile shop.sqlite
      dms profile @shop --tables customers,orders --html shop.html
      dms profile @shop --json > monday.json
      dms profile @shop --drift-against monday.json --fail-on warning
    """
    from ...kernel.wire import to_plain
    from ...workbench import Workbench

    with Workbench() as workbench:
        before = None
        if drift_against is not None:
            before = workbench.profiles.find(drift_against, project=given["project"])
        found = workbench.profiles.of(source, watch=Lines(terminal).show, **given)
        drift = None if before is None else workbench.profiles.drift(before, found, fail_on=fail_on)
    if html is not None:
        found.html(html)
    terminal.data({**found.to_dict(), **({} if drift is None else {"drift": to_plain(drift)}), "html": html})
    terminal.show(str(found) if drift is None else str(drift))
    if html is not None:
        terminal.show(f"Written to {html}")
    if drift is not None and drift.exit_code:
        return drift.exit_code
    return 1 if any(table.problem and not table.columns for table in found.tables) else 0


class Lines:
    """A line of progress for each table and step, and now and then."""

    def __init__(self, terminal: Terminal) -> None:
        """terminal: where the lines go."""
        self.terminal, self.said_at, self.doing = terminal, 0.0, ("", "")

    def show(self, table: str, doing: str, rows: int) -> None:
        """Say what is being done."""
        now = time.monotonic()
        if (table, doing) == self.doing and now - self.said_at < LINE_SECONDS:
            return
        self.said_at, self.doing = now, (table, doing)
        self.terminal.say(f"{table}: {doing}, {number(rows)} rows")
