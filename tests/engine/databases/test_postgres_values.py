"""Values of PostgreSQL's own types, from one of its databases to another."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from dms_workbench.engine.databases.base import LineColumn, LineLimits, LineQuery
from dms_workbench.engine.databases.postgres import database

CASES = Path(__file__).parents[2] / "cases" / "postgres"


@pytest.fixture
def two_urls(postgres):
    """A filled database and one with the same empty tables, whose types have other numbers."""
    source, target = postgres.create_database(), postgres.create_database()
    sql = (CASES / "values.sql").read_text()
    with psycopg.connect(source, autocommit=True) as connection:
        connection.execute(sql.encode())
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute(b"create type other_oids as (a int); create table first (a int)")
        connection.execute(sql.encode())
        connection.execute(b"truncate typed, plain, parted")
    yield source, target
    postgres.drop_database(source)
    postgres.drop_database(target)


def rows(url: str, name: str) -> list[tuple]:
    with psycopg.connect(url) as connection:
        return connection.execute(f"select tableoid::regclass::text, t::text from {name} t order by 1, 2").fetchall()


@pytest.mark.parametrize("name", ["typed", "plain", "parted"])
def test_values_of_every_type_arrive_as_they_are(two_urls, name):
    source_url, target_url = two_urls
    with closing(database.open_source(source_url)) as source, closing(database.open_target(target_url)) as target:
        table = source.catalogue().table(name)
        columns = table.copied_columns
        for batch in source.read(table, [column.name for column in columns]):
            with target.transaction():
                assert target.write(target.catalogue().table(name), columns, batch.columns) == batch.rows
    assert rows(target_url, name) == rows(source_url, name)


def whole(table):
    return LineQuery(table, tuple(LineColumn(column, column) for column in table.copied_columns), "postgres-binary")


def test_undecoded_rows_arrive_where_all_types_mean_the_same_everywhere(two_urls):
    source_url, target_url = two_urls
    with closing(database.open_source(source_url)) as source, closing(database.open_target(target_url)) as target:
        catalogue = source.catalogue()
        assert not source.gives_lines(whole(catalogue.table("typed")))
        table = catalogue.table("plain")
        assert source.gives_lines(whole(table))
        for lines in source.read_lines(whole(table), limits=LineLimits()):
            with target.transaction():
                assert target.write_lines(table, table.copied_columns, lines) == lines.rows
    assert rows(target_url, "plain") == rows(source_url, "plain")


def test_the_types_of_a_schema_have_their_common_meaning(two_urls):
    with closing(database.open_source(two_urls[0])) as source:
        table = source.catalogue().table("typed")
    found = {column.name: column.type for column in table.columns}
    assert (found["m"].kind, found["m"].labels) == ("text", ("sad", "", "it's, ok", "ÜBER"))
    assert (found["e"].kind, found["e"].bits, str(found["e"].user_type)) == ("integer", 32, "public.even")
    assert (found["a"].kind, str(found["a"].user_type)) == ("other", "Odd Schema.address")
    assert found["ms"].element == found["m"]
    assert found["grid"].element is not None
    assert found["grid"].element.kind == "integer"
    assert str(found["fs"].user_type) == "public.float_range"
    assert found["c"].user_type is None
