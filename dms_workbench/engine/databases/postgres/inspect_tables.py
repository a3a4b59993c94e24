"""Tables of PostgreSQL with all that belongs to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..catalogue import (
    Check,
    Exclusion,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    OtherObject,
    PartitionIndex,
    Partitioning,
    Policy,
    Table,
    TableName,
    Trigger,
)
from . import queries, queries_attached
from .capabilities import literal, qualified, quote
from .inspect_columns import Columns, option_of
from .queries import ConstraintRow, RelationRow
from .queries_attached import IndexRow, PartRow

if TYPE_CHECKING:
    from .inspect import Reader

ACTIONS = {"c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT", "r": "RESTRICT"}
ENABLED = {"O": "origin", "A": "always", "R": "replica", "D": "disabled"}
COMMANDS = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE"}
REPLICA_IDENTITY = {"f": "FULL", "n": "NOTHING"}
EVENTS = ((4, "insert"), (16, "update"), (8, "delete"), (32, "truncate"))


@dataclass(frozen=True, slots=True)
class Attached:
    """What hangs on tables and views alike, by their oid."""

    indexes: defaultdict[int, list[Index]]
    triggers: dict[int, tuple[Trigger, ...]]
    rules: dict[int, tuple[Policy, ...]]

    @staticmethod
    def read(reader: Reader) -> Attached:
        """All of the schema."""
        return Attached(read_indexes(reader), read_triggers(reader), read_rules(reader))


def build_tables(
    reader: Reader, relations: Sequence[RelationRow], columns: Columns, attached: Attached
) -> tuple[Table, ...]:
    """Tables, partitioned tables and their partitions."""
    constraints = reader.grouped(queries.ConstraintRow, queries.CONSTRAINTS)
    policies, parents = read_policies(reader), reader.grouped(queries.ParentRow, queries.PARENTS)
    return tuple(
        Table(
            name=TableName(reader.schema, row.name, alone=row.has_children),
            columns=tuple(columns[row.oid]),
            rows_estimate=row.rows if row.rows >= 0 else None,
            indexes=tuple(attached.indexes[row.oid]),
            triggers=attached.triggers.get(row.oid, ()),
            policies=tuple(build_policy(reader.schema, row.name, policy) for policy in policies[row.oid]),
            rules=attached.rules.get(row.oid, ()),
            row_security=("forced" if row.row_security_forced else "on") if row.row_security else "off",
            partitioning=build_partitioning(row, parents[row.oid]),
            inherits=() if row.partition_bound else tuple(TableName(of.schema, of.name) for of in parents[row.oid]),
            comment=row.comment,
            owner=row.owner,
            grants=tuple(grant for grant in reader.grants["relation", row.oid] if grant.column is None),
            size_bytes=row.size,
            persistence="unlogged" if row.unlogged else "permanent",
            options=table_options(row, constraints[row.oid]),
            needs=tuple(reader.needs[row.oid]),
            **build_constraints(constraints[row.oid]),  # type: ignore[arg-type]
        )
        for row in relations
        if row.kind in "rp"
    )


def build_partitioning(row: RelationRow, parents: Sequence[queries.ParentRow]) -> Partitioning | None:
    """How the table is split, and what it is a part of."""
    if row.partition_key is None and row.partition_bound is None:
        return None
    parent = TableName(parents[0].schema, parents[0].name) if row.partition_bound and parents else None
    return Partitioning(row.partition_key, parent, row.partition_bound)


def table_options(row: RelationRow, constraints: Sequence[ConstraintRow]) -> tuple[tuple[str, str], ...]:
    """Storage parameters, and what else is said in ALTER TABLE; an index that makes an option of it says so itself."""
    found = [option_of(text) for text in row.options or ()]
    found += [option_of(f"toast.{text}") for text in row.toast_options or ()]
    found += [
        (name, value)
        for name, value in (("access method", row.method), ("tablespace", row.tablespace), ("of type", row.of_type))
        if value is not None
    ]
    if row.replica_identity in REPLICA_IDENTITY:
        found.append(("replica identity", REPLICA_IDENTITY[row.replica_identity]))
    found += [("replica identity", f"USING INDEX {quote(con.name)}") for con in constraints if con.replica_identity]
    found += [("cluster on", quote(con.name)) for con in constraints if con.clustered]
    return tuple(found)


def build_constraints(rows: Sequence[ConstraintRow]) -> dict[str, object]:
    """The constraints of one table, as fields of `Table`."""
    keys = {kind: tuple(build_key(row) for row in rows if row.kind == kind) for kind in "pu"}
    return {
        "primary_key": keys["p"][0] if keys["p"] else None,
        "unique_keys": keys["u"],
        "foreign_keys": tuple(build_foreign_key(row) for row in rows if row.kind == "f"),
        "checks": tuple(build_check(row) for row in rows if row.kind == "c"),
        "exclusions": tuple(Exclusion(row.name, row.definition, row.comment) for row in rows if row.kind == "x"),
    }


def own_words(row: ConstraintRow) -> str:
    """A constraint as it stands behind ADD; whether it is validated is said apart."""
    return f"CONSTRAINT {quote(row.name)} {row.definition.removesuffix(' NOT VALID')}"


def own_words_of_key(row: ConstraintRow) -> str:
    """As `own_words`, with what the server leaves out: how the key's index is stored."""
    storage = ", ".join(f"{name} = {literal(value)}" for name, value in map(option_of, row.storage or ()))
    more = f" WITH ({storage})" if storage else ""
    more += f" USING INDEX TABLESPACE {quote(row.tablespace)}" if row.tablespace is not None else ""
    if not row.deferrable:
        return own_words(row) + more
    key, word, rest = own_words(row).rpartition(" DEFERRABLE")
    return key + more + word + rest


def build_key(row: ConstraintRow) -> Key:
    """A primary or unique key."""
    return Key(
        columns=tuple(row.columns),
        name=row.name,
        include=tuple(row.include),
        nulls_not_distinct=row.nulls_not_distinct,
        deferrable=row.deferrable,
        initially_deferred=row.deferred,
        comment=row.comment,
        definition=own_words_of_key(row),
    )


def build_foreign_key(row: ConstraintRow) -> ForeignKey:
    """A foreign key."""
    return ForeignKey(
        columns=tuple(row.columns),
        references=TableName(row.referenced_schema, row.referenced_table or ""),
        referenced_columns=tuple(row.referenced_columns),
        name=row.name,
        on_delete=ACTIONS.get(row.on_delete),
        on_update=ACTIONS.get(row.on_update),
        match="FULL" if row.match == "f" else None,
        deferrable=row.deferrable,
        initially_deferred=row.deferred,
        validated=row.validated,
        comment=row.comment,
        definition=own_words(row),
    )


def build_check(row: ConstraintRow) -> Check:
    """A check."""
    return Check(
        expression=without_brackets(row.expression or ""),
        name=row.name,
        validated=row.validated,
        inherited=not row.not_inherited,
        column=row.columns[0] if len(row.columns) == 1 else None,
        comment=row.comment,
        definition=own_words(row),
        local=row.local,
    )


def without_brackets(expression: str) -> str:
    """An expression without the pair of brackets around all of it."""
    if not (expression.startswith("(") and expression.endswith(")")):
        return expression
    depth, quoted = 0, ""
    for at, character in enumerate(expression):
        if quoted:
            quoted = "" if character == quoted else quoted
        elif character in "'\"":
            quoted = character
        else:
            depth += (character == "(") - (character == ")")
            if depth == 0 and at < len(expression) - 1:
                return expression
    return expression[1:-1]


def read_indexes(reader: Reader) -> defaultdict[int, list[Index]]:
    """Indexes by their table's oid; those of partitions stand with the index of the partitioned table."""
    parts = reader.grouped(queries_attached.PartRow, queries_attached.INDEX_PARTS)
    partitions = reader.grouped(queries_attached.PartitionIndexRow, queries_attached.PARTITION_INDEXES)
    found: defaultdict[int, list[Index]] = defaultdict(list)
    for row in reader.rows(queries_attached.IndexRow, queries_attached.INDEXES):
        pieces = tuple(build_partition_index(piece) for piece in partitions.get(row.oid, ()))
        found[row.relation].append(build_index(row, parts[row.oid], pieces))
    return found


def build_partition_index(row: queries_attached.PartitionIndexRow) -> PartitionIndex:
    """The part of an index in one partition."""
    name, parent = TableName(row.schema, row.name), TableName(row.parent_schema, row.parent)
    return PartitionIndex(name, parent, row.definition, row.comment)


def build_index(row: IndexRow, parts: Sequence[PartRow], partitions: tuple[PartitionIndex, ...]) -> Index:
    """An index."""
    options = [("statistics", text) for text in row.statistics or ()]
    options += [("clustered", "on")] if row.clustered else []
    options += [("replica identity", "on")] if row.replica_identity else []
    return Index(
        name=row.name,
        parts=tuple(build_part(part) for part in parts if part.is_key),
        unique=row.unique,
        method=row.method,
        where=without_brackets(row.where) if row.where is not None else None,
        include=tuple(part.column or "" for part in parts if not part.is_key),
        nulls_not_distinct=row.nulls_not_distinct,
        comment=row.comment,
        definition=row.definition,
        valid=row.valid,
        partitions=partitions,
        options=tuple(options),
    )


def build_part(row: PartRow) -> IndexPart:
    """A part of an index."""
    return IndexPart(
        column=row.column,
        expression=None if row.column is not None else without_brackets(row.expression),
        descending=row.descending,
        nulls=None if row.nulls_first == row.descending else "first" if row.nulls_first else "last",
        collation=row.collation,
        operator_class=row.operator_class,
    )


def read_triggers(reader: Reader) -> dict[int, tuple[Trigger, ...]]:
    """Triggers by their table's oid."""
    found = reader.grouped(queries_attached.TriggerRow, queries_attached.TRIGGERS)
    return {oid: tuple(build_trigger(row) for row in rows) for oid, rows in found.items()}


def build_trigger(row: queries_attached.TriggerRow) -> Trigger:
    """A trigger."""
    return Trigger(
        name=row.name,
        definition=row.definition,
        timing="before" if row.kind & 2 else "instead of" if row.kind & 64 else "after",
        events=tuple(name for bit, name in EVENTS if row.kind & bit),
        each_row=bool(row.kind & 1),
        enabled=ENABLED[row.enabled],
        routine=row.routine,
        comment=row.comment,
    )


def read_rules(reader: Reader) -> dict[int, tuple[Policy, ...]]:
    """Rewrite rules by their table's oid."""
    found = reader.grouped(queries_attached.RuleRow, queries_attached.RULES)
    return {
        oid: tuple(Policy(row.name, row.definition.rstrip("; \n"), row.comment, ENABLED[row.enabled]) for row in rows)
        for oid, rows in found.items()
    }


def read_policies(reader: Reader) -> defaultdict[int, list[queries_attached.PolicyRow]]:
    """Policies by their table's oid."""
    return reader.grouped(queries_attached.PolicyRow, queries_attached.POLICIES)


def build_policy(schema: str, table: str, row: queries_attached.PolicyRow) -> Policy:
    """A policy of row-level security."""
    parts = [f"CREATE POLICY {quote(row.name)} ON {qualified(TableName(schema, table))}"]
    parts += [] if row.permissive else ["AS RESTRICTIVE"]
    parts += [f"FOR {COMMANDS[row.command]}"] if row.command in COMMANDS else []
    parts += [f"TO {', '.join(row.roles)}"]
    parts += [f"USING ({row.using})"] if row.using is not None else []
    parts += [f"WITH CHECK ({row.check})"] if row.check is not None else []
    return Policy(row.name, " ".join(parts), row.comment)


def build_foreign_tables(reader: Reader, relations: Sequence[RelationRow], columns: Columns) -> list[OtherObject]:
    """Foreign tables: their rows lie elsewhere, so they are made again and never copied."""
    found = []
    for row in relations:
        if row.kind != "f":
            continue
        name = qualified(TableName(reader.schema, row.name))
        lines = ",\n  ".join(
            f"{quote(column.name)} {column.type.native}" + ("" if column.nullable else " NOT NULL")
            for column in columns[row.oid]
        )
        options = ", ".join(f"{quote(key)} {literal(value)}" for key, value in map(option_of, row.server_options or ()))
        made = f"CREATE FOREIGN TABLE {name} (\n  {lines}\n) SERVER {quote(row.server or '')}"
        comment = (f"COMMENT ON FOREIGN TABLE {name} IS {literal(row.comment)}",) if row.comment is not None else ()
        found.append(
            OtherObject(
                kind="foreign table",
                name=row.name,
                definition=made + (f" OPTIONS ({options})" if options else ""),
                comment=row.comment,
                then=comment,
                when="before",
                needs=tuple(reader.needs[row.oid]),
            )
        )
    return found
