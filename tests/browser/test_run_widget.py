"""The run widget in a real JupyterLab, steering a real run of a real worker."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dms_workbench import Workbench
from dms_workbench.kernel.secrets import Secret
from tests.browser.lab import choose, run_all

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

MANY_ROWS = 600_000
START = """
import os
os.environ["DMS_HOME"] = {home!r}
from dms_workbench import Workbench
workbench = Workbench()
run = workbench.runs.start({plan_id!r}, chunk_rows={chunk_rows})
run
"""


@pytest.fixture
def workbench(home: Path) -> Iterator[Workbench]:
    with Workbench() as opened:
        yield opened


def start_of_a_run(workbench: Workbench, folder: Path, rows: int, chunk_rows: int = 100) -> str:
    """The cell that starts a copy of so many rows and shows it."""
    plan_id = plan_of(workbench, folder, rows)
    return START.format(home=os.environ["DMS_HOME"], plan_id=plan_id, chunk_rows=chunk_rows)


def plan_of(workbench: Workbench, folder: Path, rows: int) -> str:
    """The plan of a copy of one table from a SQLite file to another; gives its id."""
    source, target = folder / "source.sqlite", folder / "target.sqlite"
    with sqlite3.connect(source) as db:
        db.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT NOT NULL)")
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
        db.execute(f"INSERT INTO orders {numbers} SELECT i, 'note ' || i FROM n")
    db.close()
    project = workbench.projects.create("shop")
    ends = [
        workbench.connections.create(project.id, path.stem, url=Secret(f"sqlite:///{path}"))
        for path in (source, target)
    ]
    return workbench.plans.create(project.id, ends[0].id, ends[1].id).id


def rows_in_target(folder: Path) -> int:
    """Rows that have arrived."""
    db = sqlite3.connect(folder / "target.sqlite")
    try:
        return int(db.execute("SELECT count(*) FROM orders").fetchone()[0])
    finally:
        db.close()


def status_becomes(workbench: Workbench, wanted: str, seconds: float = 20.0) -> None:
    """Wait until the one run in the store has a status."""
    end = time.monotonic() + seconds
    while (status := workbench.runs.list().items[0].status) != wanted:
        assert time.monotonic() < end, f"the run is {status}, not {wanted}"
        time.sleep(0.1)


def some_rows_arrive(workbench: Workbench, seconds: float = 40.0) -> None:
    """Wait until the one run in the store has told of rows."""
    end = time.monotonic() + seconds
    while not any(run.rows_done for run in workbench.runs.list().items):
        assert time.monotonic() < end, "no rows arrived"
        time.sleep(0.1)


def widget_in(page: Page) -> Locator:
    """The run widget."""
    return page.locator(".dms-run")


def says(page: Page, word: str) -> None:
    """Wait until the status of the widget is a word."""
    widget_in(page).get_by_role("status").get_by_text(word, exact=True).wait_for(timeout=30_000)


def click(page: Page, name: str) -> None:
    """Click a button of the widget."""
    widget_in(page).get_by_role("button", name=name, exact=True).click(timeout=20_000)


def test_the_buttons_pause_resume_and_cancel_the_real_run(lab, page, workbench, tmp_path):
    lab.open(page, lab.notebook(start_of_a_run(workbench, tmp_path, MANY_ROWS)))
    run_all(page)

    some_rows_arrive(workbench)
    click(page, "Pause")
    says(page, "Paused")
    assert workbench.runs.list().items[0].status == "paused"
    paused_at = rows_in_target(tmp_path)
    time.sleep(1.5)
    assert rows_in_target(tmp_path) == paused_at < MANY_ROWS

    click(page, "Resume")
    status_becomes(workbench, "running")

    click(page, "Cancel\N{HORIZONTAL ELLIPSIS}")
    click(page, "Cancel the run")
    status_becomes(workbench, "cancelled")
    says(page, "Cancelled")


def test_the_kernel_may_be_busy_while_the_run_is_paused_by_keyboard(lab, page, workbench, tmp_path):
    start = start_of_a_run(workbench, tmp_path, MANY_ROWS)
    lab.open(page, lab.notebook(start, "import time; time.sleep(600)"))
    run_all(page)

    some_rows_arrive(workbench)
    widget_in(page).get_by_role("button", name="Pause").focus()
    page.keyboard.press("Enter")

    says(page, "Paused")
    assert workbench.runs.list().items[0].status == "paused"


def test_a_finished_run_shows_its_books(lab, page, workbench, tmp_path):
    lab.open(page, lab.notebook(start_of_a_run(workbench, tmp_path, 500)))
    run_all(page)

    says(page, "Succeeded")
    books = widget_in(page).get_by_role("group", name="The books close")
    assert books.inner_text().split() == ["500", "read", "=", "500", "written"]
    assert widget_in(page).get_by_text("\N{CHECK MARK} verified").is_visible()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_text_stands_out_from_its_ground_in_both_themes(lab, page, workbench, tmp_path, theme):
    lab.open(page, lab.notebook(start_of_a_run(workbench, tmp_path, 500)))
    choose(page, "Settings", "Theme", theme)
    run_all(page)
    says(page, "Succeeded")
    page.wait_for_timeout(1_000)

    widget_in(page).screenshot(path=tmp_path / f"{theme}.png")
    assert widget_in(page).evaluate(LOWEST_CONTRAST) >= 4.5


def test_a_notebook_opened_without_its_kernel_shows_the_last_state(lab, page, workbench, tmp_path):
    lab.open(page, lab.notebook(start_of_a_run(workbench, tmp_path, 500)))
    run_all(page)
    says(page, "Succeeded")
    assert page.locator("[class^=dms-still]:visible").count() == 0
    page.wait_for_timeout(1_000)
    choose(page, "File", "Save Notebook")
    page.wait_for_timeout(1_000)
    choose(page, "Kernel", "Shut Down Kernel")

    page.reload()
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=60_000)

    still = page.locator("[class^=dms-still]")
    still.get_by_text("Succeeded").wait_for(timeout=20_000)
    page.wait_for_timeout(3_000)
    assert page.get_by_text("Error displaying widget").locator("visible=true").count() == 0


LOWEST_CONTRAST = """
widget => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const pixel = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const linear = (part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb.map((part) => linear(part / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const colours = [];
    for (let one = element; one; one = one.parentElement) colours.unshift(getComputedStyle(one).backgroundColor);
    return ["white", ...colours];
  };
  const own = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  const decoration = "[data-zero], [aria-hidden], style";
  const texts = [...widget.querySelectorAll("*")].filter((one) => own(one) && !one.closest(decoration));
  return Math.min(...texts.map((one) => {
    const under = light(pixel(ground(one)));
    const ink = light(pixel([...ground(one), getComputedStyle(one).color]));
    return (Math.max(under, ink) + 0.05) / (Math.min(under, ink) + 0.05);
  }));
}
"""
