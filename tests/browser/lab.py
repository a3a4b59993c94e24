"""A real JupyterLab on a free loopback port, with settings of its own, and a browser that looks at it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import psutil

from tests.servers import free_port, require

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

START_SECONDS = 60.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
BROWSER_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab. folder: where its notebooks are; address: with the token left out."""

    folder: Path
    address: str
    token: str

    def notebook(self, *cells: str) -> str:
        """Write a new notebook with these code cells; gives its name."""
        name = f"run-{secrets.token_hex(4)}.ipynb"
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(book, self.folder / name)
        return name

    def open(self, page: Page, name: str) -> None:
        """Open a notebook in a fresh layout and wait until its kernel is ready."""
        page.goto(f"{self.address}/lab/tree/{name}?token={self.token}&reset")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=60_000)
        page.get_by_text("| Idle").first.wait_for(timeout=60_000)


def run_all(page: Page) -> None:
    """Run every cell of the open notebook."""
    choose(page, "Run", "Run All Cells")


def choose(page: Page, *path: str) -> None:
    """Choose an entry of the menu bar: ``choose(page, "Settings", "Theme", "JupyterLab Dark")``."""
    page.locator(".lm-MenuBar-item").filter(has_text=path[0]).first.click()
    for entry in path[1:-1]:
        menu_entry(page, entry).hover()
    menu_entry(page, path[-1]).click()


def menu_entry(page: Page, text: str) -> Locator:
    """An entry of an open menu."""
    return page.locator(".lm-Menu-item").filter(has=page.get_by_text(text, exact=True)).last


@contextmanager
def running_lab(folder: Path) -> Iterator[Lab]:
    """JupyterLab over a folder; stopped with its kernels at the end."""
    settings, notebooks = folder / "jupyter", folder / "notebooks"
    notebooks.mkdir()
    write_settings(settings)
    port, token = free_port(), secrets.token_hex(16)
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        "--port-retries=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={notebooks}",
    ]  # fmt: skip
    lab = Lab(notebooks, f"http://127.0.0.1:{port}", token)
    with (folder / "lab.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment(settings), stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until_up(process, lab, folder / "lab.log")
            yield lab
        finally:
            stop_tree(process)


def write_settings(settings: Path) -> None:
    """No news, no announcements: nothing that needs the internet or covers the page."""
    page_config = settings / "config" / "labconfig" / "page_config.json"
    page_config.parent.mkdir(parents=True)
    page_config.write_text(json.dumps({"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}))


def environment(settings: Path) -> dict[str, str]:
    """The environment of a JupyterLab that touches no settings of the user."""
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "lab-settings",
        "JUPYTERLAB_WORKSPACES_DIR": "lab-workspaces",
        "IPYTHONDIR": "ipython",
    }
    return {
        **os.environ,
        **{name: str(settings / place) for name, place in places.items()},
        "JUPYTER_PLATFORM_DIRS": "0",
    }


def wait_until_up(process: subprocess.Popen[bytes], lab: Lab, log: Path) -> None:
    """Wait until the server answers. Raises AssertionError with its log when it does not."""
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{lab.address}/api?token={lab.token}", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-3000:]}")


def stop_tree(process: subprocess.Popen[bytes]) -> None:
    """Stop a process, then whatever of its children is left."""
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in children:
        if child.is_running():
            child.kill()
    psutil.wait_procs(children, timeout=10)


def stop_workers(home: Path) -> None:
    """Stop the workers of a data folder, which would else wait five minutes for more runs."""
    for process in psutil.process_iter(["cmdline"]):
        if "dms_workbench.surfaces.worker" not in (process.info["cmdline"] or []):
            continue
        try:
            if Path(process.cwd()).is_relative_to(home):
                process.terminate()
                process.wait(20)
        except psutil.NoSuchProcess:
            continue


@contextmanager
def browser_page() -> Iterator[Page]:
    """A page of a headless Chromium; a JavaScript error on it fails the test."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        require("browser", "no Chromium on the PATH: apt-get install chromium, or any of " + ", ".join(BROWSERS))
    from playwright.sync_api import sync_playwright

    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=BROWSER_FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        browser.close()
    assert errors == []
