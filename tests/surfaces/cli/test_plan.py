from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb

from tests.migrating import rows_in
from tests.surfaces.cli.conftest import Dms, long_table, read_until

ROWS = 30_000
FILES = ["after.sql", "before.sql", "manifest.json", "mapping.yaml", "objects.csv", "plan.json", "runbook.md"]


def change(database: Path, sql: str) -> None:
    """Run a script on a SQLite file."""
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(sql)


def test_a_plan_is_a_folder_for_review_and_changes_nothing(dms: Dms, shop: Path) -> None:
    done = dms("plan", str(shop), "new.duckdb", "--folder", "review")

    assert done.exit_code == 0, done.err
    assert "2 tables; objects:" in done.out
    assert "dms apply review" in done.out
    assert sorted(path.name for path in (dms.folder / "review").iterdir()) == FILES
    assert "CREATE TABLE" in (dms.folder / "review" / "before.sql").read_text()
    assert not (dms.folder / "new.duckdb").exists()


def test_a_plan_tells_scripts_where_it_is_and_what_it_makes(dms: Dms, shop: Path) -> None:
    done = dms("plan", str(shop), "new.duckdb", "--json")

    assert (done.json["folder"], done.json["tables"]) == ("plan-shop-new", 2)
    assert done.json["objects"]["created"] > 0
    assert done.json["objects"]["left_out"] == 0
    assert dms("plans", "get", done.json["plan_id"], "--json").json["id"] == done.json["plan_id"]


def test_a_folder_that_holds_something_is_not_written_over(dms: Dms, shop: Path) -> None:
    dms("plan", str(shop), "new.duckdb", "--folder", "review")
    again = dms("plan", str(shop), "new.duckdb", "--folder", "review")

    assert again.exit_code == 1
    assert "review" in again.err


def test_apply_runs_exactly_the_plan_and_a_repetition_moves_nothing(dms: Dms, shop: Path) -> None:
    dms("plan", str(shop), "new.duckdb", "--folder", "review")

    done = dms("apply", "review", "--json")
    again = dms("apply", "review", "--json")

    assert (done.exit_code, done.json["status"]) == (0, "succeeded"), done.err
    assert {table["verified"] for table in done.json["tables"]} == {"equal"}
    assert (again.exit_code, again.json["run_id"]) == (0, done.json["run_id"])
    assert again.json["already_done"] is True
    assert len(rows_in(dms.folder / "new.duckdb", "orders")) == 4


def test_an_interrupted_apply_goes_on_with_the_same_command(dms: Dms) -> None:
    long_table(dms.folder / "old.sqlite", ROWS)
    dms("plan", "old.sqlite", "new.sqlite", "--folder", "review")
    process = dms.start("apply", "review", "--chunk-rows", "20", "--no-verify")
    read_until(process, "Copying · ")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)

    again = dms("apply", "review", "--json")

    assert process.returncode == 5
    assert "· Paused" in out
    assert again.exit_code == 0, again.err
    assert again.json["run_id"] in out
    assert [row[0] for row in rows_in(dms.folder / "new.sqlite", "items")] == list(range(ROWS))


def test_apply_refuses_a_folder_that_was_changed(dms: Dms, shop: Path) -> None:
    dms("plan", str(shop), "new.duckdb", "--folder", "review")
    with (dms.folder / "review" / "before.sql").open("a") as file:
        file.write("-- looks better so\n")

    done = dms("apply", "review", "--json")

    assert (done.exit_code, done.json["error"]["code"]) == (1, "plan-folder-invalid")
    assert "before.sql was changed" in done.json["error"]["message"]
    assert not (dms.folder / "new.duckdb").exists()


def test_apply_refuses_a_source_whose_structure_moved(dms: Dms, shop: Path) -> None:
    dms("plan", str(shop), "new.duckdb", "--folder", "review")
    change(shop, "ALTER TABLE customers ADD COLUMN email TEXT")

    done = dms("apply", "review", "--json")

    assert (done.exit_code, done.json["error"]["code"]) == (1, "plan-outdated")
    assert not (dms.folder / "new.duckdb").exists()


def test_apply_refuses_what_is_no_plan(dms: Dms, shop: Path) -> None:
    (dms.folder / "empty").mkdir()

    for folder in ("nowhere", "empty", shop.name):
        done = dms("apply", folder, "--json")
        assert (done.exit_code, done.json["error"]["code"]) == (2, "no-plan-folder")


def test_a_plan_with_filters_and_a_subset_is_applied_as_it_was_reviewed(dms: Dms, shop: Path) -> None:
    dms("plan", str(shop), "new.sqlite", "--where", "orders: total > 1", "--subset", "customers: city IS NOT NULL")

    done = dms("apply", "plan-shop-new", "--json")

    assert done.exit_code == 0, done.err
    assert [row[0] for row in rows_in(dms.folder / "new.sqlite")] == [1, 3]
    assert [row[0] for row in rows_in(dms.folder / "new.sqlite", "orders")] == [1, 2]
    assert {table["verified"] for table in done.json["tables"]} == {"equal"}


def test_several_schemas_are_planned_and_applied(dms: Dms) -> None:
    with duckdb.connect(str(dms.folder / "old.duckdb")) as old:
        old.execute("CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t (i INT PRIMARY KEY); CREATE TABLE b.t (i INT)")
        old.execute("INSERT INTO a.t VALUES (1); INSERT INTO b.t VALUES (2)")
    for target, more in (("new.duckdb", ()), ("new.sqlite", ("--prefix-schema",))):
        planned = dms("plan", "old.duckdb", target, "--source-schema", "a,b", *more, "--folder", f"review-{target}")
        done = dms("apply", f"review-{target}", "--json")

        assert (planned.exit_code, done.exit_code) == (0, 0), planned.err + done.err
        assert [table["verified"] for table in done.json["tables"]] == ["equal", "equal"]
