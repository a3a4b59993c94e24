from __future__ import annotations

import gc
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dms_workbench.engine.databases.catalogue import Catalogue, ForeignKey, Key, Table, TableName
from dms_workbench.engine.databases.duckdb import database
from dms_workbench.engine.databases.duckdb.read import SPARE_CURSORS, DuckdbSource
from dms_workbench.engine.databases.errors import DatabaseBusy, SchemaMissing

Opened = Callable[[str], DuckdbSource]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    sources: list[DuckdbSource] = []

    def open_after(script: str) -> DuckdbSource:
        path = tmp_path / f"shop{len(sources)}.duckdb"
        connection = duckdb.connect(str(path))
        connection.execute(script)
        connection.close()
        sources.append(database.open_source(f"duckdb:///{path}"))
        return sources[-1]

    yield open_after
    for source in sources:
        source.close()


def rows_of(source: DuckdbSource, table: Table, names: list[str], **options: Any) -> list[tuple[Any, ...]]:
    return [row for batch in source.read(table, names, **options) for row in zip(*batch.columns, strict=True)]


def test_columns_keys_and_references_are_read(opened: Opened) -> None:
    found = opened(
        "create sequence numbers; create table p (a int, b varchar, primary key (b, a));"
        "create table c (id bigint default nextval('numbers'), a int not null, b varchar, x"
        " decimal(4,1) unique default 7,"
        " g int generated always as (a * 2), foreign key (b, a) references p (b, a));"
    ).catalogue()
    parent, child = found.table("p"), found.table("c")
    assert parent.primary_key is not None
    assert parent.primary_key.columns == ("b", "a")
    assert parent.row_key() == ("b", "a")
    assert [column.nullable for column in child.columns] == [True, False, True, True, True]
    assert child.columns[0].identity == "by default"
    assert child.columns[3].default == "7"
    assert child.columns[4].generated is not None
    assert [key.columns for key in child.unique_keys] == [("x",)]
    assert [(key.columns, key.references, key.referenced_columns) for key in child.foreign_keys] == [
        (("b", "a"), TableName("main", "p"), ("b", "a"))
    ]
    assert isinstance(child.foreign_keys[0], ForeignKey)
    assert isinstance(child.unique_keys[0], Key)
    assert Catalogue.from_dict(found.as_dict()) == found


def test_objects_of_other_kinds_are_found_and_the_ledger_is_hidden(opened: Opened) -> None:
    found = opened(
        "create table t (a int check (a > 0)); create index i on t (a); create view v as select 1 as"
        " one; create sequence s;"
        "create type mood as enum ('a'); create macro m(a) as a + 1; create table dms_ledger_runs (a int);"
        "create schema dms_ledger; create table dms_ledger.chunks (a int);"
    ).catalogue()
    assert [table.name.name for table in found.tables] == ["t"]
    assert [index.name for index in found.tables[0].indexes] == ["i"]
    kinds: tuple[tuple[Any, ...], ...] = (found.views, found.sequences, found.types, found.routines)
    assert [[each.name.name for each in kind] for kind in kinds] == [["v"], ["s"], ["mood"], ["m"]]


def test_another_schema_is_read_by_name_and_a_missing_one_names_those_there_are(opened: Opened) -> None:
    source = opened(
        'create schema "odd ""s"; create table "odd ""s"."ta.ble" ("a b" int); insert into "odd ""s"."ta.ble" values (1)'
    )
    table = source.catalogue('odd "s').tables[0]
    assert table.name == TableName('odd "s', "ta.ble")
    assert rows_of(source, table, ["a b"]) == [(1,)]
    assert source.catalogue().tables == ()
    with pytest.raises(SchemaMissing, match="main"):
        source.catalogue("nowhere")


FORMS = [
    ("boolean", "true", True),
    ("tinyint", "-128", -128),
    ("ubigint", "18446744073709551615", 18446744073709551615),
    ("hugeint", "-170141183460469231731687303715884105728", -(2**127)),
    ("uhugeint", "340282366920938463463374607431768211455", 2**128 - 1),
    ("bignum", "123456789012345678901234567890123456789012", "123456789012345678901234567890123456789012"),
    ("decimal(10,2)", "-0.5", "-0.50"),
    ("decimal(38,10)", "1234567890123456789012345678.0123456789", "1234567890123456789012345678.0123456789"),
    ("float", "0.1", 0.10000000149011612),
    ("double", "5e-324", 5e-324),
    ("double", "inf", float("inf")),
    ("varchar", "a'b", "a'b"),
    ("date", "0044-03-15 (BC)", "0044-03-15 BC"),
    ("date", "infinity", "infinity"),
    ("date", "290000-01-01", "290000-01-01"),
    ("time", "24:00:00", "24:00:00"),
    ("time", "04:05:06.700000", "04:05:06.7"),
    ("timestamp", "0044-03-15 (BC) 12:00:00.5", "0044-03-15 12:00:00.5 BC"),
    ("timestamp", "2024-01-31 12:00:00.120000", "2024-01-31 12:00:00.12"),
    ("timestamp", "-infinity", "-infinity"),
    ("timestamp_s", "2024-01-31 12:00:00", "2024-01-31 12:00:00"),
    ("timestamp_ms", "2024-01-31 12:00:00.12", "2024-01-31 12:00:00.12"),
    ("timestamp_ns", "2024-01-31 12:00:00.123456789", "2024-01-31 12:00:00.123456789"),
    ("timestamptz", "2024-01-31 12:00:00.5+02", "2024-01-31 10:00:00.5+00"),
    ("timestamptz", "0044-03-15 (BC) 12:00:00+00", "0044-03-15 12:00:00+00 BC"),
    ("interval", "-1 year -2 months 3 days -04:05:06.7", "-1 years -2 mons +3 days -04:05:06.7"),
    ("uuid", "ABCDEF00-0000-0000-0000-000000000000", "abcdef00-0000-0000-0000-000000000000"),
    ("json", '{"a": 1 }', '{"a": 1 }'),
    ("enum('a', '')", "", ""),
    ("integer[]", "[1, NULL]", "[1, NULL]"),
    ("timetz", "12:00:00+02", "12:00:00+02"),
]


@pytest.mark.parametrize(("native", "text", "value"), FORMS)
def test_a_value_is_read_in_its_agreed_form(opened: Opened, native: str, text: str, value: Any) -> None:
    literal = text.replace("'", "''")
    source = opened(
        f"create table t (id int primary key, v {native}); insert into t values (1, '{literal}'), (2, null)"
    )
    found = rows_of(source, source.catalogue().table("t"), ["v"])
    assert found == [(value,), (None,)]
    assert type(found[0][0]) is type(value)


def test_binary_values_nul_and_nan_are_read(opened: Opened) -> None:
    source = opened(
        "create table t (id int primary key, b blob, x varchar, d double);"
        "insert into t values (1, '\\x00\\xFF'::blob, 'a' || chr(0) || 'b', 'nan'), (2, ''::blob, '', '-0.0')"
    )
    first, second = rows_of(source, source.catalogue().table("t"), ["b", "x", "d"])
    assert first[:2] == (b"\x00\xff", "a\0b")
    assert first[2] != first[2]
    assert repr(second) == "(b'', '', -0.0)"


KEYS = [
    ("int", ["1", "-5", "2147483647"]),
    ("hugeint", ["1", "-170141183460469231731687303715884105728"]),
    ("double", ["1.5", "inf", "-inf", "nan", "0.0", "5e-324"]),
    ("varchar", ["b", "A", "a", "", "ä", "a ", "it''s"]),
    ("varchar collate nocase", ["b", "A", "a", "B", "c"]),
    ("boolean", ["true", "false"]),
    ("blob", ["\\x00", "\\xFF", "", "a"]),
    ("decimal(20,3)", ["1.5", "-1.5", "12345678901234567.891"]),
    ("date", ["0044-03-15 (BC)", "0043-03-15 (BC)", "2024-01-31", "infinity", "-infinity"]),
    ("timestamp", ["0044-03-15 (BC) 12:00:00", "2024-01-31 12:00:00.000001", "infinity"]),
    ("timestamptz", ["0044-03-15 (BC) 12:00:00+00", "2024-01-31 12:00:00.5+02"]),
    ("time", ["24:00:00", "00:00:00.000001"]),
    ("uuid", ["00000000-0000-0000-0000-000000000001", "ffffffff-0000-0000-0000-000000000001"]),
    ("enum('z', 'a', '')", ["z", "a", ""]),
]


@pytest.mark.parametrize(("native", "texts"), KEYS)
def test_a_read_resumes_behind_every_row_of_any_key(opened: Opened, native: str, texts: list[str]) -> None:
    values = ", ".join(f"('{text}', {number % 2})" for number, text in enumerate(texts))
    source = opened(f"create table t (k {native}, n int, primary key (k, n)); insert into t values {values}")
    table = source.catalogue().table("t")
    assert source.position_columns(table) == ("k", "n")
    everything = list(map(repr, rows_of(source, table, ["n", "k"])))
    assert len(everything) == len(texts)
    for number, batch in enumerate(source.read(table, ["n"], batch_rows=1)):
        assert list(map(repr, rows_of(source, table, ["n", "k"], after=batch.position))) == everything[number + 1 :]
        assert list(map(repr, rows_of(source, table, ["n", "k"], until=batch.position))) == everything[: number + 1]
        assert len(batch.keys) == 1


def test_columns_with_the_names_used_inside_are_no_trap(opened: Opened) -> None:
    source = opened(
        "create table t (t integer, c0 integer, c1 integer, dms_incoming integer, primary key (c1, t));"
        "insert into t values (1, 9, 3, 0), (2, 8, 2, 0), (3, 7, 1, 0)"
    )
    table = source.catalogue().table("t")
    everything = rows_of(source, table, ["c0", "t", "dms_incoming"])
    assert everything == [(7, 3, 0), (8, 2, 0), (9, 1, 0)]
    for number, batch in enumerate(source.read(table, ["c0", "t", "dms_incoming"], batch_rows=1)):
        assert rows_of(source, table, ["c0", "t", "dms_incoming"], after=batch.position) == everything[number + 1 :]


def test_a_key_whose_text_may_not_read_back_gives_no_order(opened: Opened) -> None:
    source = opened(
        "create table t (k timetz primary key); create table u (k int unique); insert into u values (1), (null)"
    )
    catalogue = source.catalogue()
    assert source.position_columns(catalogue.table("t")) == ()
    assert source.position_columns(catalogue.table("u")) == ()


def test_a_table_without_key_is_read_by_rowid(opened: Opened) -> None:
    source = opened(
        "create table t (a int); insert into t values (7), (7), (null); create table u (rowid int);"
        " insert into u values (3)"
    )
    table = source.catalogue().table("t")
    first = next(source.read(table, ["a"], batch_rows=1))
    assert rows_of(source, table, ["a"], after=first.position) == [(7,), (None,)]
    assert [(batch.columns, batch.position) for batch in source.read(source.catalogue().table("u"), ["rowid"])] == [
        ([[3]], "")
    ]


def test_a_position_made_of_bare_integers_cuts_a_table_in_lanes(opened: Opened) -> None:
    source = opened("create table t (id bigint primary key); insert into t values (1), (2), (10)")
    table = source.catalogue().table("t")
    assert rows_of(source, table, ["id"], until=json.dumps(["2"])) == [(1,), (2,)]
    assert rows_of(source, table, ["id"], after=json.dumps(["2"])) == [(10,)]
    assert source.key_range(table, "id") == (1, 10)


def test_batches_end_at_rows_and_at_bytes(opened: Opened) -> None:
    source = opened(
        "create table t (id int primary key, a varchar); insert into t select range, repeat('x',"
        " 1000) from range(20000);"
        "create table empty (id int primary key);"
    )
    table = source.catalogue().table("t")
    sizes = [batch.rows for batch in source.read(table, ["id"], batch_rows=6_000)]
    assert sum(sizes) == 20_000
    assert max(sizes) <= 6_000
    sizes = [batch.rows for batch in source.read(table, ["id", "a"], batch_bytes=5_000_000)]
    assert sum(sizes) == 20_000
    assert max(sizes) <= 5_000
    empty = source.catalogue().table("empty")
    assert list(source.read(empty, ["id"])) == []
    assert source.key_range(empty, "id") is None


def test_a_stream_gives_lists_and_may_be_left_early(opened: Opened) -> None:
    source = opened("create table t as select range as i from range(50000)")
    stream = source.stream("select i from t where i >= ? order by i", [10], batch_rows=3)
    assert next(stream) == [(10,), (11,), (12,)]
    del stream
    gc.collect()
    assert list(source.stream("select count(*) from t")) == [[(50_000,)]]


def test_reads_catalogue_and_counts_go_on_side_by_side(opened: Opened) -> None:
    source = opened("create table t (id int primary key); insert into t select range from range(20000)")
    table = source.catalogue().table("t")
    readings = [source.read(table, ["id"], batch_rows=5_000) for _ in range(12)]
    rows = [next(reading).rows for reading in readings]
    assert source.count(table) == 20_000
    assert source.catalogue().table("t") == table
    rows = [first + sum(batch.rows for batch in reading) for first, reading in zip(rows, readings, strict=True)]
    assert rows == [20_000] * 12


def test_lanes_read_in_threads_under_the_snapshot_of_their_source(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    target = database.open_target(f"duckdb:///{path}")
    target.execute("create table t (id int primary key)")
    target.execute("insert into t select range from range(20000)")
    source = database.open_source(f"duckdb:///{path}")
    table = source.catalogue().table("t")
    with target.transaction():
        target.execute("delete from t where id >= 10000")
    found: dict[int, int] = {}

    def read(number: int, lane: DuckdbSource) -> None:
        found[number] = sum(batch.rows for batch in lane.read(table, ["id"], batch_rows=1_000))
        lane.close()

    threads = [threading.Thread(target=read, args=(number, source.lane())) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(4), 20_000)
    assert target.count(table) == 10_000
    source.close()
    target.close()


def test_more_reads_than_the_snapshot_has_cursors_are_refused_rather_than_mixed(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    target = database.open_target(f"duckdb:///{path}")
    target.execute("create table t (id int primary key)")
    target.execute("insert into t select range from range(20000)")
    source = database.open_source(f"duckdb:///{path}")
    table = source.catalogue().table("t")
    target.execute("delete from t where id = 1")
    readings = [source.read(table, ["id"], batch_rows=1_000) for _ in range(SPARE_CURSORS + 1)]
    assert [next(reading).rows for reading in readings] == [1_000] * (SPARE_CURSORS + 1)
    with pytest.raises(DatabaseBusy):
        source.count(table)
    readings.clear()
    gc.collect()
    assert source.count(table) == 20_000
    source.close()
    target.close()


def test_the_name_of_the_snapshot_changes_with_the_file(opened: Opened) -> None:
    source = opened("create table t (id int primary key)")
    same = source.lane()
    assert source.snapshot == same.snapshot != ""
    path = source.identity.removeprefix("duckdb:")
    same.close()
    source.close()
    target = database.open_target(f"duckdb:///{path}")
    target.execute("insert into t values (1)")
    target.close()
    later = database.open_source(f"duckdb:///{path}")
    assert later.snapshot != source.snapshot
    later.close()
