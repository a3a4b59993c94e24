from __future__ import annotations

import pytest

from dms_workbench.engine.expressions.words import in_plain_words


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            "Binder Error: Cannot compare values of type VARCHAR and type INTEGER_LITERAL - cast it",
            "text and a whole number cannot be compared: cast one of them to the other's type",
        ),
        (
            "Binder Error: Cannot mix values of type DECIMAL(10,2) and VARCHAR in COALESCE operator",
            "COALESCE gives a decimal number here and text there: cast one of them",
        ),
        (
            "Binder Error: No function matches the given name and argument types 'upper(BIGINT)'. You\n\tCandidate",
            "upper() does not take a whole number: cast first",
        ),
        (
            "Binder Error: No function matches the given name and argument types '+(TIMESTAMP WITH TIME ZONE, BLOB)'.",
            "+ cannot be used with a timestamp with time zone and bytes: cast first",
        ),
        (
            "Conversion Error: Could not convert string 'secret' to INT32",
            "a text stands where another type is wanted, and cannot be read as one: cast one side",
        ),
        ("Invalid Input Error: something about c1 and c9.\n\nLINE 1: ...", "something about 'name' and c9"),
    ],
)
def test_duckdbs_complaints_are_put_into_words(message: str, sentence: str) -> None:
    assert in_plain_words(message, ["id", "name"]) == sentence
