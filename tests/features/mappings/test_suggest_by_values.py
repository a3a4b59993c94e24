from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench import Workbench
from dms_workbench.engine.databases.urls import database_for
from dms_workbench.engine.matching.values import sampled
from tests.mariadb import MariadbServer
from tests.servers import PostgresServer

OLD = (
    "create table kunden (id integer primary key, f1 varchar(90), f2 varchar(90), f3 integer, leer varchar(20))",
    "create table geheim (id integer primary key, code varchar(20))",
)
NEW = "create table customers (id integer primary key, email varchar(100), website varchar(100), created_at timestamp)"


def rows(number: int) -> list[str]:
    return [
        f"insert into kunden values ({n}, 'name{n}@firm.example', 'https://firm.example/{n}', {1_600_000_000 + n * 86_400}, null)"
        for n in range(number)
    ] + [f"insert into geheim values ({n}, 'TOPSECRET{n}')" for n in range(10)]


def make(path: Path, *statements: str) -> str:
    with closing(sqlite3.connect(path)) as file:
        for statement in statements:
            file.execute(statement)
        file.commit()
    return str(path)


@pytest.fixture
def two(tmp_path: Path) -> tuple[str, str]:
    return make(tmp_path / "old.sqlite", *OLD, *rows(60)), make(tmp_path / "new.sqlite", NEW)


def test_a_look_at_values_finds_what_names_do_not_say(workbench: Workbench, two: tuple[str, str]) -> None:
    found = workbench.mappings.suggest(*two, values=True)

    best = {each.column: each.candidates[0] for each in found.columns}
    assert (best["email"].column, best["website"].column) == ("f1", "f2")
    assert any("e-mail addresses" in reason for reason in best["email"].reasons)
    assert found.notes[0].startswith(
        "Values were looked at: at most 1,000 rows of each table, 2 tables of the source and 0 tables"
    )


def test_no_value_is_in_the_answer(workbench: Workbench, two: tuple[str, str]) -> None:
    found = workbench.mappings.suggest(*two, values=True)

    shown = repr(found) + found._repr_html_() + found.text
    assert not any(value in shown for value in ("firm.example", "TOPSECRET", "160000", "name1"))


def test_a_look_at_values_is_in_the_audit_and_a_suggestion_without_is_not(
    workbench: Workbench, two: tuple[str, str]
) -> None:
    workbench.mappings.suggest(*two)
    assert not [entry for entry in workbench.audit.entries() if entry.action.startswith("SuggestMapping")]

    workbench.mappings.suggest(*two, values=True)
    assert "SuggestMappingByValues" in [entry.action for entry in workbench.audit.entries()]


def test_an_empty_target_is_no_trouble_and_says_nothing(workbench: Workbench, two: tuple[str, str]) -> None:
    assert "0 tables of the target" in workbench.mappings.suggest(*two, values=True).notes[0]


def test_offers_come_with_suggestions_and_become_columns_of_a_mapping(workbench: Workbench, tmp_path: Path) -> None:
    old = "create table kunden (id integer primary key, full_name varchar(90), created_ts integer)"
    new = "create table customers (id integer primary key, first_name varchar(50), last_name varchar(50), created_at timestamp)"
    found = workbench.mappings.suggest(make(tmp_path / "a.sqlite", old), make(tmp_path / "b.sqlite", new))

    offers = {each.column: each.offers for each in found.columns}
    assert offers["first_name"][0].as_column_map().expression == "nullif(split_part(full_name, ' ', 1), '')"
    assert offers["last_name"][0].kind == "split"
    assert "to_timestamp" in offers["created_at"][0].expression
    assert "# offer: customers.last_name: " in found.text
    assert "split_part" in found._repr_html_()
    project = workbench.projects.ensure("default").id
    assert workbench.mappings.save(project, "kunden", found.text).number == 1


SPREAD = (
    "create table kunden (id integer primary key, mail varchar(90), page varchar(90), born date, act boolean, pay decimal(10,2), "
    "made timestamp)"
)


def fill(number: int) -> list[str]:
    return [
        f"insert into kunden values ({n}, 'n{n}@f.example', 'https://f.example/{n}', '2001-02-{n % 28 + 1:02d}', "
        f"{str(n % 2 == 0).lower()}, {n}.25, '2024-01-31 10:20:{n % 60:02d}')"
        for n in range(number)
    ]  # fmt: skip


def check_sample(url: str) -> None:
    """The first rows of a table with more than are wanted, as figures; the source can be read on afterwards."""
    with closing(database_for(url).open_source(url)) as source:
        catalogue = source.catalogue()
        sample = sampled(source, catalogue, rows=30)
        assert source.count(catalogue.table("kunden")) == 3000
    profiles = {column: profile for (_, column), profile in sample.profiles.items()}
    assert sample.unread == ()
    assert {name: profile.looks for name, profile in profiles.items() if profile.looks} == {
        "mail": "e-mail addresses", "page": "URLs", "born": "dates",
    } | ({"made": "dates"} if profiles["made"].looks else {}) | ({"act": "yes or no"} if profiles["act"].looks else {})  # fmt: skip
    assert {profile.rows for profile in profiles.values()} == {30}


def test_sqlite_is_sampled(tmp_path: Path) -> None:
    check_sample(make(tmp_path / "a.sqlite", SPREAD, *fill(3000)))


def test_duckdb_is_sampled(tmp_path: Path) -> None:
    import duckdb

    with closing(duckdb.connect(tmp_path / "a.duckdb")) as file:
        file.execute(";".join([SPREAD, *fill(3000)]))
    check_sample(str(tmp_path / "a.duckdb"))


@pytest.mark.postgres
def test_postgresql_is_sampled(postgres: PostgresServer, postgres_url: str) -> None:
    postgres.execute(";".join([SPREAD, *fill(3000)]), postgres_url.rsplit("/", 1)[1])
    check_sample(postgres_url)


@pytest.mark.mariadb
def test_mariadb_is_sampled(mariadb: MariadbServer, mariadb_url: str) -> None:
    mariadb.execute(";".join([SPREAD, *fill(3000)]), mariadb_url.rsplit("/", 1)[1])
    check_sample(mariadb_url)


@pytest.mark.postgres
def test_a_table_that_may_not_be_read_is_left_out_and_named(postgres: PostgresServer, postgres_url: str) -> None:
    database = postgres_url.rsplit("/", 1)[1]
    postgres.execute(
        "create table a (id int primary key, x text); create table b (id int primary key, x text);"
        "create table c (id int primary key, x text); insert into a values (1, 'q'); insert into b values (1, 'q');"
        "insert into c values (1, 'q'); drop role if exists sampling; create role sampling login password 'pw';"
        "grant select on a, c to sampling",
        database,
    )
    url = postgres.url(database, user="sampling", password="pw")
    try:
        with closing(database_for(url).open_source(url)) as source:
            sample = sampled(source, source.catalogue())
    finally:
        postgres.execute("drop owned by sampling; drop role sampling", database)

    assert sample.unread in {("b",), ()}
    assert {table for table, _ in sample.profiles} == {"a", "c"}


def test_no_table_is_begun_when_the_time_is_over(tmp_path: Path) -> None:
    url = make(tmp_path / "a.sqlite", *OLD, *rows(5))
    with closing(database_for(url).open_source(url)) as source:
        sample = sampled(source, source.catalogue(), seconds=-1)

    assert sample.profiles == {}
    assert set(sample.unread) == {"kunden", "geheim"}
