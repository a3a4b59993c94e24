"""Names that the target cannot hold or keep apart, found before anything is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..databases.base import Capabilities, Database
from ..databases.catalogue import Catalogue
from .errors import NameNotPossible, NothingToCopy
from .plan import PlannedTable

FOLDING = frozenset(("sqlite", "duckdb"))
"""Databases in which names that differ by capitals only are one name."""


def check_names(tables: Sequence[PlannedTable], target: Database, present: Catalogue) -> None:
    """Raise NameNotPossible for a table or column that is to be made, NothingToCopy for a table without columns to copy."""
    can = target.can
    for planned in tables:
        if not planned.columns:
            raise NothingToCopy(table=planned.source.name.name)
    made = {table.target.name.name: table.target for table in tables if table.creates}
    others = [table.name.name for table in present.tables if table.name.name not in made]
    check_apart([*others, *made], "table", can)
    for name, table in made.items():
        check_name(name, "table", can)
        columns = [column.name for column in table.columns]
        check_apart(columns, f"column of {name}", can)
        for column in columns:
            check_name(column, f"column of {name}", can)


def check_name(name: str, what: str, can: Capabilities) -> None:
    """Raise NameNotPossible for a name that is empty, too long, or the database's own."""
    reason = ""
    if not name and can.database != "sqlite":
        reason = "a name must not be empty"
    elif "\0" in name:
        reason = "a name must not hold the NUL character"
    elif len(name.encode("utf-8", "surrogatepass")) > can.identifier_bytes:
        reason = f"a name has at most {can.identifier_bytes} bytes"
    elif can.database == "sqlite" and what == "table" and name.lower().startswith("sqlite_"):
        reason = "names that begin with sqlite_ are its own"
    if reason:
        raise NameNotPossible(database=can.database, what=what, name=repr(name), reason=reason)


def check_apart(names: Iterable[str], what: str, can: Capabilities) -> None:
    """Raise NameNotPossible if two names are one to the database."""
    taken: dict[str, str] = {}
    for name in names:
        key = name.lower() if can.database in FOLDING else name
        if key in taken:
            reason = f"it does not tell it from {taken[key]!r}"
            raise NameNotPossible(database=can.database, what=what, name=repr(name), reason=reason)
        taken[key] = name
