from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dms_workbench.surfaces.cli import main

BASE = """format: dms-mapping/1
name: shop
tables:
  - source: customers
    target: clients
    columns:
      id: cust_id
      name: cust_nm   # short
"""
OURS = BASE.replace("id: cust_id", "id: {source: cust_id, owner: ana}")
THEIRS = BASE.replace("name: cust_nm", 'name: {expression: "trim(cust_nm)"}')
OTHER = BASE.replace("name: cust_nm   # short", "name: cust_name")


@pytest.fixture
def files(tmp_path: Path, clean_environment: Path) -> Callable[..., list[str]]:
    """Writes texts into files and gives their paths."""

    def write(*texts: str) -> list[str]:
        paths = [tmp_path / f"{number}.yaml" for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, encoding="utf-8")
        return [str(path) for path in paths]

    return write


def test_diff_tells_what_is_different(files: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    base, ours = files(BASE, OURS)
    assert main(["mappings", "diff", base, base]) == 0
    assert "say the same" in capsys.readouterr().out
    assert main(["mappings", "diff", base, ours]) == 4
    assert "~ column clients.id, owner: none → ana" in capsys.readouterr().out
    assert main(["mappings", "diff", base, ours, "--json"]) == 4
    (change,) = json.loads(capsys.readouterr().out)["changes"]
    assert (change["where"], change["before"], change["after"]) == ("clients.id", None, "ana")


def test_merge_writes_what_two_people_made(
    files: Callable[..., list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "merged.yaml"
    assert main(["mappings", "merge", *files(BASE, OURS, THEIRS), "-o", str(output)]) == 0
    merged = OURS.replace("name: cust_nm", 'name: {expression: "trim(cust_nm)"}')
    assert output.read_text("utf-8") == merged
    capsys.readouterr()
    assert main(["mappings", "merge", *files(BASE, OURS, THEIRS)]) == 0
    assert capsys.readouterr().out.strip() == merged.strip()


def test_a_conflict_is_an_exit_code_and_a_file_that_is_refused(
    files: Callable[..., list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "merged.yaml"
    assert main(["mappings", "merge", *files(BASE, OTHER, THEIRS), "-o", str(output), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [conflict["where"] for conflict in found["conflicts"]] == ["clients.name"]
    assert output.read_text("utf-8") == found["text"]
    assert main(["mappings", "diff", str(output), str(output)]) == 2
    error = capsys.readouterr().err
    assert "line 8, column 1: a merge left a conflict here" in error
    assert main(["mappings", "merge", *files(BASE, "format: none", THEIRS)]) == 2
    assert "ours cannot be used:" in capsys.readouterr().err


class Repository:
    """A git repository whose mapping files are merged by dms."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "shop.mapping.yaml"
        program = shutil.which("dms", path=str(Path(sys.executable).parent))
        self.git("init", "--quiet", "--initial-branch=main", ".")
        self.git("config", "merge.dms-mapping.driver", f'"{program}" mappings merge --git-driver %O %A %B %P')
        (folder / ".gitattributes").write_text("*.mapping.yaml merge=dms-mapping\n", encoding="utf-8")

    def git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run git."""
        person = ("-c", "user.name=ana", "-c", "user.email=ana@example.org", "-c", "core.autocrlf=false")
        return subprocess.run(
            ["git", *person, *arguments], cwd=self.folder, capture_output=True, text=True, encoding="utf-8", check=False
        )

    def commit(self, text: str) -> None:
        """Commit the mapping with this text."""
        self.file.write_bytes(text.encode())
        self.git("add", ".")
        assert self.git("commit", "--quiet", "-m", "A change").returncode == 0

    def merged(self, ours: str, theirs: str) -> int:
        """Commit two texts on two branches and merge them; git's exit code."""
        self.git("checkout", "--quiet", "-b", "theirs")
        self.commit(theirs)
        self.git("checkout", "--quiet", "main")
        self.commit(ours)
        return self.git("merge", "theirs", "-m", "Both").returncode


@pytest.fixture
def repository(tmp_path: Path, clean_environment: Path) -> Repository:
    """A repository with a mapping in it."""
    folder = tmp_path / "work"
    folder.mkdir()
    made = Repository(folder)
    made.commit(BASE)
    return made


def test_git_merges_different_columns_of_two_branches_even_in_neighbouring_lines(repository: Repository) -> None:
    assert repository.merged(OURS, THEIRS) == 0
    assert repository.file.read_bytes().decode() == OURS.replace("name: cust_nm", 'name: {expression: "trim(cust_nm)"}')
    assert repository.git("status", "--porcelain").stdout == ""


def test_git_stops_at_a_column_that_both_branches_changed(repository: Repository) -> None:
    assert repository.merged(OTHER, THEIRS) == 1
    assert repository.git("status", "--porcelain").stdout.startswith("UU shop.mapping.yaml")
    text = repository.file.read_bytes().decode()
    assert "<<<<<<< ours\n      name: cust_name\n||||||| base\n      name: cust_nm   # short\n=======\n" in text
    repository.commit(OTHER)
    assert repository.git("status", "--porcelain").stdout == ""
