"""Execute a notebook with papermill, in this very Python, and keep what it printed even if it fails."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ...kernel.errors import WorkbenchError
from .errors import CellFailed, CellTooSlow, KernelEnded, NotebookUnreadable
from .model import CellDone, Execution
from .parameters import checked

Watcher = Callable[[CellDone], None]
ENGINE = "dms-workbench"
RUN_KEY = "dms_run_id"
"""The key in an output's metadata that names the run which its cell started."""


def execute(
    notebook: Path,
    output: Path,
    parameters: Mapping[str, Any],
    *,
    on_cell: Watcher | None = None,
    cell_timeout_seconds: int | None = None,
) -> Execution:
    """Execute every cell of a notebook and write it, with what it printed, to another file.

    notebook: the file to execute; it is not changed. output: appears whole or not at all, also when a cell fails.
    parameters: values for the names that the notebook declares.
    on_cell: called after each code cell.
    cell_timeout_seconds: how long one cell may take; None sets no limit.

    Raises NotebookUnreadable, UnknownParameter, WrongParameterType, ParameterNotPlain, SecretInParameter before anything
    is executed, and CellFailed, CellTooSlow, KernelEnded once the output is written.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    node = read_notebook(notebook)
    values = checked(node, parameters, notebook.name)
    progress = Progress(on_cell)
    began = time.monotonic()
    try:
        run_papermill(node, values, progress, cell_timeout_seconds)
    except PapermillExecutionError as error:
        raise CellFailed(
            notebook=notebook.name,
            place=progress.failed,
            fault=fault_of(error),
            output=str(output),
        ) from None
    except CellTimeoutError:
        raise CellTooSlow(notebook=notebook.name, output=str(output), seconds=cell_timeout_seconds) from None
    except DeadKernelError:
        raise KernelEnded(notebook=notebook.name, output=str(output)) from None
    finally:
        if progress.node is not None:
            write_notebook(cleaned(progress.node, notebook, output), output)
    return Execution(output, time.monotonic() - began, progress.done, tuple(progress.run_ids))


def read_notebook(path: Path) -> Any:
    """A notebook in the newest form. Raises NotebookUnreadable."""
    import nbformat

    try:
        text = path.read_text(encoding="utf-8")
        node = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(node)
    except OSError as error:
        raise NotebookUnreadable(notebook=str(path), reason=error.strerror or type(error).__name__) from None
    except (ValueError, KeyError, AttributeError, TypeError, nbformat.ValidationError) as error:
        raise NotebookUnreadable(
            notebook=str(path), reason=f"its content is not a notebook's ({type(error).__name__})"
        ) from None
    return node


def run_papermill(node: Any, values: dict[str, Any], progress: Progress, timeout: int | None) -> None:
    """Execute a copy of the notebook in a kernel of this Python."""
    import papermill

    register_engine()
    papermill.execute_notebook(
        node,
        None,
        values,
        engine_name=ENGINE,
        kernel_name="python3",
        language="python",
        progress_bar=False,
        progress=progress,
        execution_timeout=timeout,
    )


class Progress:
    """Hears of each cell that ends; holds the notebook as it grows."""

    def __init__(self, watcher: Watcher | None) -> None:
        """watcher: told of each code cell."""
        self.watcher = watcher
        self.node: Any = None
        self.done = 0
        self.run_ids: list[str] = []
        self.failed = "A cell"
        """The cell that failed, in words."""

    def cell_ended(self, cell: Any) -> None:
        """Count it and tell the watcher."""
        if cell.cell_type != "code":
            return
        self.done += 1
        started = runs_in(cell)
        self.run_ids += started
        failed = any(item.output_type == "error" for item in cell.outputs)
        if failed:
            self.failed = place_of(self.node, cell)
        if self.watcher is not None:
            total = sum(item.cell_type == "code" for item in self.node.cells)
            self.watcher(CellDone(self.done, total, failed, tuple(started)))


def runs_in(cell: Any) -> list[str]:
    """The runs that a cell's outputs name."""
    return [item.metadata[RUN_KEY] for item in cell.outputs if RUN_KEY in item.get("metadata", {})]


@cache
def register_engine() -> None:
    """Make our engine known to papermill, once."""
    import subprocess

    import zmq
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from papermill.engines import NBClientEngine, papermill_engines

    class ThisPython(AsyncKernelManager):
        """Starts kernels in the Python that runs now, whatever kernel of that name the user has installed."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if self.has_trait("transport_encryption") and zmq.has("curve"):
                self.transport_encryption = "auto"

        async def start_kernel(self, **kwargs: Any) -> None:  # type: ignore[override]
            await super().start_kernel(**{**kwargs, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL})

        @property
        def kernel_spec(self) -> KernelSpec:
            from ipykernel.kernelspec import get_kernel_dict

            return KernelSpec(**get_kernel_dict())

    class Reporting(NBClientEngine):  # type: ignore[misc]  # papermill has no types
        """Papermill's own engine, which besides reports each cell."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, progress: Progress, **kwargs: Any) -> None:
            progress.node = nb_man.nb
            complete = nb_man.cell_complete

            def cell_complete(cell: Any, *args: Any, **details: Any) -> None:
                complete(cell, *args, **details)
                progress.cell_ended(cell)

            nb_man.cell_complete = cell_complete
            super().execute_managed_notebook(nb_man, kernel_name, kernel_manager_class=ThisPython, **kwargs)

    papermill_engines.register(ENGINE, Reporting)


def place_of(node: Any, wanted: Any) -> str:
    """A code cell in words: its number and the heading above it."""
    number, heading = 0, ""
    for cell in node.cells:
        if cell.cell_type == "code":
            number += 1
        else:
            heading = last_heading(cell.source) or heading
        if cell is wanted:
            break
    return f"Code cell {number}" + (f" (under the heading {heading})" if heading else "")


def last_heading(text: str) -> str:
    """The last heading of a markdown cell; empty if it has none."""
    return next((line.lstrip("# ").strip() for line in reversed(text.splitlines()) if line.startswith("#")), "")


def fault_of(error: Any) -> str:
    """What a cell raised; the sentence only of our own errors, since others may hold values."""
    ours = {cls.__name__ for cls in WorkbenchError.by_code.values()}
    name = str(error.ename).rpartition(".")[2]
    return str(error.evalue).strip() if name in ours else name


def cleaned(node: Any, notebook: Path, output: Path) -> Any:
    """The executed notebook with only the names of files in papermill's notes: it puts whole paths and notebooks there."""
    notes = node.metadata.get("papermill", {})
    notes["input_path"], notes["output_path"] = notebook.name, output.name
    notes.pop("environment_variables", None)
    return node


def write_notebook(node: Any, path: Path) -> None:
    """Write a notebook."""
    import nbformat

    text: str = nbformat.writes(node)  # type: ignore[no-untyped-call]
    write_whole(text + "\n", path)


def write_whole(text: str, path: Path) -> None:
    """Write a text file beside its place and rename it there: nobody ever sees half of it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).chmod(0o600 if not path.exists() else path.stat().st_mode & 0o777)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
