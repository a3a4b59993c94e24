"""Objects taken away by an undo: those that the run made and nobody changed; and the proof against the state before."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from dms_workbench.engine.control import Control, Progress, Wish
from dms_workbench.engine.copying.undoing import execute_undo
from dms_workbench.engine.planning import PlanOptions, build_plan
from tests.engine.copying.killed import copy, killed_at, undo
from tests.engine.copying.products import New, Sql, new, sql
from tests.engine.copying.test_undo import run_of

__all__ = ["new", "sql"]
SCHEMAS = ("sales", "hr", "public")
SOURCE = (
    "create schema sales",
    "create schema hr",
    "create extension pgcrypto",
    "create collation by_bytes (locale = 'C')",
    "create domain hr.positive as int check (value > 0)",
    "create type hr.mood as enum ('good', 'bad')",
    "create table sales.a (id serial primary key, v text)",
    "create table hr.b (id int primary key, p hr.positive, m hr.mood, a_id int references sales.a (id))",
    "create table parts (id int, d date) partition by range (d)",
    "create table part_1 partition of parts for values from ('2020-01-01') to ('2021-01-01')",
    "create view hr.v as select id from sales.a",
    "create function public.f(x int) returns int language sql as 'select x + 1'",
    "create aggregate mysum (int) (sfunc = int4pl, stype = int)",
    "create index a_v on sales.a (v)",
    "insert into sales.a (v) values ('x'), ('y')",
    "insert into hr.b values (1, 1, 'good', 1)",
    "insert into parts values (1, '2020-05-05')",
)
OWN = (
    "select n.nspname || '.' || c.relname || c.relkind::text from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    "where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'dms_ledger') union all "
    "select nspname from pg_namespace where nspname not like 'pg_%' and nspname <> 'dms_ledger' union all "
    "select proname from pg_proc where pronamespace = 'public'::regnamespace union all select extname from pg_extension union all "
    "select collname from pg_collation where collnamespace = 'public'::regnamespace union all "
    "select typname from pg_type where typtype in ('e', 'd') and typnamespace::regnamespace::text in ('hr', 'sales') order by 1"
)


@pytest.fixture
def pair(new: New, sql: Sql) -> tuple[str, str]:
    source, target = new("postgres"), new("postgres")
    sql(source, *SOURCE)
    sql(target, "create table theirs (id serial primary key, v text)", "insert into theirs (v) values ('kept')")
    return source, target


def stays(result) -> dict[str, str]:
    return {f"{item.kind} {item.name}": item.reason for item in result.objects if item.outcome == "left_out"}


@pytest.mark.postgres
@pytest.mark.parametrize("point", ["", "run.begun", "objects.before-index", "objects.before-code", "objects.finished"])
def test_schemas_extensions_collations_and_all_else_go_at_every_stage(point, pair, sql, tmp_path):
    source, target = pair
    before = sql(target, OWN)
    if point:
        killed_at(point, "copy", source, target, tmp_path / "spool", source_schemas=SCHEMAS)
    else:
        assert copy(source, target, tmp_path / "spool", source_schemas=SCHEMAS).status == "succeeded"

    result = undo(source, target, tmp_path / "spool", run_of(target), source_schemas=SCHEMAS)

    assert result.status == "succeeded", result.error
    assert stays(result) == {}
    assert sql(target, OWN) == before
    assert result.structure is not None
    assert (result.structure.different, result.structure.equal) == ((), 2), "the table of others and its sequence"


@pytest.mark.postgres
def test_objects_that_others_changed_stay_and_are_named_before_and_after(pair, sql, tmp_path):
    source, target = pair
    run_id = copy(source, target, tmp_path / "spool", source_schemas=SCHEMAS).run_id
    sql(
        target,
        "create or replace view hr.v as select id, v from sales.a",
        "create or replace function public.f(x int) returns int language sql as 'select x + 2'",
        "alter type hr.mood add value 'none'",
        "alter table parts add column more int",
    )

    seen = stays(undo(source, target, tmp_path / "spool", run_id, preview=True, source_schemas=SCHEMAS))
    result = undo(source, target, tmp_path / "spool", run_id, source_schemas=SCHEMAS)

    changed = {name for name, reason in seen.items() if reason == "it has been changed since the run made it"}
    assert changed >= {"view hr.v", "function public.f", "type hr.mood", "table public.parts"}
    assert seen["table sales.a"].startswith("the view hr.v reads it")
    assert set(seen) <= set(stays(result))
    assert sql(target, "select public.f(1)") == [(3,)]
    assert sql(target, "select count(*) from hr.v") == [(0,)], "its rows are gone, the view is as they made it"
    assert result.structure is not None
    assert "view hr.v: was not there before" in result.structure.different


@pytest.mark.postgres
def test_a_view_of_others_keeps_the_table_that_it_reads(pair, sql, tmp_path):
    source, target = pair
    run_id = copy(source, target, tmp_path / "spool", source_schemas=SCHEMAS).run_id
    sql(target, "create view report as select * from hr.b")

    seen = stays(undo(source, target, tmp_path / "spool", run_id, preview=True, source_schemas=SCHEMAS))
    result = undo(source, target, tmp_path / "spool", run_id, source_schemas=SCHEMAS)

    assert seen["table hr.b"] == "the view public.report reads it"
    assert "table hr.b" in stays(result)
    assert sql(target, "select * from report") == []


@pytest.mark.mariadb
def test_rows_without_key_go_as_often_as_they_came_and_not_one_by_one(new, sql, tmp_path):
    source, target = new("sqlite"), new("mysql")
    made = "create table l (a integer, f double, t varchar(40))"
    sql(source, made, *(f"insert into l values ({n % 700}, 0.1, 'x{n % 700}')" for n in range(1_400)))
    sql(target, made, "insert into l values (1, 0.1, 'x1'), (1, 0.1, 'x1'), (5000, null, null)")
    before = sorted(sql(target, "select * from l"), key=str)
    run_id = copy(source, target, tmp_path / "spool", mode="append").run_id
    sql(target, "delete from l where a = 7 limit 1")
    statements = int(sql(target, "show global status like 'Com_delete%'")[0][1])

    result = undo(source, target, tmp_path / "spool", run_id, mode="append")

    assert result.status == "succeeded", result.error
    assert sorted(sql(target, "select * from l"), key=str) == before
    assert result.undo[0].deleted == 1_399
    assert result.undo[0].left == 1
    assert int(sql(target, "show global status like 'Com_delete%'")[0][1]) - statements < 10


class Meanwhile(Control):
    """Somebody writes while the undo compares rows with the source."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.act, self.comparing, self.done = act, False, False

    def report(self, progress: Progress) -> None:
        self.comparing = self.comparing or progress.phase == "verify"

    def wish(self) -> Wish:
        if self.comparing and not self.done:
            self.done = True
            self.act()
        return "run"


@pytest.mark.mariadb
def test_a_row_that_comes_while_rows_are_compared_is_never_taken_for_the_runs(new, sql, tmp_path):
    source, target = new("sqlite"), new("mysql")
    sql(source, "create table t (id integer primary key, v text)", "insert into t values (1, 'one'), (2, 'two')")
    run_id = copy(source, target, tmp_path / "spool").run_id
    theirs = Meanwhile(lambda: sql(target, "insert into t values (9, 'theirs')"))

    result = execute_undo(
        build_plan(source, target, PlanOptions()),
        source,
        target,
        run_id=run_id,
        undo_id=str(uuid.uuid4()),
        preview=False,
        control=theirs,
        spool_directory=tmp_path / "spool",
    )

    assert result.error is not None
    assert "others have written into t while it was compared" in result.error["message"]
    assert sorted(sql(target, "select id from t")) == [(1,), (2,), (9,)]
    again = undo(source, target, tmp_path / "spool", run_id)
    assert again.status == "succeeded", again.error
    assert sql(target, "select id from t") == [(9,)]
