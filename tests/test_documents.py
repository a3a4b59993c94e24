"""What README and docs show is run as it stands."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import documents
from tests.documents import ROOT, Block, Step
from tests.servers import PostgresServer

POSTGRES_IN_DOCUMENTS = re.compile(r"postgresql://dms:secret@localhost/(\w+)")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\((?!https?://|mailto:|#)(?P<target>[^)#\s]+)[^)]*\)")
SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), ordered_on DATE, total NUMERIC(10, 2)
);
INSERT INTO customers VALUES (1, 'Ada', 'London'), (2, 'Grace', 'New York'), (3, 'Zoé', NULL);
INSERT INTO orders VALUES
  (1, 1, '2026-01-31', 19.9), (2, 1, '2026-02-28', 5), (3, 2, '2026-03-31', 120.25), (4, 3, NULL, 0);
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder the pages run in: empty but for shop.sqlite, with our own programs first on the PATH."""
    place = tmp_path / "work"
    place.mkdir()
    with sqlite3.connect(place / "shop.sqlite") as shop:
        shop.executescript(SHOP)
    shop.close()
    monkeypatch.chdir(place)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    return place


@pytest.fixture
def real(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Puts databases of the test server in place of ``postgresql://dms:secret@localhost/name``, one for each name."""
    made: dict[str, str] = {}

    def replace(match: re.Match[str]) -> str:
        if match[1] not in made:
            server: PostgresServer = request.getfixturevalue("postgres")
            made[match[1]] = server.create_database()
        return made[match[1]]

    def replaced(text: str) -> str:
        return POSTGRES_IN_DOCUMENTS.sub(replace, text)

    return replaced


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the pages show a POSIX shell")
@pytest.mark.parametrize("page", documents.pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_runs_as_it_stands(page: Path, folder: Path, real: Callable[[str], str]) -> None:
    assert folder.is_dir()
    names: dict[str, object] = {"__name__": "__main__"}
    for block in documents.blocks(page):
        if not block.name:
            run(block, real, names)


def run(block: Block, real: Callable[[str], str], names: dict[str, object]) -> None:
    """Execute one block; python blocks of a page share their names."""
    text = real(block.text)
    if block.language == "python":
        exec(compile("\n" * (block.line - 1) + text, str(block.page), "exec"), names)
        return
    assert block.language == "console", f"{block.page}:{block.line}: only python and console blocks run"
    for step in documents.steps(text):
        follow(step, block)


def follow(step: Step, block: Block) -> None:
    """Run one command and compare its exit code and what it prints."""
    done = subprocess.run(["bash", "-c", step.command], capture_output=True, text=True, timeout=100, check=False)
    printed = done.stdout + done.stderr
    where = f"{block.page.name}:{block.line}: {step.command}"
    assert done.returncode == step.exit_code, f"{where}\nexit {done.returncode}\n{printed}"
    assert not documents.absent(step.output, printed), f"{where}\nprinted\n{printed}"


@pytest.mark.parametrize("name", ["demo", "test"])
def test_the_readme_has_both_commands_of_a_stranger(name: str) -> None:
    assert "pip install" in documents.command(ROOT / "README.md", name)


def test_links_between_pages_lead_somewhere() -> None:
    pages = [
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "changes").glob("*.md"),
    ]
    broken = [
        f"{page.relative_to(ROOT)}: {link['target']}"
        for page in pages
        for link in LINK.finditer(page.read_text(encoding="utf-8"))
        if not (page.parent / link["target"]).exists()
    ]
    assert broken == []


def test_a_console_block_is_read_into_commands_exit_codes_and_output() -> None:
    text = "$ dms verify a b  # exit 4\ndifferent: ... rows\n$ dms migrate a \\\n> b\n"
    assert documents.steps(text) == [
        Step("dms verify a b", 4, ("different: ... rows",)),
        Step("dms migrate a  b", 0, ()),
    ]


def test_an_expected_line_may_leave_out_parts() -> None:
    assert documents.absent(("run ... succeeded in ... s", "nowhere"), "run 17 succeeded in 0.3 s\n") == ["nowhere"]
