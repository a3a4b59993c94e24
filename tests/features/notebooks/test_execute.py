from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from dms_workbench.features.notebooks import (
    CellDone,
    CellFailed,
    CellTooSlow,
    KernelEnded,
    NotebookUnreadable,
    UnknownParameter,
    execute,
)
from dms_workbench.features.notebooks.execute import write_whole

from .conftest import Writer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
TIMEOUT = pytest.mark.timeout(300)


def printed(path: Path) -> list[str]:
    """What each code cell of an executed notebook printed."""
    cells = nbformat.read(path, as_version=4).cells
    return ["".join(out.get("text", "") for out in cell.outputs) for cell in cells if cell.cell_type == "code"]


@TIMEOUT
def test_values_reach_the_cells_and_cells_are_told_one_by_one(write_notebook: Writer, tmp_path: Path) -> None:
    told: list[CellDone] = []
    notebook = write_notebook('name = "nobody"', "print('hello', name)", "import sys; print(sys.executable)")
    hostile = "x'); open('pwned', 'w') #"
    done = execute(notebook, tmp_path / "out.ipynb", {"name": hostile}, on_cell=told.append)
    assert printed(done.output)[2:] == [f"hello {hostile}\n", f"{sys.executable}\n"]
    assert (done.cells, [cell.number for cell in told], {cell.total for cell in told}) == (4, [1, 2, 3, 4], {4})
    assert not any(cell.failed for cell in told)


@TIMEOUT
def test_the_output_names_files_only(write_notebook: Writer, tmp_path: Path) -> None:
    notebook = write_notebook("rows = 1")
    before = notebook.read_bytes()
    execute(notebook, tmp_path / "out.ipynb", {"rows": 2})
    notes = nbformat.read(tmp_path / "out.ipynb", as_version=4).metadata.papermill
    assert (notes.input_path, notes.output_path) == ("small.ipynb", "out.ipynb")
    assert str(tmp_path) not in (tmp_path / "out.ipynb").read_text(encoding="utf-8")
    assert notebook.read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("*out*")) == ["out.ipynb"]


@TIMEOUT
def test_a_failing_cell_is_named_and_the_output_is_kept(write_notebook: Writer, tmp_path: Path) -> None:
    notebook = write_notebook(
        "rows = 1", "print('so far')", "secret = 'row value'\nraise ValueError(secret)", "print('never')"
    )
    told: list[CellDone] = []
    with pytest.raises(CellFailed) as raised:
        execute(notebook, tmp_path / "out.ipynb", {}, on_cell=told.append)
    assert "Code cell 3 (under the heading Part 3) of small.ipynb failed: ValueError" in str(raised.value)
    assert "row value" not in str(raised.value)
    assert "out.ipynb" in raised.value.next
    assert printed(tmp_path / "out.ipynb")[1:] == ["so far\n", "", ""]
    assert [cell.failed for cell in told] == [False, False, True]


@TIMEOUT
def test_our_own_errors_keep_their_sentence(write_notebook: Writer, tmp_path: Path) -> None:
    notebook = write_notebook("rows = 1", "from dms_workbench import Workbench\nWorkbench('nonsense://')")
    with pytest.raises(CellFailed, match=r"failed: .*nonsense"):
        execute(notebook, tmp_path / "out.ipynb", {})


@TIMEOUT
def test_runs_that_a_cell_started_are_told(write_notebook: Writer, tmp_path: Path) -> None:
    source = (
        "from IPython.display import display\ndisplay({'text/plain': 'run'}, metadata={'dms_run_id': 'r1'}, raw=True)"
    )
    told: list[CellDone] = []
    done = execute(write_notebook("rows = 1", source), tmp_path / "out.ipynb", {}, on_cell=told.append)
    assert done.run_ids == ("r1",)
    assert [cell.run_ids for cell in told] == [(), ("r1",)]


@TIMEOUT
def test_a_kernel_that_ends_early_is_an_error_of_ours(write_notebook: Writer, tmp_path: Path) -> None:
    with pytest.raises(KernelEnded):
        execute(write_notebook("rows = 1", "import os; os._exit(3)"), tmp_path / "out.ipynb", {})
    assert (tmp_path / "out.ipynb").is_file()


@TIMEOUT
def test_a_cell_over_its_time_is_an_error_of_ours(write_notebook: Writer, tmp_path: Path) -> None:
    with pytest.raises(CellTooSlow, match="more than 1 s"):
        execute(
            write_notebook("rows = 1", "import time; time.sleep(60)"),
            tmp_path / "out.ipynb",
            {},
            cell_timeout_seconds=1,
        )


def test_an_unknown_parameter_stops_before_anything_runs(write_notebook: Writer, tmp_path: Path) -> None:
    with pytest.raises(UnknownParameter):
        execute(write_notebook("rows = 1", f"open({str(tmp_path / 'ran')!r}, 'w')"), tmp_path / "out.ipynb", {"row": 1})
    assert not (tmp_path / "out.ipynb").exists()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "content", [None, b"", b"{}", b"[1]", b'{"cells": 5, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', b"\xff"]
)
def test_what_is_no_notebook_is_refused(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "bad.ipynb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NotebookUnreadable, match=r"bad\.ipynb"):
        execute(path, tmp_path / "out.ipynb", {})


def test_a_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o640)
    write_whole("new", path)
    assert path.read_text() == "new"
    assert os.name == "nt" or stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def no(*_args: Any) -> None:
        raise OSError("no")

    monkeypatch.setattr(Path, "replace", no)
    with pytest.raises(OSError, match="no"):
        write_whole("new", path)
    assert [item.name for item in tmp_path.iterdir() if item.is_file()] == ["file"]
    assert path.read_text() == "old"
