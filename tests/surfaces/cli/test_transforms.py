from __future__ import annotations

import json
from pathlib import Path

import pytest

from dms_workbench.surfaces.cli import main
from tests.engine.cleansing.samples import make


@pytest.fixture
def source(tmp_path: Path, clean_environment: Path) -> str:
    return make(tmp_path / "persons.sqlite")


def test_proposals_are_shown_and_nothing_is_written(
    source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Path(source).read_bytes()
    assert main(["transforms", "propose", source]) == 0
    shown = capsys.readouterr().out
    assert "person.email: lower(tidy(email))" in shown
    assert "not cleansed: person.phone, 1 rows: not a telephone number" in shown
    assert "user3" not in shown.lower()
    assert Path(source).read_bytes() == before
    assert not list(tmp_path.glob("*.yaml"))


def test_accepted_proposals_are_written_into_a_mapping_file(
    source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "clean.yaml"
    assert main(["transforms", "propose", source, "-o", str(file), "--accept", "person.email", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["written"] == str(file)
    assert told["mapping_text"] == file.read_text()
    assert "lower(tidy(email))" in file.read_text()
    assert "try_phone_e164" not in file.read_text()


def test_a_proposal_that_is_not_there_is_told_without_a_traceback(
    source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["transforms", "propose", source, "--accept", "person.shoe"]) != 0
    shown = capsys.readouterr().err
    assert "Nothing is proposed for person.shoe." in shown
    assert "Traceback" not in shown
