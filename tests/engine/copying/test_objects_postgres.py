"""Every kind of object of a PostgreSQL database arrives in another one, as pg_dump sees it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import psycopg

from dms_workbench.engine.databases.postgres import database
from dms_workbench.engine.planning import PlanOptions, build_plan, plan_from_json, plan_to_json
from dms_workbench.engine.planning.catalogues import read_source
from dms_workbench.engine.schema.inventory import inventory
from tests.engine.copying.conftest import run_sql
from tests.engine.databases.postgres_structure import difference, dump

STRUCTURE = Path(__file__).parents[2] / "cases" / "postgres" / "structure.sql"
SCHEMAS = ("public", "Odd Schema")


def filled(url: str) -> str:
    """A database with every kind of object."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(STRUCTURE.read_text().encode())
    return url


def test_a_schema_with_every_kind_of_object_is_dumped_equal_on_both_sides(new_database, migrate):
    url, aim = filled(new_database("postgres")), new_database("postgres")
    result = migrate(url, aim, source_schemas=SCHEMAS)
    assert result.status == "succeeded"
    assert difference(dump(url), dump(aim)) == ""
    left = Counter(item.kind for item in result.objects if item.outcome == "left_out")
    assert left == {"owner": 1, "comment": 1}


def test_every_object_of_the_source_is_one_line_of_plan_json_and_result(new_database, migrate):
    url, aim = filled(new_database("postgres")), new_database("postgres")
    plan = build_plan(url, aim, PlanOptions(source_schemas=SCHEMAS))
    source = database.open_source(url)
    items = inventory(read_source(source, SCHEMAS))
    source.close()
    lines = Counter((line.kind, line.name) for line in plan.objects)
    assert {(item.kind, item.label): lines[item.kind, item.label] for item in items} == {
        (item.kind, item.label): 1 for item in items
    }
    assert max(lines.values()) == 1
    assert plan_from_json(plan_to_json(plan)) == plan
    result = migrate(url, aim, source_schemas=SCHEMAS)
    assert Counter((item.kind, item.name) for item in result.objects) == lines


def test_objects_go_into_another_schema_under_its_name(new_database, migrate):
    url, aim = new_database("postgres"), new_database("postgres")
    run_sql(
        url,
        "create type mood as enum ('sad', 'glad')",
        "create function twice(n int) returns int language sql immutable as 'select n * 2'",
        "create sequence s start 42",
        "create table p (id serial primary key, m mood default 'glad', n int default nextval('s'), "
        "t int generated always as (public.twice(1)) stored, check (public.twice(id) > 0))",
        "create table c (id int primary key, p int references p(id), mm mood[])",
        "create index on c (public.twice(p)) where p > 0",
        "create view v as select p.id, public.twice(c.id) from p join c on c.p = p.id",
        "create function f() returns trigger language plpgsql as $$ begin perform 1 from public.p; return new; end $$",
        "create trigger g after insert on c for each row execute function f()",
        "create extension hstore",
        "create type tagged as (name text, tags hstore)",
        "create table identified (id int generated always as identity, tag tagged)",
        "create table parts (k int, v int) partition by list (k)",
        "create table parts_1 partition of parts for values in (1)",
        "create index parts_v on parts (v)",
        "insert into identified (tag) values (row('x', 'a=>b'))",
        "insert into p (m) values ('sad')",
        "insert into c values (1, 1, '{sad,glad}')",
    )
    result = migrate(url, aim, target_schema="sales")
    assert result.status == "succeeded", result.error
    assert [item for item in result.objects if item.outcome == "left_out" and item.kind != "owner"] == []
    renamed = [line.replace("public.", "sales.").replace("sales.hstore", "public.hstore") for line in dump(url)]
    assert (
        difference(renamed, [line.replace('"sales"', "sales") for line in dump(aim) if line != "CREATE SCHEMA sales;"])
        == ""
    )
    assert run_sql(aim, "select n, nextval('sales.s') from sales.p") == [(42, 43)]
