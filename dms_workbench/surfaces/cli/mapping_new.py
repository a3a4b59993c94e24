"""``dms mappings new, make-template``: a mapping begun with a template, and a template made of a mapping."""

from __future__ import annotations

from typing import Any

import click

from .command import command
from .files import read_text
from .schemas import PROJECT, put
from .terminal import Terminal


@command("new")
@click.argument("name")
@click.argument("source")
@click.argument("target")
@click.option("--template", metavar="NAME", help="A template that comes with the package: dms mappings templates.")
@click.option("--from-template", metavar="FILE", help="A template file, as make-template writes it.")
@click.option("--output", "-o", metavar="FILE", help="Where to write it; NAME.mapping.yaml if left out.")
@click.option("--source-schema", metavar="NAME", help="Schema of the source; its default one if left out.")
@click.option("--target-schema", metavar="NAME", help="Schema of the target; its default one if left out.")
@PROJECT
def new(
    terminal: Terminal, name: str, source: str, target: str, from_template: str | None, output: str | None, **given: Any
) -> int:
    """Begin the mapping NAME between SOURCE and TARGET with the types, rules and lookups of a template.

    Every table and column goes to its namesake; the template decides about types, names and what is done with columns of a
    name or type. What of it does not work here is said, and what the check finds. The file names both schemas'
    fingerprints, so that dms mappings rebase can tell later what has changed.

    Examples:
      dms mappings new shop @old @new --template mysql-to-postgresql
      dms mappings new shop @old @new --from-template ours.template.yaml -o shop.yaml
    """
    from ...kernel.wire import to_plain
    from ...workbench import Workbench

    text = None if from_template is None else read_text(from_template)
    with Workbench() as workbench:
        found = workbench.mappings.new(name, source, target, template_text=text, **given)
    file = output or f"{name}.mapping.yaml"
    put(file, found.text)
    terminal.data({**to_plain(found), "written": file})
    checks = [f"The check says: {each}" for each in found.findings] or ["The check finds nothing wrong."]
    terminal.show("\n".join([*found.notes, *checks, f"Written to {file}, begun with {found.template}."]))
    return 0


@command("make-template")
@click.argument("mapping")
@click.argument("name")
@click.option("--output", "-o", metavar="FILE", help="Where to write it; standard output if left out.")
def make_template(terminal: Terminal, mapping: str, name: str, output: str | None) -> int:
    """Make the template NAME of the general part of the mapping file MAPPING: types, lookups, names, rules for columns.

    Examples:
      dms mappings make-template shop.mapping.yaml ours -o ours.template.yaml
      dms mappings new stock @old2 @new2 --from-template ours.template.yaml
    """
    from ...workbench import Workbench

    with Workbench() as workbench:
        found = workbench.mappings.make_template(read_text(mapping), name).text
    if output is not None:
        put(output, found)
    terminal.data({"name": name, "written": output, "text": found})
    terminal.show(f"Written to {output}" if output else found.rstrip("\n"))
    return 0
