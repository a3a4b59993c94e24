from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.engine.cleansing import Cleansing, Cleansings, propose_cleansings
from dms_workbench.engine.cleansing.preview import previewed
from tests.engine.cleansing.samples import COLUMNS, ROWS, clean, dirty, make

LEFT = {("phone", 5), ("born", 5)}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Cleansings:
    return propose_cleansings(make(tmp_path_factory.mktemp("persons") / "persons.sqlite"))


def of(found: Cleansings, column: str) -> Cleansing:
    return next(each for each in found.proposals if each.column == column)


def test_every_column_with_something_to_repair_gets_an_expression(found: Cleansings) -> None:
    assert {each.column for each in found.proposals} == set(COLUMNS)
    assert of(found, "email").expression == "lower(tidy(email))"
    assert of(found, "country").expression == "coalesce(try_country_code(country), tidy(country))"


def test_the_counts_are_those_of_the_planted_values(found: Cleansings) -> None:
    for column in COLUMNS:
        planted = sum(dirty(n)[column] != clean(n)[column] and (column, n) not in LEFT for n in range(ROWS))
        stays = sum(name == column for name, _ in LEFT)
        each = of(found, column)
        assert (each.changed, each.still_wrong, each.emptied, each.rows) == (planted, stays, 0, ROWS), column
        assert each.measured_on.startswith("all 400")


def test_what_cannot_be_repaired_is_told(found: Cleansings) -> None:
    assert {(each.column, each.rows, each.reason) for each in found.left} == {
        ("phone", 1, "not a telephone number: 1 rows"),
        ("born", 1, "no day of the calendar: 1 rows"),
    }


def test_values_of_persons_are_nowhere_in_the_proposals(found: Cleansings) -> None:
    for column in ("full_name", "email", "phone"):
        each = of(found, column)
        shown = repr(each)
        assert each.personal
        assert "Ana" not in shown
        assert "user" not in shown.lower()
        assert "1000" not in shown


def test_a_category_without_a_rule_is_put_right_by_a_lookup(found: Cleansings) -> None:
    city = of(found, "city")
    assert city.expression == "lookup('person_city_as_it_should_be', city, city)"
    assert dict(city.entries) == {"BERLIN": "Berlin", "HAMBURG": "Hamburg", "LEIPZIG": "Leipzig"}


def table(path: Path, values: Sequence[str | None], declared: str = "text") -> str:
    with closing(sqlite3.connect(path)) as file:
        file.execute(f"create table t (v {declared})")
        file.executemany("insert into t values (?)", [(value,) for value in values])
        file.commit()
    return str(path)


def test_clean_empty_and_missing_columns_get_no_proposal(tmp_path: Path) -> None:
    columns: list[list[str | None]] = [[], [None] * 5, ["one"], [f"plain {n}" for n in range(80)]]
    for number, values in enumerate(columns):
        assert propose_cleansings(table(tmp_path / f"{number}.sqlite", values)).proposals == ()


def test_amounts_in_two_currencies_are_not_put_into_one_form_by_a_rule(tmp_path: Path) -> None:
    values: list[str | None] = [*(f"{n}.50" for n in range(100)), "EUR 3.50", "USD 4.50"]
    for each in propose_cleansings(table(tmp_path / "money.sqlite", values)).proposals:
        assert "parse_number" not in each.expression or "EUR" not in each.expression.split("try_parse_number")[1]


def test_words_for_nothing_become_null_only_where_null_may_be(tmp_path: Path) -> None:
    values: list[str | None] = [*(f"a sentence {n} about it" for n in range(90)), *["n/a"] * 4]
    free = propose_cleansings(table(tmp_path / "free.sqlite", values)).proposals
    assert [(each.expression, each.emptied) for each in free] == [("nullif_word(v, 'n/a')", 4)]
    assert propose_cleansings(table(tmp_path / "held.sqlite", values, "text not null")).proposals == ()


def test_rows_that_are_equal_are_told_and_not_merged(tmp_path: Path) -> None:
    told = propose_cleansings(table(tmp_path / "twice.sqlite", ["a", "a", "b"])).left
    assert [(each.table, each.rows) for each in told] == [("t", 1)]
    assert "not merged" in told[0].reason


def test_a_preview_shows_source_result_and_the_reason_of_a_failure(tmp_path: Path) -> None:
    url = table(tmp_path / "dates.sqlite", ["2024-02-29", "31.02.2024", None])
    text = (
        "format: dms-mapping/1\nname: x\ntables:\n  - source: t\n    target: u\n    columns:\n"
        "      day: { expression: \"parse_date(v, '%Y-%m-%d', '%d.%m.%Y')\" }\n"
    )
    rows = previewed(url, text, "u", rows=10)
    assert [row.source for row in rows] == [{"v": "2024-02-29"}, {"v": "31.02.2024"}, {"v": None}]
    assert [row.result for row in rows] == [{"day": "2024-02-29"}, None, {"day": None}]
    assert rows[1].reason == "day: the value is no date of these forms"


def test_names_that_are_words_of_sql_or_hold_quotes_are_cleaned_too(tmp_path: Path) -> None:
    path = tmp_path / "odd.sqlite"
    with closing(sqlite3.connect(path)) as file:
        file.execute('create table t ("order" text, "Odd ""Name" text, "current_date" text)')
        file.executemany("insert into t values (?, ?, ?)", [(f" sentence {n} of it",) * 3 for n in range(60)])
        file.commit()
    assert [each.expression for each in propose_cleansings(str(path)).proposals] == [
        "tidy(order)",
        'tidy("Odd ""Name")',
        "tidy(current_date)",
    ]
