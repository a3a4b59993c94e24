"""Full-text tables, read where their module keeps what was entered.

The module itself is never started: asking it would run its own statements in a file that is only to be read. A full-text
table with content of its own has a table ``NAME_content``, of which FTS5 names the columns c0, c1 … and FTS3 and FTS4 after
the columns themselves (c0title). One without such a table (contentless, or over another table's rows) holds no rows of
its own and stays an object that is told. Format: https://www.sqlite.org/fts5.html#fts5_data_structures and fts3.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..catalogue import Column, DataType, Table, TableName
from ..tokens import parts, tokens
from .capabilities import quote
from .definition import virtual_module
from .described import Entry, Query
from .position import ROWID_NAMES

FULL_TEXT = ("fts3", "fts4", "fts5")
CONTENT_COLUMNS = "SELECT name FROM pragma_table_xinfo(?, 'main') WHERE hidden = 0 ORDER BY cid"
NUMBERED = re.compile(r"c(\d+)(.*)", re.DOTALL)
TEXT = DataType("text", "TEXT")


def full_text_tables(query: Query, entries: list[Entry]) -> Iterator[Table]:
    """The full-text tables that hold rows of their own."""
    for entry in entries:
        module = virtual_module(entry.sql) if entry.kind == "table" else None
        if module in FULL_TEXT and (table := full_text_table(query, entry, module)) is not None:
            yield table


def full_text_table(query: Query, entry: Entry, module: str) -> Table | None:
    """One of them; None where its content is not its own, or not in the form that is known."""
    content = f"{entry.name}_content"
    kept = [NUMBERED.fullmatch(name) for (name,) in query(CONTENT_COLUMNS, (content,))]
    numbered = [match for match in kept if match is not None]
    names = declared_columns(entry.sql or "") if module == "fts5" else [match[2] for match in numbered]
    if not numbered or len(names) != len(numbered):
        return None
    columns = ", ".join(f"{quote(match[0])} AS {quote(name)}" for match, name in zip(numbered, names, strict=True))
    free = next((f"rowid AS {name}, " for name in ROWID_NAMES if name not in {each.lower() for each in names}), "")
    rows = f"(SELECT {free}{columns} FROM main.{quote(content)})"
    return Table(
        TableName(None, entry.name, rows_in=rows),
        tuple(Column(name, TEXT) for name in names),
        options=(("virtual", module), ("definition", entry.sql or "")),
    )


def declared_columns(sql: str) -> list[str]:
    """The columns of an FTS5 statement: its arguments without an equals sign."""
    arguments = parts(list(tokens(sql)))
    return [argument[0].name for argument in arguments if all(token.text != "=" for token in argument)]
