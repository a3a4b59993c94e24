"""What each kind of value says of values that are right, written otherwise, and wrong."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.engine.profiling.kinds import judge_text, missing_word, reading_of, tidy

ISBN = "9783161484100"
DAYS = [f"{day:02}.{month:02}.2021" for day in range(1, 29) for month in range(1, 13)]
COLUMNS = {
    "mail": ("e_mail", [f"person{each}@mail.example" for each in range(60)]),
    "phone": ("telefon", [f"+4930{each:07}" for each in range(1_234_567, 1_234_627)]),
    "day": ("geboren_am", DAYS),
    "us_day": ("joined_date", [f"{month:02}/{day:02}/2020" for day in range(1, 29) for month in range(1, 13)]),
    "comma": ("preis", [f"{each},{each % 90 + 10}" for each in range(1, 80)]),
    "flag": ("aktiv", ["J"] * 40 + ["N"] * 30),
    "uuid": ("uid", [f"123e4567-e89b-12d3-a456-{each:012x}" for each in range(60)]),
    "json": ("data", [f'{{"a": {each}}}' for each in range(60)]),
    "country": ("land", ["DE", "FR", "ES", "IT", "NL", "PL"] * 20),
    "city": ("ort", ["Leipzig"] * 40 + ["Hamburg"] * 40 + ["Dresden"] * 40),
    "zip": ("plz", ["01067", "04109", "20095"] * 20),
    "url": ("link", [f"https://host.example/{each}" for each in range(60)]),
    "address": ("ip", [f"10.0.0.{each}" for each in range(60)]),
}


def reading(column: str):
    name, values = COLUMNS[column]
    read = reading_of(name, {value: values.count(value) for value in values})
    assert read is not None
    return read


@pytest.mark.parametrize("column", COLUMNS)
def test_every_value_of_a_clean_column_is_as_it_should_be(column: str) -> None:
    assert [value for value in COLUMNS[column][1] if reading(column).judge(value) is not None] == []


@pytest.mark.parametrize(
    ("column", "value", "code", "repaired"),
    [
        ("mail", "Person1@MAIL.example", "written-otherwise", "person1@mail.example"),
        ("mail", "person at mail.example", "malformed", None),
        ("phone", "+49 30 1234567", "written-otherwise", "+49301234567"),
        ("phone", "call me", "malformed", None),
        ("day", "2021-05-17", "written-otherwise", "17.05.2021"),
        ("day", "31.02.2021", "impossible", None),
        ("day", "05/06/2021", "ambiguous", None),
        ("us_day", "02/30/2020", "impossible", None),
        ("us_day", "2020-12-31", "written-otherwise", "12/31/2020"),
        ("comma", "12.50", "separator", "12,50"),
        ("comma", "12,50 kg", "unit", "12,50"),
        ("comma", "EUR 12,50", "currency", "12,50"),
        ("comma", "1.234,50", "separator", "1234,50"),
        ("comma", "many", "malformed", None),
        ("flag", "ja", "written-otherwise", "J"),
        ("flag", "nein", "written-otherwise", "N"),
        ("flag", "perhaps", "malformed", None),
        ("uuid", "{123E4567E89B12D3A456000000000000}", "written-otherwise", "123e4567-e89b-12d3-a456-000000000000"),
        ("uuid", "123e4567", "malformed", None),
        ("json", '{"a": 1', "malformed", None),
        ("country", "Germany", "written-otherwise", "DE"),
        ("country", "Atlantis", "malformed", None),
        ("zip", "4109", "leading-zero-lost", "04109"),
        ("url", "https:/host.example", "malformed", None),
        ("address", "10.0.0.999", "malformed", None),
    ],
)
def test_a_value_is_judged_and_repaired_as_its_column_is_written(
    column: str, value: str, code: str, repaired: str | None
) -> None:
    verdict = reading(column).judge(value)
    assert verdict is not None
    assert (verdict.code, verdict.repaired) == (code, repaired)
    assert value not in verdict.text


@pytest.mark.parametrize("slip", ["Leipzg", "LEIPZIG", "leipzig", "Leipizg"])
def test_a_slip_of_a_category_is_put_right(slip: str) -> None:
    values = {"Leipzig": 400, "Hamburg": 400, "Dresden": 400, slip: 1}
    read = reading_of("ort", values)
    assert read is not None
    verdict = read.judge(slip)
    assert verdict is not None and verdict.repaired == "Leipzig"


def test_a_category_in_other_letters_is_told_however_many_rows_have_it() -> None:
    read = reading_of("state", {"OR": 150, "CA": 150, "TX": 150, "NY": 150, "or": 4})
    assert read is not None
    verdict = read.judge("or")
    assert verdict is not None and verdict.repaired == "OR"


def test_check_digits_are_recognised_and_a_wrong_one_is_told() -> None:
    values = [ISBN, "9780306406157", "9781861972712", "9780131103627", "9780201633610", "9780596007126"]
    read = reading_of("code", dict.fromkeys(values, 1))
    assert read is not None
    verdict = read.judge("9783161484101")
    assert verdict is not None and (verdict.code, verdict.repaired) == ("checksum", None)


@pytest.mark.parametrize(
    ("value", "code", "repaired"),
    [
        ("K\u00c3\u00b6ln", "mojibake", "K\u00f6ln"),
        ("K\udcf6ln", "invalid-utf8", "K\u00f6ln"),
        ("a\x00b", "control-characters", "ab"),
        ("R&amp;D", "html-entities", "R&D"),
        ("Zoe\u0308", "not-nfc", "Zo\u00eb"),
        (" edge ", "white-space", "edge"),
        ("zero\u200bwidth", "invisible-characters", "zerowidth"),
        ("lost \ufffd", "replacement-character", None),
    ],
)
def test_what_can_be_wrong_with_any_text_is_told(value: str, code: str, repaired: str | None) -> None:
    verdict = judge_text(value)
    assert verdict is not None
    assert (verdict.code, verdict.repaired) == (code, repaired)


@pytest.mark.parametrize("value", ["n/a", "NULL", " unknown ", "-", "k.A."])
def test_words_for_nothing_are_no_values(value: str) -> None:
    assert missing_word(value) is not None


@given(st.text(min_size=1))
def test_a_tidied_text_stays_as_it_is(value: str) -> None:
    once = tidy(value)
    if once:
        assert tidy(once) == once


@given(st.dates(datetime.date(1950, 1, 1), datetime.date(2049, 12, 31)))
def test_a_repaired_day_is_as_it_should_be_and_is_the_same_day(day: datetime.date) -> None:
    read = reading("day")
    verdict = read.judge(day.isoformat())
    assert verdict is not None and verdict.repaired == f"{day:%d.%m.%Y}"
    assert read.judge(verdict.repaired) is None


@given(st.decimals(0, 999_999, places=2), st.sampled_from(["{} kg", "EUR {}", "'{}'"]))
def test_a_repaired_number_is_as_it_should_be(number: object, written: str) -> None:
    read = reading("comma")
    verdict = read.judge(written.format(str(number).replace(".", ",")))
    assert verdict is not None and verdict.repaired is not None
    assert read.judge(verdict.repaired) is None


@given(st.text(min_size=1, max_size=40))
def test_no_value_breaks_any_reading(value: str) -> None:
    for column in COLUMNS:
        verdict = reading(column).judge(value)
        assert verdict is None or verdict.repaired != value
