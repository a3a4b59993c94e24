from __future__ import annotations

import pytest

from dms_workbench.engine.matching import ColumnOutline, SchemaOutline, Suggestions, TableOutline, suggest
from dms_workbench.engine.matching.value_hints import ValueHint
from dms_workbench.engine.matching.values import Profile, profile_of
from tests.benchmarks.matching_cases import own_problems
from tests.benchmarks.matching_values import hint_of, measured

MAILS = [f"person{number}@shop.example" for number in range(40)]
PAGES = [f"https://shop.example/p/{number}" for number in range(40)]
PHONES = [f"+49 30 {number:05d}" for number in range(40)]
WORDS = [f"word {'abcdefghij'[number % 10] * 3} {'klmnopqrst'[number // 10] * 4}" for number in range(40)]
TIMES = [1_600_000_000 + 86_400 * number for number in range(40)]

Rows = dict[str, list[object]]


def side(table: str, columns: dict[str, str]) -> SchemaOutline:
    return SchemaOutline(
        (TableOutline(table, tuple(ColumnOutline(name, kind, 200) for name, kind in columns.items())),)
    )


def seen(table: str, rows: Rows) -> dict[tuple[str, str], Profile]:
    return {(table, name): profile_of(values) for name, values in rows.items()}


def confidence(found: Suggestions, target: str, source: str) -> float:
    each = next(each for each in found.columns if each.column == target)
    return next(one.confidence for one in each.candidates if one.column == source)


def reasons(found: Suggestions, target: str, source: str) -> str:
    each = next(each for each in found.columns if each.column == target)
    return "; ".join(next(one.reasons for one in each.candidates if one.column == source))


def test_values_tell_columns_apart_whose_names_say_nothing() -> None:
    source = side("t07", dict.fromkeys(("f01", "f02", "f03", "f04"), "text"))
    target = side("account", dict.fromkeys(("homepage", "email", "telephone", "about"), "text"))
    rows: Rows = {"f01": [*WORDS], "f02": [*MAILS], "f03": [*PAGES], "f04": [*PHONES]}
    there: Rows = {"homepage": [*PAGES], "email": [*MAILS], "telephone": [*PHONES], "about": [*WORDS]}
    right = {"homepage": "f03", "email": "f02", "telephone": "f04", "about": "f01"}

    def behind(found: Suggestions) -> int:
        """How many candidates stand before the right ones."""
        return sum([one.column for one in each.candidates].index(right[each.column]) for each in found.columns)

    plain = suggest(source, target)
    alone = suggest(source, target, hints=[ValueHint(seen("t07", rows), {})])
    both = suggest(source, target, hints=[ValueHint(seen("t07", rows), seen("account", there))])

    assert behind(both) < behind(alone) < behind(plain)
    assert "the values are e-mail addresses, as the name says" in reasons(alone, "email", "f02")
    assert confidence(alone, "email", "f02") > confidence(plain, "email", "f02")
    assert confidence(alone, "telephone", "f03") < confidence(plain, "telephone", "f03") - 0.1
    assert "100% of the values occur in the target's column" in reasons(both, "about", "f01")


@pytest.mark.parametrize(
    ("source_kind", "target_kind", "values", "says"),
    [
        ("text", "integer", WORDS, "but the values hold letters"),
        ("text", "timestamp", WORDS, "but the values hold letters and no dates"),
        ("integer", "text", TIMES, "but the values are Unix times"),
        ("integer", "timestamp", list(range(40)), "but the values are numbers that are no times"),
        ("integer", "boolean", list(range(40)), "but the values are more than two"),
        ("text", "text", ["x" * 300] * 10, "but values are longer than 200 characters"),
    ],
)
def test_values_that_do_not_fit_speak_against_a_pair(
    source_kind: str, target_kind: str, values: list[object], says: str
) -> None:
    source, target = side("item", {"value": source_kind}), side("item", {"value": target_kind})

    plain = suggest(source, target)
    found = suggest(source, target, hints=[ValueHint(seen("item", {"value": values}), {})])

    assert says in reasons(found, "value", "value")
    assert confidence(found, "value", "value") < confidence(plain, "value", "value")


def test_unix_times_speak_for_a_timestamp() -> None:
    source, target = side("item", {"made": "integer"}), side("item", {"created": "timestamp"})

    plain = suggest(source, target)
    found = suggest(source, target, hints=[ValueHint(seen("item", {"made": [*TIMES]}), {})])

    assert "the values are Unix times" in reasons(found, "created", "made")
    assert confidence(found, "created", "made") > confidence(plain, "created", "made")


@pytest.mark.parametrize("values", [[], [None] * 50, ["a", "b"], [""] * 50])
def test_few_or_no_values_say_nothing(values: list[object]) -> None:
    source, target = side("item", {"note": "text"}), side("item", {"remark": "text"})
    profile = profile_of(values)

    hint = ValueHint({("item", "note"): profile}, {("item", "remark"): profile})

    assert suggest(source, target, hints=[hint]) == suggest(source, target)


def test_numbers_that_occur_on_both_sides_say_nothing() -> None:
    source, target = side("item", {"a": "integer"}), side("thing", {"b": "integer"})
    rows = {"item": seen("item", {"a": list(range(100))}), "thing": seen("thing", {"b": list(range(100))})}

    found = suggest(source, target, hints=[ValueHint(rows["item"], rows["thing"])])

    assert found == suggest(source, target)


def test_reasons_hold_no_value() -> None:
    problem = own_problems()[0]
    found = suggest(problem.source, problem.target, hints=[hint_of(problem, random_rows=False)])

    told = " ".join(reason for each in found.columns for one in each.candidates for reason in one.reasons)
    assert "values" in told
    assert ".example" not in told


@pytest.mark.slow
def test_telling_rows_help_and_random_rows_do_no_harm() -> None:
    problems = own_problems()
    plain = measured(problems, None)
    telling = measured(problems, lambda each: hint_of(each, random_rows=False))
    random = measured(problems, lambda each: hint_of(each, random_rows=True))

    assert telling["accuracy"] >= plain["accuracy"]
    assert telling["share"] > plain["share"]
    for figures in (telling, random):
        assert figures["accuracy"] >= plain["accuracy"]
        assert figures["precision"] >= plain["precision"] - 0.001
