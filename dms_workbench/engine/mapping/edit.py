"""Changing one line of a mapping file: every other line, comment and the order stay as they are.

Each function takes the file's text and gives the new one. A table map is known by its target table, and by its source table
too where several go into one target.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ...kernel.errors import WorkbenchError
from .model import ColumnMap, Decision, Mapping, TableMap
from .parse import did_you_mean, parse_mapping
from .rewrite import NotEditable, rewritten


class NoSuchLine(WorkbenchError, code="mapping-line-not-found", status=404, exit_code=2, safe="Nothing was changed."):
    """The mapping has no {what}{hint}"""


def set_column(text: str, target: str, column: ColumnMap, *, source: str | None = None) -> str:
    """Put a column map in the place of the one of the same target column, or behind the last one.

    Raises InvalidMapping, NoSuchLine for the table map, NotEditable.
    """

    def change(table: TableMap) -> TableMap:
        columns = table.columns or ()
        known = [each.target for each in columns]
        if column.target in known:
            columns = tuple(column if each.target == column.target else each for each in columns)
        else:
            columns = (*columns, column)
        return replace(table, columns=columns)

    return set_table(text, target, change, source=source)


def note_column(text: str, target: str, column: str, *, source_table: str | None = None, **notes: Any) -> str:
    """Set ``owner``, ``remark`` or ``decision`` of a column, or what it is made of (``source``, ``expression``); None takes it away.

    source_table: of the table map, where several go into one target.

    A decision that the column is rejected takes what it was made of away and lists it as turned down.
    Raises InvalidMapping, NoSuchLine, NotEditable.
    """

    def change(table: TableMap) -> TableMap:
        columns = table.columns or ()
        if column not in [each.target for each in columns]:
            raise no_column(target, column, table)
        made = (noted(table, each, notes) if each.target == column else each for each in columns)
        return replace(table, columns=tuple(made))

    return set_table(text, target, change, source=source_table)


def noted(table: TableMap, column: ColumnMap, notes: dict[str, Any]) -> ColumnMap:
    """A column with other notes."""
    decision: Decision | None = notes.get("decision")
    if decision is None or decision.status != "rejected" or not column.made:
        return replace(column, **notes)
    turned_down = f"{table.source}.{column.source}"
    if column.source is not None and turned_down not in decision.rejected:
        decision = replace(decision, rejected=(*decision.rejected, turned_down))
    return replace(column, **{**notes, "source": None, "expression": None, "decision": decision})


def unlink_column(text: str, target: str, column: str, *, source: str | None = None) -> str:
    """Take a column's line out. Raises InvalidMapping, NoSuchLine, NotEditable where it is the only one."""

    def change(table: TableMap) -> TableMap:
        columns = table.columns or ()
        kept = tuple(each for each in columns if each.target != column)
        if len(kept) == len(columns):
            raise no_column(target, column, table)
        if not kept:
            raise NotEditable(path=f"{target}.{column}: it is the table map's only column, so its line")
        return replace(table, columns=kept)

    return set_table(text, target, change, source=source)


def note_table(text: str, target: str, *, source: str | None = None, **fields: Any) -> str:
    """Set fields of a table map: ``owner``, ``remark``, ``decision``, ``mode``, ``where``, ``joins``, ``ignore``; None takes away.

    Raises InvalidMapping, NoSuchLine, NotEditable.
    """
    return set_table(text, target, lambda table: replace(table, **fields), source=source)


def add_table(text: str, table: TableMap) -> str:
    """Put a table map behind the last one. Raises InvalidMapping, NotEditable."""
    mapping = parse_mapping(text)
    return rewritten(text, replace(mapping, tables=(*mapping.tables, table)))


def remove_table(text: str, target: str, *, source: str | None = None) -> str:
    """Take a table map out. Raises InvalidMapping, NoSuchLine, NotEditable where it is the only one."""
    mapping = parse_mapping(text)
    place = place_of(mapping, target, source)
    if len(mapping.tables) == 1:
        raise NotEditable(path=f"{target} is the file's only table map, so the file")
    return rewritten(text, replace(mapping, tables=(*mapping.tables[:place], *mapping.tables[place + 1 :])))


def set_table(text: str, target: str, change: Callable[[TableMap], TableMap], *, source: str | None = None) -> str:
    """Change one table map by a function. Raises InvalidMapping, NoSuchLine, NotEditable."""
    mapping = parse_mapping(text)
    place = place_of(mapping, target, source)
    tables = tuple(change(table) if number == place else table for number, table in enumerate(mapping.tables))
    return rewritten(text, replace(mapping, tables=tables))


def place_of(mapping: Mapping, target: str, source: str | None = None) -> int:
    """Which table map it is, from 0. Raises NoSuchLine where there is none, or several."""
    found = [
        number
        for number, table in enumerate(mapping.tables)
        if table.target == target and source in (None, table.source)
    ]
    if len(found) == 1:
        return found[0]
    what = f"table map into {target}" + (f" from {source}" if source is not None else "")
    if found:
        sources = ", ".join(mapping.tables[number].source for number in found)
        raise NoSuchLine(
            what=f"one {what}", hint=f": there are {len(found)}, from {sources}. Name the source table too"
        )
    raise NoSuchLine(what=what, hint=did_you_mean(target, [table.target for table in mapping.tables]))


def no_column(target: str, column: str, table: TableMap) -> NoSuchLine:
    """The error for a column that stands nowhere."""
    hint = did_you_mean(column, [each.target for each in table.columns or ()])
    return NoSuchLine(what=f"line for {target}.{column}", hint=hint)


__all__ = [
    "NoSuchLine", "NotEditable", "add_table", "note_column", "note_table", "place_of", "remove_table", "rewritten",
    "set_column", "set_table", "unlink_column",
]  # fmt: skip
