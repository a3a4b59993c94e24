"""``dms lab``: JupyterLab in a folder with our notebooks and templates."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import click

from ...kernel.errors import Refused
from ...platform import on_request_to_end
from .command import command
from .layout import count
from .terminal import Terminal

FOLDER = "dms-lab"
FIRST = "01-first-migration.ipynb"
SUFFIXES = {".ipynb", ".yaml"}
FLAGS = (
    "--ServerApp.ip=127.0.0.1",
    "--LabApp.news_url=None",  # no question about news, no request to the network
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
)


class LabFolderUnusable(Refused, code="lab-folder-unusable", next="dms lab --folder DIR"):
    """Notebooks cannot be copied to {folder}: {reason}"""


@command("lab")
@click.option("--folder", metavar="DIR", default=FOLDER, show_default=True, help="Where the notebooks go.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8888,
    show_default=True,
    metavar="N",
    help="Where JupyterLab listens on this computer; the next free one if it is taken.",
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def lab(terminal: Terminal, folder: str, port: int, no_browser: bool) -> int:
    r"""Open JupyterLab with notebooks to start from.

    Copies the notebooks and templates that come with the package to a folder; never overwrites anything there.

    \b
    Examples:
      dms lab
      dms lab --folder ~/migrations --no-browser --port 9000
    """
    place = Path(folder).expanduser().absolute()
    copied, kept = copy_all(place)
    terminal.say(f"{place}: {count(len(copied), 'file')} copied, {len(kept)} kept as they were.")
    terminal.data({"folder": str(place), "copied": copied, "kept": kept})
    return start(lab_command(place, port=port, browser=not no_browser))


def copy_all(folder: Path) -> tuple[list[str], list[str]]:
    """Copy notebooks and templates; gives the names copied and those left as they were. Raises LabFolderUnusable."""
    from ...shipped import shipped

    copied: list[str] = []
    kept: list[str] = []
    try:
        for kind, place in (("notebooks", folder), ("templates", folder / "templates")):
            place.mkdir(parents=True, exist_ok=True)
            for file in sorted(item for item in shipped(kind).iterdir() if item.suffix in SUFFIXES):
                target = place / file.name
                (copied if copy_new(file, target) else kept).append(target.relative_to(folder).as_posix())
    except OSError as error:
        raise LabFolderUnusable(folder=folder, reason=error.strerror or type(error).__name__) from None
    return copied, kept


def copy_new(source: Path, target: Path) -> bool:
    """Copy a file unless there is one; was it copied?"""
    try:
        with target.open("xb") as file, source.open("rb") as content:
            shutil.copyfileobj(content, file)
    except FileExistsError:
        return False
    return True


def lab_command(folder: Path, *, port: int, browser: bool) -> list[str]:
    """JupyterLab of this very Python, on this computer only, with its token."""
    arguments = [
        sys.executable,
        "-m",
        "jupyterlab",
        *FLAGS,
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.port={port}",
    ]
    if (folder / FIRST).is_file():
        arguments.append(f"--LabApp.default_url=/lab/tree/{FIRST}")
    if not browser:
        arguments.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--allow-root")
    return arguments


def start(arguments: list[str]) -> int:
    """Run JupyterLab until it ends; Ctrl-C is its own to answer. Returns its exit code."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        with subprocess.Popen(arguments, stdout=sys.stderr) as process:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            on_request_to_end(process.terminate)
            return max(0, process.wait())
    finally:
        signal.signal(signal.SIGINT, before)
