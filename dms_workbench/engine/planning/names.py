"""Names that the target cannot hold or keep apart: found before anything is made; those of indexes and constraints given anew."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...kernel.errors import WorkbenchError
from ..databases.capabilities import Capabilities
from ..databases.catalogue import Catalogue, Table, TableName
from .errors import NameNotPossible, NothingToCopy, raise_all
from .plan import PlannedTable

HASH_LETTERS = 8


def check_names(tables: Sequence[PlannedTable], can: Capabilities, present: Catalogue) -> None:
    """Raise what is wrong with the names of tables and columns that are to be made, all of it at once.

    NameNotPossible for a name, NothingToCopy for a table without columns to copy.
    """
    errors: list[WorkbenchError] = [NothingToCopy(table=of.source.name.name) for of in tables if not of.columns]
    made = {of.target.name: of for of in tables if of.creates}
    others = [table.name for table in present.tables if table.name not in made]
    errors += together([*others, *made], "table", can, folds=can.folds_table_names)
    for name, table in made.items():
        errors += impossible(name.name, "table", can)
        columns = [column.name for column in table.target.columns]
        what = f"column of {name.name}"
        errors += together([TableName(None, column) for column in columns], what, can, folds=can.folds_column_names)
        for column in columns:
            errors += impossible(column, what, can)
    raise_all(errors)


def impossible(name: str, what: str, can: Capabilities) -> Iterator[WorkbenchError]:
    """What is wrong with a name that is empty, too long, or the database's own."""
    reasons = [why for pattern, why in can.impossible_names if re.match(pattern, name)]
    if "\0" in name:
        reasons.append("a name must not hold the NUL character")
    if too_long(name, can):
        most = (
            f"{can.identifier_characters} characters" if can.identifier_characters else f"{can.identifier_bytes} bytes"
        )
        reasons.append(f"a name has at most {most}")
    if reasons:
        yield NameNotPossible(database=can.product, what=what, name=repr(name), reason=reasons[0])


def too_long(name: str, can: Capabilities) -> bool:
    """Is a name beyond the target's limit?"""
    characters = can.identifier_characters is not None and len(name) > can.identifier_characters
    return characters or len(name.encode("utf-8", "surrogatepass")) > can.identifier_bytes


def together(names: Iterable[TableName], what: str, can: Capabilities, *, folds: bool) -> Iterator[WorkbenchError]:
    """The names that are one to the database."""
    groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for name in names:
        folded = name.name.lower() if folds else name.name
        groups[str(name.schema), folded].append(name.name)
    for alike in groups.values():
        if len(alike) < 2:
            continue
        first, *rest = alike
        shown = ", ".join(map(repr, rest))
        reason = f"it does not tell {shown} from it"
        yield NameNotPossible(database=can.product, what=what, name=repr(first), reason=reason)


@dataclass(slots=True)
class NewNames:
    """Gives names to indexes and constraints that the target cannot have as they are, always the same ones."""

    can: Capabilities
    taken: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By the scope in which they must differ."""
    changes: dict[tuple[TableName, str, str], str] = field(default_factory=dict)
    """Table, kind and name of the source, with the new name."""

    def reserve(self, catalogue: Catalogue, tables: Iterable[TableName]) -> None:
        """Names that are in use: those of the target, and of the tables to be made."""
        views = [view.name for view in catalogue.views]
        for name in [*tables, *views, *(sequence.name for sequence in catalogue.sequences)]:
            self.taken[self.table_scope(name)].add(self.folded(name.name))
        for table in catalogue.tables:
            self.taken[self.table_scope(table.name)].add(self.folded(table.name.name))
            for kind, things in named_parts(table):
                for thing in things:
                    self.taken[self.scope(kind, table.name)].add(self.folded(thing.name))

    def table_scope(self, name: TableName) -> str:
        """Where tables must differ."""
        return f"relations of {name.schema}"

    def scope(self, kind: str, table: TableName) -> str:
        """Where names of a kind must differ."""
        is_index = kind == "index" or (kind in ("primary key", "unique key") and self.can.keys_are_indexes)
        if is_index:
            if self.can.index_names_per_table:
                return f"indexes of {table}"
            return self.table_scope(table) if self.can.indexes_share_table_names else f"indexes of {table.schema}"
        return f"constraints of {table if self.can.foreign_key_names_per_table else table.schema}"

    def folded(self, name: str) -> str:
        """A name as it is compared."""
        return name.lower() if self.can.folds_table_names or self.can.folds_column_names else name

    def settled(self, table: Table) -> Table:
        """The table with names that the target can have and has not given yet."""
        changed: dict[str, Any] = {}
        for kind, things in named_parts(table):
            new = tuple(self.named(kind, table.name, thing) for thing in things)
            changed[FIELDS[kind]] = new
        if "primary_key" in changed:
            changed["primary_key"] = changed["primary_key"][0]
        for kind, field_name in FIELDS.items():
            if field_name in changed and kind != "primary key":
                new = iter(changed[field_name])
                changed[field_name] = tuple(next(new) if part.name else part for part in getattr(table, field_name))
        return replace(table, **changed)

    def named(self, kind: str, table: TableName, thing: Any) -> Any:
        """A part of a table with a name that can be."""
        scope = self.taken[self.scope(kind, table)]
        name = thing.name
        candidates = (name, f"{table.name}_{name}", f"{table.name}_{name}_{hashed(f'{table}.{name}')}")
        for candidate in candidates:
            short = shortened(candidate, self.can)
            if self.folded(short) not in scope:
                break
        scope.add(self.folded(short))
        if short == name:
            return thing
        self.changes[table, kind, name] = short
        return replace(thing, name=short, **({"definition": None} if hasattr(thing, "definition") else {}))


FIELDS = {
    "primary key": "primary_key",
    "unique key": "unique_keys",
    "foreign key": "foreign_keys",
    "check": "checks",
    "index": "indexes",
}


def named_parts(table: Table) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The parts of a table that have names, by kind."""
    for kind, field_name in FIELDS.items():
        held = getattr(table, field_name)
        things = tuple(
            part for part in (held if isinstance(held, tuple) else (held,)) if part is not None and part.name
        )
        if things:
            yield kind, things


def shortened(name: str, can: Capabilities) -> str:
    """A name within the target's limit: its beginning and a hash of the whole."""
    if not too_long(name, can):
        return name
    tail = f"_{hashed(name)}"
    while too_long(name + tail, can):
        name = name[:-1]
    return name + tail


def hashed(name: str) -> str:
    """A few letters that stand for a name."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_LETTERS]
