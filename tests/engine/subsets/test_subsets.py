from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.engine.databases.base import Source
from dms_workbench.engine.databases.urls import database_for
from dms_workbench.engine.expressions import compile_evaluator
from dms_workbench.engine.subsets import InvalidSubset, Subset, kept_rows

SHOP = """
    create table countries (code text primary key, name text);
    create table staff (id integer primary key, boss integer references staff (id), name text);
    create table customers (id integer primary key, country text references countries (code), helper integer references staff (id));
    create table orders (shop integer, number integer, customer integer references customers (id), primary key (shop, number));
    create table lines (shop integer, number integer, product text, foreign key (shop, number) references orders (shop, number));
    create table visas (country text references countries (code), customer integer references customers (id), at text);
    create table stamps (id integer primary key, country text references countries (code));
    create table inks (id integer primary key, stamp integer references stamps (id));
    create table notes (id integer primary key, said text);
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A shop of 200 customers with orders, lines without a key, and staff that has bosses."""
    chance = random.Random(7)
    file = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(SHOP)
        connection.executemany("insert into countries values (?, ?)", [(f"c|{n}", f"Country {n}") for n in range(20)])
        staff = [(n, None if n < 3 else chance.randrange(n), f"S{n}") for n in range(30)]
        connection.executemany("insert into staff values (?, ?, ?)", staff)
        customers = [(n, f"c|{chance.randrange(20)}", chance.choice([None, chance.randrange(30)])) for n in range(200)]
        connection.executemany("insert into customers values (?, ?, ?)", customers)
        orders = [(n % 3, n, chance.choice([None, chance.randrange(200)])) for n in range(600)]
        connection.executemany("insert into orders values (?, ?, ?)", orders)
        lines = [(chance.randrange(3), chance.randrange(600), "p") for n in range(100)]
        lines += [(n % 3, n, "q") for n in range(600)]
        connection.execute("pragma foreign_keys = off")
        connection.executemany("insert into lines values (?, ?, ?)", lines)
        connection.executemany(
            "insert into stamps values (?, ?)", [(n, None if n % 9 == 0 else f"c|{n % 20}") for n in range(60)]
        )
        connection.executemany("insert into inks values (?, ?)", [(n, n % 60) for n in range(120)])
        connection.execute("insert into notes values (1, 'all')")
        connection.commit()
    return file


@pytest.fixture
def source(path: Path) -> Iterator[Source]:
    with closing(database_for(str(path)).open_source(str(path))) as opened:
        yield opened


def kept(source: Source, spec: str) -> dict[str, list[tuple[object, ...]]]:
    """The rows of every table that the subset keeps, by the filter itself."""
    tables = source.catalogue().tables
    found = kept_rows(Subset.parse(spec), tables, source)
    rows: dict[str, list[tuple[object, ...]]] = {}
    for table in tables:
        names = [column.name for column in table.columns]
        of = found.get(table.name)
        evaluator = compile_evaluator(table.columns, [], of.where if of else None, of.lookups if of else {})
        rows[table.name.name] = []
        for batch in source.read(table, names):
            everything = list(zip(*batch.columns, strict=True))
            rows[table.name.name] += [everything[row] for row in evaluator.evaluate(batch.columns, batch.rows).kept]
        evaluator.close()
    return rows


@pytest.mark.parametrize("spec", ["customers:10%", "customers: id < 7", "orders:1%", "staff:id = 3", "countries:25%"])
def test_every_row_kept_finds_its_parents_among_those_kept(source: Source, spec: str) -> None:
    rows = kept(source, spec)
    codes, staff = {row[0] for row in rows["countries"]}, {row[0] for row in rows["staff"]}
    customers, orders = {row[0] for row in rows["customers"]}, {row[:2] for row in rows["orders"]}
    assert all(row[1] in codes and row[2] in staff | {None} for row in rows["customers"])
    assert all(row[1] in staff | {None} for row in rows["staff"])
    assert all(row[2] in customers | {None} for row in rows["orders"])
    assert all(row[:2] in orders for row in rows["lines"])
    assert all(row[1] in codes | {None} for row in rows["stamps"])
    assert {row[1] for row in rows["inks"]} == {row[0] for row in rows["stamps"]}


def test_all_that_hangs_on_the_rows_asked_for_comes_along(source: Source, path: Path) -> None:
    rows = kept(source, "customers: id in (3, 50)")
    with closing(sqlite3.connect(path)) as connection:
        orders = connection.execute("select * from orders where customer in (3, 50)").fetchall()
        lines = connection.execute(
            "select l.* from lines l join orders o using (shop, number) where o.customer in (3, 50)"
        ).fetchall()
    assert {row[0] for row in rows["customers"]} == {3, 50}
    assert sorted(rows["orders"]) == sorted(orders)
    assert sorted(rows["lines"]) == sorted(lines)


def test_rows_above_come_alone_without_what_else_hangs_on_them(source: Source, path: Path) -> None:
    rows = kept(source, "customers: id = 3")
    with closing(sqlite3.connect(path)) as connection:
        ((country, helper),) = connection.execute("select country, helper from customers where id = 3").fetchall()
        bosses = {
            row[0]
            for row in connection.execute(
                "with recursive up (id) as (select ? union select boss from staff join up using (id)) select id from up",
                (helper,),
            )
        }
    assert [row[0] for row in rows["countries"]] == [country]
    assert {row[0] for row in rows["staff"]} == bosses - {None}


def test_tables_beside_keep_the_rows_whose_parents_stay(source: Source) -> None:
    rows = kept(source, "customers: id = 3")
    ((code, _),) = rows["countries"]
    assert {row[1] for row in rows["stamps"]} == {None, code}


def test_a_table_that_no_foreign_key_connects_is_kept_whole(source: Source) -> None:
    assert len(kept(source, "customers:1%")["notes"]) == 1


def test_a_share_keeps_about_that_share_and_the_same_rows_each_time(source: Source) -> None:
    first, second = kept(source, "customers:30%"), kept(source, "customers:30%")
    assert first == second
    assert 40 <= len(first["customers"]) <= 80
    assert len(kept(source, "customers:100%")["customers"]) == 200


@pytest.mark.parametrize("spec", ["customers", "customers:", "customers:0%", "customers:101%", ":10%", "nobody:10%"])
def test_what_is_no_subset_is_refused(source: Source, spec: str) -> None:
    with pytest.raises(InvalidSubset):
        kept_rows(Subset.parse(spec), source.catalogue().tables, source)


def test_a_share_of_a_table_without_a_key_is_refused_with_what_to_do(source: Source) -> None:
    with pytest.raises(InvalidSubset, match="give a filter"):
        kept_rows(Subset.parse("lines:10%"), source.catalogue().tables, source)
