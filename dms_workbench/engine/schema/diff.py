"""Compare two catalogues, of one product or two, and both with an earlier state if there is one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..databases.base import Database
from ..databases.catalogue import Catalogue
from .diff_grade import grade
from .diff_model import SEVERITIES, Comparison, Difference, Origin, Rename, Resolution
from .diff_parts import Fact, Part, PartKey, parts_of
from .diff_sql import Resolver
from .diff_terms import Side, Terms, default_of, native
from .rename import Renames, Sampler
from .rename_apply import renamed_catalogue

SAME_FORM = {"index": ("columns", "unique", "condition"), "check": ("expression",)}
"""Objects that are found under another name by these facts."""
Parts = dict[PartKey, Part]
SUMMARY_LETTERS = 200


def compare(
    first: tuple[Catalogue, Database],
    second: tuple[Catalogue, Database],
    base: Catalogue | None = None,
    sampler: Sampler | None = None,
) -> Comparison:
    """What differs between two catalogues, each with its product.

    base: an earlier state of one of them; each difference then says who has changed it.
    sampler: gives values of both sides, where both are live, as evidence for renames.
    """
    comparer = Comparer(Terms(Side(*first), Side(*second)))
    found = Differ(comparer).certain(sampler)
    return found if base is None else with_origins(found, first, second, base)


@dataclass
class Comparer:
    """When facts are equal, in the terms of both sides."""

    terms: Terms

    def equal(self, one: Fact, other: Fact, parts: tuple[Part, Part], aspect: str) -> bool:
        """Is a fact the same on both sides?"""
        if one.value == other.value:
            return True
        if one.form != "plain":
            return self.equal_form(one, other)
        if aspect == "comment" or parts[0].kind == "sequence":
            return self.lacking(aspect)
        if aspect == "identity" and not self.terms.same:
            return not all(side.database.can.numbers_columns for side in (self.terms.first, self.terms.second))
        return False

    def equal_form(self, one: Fact, other: Fact) -> bool:
        """Are two facts that are not compared as they stand the same?"""
        if one.form == "order":
            shared = set(one.value) & set(other.value)
            return [name for name in one.value if name in shared] == [name for name in other.value if name in shared]
        if one.form == "type":
            return one.value is not None and other.value is not None and self.terms.same_type(one.value, other.value)
        if one.form == "text":
            return str(one.value).split() == str(other.value).split()
        if one.form == "shown":
            pair = zip(one.value, other.value, strict=False)
            return len(one.value) == len(other.value) and all(self.terms.same_expression(*texts) for texts in pair)
        return self.terms.same_expression(one.value, other.value)

    def lacking(self, aspect: str) -> bool:
        """Can one of two products not say this at all?"""
        products = {self.terms.first.product, self.terms.second.product}
        return aspect == "comment" and not self.terms.same and bool(products & {"sqlite", "files"})


@dataclass
class Differ:
    """One comparison under way."""

    comparer: Comparer
    first: Parts = field(default_factory=dict)
    second: Parts = field(default_factory=dict)

    @property
    def terms(self) -> Terms:
        """The terms of the comparison."""
        return self.comparer.terms

    def certain(self, sampler: Sampler | None) -> Comparison:
        """All differences, those that may be renames apart."""
        self.first = parts_of(self.terms.first, self.terms)
        self.second = parts_of(self.terms.second, self.terms)
        renames = Renames(self.terms, self.first, self.second, sampler).find()
        if renames:
            changed = renamed_catalogue(self.terms.second.catalogue, renames, self.second)
            terms = Terms(self.terms.first, Side(changed, self.terms.second.database))
            self.comparer = Comparer(terms)
            self.second = parts_of(terms.second, terms)
        self.match_by_form()
        found = self.apart(list(self.differences()), renames)
        return Comparison(tuple(sorted(found, key=order)), renames, self.notes())

    def apart(self, found: list[Difference], renames: list[Rename]) -> list[Difference]:
        """The differences that stand whatever the answers are; the others go to the rename they depend on."""
        tables = {rename.rejected[0].name: rename for rename in renames if rename.kind == "table"}
        columns = {rename.rejected[0].name: rename for rename in renames if rename.kind == "column"}
        certain = []
        for each in found:
            rename = columns.get(each.name) if each.kind == "column" else None
            rename = rename or tables.get(each.table or each.name)
            if rename is None:
                certain.append(each)
            else:
                rename.accepted = (*rename.accepted, each)
        return certain

    def notes(self) -> tuple[str, ...]:
        """What is not compared between products."""
        if self.terms.same:
            return ()
        names = f"{self.terms.first.product} and {self.terms.second.product}"
        return (
            f"Bodies of views, routines, triggers and policies, owners, grants and storage options are not compared "
            f"between {names}: their languages differ.",
        )

    def match_by_form(self) -> None:
        """Give indexes and checks that are the same but for their name one key."""
        for kind, aspects in SAME_FORM.items():
            waiting = [key for key, part in self.second.items() if part.kind == kind and key not in self.first]
            for key, part in [item for item in self.first.items() if item[1].kind == kind]:
                if key in self.second:
                    continue
                for other_key in waiting:
                    other = self.second[other_key]
                    if other.home == part.home and all(
                        self.comparer.equal(part.facts[name], other.facts[name], (part, other), name)
                        for name in aspects
                    ):
                        waiting.remove(other_key)
                        named = {**other.facts, "name": Fact(other.thing.name)} if self.terms.same else other.facts
                        self.second[key] = replace(self.second.pop(other_key), facts=named)
                        if self.terms.same:
                            self.first[key] = replace(part, facts={**part.facts, "name": Fact(part.thing.name)})
                        break

    @property
    def made_later(self) -> tuple[str, ...]:
        """Parts of a missing table that are made once everything they need is there."""
        later = self.terms.second.database.can.adds_foreign_keys_later
        return ("foreign key", "trigger") if later else ("trigger",)

    def differences(self) -> Iterator[Difference]:
        """Differences of all objects; of what is absent, nothing is said of its parts."""
        for key, part in self.first.items():
            other = self.second.get(key)
            if other is not None:
                yield from self.changed(part, other)
            elif part.home is None or part.home in self.second or part.kind in self.made_later:
                yield self.missing(part)
        for key, part in self.second.items():
            if key not in self.first and (part.home is None or part.home in self.first):
                yield self.surplus(part)

    def missing(self, part: Part) -> Difference:
        """An object that the second side has not."""
        severity, why = grade("missing", part, "", None)
        resolution = Resolver(self.terms).resolve("missing", part)
        return Difference(
            part.kind, part.name, part.table, "missing", "", summary(part), None, severity, why, resolution
        )

    def surplus(self, part: Part) -> Difference:
        """An object that only the second side has."""
        severity, why = grade("extra", part, "", None)
        resolution = Resolver(self.terms).resolve("extra", part)
        return Difference(part.kind, part.name, part.table, "extra", "", None, summary(part), severity, why, resolution)

    def changed(self, part: Part, other: Part) -> Iterator[Difference]:
        """Facts of an object that are not the same."""
        for aspect, fact in part.facts.items():
            theirs = other.facts.get(aspect, Fact(None))
            if self.comparer.equal(fact, theirs, (part, other), aspect):
                continue
            severity, why = grade("changed", part, aspect, other)
            texts = (fact.text, theirs.text)
            resolution = Resolver(self.terms).resolve("changed", part, aspect, other)
            yield Difference(
                part.kind, part.name, part.table, "changed", aspect, *texts, severity, why, resolution
            )  # fmt: skip


def summary(part: Part) -> str:
    """An object in a few words."""
    thing = part.thing
    if part.kind == "table":
        return ", ".join(column.name for column in thing.columns)[:SUMMARY_LETTERS]
    if part.kind == "column":
        words = [native(thing.type), "" if thing.nullable else "not null"]
        default = default_of(thing)
        return " ".join(filter(None, [*words, f"default {default}" if default else ""]))
    facts = {name: fact.text for name, fact in part.facts.items() if name not in ("comment", "owner", "grants", "name")}
    return next((text for text in facts.values() if text), part.name)


ORDER = {kind: at for at, kind in enumerate((
    "type", "sequence", "table", "column", "primary key", "unique key", "foreign key", "check", "exclusion constraint",
    "index", "view", "materialized view", "function", "procedure", "trigger", "policy", "rule",
))}  # fmt: skip


def order(difference: Difference) -> tuple[str, int, int, str, str]:
    """By object, then by kind and severity."""
    place = difference.table or difference.name
    grave = SEVERITIES.index(difference.severity)
    return (place.casefold(), ORDER.get(difference.kind, 99), grave, difference.name, difference.aspect)


def with_origins(
    found: Comparison, first: tuple[Catalogue, Database], second: tuple[Catalogue, Database], base: Catalogue
) -> Comparison:
    """The comparison with who has changed each fact since the earlier state, and with what both have changed alike."""
    of_base = next(database for catalogue, database in (first, second, first) if catalogue.database == base.database)
    ours = {identity(each): each for each in flat(compare(first, (base, of_base)))}
    theirs = {identity(each): each for each in flat(compare(second, (base, of_base)))}
    certain = [placed(each, ours, theirs) for each in found.certain]
    for rename in found.renames:
        rename.accepted = tuple(placed(each, ours, theirs) for each in rename.accepted)
        rename.rejected = tuple(placed(each, ours, theirs) for each in rename.rejected)
    known = {identity(each) for each in found.certain} | {identity(each) for each in flat(found)}
    alike = [
        replace(each, origin="both", base=each.second, second=each.first, resolution=Resolution())
        for key, each in ours.items()
        if key in theirs and key not in known
    ]
    return Comparison(tuple(sorted([*certain, *alike], key=order)), found.renames, found.notes)


def flat(comparison: Comparison) -> list[Difference]:
    """All differences, as if no rename were one."""
    return [*comparison.certain, *(each for rename in comparison.renames for each in rename.rejected)]


def identity(difference: Difference) -> tuple[str, str, str]:
    """Which fact of which object a difference is about."""
    return (difference.kind, difference.name.casefold(), difference.aspect)


def placed(
    difference: Difference,
    ours: dict[tuple[str, str, str], Difference],
    theirs: dict[tuple[str, str, str], Difference],
) -> Difference:
    """A difference with who has changed it."""
    key = identity(difference)
    mine, their = touching(key, ours), touching(key, theirs)
    origin: Origin = "conflict" if mine and their else "ours" if mine else "theirs" if their else "conflict"
    change = ours.get(key) or theirs.get(key)
    return dataclasses.replace(difference, origin=origin, base=change.second if change else None)


def touching(key: tuple[str, str, str], changes: dict[tuple[str, str, str], Difference]) -> bool:
    """Has a side changed the fact, or anything of an object that is there on one side only?"""
    if key in changes:
        return True
    if key[2]:
        return (key[0], key[1], "") in changes
    inside = f"{key[1]}."
    return any((kind == key[0] and name == key[1]) or name.startswith(inside) for kind, name, _ in changes)
