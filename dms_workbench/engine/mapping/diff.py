"""What is different between two mappings, entry by entry, in words and as data."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Mapped
from dataclasses import dataclass
from typing import Literal

from .model import ColumnMap, Decision, Join, Mapping, TableMap
from .rewrite import aligned
from .wanted import lookup_wanted
from .write import column_parts, decision_parts, join_of, table_parts, type_of

MADE = ("source", "expression", "constant")
Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different."""

    kind: Kind
    entry: str
    """``table``, ``column``, ``join``, ``lookup``, ``type`` or ``file``."""
    where: str
    """The target table, with the column or join; the lookup or source type; empty for the file."""
    field: str
    """What of it: ``made of``, ``owner``, ``decision`` …; empty where the entry came or went as a whole."""
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.kind == "added":
            return f"+ {self.entry} {self.where}: {self.after}"
        if self.kind == "removed":
            return f"- {self.entry} {self.where}: {self.before}"
        place = f"{self.entry} {self.where}".strip()
        return f"~ {place}, {self.field}: {self.before or 'none'} → {self.after or 'none'}"


def diff_mappings(first: Mapping, second: Mapping) -> tuple[Change, ...]:
    """What leads from the first mapping to the second; order and layout do not count, nor does what a file was based on."""
    return tuple(changes(first, second))


def changes(first: Mapping, second: Mapping) -> Iterator[Change]:
    """All changes: of the file, its lookups and types, then table by table."""
    yield from of_fields("file", "", head(first), head(second))
    yield from of_entries("lookup", "", lookups(first), lookups(second))
    yield from of_entries("type", "", types(first), types(second))
    before, after = aligned(first.tables, second.tables)
    old, new = dict(zip(before, first.tables, strict=True)), dict(zip(after, second.tables, strict=True))
    for key in {**old, **new}:
        if key not in new:
            yield Change("removed", "table", old[key].target, "", f"from {old[key].source}", None)
        elif key not in old:
            yield Change("added", "table", new[key].target, "", None, f"from {new[key].source}")
            yield from of_columns(None, new[key])
        else:
            yield from of_table(old[key], new[key])


def head(mapping: Mapping) -> dict[str, str]:
    """What is said of the file as a whole."""
    fields = {"name": mapping.name, "source": mapping.source_fingerprint, "target": mapping.target_fingerprint}
    return {name: value for name, value in fields.items() if value is not None}


def lookups(mapping: Mapping) -> dict[str, str]:
    """Each lookup in one line."""
    return {lookup.name: lookup_wanted(lookup).flow for lookup in mapping.lookups}


def types(mapping: Mapping) -> dict[str, str]:
    """What each source type becomes."""
    return {each.pattern: type_of(each) for each in mapping.types}


def of_table(old: TableMap, new: TableMap) -> Iterator[Change]:
    """One table map that is in both."""
    inner = ("columns", "joins", "decision")
    yield from of_fields("table", new.target, without(table_parts(old), inner), without(table_parts(new), inner))
    yield from of_fields("table", new.target, decided(old.decision), decided(new.decision))
    yield from of_entries("join", new.target, joins(old.joins), joins(new.joins))
    yield from of_columns(old, new)


def joins(of: tuple[Join, ...]) -> dict[str, str]:
    """Each join in one line."""
    return {join.name: join_of(join) for join in of}


def of_columns(old: TableMap | None, new: TableMap) -> Iterator[Change]:
    """The columns of a table map."""
    before = {column.target: column for column in (old.columns if old is not None else None) or ()}
    after = {column.target: column for column in new.columns or ()}
    for name in {**before, **after}:
        where = f"{new.target}.{name}"
        if name not in after:
            yield Change("removed", "column", where, "", whole(before[name]), None)
        elif name not in before:
            yield Change("added", "column", where, "", None, whole(after[name]))
        else:
            yield from of_fields("column", where, fields(before[name]), fields(after[name]))


def whole(column: ColumnMap) -> str:
    """A column in few words."""
    parts = fields(column)
    made = parts.pop("made of", "nothing")
    return made + (f" ({', '.join(f'{name} {part}' for name, part in parts.items())})" if parts else "")


def fields(column: ColumnMap) -> dict[str, str]:
    """What is said of a column."""
    parts = column_parts(column)
    made = next((parts[key] if key == "source" else f"{key} {parts[key]}" for key in MADE if key in parts), None)
    return ({} if made is None else {"made of": made}) | without(parts, (*MADE, "decision")) | decided(column.decision)


def decided(decision: Decision | None) -> dict[str, str]:
    """A decision in words."""
    if decision is None:
        return {}
    parts = decision_parts(decision)
    said = parts.pop("status") + (f" by {parts.pop('by')}" if "by" in parts else "")
    said += f" at {parts.pop('at')}" if "at" in parts else ""
    return {"decision": ", ".join([said, *(f"{name} {part}" for name, part in parts.items())])}


def without(parts: Mapped[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """The parts but some."""
    return {name: part for name, part in parts.items() if name not in names}


def of_entries(entry: str, place: str, before: Mapped[str, str], after: Mapped[str, str]) -> Iterator[Change]:
    """Entries that came, went or changed as a whole."""
    for name in {**before, **after}:
        where = f"{place}.{name}" if place else name
        if name not in after:
            yield Change("removed", entry, where, "", before[name], None)
        elif name not in before:
            yield Change("added", entry, where, "", None, after[name])
        elif before[name] != after[name]:
            yield Change("changed", entry, where, "made of", before[name], after[name])


def of_fields(entry: str, where: str, before: Mapped[str, str], after: Mapped[str, str]) -> Iterator[Change]:
    """Fields of an entry that is in both."""
    for name in {**before, **after}:
        if before.get(name) != after.get(name):
            yield Change("changed", entry, where, name, before.get(name), after.get(name))


__all__ = ["Change", "diff_mappings"]
