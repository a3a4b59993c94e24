from __future__ import annotations

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
    Routine,
    SequenceOptions,
    SequenceState,
    Table,
    TableName,
    UserType,
    View,
)
from dms_workbench.engine.databases.ddl import NotExpressible
from dms_workbench.engine.databases.duckdb import database
from dms_workbench.engine.databases.duckdb.write import DuckdbTarget

CASES = Path(__file__).parents[2] / "cases" / "structure" / "duckdb.sql"
DDL = database.ddl


@pytest.fixture
def target(tmp_path: Path) -> Iterator[DuckdbTarget]:
    opened = database.open_target(f"duckdb:///{tmp_path / 'target.duckdb'}")
    yield opened
    opened.close()


@pytest.fixture
def source(tmp_path: Path) -> Iterator[DuckdbTarget]:
    opened = database.open_target(f"duckdb:///{tmp_path / 'source.duckdb'}")
    run(opened, [text for text in CASES.read_text().split(";\n") if text.strip()])
    yield opened
    opened.close()


def run(target: DuckdbTarget, statements: list[str]) -> None:
    for statement in statements:
        target.execute(statement)


def make(target: DuckdbTarget, catalogue: Catalogue) -> None:
    for kind in catalogue.types:
        run(target, DDL.user_type(kind) + DDL.comments(kind))
    for sequence in catalogue.sequences:
        run(target, DDL.sequence(sequence) + DDL.comments(sequence))
    for routine in catalogue.routines:
        if routine.definition:
            run(target, DDL.routine(routine) + DDL.comments(routine))
    for table in sorted(catalogue.tables, key=lambda table: bool(table.foreign_keys)):
        run(target, DDL.table(table, foreign_keys=table.foreign_keys) + DDL.comments(table))
    for view in catalogue.views:
        run(target, [] if view.problem else DDL.view(view) + DDL.comments(view))
    make_later(target, catalogue)


def make_later(target: DuckdbTarget, catalogue: Catalogue) -> None:
    for table in catalogue.tables:
        for index in table.indexes:
            run(target, DDL.index(table.name, index) + DDL.comments(index))
        for trigger in table.triggers:
            run(target, DDL.trigger(table.name, trigger))
    for sequence in catalogue.sequences:
        if sequence.state is not None:
            target.restore_sequence(sequence.name, sequence.state)


def column(name: str, native: str, **facts: object) -> Column:
    return replace(Column(name, database.parse_type(native)), **facts)  # type: ignore[arg-type]


def test_a_file_made_again_has_the_same_catalogue(source: DuckdbTarget, target: DuckdbTarget) -> None:
    wanted = source.catalogue()
    make(target, wanted)
    made = target.catalogue()
    assert made.tables == wanted.tables
    assert made.types == wanted.types
    assert made.sequences == wanted.sequences
    assert made.views == tuple(view for view in wanted.views if view.problem is None)
    assert made.routines == tuple(each for each in wanted.routines if each.definition)


def test_a_macro_with_default_values_cannot_be_made_from_the_catalogue(source: DuckdbTarget) -> None:
    macro = next(each for each in source.catalogue().routines if each.name.name == "defaulted")
    with pytest.raises(NotExpressible, match="default values of its parameters"):
        DDL.routine(macro)


def test_a_broken_view_has_its_problem_and_no_columns(source: DuckdbTarget) -> None:
    broken = next(view for view in source.catalogue().views if view.name.name == "broken")
    assert broken.problem is not None
    assert "lost" in broken.problem
    assert (broken.query, broken.columns) == ("SELECT a FROM lost", ())


def test_labels_collations_elements_and_counters_are_known(source: DuckdbTarget) -> None:
    parts = source.catalogue().table("parts")
    feels = parts.column("feels").type
    assert (feels.labels, feels.user_type) == (("happy", "it's", "sad"), TableName("main", "mood"))
    assert parts.column("inline").type.user_type is None
    assert parts.column("code").type.collation == "NOCASE"
    assert (parts.column("tags").type.element or feels).native == "VARCHAR"
    number = parts.column("id")
    assert (number.identity, number.sequence) == ("by default", "numbers")
    assert number.counter == SequenceOptions(10, 5, 1, 1000, None, True)
    assert number.counter_state == SequenceState(10)


def test_an_identity_becomes_a_sequence_and_a_default_and_its_counter_goes_on(target: DuckdbTarget) -> None:
    number = column(
        "id", "BIGINT", identity="always", nullable=False, counter=SequenceOptions(start=100, increment=10),
        counter_state=SequenceState(500),
    )  # fmt: skip
    table = Table(TableName("main", "odd 't"), (number, column("v", "VARCHAR", nullable=False)), Key(("id",)))
    run(target, DDL.table(table))
    assert target.next_number(table, "id") == 100
    assert target.next_number(table, "id") == 100
    target.restore_counter(table, "id")
    assert target.next_number(table, "id") == 510
    target.execute("""INSERT INTO "odd 't" VALUES (900, 'x')""")
    target.restore_counter(table, "id")
    assert target.next_number(table, "id") == 910
    assert target.query("""INSERT INTO "odd 't" (v) VALUES ('y') RETURNING id""") == [(910,)]


def test_no_number_is_tried_where_the_column_makes_none(target: DuckdbTarget) -> None:
    table = Table(TableName("main", "t"), (column("id", "BIGINT"),), Key(("id",)))
    run(target, DDL.table(table))
    assert target.next_number(table, "id") is None
    target.restore_counter(table, "id")


def test_a_sequence_stands_where_it_is_put(target: DuckdbTarget) -> None:
    run(target, ['CREATE SEQUENCE "odd s"'])
    for state, following in ((SequenceState(7), 8), (SequenceState(7, is_called=False), 7)):
        target.restore_sequence(TableName("main", "odd s"), state)
        assert target.catalogue().sequences[0].state == state or not state.is_called
        assert target.query("""SELECT nextval('"odd s"')""") == [(following,)]


def test_checks_keys_and_generated_columns_of_other_products_are_made(target: DuckdbTarget) -> None:
    parent = Table(TableName("main", "p"), (column("a", "INTEGER"), column("b", "VARCHAR")), Key(("a", "b"), "named"))
    key = ForeignKey(("a", "b"), TableName("main", "p"), ("a", "b"), "mine", on_delete="CASCADE")
    table = Table(
        TableName("main", "t"),
        (
            column("a", "INTEGER"),
            column("b", "VARCHAR", default="'x' || 'y'"),
            column("g", "INTEGER", generated="a * 2", nullable=False),
        ),
        unique_keys=(Key(("b",), "one"),),
        checks=(Check("a > 0", "positive"),),
    )
    run(target, [*DDL.table(parent), *DDL.table(table, foreign_keys=(key,))])
    made = target.catalogue().table("t")
    assert [check.expression for check in made.checks] == ["a > 0"]
    assert made.unique_keys == (Key(("b",)),)
    assert made.foreign_keys == (replace(key, name=None, on_delete=None),)
    assert made.column("g").generated is not None


def test_what_duckdb_does_not_have_is_refused_with_the_reason() -> None:
    name = TableName("main", "x")
    index = Index("i", (IndexPart("a"),))
    for refused in (
        lambda: DDL.index(name, replace(index, where="a > 0")),
        lambda: DDL.index(name, replace(index, method="gin")),
        lambda: DDL.index(name, replace(index, nulls_not_distinct=True)),
        lambda: DDL.index(name, replace(index, parts=(IndexPart("a", prefix=3),))),
        lambda: DDL.add_foreign_key(name, ForeignKey(("a",), name, ("b",))),
        lambda: DDL.add_check(name, Check("a > 0")),
        lambda: DDL.view(View(name, "select 1", "", materialized=True)),
        lambda: DDL.routine(Routine(name, "f()", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'")),
        lambda: DDL.user_type(UserType(name, "range", ())),
        lambda: DDL.user_type(UserType(name, "domain", (), base=database.parse_type("INTEGER"), checks=(Check("a"),))),
        lambda: DDL.key(Key(("a",), nulls_not_distinct=True), primary=False),
    ):
        with pytest.raises(NotExpressible) as raised:
            refused()
        assert "DuckDB" in raised.value.reason


def test_an_object_of_another_schema_is_made_there(source: DuckdbTarget, target: DuckdbTarget) -> None:
    table = replace(source.catalogue().table("child"), name=TableName("els'e", "child"))
    run(target, DDL.schema("els'e"))
    run(target, [*DDL.sequence(replace(source.catalogue().sequences[2], name=TableName("els'e", "odd sequence")))])
    run(target, DDL.table(table))
    assert target.catalogue("els'e").table("child").column("id").sequence == "odd sequence"
    assert target.next_number(table, "id") == 1
