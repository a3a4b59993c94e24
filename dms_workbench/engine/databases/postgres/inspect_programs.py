"""Types, sequences, routines and views of PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence as Several
from typing import TYPE_CHECKING

from ..catalogue import Check, Routine, Sequence, SequenceState, TableName, UserType, View
from . import queries, queries_programs
from .capabilities import literal, qualified, quote
from .inspect_columns import Columns, TypeBook, collate, option_of, options_of
from .inspect_tables import Attached, without_brackets
from .queries_programs import AggregateRow, DomainCheckRow, RangeRow, RoutineRow, SequenceRow, TypeRow

if TYPE_CHECKING:
    from .inspect import Reader

KINDS = {"e": "enum", "d": "domain", "c": "composite", "r": "range"}
ROUTINES = {"f": "function", "p": "procedure", "a": "aggregate", "w": "window"}
MODIFY = {"r": "READ_ONLY", "s": "SHAREABLE", "w": "READ_WRITE"}
PARALLEL = {"s": "SAFE", "r": "RESTRICTED"}


def build_types(
    reader: Reader, rows: Several[TypeRow], ranges: Several[RangeRow], columns: Columns, book: TypeBook
) -> tuple[UserType, ...]:
    """Enums, domains, composites and ranges of the schema."""
    checks = reader.grouped(queries_programs.DomainCheckRow, queries_programs.DOMAIN_CHECKS)
    range_of = {row.type: row for row in ranges}
    found = []
    for row in rows:
        if row.schema != reader.schema or row.of_extension or row.kind not in KINDS:
            continue
        fields = tuple(columns[row.relation]) if row.kind == "c" else ()
        found.append(
            UserType(
                name=TableName(row.schema, row.name),
                kind=KINDS[row.kind],  # type: ignore[arg-type]
                definition=define_type(row, range_of.get(row.oid), checks[row.oid], fields_of(columns, row)),
                labels=tuple(row.labels),
                base=book.meaning(row.base) if row.base is not None else None,
                nullable=not row.not_null,
                default=row.default,
                checks=tuple(domain_check(check) for check in checks[row.oid]),
                fields=fields,
                comment=row.comment,
                owner=row.owner,
                grants=tuple(reader.grants["type", row.oid]),
                needs=tuple(reader.needs[row.oid]),
            )
        )
    return tuple(found)


def fields_of(columns: Columns, row: TypeRow) -> list[str]:
    """The fields of a composite type in SQL."""
    return [
        f"{quote(field.name)} {field.type.native}" + collate(field.type.collation)
        for field in (columns[row.relation] if row.kind == "c" else ())
    ]


def define_type(
    row: TypeRow, of: RangeRow | None, checks: Several[DomainCheckRow], fields: Several[str]
) -> tuple[str, ...]:
    """The statements that make a type."""
    name = qualified(TableName(row.schema, row.name))
    if row.kind == "e":
        return (f"CREATE TYPE {name} AS ENUM ({', '.join(map(literal, row.labels))})",)
    if row.kind == "c":
        return (f"CREATE TYPE {name} AS ({', '.join(fields)})",)
    if row.kind == "r" and of is not None:
        return (f"CREATE TYPE {name} AS RANGE ({', '.join(range_parts(of))})",)
    parts = [f"CREATE DOMAIN {name} AS {row.base}"]
    parts += [f"COLLATE {row.collation}"] if row.collation is not None else []
    parts += [f"DEFAULT {row.default}"] if row.default is not None else []
    parts += ["NOT NULL"] if row.not_null else []
    parts += [f"CONSTRAINT {quote(check.name)} {check.definition}" for check in checks if check.validated]
    later = [
        f"ALTER DOMAIN {name} ADD CONSTRAINT {quote(check.name)} {check.definition}"
        for check in checks
        if not check.validated
    ]
    return (" ".join(parts), *later)


def range_parts(row: RangeRow) -> list[str]:
    """The parameters of CREATE TYPE … AS RANGE."""
    named = (
        ("SUBTYPE", row.subtype),
        ("MULTIRANGE_TYPE_NAME", row.multirange_name),
        ("SUBTYPE_OPCLASS", row.operator_class),
        ("COLLATION", row.collation),
        ("CANONICAL", row.canonical),
        ("SUBTYPE_DIFF", row.difference),
    )
    return [f"{name} = {value}" for name, value in named if value is not None]


def domain_check(row: DomainCheckRow) -> Check:
    """A check of a domain; its value is called VALUE."""
    own = f"CONSTRAINT {quote(row.name)} {row.definition.removesuffix(' NOT VALID')}"
    return Check(without_brackets(row.expression), row.name, row.validated, comment=row.comment, definition=own)


def build_sequences(
    reader: Reader, rows: Several[SequenceRow], states: dict[int, SequenceState]
) -> tuple[Sequence, ...]:
    """The sequences that no identity column has for itself."""
    return tuple(
        Sequence(
            name=TableName(reader.schema, row.name),
            options=options_of(row),
            state=states.get(row.oid),
            type=row.type,
            persistence="unlogged" if row.unlogged else "permanent",
            owned_by=owner_of(row),
            comment=row.comment,
            owner=row.owner,
            grants=tuple(reader.grants["relation", row.oid]),
        )
        for row in rows
        if row.owned != "i"
    )


def owner_of(row: SequenceRow) -> tuple[str, str] | None:
    """Table and column that a sequence goes with."""
    return (row.table, row.column_name) if row.table is not None and row.column_name is not None else None


def build_routines(reader: Reader) -> tuple[Routine, ...]:
    """Functions, procedures and aggregates."""
    aggregates = {row.oid: row for row in reader.rows(AggregateRow, queries_programs.AGGREGATES)}
    return tuple(
        Routine(
            name=TableName(reader.schema, row.name),
            signature=f"{row.name}({row.arguments})",
            definition=(row.definition or define_aggregate(reader.schema, row, aggregates[row.oid])).rstrip(),
            kind=ROUTINES[row.kind],  # type: ignore[arg-type]
            language=row.language,
            comment=row.comment,
            owner=row.owner,
            grants=tuple(reader.grants["routine", row.oid]),
            needs=tuple(reader.needs[row.oid]),
        )
        for row in reader.rows(RoutineRow, queries_programs.ROUTINES)
    )


def define_aggregate(schema: str, row: RoutineRow, of: AggregateRow) -> str:
    """CREATE AGGREGATE; the server has no function that prints it."""
    modify, moving_modify = MODIFY[of.final_modify], MODIFY[of.moving_final_modify]
    usual = "READ_WRITE" if of.kind != "n" else "READ_ONLY"
    named = (
        ("SFUNC", of.state_function),
        ("STYPE", of.state_type),
        ("SSPACE", of.state_bytes or None),
        ("FINALFUNC", of.final_function),
        ("FINALFUNC_EXTRA", of.final_extra),
        ("FINALFUNC_MODIFY", modify if of.final_function and modify != usual else None),
        ("COMBINEFUNC", of.combine),
        ("SERIALFUNC", of.serial),
        ("DESERIALFUNC", of.deserial),
        ("INITCOND", literal(of.initial) if of.initial is not None else None),
        ("MSFUNC", of.moving_state),
        ("MINVFUNC", of.moving_inverse),
        ("MSTYPE", of.moving_type),
        ("MSSPACE", of.moving_bytes or None),
        ("MFINALFUNC", of.moving_final),
        ("MFINALFUNC_EXTRA", of.moving_final_extra),
        ("MFINALFUNC_MODIFY", moving_modify if of.moving_final and moving_modify != usual else None),
        ("MINITCOND", literal(of.moving_initial) if of.moving_initial is not None else None),
        ("SORTOP", of.sort_operator),
        ("PARALLEL", PARALLEL.get(of.parallel)),
        ("HYPOTHETICAL", of.kind == "h"),
    )
    parts = [name if value is True else f"{name} = {value}" for name, value in named if value not in (None, False)]
    return f"CREATE AGGREGATE {qualified(TableName(schema, row.name))}({row.arguments}) (\n  {', '.join(parts)}\n)"


def build_views(
    reader: Reader, relations: Several[queries.RelationRow], columns: Columns, attached: Attached
) -> tuple[View, ...]:
    """Views and materialized views."""
    return tuple(
        View(
            name=TableName(reader.schema, row.name),
            query=query_of(row),
            definition=define_view(reader.schema, row),
            materialized=row.kind == "m",
            columns=tuple(columns[row.oid]),
            indexes=tuple(attached.indexes[row.oid]),
            triggers=attached.triggers.get(row.oid, ()),
            rules=attached.rules.get(row.oid, ()),
            populated=row.populated,
            depends_on=tuple(need.name for need in reader.needs[row.oid] if need.kind in ("table", "view")),
            comment=row.comment,
            owner=row.owner,
            grants=tuple(grant for grant in reader.grants["relation", row.oid] if grant.column is None),
            options=tuple(map(option_of, row.options or ())),
            needs=tuple(reader.needs[row.oid]),
        )
        for row in relations
        if row.kind in "vm"
    )


def query_of(row: queries.RelationRow) -> str:
    """The SELECT of a view."""
    return (row.query or "").strip().rstrip(";")


def define_view(schema: str, row: queries.RelationRow) -> str:
    """CREATE VIEW or CREATE MATERIALIZED VIEW, with its options."""
    name = qualified(TableName(schema, row.name))
    options = ", ".join(f"{key} = {literal(value)}" for key, value in map(option_of, row.options or ()))
    storage = f" WITH ({options})" if options else ""
    if row.kind == "v":
        return f"CREATE VIEW {name}{storage} AS\n{query_of(row)}"
    method = f" USING {quote(row.method)}" if row.method is not None else ""
    place = f" TABLESPACE {quote(row.tablespace)}" if row.tablespace is not None else ""
    filled = "" if row.populated else "\nWITH NO DATA"
    return f"CREATE MATERIALIZED VIEW {name}{method}{storage}{place} AS\n{query_of(row)}{filled}"
