"""Columns of PostgreSQL's tables, views and composite types, and what their types mean."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..catalogue import Column, DataType, Grant, SequenceOptions, SequenceState, TableName
from .capabilities import quote
from .queries import COLUMNS, ColumnRow
from .queries_programs import RangeRow, SequenceRow, TypeRow
from .types import parse_type

if TYPE_CHECKING:
    from .inspect import Reader

DRAWS = re.compile(r"nextval\('.*'::regclass\)", re.DOTALL)
STORAGES = {"p": "plain", "e": "external", "m": "main", "x": "extended"}
COMPRESSIONS = {"p": "pglz", "l": "lz4"}
DISTINCT = ("n_distinct", "n_distinct_inherited")
"""The options of a column that ALTER TABLE takes; what a server keeps there besides is its own business."""
Columns = dict[int, list[Column]]
"""The columns of relations by the relation's oid."""


class TypeBook:
    """The common meaning of every native type, the schema's own types among them."""

    def __init__(self, types: Sequence[TypeRow], ranges: Sequence[RangeRow]) -> None:
        """types, ranges: of all schemas."""
        self.rows = {row.native: row for row in types}
        by_oid = {row.oid: row for row in types}
        self.range_of = {of.multirange: by_oid[of.type] for of in ranges if of.multirange and of.type in by_oid}
        self.known: dict[tuple[str, str | None], DataType] = {}

    def meaning(self, native: str, collation: str | None = None) -> DataType:
        """The type that ``format_type`` prints so."""
        found = self.known.get((native, collation))
        if found is None:
            found = self.resolve(native)
            if collation is not None:
                found = replace(found, collation=collation)
            self.known[native, collation] = found
        return found

    def resolve(self, native: str) -> DataType:
        """As `meaning`, once for each type."""
        if native.endswith("[]"):
            return DataType("other", native, element=self.meaning(native[:-2]))
        row = self.rows.get(native)
        if row is None:
            return parse_type(native)
        own = self.range_of.get(row.oid, row)
        name = None if row.of_extension else TableName(own.schema, own.name)
        if row.kind == "e":
            return DataType("text", native, labels=tuple(row.labels), user_type=name)
        if row.kind == "d" and row.base is not None:
            return replace(self.meaning(row.base), native=native, user_type=name)
        fields = zip(row.field_names, map(self.meaning, row.field_types), strict=True)
        return DataType("other", native, fields=tuple(fields), user_type=name)


def build_columns(
    reader: Reader, book: TypeBook, sequences: Sequence[SequenceRow], states: dict[int, SequenceState]
) -> Columns:
    """All columns of the schema's relations."""
    owned = {(row.relation, row.column): row for row in reversed(sequences) if row.owned}
    rights: defaultdict[tuple[int, str], list[Grant]] = defaultdict(list)
    for (kind, oid), grants in reader.grants.items():
        for grant in grants:
            if kind == "relation" and grant.column is not None:
                rights[oid, grant.column].append(grant)
    found: Columns = defaultdict(list)
    for row in reader.rows(ColumnRow, COLUMNS):
        column = build_column(row, book)
        sequence = owned.get((row.relation, row.number))
        if sequence is not None:
            column = with_sequence(column, sequence, states.get(sequence.oid), reader.schema)
        if (row.relation, row.name) in rights:
            column = replace(column, grants=tuple(rights[row.relation, row.name]))
        found[row.relation].append(column)
    return found


def build_column(row: ColumnRow, book: TypeBook) -> Column:
    """One column, its sequence left out. One that draws its default from a sequence makes its own numbers."""
    draws = row.expression is not None and not row.generated and DRAWS.fullmatch(row.expression) is not None
    return Column(
        name=row.name,
        type=book.meaning(row.native, row.collation),
        nullable=not row.not_null,
        default=None if row.generated else row.expression,
        identity={"a": "always", "d": "by default"}.get(row.identity) or ("by default" if draws else None),  # type: ignore[arg-type]
        generated=row.expression if row.generated else None,
        stored=row.generated != "v",
        comment=row.comment,
        options=column_options(row),
        local=row.local,
    )


def column_options(row: ColumnRow) -> tuple[tuple[str, str], ...]:
    """How the column is stored and sampled, where that is not the type's own way."""
    if row.storage is None and row.compression is None and row.statistics is None and row.options is None:
        return ()
    found = [
        ("storage", STORAGES.get(row.storage or "")),
        ("compression", COMPRESSIONS.get(row.compression or "")),
        ("statistics", None if row.statistics is None else str(row.statistics)),
    ]
    found += [option for option in map(option_of, row.options or ()) if option[0] in DISTINCT]
    return tuple((name, value) for name, value in found if value is not None)


def collate(collation: str | None) -> str:
    """A COLLATE clause. collation: a name of ``pg_catalog``, or schema and name, both quoted."""
    if collation is None:
        return ""
    return " COLLATE " + (collation if collation.startswith('"') else f"pg_catalog.{quote(collation)}")


def option_of(text: str) -> tuple[str, str]:
    """``fillfactor=70`` in two parts."""
    name, _, value = text.partition("=")
    return name, value


def with_sequence(column: Column, row: SequenceRow, state: SequenceState | None, schema: str) -> Column:
    """The column with the sequence it owns: an identity's own, or that of a serial."""
    counting = replace(column, counter=options_of(row), counter_state=state)
    if row.owned == "a":
        return replace(counting, sequence=row.name)
    own = ("sequence", f"{quote(schema)}.{quote(row.name)}")
    return replace(counting, options=(*column.options, own))


def options_of(row: SequenceRow) -> SequenceOptions:
    """How a sequence counts."""
    return SequenceOptions(row.start, row.increment, row.minimum, row.maximum, row.cache, row.cycle)
