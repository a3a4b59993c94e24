from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dms_workbench.samples import PLANTED, PLANTED_KEYS
from dms_workbench.surfaces.cli.demo import unexpected

DMS = [sys.executable, "-m", "dms_workbench.surfaces.cli"]


def dms(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``dms`` in a folder."""
    return subprocess.run([*DMS, *arguments], cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def told(**changes: Any) -> dict[str, Any]:
    """What a demo that went as planned tells."""
    rows = [{"table": table, "key": key} for table, keys in PLANTED_KEYS.items() for key in keys]
    good = {"status": "succeeded_with_quarantine", "quarantine": rows, "tables": [{"source": "a", "verified": "equal"}]}
    return {**good, **changes}


def test_exactly_the_planted_rows_are_as_planned() -> None:
    assert unexpected(told()) == []


def test_a_row_too_many_or_too_few_is_not_as_planned() -> None:
    rows = told()["quarantine"]
    assert unexpected(told(quarantine=rows[1:])) == ["tbl_cust cust_id=90001 is not in quarantine"]
    other = {"table": "tbl_cust", "key": {"cust_id": 1}}
    assert unexpected(told(quarantine=[other, *rows[1:]])) == [
        "tbl_cust cust_id=1 is in quarantine, and should not",
        "tbl_cust cust_id=90001 is not in quarantine",
    ]


def test_a_table_that_is_not_equal_is_not_as_planned() -> None:
    assert unexpected(told(tables=[{"source": "a", "verified": "not_verified"}])) == ["a was not_verified"]


@pytest.mark.parametrize("status", ["succeeded", "failed", "paused", "differences"])
def test_another_status_is_not_as_planned(status: str) -> None:
    assert unexpected(told(status=status)) == [f"the run ended as {status}"]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_demo_ends_as_planned_twice_in_a_row(tmp_path: Path) -> None:
    first = dms("demo", folder=tmp_path)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "As planned: exactly the 11 rows" in first.stdout
    assert re.search(r"tbl_cust → customer +9\u202f004 +=  +9\u202f000 .* 4 +✓ equal", first.stdout)
    assert all(f"dms-demo/{name}" in first.stdout for name in ("demo-shop.yaml", "migration.ipynb", "migration.html"))
    assert "Copying" in first.stderr
    files = {"shop.sqlite", "shop.duckdb", "demo-shop.yaml", "migration.ipynb", "migration.html", ".dms-demo.json"}
    assert {item.name for item in (tmp_path / "dms-demo").iterdir()} == files
    assert "succeeded with quarantine" in dms("status", folder=tmp_path).stdout
    check_data(tmp_path / "dms-demo")
    second = dms("demo", "--json", folder=tmp_path)
    assert second.returncode == 0, second.stderr
    check_object(json.loads(second.stdout), tmp_path / "dms-demo")


def check_data(folder: Path) -> None:
    """Count with other programs than ours."""
    with (
        closing(sqlite3.connect(folder / "shop.sqlite")) as old,
        closing(duckdb.connect(folder / "shop.duckdb", read_only=True)) as new,
    ):
        (old_rows,) = old.execute("SELECT count(*) FROM tbl_cust").fetchone()
        assert new.execute("SELECT count(*) FROM customer").fetchone() == (old_rows - PLANTED["tbl_cust"],)
        assert new.execute("SELECT count(*) FROM activity").fetchone() == (1_200,)
        assert (
            new.execute("SELECT count(*) FROM customer WHERE active").fetchone()
            == old.execute("SELECT count(*) FROM tbl_cust WHERE act_yn = 'Y' AND cust_id < 90000").fetchone()
        )


def check_object(told: dict[str, Any], folder: Path) -> None:
    """The object of ``--json``."""
    assert list(told) == ["run_id", "status", "seconds", "tables", "objects", "quarantine", "as_planted", "files"]
    assert told["as_planted"] is True
    assert sum(table["read"] for table in told["tables"]) == 100_000
    assert all(table["read"] == table["written"] + table["filtered"] + table["quarantined"] for table in told["tables"])
    assert {table["verified"] for table in told["tables"]} == {"equal"}
    assert {Path(path).parent for path in told["files"].values()} == {folder}
    assert all(Path(path).is_file() for path in told["files"].values())


def test_a_folder_with_other_content_is_refused(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    done = dms("demo", "--folder", "full", "--json", folder=tmp_path)
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["status"], answer["error"]["code"]) == (1, "refused", "demo-folder-taken")
    assert os.listdir(tmp_path / "full") == ["mine"]
