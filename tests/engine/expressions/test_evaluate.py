from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest

from dms_workbench.engine.databases.base import Reject
from dms_workbench.engine.databases.catalogue import Column, DataType
from dms_workbench.engine.expressions import InvalidLookup, LookupTable, compile_evaluator, lookup_of_values
from tests.engine.expressions.samples import COLUMNS, INTEGER, LOOKUPS, TEXT, evaluate

ONE = (Column("a", TEXT),)


def reasons(rejects: list[Reject]) -> list[tuple[int, str | None, str, str]]:
    return [(reject.row, reject.column, reject.code, reject.reason) for reject in rejects]


def test_rows_for_which_the_filter_is_not_true_are_filtered() -> None:
    result = evaluate([("x", "upper(a)")], [("a",), ("TEST",), (None,), ("b",)], where="a <> 'TEST'", columns=ONE)
    assert result.kept == [0, 3]
    assert result.columns == [["A", "B"]]
    assert (result.filtered, result.rejects) == (2, [])


def test_a_filter_alone_needs_no_output() -> None:
    result = evaluate([], [("a",), ("b",)], where="a = 'b'", columns=ONE)
    assert (result.kept, result.columns, result.filtered) == ([1], [], 1)


def test_an_empty_batch_gives_an_empty_result() -> None:
    result = evaluate([("x", "CAST(a AS INTEGER)")], [], columns=ONE)
    assert (result.kept, result.columns, result.filtered, result.rejects) == ([], [[]], 0, [])


def test_error_rejects_the_row_with_the_reason_written() -> None:
    expression = "CASE WHEN a = 'Y' THEN true WHEN a = 'N' THEN false ELSE error('neither Y nor N') END"
    result = evaluate([("active", expression)], [("Y",), ("secret",), ("N",)], columns=ONE)
    assert result.columns == [[True, False]]
    assert reasons(result.rejects) == [(1, "active", "transform-failed", "neither Y nor N")]


def test_each_of_several_errors_is_told_by_its_own_reason() -> None:
    expression = "coalesce(nullif(a, ''), error('empty')) || if(length(a) > 3, error('too long'), '')"
    result = evaluate([("x", expression)], [("ab",), ("",), ("abcdef",)], columns=ONE)
    assert result.columns == [["ab"]]
    assert [reject.reason for reject in result.rejects] == ["empty", "too long"]


def test_an_error_behind_and_or_or_counts_only_where_it_is_reached() -> None:
    result = evaluate([("x", "a = 'y' OR error('not y')")], [("y",), ("n",)], columns=ONE)
    assert (result.kept, [r.row for r in result.rejects]) == ([0], [1])
    result = evaluate([("x", "a = 'y' AND error('y')")], [("y",), ("n",)], columns=ONE)
    assert (result.kept, [r.row for r in result.rejects]) == ([1], [0])


def test_a_key_that_a_lookup_lacks_rejects_the_row() -> None:
    result = evaluate([("x", "lookup('status', a)")], [("N",), ("?",), (None,)], columns=ONE)
    assert result.columns == [["new", None]]
    assert reasons(result.rejects) == [(1, "x", "no-lookup", "the lookup 'status' has no such key")]


def test_a_lookup_in_a_branch_that_is_not_taken_rejects_nothing() -> None:
    expression = "CASE WHEN a ~ '[A-Z]' THEN lookup('status', a) ELSE 'none' END"
    result = evaluate([("x", expression)], [("N",), ("?",)], columns=ONE)
    assert result.columns == [["new", "none"]]


def test_a_lookup_key_that_cannot_be_computed_is_told_as_such() -> None:
    lookups = {"numbers": LookupTable([1, 2], ["one", "two"], INTEGER, TEXT)}
    result = evaluate(
        [("x", "lookup('numbers', CAST(a AS BIGINT))")], [("1",), ("zwei",), ("3",)], columns=ONE, lookups=lookups
    )
    assert result.columns == [["one"]]
    assert [(r.row, r.code) for r in result.rejects] == [(1, "transform-failed"), (2, "no-lookup")]


def test_a_failing_cast_rejects_its_row_alone_and_hides_the_value() -> None:
    result = evaluate([("x", "CAST(a AS INTEGER)"), ("y", "upper(a)")], [("1",), ("secret",), ("3",)], columns=ONE)
    assert result.columns == [[1, 3], ["1", "3"]]
    assert reasons(result.rejects) == [(1, "x", "transform-failed", "the value cannot be read as INTEGER")]


@pytest.mark.parametrize(
    ("expression", "good", "bad", "reason"),
    [
        ("strptime(a, '%d.%m.%Y')", "31.12.2024", "31.02.2024", "the value does not fit the format '%d.%m.%Y'"),
        ("1 / CAST(a AS INTEGER)", "2", "0", "division by zero"),
        ("1 % CAST(a AS INTEGER)", "2", "0", "the result of % is out of range, or the divisor is zero"),
        ("CAST(a AS BIGINT) * 9000000000000000000", "1", "5", "the result of * is out of range"),
        ("make_date(2024, CAST(a AS INTEGER), 1)", "12", "13", "make_date() cannot be computed for the value"),
        ("decode(unhex(a))", "41", "FF", "decode() cannot be computed for the value"),
        ("CAST(a AS INTEGER) + CAST(a AS INTEGER)", "1", "x", "the value cannot be read as INTEGER"),
        (
            "CASE WHEN length(a) > 1 THEN CAST(a AS INTEGER) ELSE 0 END",
            "x",
            "xx",
            "the value cannot be read as INTEGER",
        ),
        (
            "coalesce(TRY_CAST(a AS INTEGER), CAST(left(a, 1) AS INTEGER))",
            "1x",
            "x1",
            "the value cannot be read as INTEGER",
        ),
        ("CAST(a AS INTEGER) IN (1, 2)", "1", "x", "the value cannot be read as INTEGER"),
    ],
)
def test_what_failed_is_named(expression: str, good: str, bad: str, reason: str) -> None:
    result = evaluate([("x", expression)], [(good,), (bad,), (good,)], columns=ONE)
    assert result.kept == [0, 2]
    assert reasons(result.rejects) == [(1, "x", "transform-failed", reason)]


def test_what_failed_in_a_huge_expression_is_told_without_naming_the_function() -> None:
    expression = f"coalesce({', '.join(['CAST(nullif(a, left(a, 0)) AS INTEGER)'] * 90)})"
    result = evaluate([("x", expression)], [("1",), ("x",)], columns=ONE)
    assert result.columns == [[1]]
    assert [r.reason for r in result.rejects] == ["a part of the expression cannot be computed for the value"]


def test_the_first_failing_output_is_blamed() -> None:
    result = evaluate(
        [("x", "upper(a)"), ("y", "a::DATE"), ("z", "a::INTEGER")], [("no",), ("2024-01-01",)], columns=ONE
    )
    assert [(r.row, r.column) for r in result.rejects] == [(0, "y"), (1, "z")]


def test_a_filter_that_fails_rejects_the_row_and_says_so() -> None:
    result = evaluate([("x", "a")], [("1",), ("x",), ("9",)], where="CAST(a AS INTEGER) > 5", columns=ONE)
    assert (result.kept, result.filtered) == ([2], 1)
    assert reasons(result.rejects) == [
        (1, None, "transform-failed", "in the filter: the value cannot be read as INTEGER"),
    ]


def test_error_in_a_filter_rejects_the_row() -> None:
    where = "CASE WHEN a = 'x' THEN error('x is not allowed') ELSE a <> 'b' END"
    for outputs in ([("x", "a")], [("x", "CAST(a AS INTEGER)")]):
        result = evaluate(outputs, [("1",), ("x",), ("b",)], where=where, columns=ONE)
        assert (result.kept, result.filtered) == ([0], 1)
        assert reasons(result.rejects) == [(1, None, "transform-failed", "in the filter: x is not allowed")]


def test_expressions_of_filtered_rows_are_not_evaluated() -> None:
    result = evaluate([("x", "CAST(a AS INTEGER)")], [("TEST",), ("1",)], where="a <> 'TEST'", columns=ONE)
    assert (result.kept, result.filtered, result.rejects) == ([1], 1, [])
    result = evaluate([("x", "CAST(a AS INTEGER)")], [("TEST",), ("1",), ("bad",)], where="a <> 'TEST'", columns=ONE)
    assert (result.kept, result.filtered, len(result.rejects)) == ([1], 1, 1)


@pytest.mark.parametrize(
    ("type", "values"),
    [
        (DataType("integer", "INTEGER", bits=64), [1, "one", 2.5, b"3", True, 2**63]),
        (DataType("integer", "UBIGINT", bits=64, unsigned=True), [2**64 - 1, "one", 2**127, 1.5]),
        (DataType("decimal", "DECIMAL(5,2)", precision=5, scale=2), ["1.50", "1.505", "1000.00", "NaN", "x"]),
        (DataType("float", "REAL", bits=64), [1.5, "1.5", b"1", True]),
        (DataType("boolean", "BOOLEAN"), [True, 2, "yes"]),
        (TEXT, ["a", 1, b"a", "\ud800"]),
        (DataType("bytes", "BLOB"), [b"a", "a", 1]),
        (DataType("date", "DATE"), ["2024-02-29", "2024-02-30", "31.12.2024", "2024-1-5", 20240101, " 2024-01-01"]),
        (DataType("time", "TIME"), ["10:00:00", "10:00", "25:00:00"]),
        (
            DataType("timestamp", "TIMESTAMP"),
            ["2024-01-01 10:00:00", "2024-12-31 24:00:00", "2024-01-01 10:00:00+02", "now"],
        ),
        (DataType("timestamptz", "TIMESTAMPTZ"), ["2024-01-01 10:00:00+00", "2024-01-01 10:00:00", "today"]),
        (
            DataType("uuid", "UUID"),
            ["00000000-0000-0000-0000-000000000001", "1", "{00000000-0000-0000-0000-000000000001}"],
        ),
        (DataType("interval", "INTERVAL"), ["1 day", "soon"]),
    ],
    ids=lambda value: value.kind if isinstance(value, DataType) else "",
)
def test_a_value_that_is_not_of_its_columns_type_is_rejected_if_an_expression_needs_it(
    type: DataType, values: list[Any]
) -> None:
    columns = (Column("k", TEXT), Column("v", type))
    rows = [("key", value) for value in values]
    result = evaluate([("x", "v IS NULL")], rows, columns=columns)
    assert result.kept == [0]
    assert {(r.column, r.code) for r in result.rejects} == {("v", "invalid-value")}
    assert [r.row for r in result.rejects] == list(range(1, len(values)))
    assert evaluate([("x", "upper(k)")], rows, columns=columns).rejects == []


@pytest.mark.parametrize(
    ("type", "values"),
    [
        (DataType("boolean", "BOOLEAN"), [True, False, None]),
        (INTEGER, [0, -(2**63), 2**63 - 1, None]),
        (DataType("integer", "HUGEINT", bits=128), [2**126, -(2**127), None]),
        (DataType("float", "DOUBLE", bits=64), [1.5, -0.0, 1e308, float("inf"), None]),
        (
            DataType("decimal", "DECIMAL(38,5)", precision=38, scale=5),
            ["-12.50000", "123456789012345678901234567890123.00001", None],
        ),
        (DataType("decimal", "NUMERIC"), ["1.5000", "1" * 60, "NaN", None]),
        (TEXT, ["", "ä\n😀", "nul \0 inside", None]),
        (DataType("bytes", "BYTEA"), [b"", b"\0\xff", None]),
        (DataType("date", "DATE"), ["2024-02-29", "0044-03-15 BC", "12024-01-01", "infinity", "-infinity", None]),
        (DataType("time", "TIME"), ["00:00:00", "23:59:59.123456", "24:00:00", "10:00:00.5", None]),
        (
            DataType("timestamp", "TIMESTAMP"),
            [
                "2024-01-01 00:00:00",
                "0044-03-15 01:02:03.5 BC",
                "infinity",
                "-infinity",
                "2024-01-01 10:00:00.000001",
                None,
            ],
        ),
        (
            DataType("timestamptz", "TIMESTAMPTZ"),
            ["2024-01-31 12:00:00.5+00", "0044-03-15 01:02:03+00 BC", "infinity", None],
        ),
        (
            DataType("interval", "INTERVAL"),
            ["1 year 2 mons 3 days 04:05:06.7", "-1 days +02:03:04", "00:00:00", "-00:00:01", None],
        ),
        (DataType("uuid", "UUID"), ["0123abcd-0000-0000-0000-00000000ffff", None]),
        (DataType("json", "JSONB"), ['{"a": [1, null]}', None]),
        (DataType("other", "point"), ["(1,2)", None]),
    ],
    ids=lambda value: value.kind if isinstance(value, DataType) else "",
)
def test_a_value_passes_through_an_expression_unchanged(type: DataType, values: list[Any]) -> None:
    result = evaluate([("x", "v")], [(value,) for value in values], columns=(Column("v", type),))
    assert result.rejects == []
    assert result.columns == [values]
    assert [str(value) for value in result.columns[0]] == [str(value) for value in values], "minus zero too"


def test_rows_keep_their_order_through_lookups() -> None:
    keys = [("N", "P")[i % 2] for i in range(20_000)]
    result = evaluate([("x", "lookup('status', a)"), ("y", "a")], [(key,) for key in keys], columns=ONE)
    assert result.columns[1] == keys
    assert result.kept == list(range(20_000))


def test_many_bad_rows_take_seconds_not_minutes() -> None:
    rows = 50_000
    evaluator = compile_evaluator(
        COLUMNS, [("x", "CAST(a AS INTEGER)"), ("y", "if(n % 100 = 7, error('seven'), n)")], "n <> 5", LOOKUPS
    )
    values: list[list[Any]] = [
        [str(i) if i % 50 else "bad" for i in range(rows)],
        ["b"] * rows,
        list(range(rows)),
        [None] * rows,
        [None] * rows,
    ]
    start = time.process_time()
    result = evaluator.evaluate(values, rows)
    assert time.process_time() - start < 20
    evaluator.close()
    assert len(result.rejects) == 1_000 + 500
    assert (len(result.kept), result.filtered) == (rows - 1_500 - 1, 1)
    assert result.columns[0][:3] == [1, 2, 3]


def test_an_evaluator_takes_batch_after_batch_also_after_a_bad_one() -> None:
    evaluator = compile_evaluator(ONE, [("x", "CAST(a AS INTEGER)")], None, {})
    assert evaluator.evaluate([["1", "2"]], 2).columns == [[1, 2]]
    assert len(evaluator.evaluate([["1", "x"]], 2).rejects) == 1
    assert evaluator.evaluate([["3"]], 1).columns == [[3]]
    evaluator.close()
    evaluator.close()


@pytest.mark.parametrize(
    "lookups",
    [
        {"l": LookupTable(["a", "b", "a"], [1, 2, 3], TEXT, INTEGER)},
        {"l": LookupTable([1, 2, 1], ["x", "y", "x"], INTEGER, TEXT)},
    ],
)
def test_a_lookup_with_a_key_twice_is_refused(lookups: Mapping[str, LookupTable]) -> None:
    with pytest.raises(InvalidLookup, match="1 key occurs more than once"):
        compile_evaluator(ONE, [("x", "lookup('l', a)")], None, lookups)


def test_a_lookup_whose_values_are_not_of_their_type_is_refused() -> None:
    with pytest.raises(InvalidLookup, match="1 values of its value"):
        compile_evaluator(ONE, [("x", "lookup('l', a)")], None, {"l": LookupTable(["a"], ["x"], TEXT, INTEGER)})


def test_null_keys_of_a_lookup_are_never_found() -> None:
    lookups = {"l": LookupTable([None, None, "a"], ["x", "y", "z"])}
    result = evaluate([("x", "lookup('l', a)")], [(None,), ("a",)], columns=ONE, lookups=lookups)
    assert result.columns == [[None, "z"]]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"a": 1, "b": None}, "integer"),
        ({"a": True}, "boolean"),
        ({"a": 1, "b": 2.5}, "float"),
        ({"a": "x", "b": 1}, "text"),
    ],
)
def test_a_lookup_in_the_file_has_the_type_of_its_values(values: dict[str, Any], kind: str) -> None:
    evaluator = compile_evaluator(ONE, [("x", "lookup('l', a)")], None, {"l": lookup_of_values(values)})
    evaluator.close()
    assert evaluator.types[0].kind == kind
