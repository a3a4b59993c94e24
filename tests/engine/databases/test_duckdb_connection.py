"""Where DuckDB puts what does not fit into memory, and what it lets go of."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing

import duckdb
import pytest

from dms_workbench.engine.databases.duckdb.connection import open_duckdb, shed, sweep_spills

HOLD = """
import sys, time
from dms_workbench.engine.databases.duckdb.connection import spill_directory
print(spill_directory(), flush=True)
time.sleep(60)
"""


def test_what_a_killed_process_spilled_is_removed_by_the_next(tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", HOLD], env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        sweep_spills(tmp_path)
        assert len(list(tmp_path.glob("dms-duckdb-*"))) == 1
        process.send_signal(signal.SIGKILL)
    sweep_spills(tmp_path)
    assert list(tmp_path.glob("dms-duckdb-*")) == []


def test_a_process_that_ends_leaves_no_spill_folder(tmp_path):
    program = HOLD.replace("time.sleep(60)", "")
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "TMPDIR": str(tmp_path)}, check=True)
    assert list(tmp_path.iterdir()) == []


def test_of_all_settings_only_the_limit_of_memory_may_change_and_it_comes_back(tmp_path):
    with closing(open_duckdb(str(tmp_path / "a.duckdb"))) as connection:
        before = connection.execute("select current_setting('memory_limit')").fetchone()
        shed(connection)
        assert connection.execute("select current_setting('memory_limit')").fetchone() == before
        for setting in (
            "threads = 1",
            "enable_external_access = true",
            "allowed_configs = ['threads']",
            "max_vacuum_tasks = 9",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(f"SET {setting}")
