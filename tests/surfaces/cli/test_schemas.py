from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dms_workbench.surfaces.cli import main

SHOP = "CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT NOT NULL, city VARCHAR(40))"


@pytest.fixture
def two(tmp_path: Path, clean_environment: Path) -> tuple[str, str]:
    """Two files of one schema."""
    paths = tmp_path / "a.sqlite", tmp_path / "b.sqlite"
    for path in paths:
        change(str(path), SHOP, "INSERT INTO customers VALUES (1, 'a@b', 'x')")
    return str(paths[0]), str(paths[1])


def change(path: str, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as file:
        for statement in statements:
            file.execute(statement)
        file.commit()


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    """Exit code and JSON of a command."""
    code = main(["schemas", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_equal_schemas_end_with_0(two: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schemas", "diff", *two]) == 0
    assert "equal" in capsys.readouterr().out


def test_a_difference_ends_with_4_and_shows_its_statement(
    two: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    change(two[0], "ALTER TABLE customers ADD COLUMN phone TEXT")

    assert main(["schemas", "diff", *two]) == 4
    shown = capsys.readouterr().out
    assert "harmless column phone: missing" in shown
    assert 'ALTER TABLE "customers" ADD COLUMN "phone" TEXT' in shown


def test_an_open_rename_alone_ends_with_4(two: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    change(two[0], "ALTER TABLE customers RENAME COLUMN email TO email_address")

    code, found = told(capsys, "diff", *two)

    assert (code, found["equal"], found["differences"], found["script"]) == (4, False, [], "")
    assert [(each["second"], each["first"], each["answer"]) for each in found["renames"]] == [
        ("email", "email_address", None)
    ]


def test_renames_are_answered_by_an_option(two: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    change(two[0], "ALTER TABLE customers RENAME COLUMN email TO email_address")

    _, found = told(capsys, "diff", *two, "--assume-renames", "yes")

    assert found["script"] == 'ALTER TABLE "customers" RENAME COLUMN "email" TO "email_address";\n'


def test_a_page_and_a_script_are_written(two: tuple[str, str], tmp_path: Path) -> None:
    change(two[1], "CREATE TABLE more (a INTEGER)")

    main(["schemas", "diff", *two, "--html", str(tmp_path / "d.html"), "--script", str(tmp_path / "d.sql")])

    assert (tmp_path / "d.html").read_text().startswith("<!doctype html>")
    assert (tmp_path / "d.sql").read_text() == '-- DROP TABLE "more";\n'


def test_a_file_that_cannot_be_written_is_told(
    two: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = told(capsys, "diff", *two, "--html", str(tmp_path / "none" / "d.html"))

    assert (code, found["error"]["code"]) == (1, "cannot-write-file")


def test_a_snapshot_file_is_compared_and_shown(
    two: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "shop.schema.yaml")
    assert main(["schemas", "export", two[0], "--output", file, "--no-moving"]) == 0
    assert main(["schemas", "diff", two[1], file]) == 0
    capsys.readouterr()

    assert main(["schemas", "show", file]) == 0
    shown = capsys.readouterr().out
    assert "email TEXT not null" in shown
    assert "primary key (id)" in shown


def test_a_file_that_is_no_snapshot_is_told_with_its_line(
    two: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("format: dms-schema/1\ndatabase: sqlite\nnonsense\n")

    code, found = told(capsys, "diff", two[0], str(broken))

    assert (code, found["error"]["code"]) == (2, "snapshot-unreadable")
    assert "line 3" in found["error"]["message"]


def test_the_history_grows_with_each_structure(two: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "snapshot", two[0])
    told(capsys, "snapshot", two[0])
    change(two[0], "CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    _, kept = told(capsys, "snapshot", two[0])

    _, history = told(capsys, "history", two[0])

    assert kept["changes"] == "1 table added"
    assert [entry["changes"] for entry in history["items"]] == ["1 table added", "first"]


def test_show_gives_the_whole_catalogue_as_json(two: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    code, found = told(capsys, "show", two[0])

    assert code == 0
    assert [table["name"]["name"] for table in found["tables"]] == ["customers"]


def test_the_compatibility_report_ends_with_4_where_something_is_lost(
    two: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    change(two[1], "DROP TABLE customers", "CREATE TABLE customers (id INTEGER PRIMARY KEY, email INTEGER, city TEXT)")

    code, found = told(capsys, "compatibility", *two)
    assert (code, found["fits"], found["tables"][0]["rows_refused"]) == (4, False, 1)

    main(["schemas", "compatibility", *two])
    shown = capsys.readouterr().out
    assert "1 refused: invalid-value" in shown
    assert "a@b" not in shown


def test_nothing_lost_ends_with_0(two: tuple[str, str]) -> None:
    assert main(["schemas", "compatibility", *two]) == 0
