"""Templates applied to real databases: the mapping checks, and rows arrive as the template says."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from dms_workbench.features.mappings import TemplateNotFound
from dms_workbench.features.mappings.templates import OneTemplate
from dms_workbench.surfaces.cli import main
from dms_workbench.workbench import Workbench
from tests.mariadb import MariadbServer
from tests.servers import PostgresServer

SHIPPED = ["csv-to-postgresql", "mysql-to-postgresql", "postgresql-to-duckdb", "sqlite-to-postgresql"]


def database_of(url: str) -> str:
    """The name of a server's database."""
    return url.rpartition("/")[2].partition("?")[0]


def migrated(name: str, source: str, target: str, folder: Path) -> str:
    """Begin a mapping with a template, as a person does, and migrate with it; its text."""
    file = folder / "shop.mapping.yaml"
    assert main(["mappings", "new", "shop", source, target, "--template", name, "-o", str(file), "--json"]) == 0
    assert main(["migrate", source, target, "--mapping", str(file), "--json"]) == 0
    return file.read_text()


def test_the_shipped_templates_are_listed_by_name_and_by_pair(workbench: Workbench) -> None:
    assert [each.name for each in workbench.mappings.templates()] == SHIPPED
    assert [each.name for each in workbench.mappings.templates(source="mysql")] == ["mysql-to-postgresql"]
    assert [each.name for each in workbench.mappings.templates(target="duckdb")] == ["postgresql-to-duckdb"]
    assert workbench.mappings.templates(source="duckdb", target="mysql") == []


def test_a_template_is_shown_as_its_file(workbench: Workbench) -> None:
    assert str(workbench.mappings.template("mysql-to-postgresql")).startswith("format: dms-mapping-template/1\n")


def test_a_template_that_is_not_there_names_those_that_are(workbench: Workbench) -> None:
    with pytest.raises(TemplateNotFound, match="no template nope; there is csv-to-postgresql, mysql"):
        workbench.mappings.template("nope")
    with pytest.raises(TemplateNotFound):
        workbench.mappings.template("../migrate")


def test_one_template_is_wanted_not_two_and_not_none(workbench: Workbench, tmp_path: Path) -> None:
    places = str(tmp_path / "a.sqlite"), str(tmp_path / "b.sqlite")
    sqlite3.connect(places[0]).execute("create table t (a integer)").connection.close()
    with pytest.raises(OneTemplate):
        workbench.mappings.new("m", *places)


@pytest.mark.postgres
@pytest.mark.mariadb
def test_mysql_rows_arrive_with_booleans_and_without_zero_dates(
    clean_environment: Path,
    tmp_path: Path,
    postgres: PostgresServer,
    postgres_url: str,
    mariadb: MariadbServer,
    mariadb_url: str,
) -> None:
    mariadb.execute(
        "set sql_mode = ''; create table shop (id int primary key, open tinyint(1), since date, name varchar(20), at datetime(3)); "
        "insert into shop values (1, 1, '0000-00-00', 'a', '2026-01-05 10:00:00.123'), (2, 0, '2020-02-03', 'b', null)",
        database_of(mariadb_url),
    )
    migrated("mysql-to-postgresql", mariadb_url, postgres_url, tmp_path)

    rows = postgres.execute("select id, open, since::text, at::text from shop order by id", database_of(postgres_url))
    assert rows == [(1, True, None, "2026-01-05 10:00:00.123"), (2, False, "2020-02-03", None)]


@pytest.mark.postgres
def test_sqlite_rows_arrive_under_names_in_snake_case(
    clean_environment: Path, tmp_path: Path, postgres: PostgresServer, postgres_url: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "old.sqlite")) as file:
        file.execute("create table OrderLines (LineNo integer primary key, ItemName varchar(20), SoldAt timestamp)")
        file.execute("insert into OrderLines values (1, 'tea' || char(0), '2026-01-05 10:00:00+02:00')")
        file.commit()
    migrated("sqlite-to-postgresql", str(tmp_path / "old.sqlite"), postgres_url, tmp_path)

    rows = postgres.execute("select line_no, item_name, sold_at::text from order_lines", database_of(postgres_url))
    assert rows == [(1, "tea", "2026-01-05 08:00:00")]


@pytest.mark.postgres
def test_rows_of_csv_files_arrive_trimmed_and_with_null(
    clean_environment: Path, tmp_path: Path, postgres: PostgresServer, postgres_url: str
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "customers.csv").write_text("id,full name,city\n1,  Ann  ,N/A\n2,Bob,Oslo \n")
    migrated("csv-to-postgresql", f"csv:///{tmp_path}/files", postgres_url, tmp_path)

    rows = postgres.execute("select full_name, city from customers order by 1", database_of(postgres_url))
    assert rows == [("Ann", None), ("Bob", "Oslo")]


@pytest.mark.postgres
def test_postgresql_rows_arrive_in_duckdb_without_secrets(
    clean_environment: Path, tmp_path: Path, postgres: PostgresServer, postgres_url: str
) -> None:
    postgres.execute(
        "create table person (id int primary key, name text, password_hash text, data jsonb, paid numeric(12,2), n numeric(9,0)); "
        "insert into person values (1, 'Ann', 'secret', '{\"a\": 1}', 12.50, 7)",
        database_of(postgres_url),
    )
    text = migrated("postgresql-to-duckdb", postgres_url, str(tmp_path / "new.duckdb"), tmp_path)

    assert "ignore: [password_hash]" in text
    with closing(duckdb.connect(str(tmp_path / "new.duckdb"))) as file:
        columns = dict(
            file.execute("select column_name, data_type from duckdb_columns where table_name = 'person'").fetchall()
        )
        assert columns == {
            "id": "INTEGER",
            "name": "VARCHAR",
            "data": "JSON",
            "paid": "DECIMAL(12,2)",
            "n": "DECIMAL(9,0)",
        }


def test_the_general_part_of_a_mapping_begins_another(workbench: Workbench, tmp_path: Path) -> None:
    ours = """\
format: dms-mapping/1
name: shop
lookups:
  state: {values: {N: new}}
types:
  integer: bigint
tables:
  - source: Orders
    target: orders
    columns:
      order_no: OrderNo
      paid_yn: {expression: "if(trim(Paid_YN) = 'Y', 'yes', 'no')"}
      sent_yn: {expression: "if(trim(sent_yn) = 'Y', 'yes', 'no')"}
      state: {expression: "lookup('state', State)"}
    ignore: [Old_Fax]
"""
    template = workbench.mappings.make_template(ours, "ours").text
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as file:
        file.execute("create table Stock (ItemNo integer primary key, Sold_yn text, state text, old_fax text)")
    found = workbench.mappings.new(
        "stock", str(tmp_path / "other.sqlite"), str(tmp_path / "n.duckdb"), template_text=template
    )

    assert found.findings == ()
    assert '"N": new' in found.text
    assert "integer: bigint" in found.text
    assert "    target: stock\n" in found.text
    assert "item_no: ItemNo" in found.text
    assert """sold_yn: {expression: "if(trim(Sold_yn) = 'Y', 'yes', 'no')"}""" in found.text
    assert """state: {expression: "lookup('state', state)"}""" in found.text
    assert "ignore: [old_fax]" in found.text
