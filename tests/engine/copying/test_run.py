"""Whole runs between real databases: books, quarantine, pause, resume, and the faults that must turn a run red."""

from __future__ import annotations

import json

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions
from dms_workbench.engine.planning.errors import (
    ColumnFitsNowhere,
    ColumnNotFed,
    FolderMissing,
    MappingChanged,
    NoTables,
    SameTable,
    TableNotFound,
    TargetNotEmpty,
    TargetReadOnly,
    TargetTableMissing,
    TypeDoesNotFit,
)
from tests.engine.copying.conftest import PRODUCTS, run_sql

SHARED = (
    "create table parent (id integer not null primary key, name varchar(20) not null unique)",
    "create table child (id integer not null primary key, parent_id integer references parent (id), amount decimal(10,2), "
    "moment timestamp, done boolean, note text)",
    "create table loose (a integer, b varchar(10))",
    "insert into parent values (1, 'one'), (2, 'two')",
    "insert into child values (1, 1, 1.50, '2024-02-29 12:30:00', {true}, 'tab\tand \"quote\" and back\\slash'), "
    "(2, 2, -99999999.99, null, {false}, ''), (3, null, null, '1999-12-31 23:59:59.5', null, null)",
    "insert into loose values (1, 'x'), (1, 'x'), (null, null)",
)


def fill(url: str) -> str:
    booleans = ("1", "0") if url.startswith("sqlite") else ("true", "false")
    run_sql(url, *(line.replace("{true}", booleans[0]).replace("{false}", booleans[1]) for line in SHARED))
    return url


@pytest.mark.parametrize("source", PRODUCTS)
@pytest.mark.parametrize("target", PRODUCTS)
def test_every_pair_closes_its_books_and_is_proved(source, target, new_database, migrate):
    result = migrate(fill(new_database(source)), new_database(target))
    assert result.status == "succeeded", (result.error, result.tables, result.quarantine)
    assert {(table.source, table.read, table.written, table.verified) for table in result.tables} == {
        ("parent", 2, 2, "equal"),
        ("child", 3, 3, "equal"),
        ("loose", 3, 3, "equal"),
    }
    assert all(table.closed for table in result.tables)


def test_the_same_command_after_the_end_moves_nothing(new_database, migrate):
    source, target = fill(new_database("sqlite")), new_database("duckdb")
    first = migrate(source, target)
    again = migrate(source, target)
    assert again.already_done
    assert (again.run_id, again.status, again.tables) == (first.run_id, "succeeded", first.tables)


def test_rows_lost_after_the_end_are_said(new_database, migrate):
    source, target = fill(new_database("sqlite")), new_database("sqlite")
    migrate(source, target)
    run_sql(target, "delete from loose")
    assert migrate(source, target).notes == ("loose has 0 rows now, not the 3 it had then",)


class PauseAfter(Control):
    """Wishes a pause once so many rows are written."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.paused = False

    def wish(self):
        return "pause" if self.paused else "run"

    def report(self, progress):
        self.paused = self.paused or progress.written >= self.rows


@pytest.mark.parametrize("source", PRODUCTS)
@pytest.mark.parametrize("target", PRODUCTS)
def test_a_pause_keeps_whole_chunks_and_the_same_command_goes_on(source, target, new_database, migrate):
    url = new_database(source)
    numbers = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) select i, i * 3 from n"
    run_sql(url, "create table t (id integer not null primary key, v integer)", f"insert into t {numbers}")
    aim = new_database(target)
    paused = migrate(url, aim, control=PauseAfter(300), options=RunOptions(chunk_rows=100))
    assert paused.status == "paused"
    assert paused.tables[0].written == 300
    done = migrate(url, aim, options=RunOptions(chunk_rows=100))
    assert (done.run_id, done.status, done.tables[0].written) == (paused.run_id, "succeeded", 1000)
    assert run_sql(aim, "select count(*), sum(id), sum(v) from t") == [(1000, 500500, 1501500)]


def test_a_keyless_table_paused_in_the_middle_leaves_nothing_of_it(new_database, migrate):
    url, aim = new_database("postgres"), new_database("postgres")
    run_sql(url, "create table t (v int)", "insert into t select i % 10 from generate_series(1, 1000) i")
    assert migrate(url, aim, control=PauseAfter(200), options=RunOptions(chunk_rows=100)).status == "paused"
    assert run_sql(aim, "select count(*) from t") == [(0,)]
    assert migrate(url, aim).status == "succeeded"


DIRTY = (
    "create table t (id integer primary key, n integer, d date, s varchar(3))",
    "insert into t values (1, 5, '2024-01-01', 'abc'), (2, 'five', '2024-01-01', 'abc'), (3, 5, '2024-02-30', 'abc'), "
    "(4, 5, '2024-01-01', 'abcd'), (5, 5, '2024-01-01', 'ok')",
)


@pytest.mark.parametrize("target", ["postgres", "duckdb"])
def test_bad_values_go_to_quarantine_with_key_column_and_code(target, new_database, migrate):
    url = new_database("sqlite")
    run_sql(url, *DIRTY)
    result = migrate(url, new_database(target))
    found = {(row.key["id"], row.column, row.code) for row in result.quarantine}
    assert {(2, "n", "invalid-value"), (3, "d", "invalid-value")} <= found
    table = result.tables[0]
    assert result.status == "succeeded_with_quarantine"
    assert (table.read, table.written + table.quarantined, table.verified) == (5, 5, "equal")
    assert all("five" not in row.reason for row in result.quarantine)


@pytest.mark.parametrize("product", PRODUCTS)
def test_duplicate_keys_of_the_target_go_to_quarantine(product, new_database, migrate):
    url, aim = new_database("postgres"), new_database(product)
    run_sql(url, "create table t (id int primary key, code text)", "insert into t values (1, 'a'), (2, 'a'), (3, 'b')")
    run_sql(aim, "create table t (id integer primary key, code text unique)")
    result = migrate(url, aim)
    assert (result.status, result.tables[0].written) == ("succeeded_with_quarantine", 2)
    assert [(row.key, row.code) for row in result.quarantine] == [({"id": 2}, "unique")]


@pytest.mark.parametrize("product", PRODUCTS)
def test_bad_rows_of_a_keyless_table_are_isolated_too(product, new_database, migrate):
    url, aim = new_database("postgres"), new_database(product)
    run_sql(url, "create table t (v int)", "insert into t select i from generate_series(1, 500) i")
    run_sql(aim, "create table t (v integer check (v <> 77))")
    result = migrate(url, aim, options=RunOptions(chunk_rows=100))
    assert [(row.key, row.code) for row in result.quarantine] == [({"v": 77}, "check")]
    assert (result.status, result.tables[0].written, result.tables[0].verified) == (
        "succeeded_with_quarantine",
        499,
        "equal",
    )


def test_on_reject_stop_ends_the_run_and_names_the_row(new_database, migrate):
    url = new_database("sqlite")
    run_sql(url, *DIRTY)
    result = migrate(url, new_database("duckdb"), options=RunOptions(on_reject="stop"))
    assert (result.status, result.error["code"]) == ("failed", "row-rejected")


def test_too_many_rejects_end_the_run(new_database, migrate):
    url = new_database("sqlite")
    run_sql(url, *DIRTY)
    result = migrate(url, new_database("duckdb"), options=RunOptions(max_rejects=1))
    assert (result.status, result.error["code"]) == ("failed", "too-many-rejects")


def test_foreign_keys_that_rows_break_are_added_for_new_rows_and_said(new_database, migrate):
    url, aim = new_database("sqlite"), new_database("postgres")
    run_sql(
        url,
        "create table p (id integer primary key)",
        "create table c (id integer primary key, p integer references p (id))",
        "insert into c values (1, 99)",
    )
    result = migrate(url, aim)
    assert result.status == "succeeded"
    key = next(item for item in result.objects if item.kind == "foreign key")
    assert (key.outcome, key.reason.split(":")[0]) == ("created", "NOT VALID")


def test_numbers_go_on_behind_the_largest(new_database, migrate):
    url, aim = new_database("postgres"), new_database("postgres")
    run_sql(
        url, "create table t (id serial primary key, v int)", "insert into t (v) select i from generate_series(1, 7) i"
    )
    migrate(url, aim)
    run_sql(aim, "insert into t (v) values (8)")
    assert run_sql(aim, "select max(id) from t") == [(8,)]


def test_lanes_share_a_table_and_lose_nothing(new_database, migrate):
    url, aim = new_database("postgres"), new_database("postgres")
    run_sql(
        url,
        "create table t (id int primary key, v text)",
        "insert into t select i, md5(i::text) from generate_series(1, 60000) i",
    )
    result = migrate(url, aim, options=RunOptions(lanes=3, chunk_rows=5_000))
    assert (result.status, result.tables[0].written) == ("succeeded", 60_000)
    assert run_sql(aim, "select count(distinct lane_no) from dms_ledger.chunks") == [(3,)]


def test_append_adds_to_rows_that_are_there(new_database, migrate):
    url, aim = new_database("sqlite"), new_database("duckdb")
    run_sql(url, "create table t (id integer primary key)", "insert into t values (1), (2)")
    run_sql(aim, "create table t (id bigint primary key)", "insert into t values (10)")
    result = migrate(url, aim, mode="append")
    assert (result.status, result.tables[0].written) == ("succeeded", 2)
    assert run_sql(aim, "select count(*) from t") == [(3,)]


def test_a_mapping_renames_casts_filters_and_looks_up(new_database, migrate):
    url, aim = new_database("sqlite"), new_database("postgres")
    run_sql(
        url,
        "create table tbl (k integer primary key, nm text, st text, dt text)",
        "insert into tbl values (1, 'Doe, Jane', 'N', '31.12.2020'), (2, 'X, Y', 'T', '01.01.2021'), (3, 'A, B', '?', '01.01.2021')",
    )
    mapping = """
format: dms-mapping/1
name: small
lookups:
  state: {values: {N: new, T: test}}
tables:
  - source: tbl
    target: person
    where: "st <> 'T'"
    columns:
      id: k
      first: {expression: "split_part(nm, ', ', 2)", type: text}
      state: {expression: "lookup('state', st)", type: text}
      day: {expression: "CAST(strptime(dt, '%d.%m.%Y') AS DATE)", type: date}
"""
    result = migrate(url, aim, mapping_text=mapping)
    table = result.tables[0]
    assert (table.read, table.written, table.filtered, table.quarantined, table.verified) == (3, 1, 1, 1, "equal")
    assert [(str(row[0]), *row[1:3], str(row[3])) for row in run_sql(aim, "select * from person")] == [
        ("1", "Jane", "new", "2020-12-31")
    ]


def test_another_mapping_over_an_unfinished_run_is_refused_with_both_commands(new_database, migrate):
    url, aim = new_database("sqlite"), new_database("sqlite")
    run_sql(url, "create table t (id integer primary key)", "insert into t values (1), (2), (3)")
    paused = migrate(url, aim, control=PauseAfter(0))
    with pytest.raises(MappingChanged, match=paused.run_id) as caught:
        migrate(url, aim, mapping_text="format: dms-mapping/1\nname: x\ntables:\n  - source: t\n    target: t\n")
    assert "resume" in caught.value.next
    assert "--new-run" in caught.value.next


@pytest.mark.parametrize(
    ("target_ddl", "options", "error"),
    [
        ([], {"create": False}, TargetTableMissing),
        (["create table t (id integer primary key)"], {}, ColumnFitsNowhere),
        (["create table t (id integer primary key, v integer, must text not null)"], {}, ColumnNotFed),
        (["create table t (id integer primary key, v bytea)"], {}, TypeDoesNotFit),
        (["create table t (id integer primary key, v integer)", "insert into t values (9, 9)"], {}, TargetNotEmpty),
        ([], {"tables": ("nope",)}, TableNotFound),
        ([], {"exclude": ("*",)}, NoTables),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_written(target_ddl, options, error, new_database, migrate):
    url, aim = new_database("sqlite"), new_database("postgres")
    run_sql(url, "create table t (id integer primary key, v integer)", "insert into t values (1, 1)")
    run_sql(aim, "select 1", *target_ddl)
    with pytest.raises(error):
        migrate(url, aim, **options)
    assert run_sql(aim, "select count(*) from information_schema.schemata where schema_name = 'dms_ledger'") == [(0,)]


def test_a_table_is_never_copied_onto_itself(new_database, migrate):
    url = fill(new_database("sqlite"))
    with pytest.raises(SameTable):
        migrate(url, url)


def test_a_result_survives_json(new_database, migrate):
    result = migrate(fill(new_database("sqlite")), new_database("sqlite"))
    assert type(result).from_dict(json.loads(json.dumps(result.as_dict()))) == result


def test_untyped_columns_keep_every_class_between_sqlite_files(new_database, migrate):
    url, aim = new_database("sqlite"), new_database("sqlite")
    run_sql(
        url,
        "create table t (id integer primary key, v)",
        "insert into t values (1, 1), (2, '1'), (3, x'00ff'), (4, 1.5)",
    )
    assert migrate(url, aim).status == "succeeded"
    assert run_sql(aim, "select typeof(v) from t order by id") == [("integer",), ("text",), ("blob",), ("real",)]


def test_one_file_may_be_both_sides_with_two_schemas(new_database, migrate):
    url = new_database("duckdb")
    run_sql(url, "create table t (id integer primary key, v text)", "insert into t values (1, 'a'), (2, 'b')")
    result = migrate(url, url, target_schema="copy")
    assert (result.status, result.tables[0].written) == ("succeeded", 2)
    assert run_sql(url, "select count(*) from copy.t") == [(2,)]


def test_a_target_file_in_no_folder_is_refused_by_the_plan(new_database, migrate, tmp_path):
    url = fill(new_database("sqlite"))
    with pytest.raises(FolderMissing, match="no folder"):
        migrate(url, f"duckdb:///{tmp_path}/nowhere/new.duckdb")
    assert not (tmp_path / "nowhere").exists()


def test_the_limit_on_rejects_counts_all_tables_of_the_run(new_database, migrate):
    url = new_database("sqlite")
    for name in ("a", "b"):
        run_sql(
            url,
            f"create table {name} (id integer primary key, n integer)",
            f"insert into {name} values (1, 'x'), (2, 'y'), (3, 3)",
        )
    result = migrate(url, new_database("duckdb"), options=RunOptions(max_rejects=3))
    assert (result.status, result.error["code"]) == ("failed", "too-many-rejects")
    assert migrate(url, new_database("duckdb"), options=RunOptions(max_rejects=4)).status == "succeeded_with_quarantine"


def test_a_database_that_its_owner_made_read_only_is_never_written(new_database, migrate):
    url, aim = new_database("sqlite"), new_database("postgres")
    run_sql(url, "create table t (id integer primary key)", "insert into t values (1)")
    name = aim.rpartition("/")[2]
    run_sql(aim, f"alter database {name} set default_transaction_read_only = on")
    with pytest.raises(TargetReadOnly, match="default_transaction_read_only"):
        migrate(url, aim)
    assert run_sql(aim, "select count(*) from pg_tables where schemaname in ('public', 'dms_ledger')") == [(0,)]
