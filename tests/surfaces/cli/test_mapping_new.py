from __future__ import annotations

import json
from pathlib import Path

import pytest

from dms_workbench.surfaces.cli import main
from tests.migrating import make_source


@pytest.fixture
def sides(tmp_path: Path, clean_environment: Path) -> tuple[str, str]:
    """A source, and a target that is not there yet."""
    return str(make_source(tmp_path / "source.db")), str(tmp_path / "target.duckdb")


def test_a_mapping_begins_with_a_template_and_the_check_finds_nothing_wrong(
    sides: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "shop.yaml"
    assert main(["mappings", "new", "shop", *sides, "--template", "sqlite-to-postgresql", "-o", str(file)]) == 0
    assert "The check finds nothing wrong." in capsys.readouterr().out
    assert "lossy: [strip-nul]" in file.read_text()


def test_a_template_of_ones_own_is_made_of_a_mapping_and_begins_another(
    sides: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping, template, other = (str(tmp_path / name) for name in ("shop.yaml", "ours.yaml", "other.yaml"))
    assert main(["mappings", "new", "shop", *sides, "--template", "sqlite-to-postgresql", "-o", mapping]) == 0
    assert main(["mappings", "make-template", mapping, "ours", "-o", template]) == 0
    assert main(["mappings", "new", "other", *sides, "--from-template", template, "-o", other]) == 0
    assert "begun with ours" in capsys.readouterr().out
    assert Path(other).read_text() == Path(mapping).read_text().replace("name: shop", "name: other")


def test_the_shipped_templates_are_listed(capsys: pytest.CaptureFixture[str], clean_environment: Path) -> None:
    assert main(["mappings", "templates", "--target", "postgres", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in found] == ["csv-to-postgresql", "mysql-to-postgresql", "sqlite-to-postgresql"]


def test_an_unknown_template_names_those_there_are(sides: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mappings", "new", "shop", *sides, "--template", "oracle"]) == 1
    shown = capsys.readouterr().err
    assert "There is no template oracle; there is csv-to-postgresql, mysql-to-postgresql" in shown
    assert "dms mappings templates" in shown
