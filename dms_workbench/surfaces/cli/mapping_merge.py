"""``dms mappings diff`` and ``dms mappings merge``: versions compared, and what two people made of one put together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .command import command
from .files import read_text
from .layout import count
from .schemas import PROJECT, CannotWriteFile
from .terminal import Terminal, paint

if TYPE_CHECKING:
    from ...features.mappings import MappingDiff, MergedMapping

COLOURS = {"added": "green", "removed": "red", "changed": "yellow"}


@command("diff")
@click.argument("a")
@click.argument("b")
@PROJECT
def diff(terminal: Terminal, a: str, b: str, project: str) -> int:
    """What is different between two mappings A and B, entry by entry; order, layout and comments do not count.

    A and B are each a file, or NAME@SHA of a version that is kept in the project (NAME@ for the newest).

    Exit code 0: both say the same; 4: they differ.

    Examples:
      dms mappings diff shop.mapping.yaml shop@
      dms mappings diff shop@5f70bf18 shop@ --project shop --json
    """
    from ...kernel.wire import to_plain
    from ...workbench import Workbench

    with Workbench() as workbench:
        found = workbench.mappings.diff(a, b, project=project)
    terminal.data(to_plain(found))
    terminal.show(diff_text(found))
    return found.exit_code


def diff_text(found: MappingDiff) -> str:
    """A line for each change."""
    if not found.changes:
        return f"{found.first} and {found.second} say the same."
    lines = [paint(str(change), COLOURS[change.kind]) for change in found.changes]
    return "\n".join([f"{found.first} → {found.second}", *lines, f"{count(len(found.changes), 'change')}."])


@command("merge")
@click.argument("base")
@click.argument("ours")
@click.argument("theirs")
@click.argument("path", required=False)
@click.option("--output", "-o", metavar="FILE", help="Where to write the result; standard output if left out.")
@click.option(
    "--git-driver", is_flag=True, help="As git calls it, with %O %A %B %P: the result goes into OURS, PATH is its name."
)
def merge(terminal: Terminal, base: str, ours: str, theirs: str, path: str | None, **given: Any) -> int:
    """Put together what two people made of one mapping: OURS and THEIRS, which both come from BASE. All are files.

    Entries are merged one by one, whatever their order: columns, joins, lookups, types, and the fields of table maps.
    Comments of both stay. An entry that both changed, each in another way, is a conflict: it stands in the result between
    <<<<<<< and >>>>>>>, and the file is refused until one of the two is chosen.

    Exit code 0: merged; 1: conflicts are left.

    Examples:
      dms mappings merge base.yaml ours.yaml theirs.yaml -o shop.mapping.yaml
      git config merge.dms-mapping.driver "dms mappings merge --git-driver %O %A %B %P"
    """
    from ...kernel.wire import to_plain
    from ...workbench import Workbench

    output, git_driver = given["output"], given["git_driver"]
    if output is not None and git_driver:
        raise click.UsageError("--git-driver writes into OURS: leave --output out.", click.get_current_context())
    if path is not None and not git_driver:
        raise click.UsageError(f"Too many words: {path}", click.get_current_context())
    texts = [read_text(file) for file in (base, ours, theirs)]
    with Workbench() as workbench:
        found = workbench.mappings.merge(*texts)
    file = ours if git_driver else output
    if file is not None:
        write(file, found.text)
    terminal.data({**to_plain(found), "written": file})
    tell(terminal, found, path or file, file)
    return found.exit_code


def tell(terminal: Terminal, found: MergedMapping, name: str | None, file: str | None) -> None:
    """The result, or where it is, and what is left to decide."""
    if file is None:
        terminal.show(found.text.rstrip("\n"))
    elif not found.conflicts:
        terminal.show(f"Merged without a conflict: {name}")
    for conflict in found.conflicts:
        terminal.say(paint(f"conflict in {name or 'the result'}: {conflict}", "red"))


def write(path: str, text: str) -> None:
    """Write a file as it is, its ends of lines too. Raises CannotWriteFile."""
    try:
        Path(path).write_bytes(text.encode())
    except OSError as error:
        raise CannotWriteFile(path=path, reason=error.strerror or type(error).__name__) from None
