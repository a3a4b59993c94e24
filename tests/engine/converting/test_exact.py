"""Single values: exact, converted as documented, or refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.engine.converting.exact import CONVERSIONS, Unfit, convertible
from dms_workbench.engine.databases.catalogue import DataType

INTEGER = DataType("integer", "", bits=64)


@pytest.mark.parametrize(
    ("value", "type", "expected"),
    [
        (1, DataType("boolean", ""), True),
        ("f", DataType("boolean", ""), False),
        ("TRUE", DataType("boolean", ""), True),
        (5.0, INTEGER, 5),
        ("-12", INTEGER, -12),
        ("7.00", INTEGER, 7),
        (12.5, DataType("decimal", "", precision=10, scale=2), "12.5"),
        (7, DataType("decimal", "", precision=10, scale=2), "7"),
        ("1E3", DataType("decimal", ""), "1000"),
        (3, DataType("float", "", bits=64), 3.0),
        ("0.1", DataType("float", "", bits=64), 0.1),
        (42, DataType("text", ""), "42"),
        ("text", DataType("bytes", ""), b"text"),
        ("2024-02-29", DataType("date", ""), "2024-02-29"),
        ("2024-01-01", DataType("timestamp", "", scale=6), "2024-01-01 00:00:00"),
        ("2024-01-01T12:00:00.500", DataType("timestamp", "", scale=6), "2024-01-01 12:00:00.5"),
        ("2024-01-01 12:00:00+02:00", DataType("timestamptz", "", scale=6), "2024-01-01 10:00:00+00"),
        ("23:59:59.120", DataType("time", "", scale=6), "23:59:59.12"),
        ("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", DataType("uuid", ""), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ('{"a": [1]}', DataType("json", ""), '{"a": [1]}'),
    ],
)
def test_a_fit_value_is_converted_as_documented(value, type, expected):
    assert CONVERSIONS[type.kind](value, type) == expected


@pytest.mark.parametrize(
    ("value", "type", "code"),
    [
        (2, DataType("boolean", ""), "invalid-value"),
        ("maybe", DataType("boolean", ""), "invalid-value"),
        (1.5, INTEGER, "invalid-value"),
        ("007", INTEGER, "invalid-value"),
        (" 7", INTEGER, "invalid-value"),
        (2**63, INTEGER, "out-of-range"),
        (-1, DataType("integer", "", bits=32, unsigned=True), "out-of-range"),
        (0.1 + 0.2, DataType("decimal", "", precision=10, scale=2), "loses-precision"),
        (123456789.12, DataType("decimal", "", precision=10, scale=2), "out-of-range"),
        (float("inf"), DataType("decimal", ""), "invalid-value"),
        ("N/A", DataType("decimal", ""), "invalid-value"),
        (2**53 + 1, DataType("float", "", bits=64), "loses-precision"),
        (0.1, DataType("float", "", bits=32), "loses-precision"),
        ("abcd", DataType("text", "", length=3), "too-long"),
        (b"\x00", DataType("text", ""), "invalid-value"),
        ("\udcff", DataType("text", ""), "invalid-text"),
        ("2023-02-30", DataType("date", ""), "invalid-value"),
        ("0000-00-00", DataType("date", ""), "invalid-value"),
        ("01/02/2024", DataType("date", ""), "invalid-value"),
        ("", DataType("date", ""), "invalid-value"),
        (1704067200, DataType("date", ""), "invalid-value"),
        ("2024-01-01 12:00:00+02:00", DataType("timestamp", "", scale=6), "invalid-value"),
        ("2007-08-04- 00:00:00.000", DataType("timestamp", "", scale=6), "invalid-value"),
        ("2024-12-31 24:00:00", DataType("timestamp", "", scale=6), "invalid-value"),
        ("2024-01-01 12:00:00.1234567", DataType("timestamp", "", scale=6), "loses-precision"),
        ("2024-01-01 12:00:00.5", DataType("timestamp", "", scale=0), "loses-precision"),
        ("today", DataType("date", ""), "invalid-value"),
        ("2024-01-01 12:00:00", DataType("timestamptz", "", scale=6), "invalid-value"),
        ("not a uuid", DataType("uuid", ""), "invalid-value"),
        ("{", DataType("json", ""), "invalid-value"),
        ("NaN", DataType("json", ""), "invalid-value"),
    ],
)
def test_an_unfit_value_is_refused_with_its_code_and_without_itself(value, type, code):
    with pytest.raises(Unfit) as caught:
        CONVERSIONS[type.kind](value, type)
    assert caught.value.code == code
    if isinstance(value, str) and len(value) > 3:
        assert value not in caught.value.reason


@given(st.decimals(-(10**14), 10**14, allow_nan=False, allow_infinity=False, places=4))
def test_a_decimal_is_kept_or_refused_but_never_rounded(number):
    try:
        kept = CONVERSIONS["decimal"](str(number), DataType("decimal", "", precision=12, scale=2))
    except Unfit:
        assert number * 100 % 1 or abs(number) >= 10**10
    else:
        assert Decimal(kept) == number


def test_digits_beyond_any_working_precision_are_kept():
    text = "1" * 60 + ".5"
    assert CONVERSIONS["decimal"](text, DataType("decimal", "", precision=61, scale=1)) == text


def test_an_exponent_cannot_make_text_without_end():
    with pytest.raises(Unfit):
        CONVERSIONS["decimal"]("1e99999999", DataType("decimal", ""))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_in_a_decimal_column_keeps_its_shortest_form(number):
    assert float(CONVERSIONS["decimal"](number, DataType("decimal", ""))) == number


def test_bytes_become_nothing_else_and_text_becomes_anything():
    assert not convertible("integer", "bytes")
    assert convertible("text", "date")
    assert convertible("uuid", "text")
    assert not convertible("bytes", "text")
