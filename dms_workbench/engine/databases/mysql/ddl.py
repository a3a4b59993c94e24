"""MySQL's and MariaDB's DDL: what SHOW CREATE says, made again from the catalogue.

Every DDL statement commits by itself there. ``SET STATEMENT … FOR`` is MariaDB's own; on MySQL such a statement is refused
and becomes a line of the account. Whoever runs the statements becomes the definer of views, routines, triggers and events.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ..capabilities import PRODUCT_NAMES
from ..catalogue import (
    Check,
    Column,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    Routine,
    Table,
    TableName,
    Trigger,
    UserType,
    View,
)
from ..catalogue import Sequence as CatalogueSequence
from ..ddl import NotExpressible, StandardDdl, Statements
from .capabilities import TRANSACTIONAL, literal
from .ddl_columns import NUMBER_KINDS, column_definition
from .row_size import fitted, is_wide

KNOWN_METHODS = ("btree", "hash", "fulltext", "spatial")
ACTIONS = ("CASCADE", "SET NULL", "RESTRICT")
OWN_CLAUSES = frozenset({"engine", "charset", "collation", "system versioning"})
INNODB_TOO = frozenset({"stats_persistent", "stats_auto_recalc", "stats_sample_pages"})
"""Options that a table keeps when InnoDB takes the place of its engine."""
LARGEST_NUMBER = 2**63 - 2
"""MariaDB's sequences end one before the ends of a bigint."""
PART_ENGINE = re.compile(r"(?<= ENGINE = )\w+(?=,?\s*(?:\n|\)|,|\Z))")
COMMENTED = "MySQL keeps comments of tables, columns, keys and indexes, not of constraints, triggers or views"


class MysqlDdl(StandardDdl):
    """What MySQL and MariaDB say in their own way."""

    product = PRODUCT_NAMES["mysql"]

    def schema(self, name: str) -> Statements:
        """A database of the server that may be there already."""
        return [f"CREATE DATABASE IF NOT EXISTS {self.quote(name)} CHARACTER SET utf8mb4"]

    def user_type(self, type: UserType) -> Statements:
        """None: a column states the labels itself."""
        raise NotExpressible(f"MySQL has no {type.kind} types: its columns say it themselves")

    def sequence(self, sequence: CatalogueSequence) -> Statements:
        """A sequence of MariaDB, at its start."""
        options = sequence.options
        words = (
            ("START WITH", within(options.start)),
            ("MINVALUE", within(options.minimum)),
            ("MAXVALUE", within(options.maximum)),
            ("INCREMENT BY", options.increment),
        )
        said = "".join(f" {word} {number}" for word, number in words if number is not None)
        cache = "" if options.cache is None else f" CACHE {options.cache}" if options.cache else " NOCACHE"
        return [f"CREATE SEQUENCE {self.qualified(sequence.name)}{said}{cache}{' CYCLE' if options.cycle else ''}"]

    def table(self, table: Table, *, foreign_keys: Sequence[ForeignKey] = ()) -> Statements:
        """A table with everything that MySQL says inside CREATE TABLE: comments, checks, periods, partitions.

        Texts that are too wide together for a row become ``text``, which is kept beside it.
        """
        table = fitted(table)
        lines = [self.column(table, column) for column in table.columns]
        lines += [
            f"PERIOD FOR {name.removeprefix('period ')} {text}" for name, text in table.options if is_period(name)
        ]
        if table.primary_key is not None:
            lines.append(self.key(table.primary_key, primary=True))
        lines += [self.key(key, primary=False) for key in table.unique_keys]
        lines += [f"KEY ({self.quote(name)})" for name in counters_without_key(table)]
        lines += [self.check(check) for check in table.checks if check.column is None or not stands_with(table, check)]
        lines += [self.foreign_key(key) for key in foreign_keys]
        body = ",\n  ".join(lines)
        statement = f"CREATE TABLE {self.qualified(table.name)} (\n  {body}\n){self.table_options(table)}"
        return [f"SET STATEMENT innodb_strict_mode = 0 FOR {statement}" if is_wide(table) else statement]

    def table_options(self, table: Table) -> str:
        """Engine, character set, comment, versioning and partitions; InnoDB and utf8mb4 for a table of another product.

        InnoDB too in place of an engine without transactions, to which rows cannot be written exactly once.
        """
        engine, options = engine_of(table), dict(table.options)
        said = [f"ENGINE={engine}", f"DEFAULT CHARSET={options.get('charset', 'utf8mb4')}"]
        if "collation" in options:
            said.append(f"COLLATE={options['collation']}")
        said += [f"AUTO_INCREMENT={start}" for column in table.columns if (start := first_number(column)) > 1]
        own = engine == options.get("engine", engine)
        kept = [
            name for name in options if (own or name in INNODB_TOO) and name not in OWN_CLAUSES and not is_period(name)
        ]
        said += [f"{name.upper()}={options[name]}" for name in kept]
        if table.comment:
            said.append(f"COMMENT={literal(table.comment)}")
        if "system versioning" in options:
            said.append("WITH SYSTEM VERSIONING")
        partitions = PART_ENGINE.sub(engine, table.partitioning.key or "") if table.partitioning else None
        return " " + " ".join(said) + (f"\n PARTITION BY {partitions}" if partitions else "")

    def loses(self, table: Table) -> str:
        """An engine without transactions, and the history of a system-versioned table."""
        engine = dict(table.options).get("engine", "InnoDB")
        found = (
            [f"InnoDB, not {engine}: to that rows cannot be written exactly once"] if engine != engine_of(table) else []
        )
        found += ["its current rows, without their history"] if "system versioning" in dict(table.options) else []
        return "; ".join(found)

    def loose(self, table: Table) -> str:
        """Rows of an engine without transactions are under no snapshot."""
        engine = dict(table.options).get("engine", "InnoDB")
        return "" if engine in TRANSACTIONAL else f"its rows, read without a snapshot: {engine} has no transactions"

    def add_check(self, table: TableName, check: Check) -> Statements:
        """A check of a table that exists; one that is not validated does not look at the rows that are there (MariaDB)."""
        (statement,) = super().add_check(table, check)
        return [statement if check.validated else f"SET STATEMENT check_constraint_checks = 0 FOR {statement}"]

    def column(self, table: Table, column: Column) -> str:
        """One column of CREATE TABLE, with the checks that were declared with it."""
        checks = [check for check in table.checks if check.column == column.name and stands_with(table, check)]
        return column_definition(table, column, [f"CHECK ({check.expression})" for check in checks])

    def check_identity(self, table: Table, column: Column) -> None:
        """A table counts in one column only, of numbers."""
        first = next(each.name for each in table.columns if each.identity is not None)
        if column.type.kind not in NUMBER_KINDS:
            raise NotExpressible(f"MySQL makes no numbers for a column of type {column.type.native}")
        if first != column.name:
            raise NotExpressible(f"MySQL makes numbers for one column of a table only, and that is {first}")

    def on_update(self, table: TableName, column: Column) -> Statements:  # noqa: ARG002  the column says it itself
        """Nothing more: the column says it itself."""
        return []

    def key(self, key: Key, *, primary: bool) -> str:
        """A primary or unique key as a line of CREATE TABLE, with the characters of a column that count."""
        if key.nulls_not_distinct:
            raise NotExpressible("MySQL has no unique keys that two NULLs break")
        if key.definition and "WITHOUT OVERLAPS" in key.definition:
            return key.definition
        lengths = dict(key.prefixes)
        parts = [IndexPart(name, descending=name in key.descending, prefix=lengths.get(name)) for name in key.columns]
        name = f" {self.quote(key.name)}" if key.name and not primary else ""
        comment = f" COMMENT {literal(key.comment)}" if key.comment else ""
        return f"{'PRIMARY' if primary else 'UNIQUE'} KEY{name} ({', '.join(map(self.index_part, parts))}){comment}"

    def foreign_key(self, key: ForeignKey, *, named: bool = True) -> str:
        """A foreign key as a line of CREATE TABLE; an action that InnoDB refuses is left away."""
        if key.match == "FULL" and len(key.columns) > 1:
            raise NotExpressible("MySQL does not enforce MATCH FULL")
        known = replace(
            key,
            on_delete=key.on_delete if key.on_delete in ACTIONS else None,
            on_update=key.on_update if key.on_update in ACTIONS else None,
        )
        return super().foreign_key(known, named=named)

    def add_foreign_key(self, table: TableName, key: ForeignKey, *, validated: bool = True) -> Statements:
        """A foreign key of a table that exists. validated: False does not look at the rows that are there (MariaDB)."""
        (statement,) = super().add_foreign_key(table, key)
        return [statement if validated else f"SET STATEMENT foreign_key_checks = 0 FOR {statement}"]

    def index(self, table: TableName, index: Index) -> Statements:
        """An index of a table that exists."""
        if index.where is not None:
            raise self.lacks("partial indexes")
        if index.nulls_not_distinct:
            raise NotExpressible("MySQL has no unique indexes that two NULLs break")
        if index.method not in KNOWN_METHODS:
            raise self.lacks(f"{index.method} indexes")
        word = "UNIQUE " if index.unique else f"{index.method.upper()} " if index.method in KNOWN_METHODS[2:] else ""
        parts = ", ".join(map(self.index_part, index.parts))
        name = self.quote(index.name)
        return [f"CREATE {word}INDEX {name} ON {self.qualified(table)} ({parts}){index_options(index)}"]

    def index_part(self, part: IndexPart) -> str:
        """A column, or so many of its characters; expressions are indexed by MySQL only, in columns of their own by MariaDB."""
        if part.column is None:
            raise NotExpressible("MariaDB has no indexes on expressions")
        prefix = f"({part.prefix})" if part.prefix is not None else ""
        return self.quote(part.column) + prefix + (" DESC" if part.descending else "")

    def view(self, view: View) -> Statements:
        """A view; with its algorithm, security and check option where it is one of MySQL's."""
        return [view.definition] if view.definition.startswith("CREATE ALGORITHM=") else super().view(view)

    def routine(self, routine: Routine) -> Statements:
        """A function or procedure, from its definition."""
        if not routine.definition:
            raise NotExpressible("its definition may not be seen by this user")
        return super().routine(routine)

    def trigger(self, table: TableName, trigger: Trigger) -> Statements:
        """A trigger, from its definition."""
        if not trigger.definition:
            raise NotExpressible("its definition may not be seen by this user")
        return super().trigger(table, trigger)

    def comments(self, thing: Table | View | CatalogueSequence | UserType | Routine | Index) -> Statements:
        """Nothing more: CREATE TABLE and CREATE INDEX say them. Raises NotExpressible for comments that MySQL cannot keep."""
        if isinstance(thing, Table):
            parts = (thing.checks, thing.foreign_keys, thing.triggers, thing.exclusions, thing.policies)
            if any(part.comment for each in parts for part in each):
                raise NotExpressible(COMMENTED)
        elif isinstance(thing, View | CatalogueSequence | UserType) and thing.comment:
            raise NotExpressible(COMMENTED)
        return []

    def statistics(self, table: TableName) -> Statements:
        """Let the planner know the rows."""
        return [f"ANALYZE TABLE {self.qualified(table)}"]


def within(number: int | None) -> int | None:
    """A number that a sequence of MariaDB may reach."""
    return None if number is None else max(-LARGEST_NUMBER - 1, min(number, LARGEST_NUMBER))


def engine_of(table: Table) -> str:
    """The storage engine that the table gets."""
    engine = dict(table.options).get("engine", "InnoDB")
    return engine if engine in TRANSACTIONAL else "InnoDB"


def is_period(option: str) -> bool:
    """Is the option a period of the table?"""
    return option.startswith("period ")


def stands_with(table: Table, check: Check) -> bool:
    """Is the check declared with its column, without a name of its own?"""
    first = next(each for each in table.checks if each.column == check.column)
    return check.name is None and first is check and any(each.name == check.column for each in table.columns)


def counters_without_key(table: Table) -> list[str]:
    """Columns that make their own numbers and begin no key: MySQL wants an index for them."""
    keys = [key.columns for key in (table.primary_key, *table.unique_keys) if key is not None]
    leading = {columns[0] for columns in keys}
    return [column.name for column in table.columns if column.identity is not None and column.name not in leading]


def first_number(column: Column) -> int:
    """The number that a column counts from; 1 where none is said."""
    return 1 if column.identity is None or column.counter is None else column.counter.start or 1


def index_options(index: Index) -> str:
    """What follows the parts of an index."""
    options = dict(index.options)
    method = "hash" if index.method == "hash" else options.get("using", "")
    said = [f" USING {method.upper()}"] if method else []
    if "parser" in options:
        said.append(f" WITH PARSER {options['parser']}")
    if index.comment:
        said.append(f" COMMENT {literal(index.comment)}")
    said += [f" {word.upper()}" for word in ("ignored", "invisible") if word in options]
    return "".join(said)
