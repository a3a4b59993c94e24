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
      id: id
      phone: {source: phone_no, decision: open}
"""


@pytest.fixture
def shop(tmp_path: Path, clean_environment: Path) -> list[str]:
    """A mapping file and its two databases, as paths."""
    (tmp_path / "shop.yaml").write_text(TEXT)
    statements = {
        "old": "create table cust (id integer primary key, phone_no varchar(20))",
        "new": "create table customer (id integer primary key, phone varchar(20))",
    }
    for name, statement in statements.items():
        with closing(sqlite3.connect(tmp_path / f"{name}.sqlite")) as file:
            file.execute(statement)
    return [str(tmp_path / "shop.yaml"), str(tmp_path / "old.sqlite"), str(tmp_path / "new.sqlite")]


def test_a_mapping_that_fits_is_exit_code_0_and_what_is_open_is_told(
    shop: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mappings", "check", *shop]) == 0
    shown = capsys.readouterr().out
    assert "line 8" in shown
    assert "fits both schemas; 1 line open." in shown


def test_a_mapping_that_does_not_fit_is_exit_code_4_with_every_problem_and_its_place(
    shop: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(shop[0]).write_text(TEXT.replace("phone_no", "phon_no"))

    assert main(["mappings", "check", *shop, "--json"]) == 4
    found = json.loads(capsys.readouterr().out)
    assert [(each["line"], each["column"]) for each in found["findings"] if "phon_no'" in each["message"]] == [(8, 23)]


def test_a_file_that_is_not_there_is_named(shop: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mappings", "check", "missing.yaml", *shop[1:]]) == 2
    assert "missing.yaml" in capsys.readouterr().err
