"""What a subset asks of each table, known from the structure alone: the filter, and the lookups that will answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..databases.catalogue import DataType, Table, TableName
from ..expressions import LookupTable, compile_evaluator
from .graph import Graph, Link, reached
from .keys import chosen_by, membership, text_of
from .model import InvalidSubset, Kept, Subset

BOOLEAN = DataType("boolean", "BOOLEAN")


@dataclass(frozen=True, slots=True)
class Test:
    """One way in which a row is among those kept: the values of ``columns`` are those that chosen rows of another table (or
    of the same) have in ``group``.
    """

    lookup: str
    columns: tuple[str, ...]
    origin: int
    """Number of the table whose chosen rows are asked."""
    group: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """The tables of a run as a subset sees them."""

    graph: Graph
    driver: int
    down: frozenset[int]
    """The driving table and those below it."""
    concerned: tuple[int, ...]
    """Tables in which rows are chosen, in order: those and all that they refer to."""
    beside: tuple[int, ...]
    """Tables that refer to these without being reached from the driving table: rows stay whose parents all stay."""

    @staticmethod
    def of(subset: Subset, tables: Sequence[Table]) -> Reach:
        """Raises InvalidSubset if the run has no such table."""
        tables = sorted(tables, key=lambda table: str(table.name))
        named = [at for at, table in enumerate(tables) if subset.table in (table.name.name, str(table.name))]
        if len(named) != 1:
            there = ", ".join(str(table.name) for table in tables)
            reason = (
                f"the run has no such table; it has {there}." if not named else "several schemas have such a table."
            )
            raise InvalidSubset(spec=repr(subset.table), reason=reason)
        graph, driver = Graph.of(tables), named[0]
        down = graph.below(driver)
        concerned = graph.above(down)
        beside = reached(concerned, [(link.parent, link.child) for link in graph.links]) - concerned
        return Reach(graph, driver, frozenset(down), tuple(sorted(concerned)), tuple(sorted(beside)))

    @property
    def restricted(self) -> tuple[int, ...]:
        """All tables that keep only some of their rows."""
        return (*self.concerned, *self.beside)

    def tests(self, number: int) -> list[Test]:
        """How the chosen rows of a table are told: by its key; without one, by what it refers to and what refers to it."""
        table = self.graph.tables[number]
        key = table.row_key()
        if number in self.beside:
            found = {(link.columns, link.parent, link.referenced) for link in self.parents(number)}
        else:
            found = {(key, number, key)} if key else self.ends(number)
        return [Test(f"subset {table.name} {place}", *test) for place, test in enumerate(sorted(found))]

    def parents(self, number: int) -> list[Link]:
        """The foreign keys of a table to tables that keep only some of their rows."""
        return [link for link in self.graph.links if link.child == number and link.parent in self.restricted]

    def ends(self, number: int) -> set[tuple[tuple[str, ...], int, tuple[str, ...]]]:
        """Columns of a table, and where the values that tell its chosen rows come from."""
        links = self.graph.links
        of_children = {
            (link.columns, link.parent, link.referenced)
            for link in links
            if link.child == number and link.parent in self.down
        }
        return of_children | {(link.referenced, number, link.referenced) for link in links if link.parent == number}

    def filter(self, number: int, subset: Subset) -> str:
        """The expression for whether a row of a table is kept; empty if all are."""
        table = self.graph.tables[number]
        if number in self.beside:
            return " AND ".join(
                f"({text_of(table, test.columns)} IS NULL OR {membership(test.lookup, text_of(table, test.columns))})"
                for test in self.tests(number)
            )
        parts = [membership(test.lookup, text_of(table, test.columns)) for test in self.tests(number)]
        if number == self.driver and not table.row_key():
            parts.append(chosen_by(table, subset))
        return " OR ".join(parts)


def filters(subset: Subset, tables: Sequence[Table]) -> dict[TableName, Kept]:
    """What the subset asks of each table that keeps only some rows, with lookups that are still empty.

    Raises InvalidSubset, and the errors of the subset's own filter.
    """
    reach = Reach.of(subset, tables)
    driver = reach.graph.tables[reach.driver]
    compile_evaluator(driver.copied_columns, [], subset.where or chosen_by(driver, subset), {}).close()
    found: dict[TableName, Kept] = {}
    for number in reach.restricted:
        if where := reach.filter(number, subset):
            empty = {test.lookup: LookupTable([], [], value_type=BOOLEAN) for test in reach.tests(number)}
            found[reach.graph.tables[number].name] = Kept(where, empty)
    return found
