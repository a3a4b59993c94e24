"""The private database of a verification: locked down, interruptible, gone afterwards."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb
import pytest

from dms_workbench.engine.control import Control, Stopped, Wish
from dms_workbench.engine.verifying.workspace import Workspace, Workspaces


class Cancelling(Control):
    """Wishes for the end from the start."""

    def wish(self) -> Wish:
        return "cancel"


def test_a_long_query_ends_soon_after_a_stop_is_wished(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, Cancelling())
    started = time.monotonic()
    with pytest.raises(Stopped):
        workspace.execute("SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE hash(a.range, b.range) = 1")
    assert time.monotonic() - started < 20
    workspace.close()


@pytest.mark.parametrize(
    "statement", ["SELECT * FROM read_text('/etc/hostname')", "SET memory_limit = '8GB'", "INSTALL httpfs"]
)
def test_it_reaches_nothing_outside(tmp_path: Path, statement: str) -> None:
    workspace = Workspace(tmp_path, Control())
    with pytest.raises(duckdb.Error):
        workspace.execute(statement)
    workspace.close()


def test_one_workspace_serves_all_tables_and_leaves_nothing(tmp_path: Path) -> None:
    with Workspaces(tmp_path, Control()) as workspaces:
        with workspaces.empty() as first:
            first.execute("CREATE TABLE a (c0 VARCHAR)")
            first.execute("CREATE VIEW b AS SELECT * FROM a")
        with workspaces.empty() as second:
            assert second is first
            assert second.execute("SELECT count(*) FROM duckdb_tables()") == [(0,)]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_workspace_in_which_something_went_wrong_is_not_used_again(tmp_path: Path) -> None:
    with Workspaces(tmp_path, Control()) as workspaces:
        with pytest.raises(duckdb.Error), workspaces.empty() as first:
            first.execute("SELECT * FROM nowhere")
        with workspaces.empty() as second:
            assert second is not first
