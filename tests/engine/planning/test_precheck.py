from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.engine.databases.precheck import Finding
from dms_workbench.engine.planning import PlanOptions
from dms_workbench.engine.planning.precheck import check_databases
from tests.mariadb import MariadbServer
from tests.servers import PostgresServer

OPTIONS = PlanOptions()


@pytest.fixture
def shop(tmp_path: Path) -> str:
    path = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "create table customers (id integer primary key, name text); create table visits (at text);"
            "insert into customers values (1, 'Ada');"
        )
    return str(path)


@pytest.fixture
def person(postgres: PostgresServer, postgres_url: str) -> Iterator[str]:
    """The URL of the fresh database for a role without any right of its own."""
    role, password = f"person_{secrets.token_hex(4)}", secrets.token_hex(8)
    name = postgres_url.rsplit("/", 1)[1]
    postgres.execute(
        f"create role {role} login password '{password}'; revoke create on schema public from public", name
    )
    yield postgres.url(name, user=role, password=password)
    postgres.execute(f"drop owned by {role}; drop role {role}", name)


def run(postgres: PostgresServer, url: str, sql: str) -> None:
    postgres.execute(sql, url.rsplit("/", 1)[1])


def stops(findings: list[Finding], side: str) -> set[str]:
    return {finding.point for finding in findings if finding.severity == "stop" and finding.side == side}


def test_nothing_stands_in_the_way_of_two_files(shop: str, tmp_path: Path) -> None:
    findings = check_databases(shop, str(tmp_path / "new.duckdb"), OPTIONS)
    assert not [finding for finding in findings if finding.severity == "stop"]
    assert not (tmp_path / "new.duckdb").exists()


def test_a_table_without_a_key_is_named(shop: str, tmp_path: Path) -> None:
    (finding,) = [each for each in check_databases(shop, str(tmp_path / "n.duckdb"), OPTIONS) if each.point == "keys"]
    assert "visits" in finding.text
    assert "customers" not in finding.text


def test_a_role_that_may_make_nothing_is_told_what_to_be_granted(shop: str, person: str) -> None:
    findings = check_databases(shop, person, OPTIONS)
    assert stops(findings, "target") == {"privileges", "ledger"}
    (remedy,) = [finding.remedy for finding in findings if finding.severity == "stop" and finding.point == "privileges"]
    assert remedy.startswith('GRANT CREATE ON SCHEMA "public" TO "person_')


def test_a_role_with_the_rights_named_is_ready(shop: str, postgres: PostgresServer, person: str) -> None:
    role = person.split("//")[1].split(":", maxsplit=1)[0]
    database = person.rsplit("/", 1)[1]
    run(
        postgres,
        person,
        f'grant create on schema public to "{role}"; grant create on database "{database}" to "{role}"',
    )
    assert not stops(check_databases(shop, person, OPTIONS), "target")


def test_tables_that_may_not_be_read_stop_the_run(postgres: PostgresServer, person: str, tmp_path: Path) -> None:
    run(postgres, person, "create table open_one (id int primary key); create table closed_one (id int primary key)")
    role = person.split("//")[1].split(":", maxsplit=1)[0]
    run(postgres, person, f'grant select on open_one to "{role}"')
    findings = check_databases(person, str(tmp_path / "n.duckdb"), OPTIONS)
    (finding,) = [each for each in findings if each.severity == "stop"]
    assert "public.closed_one" in finding.text
    assert "open_one" not in finding.text


def test_row_level_security_that_hides_rows_stops_the_run(
    postgres: PostgresServer, person: str, tmp_path: Path
) -> None:
    role = person.split("//")[1].split(":", maxsplit=1)[0]
    run(
        postgres,
        person,
        "create table notes (id int primary key); alter table notes enable row level security;"
        f'grant select on notes to "{role}"',
    )
    assert stops(check_databases(person, str(tmp_path / "n.duckdb"), OPTIONS), "source") == {"row-level security"}


def test_a_trigger_that_may_change_rows_is_named(postgres: PostgresServer, postgres_url: str, shop: str) -> None:
    run(
        postgres,
        postgres_url,
        "create table customers (id int primary key, name text);"
        "create function upper_name() returns trigger language plpgsql as $$ begin new.name = upper(new.name); return new; end $$;"
        "create trigger shout before insert on customers for each row execute function upper_name()",
    )
    findings = check_databases(shop, postgres_url, OPTIONS)
    (finding,) = [each for each in findings if each.point == "triggers"]
    assert finding.severity == "warn"
    assert "shout" in finding.text


def test_an_extension_that_the_target_cannot_have_is_named(postgres: PostgresServer, postgres_url: str) -> None:
    other = postgres.create_database()
    try:
        run(postgres, postgres_url, "create table t (id int primary key); create extension if not exists hstore")
        findings = check_databases(postgres_url, other, OPTIONS)
        assert not [each for each in findings if each.point == "extensions"], "a superuser may make it"
    finally:
        postgres.drop_database(other)


def test_a_target_of_another_encoding_is_named(postgres: PostgresServer, shop: str) -> None:
    url = postgres.create_database("encoding 'LATIN1' template template0 locale 'C'")
    try:
        (finding,) = [each for each in check_databases(shop, url, OPTIONS) if each.point == "encoding"]
        assert "LATIN1" in finding.text
    finally:
        postgres.drop_database(url)


def test_files_say_how_they_are_read_and_what_they_cannot_hold(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "customers.csv").write_text("id;name\n1;Ada\n")
    findings = {each.point: each for each in check_databases(str(folder), f"parquet:///{tmp_path}/out", OPTIONS)}
    assert "delimiter semicolon" in findings["dialect"].text
    assert findings["structure"].side == "target"


def test_mariadb_names_engines_without_transactions_and_missing_grants(
    mariadb: MariadbServer, mariadb_url: str, shop: str, tmp_path: Path
) -> None:
    name = mariadb_url.rsplit("/", 1)[1]
    mariadb.execute("create table loose (id int primary key) engine=MyISAM", name)
    mariadb.execute(
        f"create user precheck_person identified by 'p'; grant select on `{name}`.* to precheck_person", name
    )
    try:
        person = mariadb.url(name, user="precheck_person", password="p")
        warned = [
            each.point
            for each in check_databases(person, str(tmp_path / "n.duckdb"), OPTIONS)
            if each.severity == "warn"
        ]
        assert warned == ["engines"]
        assert stops(check_databases(shop, person, OPTIONS), "target") == {"privileges"}
        assert not stops(check_databases(shop, mariadb_url, OPTIONS), "target")
    finally:
        mariadb.execute("drop user precheck_person", name)
