from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from dms_workbench.engine.mapping import draft_mapping
from dms_workbench.engine.matching import suggest
from dms_workbench.engine.matching.providers import Endpoint, LanguageModel, Limits, Question, reranked
from dms_workbench.engine.matching.values import profile_of
from tests.benchmarks.matching_cases import own_problems
from tests.engine.matching.providers.speaking import last_first, speaking

PROBLEM = next(each for each in own_problems() if each.name == "crm")
SIDES = PROBLEM.source, PROBLEM.target


class Backwards:
    """Says of everything the opposite."""

    name = "contrarian"

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.asked: list[Question] = []

    def rank(self, questions: Sequence[Question]) -> Sequence[Sequence[float] | None]:
        self.asked += questions
        return [list(map(float, range(len(each.candidates)))) for each in questions]


def test_only_the_order_of_open_columns_changes() -> None:
    found, provider = suggest(*SIDES), Backwards()

    after = reranked(found, provider, SIDES, line=0.9)

    sure = {
        (each.table, each.column)
        for each in found.columns
        if each.assigned is not None and each.assigned.confidence >= 0.9
    }
    assert sure.isdisjoint((each.target.table, each.target.column) for each in provider.asked)
    for before, now in zip(found.columns, after.columns, strict=True):
        assert now.assigned == before.assigned
        places = [{(one.table, one.column, one.confidence) for one in each.candidates} for each in (before, now)]
        assert places[0] == places[1]
        if (before.table, before.column) in sure:
            assert now == before


@pytest.mark.parametrize("line", [0.3, 0.5, 0.9, 0.99])
def test_a_provider_fills_nothing_in(line: float) -> None:
    found = suggest(*SIDES, least=line)

    after = reranked(found, Backwards(), SIDES, line=line)

    assert draft_mapping(after, min_confidence=line).filled == draft_mapping(found, min_confidence=line).filled


def test_a_candidate_put_first_says_by_whom() -> None:
    after = reranked(suggest(*SIDES), Backwards(), SIDES, line=0.9)

    assert any("put first by the contrarian" in each.candidates[0].reasons[-1] for each in after.columns)


def test_scores_that_do_not_fit_the_candidates_are_dropped() -> None:
    class Wrong(Backwards):
        def rank(self, questions: Sequence[Question]) -> Sequence[Sequence[float] | None]:
            return [[1.0] for _ in questions]

    found = suggest(*SIDES)
    assert reranked(found, Wrong(), SIDES, line=0.9) == found


def test_without_an_answer_the_suggestions_are_as_without_a_provider() -> None:
    with speaking(last_first) as speaker:
        gone = speaker.url
    provider = LanguageModel(Endpoint(gone, "m", seconds=1), Limits(seconds=2))
    found = suggest(*SIDES)

    assert reranked(found, provider, SIDES, line=0.9) == found
    assert "was left out" in provider.notes[0]


def test_a_model_at_an_endpoint_orders_what_is_open() -> None:
    found = suggest(*SIDES)
    with speaking(last_first) as speaker:
        after = reranked(found, LanguageModel(Endpoint(speaker.url, "m")), SIDES, line=0.9)
        asked = [speaker.data(number) for number in range(len(speaker.requests))]

    opened = [each for each in found.columns if each.assigned is None or each.assigned.confidence < 0.9]
    assert sum(len(each["columns"]) for each in asked) == len(opened)
    changed = {(each.table, each.column): each for each in after.columns}
    for each in opened:
        assert changed[each.table, each.column].candidates[1:] == tuple(reversed(each.candidates))[1:]


def test_of_values_only_patterns_are_told_and_only_if_they_are_given() -> None:
    found, provider = suggest(*SIDES), Backwards()
    seen = {
        (table.name, column.name): profile_of(["Ada Lovelace", "Grace Hopper", "Marie Curie"])
        for table in PROBLEM.source.tables
        for column in table.columns
    }
    reranked(found, provider, SIDES, line=0.9)
    assert all(not one.looks for each in provider.asked for one in each.candidates)

    provider.asked.clear()
    reranked(replace(found), provider, SIDES, line=0.9, profiles=seen)
    assert {one.looks for each in provider.asked for one in each.candidates} == {"Aa Aa"}
