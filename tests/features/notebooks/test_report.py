from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from dms_workbench.features.notebooks import NotebookUnreadable, html_report, write_report

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Sources(HTMLParser):
    """Collects whatever a page would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += ["script"] if tag == "script" else []
        self.found += [
            str(value)
            for name, value in attrs
            if name in {"src", "srcset", "data", "poster"} or (tag == "link" and name == "href")
        ]


def sources(page: str) -> list[str]:
    parser = Sources()
    parser.feed(page)
    return [source for source in parser.found if not source.startswith("data:")]


def notebook(*cells: Any) -> Any:
    return new_notebook(cells=[new_markdown_cell("# Rows & proof"), *cells])


def code(source: str, *outputs: Any, tags: tuple[str, ...] = ()) -> Any:
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def test_a_page_needs_no_network_and_runs_no_script() -> None:
    shown = [
        new_output("stream", text="hello\n"),
        new_output("execute_result", data={"text/html": "<table><tr><td>1</td></tr></table>", "text/plain": "1"}),
        new_output("display_data", data={"image/png": "aGVsbG8=", "text/plain": "picture"}),
        new_output(
            "display_data", data={"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "widget"}
        ),
        new_output("display_data", data={"text/latex": "$x$", "text/plain": "x"}),
        new_output("display_data", data={"application/javascript": "alert(1)", "text/plain": "script"}),
        new_output("error", ename="ValueError", evalue="<b>", traceback=[]),
    ]
    page = html_report(notebook(code("1", *shown)))
    assert sources(page) == []
    assert re.findall(r"@import|url\(", page) == []
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page
    assert all(text in page for text in ("hello", "<table>", "data:image/png;base64,aGVsbG8=", "ValueError: &lt;b&gt;"))


def test_the_first_heading_is_the_title() -> None:
    assert "<title>Rows &amp; proof</title>" in html_report(notebook())
    assert "<title>Notebook</title>" in html_report(new_notebook())


def test_code_is_hidden_unless_asked_for() -> None:
    node = notebook(code("a < b", new_output("stream", text="shown")))
    assert "a &lt; b" not in html_report(node)
    assert "a &lt; b" in html_report(node, code=True)


@pytest.mark.parametrize("tag", ["not-in-report", "parameters", "injected-parameters", "papermill-error-cell-tag"])
def test_cells_that_are_not_for_readers_are_left_out(tag: str) -> None:
    assert "unwanted words" not in html_report(
        notebook(code("1", new_output("stream", text="unwanted words"), tags=(tag,))), code=False
    )


def test_text_is_shown_as_text() -> None:
    page = html_report(notebook(code("1", new_output("stream", text="<script>alert(1)</script>"))))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_page_is_written_from_a_file(tmp_path: Path) -> None:
    nbformat.write(notebook(), tmp_path / "a.ipynb")
    page = write_report(tmp_path / "a.ipynb", tmp_path / "a.html")
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(NotebookUnreadable):
        write_report(tmp_path / "b.ipynb", tmp_path / "b.html")
