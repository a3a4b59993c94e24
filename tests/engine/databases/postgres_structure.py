"""Makes a PostgreSQL database again from its catalogue, in an order of the tests' own, and compares dumps."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import psycopg

from dms_workbench.engine.databases.catalogue import Catalogue, Reference, Table, TableName, View, merged
from dms_workbench.engine.databases.postgres import database
from tests.servers import require

ddl = database.ddl


def dump(url: str, *, rights: bool = False) -> list[str]:
    """What ``pg_dump -s`` says, without comments and empty lines; without owners and rights unless they are asked for."""
    if shutil.which("pg_dump") is None:
        require("postgres", "no pg_dump here; install postgresql-client")
    parts = urlsplit(url)
    left_out = [] if rights else ["--no-owner", "--no-privileges"]
    command = ["pg_dump", "-s", *left_out, "-h", parts.hostname or "", "-p", str(parts.port)]
    command += ["-U", parts.username or "", "-d", parts.path[1:], "--exclude-schema=dms_ledger"]
    environment = {**os.environ, "PGPASSWORD": parts.password or ""}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    lines = (line for line in done.stdout.splitlines() if line and not line.startswith("--"))
    return [line for line in lines if not re.match(r"\\(un)?restrict ", line)]


def difference(left: list[str], right: list[str]) -> str:
    """The lines that differ; empty if none does."""
    return "\n".join(difflib.unified_diff(left, right, lineterm="", n=3))


def catalogue_of(url: str) -> Catalogue:
    """All schemas of a database."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' order by nspname <> 'public', 1"
        ).fetchall()
    with closing(database.open_source(url)) as source:
        return merged(tuple(source.catalogue(name) for (name,) in rows))


def statements(catalogue: Catalogue, schema_comments: dict[str, str | None]) -> Iterator[str]:
    """Everything of a catalogue, in order."""
    for name, comment in schema_comments.items():
        yield from ddl.schema(name)
        yield from ddl.schema_comment(name, comment)
    yield from others(catalogue, "first")
    yield from in_order(catalogue)
    tables = catalogue.tables
    for table in tables:
        yield from constraints(table)
    relations: tuple[Table | View, ...] = (*tables, *catalogue.views)
    for relation in relations:
        for index in relation.indexes:
            yield from ddl.index(relation.name, index)
    for table, key in ((each, key) for each in tables for key in each.foreign_keys):
        yield from ddl.add_foreign_key(table.name, key)
    for relation in relations:
        yield from reactions(relation)
    for table in tables:
        yield from ddl.policies(table)
    yield from others(catalogue, "after")
    yield from others(catalogue, "last")


def constraints(table: Table) -> Iterator[str]:
    """What a table gets once all tables are there."""
    yield from ddl.comments(table)
    for exclusion in table.exclusions:
        yield from ddl.add_exclusion(table.name, exclusion)
    for check in table.checks:
        if not check.validated:
            yield from ddl.add_check(table.name, check)


def reactions(relation: Table | View) -> Iterator[str]:
    """Triggers and rules."""
    for trigger in relation.triggers:
        yield from ddl.trigger(relation.name, trigger)
    for rule in relation.rules:
        yield from ddl.rule(relation.name, rule)


def others(catalogue: Catalogue, when: str) -> Iterator[str]:
    """Objects without a form of their own."""
    for other in catalogue.others:
        if other.when == when:
            yield from ddl.other(other)


def in_order(catalogue: Catalogue) -> Iterator[str]:
    """Types, sequences, routines, tables and views, each behind what it needs."""
    things = statements_and_needs(catalogue)
    done: set[Reference] = set()

    def make(reference: Reference) -> Iterator[str]:
        if reference in done or reference not in things:
            return
        done.add(reference)
        needs, made = things[reference]
        for need in needs:
            yield from make(need)
        yield from made

    for reference in list(things):
        yield from make(reference)


def statements_and_needs(catalogue: Catalogue) -> dict[Reference, tuple[tuple[Reference, ...], list[str]]]:
    """What makes each object, and what it needs."""
    things: dict[Reference, tuple[tuple[Reference, ...], list[str]]] = {}
    for type in catalogue.types:
        things[Reference("type", type.name)] = (type.needs, [*ddl.user_type(type), *ddl.comments(type)])
    for sequence in catalogue.sequences:
        things[Reference("sequence", sequence.name)] = ((), [*ddl.sequence(sequence), *ddl.comments(sequence)])
    for routine in catalogue.routines:
        name = TableName(routine.name.schema, routine.signature)
        things[Reference("routine", name)] = (routine.needs, [*ddl.routine(routine), *ddl.comments(routine)])
    for other in catalogue.others:
        if other.when == "before":
            name = TableName(None, f"{other.kind} {other.name}")
            things[Reference("other", name)] = (other.needs, ddl.other(other))
    for table in catalogue.tables:
        things[Reference("table", table.name)] = (table.needs, ddl.table(table))
    for view in catalogue.views:
        things[Reference("view", view.name)] = (view.needs, [*ddl.view(view), *ddl.comments(view)])
    return things


def make_again(source: str, target: str) -> Catalogue:
    """Give the target all that the source has; the source's catalogue."""
    catalogue = catalogue_of(source)
    with psycopg.connect(source) as connection:
        comments = connection.execute(
            "select nspname, obj_description(oid, 'pg_namespace') from pg_namespace where nspname = any(%s)",
            (list(catalogue.schemas or ("public",)),),
        ).fetchall()
    with closing(database.open_target(target)) as side, side.transaction():
        for statement in statements(catalogue, dict(comments)):
            try:
                side.execute(statement)
            except BaseException as error:
                raise AssertionError(
                    f"{getattr(error, 'message', getattr(error, 'hint', error))}\n{statement}"
                ) from error
    return catalogue
