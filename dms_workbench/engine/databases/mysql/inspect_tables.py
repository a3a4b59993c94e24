"""Tables of a MySQL or MariaDB catalogue, from the rows of information_schema."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..catalogue import (
    Check,
    Column,
    DataType,
    ForeignKey,
    Grant,
    Index,
    IndexPart,
    Key,
    Partitioning,
    Reference,
    SequenceState,
    Table,
    TableName,
    Trigger,
)
from .capabilities import literal, quote
from .sql_text import mysql_unescaped, partition_clause, relations_of, without_database
from .types import charset_of, parse_type

Row = dict[str, Any]

ACTIONS = {"CASCADE": "CASCADE", "SET NULL": "SET NULL", "SET DEFAULT": "SET DEFAULT"}
"""RESTRICT and NO ACTION are the same here, and what holds when nothing is said: None."""
ON_UPDATE = re.compile(r"(?i)on update (\S+)")
CREATE_OPTION = re.compile(r"`?(?P<name>\w+)`?=(?P<value>'(?:[^']|'')*'|\S+)")
PERIOD = re.compile(r"\n\s+PERIOD FOR (?P<name>SYSTEM_TIME|`(?:[^`]|``)+`) (?P<columns>\([^\n]*\))")
WITHOUT_OVERLAPS = re.compile(
    r"\n\s+(?P<definition>(?:PRIMARY|UNIQUE) KEY (?:(?P<name>`(?:[^`]|``)+`) )?\([^\n]* WITHOUT OVERLAPS\))"
)
PARSER = re.compile(r"\n\s+FULLTEXT KEY (?P<name>`(?:[^`]|``)+`) [^\n]*WITH PARSER `(?P<parser>\w+)`")
INVISIBLE_TABLE_OPTIONS = frozenset({"partitioned"})
TEXT_KINDS = frozenset({"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"})
CURRENT_TIME = re.compile(r"(?i)(?:current_timestamp|now|localtime|localtimestamp)(?:\(\d*\))?")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|b'[01]*'|0x[0-9a-f]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Facts:
    """All rows that tables are made of, by table."""

    schema: str
    own: bool
    mariadb: bool
    columns: dict[str, list[Row]]
    statistics: dict[str, list[Row]]
    foreign_keys: dict[str, list[Row]]
    rules: dict[tuple[str, str], Row]
    checks: dict[str, list[Row]]
    statements: dict[str, str]
    """What SHOW CREATE TABLE says of tables that need it."""
    triggers: dict[str, tuple[Trigger, ...]]
    grants: dict[str, tuple[Grant, ...]]
    column_grants: dict[tuple[str, str], tuple[Grant, ...]]

    def name(self, name: str) -> TableName:
        """The name of an object of this schema."""
        return TableName(None if self.own else self.schema, name)

    def expression(self, text: str) -> str:
        """An expression of the catalogue, without the database's own name."""
        return without_database(text if self.mariadb else mysql_unescaped(text), self.schema)


def build_table(facts: Facts, row: Row) -> Table:
    """One table."""
    name = row["table_name"]
    statement = facts.statements.get(name, "")
    indexes = indexes_of(facts.statistics.get(name, []))
    columns = build_columns(facts, name, row)
    periods = dict(periods_of(statement))
    partitions = partition_clause(statement)
    return Table(
        name=facts.name(name),
        columns=columns,
        primary_key=next((build_key(parts, statement) for index, parts in indexes if index == "PRIMARY"), None),
        unique_keys=tuple(build_key(parts, statement) for index, parts in indexes if is_key(index, parts)),
        foreign_keys=tuple(foreign_keys_of(facts, name)),
        rows_estimate=row["table_rows"],
        checks=tuple(checks_of(facts, name, columns, {period.strip("`") for period in periods})),
        indexes=tuple(
            build_index(facts, parts, statement, row["engine"])
            for index, parts in indexes
            if index != "PRIMARY" and not is_key(index, parts)
        ),
        triggers=facts.triggers.get(name, ()),
        partitioning=Partitioning(key=partitions) if partitions else None,
        comment=row["table_comment"] or None,
        grants=facts.grants.get(name, ()),
        size_bytes=None if row["data_length"] is None else row["data_length"] + (row["index_length"] or 0),
        options=tuple(table_options(row, periods)),
        problem=row["table_comment"] or "the server cannot open it" if row["engine"] is None else None,
        needs=tuple(needs_of(facts, name)),
    )


def table_options(row: Row, periods: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What only this product knows of a table, in the words of its DDL."""
    if row["engine"]:
        yield "engine", row["engine"]
    if row["table_collation"]:
        yield "charset", charset_of(row["table_collation"])
        yield "collation", row["table_collation"]
    for match in CREATE_OPTION.finditer(row["create_options"] or ""):
        if match["name"].lower() not in INVISIBLE_TABLE_OPTIONS:
            yield match["name"].lower(), match["value"]
    if row["table_type"] == "SYSTEM VERSIONED":
        yield "system versioning", "yes"
    for name, columns in periods.items():
        yield f"period {name}", columns


def periods_of(statement: str) -> Iterator[tuple[str, str]]:
    """The periods of a table: name as SQL, columns in brackets."""
    for match in PERIOD.finditer(statement):
        yield match["name"], match["columns"]


def build_columns(facts: Facts, table: str, row: Row) -> tuple[Column, ...]:
    """The columns of a table or view in their order. row: of the table."""
    valid_json = {check["constraint_name"] for check in facts.checks.get(table, ()) if proves_json(check)}
    rows = sorted(facts.columns.get(table, ()), key=lambda column: int(column["ordinal_position"]))
    return tuple(build_column(facts, each, row, valid_json) for each in rows)


def proves_json(check: Row) -> bool:
    """Is it the check that MariaDB makes for a column declared as JSON?"""
    column = quote(check["constraint_name"])
    return bool(check["level"] == "Column" and check["check_clause"] == f"json_valid({column})")


def build_column(facts: Facts, row: Row, table: Row, valid_json: set[str]) -> Column:
    """One column."""
    extra = (row["extra"] or "").upper()
    counted = "AUTO_INCREMENT" in extra
    generated = "GENERATED" in extra.replace("DEFAULT_GENERATED", "")
    update = ON_UPDATE.search(row["extra"] or "")
    number = table.get("auto_increment")
    return Column(
        name=row["column_name"],
        type=column_type(row, valid_json),
        nullable=row["is_nullable"] == "YES",
        default=None if generated or counted else default_of(facts, row),
        identity="by default" if counted else None,
        generated=facts.expression(row["generation_expression"]) if generated else None,
        stored="STORED" in extra or "PERSISTENT" in extra or not generated,
        counter_state=SequenceState(int(number), is_called=False) if counted and number is not None else None,
        on_update=update[1] if update else None,
        hidden="INVISIBLE" in extra,
        comment=row["column_comment"] or None,
        options=tuple(column_options(row, extra)),
        grants=facts.column_grants.get((row["table_name"], row["column_name"]), ()),
    )


def column_options(row: Row, extra: str) -> Iterator[tuple[str, str]]:
    """What only this product knows of a column."""
    if "WITHOUT SYSTEM VERSIONING" in extra:
        yield "without system versioning", "yes"
    if row["srs_id"] is not None:
        yield "srid", str(row["srs_id"])


def column_type(row: Row, valid_json: set[str]) -> DataType:
    """The type with its character set; MariaDB's JSON is long text that is checked."""
    name, collation = row["column_name"], row["collation_name"]
    if name in valid_json and row["column_type"] == "longtext" and collation == "utf8mb4_bin":
        return DataType("json", "json")
    found = parse_type(row["column_type"])
    if collation is None or row["data_type"].lower() not in TEXT_KINDS:
        return found
    return replace(found, charset=row["character_set_name"], collation=collation)


def default_of(facts: Facts, row: Row) -> str | None:
    """The default as SQL. MariaDB prints SQL; MySQL prints a literal's bare text, and an expression with a mark in ``extra``."""
    text = row["column_default"]
    if text is None or (facts.mariadb and text == "NULL"):
        return None
    if facts.mariadb:
        return without_database(text, facts.schema)
    if "DEFAULT_GENERATED" in (row["extra"] or "").upper() or CURRENT_TIME.fullmatch(text):
        return facts.expression(text)
    return text if NUMBER.fullmatch(text) and row["data_type"].lower() not in TEXT_KINDS else literal(text)


def indexes_of(rows: list[Row]) -> list[tuple[str, list[Row]]]:
    """The parts of each index in their order, indexes in the order the server gives them."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["index_name"]].append(row)
    return [(name, sorted(parts, key=lambda part: int(part["seq_in_index"]))) for name, parts in found.items()]


def is_key(name: str, parts: list[Row]) -> bool:
    """Is it a unique key, not only a unique index?"""
    plain = not any(part["expression"] or part["ignored"] == "YES" or part["is_visible"] == "NO" for part in parts)
    return name != "PRIMARY" and not int(parts[0]["non_unique"]) and plain


def build_key(parts: list[Row], statement: str) -> Key:
    """A primary or unique key."""
    name = parts[0]["index_name"]
    definitions = {
        (match["name"] or "`PRIMARY`"): match["definition"] for match in WITHOUT_OVERLAPS.finditer(statement)
    }
    return Key(
        columns=tuple(part["column_name"] for part in parts),
        name=None if name == "PRIMARY" else name,
        descending=tuple(part["column_name"] for part in parts if part["collation"] == "D"),
        prefixes=tuple((part["column_name"], int(part["sub_part"])) for part in parts if part["sub_part"]),
        comment=parts[0]["index_comment"] or None,
        definition=definitions.get(quote(name)),
    )


def build_index(facts: Facts, parts: list[Row], statement: str, engine: str | None) -> Index:
    """An index that is no key."""
    first = parts[0]
    method = "spatial" if first["index_type"] == "RTREE" else str(first["index_type"]).lower()
    parsers = {match["name"]: match["parser"] for match in PARSER.finditer(statement)}
    options = []
    if first["ignored"] == "YES" or first["is_visible"] == "NO":
        options.append(("ignored" if facts.mariadb else "invisible", "yes"))
    if quote(first["index_name"]) in parsers:
        options.append(("parser", parsers[quote(first["index_name"])]))
    if method == "btree" and (engine or "").upper() in ("MEMORY", "HEAP"):
        options.append(("using", "btree"))
    return Index(
        name=first["index_name"],
        parts=tuple(index_part(facts, part, method) for part in parts),
        unique=not int(first["non_unique"]),
        method=method,
        comment=first["index_comment"] or None,
        options=tuple(options),
    )


def index_part(facts: Facts, part: Row, method: str) -> IndexPart:
    """A column, a part of its characters, or an expression."""
    expression = part["expression"]
    return IndexPart(
        column=None if expression else part["column_name"],
        expression=facts.expression(expression) if expression else None,
        descending=part["collation"] == "D",
        prefix=int(part["sub_part"]) if part["sub_part"] and method != "spatial" else None,
    )


def foreign_keys_of(facts: Facts, table: str) -> Iterator[ForeignKey]:
    """Foreign keys, to other databases and to missing tables too."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in facts.foreign_keys.get(table, ()):
        found[row["constraint_name"]].append(row)
    for name, rows in found.items():
        rows.sort(key=lambda row: int(row["ordinal_position"]))
        rule = facts.rules.get((table, name), {})
        schema = rows[0]["referenced_table_schema"]
        yield ForeignKey(
            columns=tuple(row["column_name"] for row in rows),
            references=TableName(
                facts.name("").schema if schema == facts.schema else schema, rows[0]["referenced_table_name"]
            ),
            referenced_columns=tuple(row["referenced_column_name"] for row in rows),
            name=name,
            on_delete=ACTIONS.get(rule.get("delete_rule", "")),
            on_update=ACTIONS.get(rule.get("update_rule", "")),
        )


def checks_of(facts: Facts, table: str, columns: tuple[Column, ...], periods: set[str]) -> Iterator[Check]:
    """Checks but for those that JSON columns and periods bring with them."""
    json = {column.name for column in columns if column.type.kind == "json"}
    for row in facts.checks.get(table, ()):
        name, of_column = row["constraint_name"], row["level"] == "Column"
        if (proves_json(row) and name in json) or (name in periods and not of_column):
            continue
        yield Check(
            expression=facts.expression(row["check_clause"]),
            name=None if of_column else name,
            column=name if of_column else None,
            validated=row.get("enforced") != "NO",
        )


def needs_of(facts: Facts, table: str) -> Iterator[Reference]:
    """The sequences that its defaults draw from."""
    for row in facts.columns.get(table, ()):
        text = row["column_default"] or ""
        if "nextval(" in text.lower():
            for name in relations_of(text, facts.schema, sequence_names(text)):
                yield Reference("sequence", facts.name(name))


def sequence_names(text: str) -> set[str]:
    """The last parts of all qualified names in an expression."""
    return {match.replace("``", "`") for match in re.findall(r"\.`((?:[^`]|``)+)`", text)}
