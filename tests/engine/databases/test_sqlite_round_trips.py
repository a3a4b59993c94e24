"""Values of every class that are written and read back, made by hypothesis."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dms_workbench.engine.databases.sqlite import database
from dms_workbench.engine.databases.sqlite.write import SqliteTarget


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteTarget]:
    opened = database.open_target(f"sqlite:///{tmp_path_factory.mktemp('shared') / 'target.db'}")
    with opened.transaction():
        opened.execute("create table ints (v bigint)")
        opened.execute("create table floats (v real)")
        opened.execute("create table texts (v text)")
        opened.execute("create table blobs (v blob)")
        opened.execute("create table decimals (v decimal(15,4))")
        opened.execute("create table wide_decimals (v text)")
        opened.execute("create table anything (v)")
    yield opened
    opened.close()


def round_trip(target: SqliteTarget, name: str, values: list[Any]) -> list[Any]:
    table = target.catalogue().table(name)
    with target.transaction():
        target.execute(f"delete from {name}")
        assert target.write(table, table.columns, [values]) == len(values)
    source = database.open_source(f"sqlite:///{target.path}")
    try:
        return [value for batch in source.read(table, ["v"]) for value in batch.columns[0]]
    finally:
        source.close()


BYTES_AS_TEXT = st.binary(max_size=20).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
SOME = settings(max_examples=60, deadline=None)


@SOME
@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_integers_come_back(shared: SqliteTarget, values: list[Any]) -> None:
    assert round_trip(shared, "ints", values) == values


@SOME
@given(st.lists(st.none() | st.floats(allow_nan=False).filter(lambda v: v != 0 or math.copysign(1, v) > 0), min_size=1))
def test_floats_come_back_to_the_last_bit(shared: SqliteTarget, values: list[Any]) -> None:
    assert list(map(repr, round_trip(shared, "floats", values))) == list(map(repr, values))


@SOME
@given(st.lists(st.none() | st.text(max_size=30) | BYTES_AS_TEXT, min_size=1))
def test_texts_come_back_with_every_character_and_every_bad_byte(shared: SqliteTarget, values: list[Any]) -> None:
    assert round_trip(shared, "texts", values) == values


@SOME
@given(st.lists(st.none() | st.binary(), min_size=1))
def test_binary_values_come_back(shared: SqliteTarget, values: list[Any]) -> None:
    assert round_trip(shared, "blobs", values) == values


@SOME
@given(st.lists(st.decimals(-(10**10), 10**10, places=4, allow_nan=False), min_size=1))
def test_decimals_of_15_digits_come_back_equal(shared: SqliteTarget, values: list[Decimal]) -> None:
    back = round_trip(shared, "decimals", [f"{value:f}" for value in values])
    assert [Decimal(repr(value)) for value in back] == values


@SOME
@given(
    st.lists(st.decimals(allow_nan=False, allow_infinity=False).filter(lambda v: abs(v.adjusted()) < 60), min_size=1)
)
def test_wide_decimals_come_back_as_their_text(shared: SqliteTarget, values: list[Decimal]) -> None:
    texts = [f"{value:f}" for value in values]
    assert round_trip(shared, "wide_decimals", texts) == texts


@SOME
@given(
    st.lists(
        st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text() | st.binary(), min_size=1
    )
)
def test_a_column_without_type_brings_back_every_value_with_its_class(shared: SqliteTarget, values: list[Any]) -> None:
    back = round_trip(shared, "anything", values)
    assert [(type(value), repr(value)) for value in back] == [(type(value), repr(value)) for value in values]
