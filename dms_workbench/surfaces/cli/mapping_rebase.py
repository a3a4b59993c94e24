"""``dms mappings rebase``: a mapping taken to schemas that have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .command import command
from .files import read_text
from .layout import count
from .naming import named
from .schemas import PROJECT, put
from .terminal import Terminal, paint

if TYPE_CHECKING:
    from ...features.mappings import RebasedMapping

TITLES = {
    "gone": "Gone",
    "renamed": "Renamed, it seems",
    "expression": "Expressions that read what is gone",
    "retyped": "Of another type",
    "new": "New",
}


@command("rebase")
@click.argument("mapping")
@click.argument("source")
@click.argument("target")
@click.option("--output", "-o", metavar="FILE", help="Where to write the mapping with its open points.")
@click.option("--in-place", is_flag=True, help="Write them into the mapping file.")
@click.option("--source-schema", metavar="NAME", help="Schema of the source; its default one if left out.")
@click.option("--target-schema", metavar="NAME", help="Schema of the target; its default one if left out.")
@PROJECT
def rebase(
    terminal: Terminal, mapping: str, source: str, target: str, output: str | None, *, in_place: bool, **given: Any
) -> int:
    """Take the mapping file MAPPING to SOURCE and TARGET as they are now, and show what has changed for it.

    Gone, renamed, retyped and new columns and expressions that no longer work become open points of the file; nothing is
    dropped. Without --output or --in-place they are only shown. The schemas as they were are known if the mapping names
    their fingerprints and they are in the history (dms schemas snapshot, and every rebase, keep them).

    Exit code 0: nothing has changed for the mapping; 4: something has.

    Examples:
      dms mappings rebase shop.mapping.yaml @old @new
      dms mappings rebase shop.mapping.yaml @old @new --in-place
    """
    from ...kernel.wire import to_plain
    from ...workbench import Workbench

    if output is not None and in_place:
        raise click.UsageError("--output and --in-place are two ways to write: give one.", click.get_current_context())
    text = read_text(mapping)
    with named(mapping), Workbench() as workbench:
        found = workbench.mappings.adapt(text, source, target, **given)
    file = mapping if in_place else output
    if file is not None and (found.text != text or not in_place):
        put(file, found.text)
    terminal.data({**to_plain(found), "written": file})
    terminal.show(rebased_text(found, mapping, file))
    return 4 if found.findings else 0


def rebased_text(found: RebasedMapping, mapping: str, file: str | None) -> str:
    """The findings by kind, then what the check says."""
    lines = []
    for kind, title in TITLES.items():
        of_kind = [each for each in found.findings if each.kind == kind]
        lines += [paint(title, "bold"), *(f"  {each}" for each in of_kind)] if of_kind else []
    lines += [paint("The check says", "bold"), *(f"  {each}" for each in found.problems)] if found.problems else []
    for side, known in (("source", found.source_known), ("target", found.target_known)):
        if not known:
            lines.append(f"How the {side} was is not kept: renames are guessed by name, other types are not seen.")
    lines.append(f"{count(len(found.findings), 'finding')} for {mapping}.")
    if file is not None:
        lines.append(f"Written to {file}.")
    elif found.findings:
        lines.append("Nothing was written. Next: the same command with --in-place or --output FILE.")
    return "\n".join(lines)
