"""A provider's order of the candidates of columns that are in doubt. It moves candidates and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..outline import SchemaOutline
from ..suggest import Candidate, ColumnSuggestion, Suggestions
from ..values import Profile
from .base import Option, Provider, Question

FEWEST = 2


def reranked(
    found: Suggestions,
    provider: Provider,
    sides: tuple[SchemaOutline, SchemaOutline],
    *,
    line: float,
    profiles: Mapping[tuple[str, str], Profile] | None = None,
) -> Suggestions:
    """The suggestions with the candidates of open columns in the provider's order.

    Columns that are assigned from `line` on are not asked about. Every candidate keeps its own confidence, and what is
    assigned stays so: a provider can change what a person sees first, and can neither fill a column in nor add a candidate.
    sides: source and target. profiles: of the source, only where their patterns may be told to the provider.
    """
    kinds = [
        {(table.name, column.name): column.kind for table in side.tables for column in table.columns} for side in sides
    ]
    names = {table.name: tuple(column.name for column in table.columns) for table in sides[1].tables}
    asked = [
        each for each in found.columns
        if len(each.candidates) >= FEWEST and (each.assigned is None or each.assigned.confidence < line)
    ]  # fmt: skip
    questions = [
        Question(
            Option(each.table, each.column, kinds[1][each.table, each.column]),
            tuple(option(one, kinds[0], profiles or {}) for one in each.candidates),
            names[each.table],
        )
        for each in asked
    ]
    scores = provider.rank(questions)
    moved = {
        (each.table, each.column): in_order(each, score, provider.name)
        for each, score in zip(asked, scores, strict=True)
        if score is not None
    }
    return replace(found, columns=tuple(moved.get((each.table, each.column), each) for each in found.columns))


def option(
    candidate: Candidate, kinds: Mapping[tuple[str, str], str], profiles: Mapping[tuple[str, str], Profile]
) -> Option:
    """A candidate as the provider sees it; of its values the patterns at most."""
    place = candidate.table, candidate.column
    profile = profiles.get(place)
    looks = "" if profile is None else profile.looks or ", ".join(shape for shape, _ in profile.shapes)
    return Option(*place, kinds[place], looks)


def in_order(column: ColumnSuggestion, scores: Sequence[float], name: str) -> ColumnSuggestion:
    """A column with its candidates by score; of equals the one that was ahead stays ahead."""
    if len(scores) != len(column.candidates):
        return column
    order = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
    candidates = [column.candidates[place] for place in order]
    first = candidates[0]
    if order[0] != 0:
        candidates[0] = replace(first, reasons=(*first.reasons, f"put first by the {name}, whose word is not weighed"))
    return replace(column, candidates=tuple(candidates))
