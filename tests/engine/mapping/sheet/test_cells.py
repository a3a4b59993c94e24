from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.engine.mapping.sheet.cells import escaped, guarded, text_of, unescaped, unguarded


@pytest.mark.parametrize("text", ["=1+1", "+49 30 1", "-x", "@SUM(A1)", "\t=1", "'=1", "''@", "|cmd", "%0A", "\uff1d1"])
def test_what_a_spreadsheet_would_calculate_begins_with_an_apostrophe_in_csv(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert unguarded(guarded(text)) == text


@given(st.text())
def test_every_text_comes_back_from_csv_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in tuple("=+-@\t")


@given(st.text(st.characters()))
def test_every_text_comes_back_from_xml_as_it_was(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert not any(ord(letter) < 32 and letter not in "\t\n" for letter in escaped(text))


def test_a_text_that_looks_like_an_escape_stays_that_text() -> None:
    assert unescaped(escaped("_x0041_")) == "_x0041_"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (7.0, "7"),
        (0.5, "0.5"),
        (True, "TRUE"),
        (date(2026, 1, 5), "2026-01-05"),
        (datetime(2026, 1, 5, 7, 8, 9), "2026-01-05 07:08:09"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_what_a_spreadsheet_made_of_a_cell_is_read_as_text(value: object, text: str) -> None:
    assert text_of(value) == text
