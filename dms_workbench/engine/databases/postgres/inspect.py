"""PostgreSQL's catalogue: everything one schema holds, in a number of queries that does not grow with the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from ..catalogue import Catalogue, Grant, OtherObject, Reference, SequenceState, TableName
from ..errors import SchemaMissing
from . import queries, queries_others, queries_programs
from .capabilities import literal, quote
from .inspect_columns import TypeBook, build_columns
from .inspect_programs import build_routines, build_sequences, build_types, build_views
from .inspect_tables import Attached, build_foreign_tables, build_tables

Query = Callable[[str, Any], list[tuple[Any, ...]]]
Row = TypeVar("Row", bound=NamedTuple)
SEQUENCES_AT_A_TIME = 400
"""How many sequences one query asks where they stand: each is a relation that the server opens."""


@dataclass(slots=True)
class Reader:
    """Asks a server about one schema."""

    query: Query
    schema: str
    version: int
    grants: defaultdict[tuple[str, int], list[Grant]] = field(default_factory=lambda: defaultdict(list))
    needs: defaultdict[int, list[Reference]] = field(default_factory=lambda: defaultdict(list))

    def rows(self, form: type[Row], sql: str) -> list[Row]:
        """The rows of a query, in their form."""
        found = self.query(queries.for_version(sql, self.version), {"schema": self.schema})
        return [form(*row) for row in found]

    def grouped(self, form: type[Row], sql: str) -> defaultdict[int, list[Row]]:
        """The rows of a query by their first field, an oid."""
        found: defaultdict[int, list[Row]] = defaultdict(list)
        for row in self.rows(form, sql):
            found[row[0]].append(row)
        return found

    def read_grants(self) -> None:
        """Rights on all objects of the schema; an object without an entry has the rights it was born with."""
        for row in self.rows(queries.GrantRow, queries.GRANTS):
            self.grants[row.kind, row.oid].append(Grant(row.to, row.right, row.grantable, row.column))

    def read_needs(self) -> None:
        """What each object of the schema needs."""
        for row in self.rows(queries_programs.NeedRow, queries_programs.NEEDS):
            self.needs[row.owner].append(Reference(row.kind, TableName(row.schema, row.name)))  # type: ignore[arg-type]

    def sequence_states(self, rows: Sequence[queries_programs.SequenceRow]) -> dict[int, SequenceState]:
        """Where the sequences stand that this role may read."""
        readable = [row for row in rows if row.readable]
        found: dict[int, SequenceState] = {}
        for at in range(0, len(readable), SEQUENCES_AT_A_TIME):
            asked = " union all ".join(
                queries_programs.SEQUENCE_STATE.format(oid=row.oid, name=f"{quote(self.schema)}.{quote(row.name)}")
                for row in readable[at : at + SEQUENCES_AT_A_TIME]
            )
            found.update({oid: SequenceState(last, called) for oid, last, called in self.query(asked, ())})
        return found


def read_catalogue(query: Query, schema: str, version: str) -> Catalogue:
    """Read one schema. Raises SchemaMissing, naming the schemas there are."""
    known = [row[0] for row in query(queries.SCHEMAS, ())]
    if schema not in known:
        raise SchemaMissing(schema=schema, database="postgres", known=", ".join(known) or "none")
    reader = Reader(query, schema, int(version))
    of_schema = reader.rows(queries.SchemaRow, queries.SCHEMA)[0]
    reader.read_grants()
    reader.read_needs()
    relations = reader.rows(queries.RelationRow, queries.RELATIONS)
    types = reader.rows(queries_programs.TypeRow, queries_programs.TYPES)
    ranges = reader.rows(queries_programs.RangeRow, queries_programs.RANGES)
    sequence_rows = reader.rows(queries_programs.SequenceRow, queries_programs.SEQUENCES)
    states = reader.sequence_states(sequence_rows)
    book = TypeBook(types, ranges)
    columns = build_columns(reader, book, sequence_rows, states)
    attached = Attached.read(reader)
    return Catalogue(
        database="postgres",
        version=version,
        schema=schema,
        tables=build_tables(reader, relations, columns, attached),
        others=(*build_foreign_tables(reader, relations, columns), *read_others(reader)),
        views=build_views(reader, relations, columns, attached),
        sequences=build_sequences(reader, sequence_rows, states),
        types=build_types(reader, types, ranges, columns, book),
        routines=build_routines(reader),
        comment=of_schema.comment,
        owner=of_schema.owner,
        grants=tuple(reader.grants["schema", 0]),
        charset=of_schema.charset,
        collation=of_schema.collation,
    )


def read_others(reader: Reader) -> list[OtherObject]:
    """Objects without a form of their own; those of the whole database (extensions, casts …) are in every schema's."""
    found = []
    for sql in queries_others.OTHERS:
        rows = reader.rows(queries_others.OtherRow, queries_others.others_sql(sql, reader.version))
        found += [build_other(row) for row in sorted(rows, key=lambda row: (row.kind, row.table or "", row.name))]
    return found


def build_other(row: queries_others.OtherRow) -> OtherObject:
    """One of them; its comment is one of the statements that follow it."""
    comment = [f"COMMENT ON {row.target} IS {literal(row.comment)}"] if row.comment is not None and row.target else []
    return OtherObject(
        kind=row.kind,
        name=row.name,
        table=row.table,
        definition=row.definition,
        comment=row.comment,
        then=(*row.then, *comment),
        when=row.when,  # type: ignore[arg-type]
    )
