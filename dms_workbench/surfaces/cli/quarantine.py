"""``dms runs quarantine`` and ``dms runs replay``: why rows were rejected, what would help, and putting them through."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from . import report, show
from .command import command
from .layout import columns, count, number, shortened
from .terminal import Terminal, width
from .watch import Watch

if TYPE_CHECKING:
    from ...features.runs import QuarantineCause, QuarantineLine, ReplayPreview, Run
    from ...workbench import Workbench

ROWS_SHOWN = 20
EXPRESSION = "An expression of the mapping language that makes the column's value for these rows."


@command("quarantine")
@click.argument("run_id")
@click.option(
    "--cause", metavar="CAUSE", help="Try on the rows of this cause what a replay would do; nothing is written."
)
@click.option("--with", "expression", metavar="EXPR", help=f"With --cause: {EXPRESSION}")
@click.option("--column", metavar="NAME", help="The target column of the expression, where the cause names none.")
@click.option(
    "--also",
    multiple=True,
    metavar="COLUMN:EXPR",
    help="An expression of a further column, for rows that fail in several.",
)
@click.option(
    "--examples",
    type=click.IntRange(0, 200),
    default=5,
    show_default=True,
    metavar="N",
    help="Rows to show in a trial.",
)
@click.option(
    "--after",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Rows to leave out in the list.",
)
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=1_000, show_default=True, metavar="N", help="Rows in the list."
)
def quarantine(terminal: Terminal, run_id: str, **given: Any) -> int:
    """Show why rows of a run are in quarantine, grouped by cause, and which expressions would put them through.

    With --cause, what a replay would do is tried on the rows: how many would pass, and some of them before and after.

    Examples:
      dms runs quarantine RUN_ID
      dms runs quarantine RUN_ID --cause orders.note:too-long --with "left(note, 40)"
    """
    from ...workbench import Workbench

    with Workbench() as workbench:
        if given["cause"] is not None:
            return tried(terminal, workbench, run_id, given)
        found = workbench.runs.causes(run_id)
        rows = workbench.runs.quarantine(run_id, after=given["after"], limit=given["limit"])
        terminal.data({"run_id": run_id, "causes": list(map(plain, found)), "rows": list(map(plain, rows))})
        terminal.show("\n".join([*causes(found, run_id), *listed(rows)]))
        return 0


def tried(terminal: Terminal, workbench: Workbench, run_id: str, given: dict[str, Any]) -> int:
    """What a replay would do."""
    asked = {name: given[name] for name in ("cause", "expression", "column", "also")}
    found = workbench.runs.preview_replay(run_id, **asked, examples=given["examples"])
    terminal.data(plain(found))
    terminal.show("\n".join(preview(found, replay_command(run_id, **asked))))
    return 0


@command("replay", failure=report.refusal)
@click.argument("run_id")
@click.option("--cause", required=True, metavar="CAUSE", help="The cause, as dms runs quarantine RUN_ID names it.")
@click.option("--with", "expression", metavar="EXPR", help=f"{EXPRESSION} Left out, the rows go through as they are.")
@click.option("--column", metavar="NAME", help="The target column of the expression, where the cause names none.")
@click.option(
    "--also",
    multiple=True,
    metavar="COLUMN:EXPR",
    help="An expression of a further column, for rows that fail in several.",
)
@click.option(
    "--verify/--no-verify",
    default=True,
    show_default=True,
    help="Read the tables concerned back and compare every row.",
)
@click.option(
    "--chunk-rows",
    type=click.IntRange(min=1),
    default=10_000,
    show_default=True,
    metavar="N",
    help="Rows per commit at most.",
)
def replay(terminal: Terminal, run_id: str, cause: str, **given: Any) -> int:
    """Put exactly the rows of one cause through, and close the books of their run again.

    Rows that still fail stay in quarantine with their new reason. The same command goes on after any interruption, and never
    writes a row twice.

    Examples:
      dms runs replay RUN_ID --cause orders.note:too-long --with "left(note, 40)"
      dms runs replay RUN_ID --cause orders.customer_id:foreign-key
    """
    from ...workbench import Workbench

    with Workbench() as workbench:
        watch = Watch(workbench, terminal)
        run = watch.until_it_ends(workbench.runs.replay(run_id, cause, **given))
        told = report.full(run)
        terminal.data(
            {**report.public(told, findings=True), "parent": parent_of(workbench, run_id), "notes": told["notes"]}
        )
        terminal.show(show.summary(told, next_command(run, run_id, left=watch.left)))
        return run.exit_code


def parent_of(workbench: Workbench, run_id: str) -> dict[str, Any]:
    """The run whose rows were replayed, as it stands now."""
    return report.public(report.full(workbench.runs.get(run_id)))


def next_command(run: Run, parent_id: str, *, left: bool) -> str:
    """What to type now."""
    if left or run.active:
        return f"dms status {run.id}"
    if run.status in {"paused", "cancelled", "interrupted"}:
        return f"the same command again, or dms runs resume {run.id}"
    return f"dms runs quarantine {parent_id}" if run.status == "succeeded_with_quarantine" else ""


def causes(found: list[QuarantineCause], run_id: str) -> list[str]:
    """The causes, each with what would help."""
    if not found:
        return [f"No row of run {run_id} is in quarantine."]
    lines = []
    for cause in found:
        lines.append(f"{cause.name}: {count(cause.rows, 'row')}" + replayed(cause))
        lines += [f"    {reason}" for reason in cause.reasons]
        lines.append(f"    such as {'; '.join(show.keyed(key) for key in cause.examples)}")
        lines.append(f"    {cause.help}")
        for each in cause.proposals:
            share = f"{number(each.passing)} of {number(each.tried)} tried pass"
            lines.append(f"    {each.meaning}{', which loses something' if each.lossy else ''} ({share}):")
            lines.append(f"      {replay_command(run_id, cause.name, each.expression)}")
        lines.append("")
    return lines


def replayed(cause: QuarantineCause) -> str:
    """How many rows have gone through already."""
    return f", {number(cause.replayed)} replayed" if cause.replayed else ""


def listed(rows: list[QuarantineLine]) -> list[str]:
    """The first rows."""
    if not rows:
        return []
    cells = [[row.table, show.keyed(row.key), row.column or "", row.reason] for row in rows[:ROWS_SHOWN]]
    lines = [shortened(line, width()) for line in columns([["table", "key", "column", "reason"], *cells])]
    more = len(rows) - ROWS_SHOWN
    return [*lines, f"  … and {number(more)} more: --json lists them"] if more > 0 else lines


def preview(found: ReplayPreview, command: str) -> list[str]:
    """What a replay would do."""
    lines = [f"{number(found.passing)} of {count(found.rows, 'row')} of {found.cause} would pass."]
    lines += [f"  {count(stays, 'row')} would stay: {reason}" for reason, stays in found.staying.items()]
    lines += [f"  {each}" for each in found.examples]
    return [*lines, f"  To put them through: {command}"] if found.passing else lines


def replay_command(
    run_id: str, cause: str, expression: str | None, column: str | None = None, also: Sequence[str] = ()
) -> str:
    """The command that puts rows through."""
    words = ["dms", "runs", "replay", run_id, "--cause", cause]
    words += [] if expression is None else ["--with", expression]
    words += [] if column is None else ["--column", column]
    return " ".join(typed(word) for word in (*words, *(word for text in also for word in ("--also", text))))


def typed(word: str) -> str:
    """A word as a shell takes it, in the quotes that are easier to read."""
    if "'" in word and not any(sign in word for sign in '"$`\\!'):
        return f'"{word}"'
    return shlex.quote(word)


def plain(value: Any) -> Any:
    """A value of the workbench for ``--json``."""
    import dataclasses

    return dataclasses.asdict(value)
