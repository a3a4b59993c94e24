"""Proposals written into a mapping file: every other line, its comments and the order stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..databases.catalogue import Catalogue
from ..mapping.edit import rewritten
from ..mapping.model import ColumnMap, Lookup, Mapping, TableMap
from ..mapping.parse import parse_mapping
from .model import Cleansing, NotCleansed


def into_mapping(text: str, proposals: Sequence[Cleansing], source: Catalogue) -> tuple[str, tuple[NotCleansed, ...]]:
    """The mapping file with the proposals, and those that found no place with why.

    A target column that is the source column as it is gets the expression; one that is made of an expression already is left to
    its author. source: for table maps that list no columns, which is done then.
    Raises InvalidMapping, NotEditable.
    """
    mapping = parse_mapping(text)
    left: list[NotCleansed] = []
    for proposal in proposals:
        mapping, placed = with_proposal(mapping, proposal, source)
        if not placed:
            why = "the mapping does not take this column as it is, so the expression was not written"
            left.append(NotCleansed(proposal.table, proposal.column, proposal.changed, why))
    return rewritten(text, mapping), tuple(left)


def with_proposal(mapping: Mapping, proposal: Cleansing, source: Catalogue) -> tuple[Mapping, bool]:
    """The mapping with one proposal, and whether it found a place."""
    tables = tuple(
        cleaned(table, proposal, source) if table.source == proposal.table and not table.rejected else table
        for table in mapping.tables
    )
    if tables == mapping.tables:
        return mapping, False
    lookups = tuple(each for each in mapping.lookups if each.name != proposal.lookup)
    if proposal.lookup:
        lookups = (*lookups, Lookup(proposal.lookup, values=dict(proposal.entries)))
    return replace(mapping, tables=tables, lookups=lookups), True


def cleaned(table: TableMap, proposal: Cleansing, source: Catalogue) -> TableMap:
    """A table map with the expression wherever the column stood as it is."""
    columns = table.columns if table.columns is not None else listed(table, source)
    made = tuple(
        replace(
            column,
            source=None,
            expression=proposal.expression,
            remark="; ".join(filter(None, (column.remark, f"cleansed: {proposal.reason}"))),
        )
        if column.source == proposal.column
        else column
        for column in columns
    )
    return table if made == columns else replace(table, columns=made)


def listed(table: TableMap, source: Catalogue) -> tuple[ColumnMap, ...]:
    """The columns of a table map that maps each to its namesake."""
    found = next((each for each in source.tables if each.name.name == table.source), None)
    if found is None:
        return ()
    return tuple(
        ColumnMap(column.name, source=column.name) for column in found.copied_columns if column.name not in table.ignore
    )
