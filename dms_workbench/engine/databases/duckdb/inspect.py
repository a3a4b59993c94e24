"""DuckDB's catalogue, from its own catalogue functions: tables with all that belongs to them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ..catalogue import (
    Catalogue,
    Check,
    Column,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    Sequence,
    Table,
    TableName,
    Trigger,
    UserType,
)
from ..errors import SchemaMissing
from ..table_parts import Reference
from ..tokens import tokens, unquoted
from .inspect_programs import macros, sequences, user_types, views
from .queries import (
    COLUMNS,
    CONSTRAINTS,
    INDEXES,
    LEDGER_PREFIX,
    SCHEMAS,
    TABLES,
    TRIGGERS,
    Query,
    Rows,
    by_table,
)
from .types import parse_type

DRAWN = re.compile(r"nextval\('((?:[^']|'')*)'\)")
TIMINGS = {"BEFORE": "before", "AFTER": "after", "INSTEAD OF": "instead of"}


@dataclass(frozen=True, slots=True)
class Described:
    """Everything of a schema, by table."""

    schema: str
    columns: Rows
    constraints: Rows
    indexes: Rows
    triggers: Rows
    sequences: dict[str, Sequence]
    enums: dict[tuple[str, ...], UserType]
    """Named enumerations by their labels."""


def read_catalogue(query: Query, schema: str | None = None) -> Catalogue:
    """The catalogue of a schema. Raises SchemaMissing."""
    name = schema or "main"
    schemas = sorted({row[0] for row in query(SCHEMAS, ())} | {"main"})
    if name not in schemas:
        raise SchemaMissing(schema=name, database="DuckDB", known=", ".join(schemas))
    types = user_types(query, name)
    found = Described(
        schema=name,
        columns=by_table(query(COLUMNS, (name,))),
        constraints=by_table(query(CONSTRAINTS, (name,))),
        indexes=by_table(query(INDEXES, (name,))),
        triggers=by_table(query(TRIGGERS, (name,))),
        sequences={each.name.name: each for each in sequences(query, name)},
        enums={each.labels: each for each in reversed(types) if each.kind == "enum"},
    )
    tables = tuple(table(found, *row) for row in query(TABLES, (name,)) if not row[0].startswith(LEDGER_PREFIX))
    return Catalogue(
        database="duckdb",
        version=str(query("SELECT version()", ())[0][0]),
        schema=name,
        tables=tables,
        views=tuple(views(query, name, found.columns, [each.name for each in tables])),
        sequences=with_owners(found.sequences, tables),
        types=tuple(types),
        routines=tuple(macros(query, name)),
    )


def table(found: Described, name: str, size: int, comment: str | None, sql: str) -> Table:
    """One base table; DuckDB keeps no names of constraints, so they have none."""
    of = found.constraints[name]
    keys = {kind: [Key(tuple(row[1])) for row in of if row[0] == kind] for kind in ("PRIMARY KEY", "UNIQUE")}
    columns = tuple(column(found, sql, row) for row in found.columns[name])
    drawn = sorted({each.sequence for each in columns if each.sequence is not None})
    return Table(
        name=TableName(found.schema, name),
        columns=columns,
        primary_key=keys["PRIMARY KEY"][0] if keys["PRIMARY KEY"] else None,
        unique_keys=tuple(keys["UNIQUE"]),
        foreign_keys=tuple(
            ForeignKey(tuple(row[1]), TableName(found.schema, row[2]), tuple(row[3])) for row in of if row[0] == "FOREIGN KEY"
        ),
        checks=tuple(Check(without_brackets(row[4])) for row in of if row[0] == "CHECK"),
        indexes=tuple(index(row) for row in found.indexes[name]),
        triggers=tuple(trigger(row) for row in found.triggers[name]),
        rows_estimate=int(size),
        comment=comment,
        needs=tuple(Reference("sequence", TableName(found.schema, each)) for each in drawn),
    )  # fmt: skip


def column(found: Described, table_sql: str, row: tuple[Any, ...]) -> Column:
    """One column; one that draws from a sequence of the schema counts."""
    name, native, nullable, default, is_generated, expression, comment = row
    type = parse_type(native)
    if type.labels is not None and type.labels in found.enums:
        type = replace(type, user_type=found.enums[type.labels].name)
    if type.kind == "text" and "COLLATE" in table_sql:
        type = replace(type, collation=collation(table_sql, name))
    drawn = None if is_generated else drawn_sequence(default)
    counter = found.sequences.get(drawn or "")
    counts = counter is not None and type.kind == "integer"
    return Column(
        name=name,
        type=type,
        nullable=bool(nullable),
        default=None if is_generated or default is None else without_brackets(default),
        identity="by default" if counts else None,
        generated=without_cast(expression or default or "", native) if is_generated else None,
        stored=not is_generated,
        counter=counter.options if counter is not None and counts else None,
        counter_state=counter.state if counter is not None and counts else None,
        sequence=drawn if counter is not None else None,
        comment=comment,
    )


def drawn_sequence(default: str | None) -> str | None:
    """The sequence, without its schema, that a default draws from."""
    match = DRAWN.fullmatch(default or "")
    if match is None:
        return None
    every = list(tokens(match[1].replace("''", "'")))
    return every[-1].name if every else None


def collation(table_sql: str, name: str) -> str | None:
    """The collation of a column, which only the table's statement tells."""
    quoted = '"' + name.replace('"', '""') + '"'
    match = re.search(rf"[(,]\s*(?:{re.escape(name)}|{re.escape(quoted)}) VARCHAR COLLATE ([\w.]+)", table_sql)
    return match[1] if match else None


def index(row: tuple[Any, ...]) -> Index:
    """One index; DuckDB keeps no directions and no conditions."""
    name, unique, expressions, comment, sql = row
    return Index(
        name=name,
        parts=tuple(index_part(text) for text in expressions),
        unique=bool(unique),
        comment=comment,
        definition=sql.rstrip(";"),
    )


def index_part(text: str) -> IndexPart:
    """A column, or an expression without the brackets around it."""
    every = list(tokens(text))
    if len(every) == 1 and (every[0].text[0] == '"' or not every[0].quoted):
        return IndexPart(unquoted(text))
    return IndexPart(expression=without_brackets(text))


def trigger(row: tuple[Any, ...]) -> Trigger:
    """One trigger."""
    name, timing, event, for_each, comment, sql = row
    return Trigger(
        name=name,
        definition=sql.rstrip(";"),
        timing=TIMINGS.get(timing, "after"),  # type: ignore[arg-type]
        events=(event.lower(),),
        each_row=for_each == "ROW",
        body=re.split(r"\bFOR EACH (?:ROW|STATEMENT)\s+", sql, maxsplit=1)[-1].rstrip(";"),
        comment=comment,
    )


def without_brackets(expression: str) -> str:
    """An expression without brackets that stand around all of it."""
    if not expression.startswith("("):
        return expression
    every = list(tokens(expression))
    while len(every) > 2 and every[0].text == "(" and every[-1].text == ")":
        closed = next(n for n, each in enumerate(every) if n and each.keyword == ")" and each.depth == every[0].depth)
        if closed < len(every) - 1:
            break
        expression = expression[every[1].start : every[-2].end]
        every = list(tokens(expression))
    return expression


def without_cast(expression: str, native: str) -> str:
    """A generated column's expression without the cast to the column's own type that DuckDB puts around it."""
    ending = re.search(r" AS ([^']*)\)\Z", expression)
    if expression.startswith("CAST(") and ending and ending[1].replace(" ", "") == native.replace(" ", ""):
        inner = expression[5 : ending.start()]
        if all(token.depth >= 0 for token in tokens(inner)):
            return without_brackets(inner)
    return without_brackets(expression)


def with_owners(found: dict[str, Sequence], tables: Iterable[Table]) -> tuple[Sequence, ...]:
    """Sequences with the column that draws from them, where it is only one."""
    drawn: dict[str, list[tuple[str, str]]] = {}
    for each in tables:
        for one in each.columns:
            if one.sequence is not None:
                drawn.setdefault(one.sequence, []).append((each.name.name, one.name))
    return tuple(
        replace(each, owned_by=drawn[name][0]) if len(drawn.get(name, ())) == 1 else each
        for name, each in found.items()
    )
