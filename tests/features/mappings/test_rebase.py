"""Mappings taken to databases whose tables were altered after they were written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.features.schemas import connection_of
from dms_workbench.workbench import Workbench
from tests.mariadb import MariadbServer
from tests.servers import PostgresServer

OLD = "create table cust (id integer primary key, name varchar(30), phone_no varchar(20), fax varchar(20))"
NEW = "create table customer (id integer primary key, full_name varchar(60), phone varchar(30), fax varchar(30))"
ALTERED = (
    "alter table cust rename column phone_no to phone_number",
    "alter table cust drop column fax",
    "alter table cust add column mail varchar(50)",
)
TEXT = """\
format: dms-mapping/1
name: shop
tables:
  - source: cust
    target: customer
    columns:
      id: id   # the key
      full_name: {expression: "trim(name)"}
      phone: phone_no
      fax: fax
"""


def database_of(url: str) -> str:
    """The name of a server's database."""
    return url.rpartition("/")[2].partition("?")[0]


def look(workbench: Workbench, source: str, target: str, alter: Callable[[str], object]) -> None:
    """The mapping before and after ALTER TABLE: what is said, and that the check still finds what is gone."""
    first = workbench.mappings.adapt(TEXT, source, target)
    assert (first.findings, first.source_known) == ((), False)
    for statement in ALTERED:
        alter(statement)
    found = workbench.mappings.adapt(first.text, source, target)

    assert (found.source_known, found.target_known) == (True, True)
    assert [(each.kind, each.column, each.successor) for each in found.findings] == [
        ("gone", "fax", ""),
        ("renamed", "phone_no", "phone_number"),
        ("new", "mail", ""),
    ]
    assert all(each.line for each in found.findings[:2])
    assert "id: id   # the key" in found.text
    assert "source column cust.fax is gone" in found.text
    places = [connection_of(workbench.bus, each) for each in (source, target)]
    said = str(workbench.mappings.check(places[0], places[1], found.text))
    assert "cust has no column 'fax'" in said
    assert "was written for another" not in said


def test_columns_of_a_file_that_were_altered_are_open_points(workbench: Workbench, tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("old.sqlite", "new.sqlite")]

    def alter(statement: str, path: str = paths[0]) -> None:
        with closing(sqlite3.connect(path)) as file:
            file.execute(statement)
            file.commit()

    alter(OLD)
    alter(NEW, paths[1])
    look(workbench, paths[0], paths[1], alter)


@pytest.mark.postgres
@pytest.mark.mariadb
def test_columns_of_servers_that_were_altered_are_open_points(
    workbench: Workbench, postgres: PostgresServer, postgres_url: str, mariadb: MariadbServer, mariadb_url: str
) -> None:
    mariadb.execute(OLD, database_of(mariadb_url))
    postgres.execute(NEW, database_of(postgres_url))

    look(workbench, mariadb_url, postgres_url, lambda statement: mariadb.execute(statement, database_of(mariadb_url)))


def test_a_target_that_is_not_there_yet_is_no_change(workbench: Workbench, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "old.sqlite")) as file:
        file.execute(OLD)
    found = workbench.mappings.adapt(TEXT, str(tmp_path / "old.sqlite"), str(tmp_path / "new.sqlite"))

    assert found.findings == ()
    assert str(found) == "Neither schema has changed in what the mapping uses."
