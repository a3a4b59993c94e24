"""Expressions and queries of one product in the SQL of another, with the names that things have in the target.

What comes out parses; whether it works is for the target to say, when it is made there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..databases.capabilities import PRODUCT_NAMES
from ..databases.catalogue import Column, TableName

DIALECTS = {"postgres": "postgres", "mysql": "mysql", "sqlite": "sqlite", "duckdb": "duckdb"}
"""Products whose SQL can be read and written."""
CASE_BLIND_LIKE = frozenset(("sqlite", "mysql"))
"""Products whose LIKE does not tell capitals apart."""
FOLDING = frozenset(("sqlite", "mysql", "duckdb"))
"""Products in which a column may be written in other capitals than it was declared with."""


class NotTranslatable(Exception):
    """An expression has no sure form in the target's SQL. Never reaches a user: it becomes a line of the account.

    reason: a clause for that line, such as ``it calls to_tsvector``.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Pair:
    """From which product into which, and what the columns of the table at hand are in the target."""

    source: str
    target: str
    columns: Mapping[str, Column] = field(default_factory=dict)
    """Source column to target column, of those that are carried as they are."""


def translated(sql: str, pair: Pair) -> str:
    """An expression over the columns of one table. Raises NotTranslatable."""
    return rendered(changed(parsed(sql, pair), lambda node: adapted(node, pair)), pair)


def changed(tree: Any, change: Callable[[Any], Any]) -> Any:
    """A tree with every node replaced by what a function makes of it, the leaves first."""
    for node in reversed(list(tree.bfs())):
        new = change(node)
        if new is not node:
            tree = new if node is tree else tree
            node.replace(new)
    return tree


def parsed(sql: str, pair: Pair) -> Any:
    """The syntax tree. Raises NotTranslatable where there is none."""
    import sqlglot
    from sqlglot.errors import SqlglotError

    if pair.source not in DIALECTS or pair.target not in DIALECTS:
        raise NotTranslatable(f"{PRODUCT_NAMES.get(pair.target, pair.target)} has no SQL of its own")
    try:
        return sqlglot.parse_one(sql, read=DIALECTS[pair.source])
    except (SqlglotError, RecursionError) as error:
        raise NotTranslatable("it cannot be read as an expression") from error


def rendered(tree: Any, pair: Pair) -> str:
    """The text of a tree in the target's SQL. Raises NotTranslatable."""
    from sqlglot import ErrorLevel
    from sqlglot.errors import SqlglotError

    try:
        return str(tree.sql(dialect=DIALECTS[pair.target], identify=True, unsupported_level=ErrorLevel.RAISE))
    except (SqlglotError, RecursionError) as error:
        raise NotTranslatable(f"{PRODUCT_NAMES.get(pair.target, pair.target)} has no form of it") from error


def adapted(node: Any, pair: Pair) -> Any:
    """One node of an expression: columns by their names in the target, spellings that both sides understand."""
    from sqlglot import exp

    if isinstance(node, exp.Column):
        return exp.column(target_column(node, pair).name, quoted=True)
    if isinstance(node, exp.Subquery | exp.Select):
        raise NotTranslatable("it contains a query")
    return spelled(node, pair)


def spelled(node: Any, pair: Pair) -> Any:
    """A node that means the same in the target, wherever its own spelling would not."""
    from sqlglot import exp

    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and node.this.is_string and is_text(node):
        return node.this
    if isinstance(node, exp.EQ) and isinstance(node.expression, exp.Any):
        values = node.expression.find(exp.Array)
        if values is not None:
            return exp.In(this=node.this, expressions=values.expressions)
    if isinstance(node, exp.Glob):
        raise NotTranslatable("GLOB is SQLite's own")
    if isinstance(node, exp.Like) and pair.source in CASE_BLIND_LIKE and pair.target not in CASE_BLIND_LIKE:
        return exp.ILike(this=node.this, expression=node.expression)
    return with_booleans(node, pair)


def is_text(cast: Any) -> bool:
    """Is it a cast to a type of text without a limit?"""
    from sqlglot import exp

    return cast.to.this in exp.DataType.TEXT_TYPES and not cast.to.expressions


def with_booleans(node: Any, pair: Pair) -> Any:
    """A comparison of a boolean column with 0 or 1, in truth values."""
    from sqlglot import exp

    if not isinstance(node, exp.EQ | exp.NEQ) or not isinstance(node.this, exp.Column):
        return node
    column = next((column for column in pair.columns.values() if column.name == node.this.name), None)
    if column is None or column.type.kind != "boolean" or str(node.expression) not in ("0", "1"):
        return node
    return type(node)(this=node.this, expression=exp.Boolean(this=str(node.expression) == "1"))


def target_column(node: Any, pair: Pair) -> Column:
    """What a column of the expression is in the target. Raises NotTranslatable."""
    if node.name in pair.columns:
        return pair.columns[node.name]
    alike = [to for name, to in pair.columns.items() if name.casefold() == node.name.casefold()]
    if pair.source in FOLDING and len(alike) == 1:
        return alike[0]
    already = [to for to in pair.columns.values() if to.name == node.name]
    if already:
        return already[0]
    raise NotTranslatable(f"its column {node.name} is not carried as it is")


def uncertain_call(sql: str, pair: Pair) -> str | None:
    """The first function in an expression of the target that has no known meaning; None if there is none."""
    from sqlglot import exp, parse_one

    call = parse_one(sql, read=DIALECTS[pair.target]).find(exp.Anonymous)
    return None if call is None else str(call.this)


def translated_query(
    sql: str, pair: Pair, place: Callable[[str | None, str], TableName | None], spellings: Mapping[str, str]
) -> str:
    """A query over the tables and views of the source, over those of the target. Raises NotTranslatable.

    place: where a table or view of the source is in the target, None if it is not there;
    spellings: columns of the target by their names in small letters.
    """
    from sqlglot import exp

    tree = parsed(sql, pair)
    if not isinstance(tree, exp.Query):
        raise NotTranslatable("it is not a query")
    known = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    qualifiers: dict[str, str] = {}
    for table in list(tree.find_all(exp.Table)):
        if not table.db and table.name in known:
            continue
        found = place(table.db or None, table.name)
        if found is None:
            raise NotTranslatable(f"it reads {table.name or 'something'}, which is not carried as it is")
        qualifiers.setdefault(table.name.casefold(), found.name)
        put(table, found)
    for column in tree.find_all(exp.Column):
        if column.db:
            column.set("db", None)
            column.set("catalog", None)
    if pair.source in FOLDING:
        respell(tree, dict(spellings), qualifiers)
    return rendered(changed(tree, lambda node: spelled(node, pair)), pair)


def put(table: Any, found: TableName) -> None:
    """Let a table of a query be another one; its former name becomes its alias where nothing else is."""
    from sqlglot import exp

    former, new = table.name, exp.table_(found.name, db=found.schema, quoted=True)
    table.set("this", new.this)
    table.set("db", new.args.get("db"))
    table.set("catalog", None)
    if not table.alias and found.name != former:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(former, quoted=True)))


def respell(tree: Any, names: dict[str, str], qualifiers: dict[str, str]) -> None:
    """Give every name the spelling of what it names: a column's or table's own, else that of its first mention."""
    from sqlglot import exp

    for node in tree.find_all(exp.Identifier):
        if isinstance(node.parent, exp.Table) and node.arg_key in ("this", "db"):
            continue
        known = qualifiers if node.arg_key == "table" or isinstance(node.parent, exp.TableAlias) else names
        node.set("this", known.setdefault(node.name.casefold(), node.name))
