"""Expressions in PostgreSQL's own SQL: only what is proved to give the very values that DuckDB gives, or an error.

The language is that of `compile`; what has no rule here is not pushed down, and then the whole table map is evaluated in this
process. Types are DuckDB's own, asked for each part, so that nothing is guessed. Where two databases could differ for some
values, a *guard* tells those rows: a query whose guard is true for a row fails, and its rows are evaluated in this process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..databases.catalogue import Column, DataType
from ..databases.duckdb.connection import open_duckdb
from .columns import Columns
from .compile import new_scope
from .errors import InvalidExpression, InvalidLookup
from .lookups import LookupTable
from .scope import Scope
from .syntax import parse_expression
from .tables import create_lookup_table
from .types import input_type, result_type

if TYPE_CHECKING:
    from sqlglot.expressions import Expression

MOST_GUARDS = 40
TRUE_OF_NEARLY_ALL = "<> 0"
"""The planner takes ``= 1`` for true of one row in two hundred, and would then rather sort the table than follow its key."""
ENCODING = "(select pg_catalog.getdatabaseencoding() <> 'UTF8')"


class NotPushable(Exception):
    """This is not proved to be the same in PostgreSQL. Never reaches a user."""


@dataclass(frozen=True, slots=True)
class PushedColumn:
    """One output: SQL over the columns of ``dms_row``, and the common type of its values."""

    sql: str
    type: DataType


@dataclass(frozen=True, slots=True)
class PushedDown:
    """The expressions of one table map."""

    outputs: Mapping[str, PushedColumn]
    """By target column."""
    where: str
    """True for every row, or an error: to be asked of each row."""


@dataclass(slots=True)
class Pushing:
    """What the rules share: the types of parts, and the guards found so far."""

    columns: Sequence[Column]
    names: Columns
    lookups: Mapping[str, LookupTable]
    describe: Callable[[Expression], str]
    guards: dict[str, str] = field(default_factory=dict)
    """What must not be true of any row, and another guard that makes it needless, or ""."""
    bases: dict[str, str] = field(default_factory=dict)
    """Of texts in SQL, another text that is ASCII for the very same rows."""
    types: dict[int, str] = field(default_factory=dict)
    on: dict[str, Expression] = field(default_factory=dict)
    """What the key of a join is equal to, by the lookup's name."""

    def type(self, node: Expression) -> str:
        """DuckDB's type of a part."""
        if id(node) not in self.types:
            self.types[id(node)] = self.describe(node)
        return self.types[id(node)]

    def sql(self, node: Expression) -> str:
        """A part in PostgreSQL's SQL. Raises NotPushable."""
        from .pushed_rules import RULES

        rule = RULES.get(type(node).__name__)
        if rule is None:
            raise NotPushable(type(node).__name__)
        return rule(self, node)

    def guard(self, condition: str, unless: str = "") -> None:
        """Note what must not be true of any row. unless: a guard that, where it is noted too, makes this one needless."""
        self.guards.setdefault(condition, unless)
        if len(self.guards) > MOST_GUARDS:
            raise NotPushable("too many guards")

    def needed(self) -> list[str]:
        """The guards without those that others make needless."""
        return [guard for guard, unless in self.guards.items() if unless not in self.guards]

    def not_ascii(self, sql: str) -> str:
        """A guard against texts with other letters than those of ASCII."""
        base = self.bases.get(sql, sql)
        return f"pg_catalog.octet_length({base}) <> pg_catalog.char_length({base})"

    def as_ascii(self, made: str, sql: str) -> None:
        """Note that of two texts both are ASCII or neither."""
        self.bases[made] = self.bases.get(sql, sql)


def push_down(
    columns: Sequence[Column],
    outputs: Sequence[tuple[str, str]],
    lookups: Mapping[str, LookupTable],
) -> PushedDown | None:
    """Expressions as PostgreSQL's SQL; None where one of them has a part that is not proved to be the same there.

    columns: of the source table; outputs: target column and expression of each.
    """
    import duckdb

    connection = open_duckdb()
    try:
        return pushed(connection, columns, outputs, lookups)
    except (NotPushable, InvalidExpression, InvalidLookup, duckdb.Error):
        return None
    finally:
        connection.close()


def pushed(
    connection: Any,
    columns: Sequence[Column],
    outputs: Sequence[tuple[str, str]],
    lookups: Mapping[str, LookupTable],
) -> PushedDown:
    """As `push_down`. Raises NotPushable, and the errors of expressions that do not bind."""
    from .pushed_rules import finished

    empty = {name: without_rows(table) for name, table in lookups.items()}
    places = {name: f"lookup_{number}" for number, name in enumerate(empty)}
    for name, table in empty.items():
        create_lookup_table(connection, places[name], name, table)
    scope = new_scope(Columns(columns), empty, '"row" >= 0')
    made: dict[str, PushedColumn] = {}
    pushing = Pushing(
        columns, Columns(columns), lookups, lambda node: described(connection, scope, columns, places, node)
    )
    for name, text in outputs:
        scope.faults.target = name
        tree = parse_expression(text)
        sql, type = finished(pushing, tree)
        common = result_type(type)
        if common is None:
            raise NotPushable(type)
        made[name] = PushedColumn(sql, common)
    guards = " OR ".join(f"({guard})" for guard in [ENCODING, *pushing.needed()])
    return PushedDown(made, f"1 / (CASE WHEN {guards} THEN 0 ELSE 1 END) {TRUE_OF_NEARLY_ALL}")


def without_rows(table: LookupTable) -> LookupTable:
    """A lookup's types alone."""
    return replace(table, keys=[], values=[], more_keys=tuple(([], type) for _, type in table.more_keys))


def described(
    connection: Any, scope: Scope, columns: Sequence[Column], places: Mapping[str, str], node: Expression
) -> str:
    """DuckDB's own name of the type of a part."""
    sql = scope.part(node).sql
    given = ", ".join(f"CAST(NULL AS {input_type(column.type)}) AS c{number}" for number, column in enumerate(columns))
    joins = "".join(
        f" LEFT JOIN {places[join.lookup]} AS {join.alias} ON {join.alias}.dms_key = {join.key}" for join in scope.joins
    )
    source = f'(SELECT CAST(0 AS BIGINT) AS "row", {given}) AS batch{joins}'
    return str(connection.execute(f"DESCRIBE SELECT {sql} FROM {source}").fetchall()[0][1]).strip('"')
