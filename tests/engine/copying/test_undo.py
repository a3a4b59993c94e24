"""Taking runs back: the target is as it was before, and what others have done since stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dms_workbench.engine.copying.undoing import UndoneTable
from dms_workbench.engine.databases.urls import database_for
from dms_workbench.engine.ledger import Ledger
from dms_workbench.engine.ledger.images import drop_undo_data, undo_data
from tests.engine.copying.killed import copy, killed_at, undo
from tests.engine.copying.products import PRODUCTS, New, Sql, new, sql  # noqa: F401  fixtures

PARENT = "create table p (id integer not null primary key, v varchar(20) not null, u integer unique)"
CHILD = "create table c (id integer not null primary key, pid integer references p (id), t varchar(20))"
LOOSE = "create table l (a integer, b varchar(20))"
FILL = (
    f"insert into p values {', '.join(str((n, f'v{n}', n)) for n in range(1, 31))}",
    f"insert into c values {', '.join(str((n, n, f't{n}')) for n in range(1, 31) if n != 5)}",
    f"insert into l values {', '.join(str((n % 3, 'x')) for n in range(20))}",
)
THERE = (
    "insert into p values (3, 'v3', 3), (4, 'other', 4), (101, 'mine', 101)",
    "insert into l values (1, 'x'), (1, 'x')",
)
BESIDE = ("insert into p values (101, 'mine', 101)", "insert into l values (1, 'x'), (1, 'x')")
MODES = {"create": (), "append": BESIDE, "upsert": THERE, "insert-missing": THERE, "replace": THERE}


def state(url: str, sql: Sql) -> dict[str, object]:  # noqa: F811
    """Structure, numbers and rows, as the database itself says them."""
    database = database_for(url)
    source = database.open_source(url)
    try:
        catalogue = source.catalogue()
        text = json.dumps(catalogue.as_dict(), sort_keys=True, default=str)
    finally:
        source.close()
    moving = ("rows_estimate", "size_bytes")
    plain = json.loads(text)
    tables = [{name: value for name, value in table.items() if name not in moving} for table in plain["tables"]]
    rows = {
        table.name.name: sorted(sql(url, f"select * from {table.name.name}"), key=str) for table in catalogue.tables
    }
    return {"tables": tables, "sequences": plain["sequences"], "views": plain["views"], "rows": rows}


def pair(product: str, mode: str, new: New, sql: Sql) -> tuple[str, str, dict[str, Any]]:  # noqa: F811
    """A source, a target as the mode needs it, and the options of the plan."""
    source, target = new("sqlite"), new(product)
    sql(source, PARENT, CHILD, LOOSE, *FILL)
    options: dict[str, Any] = {"mode": mode}
    if mode != "create":
        child = CHILD if product != "duckdb" or mode != "replace" else CHILD.replace(" references p (id)", "")
        sql(target, PARENT, child, LOOSE, *MODES[mode])
    else:
        sql(target, "create table others (id integer)")
    if mode in ("upsert", "insert-missing"):
        options["exclude"] = ("l",)
    return source, target, options


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("mode", MODES)
def test_a_finished_run_leaves_nothing_behind(product, mode, new, sql, tmp_path):  # noqa: F811
    source, target, options = pair(product, mode, new, sql)
    before = state(target, sql)
    done = copy(source, target, tmp_path / "spool", **options)
    assert done.status == "succeeded", done.error
    assert state(target, sql) != before

    result = undo(source, target, tmp_path / "spool", done.run_id, **options)

    assert result.status == "succeeded", result.error
    assert state(target, sql) == before
    assert undo(source, target, tmp_path / "spool", done.run_id, **options).already_done


KILLS = [
    ("create", "chunk.committed:6"),
    ("create", "objects.finished"),
    ("append", "chunk.before-commit:5"),
    ("upsert", "chunk.committed:4"),
    ("insert-missing", "modes.prepared"),
    ("replace", "chunk.committed:3"),
    ("replace", "swap.done"),
]


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize(("mode", "point"), KILLS)
def test_a_run_that_was_killed_half_way_is_taken_back(product, mode, point, new, sql, tmp_path):  # noqa: F811
    source, target, options = pair(product, mode, new, sql)
    before = state(target, sql)
    killed_at(point, "copy", source, target, tmp_path / "spool", **options)

    result = undo(source, target, tmp_path / "spool", run_of(target), **options)

    assert result.status == "succeeded", result.error
    assert state(target, sql) == before
    again = copy(source, target, tmp_path / "spool", **options)
    assert again.status == "succeeded", again.error
    assert again.run_id != result.undoes


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize(("mode", "point"), KILLS)
def test_a_run_that_was_killed_and_went_on_is_taken_back(product, mode, point, new, sql, tmp_path):  # noqa: F811
    source, target, options = pair(product, mode, new, sql)
    before = state(target, sql)
    killed_at(point, "copy", source, target, tmp_path / "spool", **options)
    resumed = copy(source, target, tmp_path / "spool", **options)
    assert resumed.status == "succeeded", resumed.error

    result = undo(source, target, tmp_path / "spool", resumed.run_id, **options)

    assert result.status == "succeeded", result.error
    assert state(target, sql) == before


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize(
    ("mode", "point"),
    [
        ("upsert", "undo.rows-gone"),
        ("replace", "undo.before-commit"),
        ("create", "undo.rows-back"),
        ("create", "undo.before-drop-commit"),
        ("append", "undo.before-end"),
    ],
)
def test_an_undo_that_was_killed_goes_on(product, mode, point, new, sql, tmp_path):  # noqa: F811
    source, target, options = pair(product, mode, new, sql)
    before = state(target, sql)
    run_id = copy(source, target, tmp_path / "spool", **options).run_id
    killed_at(point, "undo", source, target, tmp_path / "spool", run_id=run_id, **options)

    result = undo(source, target, tmp_path / "spool", run_id, **options)

    assert result.status == "succeeded", result.error
    assert state(target, sql) == before


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("mode", ["create", "append", "upsert", "insert-missing", "replace"])
def test_what_others_have_done_since_stays_and_is_listed(product, mode, new, sql, tmp_path):  # noqa: F811
    source, target, options = pair(product, mode, new, sql)
    options["exclude"] = ("l",)
    run_id = copy(source, target, tmp_path / "spool", **options).run_id
    sql(
        target,
        "update p set v = 'theirs' where id = 7",
        "update p set v = 'theirs' where id = 4",
        "insert into p values (500, 'theirs', 500)",
        "insert into c values (500, 9, 'theirs')",
    )

    seen = undo(source, target, tmp_path / "spool", run_id, preview=True, **options)
    untouched = rows(target, "p", sql)
    done = undo(source, target, tmp_path / "spool", run_id, **options)

    there = {"create": {}, "append": {101}, "upsert": {3, 101}, "insert-missing": {3, 101}, "replace": {3, 101}}[mode]
    assert len(untouched) >= 31, "a preview changes nothing"
    referred_to = set() if (product, mode) == ("duckdb", "replace") else {9}
    assert {row[0] for row in rows(target, "p", sql)} == {4, 7, 500, *referred_to, *there}
    assert {row[1] for row in rows(target, "p", sql) if row[0] in (4, 7, 500)} == {"theirs"}
    assert rows(target, "c", sql) == [(500, 9, "theirs")]
    listed = {key["id"] for key in of(done.undo, "p").keys}
    assert listed >= {7} | ({4} if mode != "insert-missing" else set())
    assert of(seen.undo, "p").left
    assert all(item.outcome == "left_out" for item in done.objects), "tables with rows of others stay"


@pytest.mark.parametrize("product", PRODUCTS)
def test_without_undo_data_a_run_that_met_rows_is_not_touched(product, new, sql, tmp_path):  # noqa: F811
    source, target, options = pair(product, "upsert", new, sql)
    run_id = copy(source, target, tmp_path / "spool", **options).run_id
    before = state(target, sql)
    opened = database_for(target).open_target(target)
    assert [found.run_id for found in undo_data(opened)] == [run_id]
    drop_undo_data(opened, run_id)
    assert not undo_data(opened)
    opened.close()

    result = undo(source, target, tmp_path / "spool", run_id, **options)

    assert result.status == "refused"
    assert result.error is not None
    assert result.error["code"] == "undo-impossible"
    assert state(target, sql) == before


def test_files_are_not_taken_back_and_stay(new, sql, tmp_path):  # noqa: F811
    source, folder = new("sqlite"), tmp_path / "files"
    sql(source, PARENT, FILL[0])
    run_id = copy(source, f"csv:///{folder}", tmp_path / "spool").run_id
    written = (folder / "p.csv").read_bytes()

    result = undo(source, f"csv:///{folder}", tmp_path / "spool", run_id)

    assert result.error is not None
    assert (result.status, result.error["code"]) == ("refused", "undo-impossible")
    assert "--new-run" in result.error["next"]
    assert (folder / "p.csv").read_bytes() == written


@pytest.mark.parametrize("product", PRODUCTS)
def test_nothing_is_kept_where_nothing_is_asked_for(product, new, sql, tmp_path):  # noqa: F811
    source, target, options = pair(product, "upsert", new, sql)
    copy(source, target, tmp_path / "spool", **options, undo_days=0)

    opened = database_for(target).open_target(target)
    assert not undo_data(opened)
    opened.close()


@pytest.mark.postgres
def test_objects_of_every_kind_go_and_numbers_stand_where_they_stood(new, sql, tmp_path):  # noqa: F811
    source, target = new("postgres"), new("postgres")
    sql(
        source,
        "create type mood as enum ('good', 'bad')",
        "create table a (id int generated always as identity primary key, b_id int, m mood)",
        "create table b (id int primary key, a_id int references a (id))",
        "alter table a add foreign key (b_id) references b (id) deferrable initially deferred",
        "create view seen as select a.id from a join b on b.id = a.b_id",
        "create materialized view kept as select id from seen",
        "create function f(x int) returns int language sql as 'select x + 1'",
        "create sequence s start 7",
        "insert into a (m) values ('good')",
        "insert into b values (1, 1)",
        "create table numbered (id serial primary key, v text)",
        "insert into numbered (v) values ('x'), ('y')",
    )
    sql(target, "create table numbered (id serial primary key, v text)")
    before = state(target, sql)
    done = copy(source, target, tmp_path / "spool")
    assert done.status == "succeeded", done.error

    result = undo(source, target, tmp_path / "spool", done.run_id)

    assert result.status == "succeeded", result.error
    assert [item for item in result.objects if item.outcome != "dropped"] == []
    assert state(target, sql) == before
    assert sql(target, "insert into numbered (v) values ('z') returning id") == [(1,)]
    assert sql(target, "select count(*) from pg_type where typname = 'mood'") == [(0,)]


def run_of(url: str) -> str:
    """The only run that a target's ledger holds."""
    opened = database_for(url).open_target(url)
    try:
        return str(Ledger(opened).query("SELECT run_id FROM {runs}")[0][0])
    finally:
        opened.close()


def rows(url: str, table: str, sql: Sql) -> list[tuple]:  # noqa: F811
    return sorted(sql(url, f"select * from {table}"))


def of(tables: tuple[UndoneTable, ...], name: str) -> UndoneTable:
    return next(table for table in tables if table.target.endswith(name))
