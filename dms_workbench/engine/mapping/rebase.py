"""A mapping for schemas that have changed: what is gone, renamed, of another type or new becomes an open point of the file.

Nothing is dropped, and nothing that was decided is decided anew: a line that a change touches stays and is open, with its
former name in the remark, until someone looks at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from ..databases.catalogue import Catalogue
from .check import check_mapping, found
from .errors import Problem
from .model import ColumnMap, Decision, Mapping, TableMap
from .places import Places
from .reads import names_read
from .schema_changes import SchemaChanges, Successor, changes_between, changes_by_name

if TYPE_CHECKING:
    from ..databases.base import Database

SideName = Literal["source", "target"]
LIKELY = 0.6
"""From there on the new name is written into the file, open; below, it is a candidate."""
CANDIDATES, LEAST = 3, 0.3
"""How many candidates a new column is given, and how sure the least of them is."""

Kind = Literal["gone", "renamed", "retyped", "new", "expression"]


@dataclass(frozen=True, slots=True)
class Side:
    """One schema: as it was when the mapping was made, if that is kept, and as it is."""

    before: Catalogue | None
    now: Catalogue
    database: Database


@dataclass(frozen=True, slots=True)
class RebaseFinding:
    """One thing that a change of a schema means for the mapping."""

    kind: Kind
    side: SideName
    table: str
    column: str
    """Empty where it is about the table."""
    message: str
    line: int = 0
    """In the mapping file as it was, from 1; 0 if it stands nowhere in it."""
    place: int = 0
    """The column in that line."""
    successor: str = ""
    """What it seems to be now."""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Rebased:
    """The mapping for the schemas as they are."""

    mapping: Mapping
    findings: tuple[RebaseFinding, ...]
    problems: tuple[Problem, ...]
    """What the check says of the mapping as it was, against the schemas as they are."""


@dataclass
class Rebase:
    """One mapping that is taken to changed schemas."""

    mapping: Mapping
    source: SchemaChanges
    target: SchemaChanges
    by: str
    at: str
    findings: list[RebaseFinding] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Where things stand in the file."""
        self.places = Places(self.mapping.text)

    def say(self, finding: RebaseFinding) -> str:
        """Note a finding, once; gives its message."""
        if finding not in self.findings:
            self.findings.append(finding)
        return finding.message

    def table(self, number: int, table: TableMap) -> TableMap:
        """One table map: its tables, its filter, then its columns."""
        new, remarks = table, []
        at = self.places.at
        source, target = self.source.tables_gone, self.target.tables_gone
        if table.source in source:
            remarks.append(
                self.gone("source", (table.source, ""), source[table.source], at("tables", number, "source"))
            )
            new = replace(new, source=now_named(source[table.source], table.source))
        if table.target in target:
            remarks.append(
                self.gone("target", (table.target, ""), target[table.target], at("tables", number, "target"))
            )
            new = replace(new, target=now_named(target[table.target], table.target))
        if table.where is not None:
            remarks += self.in_text(table, table.where, at("tables", number, "where"), "the filter")
        if table.columns is not None:
            new = replace(new, columns=tuple(self.column(number, table, column) for column in table.columns))
        if not remarks:
            return new
        best = source.get(table.source) or target.get(table.target)
        return replace(new, remark=remark_with(table.remark, remarks), decision=self.opened(table.decision, best))

    def column(self, number: int, table: TableMap, column: ColumnMap) -> ColumnMap:
        """One column map."""
        place = self.places.key("tables", number, "columns", column.target)
        new, remarks = column, []
        best = None
        if column.source is not None:
            key = (table.source, column.source)
            if key in self.source.columns_gone:
                best = self.source.columns_gone[key]
                remarks.append(self.gone("source", key, best, place))
                new = replace(new, source=now_named(best, column.source))
            remarks += self.retyped("source", self.source, key, place)
        if column.expression is not None:
            remarks += self.in_text(table, column.expression, place, "the expression")
        key = (table.target, column.target)
        if key in self.target.columns_gone:
            to = self.target.columns_gone[key]
            best = best or to
            remarks.append(self.gone("target", key, to, place))
            new = replace(new, target=now_named(to, column.target))
        remarks += self.retyped("target", self.target, key, place)
        if not remarks:
            return new
        return replace(new, remark=remark_with(column.remark, remarks), decision=self.opened(column.decision, best))

    def opened(self, old: Decision | None, to: Successor | None) -> Decision:
        """The decision, open again; what was turned down stays so."""
        sure = None if to is None else round(to.confidence, 2)
        return replace(old or Decision("open"), status="open", by=self.by, at=self.at, confidence=sure)

    def gone(self, side: SideName, name: tuple[str, str], to: Successor | None, place: tuple[int, int]) -> str:
        """Say that a table or column is not there under its name; gives the remark."""
        what = f"{side} {'column' if name[1] else 'table'} {'.'.join(part for part in name if part)}"
        if to is None:
            return self.say(RebaseFinding("gone", side, *name, f"{what} is gone", *place))
        message = f"{what} seems to be {to.name} now ({to.confidence:.0%} sure: {to.reason})"
        self.say(RebaseFinding("renamed", side, *name, message, *place, to.name, to.confidence))
        return f"{what} seems to be {to.name} now"

    def retyped(
        self, side: SideName, changes: SchemaChanges, key: tuple[str, str], place: tuple[int, int]
    ) -> Iterator[str]:
        """Say that a column has another type."""
        if key in changes.retyped:
            before, now = changes.retyped[key]
            message = f"{side} column {'.'.join(key)} was {before} and is {now} now"
            yield self.say(RebaseFinding("retyped", side, *key, message, *place))

    def in_text(self, table: TableMap, text: str, place: tuple[int, int], what: str) -> Iterator[str]:
        """What changes of the source mean for an expression that reads columns."""
        for name in names_read(text):
            key = (table.source, name)
            if key in self.source.columns_gone:
                to = self.source.columns_gone[key]
                hint = f", which seems to be {to.name} now ({to.confidence:.0%} sure)" if to else ", which is gone"
                message = f"{what} reads {'.'.join(key)}{hint}"
                sure = None if to is None else to.confidence
                finding = RebaseFinding("expression", "source", *key, message, *place, to.name if to else "", sure)
                yield self.say(finding)
            if key in self.source.retyped:
                before, now = self.source.retyped[key]
                message = f"{what} reads {'.'.join(key)}, which was {before} and is {now} now"
                yield self.say(RebaseFinding("retyped", "source", *key, message, *place))


def now_named(to: Successor | None, former: str) -> str:
    """The name to write: what is gone without a likely successor stays as it was, so that the check finds it."""
    return former if to is None or to.confidence < LIKELY else to.name


def remark_with(remark: str | None, said: Sequence[str]) -> str:
    """A remark with what happened after what stood there."""
    there = remark or ""
    return "; ".join([*([there] if there else []), *(each for each in dict.fromkeys(said) if each not in there)])


def rebase_mapping(mapping: Mapping, source: Side, target: Side | None, *, by: str, at: str) -> Rebased:
    """Take a mapping to its schemas as they are now; the text of the answer is still the old one.

    target: None where there is nothing yet. by, at: who and when (ISO 8601, UTC), for the decisions that are open again.
    """
    rebase = Rebase(mapping, changes_of(mapping, source, "source"), changes_of(mapping, target, "target"), by, at)
    tables = [rebase.table(number, table) for number, table in enumerate(mapping.tables)]
    if target is not None:
        tables = list(with_new_columns(rebase, tables, source.now, target.now))
    news_of_source(rebase, tables)
    new = replace(
        mapping,
        tables=tuple(tables),
        source_fingerprint=source.now.fingerprint(),
        target_fingerprint=None if target is None else target.now.fingerprint(),
    )
    return Rebased(new, tuple(rebase.findings), tuple(new_problems(mapping, source, target)))


def changes_of(mapping: Mapping, side: Side | None, name: SideName) -> SchemaChanges:
    """What has become of one schema."""
    if side is None:
        return SchemaChanges()
    if side.before is not None:
        return changes_between(side.before, side.now, side.database)
    used: dict[str, list[str]] = {}
    for table in mapping.tables:
        names = used.setdefault(getattr(table, name), [])
        for column in table.columns or ():
            if name == "target":
                names.append(column.target)
            else:
                names += [column.source] if column.source is not None else names_read(column.expression)
        names += [*table.ignore, *names_read(table.where)] if name == "source" else []
    plain = {table: [each for each in dict.fromkeys(names) if "." not in each] for table, names in used.items()}
    return changes_by_name(plain, side.now)


def with_new_columns(
    rebase: Rebase, tables: Sequence[TableMap], source: Catalogue, target: Catalogue
) -> Iterator[TableMap]:
    """The table maps with the target's new columns, open, with the matcher's candidates."""
    new = list(rebase.target.columns_new)
    if not rebase.target.known:
        new = [(table.target, name) for table in tables for name in unmapped(table, target)]
    candidates = candidates_for(source, target) if new else {}
    for table in tables:
        names = [name for of, name in dict.fromkeys(new) if of == table.target]
        if table.columns is None:
            yield table
            continue
        mapped = {column.target for column in table.columns}
        added = []
        for name in names:
            if name not in mapped:
                found_for = candidates.get((table.target, name), ())
                decision = Decision("open", by=rebase.by, at=rebase.at, candidates=found_for)
                added.append(ColumnMap(name, decision=decision))
                hint = f"; perhaps made of {', '.join(found_for)}" if found_for else ""
                message = f"target column {table.target}.{name} is new{hint}"
                rebase.say(RebaseFinding("new", "target", table.target, name, message))
        yield replace(table, columns=(*table.columns, *added))


def unmapped(table: TableMap, target: Catalogue) -> list[str]:
    """Target columns that a table map says nothing of."""
    there = found(target, table.target)
    if there is None or table.columns is None:
        return []
    mapped = {column.target for column in table.columns}
    return [column.name for column in there.columns if column.generated is None and column.name not in mapped]


def candidates_for(source: Catalogue, target: Catalogue) -> dict[tuple[str, str], tuple[str, ...]]:
    """What the matcher would make each target column of, best first."""
    from ..matching import outline_of, suggest

    return {
        (each.table, each.column): tuple(
            f"{one.table}.{one.column}" for one in each.candidates[:CANDIDATES] if one.confidence >= LEAST
        )
        for each in suggest(outline_of(source), outline_of(target)).columns
    }


def news_of_source(rebase: Rebase, tables: Sequence[TableMap]) -> None:
    """Say which source columns and tables are new: they are to be mapped or ignored."""
    mapped = {table.source for table in tables}
    for table, column in rebase.source.columns_new:
        if table in mapped:
            message = f"source column {table}.{column} is new: map it or list it under ignore"
            rebase.say(RebaseFinding("new", "source", table, column, message))
    for table in rebase.source.tables_new:
        rebase.say(RebaseFinding("new", "source", table, "", f"source table {table} is new; nothing is made of it"))


def new_problems(mapping: Mapping, source: Side, target: Side | None) -> list[Problem]:
    """What the check says of the mapping as it was that it did not say of the former schemas."""
    plain = replace(mapping, source_fingerprint=None, target_fingerprint=None)
    known: set[Problem] = set()
    if source.before is not None:
        before = target.before if target is not None else None
        known = set(check_mapping(plain, source.before, before))
    return [each for each in check_mapping(plain, source.now, target.now if target else None) if each not in known]
