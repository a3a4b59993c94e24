"""Tables of PostgreSQL, cut into lanes."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator

import pytest

from tests.engine.databases.postgres_lines import Ends, emptied
from tests.servers import PostgresServer


@pytest.fixture(scope="module")
def two(postgres: PostgresServer) -> Iterator[Ends]:
    with contextlib.ExitStack() as stack:
        found = Ends(postgres, stack)
        yield found
    for url in found.urls:
        postgres.drop_database(url)


@pytest.fixture
def ends(two: Ends) -> Iterator[Ends]:
    """Two empty databases."""
    with emptied(two):
        yield two


LANES: dict[str, Callable[[str], str]] = {
    "integer": lambda i: f"({i})::int",
    "text": lambda i: f"md5(({i})::text)",
    "uuid": lambda i: f"md5(({i})::text)::uuid",
    "timestamptz": lambda i: f"now() + ({i}) * interval '1 s'",
    "numeric": lambda i: f"({i}) / 7.0",
}


@pytest.mark.parametrize("type", LANES)
def test_lanes_cut_any_key_into_even_parts_that_hold_every_row_once(ends, type):
    ends.sql(0, f"create table t (a smallint, k {type}, fill text, primary key (a, k))",
             f"insert into t select i % 3, {LANES[type]('i')}, repeat('f', 200) from generate_series(1, 30000) i")  # fmt: skip
    source = ends.source()
    table = source.catalogue().table("t")
    bounds = source.lane_bounds(table, 4)
    assert len(bounds) == 3
    parts = [
        sum(batch.rows for batch in source.read(table, ["a"], after=after, until=until))
        for after, until in zip(["", *bounds], [*bounds, ""], strict=True)
    ]
    assert sum(parts) == 30_000
    assert min(parts) > 30_000 / 4 * 0.6


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 5])
def test_small_tables_have_as_many_lanes_as_rows_at_most(ends, rows):
    ends.sql(0, "create table t (k bigint primary key)", f"insert into t select i from generate_series(1, {rows}) i")
    source = ends.source()
    bounds = [int(json.loads(bound)[0]) for bound in source.lane_bounds(source.catalogue().table("t"), 4)]
    assert bounds == sorted(set(bounds))
    assert all(0 < bound < rows for bound in bounds)
    assert len(bounds) == min(3, max(rows - 1, 0))


@pytest.mark.parametrize("type", LANES)
def test_what_is_left_of_a_lane_is_cut_behind_its_place_and_before_its_end(ends, type):
    ends.sql(0, f"create table t (a int, b {type}, filler text, primary key (b, a))",
             f"insert into t select i % 3, {LANES[type]('i')}, repeat('f', 200) from generate_series(1, 30000) i")  # fmt: skip
    source = ends.source()
    table = source.catalogue().table("t")
    batches = list(source.read(table, ["a"], batch_rows=5_000))
    start, end = batches[1].position, batches[4].position
    bounds = source.rest_bounds(table, 3, start, end)
    assert len(bounds) == 2
    parts = [
        sum(batch.rows for batch in source.read(table, ["a"], after=after, until=until))
        for after, until in zip([start, *bounds], [*bounds, end], strict=True)
    ]
    assert sum(parts) == 15_000
    assert min(parts) > 15_000 / 3 * 0.6


def test_a_partitioned_table_is_cut_too(ends):
    ends.sql(0, "create table t (k int primary key) partition by range (k)",
             *(f"create table t{at} partition of t for values from ({at * 1000}) to ({at * 1000 + 1000})" for at in range(4)),
             "insert into t select i from generate_series(0, 3999) i")  # fmt: skip
    source = ends.source()
    bounds = source.lane_bounds(source.catalogue().table("t"), 4)
    assert bounds == ['["999"]', '["1999"]', '["2999"]']
