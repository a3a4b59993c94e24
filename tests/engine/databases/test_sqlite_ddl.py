from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dms_workbench.engine.databases.catalogue import (
    Catalogue,
    Check,
    Column,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    OtherObject,
    Sequence,
    SequenceOptions,
    SequenceState,
    Table,
    TableName,
    UserType,
    View,
)
from dms_workbench.engine.databases.ddl import NotExpressible
from dms_workbench.engine.databases.sqlite import database
from dms_workbench.engine.databases.sqlite.write import SqliteTarget

CASES = Path(__file__).parents[2] / "cases" / "structure" / "sqlite.sql"
DDL = database.ddl
MASTER = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2"


@pytest.fixture
def target(tmp_path: Path) -> Iterator[SqliteTarget]:
    opened = database.open_target(f"sqlite:///{tmp_path / 'target.db'}")
    yield opened
    opened.close()


def source_catalogue(tmp_path: Path, script: str) -> Catalogue:
    path = tmp_path / "source.db"
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    source = database.open_source(f"sqlite:///{path}")
    try:
        return source.catalogue()
    finally:
        source.close()


def make(target: SqliteTarget, catalogue: Catalogue) -> None:
    for table in catalogue.tables:
        run(target, DDL.table(table, foreign_keys=table.foreign_keys))
        for index in table.indexes:
            run(target, DDL.index(table.name, index))
    for view in catalogue.views:
        run(target, DDL.view(view))
    things: list[Table | View] = [*catalogue.tables, *catalogue.views]
    for thing in things:
        for trigger in thing.triggers:
            run(target, DDL.trigger(thing.name, trigger))


def run(target: SqliteTarget, statements: list[str]) -> None:
    for statement in statements:
        target.execute(statement)


def without_state(table: Table) -> list[Column]:
    return [replace(each, counter_state=None) for each in table.columns]


def column(name: str, native: str, **facts: object) -> Column:
    return replace(Column(name, database.parse_type(native)), **facts)  # type: ignore[arg-type]


def test_a_file_made_again_has_the_same_statements(tmp_path: Path, target: SqliteTarget) -> None:
    catalogue = source_catalogue(tmp_path, CASES.read_text())
    make(target, catalogue)
    connection = sqlite3.connect(tmp_path / "source.db")
    try:
        kept = connection.execute(MASTER).fetchall()
    finally:
        connection.close()
    assert target.query(MASTER) == kept


def test_tables_made_from_their_structure_alone_have_the_same_structure(tmp_path: Path, target: SqliteTarget) -> None:
    catalogue = source_catalogue(tmp_path, CASES.read_text())
    bare = tuple(
        replace(table, options=tuple(option for option in table.options if option[0] != "definition"), triggers=())
        for table in catalogue.tables
        if table.name.name != "downwards"  # what only a quirk of the text makes
    )
    make(target, replace(catalogue, tables=bare, views=()))
    for table in target.catalogue().tables:
        wanted = catalogue.table(table.name.name)
        assert without_state(table) == without_state(wanted)
        assert (table.primary_key, table.unique_keys) == (wanted.primary_key, wanted.unique_keys)
        assert [check.expression for check in table.checks] == [check.expression for check in wanted.checks]
        assert table.foreign_keys == wanted.foreign_keys


def test_a_renamed_table_keeps_its_statement_but_for_the_name(tmp_path: Path) -> None:
    table = source_catalogue(tmp_path, "create table old (a int /* kept */, b text); create index i on old (a)").tables[
        0
    ]
    renamed = TableName(None, 'new "one"')
    assert DDL.table(replace(table, name=renamed)) == ['CREATE TABLE "new ""one""" (a int /* kept */, b text)']
    assert DDL.index(renamed, table.indexes[0]) == ['CREATE INDEX i on "new ""one""" (a)']


def test_a_table_that_changed_is_not_made_from_its_old_statement(tmp_path: Path) -> None:
    table = source_catalogue(tmp_path, "create table t (a int, b text)").tables[0]
    changed = replace(table, columns=(table.columns[0],))
    assert DDL.table(changed) == ['CREATE TABLE "t" (\n  "a" INT\n)']


def test_an_identity_becomes_autoincrement_and_its_counter_is_put_where_it_stood(target: SqliteTarget) -> None:
    number = column("id", "BIGINT", identity="by default", nullable=False, counter_state=SequenceState(500))
    table = Table(TableName(None, "t"), (number, column("v", "TEXT", nullable=False)), Key(("id",)))
    run(target, DDL.table(table))
    target.execute("INSERT INTO t VALUES (3, 'x')")
    target.restore_counter(table, "id")
    assert target.next_number(table, "id") == 501
    assert target.query("SELECT seq FROM sqlite_sequence") == [(500,)]
    assert target.query("SELECT count(*) FROM t") == [(1,)]


def test_a_counter_never_stands_before_the_largest_number(target: SqliteTarget) -> None:
    number = column("id", "INTEGER", identity="by default", counter_state=SequenceState(1, is_called=False))
    table = Table(TableName(None, "t"), (number,), Key(("id",)))
    run(target, DDL.table(table))
    target.restore_counter(table, "id")
    assert target.next_number(table, "id") == 1
    target.execute("INSERT INTO t VALUES (900)")
    target.restore_counter(table, "id")
    assert target.next_number(table, "id") == 901


def test_no_number_is_tried_where_the_column_makes_none(target: SqliteTarget) -> None:
    table = Table(TableName(None, "t"), (column("id", "INT"),), Key(("id",)))
    run(target, DDL.table(table))
    assert target.next_number(table, "id") is None


def test_a_column_that_is_no_row_number_cannot_count() -> None:
    table = Table(
        TableName(None, "t"), (column("a", "INTEGER"), column("b", "INTEGER", identity="always")), Key(("a",))
    )
    with pytest.raises(NotExpressible, match="single integer primary key"):
        DDL.check_identity(table, table.columns[1])
    DDL.check_identity(table, table.columns[0])


def test_checks_keys_foreign_keys_and_defaults_are_made_with_the_table(target: SqliteTarget) -> None:
    parent = Table(TableName(None, "p"), (column("id", "INTEGER"),), Key(("id",)))
    key = ForeignKey(
        ("p",),
        TableName("public", "p"),
        ("id",),
        "mine",
        on_delete="SET NULL",
        deferrable=True,
        initially_deferred=True,
    )
    table = Table(
        TableName("public", "t"),
        (column("p", "INTEGER"), column("m", "TEXT", default="'a' || 'b'"), column("at", "TEXT", default="CURRENT_TIMESTAMP")),
        unique_keys=(Key(("p", "m"), "both", descending=("m",)),),
        checks=(Check("m IN ('happy', 'sad')", "mood"),),
    )  # fmt: skip
    run(target, [*DDL.table(parent), *DDL.table(table, foreign_keys=(key,))])
    made = target.catalogue().table("t")
    assert made.checks == table.checks
    assert made.unique_keys == table.unique_keys
    assert made.foreign_keys == (replace(key, references=TableName(None, "p")),)
    assert [each.default for each in made.columns] == [None, "'a' || 'b'", "CURRENT_TIMESTAMP"]


def test_indexes_of_other_products_are_made_or_refused_with_the_reason(target: SqliteTarget) -> None:
    target.execute("CREATE TABLE t (a int, b text, c int)")
    name = TableName(None, "t")
    index = Index(
        "i", (IndexPart("a", descending=True), IndexPart(expression="lower(b)")), where="a > 0", include=("c",)
    )
    run(target, DDL.index(name, index))
    made = target.catalogue().table("t").indexes[0]
    assert (made.parts, made.where) == ((*index.parts, IndexPart("c")), "a > 0")
    refused = [
        replace(index, method="gin"),
        replace(index, nulls_not_distinct=True),
        replace(index, parts=(IndexPart("b", prefix=10),)),
        replace(index, parts=(IndexPart("a", nulls="last"),)),
        replace(index, parts=(IndexPart("b", collation="de_DE"),)),
    ]
    for each in refused:
        with pytest.raises(NotExpressible, match="SQLite"):
            DDL.index(name, each)


def test_what_sqlite_does_not_have_is_refused_with_the_reason() -> None:
    name = TableName(None, "x")
    for refused in (
        lambda: DDL.schema("s"),
        lambda: DDL.sequence(Sequence(name, SequenceOptions())),
        lambda: DDL.user_type(UserType(name, "enum", (), ("a",))),
        lambda: DDL.comments(Table(name, (column("a", "INT", comment="said"),))),
        lambda: DDL.add_check(name, Check("a > 0")),
        lambda: DDL.view(View(name, "select 1", "", materialized=True)),
        lambda: DDL.other(OtherObject("virtual table", "f", definition="CREATE VIRTUAL TABLE f USING fts5(x)")),
        lambda: DDL.key(Key(("a",), nulls_not_distinct=True), primary=False),
    ):
        with pytest.raises(NotExpressible) as raised:
            refused()
        assert re.search(r"\w", raised.value.reason)


def test_a_view_of_another_product_is_made_from_its_query(target: SqliteTarget) -> None:
    query = "SELECT 1"
    view = View(TableName("public", "v"), query, f"CREATE VIEW public.v AS {query}", columns=(column("one", "INT"),))
    run(target, DDL.view(view))
    assert target.query("SELECT one FROM v") == [(1,)]
