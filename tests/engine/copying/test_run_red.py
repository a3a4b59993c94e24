"""Targets and sources that swallow, change or hide rows: such a run never succeeds."""

from __future__ import annotations

import pytest

from dms_workbench.engine.copying import RunOptions
from dms_workbench.engine.databases import postgres
from tests.engine.copying.conftest import run_sql

ROLE = (
    "do $$ begin if not exists (select from pg_roles where rolname = '{0}') then "
    "create role {0} login password 'x'; end if; end $$"
)


def test_a_trigger_that_swallows_rows_turns_the_run_red(new_database, migrate):
    url, aim = new_database("sqlite"), new_database("postgres")
    run_sql(url, "create table t (id integer primary key, v integer)", "insert into t values (1, 1), (2, 2), (3, 3)")
    run_sql(
        aim,
        "create table t (id bigint primary key, v bigint)",
        "create function swallow() returns trigger language plpgsql as $$ begin if new.id = 2 then return null; end if; return new; end $$",
        "create trigger s before insert on t for each row execute function swallow()",
    )
    result = migrate(url, aim)
    assert (result.status, result.exit_code) == ("differences", 4)
    assert "read 3 ≠ written 2" in result.error["message"]


def test_a_trigger_that_changes_values_turns_the_run_red(new_database, migrate):
    url, aim = new_database("sqlite"), new_database("postgres")
    run_sql(url, "create table t (id integer primary key, v integer)", "insert into t values (1, 1), (2, 2)")
    run_sql(
        aim,
        "create table t (id bigint primary key, v bigint)",
        "create function change() returns trigger language plpgsql as $$ begin new.v := new.v + 1; return new; end $$",
        "create trigger s before insert on t for each row execute function change()",
    )
    result = migrate(url, aim)
    assert result.status == "differences"
    assert result.tables[0].findings[0]["columns"] == ["v"]


def test_a_trigger_of_sqlite_that_swallows_rows_turns_the_run_red(new_database, migrate):
    url, aim = new_database("postgres"), new_database("sqlite")
    run_sql(url, "create table t (id int primary key)", "insert into t values (1), (2)")
    run_sql(
        aim,
        "create table t (id integer primary key)",
        "create trigger s before insert on t when new.id = 2 begin select raise(ignore); end",
    )
    assert migrate(url, aim).status == "differences"


def test_row_level_security_that_hides_source_rows_stops_the_run(new_database, migrate):
    url, aim = new_database("postgres"), new_database("sqlite")
    run_sql(
        url,
        "create table t (id int primary key)",
        "insert into t values (1), (2)",
        "alter table t enable row level security",
        "create policy p on t using (id = 1)",
        ROLE.format("dms_hidden"),
        "grant select on t to dms_hidden",
    )
    user = url.split("//")[1].split("@")[0]
    result = migrate(url.replace(user, "dms_hidden:x"), aim)
    assert result.status in ("failed", "refused")
    assert result.error["code"] == "rows-hidden"


def test_row_level_security_that_hides_target_rows_stops_the_run(new_database, migrate):
    url, aim = new_database("sqlite"), new_database("postgres")
    run_sql(url, "create table t (id integer primary key)", "insert into t values (1), (2)")
    run_sql(
        aim,
        "create table t (id bigint primary key)",
        "alter table t enable row level security",
        "create policy p on t using (id = 1) with check (true)",
        ROLE.format("dms_aim"),
        "grant all on t to dms_aim",
        "grant usage, create on schema public to dms_aim",
        "do $$ begin execute format('grant create on database %I to dms_aim', current_database()); end $$",
    )
    user = aim.split("//")[1].split("@")[0]
    with pytest.raises(Exception, match="Row-level security"):
        migrate(url, aim.replace(user, "dms_aim:x"))


def test_a_block_dropped_between_reader_and_writer_turns_the_run_red(new_database, migrate, monkeypatch):
    url, aim = new_database("postgres"), new_database("postgres")
    run_sql(url, "create table t (id int primary key)", "insert into t select * from generate_series(1, 1000)")
    read = postgres.PostgresSource.read_lines

    def losing(self, *arguments, **options):
        chunks = read(self, *arguments, **options)
        yield next(chunks)
        next(chunks).drain()
        yield from chunks

    monkeypatch.setattr(postgres.PostgresSource, "read_lines", losing)
    result = migrate(url, aim, options=RunOptions(chunk_rows=100))
    assert result.status == "differences"
    assert (result.tables[0].read, result.tables[0].written, result.tables[0].verified) == (1000, 900, "different")
