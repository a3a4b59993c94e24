from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.surfaces.cli import main

TEXT = """\
format: dms-mapping/1
name: shop
tables:
  - source: cust
    target: customer
    columns:
      id: id   # the key
      phone: phone_no
"""


def run(path: Path, *statements: str) -> str:
    """A file after some statements."""
    with closing(sqlite3.connect(path)) as file:
        for statement in statements:
            file.execute(statement)
        file.commit()
    return str(path)


@pytest.fixture
def shop(tmp_path: Path, clean_environment: Path) -> list[str]:
    """A mapping file and its two databases."""
    (tmp_path / "shop.yaml").write_text(TEXT)
    return [
        str(tmp_path / "shop.yaml"),
        run(tmp_path / "old.sqlite", "create table cust (id integer primary key, phone_no varchar(20))"),
        run(tmp_path / "new.sqlite", "create table customer (id integer primary key, phone varchar(20))"),
    ]


def test_nothing_changed_is_exit_code_0_and_the_fingerprints_are_noted(
    shop: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mappings", "rebase", *shop, "--in-place"]) == 0
    assert "0 findings" in capsys.readouterr().out
    assert "source: {fingerprint: sha256:" in Path(shop[0]).read_text()


def test_a_changed_schema_is_shown_and_written_as_open_points(
    shop: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mappings", "rebase", *shop, "--in-place"]) == 0
    run(
        Path(shop[1]),
        "alter table cust rename column phone_no to phone_number",
        "alter table cust add column mail text",
    )
    capsys.readouterr()

    assert main(["mappings", "rebase", *shop]) == 4
    shown = capsys.readouterr().out
    assert "source column cust.phone_no seems to be phone_number now" in shown
    assert "source column cust.mail is new: map it or list it under ignore" in shown
    assert "Nothing was written." in shown

    assert main(["mappings", "rebase", *shop, "--in-place", "--json"]) == 4
    assert {each["kind"] for each in json.loads(capsys.readouterr().out)["findings"]} == {"renamed", "new"}
    assert "status: open" in Path(shop[0]).read_text()
    assert "id: id   # the key" in Path(shop[0]).read_text()


def test_two_ways_to_write_are_one_too_many(shop: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mappings", "rebase", *shop, "--in-place", "-o", "x.yaml"]) == 2
    assert "give one" in capsys.readouterr().err
