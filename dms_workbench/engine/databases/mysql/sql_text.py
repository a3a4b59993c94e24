"""SQL as the server prints it, without what binds it to one database or one user."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .capabilities import literal, quote

TOKEN = re.compile(r"(?s)'(?:[^'\\]|''|\\.)*'|\"(?:[^\"\\]|\"\"|\\.)*\"|`(?:[^`]|``)*`|/\*.*?\*/|[^'\"`/]+|.")
NAME = r"(?:`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\"|[^\s@`\"]+)"
DEFINER = re.compile(rf"(?is)\A(CREATE(?:\s+OR\s+REPLACE)?)\s+DEFINER\s*=\s*{NAME}(?:@{NAME})?")
PARSING_MODES = frozenset(
    ("ANSI_QUOTES", "PIPES_AS_CONCAT", "NO_BACKSLASH_ESCAPES", "IGNORE_SPACE", "HIGH_NOT_PRECEDENCE", "ORACLE", "ANSI")
)
"""Modes under which the same text is read otherwise."""
PARTITIONS = re.compile(r"(?s)\n(?:/\*!\d+)? ?PARTITION BY (?P<key>.*?)(?: ?\*/)?\s*\Z")
ESCAPED_QUOTE = re.compile(r"\\'")


def tokens(sql: str) -> list[str]:
    """Strings, quoted identifiers and what is between them."""
    return TOKEN.findall(sql)


def is_name(token: str) -> bool:
    """Is it an identifier in backquotes?"""
    return token.startswith("`")


def unquoted(token: str) -> str:
    """The identifier in backquotes."""
    return token[1:-1].replace("``", "`")


def without_database(sql: str, database: str) -> str:
    """SQL as the server prints it, with the database's own name taken from before its tables and routines.

    Where the same word is also an alias, only names that cannot mean the alias lose it.
    """
    if quote(database) not in sql:
        return sql
    parts = tokens(sql)
    own = [
        at for at, token in enumerate(parts) if token == quote(database) and follows(parts, at) and not led(parts, at)
    ]
    alias = any(
        token == quote(database) and not follows(parts, at) and not led(parts, at) for at, token in enumerate(parts)
    )
    if alias:
        own = [at for at in own if follows(parts, at + 2) or names_relation(parts, at)]
    for at in own:
        parts[at], parts[at + 1] = "", parts[at + 1][1:]
    return "".join(parts)


def follows(parts: list[str], at: int) -> bool:
    """Does a point and another name follow?"""
    return at + 2 < len(parts) and parts[at + 1] == "." and is_name(parts[at + 2])


def led(parts: list[str], at: int) -> bool:
    """Does a point stand before it?"""
    return at > 0 and parts[at - 1].endswith(".")


def names_relation(parts: list[str], at: int) -> bool:
    """Does it stand where a table is named?"""
    before = parts[at - 1].rstrip().lower() if at else ""
    return bool(re.search(r"(?:\bfrom|\bjoin|\()[\s(]*\Z", before))


def relations_of(sql: str, database: str, known: set[str]) -> Iterator[str]:
    """The tables and views of the database that SQL printed by the server names, each once."""
    parts, seen = tokens(sql), set()
    for at, token in enumerate(parts):
        if token == quote(database) and follows(parts, at) and not led(parts, at):
            name = unquoted(parts[at + 2])
            if name in known and name not in seen:
                seen.add(name)
                yield name


def without_definer(statement: str) -> str:
    """A CREATE statement that whoever runs it becomes the definer of."""
    return DEFINER.sub(r"\1", statement, count=1)


def under_mode(statement: str, mode: str | None, *, mariadb: bool, time_zone: str | None = None) -> str:
    """The statement so that it is read under a ``sql_mode`` and what it makes keeps it; MySQL has no such form."""
    if not mariadb or mode is None:
        return statement
    if PARSING_MODES.intersection(mode.upper().split(",")):
        statement = f"EXECUTE IMMEDIATE {literal(statement)}"
    zone = f", time_zone = {literal(time_zone)}" if time_zone else ""
    return f"SET STATEMENT sql_mode = {literal(mode)}{zone} FOR {statement}"


def partition_clause(statement: str) -> str | None:
    """What follows PARTITION BY in what SHOW CREATE TABLE says; None where nothing does."""
    match = PARTITIONS.search(statement)
    return match["key"].strip() if match else None


def mysql_unescaped(expression: str) -> str:
    """An expression of MySQL's catalogue, which escapes the quotes of its string literals once too often."""
    return ESCAPED_QUOTE.sub("'", expression)
