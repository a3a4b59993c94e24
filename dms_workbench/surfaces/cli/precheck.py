"""``dms precheck``: what stands in the way of a migration, before anything is read or written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...kernel.secrets import Secret
from .command import comma_lists, command
from .request import schemas_of
from .terminal import Terminal, paint

if TYPE_CHECKING:
    from ...features.plans import PrecheckReport

STOPPED = 1
"""Exit code where a run would be stopped."""
COLOURS: dict[str, tuple[str, ...]] = {"stop": ("red", "bold"), "warn": ("yellow",), "note": ()}
MARKS = {"stop": "✗", "warn": "!", "note": "·"}


@command("precheck")
@click.argument("source")
@click.argument("target")
@click.option(
    "--source-schema",
    multiple=True,
    metavar="NAMES",
    callback=comma_lists,
    help="Schema of the source, its default one if left out; several, or patterns, each go to their namesake.",
)
@click.option("--target-schema", metavar="NAME", help="Schema of the target; its default one if left out.")
@click.option("--tables", multiple=True, metavar="NAMES", callback=comma_lists, help="Only these source tables.")
@click.option("--exclude", multiple=True, metavar="NAMES", callback=comma_lists, help="None of these source tables.")
@click.option(
    "--ledger-schema", metavar="NAME", default="dms_ledger", show_default=True, help="Where the books are to be kept."
)
@click.option("--project", metavar="NAME", default="default", show_default=True, help="The project it belongs to.")
def precheck(terminal: Terminal, source: str, target: str, **given: Any) -> int:
    """Look at SOURCE and TARGET before a migration: rights, versions, encodings, space, triggers, row-level security.

    Nothing is changed and no row is read. Exit code 0: nothing stands in the way; 1: something would stop the run.

    Examples:
      dms precheck @old @new
      dms precheck shop.sqlite postgresql://me@localhost/shop --json
    """
    from ...kernel.wire import to_plain
    from ...workbench import Workbench

    with Workbench() as workbench:
        place = workbench.projects.ensure(given.pop("project"))
        report = workbench.plans.check(
            workbench.connections.ensure(place.id, Secret(source)).id,
            workbench.connections.ensure(place.id, Secret(target)).id,
            **{**given, **schemas_of(given["source_schema"])},
        )
    terminal.data(to_plain(report))
    terminal.show(shown(report))
    return 0 if report.ready else STOPPED


def shown(report: PrecheckReport) -> str:
    """The report for people, the gravest first."""
    lines: list[str] = []
    for finding in report.findings:
        head = paint(f"{MARKS[finding.severity]} {finding.side} {finding.point}:", *COLOURS[finding.severity])
        lines.append(f"{head} {finding.text}")
        if finding.remedy:
            lines.append(f"    → {finding.remedy}")
    stops = sum(finding.severity == "stop" for finding in report.findings)
    verdict = "Nothing stands in the way." if report.ready else f"{stops} of these would stop the run."
    return "\n".join([*lines, paint(verdict, "green" if report.ready else "red", "bold")])
