from __future__ import annotations

import pytest

from dms_workbench.engine.matching.values import profile_of


@pytest.mark.parametrize(
    ("looks", "values"),
    [
        ("e-mail addresses", ["a@b.de", "c.d@e.org", "x+y@z.co.uk"]),
        ("URLs", ["https://a.de/x", "http://b.org", "ftp://c"]),
        ("IP addresses", ["10.0.0.1", "192.168.1.20", "2001:db8::1"]),
        ("UUIDs", ["6f9619ff-8b86-d011-b42d-00cf4fc964ff"] * 3),
        ("yes or no", ["Y", "N", "y"]),
        ("Unix times", [1704067200, 1604067201, 0, 1504067201]),
        ("Unix times in milliseconds", [1704067200000, 1604067201000, 1504067201000]),
        ("dates", ["31.12.2024", "01.02.1999", "15.06.2001"]),
        ("", ["red", "green", "blue"]),
        ("", [1, 2, 3, 4]),
        ("", ["a@b.de", "c@d.org"]),
        ("", []),
        ("", [None, "", None]),
    ],
)
def test_a_profile_says_what_nearly_all_values_look_like(looks: str, values: list[object]) -> None:
    assert profile_of(values).looks == looks


def test_a_profile_holds_figures() -> None:
    profile = profile_of(["AB-12", "CD-3", None, "AB-12", "x"])

    assert (profile.rows, profile.filled, profile.distinct, profile.longest) == (5, 4, 3, 5)
    assert profile.nulls == pytest.approx(0.2)
    assert profile.shapes[0] == ("A-9", 0.75)
    assert (profile.lettered, profile.numeric) == (1.0, 0.0)


def test_no_value_can_be_read_from_a_profile() -> None:
    profile = profile_of(["Geheim4711", "Secret@example.org", "31.12.2024", None, b"bytes"])

    shown = repr(profile)
    assert not any(part in shown for part in ("Geheim", "4711", "Secret", "example", "31.12"))
    assert all(len(mark) == 8 for mark in profile.marks)


def test_the_share_of_values_that_occur_on_the_other_side_is_counted_without_regard_to_capitals() -> None:
    assert profile_of(["Red", "Green", "blue", "grey"]).found_in(profile_of(["red", "GREEN", "black"])) == 0.5


def test_bytes_and_huge_values_are_no_trouble() -> None:
    profile = profile_of([b"\x00\x01", "x" * 100_000, "\ud800", 10**40, float("inf"), True])

    assert profile.filled == 5
    assert profile.longest <= 500
