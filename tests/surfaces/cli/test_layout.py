from __future__ import annotations

import pytest

from dms_workbench.surfaces.cli.layout import columns, count, duration, number, shortened, table


def test_numbers_have_thin_separators() -> None:
    assert [number(n) for n in (0, 999, 1_000, 1_234_567)] == ["0", "999", "1\u202f000", "1\u202f234\u202f567"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (42.4, "42 s"),
        (60, "1 min 00 s"),
        (3_599, "59 min 59 s"),
        (7_260, "2 h 01 min"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_words_agree_with_their_number() -> None:
    assert (count(1, "row"), count(2, "row"), count(2, "index", "indexes")) == ("1 row", "2 rows", "2 indexes")


def test_columns_are_aligned_numbers_at_their_end() -> None:
    assert columns([["a", "1"], ["long", "22"]], right=[1]) == ["  a      1", "  long  22"]


def test_a_table_has_a_line_under_its_header_as_long_as_its_longest_line() -> None:
    assert table(["a", "b"], [["1", "22"]]) == ["  a  b", "  ─────", "  1  22"]


def test_no_rows_make_no_lines() -> None:
    assert columns([]) == []


def test_a_long_text_is_cut_with_a_sign() -> None:
    assert (shortened("abcdef", 4), shortened("abc", 4)) == ("abc…", "abc")
