from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.surfaces.cli import main


@pytest.fixture
def shop(tmp_path: Path, clean_environment: Path) -> str:
    """A file with a table of people."""
    make(tmp_path / "shop.db", 60)
    return str(tmp_path / "shop.db")


def make(path: Path, rows: int) -> None:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, city TEXT)")
        connection.executemany(
            "INSERT INTO people VALUES (?, ?, ?)",
            [(number, f"a.b{number}@example.org", ("Rome", "Oslo")[number % 2]) for number in range(rows)],
        )
        connection.commit()


def test_a_profile_is_shown_with_progress_beside_it_and_personal_values_masked(
    shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["profile", shop]) == 0
    shown = capsys.readouterr()
    assert "people: all 60 rows" in shown.out.replace("\u202f", " ")
    assert "people: reading, 60 rows" in shown.err
    assert "example.org" not in shown.out + shown.err


def test_json_holds_one_object_and_the_report_is_written(
    shop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.html"
    assert main(["profile", shop, "--tables", "people", "--sample", "all", "--html", str(report), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["format"], found["tables"][0]["name"], found["html"]) == ("dms-profile/1", "people", str(report))
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_drift_against_a_file_is_a_gate(shop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", shop, "--json"]) == 0
    before = tmp_path / "before.json"
    before.write_text(capsys.readouterr().out, encoding="utf-8")

    assert main(["profile", shop, "--drift-against", str(before)]) == 0
    assert "no drift" in capsys.readouterr().out
    make(Path(shop), 6)
    assert main(["profile", shop, "--drift-against", str(before), "--json"]) == 4
    drift = json.loads(capsys.readouterr().out)["drift"]
    assert {
        "table": "people",
        "column": "",
        "what": "rows",
        "severity": "error",
        "before": "60",
        "after": "6",
    } in drift["changes"]
    assert main(["profile", shop, "--drift-against", str(before), "--fail-on", "never"]) == 0


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--sample", "few"], 2, "neither a number of rows nor 'all'"),
        (["--tables", "nowhere"], 1, "There is no table nowhere"),
        (["--drift-against", "wrong.json"], 2, "wrong.json"),
        (["--html", "no/such/folder/report.html"], 1, "cannot be written"),
    ],
)
def test_bad_input_is_told_without_a_traceback(
    options: list[str], code: int, said: str, shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["profile", shop, *options]) == code
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
