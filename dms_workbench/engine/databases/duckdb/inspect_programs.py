"""What DuckDB's catalogue says of views, sequences, types and macros."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from ..catalogue import Column, Routine, Sequence, SequenceOptions, SequenceState, TableName, UserType, View
from ..tokens import tokens
from .capabilities import qualified, quote
from .queries import LEDGER_PREFIX, MACROS, PROBLEM, SEQUENCES, TYPES, VIEWS, Query, Rows
from .types import parse_type

VALUES = re.compile(r"\s*(?:Did you mean|LINE \d+:|Candidate).*", re.DOTALL)
STANDS = re.compile(r" START (-?\d+) ")


def sequences(query: Query, schema: str) -> Iterator[Sequence]:
    """Sequences in order of name, with what comes next."""
    for name, start, low, high, step, cycle, last, comment, sql in query(SEQUENCES, (schema,)):
        following = STANDS.search(sql)
        state = SequenceState(int(following[1]) if following else start, is_called=False)
        yield Sequence(
            TableName(schema, name),
            SequenceOptions(start, step, low, high, None, bool(cycle)),
            SequenceState(last) if last is not None else state,
            comment=comment,
        )


def user_types(query: Query, schema: str) -> list[UserType]:
    """Named types in order of name; one that is no enumeration is another name for what it stands for."""
    found = []
    for name, logical, labels, comment in query(TYPES, (schema,)):
        at = TableName(schema, name)
        native = str(query(f"SELECT typeof(CAST(NULL AS {qualified(at)}))", ())[0][0])
        kind: Any = {"ENUM": "enum", "STRUCT": "composite"}.get(logical, "domain")
        found.append(
            UserType(
                at,
                kind,
                (f"CREATE TYPE {qualified(at)} AS {native}",),
                labels=tuple(labels or ()) if kind == "enum" else (),
                base=parse_type(native) if kind == "domain" else None,
                comment=comment,
            )
        )
    return found


def views(query: Query, schema: str, columns: Rows, tables: list[TableName]) -> Iterator[View]:
    """Views in order of name; a broken one has its problem."""
    rows = query(VIEWS, (schema,))
    known = {name.name.lower(): name for name in [*tables, *(TableName(schema, row[0]) for row in rows)]}
    for name, sql, comment in rows:
        if name.startswith(LEDGER_PREFIX):
            continue
        at = TableName(schema, name)
        text = view_query(sql)
        mentioned = {token.name.lower() for token in tokens(text)} - {name.lower()}
        trouble = problem(query, f"SELECT * FROM {qualified(at)}")
        yield View(
            name=at,
            query=text,
            definition=sql.rstrip(";"),
            columns=()
            if trouble
            else tuple(Column(row[0], parse_type(row[1]), comment=row[6]) for row in columns[name]),
            depends_on=tuple(known[each] for each in sorted(mentioned & known.keys())),
            comment=comment,
            problem=trouble,
        )


def view_query(sql: str) -> str:
    """The SELECT of a view's statement."""
    at = next((t for t in tokens(sql) if t.depth == 0 and t.keyword == "AS"), None)
    return sql[at.end :].strip().rstrip(";") if at else sql


def problem(query: Query, sql: str) -> str | None:
    """What keeps a query from being bound, if anything does."""
    plan = json.loads(query(PROBLEM, (sql,))[0][0])
    return VALUES.sub("", str(plan["error_message"])).strip() if plan["error"] else None


def macros(query: Query, schema: str) -> Iterator[Routine]:
    """Macros in order of name, each with all its forms.

    DuckDB's catalogue does not tell default values of parameters, so a macro that has some has no definition.
    """
    for name, forms in groupby(query(MACROS, (schema,)), key=lambda row: row[0]):
        rows = list(forms)
        at = TableName(schema, name)
        texts = [macro_form(row) for row in rows]
        table = rows[0][1] == "table_macro"
        whole = f"CREATE MACRO {qualified(at)}{', '.join(texts)}"
        yield Routine(
            at,
            f"{name}({', '.join(rows[0][2] or ())})",
            "" if any(has_defaults(query, at, row, rows, table=table) for row in rows) else whole,
            language="sql",
            comment=rows[0][5],
        )


def macro_form(row: tuple[Any, ...]) -> str:
    """Parameters and body of one form of a macro."""
    _, function_type, parameters, types, body, _ = row
    named = [
        quote(each) + (f" {type}" if type else "")
        for each, type in zip(parameters or (), types or [None] * len(parameters or ()), strict=True)
    ]
    return f"({', '.join(named)}) AS {'TABLE ' if function_type == 'table_macro' else ''}{body}"


def has_defaults(
    query: Query, at: TableName, row: tuple[Any, ...], forms: list[tuple[Any, ...]], *, table: bool
) -> bool:
    """Can a parameter be left out of a call, though no other form of the macro has one less?"""
    count = len(row[2] or ())
    if not count or any(len(form[2] or ()) == count - 1 for form in forms):
        return False
    call = f"{qualified(at)}({', '.join(['NULL'] * (count - 1))})"
    return problem(query, f"SELECT * FROM {call}" if table else f"SELECT {call}") is None
