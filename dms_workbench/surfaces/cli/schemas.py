"""``dms schemas diff, show, snapshot, history, export``: commands that take a URL, a file or a saved name as well as an id."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...kernel.errors import WorkbenchError
from .command import command
from .terminal import Terminal

if TYPE_CHECKING:
    from ...features.schemas import SchemaDiff

PROJECT = click.option(
    "--project", metavar="NAME", default="default", show_default=True, help="The project that connections belong to."
)
PLACE = "a URL or path, @connection, the id of a snapshot, or a snapshot file"


class CannotWriteFile(
    WorkbenchError, code="cannot-write-file", status=409, next="Name a folder that you may write in."
):
    """The file {path} cannot be written: {reason}."""


@command("diff")
@click.argument("a")
@click.argument("b")
@click.option("--base", metavar="PLACE", help="An earlier state of both: each difference says who has changed it.")
@click.option("--source-schema", metavar="NAME", help="Schema of A; its default one if left out.")
@click.option("--target-schema", metavar="NAME", help="Schema of B; its default one if left out.")
@click.option(
    "--read-values/--no-read-values", default=True, show_default=True, help="May rows be read to recognise renames?"
)
@click.option("--assume-renames", type=click.Choice(["yes", "no"]), help="Answer every rename question alike.")
@click.option("--html", metavar="FILE", help="Write a page as well: one file, nothing from elsewhere.")
@click.option("--script", metavar="FILE", help="Write the statements for B as well; destructive ones as comments.")
@PROJECT
def diff(terminal: Terminal, a: str, b: str, html: str | None, script: str | None, **given: Any) -> int:
    """Compare two schemas and show what would make B as A.

    A and B are each a URL or path, @connection, the id of a snapshot, or a snapshot file. Types are compared in common
    terms where the products differ. A rename is recognised from names, structure and values, and asked about.

    Exit code 0: equal; 4: different, or a rename waits for an answer.

    Examples:
      dms schemas diff shop.sqlite postgresql://me@localhost/shop
      dms schemas diff @new approved.schema.yaml --html differences.html
      dms schemas diff @ours @theirs --base SNAPSHOT --json
    """
    from ...workbench import Workbench
    from .schemas_text import differences_text

    base = given.pop("base")
    with Workbench() as workbench:
        found = workbench.schemas.diff(a, b, base, **given)
    if terminal.live and not terminal.as_json and given["assume_renames"] is None:
        ask(found)
    if html is not None:
        put(html, found.to_html())
    if script is not None:
        put(script, found.script())
    terminal.data(found.as_dict())
    terminal.show(differences_text(found))
    return found.exit_code


def ask(found: SchemaDiff) -> None:
    """Ask about each open rename at the terminal; those of columns once their table is accepted."""
    import sys

    while sys.stdin.isatty() and (waiting := found.open_renames):
        for rename in waiting:
            yes = click.confirm(f"rename? {rename}", default=rename.confidence >= 0.8, err=True)
            rename.answer = "yes" if yes else "no"


def put(path: str, text: str) -> None:
    """Write a file. Raises CannotWriteFile."""
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotWriteFile(path=path, reason=error.strerror or type(error).__name__) from None


@command("snapshot")
@click.argument("place")
@click.option("--schema", metavar="NAME", help="The schema to read; the default one if left out.")
@PROJECT
def snapshot(terminal: Terminal, place: str, schema: str | None, project: str) -> int:
    """Read the catalogue of PLACE (a URL or path, or @connection) and keep it, with its history.

    Examples:
      dms schemas snapshot @shop
    """
    from ...workbench import Workbench

    with Workbench() as workbench:
        found = workbench.schemas.snapshot(place, schema=schema, project=project)
        [*_, latest] = [
            entry for entry in workbench.schemas.history(found.summary.connection_id) if entry.id == found.id
        ]
    terminal.data({"id": found.id, "fingerprint": found.fingerprint, "tables": found.summary.tables,
                   "changes": latest.changes, "first_seen_at": latest.first_seen_at.isoformat()})  # fmt: skip
    terminal.show(f"Snapshot {found.id}: {found.summary.tables} tables, changes since the one before: {latest.changes}")
    return 0


@command("history")
@click.argument("place")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, metavar="N", help="Entries shown."
)
@click.option("--offset", type=click.IntRange(min=0), default=0, metavar="N", help="Entries left out before them.")
@PROJECT
def history(terminal: Terminal, place: str, limit: int, offset: int, project: str) -> int:
    """The snapshots of PLACE (@connection, its id, or a URL), newest first, each with what changed since the one before.

    Examples:
      dms schemas history @shop
    """
    from ...features.schemas import connection_of
    from ...kernel.wire import to_plain
    from ...workbench import Workbench
    from .results import listing

    with Workbench() as workbench:
        found = workbench.schemas.history(connection_of(workbench.bus, place, project), limit, offset)
    terminal.data(to_plain(found))
    terminal.show(listing(found))
    return 0


@command("show")
@click.argument("place")
@click.option("--schema", metavar="NAME", help="The schema to read; the default one if left out.")
@PROJECT
def show(terminal: Terminal, place: str, schema: str | None, project: str) -> int:
    """Everything a schema holds: tables with rows, sizes, columns, keys and indexes, and objects of every other kind.

    PLACE is a URL or path, @connection, the id of a snapshot, or a snapshot file.

    Examples:
      dms schemas show shop.sqlite
      dms schemas show @shop --json
    """
    from ...engine.schema.snapshot import read_snapshot
    from ...features.schemas import is_text, place_of
    from ...workbench import Workbench
    from .schemas_text import catalogue_text

    with Workbench() as workbench:
        found = place_of(workbench.bus, place, project)
        known = is_text(found)
        catalogue = read_snapshot(found) if known else workbench.schemas.snapshot(found, schema=schema).catalogue
    terminal.data(catalogue.as_dict())
    terminal.show(catalogue_text(catalogue))
    return 0


@command("export")
@click.argument("place")
@click.option("--output", metavar="FILE", help="Where to write it; standard output if left out.")
@click.option("--moving/--no-moving", default=True, show_default=True, help="With sizes, estimates and positions.")
@click.option("--schema", metavar="NAME", help="The schema to read; the default one if left out.")
@PROJECT
def export(
    terminal: Terminal, place: str, output: str | None, schema: str | None, *, moving: bool, project: str
) -> int:
    """Write the schema of PLACE (the id of a snapshot, a URL or path, or @connection) as a text file for people and git.

    Examples:
      dms schemas export @shop --output shop.schema.yaml --no-moving
    """
    from ...workbench import Workbench

    with Workbench() as workbench:
        found = workbench.schemas.snapshot(place, schema=schema, project=project)
        text = workbench.schemas.export(found.id, moving).text
    if output is not None:
        put(output, text)
    terminal.data({"id": found.id, "output": output, "text": None if output else text})
    terminal.show(f"Written to {output}" if output else text.rstrip("\n"))
    return 0
