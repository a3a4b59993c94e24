"""Keys, indexes, checks, defaults, views and counters between products: made, or one line with the reason."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying.result import RunResult
from dms_workbench.engine.databases.urls import database_for
from dms_workbench.engine.planning import PlanOptions, build_plan, plan_from_json, plan_to_json
from dms_workbench.engine.planning.errors import OneTargetSchema, SchemasTogether, TargetTableMissing
from dms_workbench.engine.schema.inventory import inventory
from tests.engine.copying.conftest import run_sql

SHOP = Path(__file__).parents[2] / "cases" / "objects" / "shop_sqlite.sql"
NAMES = (
    "select conname, pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace "
    "and contype in ('f', 'c') order by 1"
)


@pytest.fixture
def shop(new_database) -> str:
    """A SQLite file with keys, indexes, checks, a view, a trigger and an orphan."""
    url = new_database("sqlite")
    with closing(sqlite3.connect(url.partition("///")[2])) as file:
        file.executescript(SHOP.read_text(encoding="utf-8"))
    return url


def lines(result: RunResult, kind: str) -> list[tuple[str, str, str]]:
    """Name, outcome and reason of the objects of a kind."""
    return [(item.name, item.outcome, item.reason) for item in result.objects if item.kind == kind]


@pytest.mark.parametrize("product", ["sqlite", "duckdb", "postgres"])
def test_every_object_is_one_line_whatever_the_target(product, shop, new_database, migrate):
    aim = new_database(product)
    plan = build_plan(shop, aim, PlanOptions())
    with closing(database_for(shop).open_source(shop)) as source:
        items = inventory(source.catalogue())
    told = Counter((line.kind, line.name) for line in plan.objects)
    assert [(item.kind, item.label) for item in items if told[item.kind, item.label] != 1] == []
    assert plan_from_json(plan_to_json(plan)) == plan
    result = migrate(shop, aim)
    assert Counter((item.kind, item.name) for item in result.objects) == told
    assert RunResult.from_dict(json.loads(json.dumps(result.as_dict()))) == result


def test_a_file_arrives_in_postgres_with_keys_checks_indexes_and_a_view_that_works(shop, new_database, migrate):
    aim = new_database("postgres")
    result = migrate(shop, aim)
    assert result.status == "succeeded", result.error
    assert run_sql(aim, NAMES) == [
        ("album_artist_id_fkey", "FOREIGN KEY (artist_id) REFERENCES artist(artist_id) ON UPDATE CASCADE ON DELETE CASCADE"),
        ("staff_boss_fkey", "FOREIGN KEY (boss) REFERENCES staff(staff_id) NOT VALID"),
        ("staff_check", "CHECK ((grade > 0))"),
    ]  # fmt: skip
    indexes = run_sql(
        aim, "select indexname from pg_indexes where schemaname = 'public' and indexname !~ 'key$' order by 1"
    )
    assert [name for (name,) in indexes if not name.endswith("pkey")] == ["album_artist", "album_title", "staff_late"]
    assert run_sql(aim, 'select name, "Albums" from albums') == [("Ä", 2)]
    assert run_sql(aim, "select kept from staff order by staff_id") == [(7,), (16,), (0,)]
    assert run_sql(aim, "insert into staff (staff_id, pay, tax) values (9, 5, 1) returning kept, grade") == [(4, 1)]
    assert run_sql(aim, "insert into artist (name) values ('d') returning artist_id, born::text") == [(4, "1970-01-01")]
    assert lines(result, "trigger") == [
        ("album.noisy", "left_out", "triggers of SQLite are written in its own language")
    ]


def test_rows_without_a_parent_are_listed_by_key(shop, new_database, migrate):
    for product in ("postgres", "sqlite"):
        result = migrate(shop, new_database(product))
        key = next(item for item in result.objects if item.kind == "foreign key" and item.name.startswith("staff"))
        assert (key.outcome, key.rows, key.rows_total) == ("created", ({"staff_id": 3},), 1)
        assert "1 row has no parent" in key.reason


def test_a_round_trip_over_postgres_keeps_keys_indexes_and_counters(shop, new_database, migrate):
    middle, back = new_database("postgres"), new_database("sqlite")
    migrate(shop, middle)
    assert migrate(middle, back).status == "succeeded"
    query = (
        "select m.name, group_concat(i.name) from sqlite_master m, pragma_index_info(m.name) i "
        "where m.type = 'index' and m.sql is not null group by 1 order by 1"
    )
    assert run_sql(back, query) == run_sql(shop, query)
    query = (
        'select m.name, f."from", f."table", f."to", f.on_delete '
        "from sqlite_master m, pragma_foreign_key_list(m.name) f where m.type = 'table' order by 1, 2"
    )
    assert run_sql(back, query) == run_sql(shop, query)
    assert run_sql(back, "insert into artist (name) values ('d') returning artist_id") == [(4,)]


class Kill(Exception):
    """What stands for a killed process."""


class Killer(Control):
    """Ends the run when a phase says something."""

    def __init__(self, word: str) -> None:
        self.word = word

    def report(self, progress) -> None:
        if progress.phase == "finish" and self.word in progress.message:
            raise KeyboardInterrupt


@pytest.mark.parametrize("product", ["postgres", "sqlite"])
def test_a_run_killed_between_two_objects_makes_only_what_is_missing(product, shop, new_database, migrate):
    aim = new_database(product)
    with pytest.raises(KeyboardInterrupt):
        migrate(
            shop, aim, control=Killer("index album.album_title" if product == "sqlite" else "objects of small tables")
        )
    before = run_sql(
        aim,
        "select 1 from pg_indexes where indexname = 'album_title'"
        if product == "postgres"
        else "select 1 from sqlite_master where name = 'album_title'",
    )
    assert before == []
    result = migrate(shop, aim)
    assert result.status == "succeeded", result.error
    assert {outcome for name, outcome, _ in lines(result, "index")} == {"created"}
    assert {outcome for name, outcome, _ in lines(result, "table")} == {"created"}
    assert [line for line in lines(result, "foreign key") if line[1] != "created"] == []


def test_the_structure_alone_and_then_the_rows_alone(shop, new_database, migrate):
    aim = new_database("sqlite")
    first = migrate(shop, aim, content="schema")
    assert (first.status, first.tables) == ("succeeded", ())
    assert run_sql(aim, "select count(*) from artist") == [(0,)]
    with_rows = new_database("sqlite")
    with pytest.raises(TargetTableMissing):
        migrate(shop, with_rows, content="data", tables=("artist",))
    run_sql(with_rows, "create table artist (artist_id integer primary key, name text, born text)")
    second = migrate(shop, with_rows, content="data", tables=("artist",))
    assert second.status == "succeeded", second.error
    assert run_sql(with_rows, "select count(*) from artist") == [(2,)]
    assert {item.outcome for item in second.objects if item.kind == "view"} == {"left_out"}


def test_schemas_go_to_their_namesakes_with_the_keys_between_them(new_database, migrate):
    url, aim = new_database("postgres"), new_database("postgres")
    run_sql(
        url,
        "create schema a1",
        "create schema a2",
        "create schema b",
        "create table a1.t (id int primary key, v text)",
        "create table a2.t (id int primary key references a1.t, v text)",
        "create table b.t (id int)",
        "insert into a1.t values (1, 'a1'), (2, 'a1')",
        "insert into a2.t values (1, 'a2')",
    )
    result = migrate(url, aim, source_schemas=("a*",))
    assert result.status == "succeeded", result.error
    assert [(table.source, table.target, table.written) for table in result.tables] == [
        ("a1.t", "a1.t", 2),
        ("a2.t", "a2.t", 1),
    ]
    assert lines(result, "foreign key") == [("a2.t.t_id_fkey", "created", "")]
    assert run_sql(aim, "select count(*) from pg_namespace where nspname = 'b'") == [(0,)]


def test_schemas_lie_together_only_when_asked(new_database, migrate):
    url, aim = new_database("postgres"), new_database("sqlite")
    run_sql(
        url,
        "create schema a1",
        "create table a1.t (id int)",
        "create table public.t (id int)",
        "insert into a1.t values (1)",
    )
    with pytest.raises(SchemasTogether):
        migrate(url, aim, source_schemas=("public", "a1"))
    with pytest.raises(OneTargetSchema):
        migrate(url, new_database("postgres"), source_schemas=("public", "a1"), target_schema="x")
    result = migrate(url, aim, source_schemas=("public", "a1"), prefix_schema=True)
    assert result.status == "succeeded", result.error
    assert run_sql(aim, "select * from a1_t") == [(1,)]
    assert run_sql(aim, "select * from public_t") == []


def test_a_default_or_check_that_the_target_refuses_is_left_out_and_the_run_goes_on(new_database, migrate):
    url, aim = new_database("sqlite"), new_database("postgres")
    run_sql(
        url,
        "create table t (id integer primary key, d date default 'soon', n integer default (abs(-5)), "
        "u text default (hex(randomblob(4))), check (typeof(n) = 'integer'))",
        "insert into t (id, d) values (1, '2024-01-01')",
    )
    result = migrate(url, aim)
    assert result.status == "succeeded", result.error
    left = {(item.kind, item.name) for item in result.objects if item.outcome == "left_out"}
    assert left == {("default", "t.d"), ("default", "t.u"), ("check", "t.check 1")}
    assert run_sql(aim, "insert into t (id) values (2) returning n") == [(5,)]


def test_names_of_indexes_that_clash_or_are_too_long_are_given_anew_and_said(new_database, migrate):
    url, aim = new_database("sqlite"), new_database("postgres")
    long = "i" * 80
    run_sql(
        url,
        "create table t (a int)",
        "create table u (a int)",
        f"create index {long} on t (a)",
        "create index idx on u (a)",
    )
    run_sql(aim, "create table idx (a int)")
    result = migrate(url, aim)
    found = dict(run_sql(aim, "select tablename, indexname from pg_indexes where schemaname = 'public'"))
    assert found["u"] == "u_idx"
    assert found["t"].startswith("iiii")
    assert len(found["t"]) == 63
    assert {line[1] for line in lines(result, "index")} == {"altered"}
