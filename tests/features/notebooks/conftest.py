"""Small notebooks to execute."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

Writer = Callable[..., Path]


@pytest.fixture
def write_notebook(tmp_path: Path) -> Writer:
    """Writes a notebook of code cells, the first of which declares parameters, under a heading each."""

    def write(*sources: str, name: str = "small.ipynb") -> Path:
        cells = []
        for number, source in enumerate(sources, 1):
            cells += [new_markdown_cell(f"# Part {number}"), new_code_cell(source)]
        cells[1].metadata["tags"] = ["parameters"]
        path = tmp_path / name
        nbformat.write(new_notebook(cells=cells), path)
        return path

    return write
