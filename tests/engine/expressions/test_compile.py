from __future__ import annotations

import csv
import logging
import time
from pathlib import Path

import pytest

from dms_workbench.engine.databases.catalogue import Column
from dms_workbench.engine.expressions import InvalidExpression, compile_evaluator, compile_select
from tests.engine.expressions.samples import COLUMNS, LOOKUPS, TEXT, evaluate, type_of, value

CASES = Path(__file__).parents[2] / "cases" / "expressions" / "refused.csv"
REFUSED = [tuple(row.values()) for row in csv.DictReader(CASES.read_text("utf-8").splitlines())]


def refusal(expression: str) -> InvalidExpression:
    with pytest.raises(InvalidExpression) as caught:
        compile_evaluator(COLUMNS, [("x", expression)], None, LOOKUPS).close()
    return caught.value


@pytest.mark.parametrize(("attack", "expression", "holds"), REFUSED)
def test_an_attack_or_trap_is_refused_with_a_clear_sentence(
    attack: str, expression: str, holds: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    error = refusal(expression)
    assert holds in error.reason
    assert error.exit_code == 2
    assert error.where == "the expression for x"
    assert 0 <= error.offset <= len(expression)
    assert "SELECT" in expression or "SELECT" not in error.reason, "our own SQL does not show"
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("expression", "column", "word"),
    [
        ("upper(a) || lwer(a)", 12, "lwer"),
        ("split_part(\n  cust, ' ', 1)", 14, "cust"),
        ("a = 'x' AND now() IS NULL", 12, "now"),
        ("repeat(a, 10000)", 10, "10000"),
        ("coalesce(a, (SELECT 1))", 20, "1"),
    ],
)
def test_the_place_of_an_error_is_told(expression: str, column: int, word: str) -> None:
    error = refusal(expression)
    assert error.offset == column
    assert expression[error.offset :].startswith(word)
    assert f"at character {column + 1} of" in str(error)


def test_a_column_is_found_as_written_before_other_capitals() -> None:
    columns = (Column("Name", TEXT), Column("name", TEXT))
    assert value("name", ("first", "second"), columns=columns) == "second"
    assert value('"Name"', ("first", "second"), columns=columns) == "first"


def test_a_column_is_found_in_other_capitals_if_only_one_fits() -> None:
    assert value("NAME", ("first",), columns=(Column("Name", TEXT),)) == "first"
    with pytest.raises(InvalidExpression, match="may be any of 'Name', 'name': write it exactly"):
        compile_select((Column("Name", TEXT), Column("name", TEXT)), [("x", "NAME")], None, {})


@pytest.mark.parametrize(
    "name", ['od"d', "a b", "semi;colon", "new\nline", "%s", "';--", "é", "select", "user", "x" * 200, "\u202e"]
)
def test_odd_names_are_written_in_double_quotes_and_never_reach_the_sql(name: str) -> None:
    expression = '"' + name.replace('"', '""') + '"'
    assert value(expression, ("v",), columns=(Column(name, TEXT),)) == "v"
    select = compile_select((Column(name, TEXT),), [("x", expression)], None, {})
    assert select.outputs[0].sql == "c0"


def test_a_column_that_is_named_like_now_is_a_column() -> None:
    assert value("current_date", ("v",), columns=(Column("current_date", TEXT),)) == "v"


def test_an_unknown_column_is_told_with_the_nearest_known_one() -> None:
    error = refusal("custmer_name || a")
    assert "there is no column 'custmer_name'" in error.reason
    with pytest.raises(InvalidExpression, match="did you mean 'customer_name'"):
        compile_select((Column("customer_name", TEXT),), [("x", "custmer_name")], None, {})


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("a" + " || a" * 3_000, "10,000 are the limit"),
        ("a" + "||a" * 2_100, "4,000 are the limit"),
        ("a" + " || a" * 150, "nested more than 100 deep"),
        ("(" * 30 + "a" + ")" * 30, "nested more than 25 deep"),
        ("NOT " * 1_000 + "a", "deep"),
        ("- " * 1_900 + "n", "deep"),
        ("a IN (" + ", ".join(["1"] * 1_001) + ")", "1,000 are the limit"),
        ("'" + "x" * 5_000 + "'", "4,000 are the limit"),
        ("case " * 26 + "1" + " end" * 26, "nested more than 25 deep"),
        ("lookup('status', " * 20 + "a" + ")" * 20, "nested more than 3 deep"),
        ("a\0b", "NUL"),
        ("1" * 100, "no number"),
    ],
)
def test_what_is_too_large_is_refused_at_once(expression: str, sentence: str) -> None:
    compile_select(COLUMNS, [("x", "a")], None, {})
    start = time.process_time()
    with pytest.raises(InvalidExpression, match=sentence):
        compile_select(COLUMNS, [("x", expression)], None, LOOKUPS)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("n + 1", 8),
        ("- n", -7),
        ("n * 2 - 1", 13),
        ("n / 2", 3.5),
        ("n // 2", 3),
        ("n % 4", 3),
        ("a || '!'", "Ada Lovelace!"),
        ("NOT n = 7", False),
        ("n <> 7 OR a IS NOT NULL", True),
        ("n BETWEEN 1 AND 7 AND n NOT IN (1, 2)", True),
        ("n >= 7 AND n <= 7 AND NOT (n < 7) AND NOT (n > 7)", True),
        ("n IS NOT DISTINCT FROM NULL", False),
        ("n IS DISTINCT FROM NULL", True),
        ("(n = 7) IS TRUE", True),
        ("a LIKE 'Ada%'", True),
        ("a ILIKE 'ADA%'", True),
        ("a LIKE 'Ada!%' ESCAPE '!'", False),
        ("a ~ 'A.*e'", True),
        ("CASE WHEN n > 5 THEN 'big' WHEN n > 1 THEN 'small' END", "big"),
        ("CASE b WHEN 'P' THEN 1 WHEN 'N' THEN 2 ELSE 3 END", 2),
        ("CASE WHEN n > 50 THEN 'big' END", None),
        ("CAST(n AS VARCHAR)", "7"),
        ("n::DOUBLE", 7.0),
        ("TRY_CAST(a AS INTEGER)", None),
        ("CAST('1.005' AS DECIMAL(10,3))", "1.005"),
        ("DATE '2024-01-31' + INTERVAL '1' MONTH", "2024-02-29 00:00:00"),
        ("TIMESTAMP '2024-07-01 12:00:00' AT TIME ZONE 'Europe/Berlin'", "2024-07-01 10:00:00+00"),
        ("extract(year FROM d)", 2024),
        ("substring(a FROM 1 FOR 3)", "Ada"),
        ("position('L' IN a)", 5),
        ("trim(LEADING 'A' FROM a)", "da Lovelace"),
        ("trim(TRAILING 'e' FROM a)", "Ada Lovelac"),
        ("if(n = 7, 'seven', 'other')", "seven"),
        ("ifnull(NULL, b)", "N"),
        ("lookup('status', b)", "new"),
        ("lookup('status', 'X', 'other')", "other"),
        ("lookup('status', 'X', NULL)", None),
        ("lookup('status', NULL)", None),
        ("lookup('status', substring(lookup('status', 'N', 'x'), 9, 1), b)", "N"),
        ("'it''s; -- \\ \"x\" /* y */'", 'it\'s; -- \\ "x" /* y */'),
        ("a -- a comment", "Ada Lovelace"),
        ("1.50", "1.50"),
        ("1e3", 1000.0),
        ("NULL", None),
        ("TRUE", True),
        ("m * 2", "25.00"),
        ("d", "2024-02-29"),
        ("date_diff('day', d, DATE '2024-03-01')", 1),
    ],
)
def test_an_operator_means_what_it_means_in_sql(expression: str, result: object) -> None:
    assert value(expression) == result


@pytest.mark.parametrize(
    ("expression", "kind", "native"),
    [
        ("n", "integer", "BIGINT"),
        ("a", "text", "VARCHAR"),
        ("m", "decimal", "DECIMAL(10,2)"),
        ("m * 1.5", "decimal", "DECIMAL(12,3)"),
        ("d", "date", "DATE"),
        ("d + INTERVAL '1' DAY", "timestamp", "TIMESTAMP"),
        ("n > 1", "boolean", "BOOLEAN"),
        ("n / 2", "float", "DOUBLE"),
        ("NULL", "text", "VARCHAR"),
        ("error('never')", "text", "VARCHAR"),
        ("CAST(a AS SMALLINT)", "integer", "SMALLINT"),
        ("unhex(a)", "bytes", "BLOB"),
        ("to_days(1)", "interval", "INTERVAL"),
        ("CAST(a AS UUID)", "uuid", "UUID"),
        ("CAST(a AS TIME)", "time", "TIME"),
        ("to_timestamp(n)", "timestamptz", "TIMESTAMPTZ"),
        ("lookup('status', a)", "text", "VARCHAR"),
    ],
)
def test_the_type_of_a_result_is_known_before_any_row(expression: str, kind: str, native: str) -> None:
    found = type_of(expression)
    assert (found.kind, found.native) == (kind, native)


def test_a_filter_that_is_no_condition_is_refused() -> None:
    with pytest.raises(InvalidExpression, match="true or false; this one gives text") as caught:
        evaluate([], where="a || b")
    assert caught.value.where == "the filter (where)"
