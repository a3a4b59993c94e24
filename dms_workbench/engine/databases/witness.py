"""Looking at a session from another one: what it waits for, and how to end it at the server."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from .catalogue import Table

LITERALS = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"(?=\s*[,)=<>])|\$(\w*)\$.*?\$\1\$|(?<![\w.])\d[\w.]*", re.DOTALL
)
SHOWN_CHARACTERS = 120
TableState = Mapping[str, str]
"""What stands for the structure of a table: one entry a column, and ``""`` for the table itself."""


class Witness(Protocol):
    """A session beside those of a run, opened when something takes long."""

    def number(self, connection: Any) -> int:
        """The server's number of a session, asked of the driver, not of the server."""
        ...

    def blocked_by(self, number: int) -> str:
        """Who holds the lock that a session waits for, as a clause without values; empty if it waits for none."""
        ...

    def end(self, number: int) -> None:
        """End a session at the server, should it be there still."""
        ...

    def close(self) -> None:
        """Close its own session; may be called twice."""
        ...


class Witnessed(Protocol):
    """What a source or target may offer beyond its protocol; who uses one of these asks whether it is there."""

    def is_alive(self) -> bool:
        """Does the session still answer?"""
        ...

    def table_state(self, table: Table) -> TableState:
        """The structure of a table at this moment; {} if it is gone. Cheap enough for every chunk."""
        ...

    def doubts(self) -> Sequence[str]:
        """What a user should know of this server before trusting it with rows."""
        ...


def without_values(sql: str) -> str:
    """The beginning of a statement, its literals replaced."""
    text = " ".join(LITERALS.sub("?", sql).split())
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]} …"


def difference(before: TableState, now: TableState) -> str:
    """What is different in a table, as a clause; empty if nothing is."""
    if before == now:
        return ""
    if not now:
        return "it is gone"
    if not before:
        return "it is new"
    gone = [name for name in before if name and name not in now]
    new = [name for name in now if name and name not in before]
    other = [name for name in before if name and name in now and before[name] != now[name]]
    said = [f"the column {name} is gone" for name in gone]
    said += [f"the column {name} is new" for name in new]
    said += [f"the column {name} was {before[name]} and is {now[name]}" for name in other]
    return "; ".join(said) or "another table has its name"
