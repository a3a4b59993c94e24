"""``dms plan`` and ``dms apply``: a plan in a folder for review, and exactly that plan carried out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click

from ...kernel.errors import UsageError
from ...kernel.secrets import Secret
from . import report
from .command import command
from .files import read_text
from .migrate import deliver, next_command, with_next
from .request import Places, Request, content_options, make_plan, place_options
from .run_options import run_options
from .terminal import Terminal
from .watch import Watch

FILES = ("manifest.json", "plan.json", "before.sql", "after.sql", "mapping.yaml", "objects.csv", "runbook.md")
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class NoPlanFolder(UsageError, code="no-plan-folder", next="Name a folder that dms plan has written."):
    """{folder} is not the folder of a plan: {reason}"""


@command("plan", failure=report.refusal)
@place_options
@content_options
@click.option(
    "--folder", metavar="FOLDER", help="Where to write it; new or empty. Without it: plan-SOURCE-TARGET here."
)
def plan(terminal: Terminal, source: str, target: str, **given: Any) -> int:
    """Write down everything a migration of SOURCE into TARGET would do, for review; nothing is changed.

    The folder holds the statements before and after the rows, the mapping, the account of every object, a runbook, and the
    plan itself. dms apply FOLDER runs exactly that, and refuses if either structure moved.

    Examples:
      dms plan @old @new --folder review
      dms plan shop.sqlite postgresql://me@localhost/shop --mapping shop.yaml
    """
    from ...workbench import Workbench

    folder = given.pop("folder") or default_folder(source, target)
    request = Request.of(source, target, given.pop("project"), given.pop("mapping"), **given)
    with Workbench() as workbench:
        places = Places.of(workbench, request)
        terminal.say(f"Reading {places.source.url} and {places.target.url}")
        made = make_plan(workbench, request, places)
        place = workbench.plans.folder(made.id).write(folder)
    outcomes = {
        name: sum(item.outcome == name for item in made.objects)
        for name in ("created", "present", "altered", "left_out")
    }
    terminal.data({"plan_id": made.id, "folder": str(place), "tables": len(made.tables), "objects": outcomes})
    words = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in outcomes.items() if count)
    terminal.show(f"{len(made.tables)} tables; objects: {words or 'none'}.")
    terminal.show(f"Review {place}/runbook.md, before.sql, after.sql and objects.csv; then: dms apply {place}")
    return 0


def default_folder(source: str, target: str) -> str:
    """A name for the folder from the places, without what a URL holds of users and hosts."""
    names = [
        UNSAFE.sub("-", Path(place.partition("?")[0]).stem).strip("-.@") or "database" for place in (source, target)
    ]
    return f"plan-{names[0]}-{names[1]}"


@command("apply", failure=report.refusal)
@click.argument("folder")
@click.option("--source", metavar="PLACE", help="The source with its password, or @name; else as the plan calls it.")
@click.option("--target", metavar="PLACE", help="The target with its password, or @name; else as the plan calls it.")
@click.option("--project", metavar="NAME", default="default", show_default=True, help="The project it belongs to.")
@run_options
def apply(terminal: Terminal, folder: str, source: str | None, target: str | None, **given: Any) -> int:
    """Run exactly the plan in FOLDER; refused if a file in it was changed, or if either structure moved since.

    The same command resumes after any interruption.

    Examples:
      dms apply review
      dms apply review --source @old --target @new --json
    """
    from ...workbench import Workbench

    files = read_folder(Path(folder))
    called = json.loads(files["manifest.json"])
    project = given.pop("project")
    request = Request(Secret(source or called["source"]), Secret(target or called["target"]), project, {})
    with Workbench() as workbench:
        watch = Watch(workbench, terminal)
        places = Places.of(workbench, request)
        terminal.say(f"Reading {places.source.url} and {places.target.url}")
        made = workbench.plans.reopen(places.project_id, places.source.id, places.target.id, files)
        run = watch.until_it_ends(workbench.runs.start(made.id, **given))
        told = with_next(report.with_keys(workbench, report.full(run)), places)
        return deliver(terminal, told, run, next_command(run, left=watch.left))


def read_folder(folder: Path) -> dict[str, str]:
    """The files of a plan's folder. Raises NoPlanFolder, TextUnreadable."""
    if not folder.is_dir():
        raise NoPlanFolder(folder=str(folder), reason="there is no such folder")
    files = {name: read_text(str(folder / name)) for name in FILES if (folder / name).is_file()}
    try:
        called = json.loads(files["manifest.json"])
        if not all(isinstance(called[side], str) for side in ("source", "target")):
            raise ValueError
    except (KeyError, ValueError, TypeError):
        raise NoPlanFolder(folder=str(folder), reason="its manifest.json is missing or cannot be read") from None
    return files
