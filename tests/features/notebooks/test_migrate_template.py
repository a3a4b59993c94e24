from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import nbformat
import pytest

from dms_workbench import Workbench
from dms_workbench.features.notebooks import CellFailed, SecretInParameter, execute, html_report, write_report
from dms_workbench.shipped import shipped

pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.timeout(300), pytest.mark.slow]
TEMPLATE = shipped("templates") / "migrate.ipynb"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Two tables."""
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as database:
        database.executescript(
            "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO customers VALUES (1, 'Ada'), (2, '<b>');"
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, born DATE); INSERT INTO notes VALUES (1, '2020-01-01'), (2, 'soon');"
        )
    database.close()
    return path


def outputs(path: Path) -> str:
    """All text that the cells of an executed notebook show."""
    cells = nbformat.read(path, as_version=4).cells
    data = [
        out.get("data", {}).get("text/plain", "") for cell in cells if cell.cell_type == "code" for out in cell.outputs
    ]
    return "\n".join(data)


def test_a_migration_is_told_in_full_and_its_run_is_found(shop: Path, tmp_path: Path) -> None:
    values = {"source": str(shop), "target": str(tmp_path / "new.duckdb"), "project": "shop"}
    done = execute(TEMPLATE, tmp_path / "out.ipynb", values)
    with Workbench() as wb:
        run = wb.runs.get(done.run_ids[0])
    assert run.status == "succeeded_with_quarantine"
    text = outputs(done.output)
    assert "Succeeded, with rows in quarantine" in text
    assert "All 2 tables are equal" in text
    assert "id = 2" in text
    page = write_report(done.output, tmp_path / "out.html").read_text(encoding="utf-8")
    assert "A migration and its proof" in page
    assert "wb.plans.create" not in page


def test_a_status_that_is_not_accepted_fails_the_last_cell_and_keeps_the_rest(shop: Path, tmp_path: Path) -> None:
    values = {"source": str(shop), "target": str(tmp_path / "new.sqlite"), "accept": "succeeded"}
    with pytest.raises(CellFailed, match=r"under the heading Verdict.*ended as succeeded_with_quarantine"):
        execute(TEMPLATE, tmp_path / "out.ipynb", {**values, "target": str(tmp_path / "new.duckdb")})
    assert "Succeeded, with rows in quarantine" in outputs(tmp_path / "out.ipynb")
    page = html_report(nbformat.read(tmp_path / "out.ipynb", as_version=4))
    assert "An Exception was encountered" not in page


def test_a_source_that_is_missing_is_named_with_the_place(tmp_path: Path) -> None:
    values: dict[str, Any] = {"source": str(tmp_path / "absent.sqlite"), "target": str(tmp_path / "new.duckdb")}
    with pytest.raises(CellFailed, match=r"under the heading Plan.*absent\.sqlite"):
        execute(TEMPLATE, tmp_path / "out.ipynb", values)
    assert not (tmp_path / "new.duckdb").exists()


def test_a_password_never_reaches_the_notebook(tmp_path: Path) -> None:
    with pytest.raises(SecretInParameter):
        execute(
            TEMPLATE, tmp_path / "out.ipynb", {"source": "postgresql://me:hunter2@localhost/shop", "target": "x.duckdb"}
        )
    assert not (tmp_path / "out.ipynb").exists()
