"""Benchmark sets of a folder outside as problems, and which of them share a product."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dms_workbench.engine.matching.outline import SchemaOutline, TableOutline
from tests.benchmarks.matching_cases import ColumnName, Problem
from tests.benchmarks.matching_sets import schema

ENGINES = re.compile(r"_(sqlite|mysql|mariadb|pg|postgres|mssql)$")
ABLATED_TABLES = 5


@dataclass(frozen=True, slots=True)
class BenchmarkSet:
    """A set of a folder."""

    problem: Problem
    tier: str
    family: str
    """Sets that share a product are of one family."""


def benchmark_sets(folder: Path) -> list[BenchmarkSet]:
    """The sets of a folder, in order of name."""
    paths = sorted(folder.glob("*.json"))
    family = families([path.stem for path in paths])
    return [benchmark_set(path, "+" + family[path.stem]) for path in paths]


def benchmark_set(path: Path, family: str) -> BenchmarkSet:
    """One set."""
    data = json.loads(path.read_text(encoding="utf-8"))
    truth: dict[ColumnName, set[ColumnName]] = {}
    for pair in data["truth"]:
        truth.setdefault((pair["target"][0], pair["target"][1]), set()).add((pair["source"][0], pair["source"][1]))
    for pair in data.get("also_accept", ()):
        if (target := tuple(pair["target"])) in truth:
            truth[target].add(tuple(pair["source"]))
    frozen = {target: frozenset(sources) for target, sources in truth.items()}
    problem = Problem(
        path.stem, schema(data["source"]), schema(data["target"]), frozen, bool(data.get("truth_complete"))
    )
    return BenchmarkSet(problem, data["tier"], family)


def families(names: Sequence[str]) -> dict[str, str]:
    """The family of each set: sets that share a product are one."""
    groups: list[tuple[set[str], list[str]]] = []
    for name in names:
        own, members = products(name), [name]
        for group in [group for group in groups if group[0] & own]:
            groups.remove(group)
            own |= group[0]
            members += group[1]
        groups.append((own, members))
    return {name: min(own) for own, members in groups for name in members}


def products(name: str) -> set[str]:
    """The products that a set's name speaks of."""
    if name.startswith("snails_"):
        return {"snails"}
    found = set()
    for side in name.split("__"):
        while ENGINES.search(side):
            side = ENGINES.sub("", side)  # noqa: PLW2901
        found.add(side)
    return found


def without_source_of(problem: Problem, table: str, name: str) -> Problem:
    """Without the source tables that a target table is made of, and links to them: its columns are known to have no source.

    Of other columns' truths only what is left counts; where nothing is, they have none either.
    """
    gone = {source[0] for target, sources in problem.truth.items() if target[0] == table for source in sources}
    left = [without_links(each, gone) for each in problem.source.tables if each.name not in gone]
    truth = {
        target: frozenset(source for source in sources if source[0] not in gone)
        for target, sources in problem.truth.items()
    }
    return replace(problem, name=name, source=SchemaOutline(tuple(left)), truth=truth)


def without_links(table: TableOutline, gone: set[str]) -> TableOutline:
    """The table without links to these tables."""
    return replace(table, links=tuple(link for link in table.links if link.table not in gone))


def ablated(problem: Problem) -> list[tuple[Problem, list[ColumnName]]]:
    """The problem without the sources of one target table, for at most so many tables, evenly spaced by name; each with its
    columns that lost their source."""
    tables = sorted({table for (table, _), sources in problem.truth.items() if sources})
    most = ABLATED_TABLES - 1
    if len(tables) > most + 1:
        tables = [tables[round(step * (len(tables) - 1) / most)] for step in range(most + 1)]
    found = []
    for table in tables:
        left = without_source_of(problem, table, f"{problem.name} without {table}")
        if left.source.tables:
            found.append((left, [target for target in problem.truth if target[0] == table and problem.truth[target]]))
    return found
