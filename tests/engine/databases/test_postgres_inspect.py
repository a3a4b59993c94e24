"""What the catalogue of a PostgreSQL schema holds, part by part."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from dms_workbench.engine.databases.catalogue import (
    Catalogue,
    Grant,
    Reference,
    SequenceOptions,
    SequenceState,
    TableName,
    merged,
)
from dms_workbench.engine.databases.postgres import database
from dms_workbench.engine.databases.postgres.inspect_tables import without_brackets
from tests.servers import PostgresServer

CASES = Path(__file__).parents[2] / "cases" / "postgres"


@pytest.fixture(scope="module")
def url(postgres: PostgresServer):
    """A database with every kind of object."""
    made = postgres.create_database()
    with psycopg.connect(made, autocommit=True) as connection:
        connection.execute((CASES / "structure.sql").read_bytes())
    yield made
    postgres.drop_database(made)


@pytest.fixture(scope="module")
def catalogue(url: str) -> Catalogue:
    """Its public schema."""
    return read(url)


def read(url: str, schema: str | None = None) -> Catalogue:
    with closing(database.open_source(url)) as source:
        return source.catalogue(schema)


def test_a_serial_column_has_its_sequence_its_default_and_numbers_for_other_products(catalogue):
    column = catalogue.table("item").column("id")
    assert (column.identity, column.sequence) == ("by default", "another name")
    assert column.default == "nextval('public.\"another name\"'::regclass)"
    assert column.counter == SequenceOptions(1, 1, 1, 2147483647, 1, False)
    assert column.counter_state == SequenceState(1, False)
    owned = next(sequence for sequence in catalogue.sequences if sequence.name.name == "another name")
    assert (owned.owned_by, owned.type) == (("item", "id"), "integer")


def test_an_identity_column_has_its_counter_and_no_sequence_of_its_own_in_the_list(catalogue):
    column = catalogue.table("columns").column("id")
    assert (column.identity, column.default, column.sequence) == ("always", None, None)
    assert column.counter == SequenceOptions(1000, 10, 1, 9223372036854775807, 3, False)
    assert "columns_id_seq" not in {sequence.name.name for sequence in catalogue.sequences}


def test_a_sequence_has_all_its_parameters_and_where_it_stands(catalogue):
    own = next(sequence for sequence in catalogue.sequences if sequence.name.name == "own_seq")
    assert own.options == SequenceOptions(100, -5, -1000, 100, 20, True)
    assert (own.state, own.comment, own.owned_by) == (SequenceState(100, False), "downwards", None)


def test_foreign_keys_have_match_actions_and_when_they_are_checked(catalogue):
    keys = {key.name: key for key in catalogue.table("child").foreign_keys}
    whole = keys["whole"]
    assert (whole.match, whole.on_update, whole.on_delete) == ("FULL", "CASCADE", "SET NULL")
    assert whole.definition is not None
    assert whole.definition.endswith("ON DELETE SET NULL (b)")
    assert (keys["lazy"].deferrable, keys["lazy"].initially_deferred) == (True, True)
    assert not keys["unproved"].validated
    assert keys["self"].references == TableName("public", "child")
    assert [key.name for key in catalogue.table("part").foreign_keys] == ["part_to_keyed"]
    assert catalogue.table("part_2023").foreign_keys == ()


def test_keys_and_checks_have_their_parts(catalogue):
    table = catalogue.table("keyed")
    assert table.primary_key is not None
    assert (table.primary_key.columns, table.primary_key.include) == (("c", "a", "b"), ("d",))
    uniques = {key.name: key for key in table.unique_keys}
    assert uniques["one_null"].nulls_not_distinct
    assert (uniques["later"].deferrable, uniques["later"].initially_deferred) == (True, True)
    checks = {check.name: check for check in table.checks}
    assert checks["odd name!"].expression == "(length(a) < 1000) AND ((a <> ')'::text) OR (b > 0))"
    assert not checks["not_checked"].validated
    assert not checks["keyed_b_check"].inherited
    assert [exclusion.name for exclusion in table.exclusions] == ["apart"]


def test_indexes_have_their_parts(catalogue):
    indexes = {index.name: index for index in catalogue.table("indexed").indexes}
    included = indexes["included!"]
    assert (included.parts[0].column, included.parts[0].descending, included.parts[0].nulls) == ("b", True, "last")
    assert included.include == ("a",)
    expressed = indexes["indexed_lower_idx"]
    assert (expressed.unique, expressed.where, expressed.parts[0].expression) == (True, "b > 0", "lower(a)")
    mixed = indexes["indexed_a_b_expr_idx"]
    assert [part.operator_class for part in mixed.parts] == ["text_pattern_ops", None, None]
    assert [part.collation for part in mixed.parts] == ["C", None, None]
    assert [part.nulls for part in mixed.parts] == [None, None, "first"]
    methods = {index.method for index in indexes.values()}
    assert methods == {"btree", "gin", "brin", "hash", "spgist"}


def test_partitions_and_heirs_know_their_parents(catalogue):
    part, leaf = catalogue.table("part"), catalogue.table("part_2024_a")
    assert part.partitioning is not None
    assert (part.partitioning.key, part.holds_rows) == ("RANGE (at)", True)
    assert leaf.partitioning is not None
    assert leaf.partitioning.parent == TableName("public", "part_2024")
    assert leaf.partitioning.bound == "FOR VALUES IN ('a', NULL)"
    assert not leaf.holds_rows
    heir = catalogue.table("heir")
    assert heir.inherits == (TableName("public", "inherited"), TableName("Odd Schema", "second"))
    assert [column.name for column in heir.columns if column.local] == ["v", "own"]
    assert catalogue.table("inherited").name.alone


def test_triggers_rules_and_policies_are_there_with_how_they_are_switched(catalogue):
    table = catalogue.table("watched")
    triggers = {trigger.name: trigger for trigger in table.triggers}
    assert (triggers["first!"].timing, triggers["first!"].events, triggers["first!"].each_row) == (
        "before",
        ("insert", "update"),
        True,
    )
    assert triggers["off"].enabled == "disabled"
    assert triggers["always"].enabled == "always"
    assert triggers["off"].routine == "public.nothing"
    assert [(rule.name, rule.enabled) for rule in table.rules] == [("ignored", "origin"), ("notified", "disabled")]
    assert table.row_security == "forced"
    assert [policy.name for policy in table.policies] == ["everyone", "none!"]
    assert catalogue.table("part_2023").triggers == ()


def test_objects_of_an_extension_are_not_listed_apart_from_it(catalogue):
    assert {other.name for other in catalogue.others if other.kind == "extension"} == {"btree_gist", "citext", "hstore"}
    assert not [routine for routine in catalogue.routines if "hstore" in routine.name.name]
    assert not [type for type in catalogue.types if type.name.name in ("hstore", "citext")]


def test_what_an_object_needs_is_said(catalogue):
    needs = set(catalogue.table("columns").needs)
    assert {
        Reference("routine", TableName("public", "next_code()")),
        Reference("type", TableName("public", "mood")),
        Reference("type", TableName("Odd Schema", "address type")),
        Reference("sequence", TableName("public", "own_seq")),
    } <= needs
    routine = next(routine for routine in catalogue.routines if routine.name.name == "takes_rows")
    assert {need.name.name for need in routine.needs if need.kind == "table"} == {"columns", "item"}
    view = next(view for view in catalogue.views if view.name.name == "not_filled")
    assert view.depends_on == (TableName("public", "kept"),)


def test_a_catalogue_is_the_same_again_from_its_plain_form(catalogue, url):
    assert Catalogue.from_dict(catalogue.as_dict()) == catalogue
    both = merged((catalogue, read(url, "Odd Schema")))
    assert len([other for other in both.others if other.name == "citext"]) == 1


def test_a_role_without_rights_reads_the_structure(url, postgres):
    postgres.execute(
        "do $$ begin create role onlooker login password 'x'; exception when duplicate_object then null; end $$"
    )
    name = url.rsplit("/", 1)[1]
    found = read(postgres.url(name, user="onlooker", password="x"))
    own = next(sequence for sequence in found.sequences if sequence.name.name == "own_seq")
    assert own.state is None
    assert len(found.tables) == len(read(url).tables)


def test_rights_are_listed_with_who_has_them(postgres_url, postgres):
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("do $$ begin create role granted; exception when duplicate_object then null; end $$")
        connection.execute(
            "create table t (id int, v text); create function f() returns int language sql as 'select 1'"
        )
        connection.execute("grant select on t to granted with grant option; grant update (v) on t to public")
        connection.execute("grant execute on function f() to granted")
    found = read(postgres_url)
    table = found.table("t")
    assert Grant("granted", "SELECT", grantable=True) in table.grants
    assert table.column("v").grants == (Grant("PUBLIC", "UPDATE", column="v"),)
    assert Grant("granted", "EXECUTE") in found.routines[0].grants
    assert table.owner == "dms"


@pytest.mark.parametrize(
    ("expression", "bare"),
    [
        ("(a > 0)", "a > 0"),
        ("(a) > (b)", "(a) > (b)"),
        ("((a) > (b))", "(a) > (b)"),
        ("(a <> ')')", "a <> ')'"),
        ("(')' <> a) OR (b = '(')", "(')' <> a) OR (b = '(')"),
        ('("x)" > 0)', '"x)" > 0'),
        ("a", "a"),
    ],
)
def test_only_brackets_around_the_whole_are_taken_off(expression, bare):
    assert without_brackets(expression) == bare
