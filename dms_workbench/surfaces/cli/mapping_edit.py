"""``dms mappings edit``: one line of a mapping file changed."""

from __future__ import annotations

from typing import Any

import click

from .command import command
from .files import read_text
from .mapping_merge import write
from .naming import named
from .terminal import Terminal


@command("edit")
@click.argument("mapping")
@click.argument("table")
@click.argument("column", required=False)
@click.option("--source", metavar="COLUMN", help="The source column that it is made of.")
@click.option("--expression", metavar="SQL", help="The expression that it is made of.")
@click.option("--owner", metavar="NAME", help="Who answers for the line; '' takes the owner away.")
@click.option("--remark", metavar="TEXT", help="Any words; '' takes them away.")
@click.option(
    "--status",
    type=click.Choice(["accepted", "rejected", "open"]),
    help="What is decided; your name and the time go with it.",
)
@click.option(
    "--confidence", type=click.FloatRange(0, 1), metavar="SHARE", help="Of the suggestion that is decided on."
)
@click.option("--remove", is_flag=True, help="Take the line out.")
@click.option("--source-table", metavar="TABLE", help="The source table, where several go into one target table.")
def edit(terminal: Terminal, mapping: str, table: str, column: str | None, **given: Any) -> int:
    """Change one line of the mapping file MAPPING: of the target TABLE the COLUMN, or the table map itself.

    Every other line, its comments and the order stay as they are. A column without a line gets one.

    Examples:
      dms mappings edit shop.mapping.yaml customer email --source cust_email --status accepted
      dms mappings edit shop.mapping.yaml customer email --owner ana --remark "lower case?"
      dms mappings edit shop.mapping.yaml customer fax --remove
    """
    from ...workbench import Workbench

    before = read_text(mapping)
    with named(mapping), Workbench() as workbench:
        text = workbench.mappings.edit(before, table, column, **given).text
    if text != before:
        write(mapping, text)
    name = f"{table}.{column}" if column is not None else table
    terminal.data({"mapping": mapping, "line": name, "changed": text != before})
    terminal.show(f"Changed {name} in {mapping}." if text != before else f"{mapping} says so already.")
    return 0
