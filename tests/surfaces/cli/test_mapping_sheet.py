from __future__ import annotations

import json
from pathlib import Path

import pytest

from dms_workbench.surfaces.cli import main
from tests.migrating import make_source

TEXT = """format: dms-mapping/1
name: shop
tables:
  - source: customers   # all of them
    target: clients
"""


@pytest.fixture
def shop(tmp_path: Path, clean_environment: Path) -> tuple[Path, str, str]:
    """A mapping file, its source, and a target that is not there yet."""
    file = tmp_path / "shop.yaml"
    file.write_text(TEXT)
    return file, str(make_source(tmp_path / "source.db")), str(tmp_path / "target.db")


def exported(shop: tuple[Path, str, str], name: str, *options: str) -> Path:
    """The sheet of the mapping."""
    file, source, target = shop
    sheet = file.with_name(name)
    assert main(["mappings", "export-sheet", str(file), source, target, "-o", str(sheet), *options]) == 0
    return sheet


def test_a_sheet_is_exported_and_shown_unchanged_when_it_comes_back(
    shop: tuple[Path, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("shop.xlsx", "shop.csv"):
        sheet = exported(shop, name)
        assert main(["mappings", "import-sheet", str(sheet), "--mapping", str(shop[0]), "--in-place"]) == 0
    shown = capsys.readouterr().out

    assert "Written to" in shown
    assert shown.count("The sheet changes nothing.") == 2
    assert shop[0].read_text() == TEXT


def test_what_is_filled_in_is_shown_first_and_written_on_request(
    shop: tuple[Path, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = exported(shop, "shop.csv", "--delimiter", "semicolon", "--bom")
    lines = sheet.read_text(encoding="utf-8-sig").splitlines()
    place = lines[0].split(";").index("Owner")
    cells = lines[1].split(";")
    cells[place] = "Ann"
    sheet.write_text("\n".join([lines[0], ";".join(cells), *lines[2:]]), encoding="utf-8-sig")
    capsys.readouterr()

    assert main(["mappings", "import-sheet", str(sheet), "--mapping", str(shop[0])]) == 0
    shown = capsys.readouterr().out
    assert "row 2: clients.id, Owner: (nothing) → Ann" in shown
    assert "Nothing was written. Next: the same command with --in-place or --output FILE." in shown
    assert shop[0].read_text() == TEXT

    assert main(["mappings", "import-sheet", str(sheet), "--mapping", str(shop[0]), "--in-place", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["written"] == str(shop[0])
    assert "owner: Ann" in shop[0].read_text()
    assert "# all of them" in shop[0].read_text()


def test_a_file_that_is_no_sheet_is_refused_in_words(
    shop: tuple[Path, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mappings", "import-sheet", str(shop[0]), "--mapping", str(shop[0])]) == 2
    shown = capsys.readouterr().err
    assert "the headings Target table, Target column, Source table, Part are missing" in shown
    assert "the mapping is as it was" in shown


def test_a_sheet_that_is_not_there_is_named(shop: tuple[Path, str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mappings", "import-sheet", "nowhere.xlsx", "--mapping", str(shop[0])]) == 2
    assert "nowhere.xlsx cannot be read" in capsys.readouterr().err


def test_an_ending_that_says_no_form_is_refused(
    shop: tuple[Path, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    file, source, target = shop
    assert main(["mappings", "export-sheet", str(file), source, target, "-o", "shop.ods"]) == 2
    assert "shop.ods does not say by its ending what kind of sheet it is to be" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_told(shop: tuple[Path, str, str], capsys: pytest.CaptureFixture[str]) -> None:
    file, source, target = shop
    assert main(["mappings", "export-sheet", str(file), source, target, "-o", "/nowhere/shop.csv"]) == 1
    assert "/nowhere/shop.csv cannot be written" in capsys.readouterr().err
