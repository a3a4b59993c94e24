from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.surfaces.cli import main
from dms_workbench.surfaces.cli.match import shown


@pytest.fixture
def two(tmp_path: Path, clean_environment: Path) -> tuple[str, str]:
    """A schema and the same with other names."""
    statements = {
        "old": "create table tblOrd (OrdNo integer primary key, CustNo integer, OrdDt date, TotAmt decimal(10,2))",
        "new": "create table orders (order_id integer primary key, customer_id integer, ordered_on date, total_amount decimal(12,2))",
    }
    for name, statement in statements.items():
        with closing(sqlite3.connect(tmp_path / f"{name}.sqlite")) as file:
            file.execute(statement)
    return str(tmp_path / "old.sqlite"), str(tmp_path / "new.sqlite")


def test_match_shows_each_column_with_its_confidence_and_reason(
    two: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["match", *two]) == 0
    shown = capsys.readouterr().out
    assert "tblOrd.TotAmt" in shown
    assert "of 4 target columns filled in" in shown


def test_match_gives_json_and_writes_a_mapping_that_migrate_takes(
    two: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mapping.yaml"
    assert main(["match", *two, "--min-confidence", "0.3", "--write", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)

    assert {each["column"] for each in found["columns"]} == {"order_id", "customer_id", "ordered_on", "total_amount"}
    assert file.read_text() == found["text"]
    assert main(["plan", *two, "--mapping", str(file), "--folder", str(tmp_path / "plan"), "--json"]) == 0


def test_what_is_wrong_in_the_mapping_to_go_on_from_is_told_with_its_path(
    two: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text("format: dms-mapping/1\nname: x\ntabels: []\n")

    assert main(["match", *two, "--mapping", str(file)]) == 2
    assert f"{file} cannot be used:\n    line 1, column 1" in capsys.readouterr().err


def test_the_next_command_is_given_without_a_password() -> None:
    assert shown("postgresql://me:sekret@db.example/shop") == "postgresql://me@db.example:5432/shop"
    assert [shown(place) for place in ("@old", "old shop.sqlite")] == ["@old", "'old shop.sqlite'"]


def test_a_lookup_that_an_accepted_offer_needs_comes_into_the_file(
    tmp_path: Path, clean_environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    statements = {
        "old": "create table genre (genre_id integer primary key, name text);"
        "create table track (track_id integer primary key, genre_id integer references genre (genre_id))",
        "new": "create table track (track_id integer primary key, genre text)",
    }
    for name, statement in statements.items():
        with closing(sqlite3.connect(tmp_path / f"{name}.sqlite")) as database:
            database.executescript(statement)
    two, file = [str(tmp_path / f"{name}.sqlite") for name in statements], str(tmp_path / "mapping.yaml")

    assert main(["match", *two, "--correct", "track.genre=lookup('genre', genre_id)", "--write", file]) == 0

    assert "genre: {table: genre, key: genre_id, value: name}" in Path(file).read_text()
    assert "offer: track.genre" not in Path(file).read_text()
    assert main(["mappings", "check", file, *two]) == 0
    assert "fits both schemas" in capsys.readouterr().out


def test_a_confidence_that_is_none_is_refused(two: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["match", *two, "--min-confidence", "7"]) == 2
    assert "0<=x<=1" in capsys.readouterr().err


def test_a_number_of_rows_without_a_look_at_values_is_refused(
    two: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["match", *two, "--sample-rows", "5"]) == 2
    assert "--sample-rows needs --values" in capsys.readouterr().err


def test_match_goes_on_from_the_decisions_of_a_mapping_file(
    two: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "mapping.yaml")
    assert main(["match", *two, "--accept", "orders.total_amount=tblOrd.TotAmt", "--write", file]) == 0
    capsys.readouterr()

    assert main(["match", *two, "--mapping", file, "--reject", "orders.order_id=tblOrd.CustNo", "--json"]) == 0
    found = {each["column"]: each for each in json.loads(capsys.readouterr().out)["columns"]}

    assert found["total_amount"]["decision"] == "accepted"
    assert "CustNo" not in {each["column"] for each in found["order_id"]["candidates"]}
    assert main(["match", *two, "--mapping", file]) == 0
    assert "=  total_amount" in capsys.readouterr().out


def test_a_dictionary_with_a_line_that_is_no_entry_names_the_line(
    two: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = tmp_path / "words.txt"
    words.write_text("dt = date\nwhat is this\n")

    assert main(["match", *two, "--dictionary", str(words)]) == 2
    assert "Line 2 of the dictionary is no entry: 'what is this'" in capsys.readouterr().err
    assert main(["match", *two, "--dictionary", str(tmp_path / "gone.txt")]) == 2
    assert "gone.txt" in capsys.readouterr().err


def test_the_shipped_dictionary_is_printed_to_start_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mappings", "dictionary"]) == 0
    assert "\nacct = account\n" in capsys.readouterr().out


def test_offers_are_shown_and_stand_in_the_json(
    tmp_path: Path, clean_environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, columns in (("old", "full_name varchar(80)"), ("new", "first_name varchar(50), last_name varchar(50)")):
        with closing(sqlite3.connect(tmp_path / f"{name}.sqlite")) as file:
            file.execute(f"create table person (person_id integer primary key, {columns})")
    both = [str(tmp_path / "old.sqlite"), str(tmp_path / "new.sqlite")]

    assert main(["match", *both]) == 0
    assert "offer: first_name = nullif(split_part(full_name, ' ', 1), '') (split, 0.80)" in capsys.readouterr().out
    assert main(["match", *both, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["offers"][0]["kind"] for each in found["columns"] if each["offers"]] == ["split", "split"]


def test_values_are_looked_at_only_when_that_is_said(two: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["match", *two]) == 0
    assert "Values were looked at" not in capsys.readouterr().out
    assert main(["match", *two, "--values", "--sample-rows", "50"]) == 0
    assert "Values were looked at: at most 50 rows of each table" in capsys.readouterr().out


def test_a_provider_that_is_not_there_is_refused_in_words(
    two: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["match", *two, "--provider", "embeddings:/no/such/folder"]) == 2
    assert "there is no such folder" in capsys.readouterr().err
    assert main(["match", *two, "--provider", "oracle"]) == 2
    assert "There is no provider oracle" in capsys.readouterr().err


def test_patterns_of_values_need_a_look_at_values(two: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["match", *two, "--tell-patterns"]) == 2
    assert "needs --values" in capsys.readouterr().err
