"""Pairs of schemas of our own with true column pairs, written as text in tests/cases/matching.

source                      the tables of the one side, each name on a line of its own
customer
  id int key                a column: name, type, then: key, counted, -> table it leads to
  key a, b                  a key of several columns
target
clients < customer          which source table a target table is made of
  client_id bigint key = id   the source column; a column without is made of nothing
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dms_workbench.engine.matching.outline import ColumnOutline, LinkOutline, SchemaOutline, TableOutline
from tests.benchmarks.matching_sets import type_of

CASES = Path(__file__).parent.parent / "cases" / "matching"

ColumnName = tuple[str, str]
"""Table and column."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Two schemas and what is known to belong together."""

    name: str
    source: SchemaOutline
    target: SchemaOutline
    truth: dict[ColumnName, frozenset[ColumnName]]
    """The right sources of each target column that has one."""
    complete: bool = True
    """Target columns that are not in the truth have no source; else it is not known."""


def own_problems(names: Sequence[str] | None = None) -> list[Problem]:
    """The pairs of the folder, or those of these names, in order of name."""
    paths = [path for path in sorted(CASES.glob("*.txt")) if names is None or path.stem in names]
    return [read_case(path.stem, path.read_text(encoding="utf-8")) for path in paths]


def read_case(name: str, text: str) -> Problem:
    """One pair."""
    sides: dict[str, list[TableOutline]] = {"source": [], "target": []}
    truth: dict[ColumnName, frozenset[ColumnName]] = {}
    made_of = ""
    tables = sides["source"]
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line in sides:
            tables = sides[line]
        elif not line.startswith(" "):
            table, _, made_of = (part.strip() for part in line.partition("<"))
            tables.append(TableOutline(table, ()))
        elif line.strip().startswith("key ") and "," in line:
            tables[-1] = replace(tables[-1], primary_key=tuple(part.strip() for part in line.strip()[4:].split(",")))
        else:
            known, _, origin = (part.strip() for part in line.partition(" = "))
            tables[-1] = with_column(tables[-1], known.split())
            if origin:
                truth[tables[-1].name, tables[-1].columns[-1].name] = frozenset({(made_of, origin)})
    problem = Problem(name, SchemaOutline(tuple(sides["source"])), SchemaOutline(tuple(sides["target"])), truth)
    check(problem)
    return problem


def with_column(table: TableOutline, words: list[str]) -> TableOutline:
    """The table with one more column."""
    name, native, *rest = words
    kind, length, bits = type_of(native)
    column = ColumnOutline(name, kind, length, bits, native, nullable="key" not in rest, counted="counted" in rest)
    links = table.links
    if "->" in rest:
        links = (*links, LinkOutline((name,), rest[rest.index("->") + 1]))
    key = (name,) if "key" in rest else table.primary_key
    return replace(table, columns=(*table.columns, column), links=links, primary_key=key)


def check(problem: Problem) -> None:
    """Raise ValueError if the truth names a column that is not there."""
    there = {(table.name, column.name) for table in problem.source.tables for column in table.columns}
    for sources in problem.truth.values():
        if not sources <= there:
            raise ValueError(f"{problem.name}: there is no source column {sorted(sources - there)}")
