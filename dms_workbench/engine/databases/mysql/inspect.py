"""The catalogue of a MySQL or MariaDB database, from information_schema in as many queries for 5,000 tables as for one.

Only what information_schema does not tell is asked for object by object: SHOW CREATE of routines, events, and of tables
that are partitioned, system-versioned, have a period or a full-text index.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..catalogue import Catalogue, Grant, TableName, View
from ..errors import SchemaMissing
from .capabilities import OWN_DATABASES, is_mariadb, qualified
from .inspect_objects import read_events, read_packages, read_routines, read_sequences, triggers_by_table, views
from .inspect_tables import Facts, build_columns, build_table

Query = Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]
Row = dict[str, Any]

LEDGER = "dms_ledger"
HIDDEN_PREFIX = "dms_ledger_"
BASE_TABLES = frozenset({"BASE TABLE", "SYSTEM VERSIONED"})
VIEWS = frozenset({"VIEW"})
WANTED = {
    "tables": "table_name table_type engine table_rows data_length index_length auto_increment table_collation "
              "create_options table_comment",
    "columns": "table_name column_name ordinal_position column_default is_nullable data_type column_type "
               "character_set_name collation_name extra generation_expression column_comment srs_id",
    "statistics": "table_name non_unique index_name seq_in_index column_name collation sub_part index_type "
                  "index_comment ignored is_visible expression",
    "key_column_usage": "table_name constraint_name column_name ordinal_position referenced_table_schema "
                        "referenced_table_name referenced_column_name",
    "referential_constraints": "table_name constraint_name update_rule delete_rule",
    "check_constraints": "table_name constraint_name level check_clause",
    "table_constraints": "table_name constraint_name constraint_type enforced",
    "views": "table_name view_definition check_option definer security_type algorithm",
    "triggers": "trigger_name event_manipulation event_object_table action_order action_statement action_timing sql_mode",
    "routines": "routine_name routine_type sql_mode routine_comment definer external_language",
    "parameters": "specific_name ordinal_position parameter_mode parameter_name dtd_identifier routine_type",
    "events": "event_name sql_mode time_zone event_comment",
    "schemata": "schema_name default_character_set_name default_collation_name schema_comment",
    "table_privileges": "table_name grantee privilege_type is_grantable",
    "column_privileges": "table_name column_name grantee privilege_type is_grantable",
    "schema_privileges": "grantee privilege_type is_grantable",
}  # fmt: skip
"""What is asked of each view of information_schema; a column that this server lacks is None."""
SCHEMA_COLUMN = {
    "check_constraints": "constraint_schema",
    "referential_constraints": "constraint_schema",
    "table_constraints": "constraint_schema",
    "triggers": "trigger_schema",
    "routines": "routine_schema",
    "parameters": "specific_schema",
    "events": "event_schema",
    "schemata": "schema_name",
}
ONLY = {"key_column_usage": "referenced_table_name is not null"}


@dataclass(frozen=True, slots=True)
class Reader:
    """One schema of one server, and how to ask for it."""

    query: Query
    schema: str
    own: bool
    """Is it the connection's own database?"""
    mariadb: bool
    known: dict[str, set[str]]
    """View of information_schema -> its columns."""

    def rows(self, view: str) -> list[Row]:
        """All rows of a view for this schema, by the column's name in small letters; [] where there is no such view."""
        known = self.known.get(view, set())
        if not known:
            return []
        names = WANTED[view].split()
        asked = ", ".join(name if name in known else f"null as {name}" for name in names)
        only = f" and {ONLY[view]}" if view in ONLY else ""
        where = f"{SCHEMA_COLUMN.get(view, 'table_schema')} = %s{only}"
        found = self.query(f"select {asked} from information_schema.{view} where {where}", (self.schema,))
        return [dict(zip(names, map(as_text, row), strict=True)) for row in found]

    def name(self, name: str) -> TableName:
        """The name of an object of this schema."""
        return TableName(None if self.own else self.schema, name)

    def show_create(self, kind: str, name: str, position: int = 1) -> str:
        """What SHOW CREATE says, which is without the database in front of names; empty where it may not be seen."""
        found = self.query(f"show create {kind} {qualified(self.name(name))}", ())
        return str(as_text(found[0][position]) or "") if found else ""


def as_text(value: Any) -> Any:
    """Text where the server calls it bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes | bytearray) else value


def read_catalogue(query: Query, schema: str | None, version: str) -> Catalogue:
    """Read one database of the server (None: the connection's own). Raises SchemaMissing, naming those there are."""
    own = as_text(query("select database()", ())[0][0])
    wanted = own if schema is None else schema
    listed = query("select schema_name from information_schema.schemata", ())
    known = sorted({str(as_text(row[0])) for row in listed} - OWN_DATABASES - {LEDGER})
    if wanted not in known:
        raise SchemaMissing(schema=wanted, database="MySQL", known=", ".join(known) or "none")
    reader = Reader(query, wanted, wanted == own, is_mariadb(version), known_columns(query))
    return build_catalogue(reader, version)


def known_columns(query: Query) -> dict[str, set[str]]:
    """The columns that information_schema has on this server."""
    views = ", ".join(f"'{view}'" for view in (*WANTED, *map(str.upper, WANTED)))
    sql = (
        "select table_name, column_name from information_schema.columns "
        f"where table_schema = 'information_schema' and table_name in ({views})"
    )
    found: defaultdict[str, set[str]] = defaultdict(set)
    for view, column in query(sql, ()):
        found[str(as_text(view)).lower()].add(str(as_text(column)).lower())
    return found


def build_catalogue(reader: Reader, version: str) -> Catalogue:
    """Ask everything and put it together."""
    listed = [row for row in reader.rows("tables") if not row["table_name"].startswith(HIDDEN_PREFIX)]
    listed.sort(key=lambda row: row["table_name"])
    tables = [row for row in listed if row["table_type"] in BASE_TABLES]
    facts = gather(reader, tables)
    sequences = [row["table_name"] for row in listed if row["table_type"] == "SEQUENCE"]
    schema = next(iter(reader.rows("schemata")), {})
    routines = reader.rows("routines")
    return Catalogue(
        database="mysql",
        version=version,
        schema=None if reader.own else reader.schema,
        tables=tuple(build_table(facts, row) for row in tables),
        views=build_views(reader, facts, listed),
        sequences=read_sequences(reader, sequences),
        routines=read_routines(reader, routines, reader.rows("parameters")),
        others=(*read_packages(reader, routines), *read_events(reader, reader.rows("events"))),
        comment=schema.get("schema_comment") or None,
        charset=schema.get("default_character_set_name"),
        collation=schema.get("default_collation_name"),
        grants=tuple(map(grant, reader.rows("schema_privileges"))),
    )


def build_views(reader: Reader, facts: Facts, listed: list[Row]) -> tuple[View, ...]:
    """The views with their columns."""
    comments = {row["table_name"]: row["table_comment"] for row in listed if row["table_type"] in VIEWS}
    relations = {row["table_name"] for row in listed}
    columns = {name: build_columns(facts, name, {}) for name in comments}
    rows = [row for row in reader.rows("views") if row["table_name"] in comments]
    return views(reader, sorted(rows, key=lambda row: str(row["table_name"])), comments, columns, relations)


def gather(reader: Reader, tables: list[Row]) -> Facts:
    """Every row that tables are made of, by table."""
    statistics = by_table(reader.rows("statistics"))
    checks = by_table(with_tables(reader.rows("check_constraints"), reader))
    special = {row["table_name"] for row in tables if is_special(row, checks, statistics)}
    foreign_keys = reader.rows("key_column_usage")
    rules = reader.rows("referential_constraints") if foreign_keys else []
    return Facts(
        schema=reader.schema,
        own=reader.own,
        mariadb=reader.mariadb,
        columns=by_table(reader.rows("columns")),
        statistics=statistics,
        foreign_keys=by_table(foreign_keys),
        rules={(row["table_name"], row["constraint_name"]): row for row in rules},
        checks=checks,
        statements={name: reader.show_create("table", name) for name in sorted(special)},
        triggers=triggers_by_table(reader, reader.rows("triggers")),
        grants={name: tuple(map(grant, rows)) for name, rows in by_table(reader.rows("table_privileges")).items()},
        column_grants=column_grants(reader.rows("column_privileges")),
    )


PERIOD = re.compile(r"`(?:[^`]|``)+` < `(?:[^`]|``)+`")
"""The check that an application-time period brings with it."""


def is_special(row: Row, checks: dict[str, list[Row]], statistics: dict[str, list[Row]]) -> bool:
    """Is there something of the table that only SHOW CREATE TABLE tells?"""
    name = row["table_name"]
    return (
        row["table_type"] == "SYSTEM VERSIONED"
        or "partitioned" in (row["create_options"] or "")
        or any(PERIOD.fullmatch(check["check_clause"] or "") for check in checks.get(name, ()))
        or any(part["index_type"] == "FULLTEXT" for part in statistics.get(name, ()))
    )


def with_tables(checks: list[Row], reader: Reader) -> list[Row]:
    """Checks with their tables, and whether they are enforced, which MySQL says elsewhere."""
    if reader.mariadb:
        return checks
    constraints = reader.rows("table_constraints")
    tables = {row["constraint_name"]: row for row in constraints if row["constraint_type"] == "CHECK"}
    return [{**check, **tables[check["constraint_name"]]} for check in checks if check["constraint_name"] in tables]


def by_table(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows by their table."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["table_name"]].append(row)
    return found


def grant(row: Row) -> Grant:
    """One right."""
    return Grant(str(row["grantee"]), str(row["privilege_type"]), row["is_grantable"] == "YES", row.get("column_name"))


def column_grants(rows: Sequence[Row]) -> dict[tuple[str, str], tuple[Grant, ...]]:
    """Rights on single columns, by table and column."""
    found: defaultdict[tuple[str, str], list[Grant]] = defaultdict(list)
    for row in rows:
        found[row["table_name"], row["column_name"]].append(grant(row))
    return {place: tuple(grants) for place, grants in found.items()}
