from __future__ import annotations

from pathlib import Path

import pytest

from dms_workbench import shipped as module
from dms_workbench.shipped import shipped


def test_an_editable_install_finds_the_folder_beside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "templates").mkdir()
    monkeypatch.setattr(module, "PACKAGE", tmp_path / "dms_workbench")
    assert shipped("templates") == tmp_path / "templates"


def test_an_installed_wheel_finds_the_folder_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "dms_workbench" / "_shipped" / "templates"
    inside.mkdir(parents=True)
    (tmp_path / "templates").mkdir()
    monkeypatch.setattr(module, "PACKAGE", tmp_path / "dms_workbench")
    assert shipped("templates") == inside


def test_an_incomplete_installation_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACKAGE", tmp_path / "dms_workbench")
    with pytest.raises(FileNotFoundError, match="no templates"):
        shipped("templates")
