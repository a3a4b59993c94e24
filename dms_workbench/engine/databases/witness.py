"""Looking at a session from another one: what it waits for, and how to end it at the server."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .catalogue import Table

LITERALS = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"(?=\s*[,)=<>])|\$(\w*)\$.*?\$\1\$|(?<![\w.])\d[\w.]*", re.DOTALL
)
SHOWN_CHARACTERS = 120
WITNESS_SECONDS = 5.0
"""How long a question of a witness may take."""
TableState = Mapping[str, str]
"""What stands for the structure of a table: one entry a column, and ``""`` for the table itself."""


class Witness:
    """Looks at the sessions of one side of a run. This one is for products without sessions: everything is well."""

    def is_alive(self, side: Any) -> bool:  # noqa: ARG002
        """Does the session of a source or target still answer?"""
        return True

    def table_state(self, side: Any, table: Table) -> TableState:  # noqa: ARG002
        """The structure of a table at this moment; {} if it is gone. Cheap enough for every chunk."""
        return {}

    def table_states(self, side: Any, tables: Sequence[Table]) -> Sequence[TableState]:
        """As `table_state`, of several tables."""
        return [self.table_state(side, table) for table in tables]

    def check_snapshot(self, source: Any, tables: Sequence[Table]) -> None:
        """Raise SnapshotLost if a table that has been counted under the snapshot is not what it was when it was taken."""

    def doubts(self, target: Any) -> Sequence[str]:  # noqa: ARG002
        """What a user should know of a server before trusting it with rows."""
        return ()

    def spare_sessions(self, side: Any) -> int | None:  # noqa: ARG002
        """How many sessions more the server takes; None if nothing limits them."""
        return None

    def number(self, side: Any) -> int | None:  # noqa: ARG002
        """The server's number of a session, known without asking it."""
        return None

    def is_busy(self, side: Any) -> bool:  # noqa: ARG002
        """Is the session in the middle of something that the server has to do? True where that cannot be told."""
        return False

    def blocked_by(self, number: int) -> str:  # noqa: ARG002
        """Who holds the lock that a session waits for, as a clause without values; empty if it waits for none."""
        return ""

    def signs_of_life(self, number: int) -> str:  # noqa: ARG002
        """What the server shows of a session's work; it changes while the session gets on, and may stay the same then too."""
        return ""

    def end(self, number: int) -> None:
        """End a session at the server, should it be there still."""

    def close(self) -> None:
        """Close the witness's own session, which is opened when it is first needed."""


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
