"""Files as source and as target of a run."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pyarrow.parquet
import pytest

from dms_workbench.engine.copying import RunOptions
from tests.engine.copying.conftest import run_sql

ROWS = 12_000
WORKER = """
import sys, tempfile, uuid
from pathlib import Path
from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions, execute_run
from dms_workbench.engine.planning import PlanOptions, build_plan

class Slow(Control):
    def report(self, progress):
        print(progress.phase, progress.written, flush=True)

source, target = sys.argv[1:]
plan = build_plan(source, target, PlanOptions())
with tempfile.TemporaryDirectory() as spool:
    result = execute_run(
        plan, source, target, run_id=plan.ledger_run_id or str(uuid.uuid4()), options=RunOptions(chunk_rows=500),
        control=Slow(), spool_directory=Path(spool),
    )
print(result.status, flush=True)
"""


def killed_in_the_middle(source: str, target: str) -> None:
    """Run a worker in a process of its own and kill it once some chunks are committed."""
    arguments = [sys.executable, "-c", WORKER, source, target]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        for line in worker.stdout:
            phase, _, written = line.strip().partition(" ")
            if phase == "copy" and int(written) >= ROWS // 10:
                break
        worker.send_signal(signal.SIGKILL)


@pytest.fixture
def numbers(tmp_path: Path) -> str:
    """A SQLite file with one table of many rows."""
    path = tmp_path / "numbers.sqlite"
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE numbers (id INTEGER PRIMARY KEY, name TEXT, amount DECIMAL(10,2))")
        rows = ((at, f'name "{at}", or\nnot', None if at % 7 == 0 else at) for at in range(ROWS))
        file.executemany("INSERT INTO numbers VALUES (?, ?, ?)", rows)
        file.commit()
    return f"sqlite:///{path}"


@pytest.mark.parametrize("scheme", ["csv", "parquet"])
def test_a_killed_run_into_files_goes_on_without_a_row_lost_or_doubled(
    scheme: str, numbers: str, tmp_path: Path, migrate
) -> None:
    target = f"{scheme}:///{tmp_path / 'out'}"
    killed_in_the_middle(numbers, target)
    assert [path.name for path in (tmp_path / "out").glob("numbers*")] == []
    result = migrate(numbers, target)
    assert (result.status, result.tables[0].read, result.tables[0].written) == ("succeeded", ROWS, ROWS)
    back = f"duckdb:///{tmp_path / 'back.duckdb'}"
    assert migrate(target, back).status == "succeeded"
    assert run_sql(back, "SELECT count(*), count(DISTINCT id), sum(id) FROM numbers") == [
        (ROWS, ROWS, ROWS * (ROWS - 1) // 2)
    ]


def test_a_killed_run_from_a_csv_file_goes_on_behind_its_last_commit(numbers: str, tmp_path: Path, migrate) -> None:
    files = f"csv:///{tmp_path / 'out'}"
    migrate(numbers, files)
    target = f"sqlite:///{tmp_path / 'back.sqlite'}"
    killed_in_the_middle(files, target)
    result = migrate(files, target)
    assert (result.status, result.tables[0].written) == ("succeeded", ROWS)
    assert run_sql(target, "SELECT count(*), count(DISTINCT id) FROM numbers") == [(ROWS, ROWS)]


def test_a_file_that_changed_since_is_refused_when_a_run_goes_on(numbers: str, tmp_path: Path, migrate) -> None:
    files = f"csv:///{tmp_path / 'out'}"
    migrate(numbers, files)
    target = f"sqlite:///{tmp_path / 'back.sqlite'}"
    killed_in_the_middle(files, target)
    path = tmp_path / "out" / "numbers.csv"
    path.write_text(path.read_text().replace(", or", ", OR"))
    result = migrate(files, target)
    assert result.error is not None
    assert result.error["code"] == "file-changed"


def test_rows_that_are_no_records_go_to_quarantine_with_their_text(tmp_path: Path, migrate) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "ragged.csv").write_bytes(b"a,b\n1,2\n3\n4,\xff\xfe\n5,6\n")
    result = migrate(str(folder), f"sqlite:///{tmp_path / 'out.sqlite'}")
    assert result.status == "succeeded_with_quarantine"
    table = result.tables[0]
    assert (table.read, table.written, table.quarantined, table.verified) == (4, 2, 2, "equal")
    assert [(row.key["(line)"], row.key["(byte)"], row.key["(text)"]) for row in result.quarantine] == [
        (3, 8, "3"),
        (4, 10, "4,\\xff\\xfe"),
    ]


def test_a_run_that_may_reject_no_row_is_refused_before_anything_is_made(tmp_path: Path, migrate) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "ragged.csv").write_bytes(b"a,b\n1,2\n3\n")
    result = migrate(str(folder), f"sqlite:///{tmp_path / 'out.sqlite'}", options=RunOptions(on_reject="stop"))
    assert result.error is not None
    assert (result.status, result.error["code"]) == ("refused", "unreadable-row")
    assert result.error["facts"]["line"] == 3


def test_a_parquet_target_is_one_file_for_one_part(tmp_path: Path, migrate) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "t.csv").write_text('id,name,day\n1,a,2024-02-29\n2,"",\n')
    result = migrate(str(tmp_path / "data"), f"parquet:///{tmp_path / 'out'}")
    assert result.status == "succeeded"
    read = pyarrow.parquet.read_table(tmp_path / "out" / "t.parquet").to_pylist()
    assert [(row["id"], row["name"], str(row["day"])) for row in read] == [(1, "a", "2024-02-29"), (2, "", "None")]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["dms_ledger_parquet.sqlite", "t.parquet"]


def test_null_and_empty_text_survive_a_csv_file(tmp_path: Path, migrate) -> None:
    source = f"sqlite:///{tmp_path / 'in.sqlite'}"
    run_sql(source, "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)", "INSERT INTO t VALUES (1,NULL),(2,''),(3,'\\N')")
    assert migrate(source, f"csv:///{tmp_path / 'out'}").status == "succeeded"
    assert (tmp_path / "out" / "t.csv").read_text() == 'id,v\n1,\n2,""\n3,"\\N"\n'


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path, migrate) -> None:
    source = f"sqlite:///{tmp_path / 'in.sqlite'}"
    run_sql(source, "CREATE TABLE t (id INTEGER PRIMARY KEY)", "INSERT INTO t VALUES (1)")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "t.csv").write_text("id\n")
    result = migrate(source, f"csv:///{tmp_path / 'out'}")
    assert result.error is not None
    assert result.error["code"] == "file-exists"
    assert (tmp_path / "out" / "t.csv").read_text() == "id\n"
