"""Tables in an order in which each comes after those it refers to."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter


def parents_first(references: Mapping[str, set[str]]) -> list[str]:
    """Names with those they refer to before them; self-references and what closes a cycle are passed over.

    references: for each name the names it refers to. The order is stable: by name where nothing else decides.
    """
    remaining = {
        name: {parent for parent in sorted(parents) if parent != name and parent in references}
        for name, parents in references.items()
    }
    while True:
        try:
            return list(TopologicalSorter({name: sorted(remaining[name]) for name in sorted(remaining)}).static_order())
        except CycleError as error:
            cycle = error.args[1]
            remaining[cycle[1]].discard(cycle[0])


def cyclic_references(references: Mapping[str, set[str]]) -> set[tuple[str, str]]:
    """Pairs (name, referred name) that an order of `parents_first` cannot honour: self-references and cycles."""
    place = {name: at for at, name in enumerate(parents_first(references))}
    return {
        (name, parent)
        for name, parents in references.items()
        for parent in parents
        if parent in place and place[parent] >= place[name]
    }
