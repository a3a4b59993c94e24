from __future__ import annotations

import json
import math
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dms_workbench.engine.databases.catalogue import Table
from dms_workbench.engine.databases.positions import decode, encode
from dms_workbench.engine.databases.sqlite import database, read
from dms_workbench.engine.databases.sqlite.read import SqliteSource

Opened = Callable[[str], SqliteSource]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    sources: list[SqliteSource] = []

    def open_after(script: str) -> SqliteSource:
        path = tmp_path / f"shop{len(sources)}.db"
        connection = sqlite3.connect(path)
        connection.executescript(script)
        connection.close()
        sources.append(database.open_source(f"sqlite:///{path}"))
        return sources[-1]

    yield open_after
    for source in sources:
        source.close()


def rows_of(source: SqliteSource, table: Table, names: list[str], **options: Any) -> list[tuple[Any, ...]]:
    return [row for batch in source.read(table, names, **options) for row in zip(*batch.columns, strict=True)]


MIXED = """
    create table t (k not null primary key, v text) without rowid;
    insert into t values (2, 'b'), (1.5, 'a'), ('text', 'c'), ('1', 'd'), (x'00ff', 'e'), (x'', 'f'), (-9e999, 'g'),
        (9e999, 'h'),
        (9223372036854775807, 'i'), (cast(x'ff41' as text), 'j'), ('', 'k'), ('a' || char(0) || 'b', 'l');
"""


def test_values_come_as_they_are_stored(opened: Opened) -> None:
    source = opened(
        "create table t (i integer, b boolean, d decimal(4,1), x); insert into t values ('abc', 1,"
        " 1.5, x'00'), (null, 'f', 7, 'n')"
    )
    table = source.catalogue().table("t")
    assert rows_of(source, table, ["i", "b", "d", "x"]) == [("abc", 1, 1.5, b"\x00"), (None, "f", 7, "n")]


def test_a_read_resumes_behind_every_row_of_a_key_of_every_class(opened: Opened) -> None:
    source = opened(MIXED)
    table = source.catalogue().table("t")
    assert source.position_columns(table) == ("k",)
    everything = rows_of(source, table, ["k", "v"])
    assert len(everything) == 12
    for number, batch in enumerate(source.read(table, ["v"], batch_rows=1)):
        assert rows_of(source, table, ["k", "v"], after=batch.position) == everything[number + 1 :]
        assert rows_of(source, table, ["k", "v"], until=batch.position) == everything[: number + 1]
        assert batch.keys == [[everything[number][0]]]


def test_a_composite_key_resumes_in_its_own_collations(opened: Opened) -> None:
    source = opened(
        "create table t (a text not null collate nocase, b text not null collate nocase, v int,"
        " unique (b collate binary, a));"
        "insert into t values ('x', 'b', 1), ('X2', 'B', 2), ('x', 'B', 3), ('y', 'a', 4), ('Y2',"
        " 'a', 5), ('x', 'c ', 6);"
    )
    table = source.catalogue().table("t")
    assert source.position_columns(table) == ("b", "a")
    everything = rows_of(source, table, ["b", "a", "v"])
    assert len(everything) == 6
    for number, batch in enumerate(source.read(table, ["v"], batch_rows=1)):
        assert rows_of(source, table, ["b", "a", "v"], after=batch.position) == everything[number + 1 :]


def test_a_unique_key_without_case_orders_without_case(opened: Opened) -> None:
    source = opened("create table t (k text not null collate nocase unique); insert into t values ('b'), ('A'), ('C')")
    table = source.catalogue().table("t")
    assert rows_of(source, table, ["k"]) == [("A",), ("b",), ("C",)]


def test_a_table_without_key_is_read_by_rowid_and_has_no_safe_order(opened: Opened) -> None:
    source = opened("create table t (rowid text, oid int); insert into t values ('x', 1), ('x', 1), (null, null)")
    table = source.catalogue().table("t")
    assert source.position_columns(table) == ()
    first = next(source.read(table, ["rowid"], batch_rows=1))
    assert rows_of(source, table, ["rowid", "oid"], after=first.position) == [("x", 1), (None, None)]


def test_a_table_whose_columns_take_all_names_of_the_rowid_is_read_too(opened: Opened) -> None:
    source = opened(
        "create table t (rowid text, oid, _rowid_); insert into t values ('a', 1, 2), (cast(x'ff' as"
        " text), 1, 2), ('c', 1, 2)"
    )
    table = source.catalogue().table("t")
    assert [batch.position for batch in source.read(table, ["rowid"], batch_rows=1)] == ["", "", ""]
    assert rows_of(source, table, ["rowid"], batch_rows=1) == [("a",), ("\udcff",), ("c",)]


def test_text_that_is_not_utf8_comes_with_its_bytes_as_surrogates_wherever_it_stands(opened: Opened) -> None:
    source = opened(
        "create table t (id integer primary key, a text); create table u (a text);"
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 50)"
        " insert into t select i, case i when 30 then cast(x'ff41' as text) else 'ä' || i end from n;"
        "insert into u select a from t;"
    )
    for name in ("t", "u"):
        table = source.catalogue().table(name)
        found = [value for (value,) in rows_of(source, table, ["a"], batch_rows=7)]
        assert found == [f"ä{i}" if i != 30 else "\udcffA" for i in range(1, 51)]


def test_a_stream_goes_on_behind_text_that_is_not_utf8(opened: Opened) -> None:
    source = opened("create table t (a text); insert into t values ('a'), ('b'), (cast(x'c3' as text)), ('d')")
    batches = list(source.stream("select a from t where a > ?", [""], batch_rows=1))
    assert batches == [[("a",)], [("b",)], [("\udcc3",)], [("d",)]]


def test_batches_end_at_rows_and_at_bytes(opened: Opened) -> None:
    source = opened(
        "create table t (id integer primary key, a text, b blob);"
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100)"
        " insert into t select i, 'x', zeroblob(100000) from n;"
        "create table narrow (id integer primary key); insert into narrow select id from t;"
    )
    table = source.catalogue().table("t")
    assert [batch.rows for batch in source.read(table, ["id"], batch_rows=40)] == [40, 40, 20]
    assert [batch.rows for batch in source.read(table, ["id", "a", "b"], batch_bytes=200_000)] == [2] * 50
    narrow = source.catalogue().table("narrow")
    assert [batch.rows for batch in source.read(narrow, ["id"], batch_rows=1_000, batch_bytes=400)] == [50, 50]


def test_an_empty_table_gives_no_batch(opened: Opened) -> None:
    source = opened("create table t (id integer primary key)")
    assert list(source.read(source.catalogue().table("t"), ["id"])) == []
    assert source.count(source.catalogue().table("t")) == 0


def test_the_snapshot_holds_while_others_write(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.executescript(
        "pragma journal_mode = wal; create table t (id integer primary key); insert into t values (1), (2), (3);"
    )
    source = database.open_source(f"sqlite:///{path}")
    table = source.catalogue().table("t")
    reading = source.read(table, ["id"], batch_rows=1)
    assert next(reading).columns == [[1]]
    writer.execute("delete from t where id = 2")
    lane = source.lane()
    assert [batch.columns for batch in reading] == [[[2]], [[3]]]
    assert lane.count(table) == source.count(table) == 3
    lane.close()
    source.close()
    writer.close()


def test_two_lanes_read_in_two_threads(opened: Opened) -> None:
    source = opened(
        "create table t (id integer primary key, a text);"
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) insert into"
        " t select i, 'v' || i from n;"
    )
    table = source.catalogue().table("t")
    found: dict[int, int] = {}

    def read(number: int, lane: SqliteSource) -> None:
        found[number] = sum(batch.rows for batch in lane.read(table, ["id", "a"], batch_rows=100))
        lane.close()

    threads = [threading.Thread(target=read, args=(number, source.lane())) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {0: 20_000, 1: 20_000, 2: 20_000}


def test_the_range_of_a_key_is_that_of_its_integers(opened: Opened) -> None:
    source = opened(
        "create table a (k int not null primary key); insert into a values (-5), (7), ('text');"
        " create table b (k int not null unique);"
    )
    catalogue = source.catalogue()
    assert source.key_range(catalogue.table("a"), "k") == (-5, 7)
    assert source.key_range(catalogue.table("b"), "k") is None


def test_a_position_made_of_bare_integers_cuts_a_table_in_lanes(opened: Opened) -> None:
    source = opened("create table t (id integer primary key); insert into t values (1), (2), (10), (11)")
    table = source.catalogue().table("t")
    bound = json.dumps(["2"])
    assert rows_of(source, table, ["id"], until=bound) == [(1,), (2,)]
    assert rows_of(source, table, ["id"], after=bound) == [(10,), (11,)]


def test_a_column_that_is_gone_is_an_error_and_not_its_own_name(opened: Opened) -> None:
    source = opened("create table t (id integer primary key, a text); insert into t values (1, 'x')")
    from dms_workbench.engine.databases.catalogue import Column, DataType
    from dms_workbench.engine.databases.errors import DatabaseError

    table = source.catalogue().table("t")
    ghost = Table(table.name, (*table.columns, Column("ghost", DataType("text", "TEXT"))), table.primary_key)
    with pytest.raises(DatabaseError, match="ghost"):
        list(source.read(ghost, ["ghost"]))


VALUES = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")),
)


@given(st.lists(VALUES, min_size=1))
def test_a_position_brings_back_every_value_and_its_class(values: list[Any]) -> None:
    back = decode(encode(values))
    assert [(type(value), value) for value in back] == [(type(value), value) for value in values]
    assert [math.copysign(1, v) for v in back if isinstance(v, float)] == [
        math.copysign(1, v) for v in values if isinstance(v, float)
    ]


@settings(max_examples=40, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=12, unique_by=lambda value: (isinstance(value, int | float), value)))
def test_any_keys_are_read_in_an_order_that_resumes_exactly(
    tmp_path_factory: pytest.TempPathFactory, keys: list[Any]
) -> None:
    path = tmp_path_factory.mktemp("keys") / "shop.db"
    connection = sqlite3.connect(path)
    connection.execute("create table t (k not null primary key) without rowid")
    for key in keys:
        raw = key.encode("utf-8", "surrogateescape") if isinstance(key, str) else key
        connection.execute(
            f"insert or ignore into t values ({'cast(? as text)' if isinstance(key, str) else '?'})", [raw]
        )
    connection.commit()
    connection.close()
    source = database.open_source(f"sqlite:///{path}")
    table = source.catalogue().table("t")
    everything = rows_of(source, table, ["k"])
    for number, batch in enumerate(source.read(table, ["k"], batch_rows=1)):
        assert rows_of(source, table, ["k"], after=batch.position) == everything[number + 1 :]
    source.close()


def test_a_read_begins_anew_behind_each_large_row_and_misses_none(tmp_path, monkeypatch):
    monkeypatch.setattr(read, "LARGE_BYTES", 1_000)
    path = tmp_path / "large.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table t (a text, b int, v blob, primary key (a, b)) without rowid")
        rows = [(a, b, b"x" * (5_000 if (b + len(a)) % 3 == 0 else 3)) for a in ("p", "qq", "rrr") for b in range(40)]
        connection.executemany("insert into t values (?, ?, ?)", rows)
        connection.commit()
    with closing(database.open_source(f"sqlite:///{path}")) as source:
        table = source.catalogue().table("t")
        batches = [batch.columns for batch in source.read(table, ["a", "b", "v"], batch_bytes=4_000)]
    assert [row for columns in batches for row in zip(*columns, strict=True)] == rows
