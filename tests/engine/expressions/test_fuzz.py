"""Random expressions: nothing but our own errors comes out, whatever goes in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dms_workbench.engine.expressions import DuckEvaluator, InvalidExpression, compile_select
from dms_workbench.engine.expressions.functions import CHANGING, LIST, SPELLINGS
from tests.engine.expressions.fuzz import fault_of, fuzz
from tests.engine.expressions.samples import COLUMNS, LOOKUPS, ROW

CASES = Path(__file__).parents[2] / "cases" / "expressions" / "words.txt"
NAMES = [*(function.name for function in LIST), *SPELLINGS, *sorted(CHANGING), "read_csv", "range", "sum"]
WORDS = [*CASES.read_text("utf-8").split(), "\n", *(f"{name}(" for name in NAMES)]

soup = st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)

LEAVES = st.sampled_from(["a", "b", "n", "d", "m", "1", "0", "2.5", "'x'", "'7'", "NULL", "TRUE", "DATE '2024-01-31'"])


def calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Calls, operators and CASEs over smaller expressions."""
    function = st.sampled_from(LIST)
    arguments = st.lists(inner, max_size=3)
    return st.one_of(
        st.builds(lambda f, given: f"{f.name}({', '.join(given)})", function, arguments),
        st.builds(
            lambda x, sign, y: f"({x} {sign} {y})",
            inner,
            st.sampled_from(["+", "-", "*", "/", "//", "%", "||", "=", "<", "AND", "OR", "IS DISTINCT FROM"]),
            inner,
        ),
        st.builds(lambda c, x, y: f"CASE WHEN {c} THEN {x} ELSE {y} END", inner, inner, inner),
        st.builds(
            lambda x, name: f"CAST({x} AS {name})", inner, st.sampled_from(["INTEGER", "TEXT", "DATE", "DECIMAL(5,2)"])
        ),
        st.builds(lambda x: f"error('no') || {x}", inner),
        st.builds(lambda x: f"lookup('status', {x})", inner),
    )


well_formed = st.recursive(LEAVES, calls, max_leaves=8)

PATIENT = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])


def compiled(expression: str) -> Any:
    """The compiled expression, or None if it was refused."""
    try:
        return compile_select(COLUMNS, [("x", expression)], None, LOOKUPS)
    except InvalidExpression as error:
        assert 0 <= error.offset <= len(expression)
        assert error.reason
        return None


@PATIENT
@given(st.text(max_size=60))
def test_any_text_is_compiled_or_refused(expression: str) -> None:
    compiled(expression)


@PATIENT
@given(soup)
def test_any_soup_of_words_is_compiled_or_refused_and_what_is_compiled_binds_or_is_refused(expression: str) -> None:
    select = compiled(expression)
    if select is not None:
        try:
            DuckEvaluator(COLUMNS, select, LOOKUPS).close()
        except InvalidExpression as error:
            assert error.reason


@settings(PATIENT, max_examples=80)
@given(well_formed)
def test_every_row_of_a_well_formed_expression_is_kept_or_rejected(expression: str) -> None:
    select = compiled(expression)
    if select is None:
        return
    try:
        evaluator = DuckEvaluator(COLUMNS, select, LOOKUPS)
    except InvalidExpression:
        return
    rows = [ROW, (None,) * 5, ("", "P", -1, "0044-03-15 BC", "0.00"), ("7", "x", 2**62, "infinity", "-99999999.99")]
    result = evaluator.evaluate([list(column) for column in zip(*rows, strict=True)], len(rows))
    evaluator.close()
    assert sorted([*result.kept, *(reject.row for reject in result.rejects)]) == [0, 1, 2, 3]
    assert result.filtered == 0
    assert len(result.columns[0]) == len(result.kept)


@settings(PATIENT, max_examples=40)
@given(well_formed)
def test_a_row_fares_the_same_alone_and_among_bad_ones(expression: str) -> None:
    select = compiled(expression)
    if select is None:
        return
    try:
        evaluator = DuckEvaluator(COLUMNS, select, LOOKUPS)
    except InvalidExpression:
        return
    rows = [ROW, ("7", "N", 0, "2024-01-01", "1.00"), ("x", "?", 2**62, None, None)]
    together = evaluator.evaluate([list(column) for column in zip(*rows, strict=True)], len(rows))
    alone = [evaluator.evaluate([[value] for value in row], 1) for row in rows]
    evaluator.close()
    assert together.kept == [i for i, one in enumerate(alone) if one.kept]
    assert [repr(value) for value in together.columns[0]] == [repr(v) for one in alone for v in one.columns[0]]
    assert [r.reason for r in together.rejects] == [r.reason for one in alone for r in one.rejects]


def test_a_seeded_part_of_the_soak_in_children_under_limits_finds_nothing() -> None:
    counts, findings = fuzz(400, seed=2_026)
    assert findings == []
    assert sum(counts.values()) == 400
    assert counts["evaluated"] > 20


@pytest.mark.parametrize("expression", (CASES.parent / "found.txt").read_text("utf-8").splitlines())
def test_what_was_once_found_by_fuzzing_stays_mended(expression: str) -> None:
    assert fault_of(expression.encode().decode("unicode_escape"))[1] == ""


def test_a_value_whose_error_is_cut_within_a_character_rejects_its_row_alone() -> None:
    evaluator = DuckEvaluator(COLUMNS, compiled("unhex(a)"), LOOKUPS)
    result = evaluator.evaluate([["ff", "ff00\u00a0"], ["", ""], [1, 1], [None, None], [None, None]], 2)
    evaluator.close()
    assert (result.kept, [reject.row for reject in result.rejects]) == ([0], [1])
