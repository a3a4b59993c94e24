from __future__ import annotations

import pytest

from dms_workbench.engine.mapping import draft_mapping, parse_mapping
from dms_workbench.engine.matching import (
    ColumnOutline,
    SchemaOutline,
    Suggestions,
    TableOutline,
    suggest,
)
from tests.benchmarks.matching_cases import Problem, own_problems

CASES = {problem.name: problem for problem in own_problems()}


def outline(**tables: str) -> SchemaOutline:
    """Tables of integer columns, their names with blanks between."""
    return SchemaOutline(
        tuple(TableOutline(name, tuple(ColumnOutline(column, "integer") for column in columns.split())) for name, columns in tables.items())
    )  # fmt: skip


def right(problem: Problem, found: Suggestions) -> float:
    """The share of target columns with a source whose first candidate is right."""
    hits = [
        bool(each.candidates) and (each.candidates[0].table, each.candidates[0].column) in problem.truth[each.table, each.column]
        for each in found.columns
        if (each.table, each.column) in problem.truth
    ]  # fmt: skip
    return sum(hits) / len(hits)


def test_a_schema_is_suggested_to_itself() -> None:
    schema = CASES["webshop"].target

    found = suggest(schema, schema)

    assert all(
        (each.candidates[0].table, each.candidates[0].column) == (each.table, each.column) for each in found.columns
    )
    assert sum(each.assigned is not None for each in found.columns) >= 0.95 * len(found.columns)


@pytest.mark.parametrize("name", sorted(CASES))
def test_most_columns_of_a_schema_of_other_names_are_found(name: str) -> None:
    assert right(CASES[name], suggest(CASES[name].source, CASES[name].target)) >= 0.8


def test_the_same_schemas_give_the_same_suggestions() -> None:
    problem = CASES["hotel"]

    assert suggest(problem.source, problem.target) == suggest(problem.source, problem.target)


def test_nothing_is_filled_in_between_schemas_that_have_nothing_in_common() -> None:
    found = suggest(CASES["hospital"].source, outline(geofence="polygon radius", turbine="torque blade_pitch"))

    assert [each for each in found.columns if each.assigned is not None] == []


@pytest.mark.parametrize("source", [outline(), outline(empty=""), outline(t="a")])
@pytest.mark.parametrize("target", [outline(), outline(empty=""), outline(t="a")])
def test_schemas_without_tables_or_columns_are_no_trouble(source: SchemaOutline, target: SchemaOutline) -> None:
    found = suggest(source, target)

    assert len(found.tables) == len(target.tables)
    assert len(found.columns) == target.columns


def test_reasons_say_what_the_names_share() -> None:
    problem = CASES["webshop"]

    found = suggest(problem.source, problem.target)

    reasons = {(each.table, each.column): each.candidates[0].reasons for each in found.columns}
    assert any("same" in reason for reason in reasons["customer", "customer_id"])
    assert all(each for each in reasons.values())


def test_hostile_names_are_names() -> None:
    hostile = outline(**{"<script>alert(1)</script>": "a';--", "t": "\u202e"})

    found = suggest(hostile, hostile)

    assert draft_mapping(found, min_confidence=0.5).text


def test_the_draft_is_a_mapping_with_what_is_sure_and_comments_for_the_rest() -> None:
    problem = CASES["crm"]

    found = suggest(problem.source, problem.target)
    draft = draft_mapping(found, min_confidence=0.9)

    mapping = parse_mapping(draft.text)
    filled = {(table.target, column.target) for table in mapping.tables for column in table.columns or ()}
    assert filled == draft.filled
    assert draft.text.count("\n#   ") == len(found.columns) - len(filled)
