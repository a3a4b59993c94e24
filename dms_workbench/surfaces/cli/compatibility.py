"""``dms schemas compatibility``: the measured loss budget of a migration."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from .command import comma_lists, command
from .files import read_text
from .layout import count, number, table
from .progress import LINE_SECONDS, Pace
from .schemas import PROJECT
from .terminal import Terminal, paint

if TYPE_CHECKING:
    from ...engine.assessing.model import ColumnFit, TableFit
    from ...engine.control import Progress
    from ...features.schemas import CompatibilityReport

COLOURS = {"fits": "green", "fits after a check": "yellow", "does not fit": "red"}


@command("compatibility")
@click.argument("source")
@click.argument("target")
@click.option("--mapping", metavar="FILE", help="A mapping file; without one every table goes to its namesake.")
@click.option("--source-schema", metavar="NAME", help="Schema of the source; its default one if left out.")
@click.option("--target-schema", metavar="NAME", help="Schema of the target; its default one if left out.")
@click.option("--tables", multiple=True, metavar="NAMES", callback=comma_lists, help="Only these source tables.")
@click.option("--exclude", multiple=True, metavar="NAMES", callback=comma_lists, help="None of these source tables.")
@click.option("--names", type=click.Choice(["keep", "snake_case", "adapt"]), default="keep", show_default=True,
              help="How names are made without a mapping.")  # fmt: skip
@click.option("--sample", "sample_rows", type=click.IntRange(min=1), metavar="ROWS",
              help="Read only the first rows of each table; the counts are then of these rows alone.")  # fmt: skip
@PROJECT
def compatibility(terminal: Terminal, source: str, target: str, mapping: str | None, project: str, **given: Any) -> int:
    """Measure what a migration from SOURCE to TARGET would do to every value; nothing is written.

    Every row is read and converted as a run does it. Per column: it fits, it fits after a check of the values (with how
    many would be refused or changed), or it does not fit. Rows are named by their key, values are never shown.

    Exit code 0: everything arrives as it is; 4: something does not.

    Examples:
      dms schemas compatibility shop.sqlite postgresql://me@localhost/shop
      dms schemas compatibility @old @new --mapping shop.yaml --json
    """
    from ...kernel.wire import to_plain
    from ...workbench import Workbench

    if mapping is not None:
        given |= {"mapping_text": read_text(mapping), "mapping_path": mapping}
    with Workbench() as workbench:
        found = workbench.schemas.compatibility(source, target, project=project, watch=Lines(terminal).show, **given)
    terminal.data({**to_plain(found), "fits": found.fits})
    terminal.show(report_text(found))
    return found.exit_code


class Lines:
    """A line of progress now and then, with the time left for the table."""

    def __init__(self, terminal: Terminal) -> None:
        """terminal: where the lines go."""
        self.terminal, self.said_at, self.table, self.pace = terminal, 0.0, -1, Pace()

    def show(self, progress: Progress) -> None:
        """Say how far it is."""
        now = time.monotonic()
        if progress.map_no != self.table:
            self.table, self.pace = progress.map_no, Pace()
        self.pace.take(progress.read, now)
        if now - self.said_at < LINE_SECONDS:
            return
        self.said_at = now
        left = self.pace.left(progress.rows_total)
        rows = f"{number(progress.read)} of {number(progress.rows_total)} rows"
        self.terminal.say(f"{progress.source}: {rows}{f', {left}' if left else ''}")


def report_text(found: CompatibilityReport) -> str:
    """The report: a table of columns for each table map, then how it ends."""
    parts = [f"{paint(found.source, 'bold')} → {paint(found.target, 'bold')}"]
    parts += ["\n".join(table_lines(each)) for each in found.tables]
    parts += [f"  Note: {note}" for note in found.notes]
    refused = sum(each.rows_refused for each in found.tables)
    changed = sum(column.changed for each in found.tables for column in each.columns)
    unfit = sum(column.verdict == "does not fit" for each in found.tables for column in each.columns)
    budget = f"{count(refused, 'row')} would be refused, {count(changed, 'value')} changed, {count(unfit, 'column')} without a fit"
    sign = paint("✓", "green", "bold") if found.fits else paint("✗", "red", "bold")
    return "\n\n".join([*parts, f"{sign} {'everything arrives as it is' if found.fits else budget}"])


def table_lines(found: TableFit) -> list[str]:
    """One table map."""
    rows = (
        f"{number(found.rows)} of {number(found.rows_total)} rows read, {number(found.rows_refused)} would be refused"
    )
    head = f"{paint(found.source, 'bold')} → {paint(found.target, 'bold')}: {rows}"
    cells = [
        [each.source or "(nothing)", each.source_type, each.target or "(nowhere)", each.target_type, each.verdict, counted(each)]
        for each in found.columns
    ]  # fmt: skip
    lines = table(["column", "type", "target", "type", "verdict", "what was found"], cells)
    return [head, *lines, *(line for each in found.columns for line in example_lines(each))]


def counted(column: ColumnFit) -> str:
    """What was counted."""
    from ...features.schemas import column_reason

    return column_reason(column)


def example_lines(column: ColumnFit) -> list[str]:
    """Keys of rows with refused values."""
    keys = ["(" + ", ".join(f"{name} {value}" for name, value in key.items()) + ")" for key in column.examples if key]
    return [f"    refused in {column.target}: rows {', '.join(keys)}"] if keys else []
