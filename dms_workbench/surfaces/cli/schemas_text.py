"""How schemas and their differences look in a terminal."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from .layout import count, number, shortened, table
from .terminal import paint, width

if TYPE_CHECKING:
    from ...engine.databases.catalogue import Catalogue, Column, Table
    from ...engine.schema.diff_model import Difference
    from ...features.schemas import SchemaDiff

COLOURS = {"breaking": "red", "risky": "yellow", "harmless": "green"}
SIGNS = {"missing": "+", "extra": "-", "changed": "~"}
UNITS = ("B", "kB", "MB", "GB", "TB")
FILE_OPTIONS = ("format", "dialect", "faults")
"""What is said of a table that is a file."""
THOUSAND = 1000


def differences_text(found: SchemaDiff) -> str:
    """A comparison: by table, each difference with its severity and what resolves it."""
    parts = [f"{paint(str(found.first), 'bold')}\n  compared with {paint(str(found.second), 'bold')}"]
    if found.base is not None:
        parts[0] += f"\n  since {found.base}"
    ordered = sorted(found.differences, key=lambda each: (each.table or each.name).casefold())
    for place, group in groupby(ordered, key=lambda each: each.table or each.name):
        parts.append("\n".join([paint(place, "bold"), *(line for each in group for line in difference_lines(each))]))
    if found.open_renames:
        asked = [f"  {paint('rename?', 'cyan', 'bold')} {rename}" for rename in found.open_renames]
        parts.append("\n".join([*asked, "  Answer with --assume-renames yes or no, or at a terminal one by one."]))
    parts += [f"  Note: {note}" for note in found.notes]
    return "\n\n".join([*parts, ending(found)])


def difference_lines(each: Difference) -> list[str]:
    """One difference."""
    name = each.name.removeprefix(f"{each.table}.") if each.table else each.name
    origin = f" [{each.origin}]" if each.origin else ""
    head = f"  {SIGNS[each.change]} {paint(each.severity, COLOURS[each.severity])} {each.kind} {name}{origin}: {said(each)}"
    lines = [shortened(head, width()) + (paint(f"  ({each.why})", "dim") if each.why else "")]
    for statement in each.resolution.every:
        mark = "-- destructive: " if each.resolution.destructive else ""
        lines += [paint(f"      {mark}{line}", "dim") for line in statement.splitlines()]
    if each.resolution.unresolved:
        lines.append(paint(f"      no statement: {each.resolution.unresolved}", "dim"))
    return lines


def said(each: Difference) -> str:
    """What is unlike."""
    if each.change != "changed":
        return each.change
    base = f", was {each.base}" if each.base is not None else ""
    return f"{each.aspect} {each.second or 'none'} → {each.first or 'none'}{base}"


def ending(found: SchemaDiff) -> str:
    """How many differences of which severity."""
    if found.equal:
        return f"{paint('✓', 'green', 'bold')} equal"
    counts: Counter[str] = Counter(each.severity for each in found.unlike)
    words = [f"{number(counts[name])} {name}" for name in COLOURS if counts[name]]
    words += [f"{count(len(found.open_renames), 'rename')} to answer"] if found.open_renames else []
    return f"{paint('✗', 'red', 'bold')} different: {', '.join(words)}"


def catalogue_text(catalogue: Catalogue) -> str:
    """A schema: tables with what they hold, then the objects of every other kind."""
    head = f"{catalogue.database} {catalogue.version}".strip() + (
        f", schema {catalogue.schema}" if catalogue.schema else ""
    )
    parts = [paint(head, "bold")]
    if catalogue.tables:
        parts.append("\n".join(tables_lines(catalogue)))
    parts += ["\n".join(table_lines(each)) for each in catalogue.tables]
    groups = {
        "Views": [f"{'materialized ' if view.materialized else ''}{view.name}" for view in catalogue.views],
        "Sequences": [str(each.name) for each in catalogue.sequences],
        "Types": [f"{each.kind} {each.name}" + (f" ({', '.join(each.labels)})" if each.labels else "") for each in catalogue.types],
        "Routines": [f"{each.kind} {each.signature}" for each in catalogue.routines],
        "Other objects": [f"{each.kind} {each.name}" for each in catalogue.others],
    }  # fmt: skip
    parts += [
        "\n".join([paint(title, "bold"), *(f"  {name}" for name in names)]) for title, names in groups.items() if names
    ]
    return "\n\n".join(parts)


def tables_lines(catalogue: Catalogue) -> list[str]:
    """A line for each table."""
    header = ["table", "columns", "rows about", "size", "key", "indexes", "references"]
    rows = [
        [
            str(each.name),
            number(len(each.columns)),
            "" if each.rows_estimate is None else number(each.rows_estimate),
            size(each.size_bytes),
            ", ".join(each.row_key()) or "none",
            number(len(each.indexes)),
            ", ".join(dict.fromkeys(str(key.references) for key in each.foreign_keys)),
        ]
        for each in catalogue.tables
    ]
    return table(header, rows, right=[1, 2, 3, 5])


def table_lines(found: Table) -> list[str]:
    """A table with its columns and all that belongs to it."""
    lines = [paint(str(found.name), "bold") + (f"  {found.comment}" if found.comment else "")]
    lines += [f"  {name}: {text}" for name, text in found.options if name in FILE_OPTIONS]
    lines += [f"  {line}" for line in map(column_line, found.columns)]
    if found.primary_key is not None:
        lines.append(f"  primary key ({', '.join(found.primary_key.columns)})")
    lines += [f"  unique ({', '.join(key.columns)})" for key in found.unique_keys]
    lines += [
        f"  ({', '.join(key.columns)}) references {key.references} ({', '.join(key.referenced_columns)})"
        for key in found.foreign_keys
    ]
    lines += [f"  check ({check.expression})" for check in found.checks]
    for index in found.indexes:
        parts = ", ".join(part.column or f"({part.expression})" for part in index.parts)
        where = f" where {index.where}" if index.where else ""
        lines.append(f"  {'unique ' if index.unique else ''}index {index.name} ({parts}){where}")
    lines += [f"  trigger {trigger.name}" for trigger in found.triggers]
    lines += [f"  policy {policy.name}" for policy in found.policies]
    return [shortened(line, width()) for line in lines]


def column_line(column: Column) -> str:
    """A column."""
    words = [column.name, column.type.native, "" if column.nullable else "not null"]
    words.append(f"default {column.default}" if column.default is not None else "")
    words.append(f"identity {column.identity}" if column.identity else "")
    words.append(f"as ({column.generated})" if column.generated is not None else "")
    return " ".join(filter(None, words)) + (f"  -- {column.comment}" if column.comment else "")


def size(of_bytes: int | None) -> str:
    """Bytes as people say them."""
    if of_bytes is None:
        return ""
    value, unit = float(of_bytes), 0
    while value >= THOUSAND and unit < len(UNITS) - 1:
        value, unit = value / THOUSAND, unit + 1
    return f"{value:.0f} {UNITS[unit]}" if unit == 0 or value >= 10 else f"{value:.1f} {UNITS[unit]}"
