from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from dms_workbench.shipped import shipped
from dms_workbench.surfaces.cli.lab import LabFolderUnusable, copy_all, lab_command

DMS = [sys.executable, "-m", "dms_workbench.surfaces.cli"]
NAMES = {"01-first-migration.ipynb", "templates/demo-shop.yaml", "templates/migrate.ipynb"}


def test_notebooks_and_templates_are_copied(tmp_path: Path) -> None:
    copied, kept = copy_all(tmp_path / "new" / "lab")
    assert set(copied) >= NAMES
    assert kept == []
    assert (tmp_path / "new/lab/templates/migrate.ipynb").read_bytes() == (
        shipped("templates") / "migrate.ipynb"
    ).read_bytes()


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    copied, _ = copy_all(tmp_path)
    (tmp_path / "01-first-migration.ipynb").write_text("mine")
    (tmp_path / "templates/migrate.ipynb").unlink()
    again, kept = copy_all(tmp_path)
    assert again == ["templates/migrate.ipynb"]
    assert set(kept) == set(copied) - set(again)
    assert (tmp_path / "01-first-migration.ipynb").read_text() == "mine"


def test_a_file_in_the_folders_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "lab").write_text("a file")
    with pytest.raises(LabFolderUnusable, match="lab"):
        copy_all(tmp_path / "lab")


def test_jupyterlab_listens_on_this_computer_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_all(tmp_path)
    monkeypatch.setattr("os.geteuid", lambda: 1000, raising=False)
    arguments = lab_command(tmp_path, port=9000, browser=True)
    assert arguments[:3] == [sys.executable, "-m", "jupyterlab"]
    assert "--ServerApp.ip=127.0.0.1" in arguments
    assert "--ServerApp.port=9000" in arguments
    assert "--LabApp.default_url=/lab/tree/01-first-migration.ipynb" in arguments
    assert not {"--no-browser", "--allow-root"} & set(arguments)


def test_the_superuser_is_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0, raising=False)
    arguments = lab_command(tmp_path, port=0, browser=False)
    assert {"--no-browser", "--allow-root"} <= set(arguments)
    assert not any("default_url" in argument for argument in arguments)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [*DMS, "lab", "--folder", "mine", "--no-browser", "--port", "0", "--json"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.terminate()
        process.communicate(timeout=60)


def names_at(address: str) -> set[str]:
    """The files that JupyterLab lists; it prints its address a moment before it listens."""
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                return {item["name"] for item in json.load(answer)["content"]}
        except urllib.error.URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_jupyterlab_answers_in_the_folder_and_ends_when_asked_to(lab: subprocess.Popen[str], tmp_path: Path) -> None:
    assert lab.stderr is not None
    address = token = ""
    for line in lab.stderr:
        if found := re.search(r"(http://127\.0\.0\.1:\d+)/lab\S*\?token=(\w+)", line):
            address, token = found.groups()
            break
    assert names_at(f"{address}/api/contents?token={token}") == {"01-first-migration.ipynb", "templates"}
    lab.terminate()
    stdout, _ = lab.communicate(timeout=60)
    answer = json.loads(stdout)
    assert answer["folder"] == str(tmp_path / "mine")
    assert set(answer["copied"]) >= NAMES
