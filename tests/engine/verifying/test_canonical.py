"""Canonical texts: equal exactly when the values are, by the quick patterns and by the functions behind them alike."""

from __future__ import annotations

import datetime
import struct
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dms_workbench.engine.control import Control
from dms_workbench.engine.databases.catalogue import DataType, Kind
from dms_workbench.engine.verifying import spellings
from dms_workbench.engine.verifying.canonical import Side, expected, found
from dms_workbench.engine.verifying.workspace import Workspace

Evaluate = Callable[..., list[str | None]]
SALT = "salt"
FLOAT = DataType("float", "double precision", bits=64)
SINGLE = DataType("float", "real", bits=32)
CASES = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    made = Workspace(Path(tmp_path_factory.mktemp("spool")), Control())
    yield made
    made.close()


@pytest.fixture
def evaluate(workspace: Workspace) -> Evaluate:
    """The values of a SQL expression of ``x`` for several texts."""

    def run(expression: str, *texts: str | None) -> list[str | None]:
        query = f"SELECT {expression} FROM (SELECT unnest(?::VARCHAR[]) AS x, unnest(range({len(texts)})) AS place) ORDER BY place"
        return [row[0] for row in workspace.connection.execute(query, [list(texts)]).fetchall()]

    return run


def as_expected(
    source: DataType, target: DataType, *, source_database: str = "postgres", target_database: str = "duckdb"
) -> str:
    return expected("x", Side(source_database, source), Side(target_database, target), SALT)


@CASES
@given(
    st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, places=None, min_value=-(10**30), max_value=10**30),
        min_size=1,
    )
)
def test_equal_decimals_have_one_text(evaluate: Evaluate, numbers: list[Decimal]) -> None:
    plain = evaluate("dms_decimal(x)", *(format(number, "f") for number in numbers))
    padded = evaluate(
        "dms_decimal(x)",
        *(format(number, "f") + ("000" if "." in format(number, "f") else ".000") for number in numbers),
    )
    scientific = evaluate("dms_number(x)", *(format(number, "E") for number in numbers))
    assert plain == padded == scientific
    assert [Decimal(text or "") for text in plain] == numbers


@CASES
@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_a_double_keeps_every_bit(evaluate: Evaluate, numbers: list[float]) -> None:
    texts = evaluate(as_expected(FLOAT, FLOAT), *map(repr, numbers))
    assert [struct.pack("d", float(text or "")) for text in texts] == [struct.pack("d", number) for number in numbers]


@CASES
@given(st.lists(st.floats(width=32, allow_nan=False), min_size=1))
@example([16384.4375, 1e-45, 0.1, -0.0])
def test_a_32_bit_float_is_the_same_by_its_value_and_by_its_shortest_text(
    evaluate: Evaluate, numbers: list[float]
) -> None:
    shortest = [
        spellings.shortest_single(number) or repr(number) if number - number == 0 else repr(number)
        for number in numbers
    ]
    wanted = evaluate(as_expected(SINGLE, FLOAT), *shortest)
    text = found("x", Side("postgres", SINGLE), Side("duckdb", FLOAT), SALT)
    assert evaluate(text, *map(repr, numbers)) == wanted
    assert evaluate(text, *(repr(float(short)) for short in shortest)) == wanted


DIGITS = st.text("0123456789-+:. TZBCe/", max_size=30)
MOMENTS = st.datetimes(min_value=datetime.datetime(1, 1, 2), max_value=datetime.datetime(9999, 12, 30)).map(str)
QUICK = {
    "dms_number": spellings.spelled_number,
    "dms_whole": spellings.spelled_whole,
    "dms_date": spellings.spelled_date,
    "dms_time": spellings.spelled_time,
    "dms_timestamp": spellings.spelled_timestamp,
    "dms_timestamptz": spellings.spelled_timestamptz,
    "dms_number_as_double": spellings.spelled_double,
    "dms_number_as_single": spellings.spelled_single,
    "dms_uuid": spellings.spelled_uuid,
}


@pytest.mark.parametrize("macro", QUICK)
@CASES
@given(
    texts=st.lists(
        st.one_of(
            DIGITS, MOMENTS, MOMENTS.map(lambda text: f"{text}+00"), st.dates().map(str), st.times().map(str), st.uuids().map(str),
            st.integers(-(10**20), 10**20).map(str), st.decimals(allow_nan=False, allow_infinity=False).map(str),
        ),
        min_size=1,
    )
)  # fmt: skip
def test_the_quick_patterns_say_what_the_functions_say(evaluate: Evaluate, macro: str, texts: list[str]) -> None:
    assert evaluate(f"{macro}(x)", *texts) == [QUICK[macro](text) for text in texts]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("integer", ["7", "42.0", "-0", "1e3"], ["", "abc", "1.5", "0x1", "7 7", "NaN"]),
        ("decimal", ["7", ".5", "1e-3"], ["", "N/A", "1,5", "1.2.3", "--1"]),
        ("boolean", ["t", "True", "1", "yes", "off", " no "], ["2", "maybe", "", "tr"]),
        (
            "date",
            ["2024-02-29", "0044-03-15 BC", "infinity", "2024-01-01 00:00:00"],
            ["2023-02-30", "0000-00-00", "", "01/02/2024", "2024-1-1"],
        ),
        ("time", ["12:34", "12:34:56.100", "24:00:00"], ["25:00:00", "12:60:00", "", "noon", "12:34:60"]),
        (
            "timestamp",
            ["2024-01-01T12:00:00.100", "2024-01-01", "-infinity"],
            [
                "2024-12-31 24:00:00",
                "2007-08-04- 00:00:00.000",
                "2024-01-01 12:00:00+02:00",
                "1704110400",
                "2024-01-01T12:00:00Z",
            ],
        ),
        (
            "timestamptz",
            ["2024-01-01T12:00:00.5+02:00", "2024-01-01 12:00:00Z"],
            ["2024-01-01 12:00:00", "2024-01-01", "now"],
        ),
        ("uuid", ["{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}"], ["a0eebc99", ""]),
    ],
)
def test_text_is_a_value_only_if_it_says_exactly_one(
    evaluate: Evaluate, kind: str, good: list[str], bad: list[str]
) -> None:
    canonical = as_expected(DataType("text", "TEXT"), DataType(kind, kind))  # type: ignore[arg-type]
    assert all(text is not None and not text.startswith(SALT) for text in evaluate(canonical, *good))
    assert evaluate(canonical, *bad) == [SALT + text for text in bad]


def test_null_stays_null_for_every_pair_of_kinds(evaluate: Evaluate) -> None:
    kinds: tuple[Kind, ...] = (
        "boolean",
        "integer",
        "decimal",
        "float",
        "text",
        "bytes",
        "date",
        "time",
        "timestamp",
        "timestamptz",
        "interval",
        "uuid",
        "json",
        "other",
    )
    for database in ("postgres", "duckdb", "sqlite"):
        for source in kinds:
            pairs = [
                as_expected(DataType(source, ""), DataType(target, ""), source_database=database) for target in kinds
            ]
            assert evaluate(f"[{', '.join(pairs)}]::VARCHAR", None) == [f"[{', '.join(['NULL'] * len(kinds))}]"]


@pytest.mark.parametrize(
    ("duckdb", "postgres"),
    [
        ("1 year 2 months -3 days 04:05:06.789", "1 year 2 mons -3 days +04:05:06.789"),
        ("30 days", "30 days"),
        ("1 month", "1 mon"),
        ("24:00:00", "24:00:00"),
        ("-04:00:00", "-04:00:00"),
        ("00:00:00", "00:00:00"),
    ],
)
def test_an_interval_is_the_same_in_the_words_of_both_databases(evaluate: Evaluate, duckdb: str, postgres: str) -> None:
    assert evaluate("dms_interval(x)", duckdb) == evaluate("dms_interval(x)", postgres)
    assert spellings.spelled_interval(duckdb) == spellings.spelled_interval(postgres) == postgres


def test_months_days_and_hours_are_not_the_same(evaluate: Evaluate) -> None:
    assert len(set(evaluate("dms_interval(x)", "1 mon", "30 days", "720:00:00"))) == 3


def test_eras_and_zones_are_spelled_alike(evaluate: Evaluate) -> None:
    assert evaluate("dms_era_last(x)", "0044-03-15 (BC) 12:00:00") == ["0044-03-15 12:00:00 BC"]
    assert evaluate("dms_utc(x)", "0044-03-15 12:00:00+00 BC", "2024-01-01 10:00:00+00") == [
        "0044-03-15 12:00:00 BC",
        "2024-01-01 10:00:00",
    ]
    assert evaluate("dms_with_zone(x)", "0044-03-15 12:00:00 BC", "infinity") == [
        "0044-03-15 12:00:00+00 BC",
        "infinity",
    ]


def test_json_is_compared_by_meaning_and_digits() -> None:
    same = ['{"b":1.50,"a":[1e2,"\\u00e9"]}', ' { "a" : [100, "é"], "b" : 1.5 } ', '{"a":0,"b":1.5,"a":[100,"é"]}']
    assert len({spellings.json_meaning(text) for text in same}) == 1
    other = [
        '{"a":12345678901234567890.1}',
        '{"a":12345678901234567890.2}',
        '{"a":"1"}',
        '{"a":1}',
        "null",
        None,
        "no json",
    ]
    assert len({spellings.json_meaning(text) for text in other}) == len(other)
