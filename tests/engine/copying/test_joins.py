"""Table maps with joins: the same rows by every way, the books close, and an open or rejected line writes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from dms_workbench.engine.copying import RunOptions
from dms_workbench.engine.copying.passage import LinePassage, Rows
from dms_workbench.engine.copying.transforms import PushedPassage, TransformedLines
from dms_workbench.engine.expressions import InvalidLookup
from dms_workbench.engine.mapping import InvalidMapping
from tests.engine.copying.conftest import run_sql

SOURCE = [
    "create table country (code varchar(2) primary key, name varchar(20), zone integer)",
    "create table rate (code varchar(2), zone integer, percent decimal(5,2), primary key (code, zone))",
    "create table orders (id integer primary key, cntry varchar(2), zone integer, note varchar(20))",
    "insert into country values ('DE', 'Germany', 1), ('FR', null, 2), ('UK', 'Britain', 3)",
    "insert into rate values ('DE', 1, 19.00), ('DE', 2, 7.00), ('FR', 1, 20.00)",
    "insert into orders values (1, 'DE', 1, 'a'), (2, 'FR', 9, 'b'), (3, 'XX', 1, 'c'), (4, null, 1, 'd'), (5, 'DE', 2, 'e')",
]
MAPPING = """\
format: dms-mapping/1
name: shop
tables:
  - source: orders
    target: bills
    joins:
      c: {table: country, on: {code: cntry}}
      rate: {table: rate, on: {code: "upper(cntry)", zone: zone}%s}
    columns:
      id: id
      country: {expression: "coalesce(c.name, 'unknown')"}
      zone: {expression: c.zone}
      percent: {expression: rate.percent%s}
      fax: {decision: {status: open, candidates: [orders.note]}}
      email: {decision: {status: rejected, by: ana, rejected: [orders.note]}}
    ignore: [note]
"""
ALL = [
    (1, "Germany", 1, 19.0),
    (2, "unknown", 2, None),
    (3, "unknown", None, None),
    (4, "unknown", None, None),
    (5, "Germany", 1, 7.0),
]


def rows_of(url: str) -> list[tuple[Any, ...]]:
    """The rows of the target, its numbers as they compare."""
    rows = run_sql(url, "select id, country, zone, percent from bills order by id")
    return [(*row[:3], None if row[3] is None else float(row[3])) for row in rows]


@pytest.mark.parametrize(
    ("source", "target"), [("sqlite", "duckdb"), ("duckdb", "sqlite"), ("postgres", "postgres"), ("sqlite", "postgres")]
)
def test_joined_columns_are_written_and_verified(source: str, target: str, new_database: Any, migrate: Any) -> None:
    urls = new_database(source), new_database(target)
    run_sql(urls[0], *SOURCE)
    result = migrate(*urls, mapping_text=MAPPING % ("", ', type: "DECIMAL(5,2)"'))
    assert result.error is None
    assert (result.status, [table.verified for table in result.tables]) == ("succeeded", ["equal"])
    assert rows_of(urls[1]) == ALL


@pytest.mark.parametrize("way", [(PushedPassage, Rows), (TransformedLines, Rows), (Rows,)])
def test_rows_without_a_match_of_an_inner_join_are_filtered(
    way: tuple[type[LinePassage], ...], new_database: Any, migrate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = new_database("postgres"), new_database("postgres")
    run_sql(urls[0], *SOURCE)
    monkeypatch.setattr("dms_workbench.engine.copying.strategies.STRATEGIES", way)
    result = migrate(*urls, mapping_text=MAPPING % (", kind: inner", ""), options=RunOptions(chunk_rows=2))
    (books,) = result.tables
    assert (result.status, books.read, books.written, books.filtered) == ("succeeded", 5, 2, 3)
    assert books.verified == "equal"
    assert rows_of(urls[1]) == [ALL[0], ALL[4]]


def test_a_joined_text_is_computed_in_the_source_where_it_can_be(
    new_database: Any, migrate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = new_database("postgres"), new_database("postgres")
    run_sql(urls[0], *SOURCE)
    run_sql(
        urls[1], "create table bills (id integer primary key, country varchar(20), zone integer, percent decimal(5,2))"
    )
    monkeypatch.setattr("dms_workbench.engine.copying.strategies.STRATEGIES", (PushedPassage,))
    text = MAPPING % ("", "")
    text = "".join(
        line
        for line in text.splitlines(keepends=True)
        if not line.strip().startswith(("zone:", "percent:", "rate:", "fax:", "email:"))
    )
    result = migrate(*urls, mapping_text=text.replace("ignore: [note]", "ignore: [note, zone]"))
    assert (result.status, result.error) == ("succeeded", None)
    assert [row[:2] for row in rows_of(urls[1])] == [row[:2] for row in ALL]


def test_a_joined_table_whose_key_comes_twice_is_refused_before_anything_is_made(
    new_database: Any, migrate: Any
) -> None:
    urls = new_database("sqlite"), new_database("duckdb")
    run_sql(urls[0], *[statement.replace("varchar(2) primary key", "varchar(2)") for statement in SOURCE])
    run_sql(urls[0], "insert into country values ('DE', 'again', 3)")
    with pytest.raises(InvalidLookup, match=r"c\.name cannot be used: 1 key occurs more than once"):
        migrate(*urls, mapping_text=MAPPING % ("", ""))
    assert run_sql(urls[1], "select count(*) from duckdb_tables()") == [(0,)]


def test_an_open_column_that_must_have_a_value_is_a_problem_with_its_place(new_database: Any, migrate: Any) -> None:
    urls = new_database("sqlite"), new_database("duckdb")
    run_sql(urls[0], *SOURCE)
    run_sql(
        urls[1],
        "create table bills (id integer primary key, country text, zone integer, percent decimal(5,2), fax text not null, email text)",
    )
    sentence = r"line 14, column 7: the target column 'fax' takes no NULL, has no default, and is open here: decide"
    with pytest.raises(InvalidMapping, match=sentence):
        migrate(*urls, mapping_text=MAPPING % ("", ""))


def test_a_rejected_table_map_is_not_carried_out(new_database: Any, migrate: Any) -> None:
    urls = new_database("sqlite"), new_database("duckdb")
    run_sql(urls[0], *SOURCE)
    text = MAPPING % ("", "") + "  - source: country\n    target: nations\n    decision: rejected\n"
    result = migrate(*urls, mapping_text=text)
    assert [table.target for table in result.tables] == ["bills"]
