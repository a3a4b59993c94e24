"""DuckDB's DDL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ..catalogue import (
    Check,
    Column,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    Routine,
    SequenceOptions,
    Table,
    TableName,
    Trigger,
    UserType,
    View,
)
from ..catalogue import Sequence as CatalogueSequence
from ..ddl import NotExpressible, StandardDdl, Statements, default_text, sequence_options
from ..tokens import tokens
from .capabilities import CAPABILITIES, literal
from .inspect_programs import view_query

COLLATION = re.compile(
    r"(?:NOCASE|NOACCENT|NFC|C|POSIX|BINARY)(?:\.(?:NOCASE|NOACCENT|NFC|C|POSIX|BINARY))*", re.IGNORECASE
)
METHODS = ("btree", "hash")
"""Kinds of indexes whose every use DuckDB's own kind serves too."""


class DuckdbDdl(StandardDdl):
    """What DuckDB says in its own way."""

    product = "DuckDB"

    def user_type(self, type: UserType) -> Statements:
        """An enumeration, or another name for a type that has no checks."""
        head = f"CREATE TYPE {self.qualified(type.name)} AS "
        if type.kind == "enum":
            return [f"{head}ENUM ({', '.join(map(literal, type.labels))})"]
        if type.checks or type.default is not None or not type.nullable:
            raise NotExpressible("DuckDB's types have no checks and no defaults")
        if type.kind == "domain" and type.base is not None:
            return [head + type.base.native]
        if type.kind == "composite" and type.fields:
            fields = ", ".join(f"{self.quote(field.name)} {field.type.native}" for field in type.fields)
            return [f"{head}STRUCT({fields})"]
        if type.kind == "composite" and type.definition:
            made = next(token for token in tokens(type.definition[0]) if token.keyword == "AS")
            return [head + type.definition[0][made.end :].strip()]
        raise self.lacks(f"{type.kind} types")

    def sequence(self, sequence: CatalogueSequence) -> Statements:
        """A sequence, at its start; DuckDB keeps no cache of numbers."""
        options = sequence_options(replace(sequence.options, cache=None))
        return [f"CREATE SEQUENCE {self.qualified(sequence.name)}{options}"]

    def table(self, table: Table, *, foreign_keys: Sequence[ForeignKey] = ()) -> Statements:
        """A table, and before it the sequences of columns that count and have none yet."""
        made: Statements = []
        for column in table.columns:
            if column.identity is not None and column.sequence is None:
                name = TableName(table.name.schema, counter_name(table, column))
                made += self.sequence(CatalogueSequence(name, column.counter or SequenceOptions()))
        return made + super().table(table, foreign_keys=foreign_keys)

    def column(self, table: Table, column: Column) -> str:
        """One column; one that counts draws from a sequence; generated values are computed at each reading."""
        parts = [self.quote(column.name), column.type.native]
        if column.type.collation and COLLATION.fullmatch(column.type.collation):
            parts.append(f"COLLATE {column.type.collation}")
        if column.generated is not None:
            return " ".join([*parts, f"GENERATED ALWAYS AS ({column.generated}) VIRTUAL"])
        in_default_schema = table.name.schema in (None, CAPABILITIES.default_schema)
        if column.identity is not None and not (column.sequence and column.default and in_default_schema):
            drawn = self.qualified(TableName(table.name.schema, column.sequence or counter_name(table, column)))
            parts.append(f"DEFAULT nextval({literal(drawn)})")
        elif column.default is not None:
            parts.append(f"DEFAULT {default_text(column.default)}")
        if not column.nullable:
            parts.append("NOT NULL")
        return " ".join(part for part in parts if part)

    def check_identity(self, table: Table, column: Column) -> None:  # noqa: ARG002  of the form
        """Every column of whole numbers can draw from a sequence."""
        if column.type.kind != "integer":
            raise NotExpressible("DuckDB's sequences make only whole numbers")

    def key(self, key: Key, *, primary: bool) -> str:
        """A primary or unique key as a line of CREATE TABLE; DuckDB keeps no name of it."""
        if key.nulls_not_distinct:
            raise NotExpressible("DuckDB has no unique keys that two NULLs break")
        if key.prefixes:
            raise NotExpressible("DuckDB has no keys of a part of a column's characters")
        return super().key(replace(key, name=None), primary=primary)

    def add_check(self, table: TableName, check: Check) -> Statements:  # noqa: ARG002  of the form
        """Refused: a check comes with its table."""
        raise NotExpressible("DuckDB makes a check only together with its table")

    def foreign_key(self, key: ForeignKey, *, named: bool = True) -> str:  # noqa: ARG002  no names are kept
        """A foreign key as a line of CREATE TABLE, without actions, which DuckDB does not have."""
        if key.match == "FULL" and len(key.columns) > 1:
            raise NotExpressible("DuckDB does not enforce MATCH FULL")
        return super().foreign_key(replace(key, on_delete=None, on_update=None), named=False)

    def add_foreign_key(self, table: TableName, key: ForeignKey, *, validated: bool = True) -> Statements:  # noqa: ARG002
        """Refused: a foreign key comes with its table."""
        raise NotExpressible("DuckDB makes a foreign key only together with its table")

    def index(self, table: TableName, index: Index) -> Statements:
        """An index of columns or expressions; DuckDB's have no direction."""
        if index.method not in METHODS:
            raise self.lacks(f"{index.method} indexes")
        if index.where is not None:
            raise self.lacks("partial indexes")
        if index.nulls_not_distinct:
            raise NotExpressible("DuckDB has no unique indexes that two NULLs break")
        included = () if index.unique else tuple(IndexPart(column) for column in index.include)
        return super().index(table, replace(index, parts=index.parts + included))

    def index_part(self, part: IndexPart) -> str:
        """A column or expression of an index."""
        if part.prefix is not None:
            raise NotExpressible("DuckDB has no indexes of a part of a column's characters")
        if part.collation is not None:
            raise NotExpressible("DuckDB's indexes have no collation of their own")
        return self.quote(part.column) if part.column is not None else f"({part.expression})"

    def view(self, view: View) -> Statements:
        """A view; as its own statement says it where that says the same."""
        if view.definition.startswith("CREATE VIEW ") and view_query(view.definition) == view.query:
            return [self.renamed(view.definition, 2, view.name)]
        return super().view(view)

    def renamed(self, sql: str, place: int, name: TableName) -> str:
        """A statement with another name where a token stands, a schema before it included."""
        every = list(tokens(sql))
        last = every[place + 2] if every[place + 1].text == "." else every[place]
        return sql[: every[place].start] + self.qualified(name) + sql[last.end :]

    def routine(self, routine: Routine) -> Statements:
        """A macro, from its definition."""
        if not routine.definition:
            raise NotExpressible("DuckDB's catalogue does not tell the default values of its parameters")
        if not routine.definition.startswith("CREATE MACRO"):
            raise self.lacks(f"{routine.kind}s but macros")
        return [routine.definition]

    def trigger(self, table: TableName, trigger: Trigger) -> Statements:
        """A trigger, from its statement, on this table."""
        every = list(tokens(trigger.definition))
        on = next(n for n, token in enumerate(every) if token.depth == 0 and token.keyword == "ON")
        return [self.renamed(trigger.definition, on + 1, table)]

    def comments(self, thing: Table | View | CatalogueSequence | UserType | Routine | Index) -> Statements:
        """COMMENT ON the object and its columns; those of indexes are asked for with the index."""
        if isinstance(thing, Index):
            return [self.comment("INDEX", self.quote(thing.name), thing.comment)] if thing.comment else []
        said = [self.comment(comment_kind(thing), self.qualified(thing.name), thing.comment)] if thing.comment else []
        if isinstance(thing, Table | View):
            for column in thing.columns:
                if column.comment:
                    place = f"{self.qualified(thing.name)}.{self.quote(column.name)}"
                    said.append(self.comment("COLUMN", place, column.comment))
        return said

    def comment(self, kind: str, name: str, text: str | None) -> str:
        """One comment."""
        return f"COMMENT ON {kind} {name} IS {literal(text or '')}"


def comment_kind(thing: Table | View | CatalogueSequence | UserType | Routine) -> str:
    """What COMMENT ON calls it."""
    if isinstance(thing, Routine):
        return "MACRO TABLE" if " AS TABLE " in thing.definition else "MACRO"
    kinds = {Table: "TABLE", View: "VIEW", CatalogueSequence: "SEQUENCE", UserType: "TYPE"}
    return next(word for kind, word in kinds.items() if isinstance(thing, kind))


def counter_name(table: Table, column: Column) -> str:
    """The sequence made for a column that counts."""
    return f"{table.name.name}_{column.name}_seq"
