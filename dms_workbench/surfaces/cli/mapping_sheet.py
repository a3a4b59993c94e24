"""``dms mappings export-sheet, import-sheet``: a mapping as a spreadsheet, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ...kernel.errors import UsageError
from .command import command
from .files import TextUnreadable, limited, read_text
from .layout import count
from .schemas import PROJECT, CannotWriteFile, put
from .terminal import Terminal

FORMS = {".xlsx": "xlsx", ".csv": "csv"}
SCHEMAS = (
    click.option("--source-schema", metavar="NAME", help="Schema of the source; its default one if left out."),
    click.option("--target-schema", metavar="NAME", help="Schema of the target; its default one if left out."),
)


class SheetFormUnknown(
    UsageError, code="sheet-form-unknown", next="Name a file that ends with .xlsx or .csv, or say --form."
):
    """{path} does not say by its ending what kind of sheet it is to be."""


@command("export-sheet")
@click.argument("mapping")
@click.argument("source")
@click.argument("target")
@click.option("--output", "-o", required=True, metavar="FILE", help="Where to write it: .xlsx or .csv.")
@click.option("--form", type=click.Choice(["xlsx", "csv"]), help="Of the file; by its ending if left out.")
@click.option(
    "--delimiter", type=click.Choice(["comma", "semicolon", "tab"]), default="comma", show_default=True,
    help="Of CSV, between its cells.",
)  # fmt: skip
@click.option("--bom/--no-bom", default=False, show_default=True, help="Of CSV: the mark by which Excel knows UTF-8.")
@SCHEMAS[0]
@SCHEMAS[1]
@PROJECT
def export_sheet(
    terminal: Terminal, mapping: str, source: str, target: str, output: str, form: str | None, **given: Any
) -> int:
    """Write the mapping file MAPPING as a sheet with a row for each target column.

    SOURCE and TARGET are each a URL, a path or @connection. The sheet shows types, keys, rules in words, decisions, owners,
    remarks and what is open; import-sheet takes what was filled in back into the mapping file.

    Examples:
      dms mappings export-sheet shop.mapping.yaml @old @new -o shop.xlsx
      dms mappings export-sheet shop.mapping.yaml @old @new -o shop.csv --delimiter semicolon --bom
    """
    from ...workbench import Workbench

    kind = form or FORMS.get(Path(output).suffix.lower())
    if kind is None:
        raise SheetFormUnknown(path=output)
    with Workbench() as workbench:
        found = workbench.mappings.sheet(read_text(mapping), source, target, form=kind, **given)
    put_bytes(output, found.content)
    terminal.data({"written": output, "form": found.form, "rows": found.rows, "open_rows": found.open_rows})
    terminal.show(f"Written to {output}: {found}")
    return 0


@command("import-sheet")
@click.argument("sheet")
@click.option("--mapping", required=True, metavar="FILE", help="The mapping file that the sheet was exported from.")
@click.option(
    "--output", "-o", metavar="FILE", help="Where to write the changed mapping; MAPPING itself with --in-place."
)
@click.option("--in-place", is_flag=True, help="Write the changes into the mapping file.")
@click.option("--source", metavar="PLACE", help="Check names and rules against this source.")
@click.option("--target", metavar="PLACE", help="Check names against this target.")
@SCHEMAS[0]
@SCHEMAS[1]
@PROJECT
def import_sheet(
    terminal: Terminal, sheet: str, mapping: str, output: str | None, *, in_place: bool, **given: Any
) -> int:
    """Take what was filled in in SHEET (.xlsx or .csv) over into a mapping file; shows every changed cell.

    Without --output or --in-place nothing is written: the changes are only shown. What the mapping file has changed since
    the sheet was exported stays; a cell that both have changed is a conflict, and nothing is taken over.

    Examples:
      dms mappings import-sheet shop.xlsx --mapping shop.mapping.yaml
      dms mappings import-sheet shop.xlsx --mapping shop.mapping.yaml --in-place
    """
    from ...kernel.wire import to_plain
    from ...workbench import Workbench

    if output is not None and in_place:
        raise click.UsageError("--output and --in-place are two ways to write: give one.", click.get_current_context())
    content = read_bytes(sheet)
    text = read_text(mapping)
    with Workbench() as workbench:
        found = workbench.mappings.fill_in(text, content, **given)
    file = mapping if in_place else output
    if file is not None and (found.text != text or not in_place):
        put(file, found.text)
    terminal.data({**to_plain(found), "written": file})
    terminal.show(changes_text(found.changes, found.notes, file))
    return 0


def changes_text(changes: Any, notes: Any, file: str | None) -> str:
    """Every change as old → new, what was not taken over, and where the result is."""
    lines = [f"{count(len(changes), 'cell')} changed."] if changes else ["The sheet changes nothing."]
    lines += [f"  row {each.row}: {each}" for each in changes]
    lines += list(notes)
    if file is not None:
        lines.append(f"Written to {file}.")
    elif changes:
        lines.append("Nothing was written. Next: the same command with --in-place or --output FILE.")
    return "\n".join(lines)


def read_bytes(path: str) -> bytes:
    """The content of a file. Raises TextUnreadable."""
    try:
        return limited(Path(path))
    except OSError as error:
        raise TextUnreadable(path=path, reason=error.strerror or type(error).__name__) from None


def put_bytes(path: str, content: bytes) -> None:
    """Write a file. Raises CannotWriteFile."""
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise CannotWriteFile(path=path, reason=error.strerror or type(error).__name__) from None
