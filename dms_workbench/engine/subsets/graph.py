"""The foreign keys among the tables of a run, as steps from table to table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..databases.catalogue import ForeignKey, Table


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key between two of the tables: numbers of child and parent, and the columns of both ends."""

    child: int
    parent: int
    columns: tuple[str, ...]
    referenced: tuple[str, ...]


@dataclass(slots=True)
class Graph:
    """The tables of a run and the foreign keys among them."""

    tables: Sequence[Table]
    links: list[Link] = field(default_factory=list)

    @staticmethod
    def of(tables: Sequence[Table]) -> Graph:
        """All links; a foreign key to a table outside of the run is none."""
        places = {table.name: number for number, table in enumerate(tables)}
        graph = Graph(tables)
        for number, table in enumerate(tables):
            graph.links += [
                link_of(number, places[key.references], key) for key in table.foreign_keys if key.references in places
            ]
        return graph

    def below(self, driver: int) -> set[int]:
        """The driving table and all that refer to it, directly or not."""
        return reached({driver}, [(link.parent, link.child) for link in self.links])

    def above(self, numbers: set[int]) -> set[int]:
        """Tables that these refer to, directly or not, these included."""
        return reached(numbers, [(link.child, link.parent) for link in self.links])


def link_of(child: int, parent: int, key: ForeignKey) -> Link:
    """A foreign key as a link."""
    return Link(child, parent, key.columns, key.referenced_columns)


def reached(start: set[int], steps: Iterable[tuple[int, int]]) -> set[int]:
    """What can be reached from some numbers by steps."""
    found, steps = set(start), list(steps)
    while more := {there for here, there in steps if here in found} - found:
        found |= more
    return found
