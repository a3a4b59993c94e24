"""Renames recognised: a missing and an extra object that are one, told from names, structure and data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

from ..databases.catalogue import Column, Table
from .diff_alter import alterations_of
from .diff_grade import grade
from .diff_model import Difference, Rename, Resolution
from .diff_parts import Part, PartKey
from .diff_sql import Resolver
from .diff_terms import Terms
from .rename_evidence import Evidence, column_evidence, table_evidence

LEAST_CONFIDENCE = 0.6
LEAST_LEAD = 0.05
"""How much better than the next candidate a rename must be to be claimed."""
CANDIDATES_AT_MOST = 40_000
"""Pairs of tables that are looked at closely; beyond it only those of like columns."""


class Sampler(Protocol):
    """Gives values of live sides, as hashes."""

    def column(self, side: Literal["first", "second"], table: Table, column: str) -> Sketch | None:
        """Values of a column; None where they cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Sketch:
    """Distinct values of a column by their hashes: all of them, or the smallest ones."""

    hashes: frozenset[int]
    rows: int
    """Rows that were read."""
    whole: bool
    """All distinct values of all rows are here."""


@dataclass
class Renames:
    """Finds the renames of one comparison."""

    terms: Terms
    first: dict[PartKey, Part]
    second: dict[PartKey, Part]
    sampler: Sampler | None
    found: list[Rename] = field(default_factory=list)

    def find(self) -> list[Rename]:
        """All renames: of tables, of columns of tables that both sides have, of columns of renamed tables."""
        tables = self.tables()
        for first, second, evidence in tables:
            self.claim("table", first, second, evidence)
        numbers = {first: rename.number for (first, _, _), rename in zip(tables, list(self.found), strict=True)}
        shared = [(key, key) for key, part in self.first.items() if part.kind == "table" and key in self.second]
        for first, second in [*((one, other) for one, other, _ in tables), *shared]:
            for one, other, evidence in self.columns(first, second):
                self.claim("column", one, other, evidence, within=numbers.get(first))
        return self.found

    def tables(self) -> list[tuple[PartKey, PartKey, Evidence]]:
        """Pairs of tables that are one, the surest first."""
        missing = [key for key, part in self.first.items() if part.kind == "table" and key not in self.second]
        extra = [key for key, part in self.second.items() if part.kind == "table" and key not in self.first]
        many = len(missing) * len(extra) > CANDIDATES_AT_MOST
        scores = {}
        for one in missing:
            for other in extra:
                tables: tuple[Table, Table] = (self.first[one].thing, self.second[other].thing)
                if many and not alike(*tables):
                    continue
                evidence = table_evidence(tables, self.terms, self.sampler)
                if evidence is not None:
                    scores[one, other] = evidence
        return assigned(scores)

    def columns(self, first: PartKey, second: PartKey) -> list[tuple[PartKey, PartKey, Evidence]]:
        """Pairs of columns of one table that are one."""
        tables: tuple[Table, Table] = (self.first[first].thing, self.second[second].thing)
        known = [{self.terms.column_key(column.name) for column in table.columns} for table in tables]
        missing = self.without(tables[0], known[1])
        extra = self.without(tables[1], known[0])
        scores = {}
        for one in missing:
            for other in extra:
                evidence = column_evidence(tables, (one, other), self.terms, self.sampler)
                if evidence is not None:
                    keys = (("column", first[1], self.terms.column_key(one.name)),
                            ("column", second[1], self.terms.column_key(other.name)))  # fmt: skip
                    scores[keys] = evidence
        return assigned(scores)

    def without(self, table: Table, names: set[str]) -> list[Column]:
        """The columns whose name the other side does not have."""
        return [column for column in table.columns if self.terms.column_key(column.name) not in names]

    def claim(
        self, kind: Literal["table", "column"], first: PartKey, second: PartKey, evidence: Evidence,
        within: int | None = None,
    ) -> None:  # fmt: skip
        """Enter a rename, with what differs if it is one and if it is none."""
        part, other = self.first[first], self.second[second]
        number = len(self.found) + 1
        rejected = (self.lone(part, "missing"), self.lone(other, "extra"))
        accepted = (self.renamed(kind, part, other),)
        self.found.append(
            Rename(
                number, kind, part.table, part.thing.name.name if kind == "table" else part.thing.name,
                other.thing.name.name if kind == "table" else other.thing.name, evidence.confidence,
                evidence.reasons, accepted, rejected, within=within, keys=(first, second),
            )
        )  # fmt: skip

    def lone(self, part: Part, change: Literal["missing", "extra"]) -> Difference:
        """An object as missing or extra."""
        severity, why = grade(change, part, "", None)
        first, second = ("there", None) if change == "missing" else (None, "there")
        resolution = Resolver(self.terms).resolve(change, part)
        return Difference(part.kind, part.name, part.table, change, "", first, second, severity, why, resolution)

    def renamed(self, kind: str, part: Part, other: Part) -> Difference:
        """The difference of the name itself."""
        alter = alterations_of(self.terms.second.database)
        if kind == "table":
            names = (part.thing.name.name, other.thing.name.name)
            statements = alter.rename_table(other.thing.name, names[0])
        else:
            names = (part.thing.name, other.thing.name)
            statements = alter.rename_column(Resolver(self.terms).name(part.owner.name), names[1], names[0])
        why = "whatever names it must be changed too"
        return Difference(
            kind, part.name, part.table, "changed", "name", names[0], names[1], "risky", why,
            Resolution(tuple(statements)),
        )  # fmt: skip


def alike(one: Table, other: Table) -> bool:
    """Have two tables about the same columns, at a glance?"""
    names = [{column.name.casefold() for column in table.columns} for table in (one, other)]
    return len(names[0] & names[1]) * 2 >= max(len(names[0]), len(names[1]))


def assigned(scores: dict[tuple[PartKey, PartKey], Evidence]) -> list[tuple[PartKey, PartKey, Evidence]]:
    """The pairs that are sure enough and clearly better than any other pair of either object, the surest first."""
    ranked = sorted(scores.items(), key=lambda item: (-item[1].confidence, str(item[0])))
    found: list[tuple[PartKey, PartKey, Evidence]] = []
    done: set[tuple[str, PartKey]] = set()
    for (first, second), evidence in ranked:
        sides = {("first", first), ("second", second)}
        if evidence.confidence < LEAST_CONFIDENCE or sides & done:
            continue
        rivals = [
            other.confidence
            for (one, two), other in scores.items()
            if (one == first) != (two == second) and not {("first", one), ("second", two)} & done
        ]
        if rivals and max(rivals) > evidence.confidence - LEAST_LEAD:
            continue
        found.append((first, second, evidence))
        done |= sides
    return found
