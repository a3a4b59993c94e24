"""The same command after a run that ended not verified: it goes on with what is missing, and says so."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.servers import PostgresServer
from tests.surfaces.cli.conftest import Dms, sqlite_file


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Two tables."""
    return sqlite_file(
        tmp_path / "old.sqlite",
        """
        CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT);
        INSERT INTO customers VALUES (1, 'Ada'), (2, 'Grace');
        INSERT INTO orders VALUES (1, 'x'), (2, 'y'), (3, NULL);
        """,
    )


@pytest.fixture
def half(postgres: PostgresServer) -> Iterator[tuple[str, str]]:
    """A target as its owner knows it, and as a role does that may write ``orders`` but not read its notes."""
    owner = postgres.create_database()
    name, role = owner.rpartition("/")[2].partition("?")[0], f"half_{uuid.uuid4().hex[:12]}"
    postgres.execute(f"create role {role} login password 'half'; grant create on database \"{name}\" to {role}", name)
    postgres.execute(
        f"""
        grant create on schema public to {role}; set role {role};
        create table customers (id bigint primary key, name text);
        create table orders (id bigint primary key, note text);
        revoke select on orders from {role}; grant select (id) on orders to {role};
        """,
        name,
    )
    yield owner, postgres.url(name, user=role, password="half")
    postgres.drop_database(owner)
    postgres.execute(f"drop role {role}")


@pytest.mark.postgres
def test_the_same_command_compares_what_was_not_compared_and_nothing_else(
    dms: Dms, source: Path, half: tuple[str, str], postgres: PostgresServer
) -> None:
    owner, target = half
    first = dms("migrate", str(source), target, "--json")
    assert (first.exit_code, first.json["status"]) == (6, "not_verified")
    assert {table["target"]: table["verified"] for table in first.json["tables"]} == {
        "customers": "equal",
        "orders": "not_verified",
    }
    assert first.json["error"]["next"] == f"the same command again, or dms runs resume {first.json['run_id']}"

    role = target.partition("//")[2].partition(":")[0]
    changed = "update customers set name = 'changed since' where id = 1"
    postgres.execute(f"grant select on orders to {role}; {changed}", owner.rpartition("/")[2])
    again = dms("migrate", str(source), target)
    assert again.exit_code == 0, again.out + again.err
    assert f"Going on with run {first.json['run_id']}" in again.err
    assert "Found equal before, at an earlier end of this run, and not compared once more: customers" in again.out
    assert "orders" in again.out
    assert again.out.count("✓ equal") == 2

    done = dms("migrate", str(source), target, "--json")
    assert (done.exit_code, done.json["run_id"]) == (0, first.json["run_id"])
    assert dms("verify", str(source), target, "--json").json["status"] == "differences"


def test_rows_copied_without_verification_are_compared_by_the_command_without_that_option(
    dms: Dms, source: Path
) -> None:
    first = dms("migrate", str(source), "new.sqlite", "--no-verify", "--json")
    again = dms("migrate", str(source), "new.sqlite")
    assert (first.exit_code, again.exit_code) == (6, 0)
    assert "Going on with run" in again.err
    assert again.out.count("✓ equal") == 2


def test_a_row_that_was_lost_meanwhile_is_found(dms: Dms, source: Path) -> None:
    dms("migrate", str(source), "new.sqlite", "--no-verify", "--json")
    with closing(sqlite3.connect(dms.folder / "new.sqlite")) as target:
        target.execute("delete from orders where id = 2")
        target.commit()
    again = dms("migrate", str(source), "new.sqlite", "--json")
    assert (again.exit_code, again.json["status"]) == (4, "differences")
