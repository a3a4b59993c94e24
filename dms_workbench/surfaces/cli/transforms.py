"""``dms transforms propose``: what cleans a source, written into a mapping file."""

from __future__ import annotations

from typing import Any

import click

from .command import command
from .files import read_text
from .mapping_merge import write
from .terminal import Terminal

PROJECT = click.option(
    "--project", metavar="NAME", default="default", show_default=True, help="The project that connections belong to."
)


@command("propose")
@click.argument("source")
@click.option("--table", "tables", multiple=True, metavar="TABLE", help="Only this table; may be given several times.")
@click.option("--schema", metavar="NAME", help="Schema of SOURCE; its default one if left out.")
@click.option("--mapping", metavar="FILE", help="The mapping file to write into; one of namesakes if left out.")
@click.option("-o", "--output", metavar="FILE", help="Where the mapping file goes, with the accepted proposals.")
@click.option(
    "--accept", multiple=True, metavar="TABLE.COLUMN", help="Write only this proposal; may be given several times."
)
@click.option("--all-rows", is_flag=True, help="Read all rows of very large tables, not a sample.")
@PROJECT
def propose(
    terminal: Terminal, source: str, mapping: str | None, output: str | None, project: str, all_rows: bool, **given: Any
) -> int:
    """Propose an expression for each text column of SOURCE that has values to repair, tried on those values.

    SOURCE is a URL or path, or @connection. Nothing is changed in it. With -o the accepted proposals (all, without --accept) are
    written into a mapping file; its other lines and comments stay.

    Examples:
      dms transforms propose shop.sqlite
      dms transforms propose shop.sqlite --mapping shop.mapping.yaml -o shop.mapping.yaml
      dms transforms propose shop.sqlite -o clean.mapping.yaml --accept customer.email
    """
    from ...features.schemas import connection_of
    from ...kernel.wire import to_plain
    from ...workbench import Workbench

    if all_rows:
        given["sample_rows"] = None
    text = None if mapping is None else read_text(mapping)
    with Workbench() as workbench:
        place = connection_of(workbench.bus, source, project)
        found = workbench.transforms.propose(place, mapping_text=text, **given)
    if output is not None:
        write(output, found.mapping_text)
    terminal.data({**to_plain(found), "written": output})
    terminal.show(str(found) if output is None else f"{found}\nWrote {output}.")
    return 0
