"""What of a source is moved: structure, rows, schemas, filters, subsets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrating import rows_in
from tests.servers import PostgresServer
from tests.surfaces.cli.conftest import Dms


def ids(dms: Dms, file: str, table: str) -> list[object]:
    """The keys of a table of the target."""
    return [row[0] for row in rows_in(dms.folder / file, table)]


def test_the_structure_alone_and_then_the_rows_alone(dms: Dms, shop: Path) -> None:
    structure = dms("migrate", str(shop), "new.duckdb", "--schema-only", "--json")

    assert structure.exit_code == 0, structure.err
    assert ("foreign key", "created") in {(item["kind"], item["outcome"]) for item in structure.json["objects"]}
    assert ids(dms, "new.duckdb", "customers") == ids(dms, "new.duckdb", "orders") == []

    rows = dms("migrate", str(shop), "new.duckdb", "--data-only", "--json")

    assert rows.exit_code == 0, rows.err
    assert {table["verified"] for table in rows.json["tables"]} == {"equal"}
    assert "created" not in {item["outcome"] for item in rows.json["objects"]}
    assert (ids(dms, "new.duckdb", "customers"), ids(dms, "new.duckdb", "orders")) == ([1, 2, 3], [1, 2, 3, 4])


def test_rows_alone_need_tables_that_are_there(dms: Dms, shop: Path) -> None:
    done = dms("migrate", str(shop), "new.duckdb", "--data-only", "--tables", "customers", "--json")

    assert (done.exit_code, done.json["error"]["code"]) == (1, "target-table-missing")


def test_a_filter_keeps_rows_and_the_others_are_accounted_for(dms: Dms, shop: Path) -> None:
    done = dms("migrate", str(shop), "new.duckdb", "--where", "orders: total > 10", "--json")

    assert done.exit_code == 0, done.err
    books = {table["source"]: (table["read"], table["written"], table["filtered"]) for table in done.json["tables"]}
    assert books == {"customers": (3, 3, 0), "orders": (4, 2, 2)}
    assert ids(dms, "new.duckdb", "orders") == [1, 3]


def test_a_subset_takes_along_what_hangs_on_its_rows(dms: Dms, shop: Path) -> None:
    done = dms("migrate", str(shop), "new.sqlite", "--subset", "customers: name = 'Ada'", "--json")

    assert done.exit_code == 0, done.err
    assert (ids(dms, "new.sqlite", "customers"), ids(dms, "new.sqlite", "orders")) == ([1], [1, 2])
    assert {table["verified"] for table in done.json["tables"]} == {"equal"}


def test_a_subset_takes_along_what_its_rows_need(dms: Dms, shop: Path) -> None:
    done = dms("migrate", str(shop), "new.sqlite", "--subset", "orders: total > 100", "--json")

    assert done.exit_code == 0, done.err
    assert (ids(dms, "new.sqlite", "customers"), ids(dms, "new.sqlite", "orders")) == ([2], [3])


def test_a_share_of_all_is_all(dms: Dms, shop: Path) -> None:
    done = dms("migrate", str(shop), "new.sqlite", "--subset", "customers:100%", "--json")

    assert done.exit_code == 0, done.err
    assert (ids(dms, "new.sqlite", "customers"), ids(dms, "new.sqlite", "orders")) == ([1, 2, 3], [1, 2, 3, 4])


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("--where", "orders", "invalid-filter"),
        ("--where", "ordres: total > 0", "table-not-found"),
        ("--where", "orders: totl > 0", "invalid-expression"),
        ("--subset", "customers", "invalid-subset"),
        ("--subset", "customers:110%", "invalid-subset"),
        ("--subset", "customers: nam = 'Ada'", "invalid-expression"),
    ],
)
def test_a_choice_that_cannot_be_meant_is_refused_before_anything_is_made(
    dms: Dms, shop: Path, option: str, value: str, code: str
) -> None:
    done = dms("migrate", str(shop), "new.duckdb", option, value, "--json")

    assert done.json["error"]["code"] == code
    assert done.exit_code in {1, 2}
    assert not (dms.folder / "new.duckdb").exists()


@pytest.mark.postgres
def test_several_schemas_go_to_their_namesakes(dms: Dms, postgres: PostgresServer, postgres_url: str) -> None:
    source, target = postgres_url, postgres.create_database()
    postgres.execute(
        """
        create schema sales; create schema stock; create schema other;
        create table stock.items (id int primary key, name text);
        create table sales.items (id int primary key, stock_id int references stock.items);
        create table other.items (id int primary key);
        insert into stock.items values (1, 'a'), (2, 'b'); insert into sales.items values (1, 2)
        """,
        source.rsplit("/", 1)[1],
    )

    done = dms("migrate", source, target, "--source-schema", "sales,stock", "--json")
    flat = dms("migrate", source, "new.sqlite", "--source-schema", "s*", "--prefix-schema", "--json")

    assert done.exit_code == 0, done.err
    assert {(table["source"], table["target"], table["written"]) for table in done.json["tables"]} == {
        ("sales.items", "sales.items", 1),
        ("stock.items", "stock.items", 2),
    }
    assert flat.exit_code == 0, flat.err
    assert rows_in(dms.folder / "new.sqlite", "sales_items") == [(1, 2)]
    assert rows_in(dms.folder / "new.sqlite", "stock_items") == [(1, "a"), (2, "b")]
