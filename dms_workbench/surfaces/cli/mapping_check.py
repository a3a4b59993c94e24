"""``dms mappings check``: a mapping file compared with both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .command import command
from .files import read_text
from .layout import count
from .schemas import PROJECT
from .terminal import Terminal

if TYPE_CHECKING:
    from ...features.mappings import MappingCheck


@command("check")
@click.argument("mapping")
@click.argument("source")
@click.argument("target")
@click.option("--source-schema", metavar="NAME", help="Schema of the source; its default one if left out.")
@click.option("--target-schema", metavar="NAME", help="Schema of the target; its default one if left out.")
@PROJECT
def check(terminal: Terminal, mapping: str, source: str, target: str, **given: Any) -> int:
    """Compare the mapping file MAPPING with SOURCE and TARGET as they are; nothing is changed and no row is read.

    SOURCE and TARGET are each a URL, a path or @connection. Every problem and every line that is open is told with line
    and column.

    Exit code 0: the mapping fits both, whatever is open; 4: it does not.

    Examples:
      dms mappings check shop.mapping.yaml shop.sqlite person.duckdb
      dms mappings check shop.mapping.yaml @old @new --json
    """
    from ...kernel.wire import to_plain
    from ...workbench import Workbench

    text = read_text(mapping)
    with Workbench() as workbench:
        found = workbench.mappings.validate(text, source, target, **given)
    terminal.data(to_plain(found))
    terminal.show(check_text(found, mapping))
    return 0 if found.ok else 4


def check_text(found: MappingCheck, mapping: str) -> str:
    """The findings, then what is open."""
    lines = [str(each) for each in found.findings]
    lines += [f"open: {each}" for each in found.open]
    lines.append(
        f"{mapping} fits both schemas; {count(len(found.open), 'line')} open."
        if found.ok
        else f"{count(len(found.findings), 'problem')} in {mapping}, {count(len(found.open), 'line')} open."
    )
    return "\n".join(lines)
