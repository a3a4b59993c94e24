from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from dms_workbench.engine.databases.catalogue import (
    Catalogue,
    ForeignKey,
    IndexPart,
    Key,
    OtherObject,
    SequenceState,
    TableName,
)
from dms_workbench.engine.databases.errors import SchemaMissing
from dms_workbench.engine.databases.sqlite import database


def catalogue_of(tmp_path: Path, script: str) -> Catalogue:
    path = tmp_path / "shop.db"
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    source = database.open_source(f"sqlite:///{path}")
    try:
        return source.catalogue()
    finally:
        source.close()


def test_columns_have_declared_type_nullability_default_and_identity(tmp_path: Path) -> None:
    table = catalogue_of(
        tmp_path,
        "create table t (id integer primary key autoincrement, a text not null default 'it''s', b decimal(4,1))",
    ).table("t")
    number, a, b = table.columns
    assert (number.identity, number.nullable) == ("by default", False)
    assert (a.nullable, a.default, a.type.native) == (False, "'it''s'", "TEXT")
    assert (b.nullable, b.default, b.identity, b.type.precision) == (True, None, None, 4)


def test_a_primary_key_that_may_hold_null_is_nullable(tmp_path: Path) -> None:
    found = catalogue_of(
        tmp_path,
        "create table a (k text primary key); create table b (k text primary key) without rowid;"
        "create table c (k int primary key); create table d (k integer primary key desc); create"
        " table e (k integer primary key);",
    )
    assert [table.columns[0].nullable for table in found.tables] == [True, False, True, True, False]
    assert [table.row_key() for table in found.tables] == [(), ("k",), (), (), ("k",)]


def test_a_composite_key_keeps_its_own_order(tmp_path: Path) -> None:
    table = catalogue_of(
        tmp_path, "create table t (b int, a text, c real, primary key (c, a, b), unique (b, a))"
    ).table("t")
    assert table.primary_key == Key(("c", "a", "b"))
    assert table.unique_keys == (Key(("b", "a")),)


def test_foreign_keys_to_self_to_implicit_keys_and_to_missing_tables(tmp_path: Path) -> None:
    found = catalogue_of(
        tmp_path,
        "create table Emp (Id integer primary key, boss int references emp(id) on delete set null);"
        "create table child (a int, b int, c int, e int references emp, m int references missing(x) on update cascade,"
        " foreign key (a, b) references pair);"
        "create table pair (x int, y int, primary key (y, x));",
    )
    assert found.table("Emp").foreign_keys == (
        ForeignKey(("boss",), TableName(None, "Emp"), ("Id",), on_delete="SET NULL"),
    )
    assert found.table("child").foreign_keys == (
        ForeignKey(("e",), TableName(None, "Emp"), ("Id",)),
        ForeignKey(("m",), TableName(None, "missing"), ("x",), on_update="CASCADE"),
        ForeignKey(("a", "b"), TableName(None, "pair"), ("y", "x")),
    )


def test_generated_columns_have_their_expression_and_are_not_copied(tmp_path: Path) -> None:
    table = catalogue_of(
        tmp_path, "create table t (a int, v int as (a + 1), s int generated always as (a * 2) stored)"
    ).table("t")
    assert [column.generated for column in table.columns] == [None, "a + 1", "a * 2"]
    assert [column.name for column in table.copied_columns] == ["a"]


def test_odd_names_are_spelled_as_they_are(tmp_path: Path) -> None:
    found = catalogue_of(
        tmp_path,
        'create table "or\'der ""x"" \n" ("" text, "a""b" int, [br ack] int, `tick` int, "日本" int, "select" int)',
    )
    assert [column.name for column in found.tables[0].columns] == ["", 'a"b', "br ack", "tick", "日本", "select"]
    assert found.tables[0].name.name == 'or\'der "x" \n'


def test_a_full_text_table_is_a_table_with_the_rows_of_its_content(tmp_path: Path) -> None:
    found = catalogue_of(tmp_path, "create virtual table f using fts5 (title, \"a b\", tokenize='porter');")
    (table,) = found.tables
    assert [column.name for column in table.columns] == ["title", "a b"]
    assert table.name.rows_in is not None
    assert dict(table.options)["virtual"] == "fts5"


def test_virtual_tables_have_their_statement_and_the_tables_behind_them_are_no_tables(tmp_path: Path) -> None:
    found = catalogue_of(
        tmp_path,
        "create virtual table f using fts5 (title, content='');create virtual table r using rtree (id, x, y);",
    )
    assert found.tables == ()
    statement = "CREATE VIRTUAL TABLE f using fts5 (title, content='')"
    assert OtherObject("virtual table", "f", definition=statement) in found.others
    assert {other.name for other in found.others if other.kind == "shadow table"} == {
        *(f"f_{part}" for part in ("config", "data", "docsize", "idx")),
        *(f"r_{part}" for part in ("node", "parent", "rowid")),
    }


def test_indexes_have_columns_expressions_directions_collations_and_conditions(tmp_path: Path) -> None:
    table = catalogue_of(
        tmp_path,
        "create table t (a int, b text collate nocase, c text unique);"
        " create unique index one on t (lower(b) desc, a desc, c collate rtrim, b) where a > 0 and c is not null;"
        ' create index "odd ""name" on t (a);',
    ).table("t")
    odd, one = table.indexes
    assert (odd.name, odd.parts, odd.unique, odd.where) == ('odd "name', (IndexPart("a"),), False, None)
    assert one.parts == (
        IndexPart(expression="lower(b)", descending=True),
        IndexPart("a", descending=True),
        IndexPart("c", collation="rtrim"),
        IndexPart("b"),
    )
    assert (one.unique, one.where) == (True, "a > 0 and c is not null")
    assert one.definition is not None and one.definition.startswith("CREATE UNIQUE INDEX one on t")


def test_triggers_of_tables_and_views_have_timing_event_and_body(tmp_path: Path) -> None:
    found = catalogue_of(
        tmp_path,
        "create table t (a int); create view v as select a from t;"
        " create trigger late after update of a on t when new.a > 1 begin select 1; select 2; end;"
        " create trigger early insert on t begin select 1; end;"
        " create trigger instead instead of delete on v begin select 3; end;",
    )
    early, late = found.table("t").triggers
    assert (early.timing, early.events, early.body) == ("before", ("insert",), "select 1;")
    assert (late.timing, late.events, late.body) == ("after", ("update",), "select 1; select 2;")
    assert [(each.timing, each.events) for each in found.views[0].triggers] == [("instead of", ("delete",))]


def test_a_view_has_query_columns_and_what_it_reads_and_a_broken_one_its_problem(tmp_path: Path) -> None:
    found = catalogue_of(
        tmp_path,
        "create table t (a int, b text); create view v (x, y) as select a, b from t where a > 1;"
        " create view w as select x from v; create view broken as select gone from t;",
    )
    broken, v, w = found.views
    assert v.query == "select a, b from t where a > 1"
    assert [column.name for column in v.columns] == ["x", "y"]
    assert (v.depends_on, w.depends_on) == ((TableName(None, "t"),), (TableName(None, "v"),))
    assert broken.problem is not None and "gone" in broken.problem
    assert (broken.columns, v.problem) == ((), None)


def test_checks_collations_options_and_the_whole_statement_are_kept(tmp_path: Path) -> None:
    table = catalogue_of(
        tmp_path,
        "create table t (k text collate nocase primary key, n int check (n > 0), constraint small check (n < 9))"
        " without rowid, strict",
    ).table("t")
    assert [(check.name, check.expression, check.column) for check in table.checks] == [
        (None, "n > 0", "n"),
        ("small", "n < 9", None),
    ]
    assert table.columns[0].type.collation == "nocase"
    assert dict(table.options).keys() == {"strict", "without rowid", "definition"}


def test_autoincrement_has_its_counter_and_a_plain_row_number_has_none(tmp_path: Path) -> None:
    found = catalogue_of(
        tmp_path,
        "create table a (id integer primary key autoincrement); create table b (id integer primary key);"
        " create table c (id integer primary key autoincrement); insert into a values (7); delete from a;",
    )
    assert found.table("a").columns[0].counter_state == SequenceState(7)
    assert found.table("c").columns[0].counter_state == SequenceState(1, is_called=False)
    assert (found.table("b").columns[0].identity, found.table("b").columns[0].counter_state) == (None, None)


def test_sizes_are_those_of_table_and_indexes_together(tmp_path: Path) -> None:
    found = catalogue_of(
        tmp_path,
        "create table t (a text); create index i on t (a); insert into t values (hex(zeroblob(100000)));"
        " create table small (a int);",
    )
    assert (found.table("t").size_bytes or 0) > 300_000 > (found.table("small").size_bytes or 0) > 0


def test_sqlites_own_tables_and_the_ledger_are_hidden(tmp_path: Path) -> None:
    found = catalogue_of(
        tmp_path,
        "create table t (id integer primary key autoincrement); create table dms_ledger_runs (a int); analyze;",
    )
    assert [table.name.name for table in found.tables] == ["t"]


def test_the_rows_that_analyze_counted_are_the_estimate(tmp_path: Path) -> None:
    found = catalogue_of(
        tmp_path, "create table t (a int); create index i on t (a); insert into t values (1), (2); analyze;"
    )
    assert found.table("t").rows_estimate == 2


def test_400_tables_are_read_in_a_moment(tmp_path: Path) -> None:
    script = "".join(
        f"create table t{n} (id integer primary key, a text not null unique, b int references t{n - 1}(id));"
        for n in range(1, 401)
    )
    path = tmp_path / "shop.db"
    connection = sqlite3.connect(path)
    connection.executescript("begin;" + script + "commit;")
    connection.close()
    source = database.open_source(f"sqlite:///{path}")
    started = time.monotonic()
    assert len(source.catalogue().tables) == 400
    assert time.monotonic() - started < 2
    source.close()


def test_a_schema_other_than_main_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    target = database.open_target(f"sqlite:///{path}")
    assert target.catalogue("main").tables == ()
    with pytest.raises(SchemaMissing, match="public"):
        target.catalogue("public")
    target.close()


def test_a_targets_catalogue_shows_what_was_made_since(tmp_path: Path) -> None:
    target = database.open_target(f"sqlite:///{tmp_path / 'new.db'}")
    assert target.catalogue().tables == ()
    with target.transaction():
        target.execute("create table t (a int)")
    assert [table.name.name for table in target.catalogue().tables] == ["t"]
    target.close()


def test_a_catalogue_survives_json(tmp_path: Path) -> None:
    found = catalogue_of(
        tmp_path,
        "create table a (id integer primary key, v int check (v > 0)); create table b (a int references a);"
        " create index i on a (v desc); create view v as select 1; create trigger g after insert on a begin select 1; end",
    )
    assert Catalogue.from_dict(found.as_dict()) == found
