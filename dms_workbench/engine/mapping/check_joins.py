"""Checking the joins of table maps."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as NamedValues

from ..databases.catalogue import Catalogue, Table
from ..expressions.errors import InvalidExpression, InvalidLookup
from ..expressions.evaluate import compile_evaluator
from ..expressions.load import empty_lookup
from ..expressions.lookups import LookupTable
from .errors import Problem
from .model import Join, Mapping, TableMap
from .parse import did_you_mean
from .places import Places
from .settle import lookups_of


class JoinChecker:
    """The joins of one mapping."""

    def __init__(
        self, mapping: Mapping, source: Catalogue, places: Places, lookups: NamedValues[str, LookupTable]
    ) -> None:
        self.mapping = mapping
        self.source = source
        self.places = places
        self.known = lookups

    def lookups(self, table: TableMap) -> dict[str, LookupTable]:
        """The lookups of the file and the columns of a table map's joins; without those that are a problem of their own."""
        found = dict(self.known)
        for join in table.joins:
            joined = self.joined(join)
            if joined is not None and not self.missing(join, joined):
                found |= {name: empty_lookup(each, self.source) for name, each in lookups_of(join, joined).items()}
        return found

    def joined(self, join: Join) -> Table | None:
        """The joined table, if it is there."""
        return next((table for table in self.source.tables if table.name.name == join.table), None)

    @staticmethod
    def missing(join: Join, joined: Table) -> list[str]:
        """Columns of the key that the joined table does not have."""
        names = [column.name for column in joined.columns]
        return [name for name in join.on if name not in names]

    def declared_alike(self) -> Iterator[Problem]:
        """One name for two joins, or for a join and a lookup."""
        first: dict[str, tuple[Join, int]] = {}
        for number, table in enumerate(self.mapping.tables):
            for join in table.joins:
                place = self.places.key("tables", number, "joins", join.name)
                other, line = first.setdefault(join.name, (join, place[0]))
                if (other.table, other.on) != (join.table, join.on):
                    yield Problem(*place, f"the join {join.name!r} is another one in line {line}: give it another name")
                if any(lookup.name.startswith(f"{join.name}.") for lookup in self.mapping.lookups):
                    yield Problem(*place, f"a lookup's name begins with {join.name}. too: give the join another name")

    def problems(self, number: int, table: TableMap, source: Table) -> Iterator[Problem]:
        """The joins of one table map: tables, columns and expressions."""
        for join in table.joins:
            joined = self.joined(join)
            if joined is None:
                hint = did_you_mean(join.table, [each.name.name for each in self.source.tables])
                place = self.places.at("tables", number, "joins", join.name, "table")
                yield Problem(*place, f"the source has no table {join.table!r}{hint}")
                continue
            for name in self.missing(join, joined):
                hint = did_you_mean(name, [column.name for column in joined.columns])
                place = self.places.key("tables", number, "joins", join.name, "on", name)
                yield Problem(*place, f"{join.table} has no column {name!r}{hint}")
            yield from self.expressions(number, table, join, source)

    def expressions(self, number: int, table: TableMap, join: Join, source: Table) -> Iterator[Problem]:
        """What the key of a join is equal to."""
        lookups = self.lookups(table)
        for name, text in join.on.items():
            try:
                compile_evaluator(source.copied_columns, [(name, text)], None, lookups).close()
            except InvalidExpression as error:
                place = self.places.at("tables", number, "joins", join.name, "on", name, offset=error.offset)
                yield Problem(*place, f"the join {join.name}: {error.reason}")
            except InvalidLookup as error:
                place = self.places.at("tables", number, "joins", join.name, "on", name)
                yield Problem(*place, f"the join {join.name}: {error.message}")
