"""Functions that repair texts, over Arrow: what is known is repaired, what is not is rejected or NULL where that is asked."""

from __future__ import annotations

import pytest

from dms_workbench.engine.databases.catalogue import Column, DataType
from dms_workbench.engine.expressions import InvalidExpression, compile_evaluator, push_down
from tests.engine.expressions.samples import COLUMNS, LOOKUPS, TEXT, evaluate, value

A = (Column("a", TEXT),)


def made(expression: str, *texts: str | None) -> tuple[list[object], list[int]]:
    """The values kept, and the rows rejected."""
    result = evaluate([("x", expression)], [[text] for text in texts], columns=A)
    return result.columns[0], [reject.row for reject in result.rejects]


@pytest.mark.parametrize(
    ("expression", "text", "repaired"),
    [
        ("tidy(a)", "\u00a0a\u200bb \n", "ab"),
        ("tidy(a)", "R&amp;D", "R&D"),
        ("tidy(a)", "e\u0301", "é"),
        ("tidy(a)", "clean", "clean"),
        ("parse_number(a, 'comma')", "1.234.567,8", "1234567.8"),
        ("parse_number(a, 'comma')", "1.234", "1234"),
        ("parse_number(a, 'point')", "1.234", "1.234"),
        ("parse_number(a, 'point')", "1,234.5", "1234.5"),
        ("parse_number(a, 'point')", "-0.50", "-0.50"),
        ("parse_number(a, 'point', '$ USD')", "$12.30", "12.30"),
        ("parse_number(a, 'point', 'kg')", "7 kg", "7"),
        ("phone_e164(a)", "0049 (0)30 1234567", "+49301234567"),
        ("phone_e164(a, '+39')", "06 1234 5678", "+390612345678"),
        ("phone_e164(a, '+49')", "+44 20 7946 0958", "+442079460958"),
        ("country_code(a)", "deu", "DE"),
        ("country_code(a)", "aus", "AU"),
        ("country_code(a)", "Österreich", "AT"),
        ("pad_left(a, 3, '0')", "12345", "12345"),
        ("nullif_word(a, 'Keiner')", " keiner ", None),
        ("nullif_word(a)", "nothing ventured", "nothing ventured"),
        ("parse_date(a, '%d.%m.%Y', '%Y%m%d')", "20240229", "2024-02-29"),
    ],
)
def test_a_text_is_written_as_it_should_be(expression: str, text: str, repaired: str | None) -> None:
    assert made(expression, text) == ([repaired], [])


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("parse_number(a, 'point')", "1.234,5"),
        ("parse_number(a, 'point')", "12,34"),
        ("parse_number(a, 'point')", "12 kg"),
        ("parse_number(a, 'point', 'EUR')", "12 USD"),
        ("parse_number(a, 'comma')", ""),
        ("parse_number(a, 'point')", "1,234 567"),
        ("parse_boolean(a)", "perhaps"),
        ("parse_date(a, '%d.%m.%Y')", "31.02.2024"),
        ("phone_e164(a)", "030 1234567"),
        ("phone_e164(a, '+49')", "12"),
        ("country_code(a)", "Atlantis"),
        ("fix_encoding(a)", "M\ufffdller"),
    ],
)
def test_what_cannot_be_known_rejects_its_row_alone_and_with_try_gives_null(call: str, text: str) -> None:
    assert made(call, None, text)[1] == [1]
    assert made(call, None, text)[0] == [None]
    assert made(f"try_{call}", None, text) == ([None, None], [])


def test_the_reason_of_a_reject_holds_no_value() -> None:
    result = evaluate([("x", "phone_e164(a)")], [["secret 17"]], columns=A)
    assert result.rejects[0].code == "transform-failed"
    assert result.rejects[0].reason == "the value is no telephone number with its country"


def test_many_rows_of_few_values_are_repaired_alike() -> None:
    texts = [" Ja ", "nein", None, "?"] * 5_000
    kept, rejected = made("parse_boolean(a)", *texts)
    assert (kept, len(rejected)) == ([True, False, None] * 5_000, 5_000)


def test_a_repair_inside_a_branch_that_is_not_taken_rejects_nothing() -> None:
    assert made("CASE WHEN a = 'x' THEN country_code(a) ELSE 'none' END", "Atlantis") == (["none"], [])
    assert made("coalesce(try_country_code(a), a)", "Atlantis", "Spain") == (["Atlantis", "ES"], [])


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("parse_number(a, 'dot')", "'comma' or 'point'"),
        ("parse_number(a, b)", "written out"),
        ("phone_e164(a, 'DE')", "calling code"),
        ("parse_date(a)", "parse_date is written"),
        ("tidy(n)", "tidy() does not take"),
    ],
)
def test_a_wrong_call_is_found_when_the_mapping_is_checked(expression: str, said: str) -> None:
    with pytest.raises(InvalidExpression) as error:
        compile_evaluator(COLUMNS, [("x", expression)], None, LOOKUPS)
    assert said in str(error.value)


def test_repairs_are_never_pushed_down() -> None:
    columns = [Column("a", DataType("text", "TEXT"))]
    assert push_down(columns, [("x", "tidy(a)")], {}) is None
    assert push_down(columns, [("x", "parse_date(a, '%Y')")], {}) is None


def test_a_date_in_several_parts_of_one_expression_is_read_once_each() -> None:
    assert (
        value(
            "year(parse_date(a, '%d.%m.%Y')) + month(parse_date(b, '%Y-%m-%d'))",
            ("1.2.2024", "2024-03-01", 1, None, None),
        )
        == 2027
    )
