"""A notebook as one HTML page that needs no network: no script at all, its style inside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .execute import read_notebook, write_whole

TEMPLATE = Path(__file__).with_name("report.html.j2")
LEFT_OUT_TAG = "not-in-report"
"""Cells with this tag stay in the notebook only."""
ERROR_MARKER_TAG = "papermill-error-cell-tag"


def write_report(notebook: Path, output: Path, *, code: bool = False) -> Path:
    """Write an executed notebook as an HTML page; the page appears whole or not at all.

    code: show the code cells too, not only what they printed.
    Raises NotebookUnreadable.
    """
    write_whole(html_report(read_notebook(notebook), code=code), output)
    return output


def html_report(node: Any, *, code: bool = False) -> str:
    """The page of a NotebookNode. Its first heading is the title."""
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    settings = Config()
    settings.TagRemovePreprocessor.enabled = True
    settings.TagRemovePreprocessor.remove_cell_tags = {
        LEFT_OUT_TAG,
        ERROR_MARKER_TAG,
        "injected-parameters",
        "parameters",
    }
    settings.HTMLExporter.exclude_input = not code
    settings.HTMLExporter.exclude_input_prompt = settings.HTMLExporter.exclude_output_prompt = True
    exporter = HTMLExporter(config=settings)  # type: ignore[no-untyped-call]
    exporter.raw_template = TEMPLATE.read_text(encoding="utf-8")
    page, _resources = exporter.from_notebook_node(node, {"report_title": title_of(node)})
    return str(page)


def title_of(node: Any) -> str:
    """The first heading."""
    lines = [line for cell in node.cells if cell.cell_type == "markdown" for line in cell.source.splitlines()]
    return next((line.lstrip("# ").strip() for line in lines if line.startswith("#")), "Notebook")
