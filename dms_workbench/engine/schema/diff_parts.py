"""A catalogue taken apart into objects that are found again on the other side, each with its facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..databases.catalogue import Column, DataType, ForeignKey, Index, Key, Table, View
from .diff_terms import Side, Terms, default_of

PartKey = tuple[Any, ...]
KINDS = frozenset((
    "type", "sequence", "table", "column", "primary key", "unique key", "foreign key", "check", "exclusion constraint",
    "index", "view", "materialized view", "function", "procedure", "aggregate", "window", "trigger", "policy", "rule",
))  # fmt: skip
"""Objects that have a form of their own here."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of an object. form: how it is compared: ``plain``, ``type``, ``sql``, or ``shown`` (by its text)."""

    value: Any
    form: str = "plain"

    @property
    def text(self) -> str | None:
        """As people read it; None for nothing."""
        return shown(self.value)


@dataclass(frozen=True, slots=True)
class Part:
    """One object."""

    kind: str
    name: str
    table: str | None
    thing: Any
    owner: Any = None
    """The table or view it belongs to."""
    facts: dict[str, Fact] = field(default_factory=dict)
    home: PartKey | None = None
    """The key of the table it belongs to: where that is absent, nothing more is said of the part."""


def shown(value: Any) -> str | None:
    """A fact's value as text."""
    if value is None or value in ((), ""):
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, DataType):
        return value.native
    if isinstance(value, tuple | list):
        return ", ".join(text for text in map(shown, value) if text is not None)
    return str(value)


def parts_of(side: Side, terms: Terms) -> dict[PartKey, Part]:
    """Every object of a side by the key under which the other side has it; the first of namesakes."""
    found: dict[PartKey, Part] = {}
    times: Counter[PartKey] = Counter()
    for key, part in all_parts(side, terms):
        times[key] += 1
        found[key if times[key] == 1 else (*key[:2], ("again", times[key]), *key[2:])] = part
    return found


def all_parts(side: Side, terms: Terms) -> Iterator[tuple[PartKey, Part]]:
    """Every object with its key."""
    catalogue = side.catalogue
    for table in catalogue.tables:
        yield from table_parts(table, side, terms)
    for view in catalogue.views:
        yield from view_parts(view, side, terms)
    for sequence in catalogue.sequences:
        if sequence.owned_by is None or terms.same:
            yield plain_part("sequence", sequence, side, terms, sequence_facts(sequence))
    for type in catalogue.types:
        yield plain_part("type", type, side, terms, type_facts(type, terms))
    for routine in catalogue.routines:
        key, part = plain_part(routine.kind, routine, side, terms, routine_facts(routine, terms))
        yield (*key, routine.signature.casefold() if terms.same else ""), part
    for other in catalogue.others:
        facts = {"definition": Fact(other.definition, "text"), "comment": Fact(other.comment)} if terms.same else {}
        key_name = (other.table or "", other.name)
        kind = f"other {other.kind}" if other.kind in KINDS else other.kind
        yield ("other", other.kind, key_name), Part(kind, other.name, None, other, facts=facts)


def plain_part(kind: str, thing: Any, side: Side, terms: Terms, facts: dict[str, Fact]) -> tuple[PartKey, Part]:
    """An object of the schema itself."""
    if terms.same:
        facts = {**facts, "owner": Fact(thing.owner), "grants": Fact(grants(thing))}
    facts["comment"] = Fact(thing.comment)
    return (kind, terms.table_key(side, thing.name)), Part(kind, side.named(thing.name), None, thing, facts=facts)


def sequence_facts(sequence: Any) -> dict[str, Fact]:
    """Of a sequence."""
    names = ("start", "increment", "minimum", "maximum", "cache", "cycle")
    return {
        **{name: Fact(getattr(sequence.options, name)) for name in names},
        "type": Fact(sequence.type),
        "owned by": Fact(sequence.owned_by),
    }


def type_facts(type: Any, terms: Terms) -> dict[str, Fact]:
    """Of a user type."""
    found = {
        "labels": Fact(type.labels),
        "base": Fact(type.base, "type"),
        "nullability": Fact(type.nullable),
        "default": Fact(type.default, "sql"),
        "checks": Fact(tuple(check.expression for check in type.checks), "shown"),
        "fields": Fact(tuple(f"{column.name} {column.type.native}" for column in type.fields)),
    }
    if type.kind == "range" and terms.same:
        found["definition"] = Fact("; ".join(type.definition), "text")
    return {"kind": Fact(type.kind), **found}


def routine_facts(routine: Any, terms: Terms) -> dict[str, Fact]:
    """Of a routine; its body is compared within one product only."""
    return {"language": Fact(routine.language), "definition": Fact(routine.definition, "text")} if terms.same else {}


def grants(thing: Any) -> tuple[str, ...]:
    """Rights, one text each."""
    return tuple(
        sorted(
            f"{grant.right}{f'({grant.column})' if grant.column else ''} to {grant.to}"
            + (" with grant option" if grant.grantable else "")
            for grant in thing.grants
        )
    )


def table_parts(table: Table, side: Side, terms: Terms) -> Iterator[tuple[PartKey, Part]]:
    """A table and all that belongs to it."""
    name, home = side.named(table.name), ("table", terms.table_key(side, table.name))
    yield home, Part("table", name, None, table, table, table_facts(table, side, terms))
    for column in table.columns:
        key = ("column", home[1], terms.column_key(column.name))
        yield (
            key,
            Part("column", f"{name}.{column.name}", name, column, table, column_facts(column, table, terms), home),
        )
    for kind, key, thing, facts in table_members(table, side, terms):
        member = getattr(thing, "name", None) or f"({', '.join(getattr(thing, 'columns', ()))})"
        yield (kind, home[1], *key), Part(kind, f"{name}.{member}", name, thing, table, facts, home)
    yield from owned_parts(table, name, home, terms)


def table_facts(table: Table, side: Side, terms: Terms) -> dict[str, Fact]:
    """Of a table itself."""
    found = {"order of columns": Fact(tuple(terms.column_key(column.name) for column in table.columns), "order")}
    if terms.same:
        split = table.partitioning
        found |= {
            "owner": Fact(table.owner),
            "grants": Fact(grants(table)),
            "persistence": Fact(table.persistence),
            "options": Fact(options_of(table)),
            "row security": Fact(table.row_security),
            "inheritance": Fact(tuple(map(side.named, table.inherits))),
            "partitioning": Fact(split and split.key, "sql"),
            "partition of": Fact(split and split.parent and f"{side.named(split.parent)} {split.bound or ''}".strip()),
        }
    return {**found, "comment": Fact(table.comment)}


def options_of(table: Table) -> tuple[str, ...]:
    """What only the product knows of a table; the statement that made it is no fact of its own."""
    return tuple(sorted(" ".join(option).strip() for option in table.options if option[0] != "definition"))


def column_facts(column: Column, table: Table, terms: Terms) -> dict[str, Fact]:
    """Of a column."""
    in_key = table.primary_key is not None and column.name in table.primary_key.columns
    makes_numbers = column.identity is not None or column.sequence is not None
    found = {
        "type": Fact(column.type, "type"),
        "nullability": Fact("nullable" if column.nullable and (terms.same or not in_key) else "not null"),
        "default": Fact(column.default if terms.same and not column.identity else default_of(column), "sql"),
        "identity": Fact(column.identity if terms.same else makes_numbers or None),
        "generated": Fact(column.generated, "sql"),
    }
    if terms.same:
        found |= {
            "collation": Fact(column.type.collation),
            "character set": Fact(column.type.charset),
            "stored": Fact(column.stored if column.generated is not None else True),
            "on update": Fact(column.on_update, "sql"),
            "hidden": Fact(column.hidden),
            "options": Fact(tuple(sorted(" ".join(option) for option in column.options))),
        }
    return {**found, "comment": Fact(column.comment)}


Member = tuple[str, PartKey, Any, dict[str, Fact]]


def table_members(table: Table, side: Side, terms: Terms) -> Iterator[Member]:
    """Keys, foreign keys, checks and indexes of a table: kind, key, thing and facts."""
    if table.primary_key is not None:
        yield "primary key", (), table.primary_key, key_facts(table.primary_key, terms, primary=True)
    for key in table.unique_keys:
        yield "unique key", (frozenset(terms.columns_key(key.columns)),), key, key_facts(key, terms)
    for reference in table.foreign_keys:
        pairs = zip(reference.columns, reference.referenced_columns or reference.columns, strict=False)
        columns = frozenset((terms.column_key(one), terms.column_key(other)) for one, other in pairs)
        to = terms.table_key(side, reference.references)
        yield "foreign key", (columns, to), reference, reference_facts(reference, terms)
    for check in table.checks:
        facts = {"expression": Fact(check.expression, "sql")}
        if terms.same:
            facts |= {"name": Fact(check.name), "validated": Fact(check.validated), "comment": Fact(check.comment)}
        yield "check", (check.name or check.expression,), check, facts
    for index in table.indexes:
        if not terms.same and is_unique_key(index):
            key = Key(tuple(part.column or "" for part in index.parts), index.name)
            yield "unique key", (frozenset(terms.columns_key(key.columns)),), key, key_facts(key, terms)
        else:
            yield "index", (index.name,), index, index_facts(index, terms)


def is_unique_key(index: Index) -> bool:
    """Says an index no more than a unique key would?"""
    plain = all(part.column is not None and part.prefix is None for part in index.parts)
    return index.unique and index.where is None and plain


def key_facts(key: Key, terms: Terms, *, primary: bool = False) -> dict[str, Fact]:
    """Of a primary or unique key."""
    found = {"columns": Fact(terms.columns_key(key.columns))}
    if not terms.same:
        return found if primary else {}
    return {
        **found,
        "name": Fact(key.name),
        "included columns": Fact(key.include),
        "nulls not distinct": Fact(key.nulls_not_distinct),
        "deferrable": Fact(key.deferrable),
        "initially deferred": Fact(key.initially_deferred),
        "prefixes": Fact(key.prefixes),
        "comment": Fact(key.comment),
    }


def reference_facts(key: ForeignKey, terms: Terms) -> dict[str, Fact]:
    """Of a foreign key."""
    found: dict[str, Fact] = {}
    if all(one.database.can.keeps_foreign_key_actions for one in (terms.first, terms.second)):
        found |= {"on delete": Fact(action(key.on_delete, terms)), "on update": Fact(action(key.on_update, terms))}
    if terms.same:
        found |= {
            "name": Fact(key.name),
            "match": Fact(key.match),
            "deferrable": Fact(key.deferrable),
            "initially deferred": Fact(key.initially_deferred),
            "validated": Fact(key.validated),
            "comment": Fact(key.comment),
        }
    return found


def action(text: str | None, terms: Terms) -> str | None:
    """A foreign key's action; between products RESTRICT and no action are one."""
    word = (text or "").upper()
    return None if word in ("", "NO ACTION") or (word == "RESTRICT" and not terms.same) else word


def index_facts(index: Index, terms: Terms) -> dict[str, Fact]:
    """Of an index."""
    parts = tuple(
        " ".join(
            filter(None, (
                terms.column_key(part.column) if part.column is not None else f"({part.expression})",
                f"({part.prefix})" if part.prefix and terms.same else "", part.collation if terms.same else "",
                part.operator_class if terms.same else "", "desc" if part.descending else "",
                f"nulls {part.nulls}" if part.nulls and terms.same else "",
            ))
        )
        for part in index.parts
    )  # fmt: skip
    found = {"columns": Fact(parts, "shown"), "unique": Fact(index.unique), "condition": Fact(index.where, "sql")}
    if terms.same:
        found |= {
            "method": Fact(index.method),
            "included columns": Fact(index.include),
            "nulls not distinct": Fact(index.nulls_not_distinct),
            "valid": Fact(index.valid),
            "comment": Fact(index.comment),
        }
    return found


def owned_parts(owner: Table | View, name: str, home: PartKey, terms: Terms) -> Iterator[tuple[PartKey, Part]]:
    """Triggers, policies, rules and exclusion constraints."""
    groups = {
        "trigger": owner.triggers,
        "rule": owner.rules,
        "policy": getattr(owner, "policies", ()),
        "exclusion constraint": getattr(owner, "exclusions", ()),
    }
    for kind, things in groups.items():
        for thing in things:
            facts = {"definition": Fact(thing.definition, "text"), "comment": Fact(thing.comment)} if terms.same else {}
            if kind == "trigger" and terms.same:
                facts["enabled"] = Fact(thing.enabled)
            yield (kind, home[1], thing.name), Part(kind, f"{name}.{thing.name}", name, thing, owner, facts, home)


def view_parts(view: View, side: Side, terms: Terms) -> Iterator[tuple[PartKey, Part]]:
    """A view and what belongs to it."""
    kind = "materialized view" if view.materialized else "view"
    facts = {"query": Fact(view.query, "sql")} if terms.same else {}
    if terms.same:
        facts["options"] = Fact(tuple(sorted(" ".join(option) for option in view.options)))
    key, part = plain_part(kind, view, side, terms, facts)
    home = ("view", key[1])
    yield home, Part(kind, part.name, None, view, view, {"kind": Fact(kind), **part.facts})
    for index in view.indexes:
        found = Part("index", f"{part.name}.{index.name}", part.name, index, view, index_facts(index, terms), home)
        yield ("index", home[1], index.name), found
    yield from owned_parts(view, part.name, home, terms)
