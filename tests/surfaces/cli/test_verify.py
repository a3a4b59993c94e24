from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.surfaces.cli.show import keyed
from tests.migrating import rows_in
from tests.surfaces.cli.conftest import Dms, sqlite_file


@pytest.fixture
def moved(dms: Dms, shop: Path) -> Path:
    """The shop in another file."""
    assert dms("migrate", str(shop), "new.sqlite", "--quiet").exit_code == 0
    return dms.folder / "new.sqlite"


def test_equal_databases_are_said_to_be_equal_and_nothing_is_written(dms: Dms, shop: Path, moved: Path) -> None:
    before = rows_in(moved)
    done = dms("verify", str(shop), str(moved), "--json")

    assert (done.exit_code, done.json["status"]) == (0, "succeeded")
    assert [table["verified"] for table in done.json["tables"]] == ["equal", "equal"]
    assert [table["findings"] for table in done.json["tables"]] == [[], []]
    assert {table["compared"] for table in done.json["tables"]} == {"hashes in both databases"}
    assert rows_in(moved) == before
    assert "✓ Equal: every row of source and target was compared" in dms("verify", str(shop), str(moved)).out


def test_rows_that_differ_are_named_with_key_and_columns(dms: Dms, shop: Path, moved: Path) -> None:
    with closing(sqlite3.connect(moved)) as target:
        target.execute("UPDATE customers SET city = 'Paris' WHERE id = 1")
        target.execute("DELETE FROM orders WHERE id = 4")
        target.commit()
    done = dms("verify", str(shop), str(moved), "--json")

    assert (done.exit_code, done.json["status"]) == (4, "differences")
    found = {table["source"]: table["findings"][0] for table in done.json["tables"]}
    assert (keyed(found["customers"]["key"]), list(found["customers"]["columns"])) == ("id=1", ["city"])
    assert (found["orders"]["kind"], keyed(found["orders"]["key"])) == ("missing", "id=4")

    shown = dms("verify", str(shop), str(moved))
    assert "✗ Source and target differ" in shown.out
    assert "id=4" in shown.out
    assert "Paris" not in shown.out


def test_rows_that_differ_are_mended_and_extra_ones_only_if_asked_for(dms: Dms, shop: Path, moved: Path) -> None:
    with closing(sqlite3.connect(moved)) as target:
        target.execute("UPDATE customers SET city = 'Paris' WHERE id = 1")
        target.execute("DELETE FROM orders WHERE id = 4")
        target.execute("INSERT INTO orders VALUES (999, 1, 0)")
        target.commit()
    assert "--repair" in dms("verify", str(shop), str(moved)).out

    mended = dms("verify", str(shop), str(moved), "--repair", "--json")
    assert (mended.exit_code, mended.json["status"]) == (4, "differences")
    books = {table["source"]: table for table in mended.json["tables"]}
    assert (books["customers"]["merged"], books["customers"]["verified"]) == (1, "equal")
    assert (books["orders"]["written"], books["orders"]["findings"][0]["kind"]) == (1, "extra")

    done = dms("verify", str(shop), str(moved), "--repair", "--delete-extra", "--json")
    assert (done.exit_code, done.json["status"]) == (0, "succeeded")


def test_every_row_that_differs_is_named_in_a_private_file(dms: Dms, shop: Path, moved: Path) -> None:
    with closing(sqlite3.connect(moved)) as target:
        target.execute("UPDATE customers SET city = 'Paris' WHERE id = 1")
        target.execute("DELETE FROM orders WHERE id = 4")
        target.commit()
    listing = dms.folder / "wrong.jsonl"
    listing.write_text("something longer that stood there before" * 100)
    done = dms("verify", str(shop), str(moved), "--differences", str(listing))

    assert done.exit_code == 4
    assert "names every row that differs" in done.out
    lines = [json.loads(line) for line in listing.read_text(encoding="utf-8").splitlines()]
    assert sorted((line["table"], line["kind"], line["key"], line["columns"]) for line in lines) == [
        ("customers", "changed", {"id": "1"}, ["city"]),
        ("orders", "missing", {"id": "4"}, []),
    ]
    assert listing.stat().st_mode & 0o777 == 0o600


def test_the_summary_says_how_rows_were_compared_and_who_has_changed_them(dms: Dms, shop: Path, moved: Path) -> None:
    with closing(sqlite3.connect(moved)) as target:
        target.execute("UPDATE customers SET city = 'Paris' WHERE id = 1")
        target.commit()
    shown = dms("verify", str(shop), str(moved)).out
    assert "All tables were compared by hashes that both databases made of each row." in shown
    assert "since the run only the target has changed" in shown


def test_a_migration_that_was_not_to_verify_names_the_command_that_does(dms: Dms, shop: Path) -> None:
    done = dms("migrate", str(shop), "new.sqlite", "--no-verify")
    assert done.exit_code == 6
    assert "verification was off" in done.out
    command = done.out.partition("Next: ")[2].split()
    assert command[:2] == ["dms", "verify"]
    assert dms(*command[1:]).exit_code == 0


def test_rows_are_only_deleted_with_repair(dms: Dms, shop: Path, moved: Path) -> None:
    assert dms("verify", str(shop), str(moved), "--delete-extra").exit_code == 2


def test_a_target_that_lacks_the_table_is_refused(dms: Dms, shop: Path) -> None:
    sqlite_file(dms.folder / "other.sqlite", "CREATE TABLE other (id INTEGER PRIMARY KEY)")
    done = dms("verify", str(shop), "other.sqlite", "--tables", "customers", "--json")

    assert done.exit_code == 1
    assert done.json["run_id"] is None
    assert done.json["error"]["code"] == "target-table-missing"


def test_a_target_file_that_is_not_there_is_refused_and_not_made(dms: Dms, shop: Path) -> None:
    done = dms("verify", str(shop), "absent.sqlite", "--json")

    assert (done.exit_code, done.json["run_id"], done.json["error"]["code"]) == (1, None, "file-missing")
    assert not (dms.folder / "absent.sqlite").exists()
