"""Values of every kind that are written and read back, made by hypothesis."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dms_workbench.engine.databases.duckdb import database
from dms_workbench.engine.databases.duckdb.write import DuckdbTarget


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckdbTarget]:
    opened = database.open_target(f"duckdb:///{tmp_path_factory.mktemp('shared') / 'target.duckdb'}")
    for native in (
        "bigint", "hugeint", "double", "float", "varchar", "blob", "decimal(38,10)", "date", "timestamp", "timestamptz", "time",
        "interval", "uuid",
    ):  # fmt: skip
        opened.execute(f'create table "{native}" (v {native})')
    yield opened
    opened.close()


def round_trip(target: DuckdbTarget, name: str, values: list[Any]) -> list[Any]:
    table = target.catalogue().table(name)
    with target.transaction():
        target.execute(f'delete from "{name}"')
        assert target.write(table, table.columns, [values]) == len(values)
    source = database.open_source(f"duckdb:///{target.path}")
    try:
        return [value for batch in source.read(table, ["v"]) for value in batch.columns[0]]
    finally:
        source.close()


SOME = settings(max_examples=25, deadline=None)
CLOCK = st.integers(0, 86_399_999_999)
DAYS = st.dates().map(lambda day: f"{day.year:04}-{day.month:02}-{day.day:02}")
ERAS = st.tuples(DAYS, st.booleans()).map(lambda pair: pair[0] + (" BC" if pair[1] else ""))


def clock_text(microseconds: int) -> str:
    moment = datetime.datetime(2000, 1, 1) + datetime.timedelta(microseconds=microseconds)
    fraction = f".{moment.microsecond:06}".rstrip("0").rstrip(".")
    return f"{moment.hour:02}:{moment.minute:02}:{moment.second:02}{fraction}"


@SOME
@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_integers_come_back(shared: DuckdbTarget, values: list[Any]) -> None:
    assert round_trip(shared, "bigint", values) == values


@SOME
@given(st.lists(st.none() | st.integers(-(2**127), 2**127 - 1), min_size=1))
def test_integers_of_128_bits_come_back(shared: DuckdbTarget, values: list[Any]) -> None:
    assert round_trip(shared, "hugeint", values) == values


@SOME
@given(st.lists(st.none() | st.floats(), min_size=1))
def test_floats_come_back_to_the_last_bit_with_nan_and_sign(shared: DuckdbTarget, values: list[Any]) -> None:
    assert list(map(repr, round_trip(shared, "double", values))) == list(map(repr, values))


@SOME
@given(st.lists(st.none() | st.floats(width=32), min_size=1))
def test_floats_of_32_bits_come_back(shared: DuckdbTarget, values: list[Any]) -> None:
    assert list(map(repr, round_trip(shared, "float", values))) == list(map(repr, values))


@SOME
@given(st.lists(st.none() | st.text(max_size=30), min_size=1))
def test_texts_come_back_with_every_character(shared: DuckdbTarget, values: list[Any]) -> None:
    assert round_trip(shared, "varchar", values) == values


@SOME
@given(st.lists(st.none() | st.binary(), min_size=1))
def test_binary_values_come_back(shared: DuckdbTarget, values: list[Any]) -> None:
    assert round_trip(shared, "blob", values) == values


@SOME
@given(st.lists(st.integers(-(10**38) + 1, 10**38 - 1), min_size=1))
def test_decimals_come_back(shared: DuckdbTarget, values: list[int]) -> None:
    texts = [f"{Decimal((number < 0, tuple(map(int, str(abs(number)))), -10)):f}" for number in values]
    assert round_trip(shared, "decimal(38,10)", texts) == texts


@SOME
@given(st.lists(st.none() | ERAS | st.sampled_from(["infinity", "-infinity", "290000-12-31"]), min_size=1))
def test_dates_come_back(shared: DuckdbTarget, values: list[Any]) -> None:
    fitting = [value for value in values if value is None or not value.endswith("02-29 BC")]
    assert round_trip(shared, "date", fitting or [None]) == (fitting or [None])


@SOME
@given(st.lists(st.tuples(ERAS, CLOCK), min_size=1))
def test_timestamps_come_back(shared: DuckdbTarget, values: list[tuple[str, int]]) -> None:
    plain: list[str | None] = []
    zoned: list[str | None] = []
    for day, clock in values:
        if not day.endswith("02-29 BC"):
            era = " BC" if day.endswith(" BC") else ""
            plain.append(f"{day.removesuffix(' BC')} {clock_text(clock)}{era}")
            zoned.append(f"{day.removesuffix(' BC')} {clock_text(clock)}+00{era}")
    assert round_trip(shared, "timestamp", plain or [None]) == (plain or [None])
    assert round_trip(shared, "timestamptz", zoned or [None]) == (zoned or [None])


@SOME
@given(st.lists(CLOCK.map(clock_text) | st.just("24:00:00"), min_size=1))
def test_times_come_back(shared: DuckdbTarget, values: list[Any]) -> None:
    assert round_trip(shared, "time", values) == values


@SOME
@given(st.lists(st.uuids().map(str), min_size=1))
def test_uuids_come_back(shared: DuckdbTarget, values: list[Any]) -> None:
    assert round_trip(shared, "uuid", values) == values


@SOME
@given(st.integers(-(2**31) + 1, 2**31 - 1), st.integers(-(2**31) + 1, 2**31 - 1), st.integers(-(2**61), 2**61))
def test_intervals_come_back(shared: DuckdbTarget, months: int, days: int, clock: int) -> None:
    years, rest_months = int(math.copysign(abs(months) // 12, months)), int(math.copysign(abs(months) % 12, months))
    parts: list[str] = []
    negative = False
    for value, unit in ((years, "year"), (rest_months, "mon"), (days, "day")):
        if value:
            parts.append(f"{'+' if negative and value > 0 else ''}{value} {unit}{'' if value == 1 else 's'}")
            negative = value < 0
    if clock or not parts:
        hours, rest_clock = divmod(abs(clock), 3_600_000_000)
        minutes, rest_clock = divmod(rest_clock, 60_000_000)
        seconds, fraction = divmod(rest_clock, 1_000_000)
        sign = "-" if clock < 0 else "+" if negative else ""
        parts.append(f"{sign}{hours:02}:{minutes:02}:{seconds:02}" + f".{fraction:06}".rstrip("0").rstrip("."))
    text = " ".join(parts)
    assert round_trip(shared, "interval", [text]) == [text]
