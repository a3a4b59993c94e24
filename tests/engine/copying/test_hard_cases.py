"""Whole runs over what databases allow and hardly anybody expects: each case once lost, changed or hid something."""

from __future__ import annotations

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions
from tests.engine.copying.conftest import PRODUCTS, run_sql
from tests.engine.copying.test_run import PauseAfter
from tests.engine.copying.test_run_red import ROLE


@pytest.mark.parametrize("product", PRODUCTS)
def test_more_refused_rows_than_one_statement_takes_are_all_in_quarantine_in_order(product, new_database, migrate):
    url, aim = new_database("postgres"), new_database(product)
    run_sql(
        url,
        "create table t (id int primary key, v int)",
        "insert into t select i, i % 5 from generate_series(1, 900) i",
    )
    run_sql(aim, "create table t (id integer primary key, v integer check (v < 2))")
    result = migrate(url, aim)
    assert (result.status, result.tables[0].written, result.tables[0].verified) == (
        "succeeded_with_quarantine",
        360,
        "equal",
    )
    assert [row.key["id"] for row in result.quarantine] == [number for number in range(1, 901) if number % 5 >= 2]


def test_a_key_ordered_by_an_extensions_operators_loses_no_rows_over_a_pause(new_database, migrate):
    url, aim = new_database("postgres"), new_database("sqlite")
    run_sql(
        url,
        "create extension citext",
        "create table t (k citext primary key, v int)",
        "insert into t select chr(65 + i % 2 * 32 + i / 40) || lpad(i::text, 4, '0'), i from generate_series(0, 999) i",
    )
    options = RunOptions(chunk_rows=100)
    assert migrate(url, aim, control=PauseAfter(300), options=options).status == "paused"
    result = migrate(url, aim, options=options)
    assert (result.status, result.tables[0].written) == ("succeeded", 1_000)


@pytest.mark.parametrize("product", PRODUCTS)
def test_names_with_percent_signs_braces_and_question_marks_are_names(product, new_database, migrate):
    url, aim = new_database("postgres"), new_database(product)
    run_sql(
        url,
        'create table "50% {x} ? %s" ("id%" serial primary key, "v{}?" int unique)',
        'insert into "50% {x} ? %s" ("v{}?") select i from generate_series(1, 100) i',
    )
    first = migrate(url, aim, ledger_schema="led.ger %s ?{x}")
    again = migrate(url, aim, ledger_schema="led.ger %s ?{x}")
    assert (first.status, again.already_done, again.run_id) == ("succeeded", True, first.run_id)


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_refused_row_with_a_generated_key_is_named_by_it(product, new_database, migrate):
    url, aim = new_database("postgres"), new_database(product)
    run_sql(
        url,
        "create table t (a int, k int generated always as (a * 2) stored primary key)",
        "insert into t (a) select generate_series(1, 20)",
    )
    run_sql(aim, "create table t (a integer check (a <> 7))")
    result = migrate(url, aim)
    assert (result.status, [row.key for row in result.quarantine]) == ("succeeded_with_quarantine", [{"k": 14}])


def test_a_row_that_a_trigger_refuses_in_words_of_its_own_is_set_apart_and_the_words_stay_secret(new_database, migrate):
    url, aim = new_database("postgres"), new_database("postgres")
    run_sql(
        url,
        "create table t (k int primary key, v text)",
        "insert into t values (1, 'free'), (2, 'hidden'), (3, 'free')",
    )
    run_sql(
        aim,
        "create table t (k int primary key, v text)",
        "create function f() returns trigger language plpgsql as $$ begin if new.k = 2 then raise exception 'no % here', new.v "
        "using errcode = 'ZZ123'; end if; return new; end $$",
        "create trigger g before insert on t for each row execute function f()",
    )
    result = migrate(url, aim)
    assert [(row.key, row.code) for row in result.quarantine] == [({"k": 2}, "refused-by-trigger")]
    assert "hidden" not in str(result.as_dict())


def test_a_sequence_that_is_ahead_stays_ahead(new_database, migrate):
    url, aim = new_database("postgres"), new_database("postgres")
    run_sql(url, "create table t (id int primary key)", "insert into t values (1), (7)")
    run_sql(aim, "create table t (id serial primary key)", "select setval('t_id_seq', 1000)")
    migrate(url, aim)
    assert run_sql(aim, "select nextval('t_id_seq')") == [(1001,)]


def test_a_sequence_that_cannot_reach_the_largest_number_is_said_and_the_run_succeeds(new_database, migrate):
    url, aim = new_database("postgres"), new_database("postgres")
    run_sql(url, "create table t (id int primary key)", "insert into t values (1), (7)")
    run_sql(
        aim,
        "create sequence s maxvalue 5",
        "create table t (id int primary key default nextval('s'))",
        "alter sequence s owned by t.id",
    )
    result = migrate(url, aim)
    assert result.status == "succeeded"
    assert [(item.name, item.outcome) for item in result.objects if item.kind == "next number"] == [
        ("t.id", "left_out")
    ]


def test_a_type_that_the_target_lacks_is_refused_with_its_name_and_nothing_is_made(new_database, migrate):
    url, aim = new_database("postgres"), new_database("postgres")
    run_sql(
        url,
        "create schema other",
        "create type other.mood as enum ('sad', '')",
        "create table a (id int primary key)",
        "create table t (m other.mood)",
    )
    result = migrate(url, aim)
    assert (result.status, result.error["code"]) == ("refused", "cannot-make-table")
    assert "other" in result.error["message"]
    assert run_sql(aim, "select count(*) from information_schema.tables where table_schema = 'public'") == [(0,)]


@pytest.mark.parametrize("product", ["postgres", "sqlite"])
def test_a_worker_that_was_taken_over_neither_opens_lanes_nor_says_how_the_run_ended(product, new_database, migrate):
    url, aim = new_database("sqlite"), new_database(product)
    run_sql(url, "create table t (id integer primary key)", "insert into t values (1), (2), (3)")

    class TakenOver(Control):
        phase = ""

        def report(self, progress):
            if progress.phase == self.phase:
                ledger = '"dms_ledger"."runs"' if product == "postgres" else '"dms_ledger_runs"'
                run_sql(aim, f"update {ledger} set epoch = epoch + 1, result = 'of the other worker'")
                self.phase = ""

    for phase in ("copy", "done"):
        control = TakenOver()
        control.phase = phase
        result = migrate(url, aim, control=control)
        assert (result.status, result.error["code"]) == ("failed", "ledger-conflict")
    assert migrate(url, aim).status == "succeeded"


@pytest.mark.parametrize("product", PRODUCTS)
def test_rows_of_inheriting_tables_are_copied_once_with_their_own_table(product, new_database, migrate):
    url = new_database("postgres")
    run_sql(
        url,
        "create table p (id int primary key, v text)",
        "create table c (extra text) inherits (p)",
        "insert into p values (1, 'p')",
        "insert into c values (2, 'c', 'x'), (1, 'the id of p', 'y')",
    )
    result = migrate(url, new_database(product))
    assert result.status == "succeeded"
    assert {(table.source, table.read, table.written, table.verified) for table in result.tables} == {
        ("p", 1, 1, "equal"),
        ("c", 2, 2, "equal"),
    }


@pytest.mark.parametrize("product", PRODUCTS)
def test_money_travels_as_a_number(product, new_database, migrate):
    url, aim = new_database("postgres"), new_database(product)
    run_sql(
        url,
        "create table t (v money primary key, w money)",
        "insert into t values ('-92233720368547758.08', '1234.5'), (0, null), ('92233720368547758.07', '-0.01')",
    )
    result = migrate(url, aim, options=RunOptions(chunk_rows=1))
    assert (result.status, result.tables[0].written, result.tables[0].verified) == ("succeeded", 3, "equal")
    number = "w::numeric" if product == "postgres" else "w"
    assert {str(row[0]) for row in run_sql(aim, f"select {number} from t where w is not null")} == {"1234.50", "-0.01"}


def test_a_role_that_may_not_make_schemas_fills_the_ledgers_schema_it_is_given(new_database, migrate):
    url, aim = new_database("sqlite"), new_database("postgres")
    run_sql(url, "create table t (id integer primary key)", "insert into t values (1)")
    run_sql(
        aim, "create table t (id bigint primary key)", ROLE.format("dms_low"), "grant select, insert on t to dms_low"
    )
    low = aim.replace(aim.split("//")[1].split("@")[0], "dms_low:x")
    refused = migrate(url, low)
    assert (refused.status, refused.error["code"]) == ("failed", "privilege-missing")
    assert "dms ledger ddl" in refused.error["next"]
    run_sql(aim, "create schema dms_ledger authorization dms_low")
    assert migrate(url, low).status == "succeeded"


@pytest.mark.parametrize("product", PRODUCTS)
def test_two_table_maps_into_one_new_table_agree_on_its_types(product, new_database, migrate):
    url, aim = new_database("sqlite"), new_database(product)
    run_sql(
        url,
        "create table a (id integer primary key, v text)",
        "create table b (k integer primary key, w integer)",
        "insert into a values (1, 'x')",
        "insert into b values (2, 7), (3, null)",
    )
    mapping = """
format: dms-mapping/1
name: together
tables:
  - {source: a, target: c, columns: {id: id, v: v}}
  - {source: b, target: c, columns: {id: k, v: w}}
"""
    result = migrate(url, aim, mapping_text=mapping)
    assert (result.status, [table.written for table in result.tables]) == ("succeeded", [1, 2])
    assert run_sql(aim, "select id, v from c order by id") == [(1, "x"), (2, "7"), (3, None)]
