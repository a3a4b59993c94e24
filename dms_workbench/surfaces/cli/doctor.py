"""``dms doctor``: what is installed, what is missing and how to get it."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import platform
from .command import command
from .layout import columns
from .terminal import Terminal, paint

if TYPE_CHECKING:
    from ...workbench import Workbench

DISTRIBUTION = "dms-workbench"
REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)[^;]*(?:;.*extra == ['\"](?P<extra>[\w-]+)['\"])?")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "firefox", "msedge", "safari")
SPARE_BYTES = 200_000_000
NEEDED_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. essential: nothing works without it. next: how to put it right."""

    name: str
    works: bool
    essential: bool
    found: str
    next: str = ""


@command("doctor")
def doctor(terminal: Terminal) -> int:
    """Say what is installed, what is missing and how to get it. Exit code 1 when something essential is missing."""
    findings = [replace(finding, next="") if finding.works else finding for look in LOOKS for finding in safely(look)]
    broken = [finding for finding in findings if finding.essential and not finding.works]
    terminal.data({"works": not broken, "findings": [asdict(finding) for finding in findings]})
    terminal.show("\n".join(lines(findings)))
    words = (
        "Everything essential is there." if not broken else f"Missing: {', '.join(finding.name for finding in broken)}."
    )
    terminal.show("\n" + paint(words, "green" if not broken else "red", "bold"))
    return 1 if broken else 0


def lines(findings: list[Finding]) -> list[str]:
    """A line for each finding, and how to put it right below."""
    told = columns([[sign(finding), finding.name, finding.found] for finding in findings])
    shown: list[str] = []
    for finding, line in zip(findings, told, strict=True):
        shown.append(line)
        if finding.next:
            shown.append(f"       {finding.next}")
    return shown


def sign(finding: Finding) -> str:
    """How it stands, in a word."""
    return "✓ ok" if finding.works else "✗ missing" if finding.essential else "· absent"


def safely(look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What a look finds; if the look itself fails, that."""
    from ...kernel.errors import WorkbenchError

    try:
        yield from look()
    except WorkbenchError as error:
        yield Finding(look.__name__.replace("_", " "), False, True, error.message, error.next)
    except OSError as error:
        yield Finding(look.__name__.replace("_", " "), False, True, error.strerror or type(error).__name__)


def python() -> Iterator[Finding]:
    """The interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(
        "Python",
        sys.version_info >= NEEDED_PYTHON,
        True,
        f"{version} at {sys.executable}",
        "Install Python 3.11 or newer.",
    )


def packages() -> Iterator[Finding]:
    """The package itself, what it needs, and the extras."""
    yield Finding(DISTRIBUTION, True, True, metadata.version(DISTRIBUTION))
    needed: dict[str, list[str]] = {}
    for line in metadata.requires(DISTRIBUTION) or ():
        match = REQUIREMENT.match(line)
        if match is not None and match["name"] != DISTRIBUTION and for_this_system(line):
            needed.setdefault(match["extra"] or "", []).append(match["name"])
    missing = absent(needed.pop("", []))
    yield Finding("packages", not missing, True, named(missing) or "all there", f"pip install {' '.join(missing)}")
    for extra, names in sorted(needed.items()):
        missing = absent(names)
        yield Finding(
            f"extra {extra}",
            not missing,
            False,
            named(missing) or "installed",
            f"pip install '{DISTRIBUTION}[{extra}]'",
        )


def for_this_system(requirement: str) -> bool:
    """Is a requirement meant for this operating system?"""
    return not (platform.WINDOWS and "platform_system != 'Windows'" in requirement.replace('"', "'"))


def absent(names: list[str]) -> list[str]:
    """The distributions that are not installed."""
    return sorted({name for name in names if version_of(name) is None})


def named(missing: list[str]) -> str:
    """Missing distributions in words."""
    return f"without {', '.join(missing)}" if missing else ""


def version_of(distribution: str) -> str | None:
    """The version installed; None if there is none."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def tools() -> Iterator[Finding]:
    """DuckDB, JupyterLab, the widgets, the notebooks and a browser."""
    duckdb = version_of("duckdb")
    yield Finding(
        "DuckDB",
        bool(duckdb) and int(str(duckdb).partition(".")[0]) == 2,
        True,
        duckdb or "not installed",
        "pip install 'duckdb>=2,<3'",
    )
    lab = version_of("jupyterlab")
    yield Finding("JupyterLab", lab is not None, False, lab or "not installed", "pip install jupyterlab")
    static = Path(__file__).parents[1] / "widgets" / "static"
    bundles = sorted(path.name for path in static.glob("*.js"))
    yield Finding(
        "widgets",
        bool(bundles),
        False,
        ", ".join(bundles) or "not built",
        "Install the package again without DMS_SKIP_WIDGETS.",
    )
    yield shipped_files()
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    yield Finding(
        "browser",
        browser is not None,
        False,
        browser or "none on the PATH",
        "dms lab prints an address to open in any browser.",
    )


def shipped_files() -> Finding:
    """Templates and notebooks that come with the package."""
    from ...shipped import shipped

    try:
        folders = [shipped(kind) for kind in ("templates", "notebooks")]
    except FileNotFoundError as error:
        return Finding("notebooks", False, False, str(error), "Install the package again.")
    return Finding("notebooks", True, False, str(folders[-1]))


def data_folder() -> Iterator[Finding]:
    """The data folder and the keys in it."""
    from ...kernel.master_keys import key_folder

    folder = platform.private_folder(platform.data_folder())
    writable = os.access(folder, os.W_OK | os.X_OK)
    yield Finding("data folder", writable, True, str(folder), "Make it writable, or name another one in DMS_HOME.")
    free = shutil.disk_usage(folder).free
    yield Finding(
        "disk space",
        free > SPARE_BYTES,
        True,
        f"{free // 1_000_000:,} MB free there",
        "Make room, or name another folder in DMS_HOME.",
    )
    keys = key_folder()
    files = [path for path in keys.glob("*") if path.is_file()] if keys.is_dir() else []
    open_to_others = [path for path in files if not platform.WINDOWS and path.stat().st_mode & 0o077]
    found = f"{len(files)} key files, readable by you only" if not open_to_others else "others may read them"
    yield Finding("keys", not open_to_others, True, found, f"chmod 600 {' '.join(map(str, open_to_others))}")


def store() -> Iterator[Finding]:
    """The store and its worker."""
    from ...kernel.bus import LocalBus
    from ...workbench import Workbench

    with Workbench() as workbench:
        yield Finding("store", True, True, workbench.where)
        if isinstance(workbench.bus, LocalBus):
            yield worker(workbench)


def worker(workbench: Workbench) -> Finding:
    """The process that carries out runs."""
    from ...features.runs import worker_folder, worker_lock, worker_log

    bus: Any = workbench.bus
    folder = worker_folder(bus.store)
    running = platform.is_locked(worker_lock(folder))
    return Finding(
        "worker",
        True,
        False,
        f"{'running' if running else 'starts when a run is queued'}; its log: {worker_log(folder)}",
    )


LOOKS = (python, packages, tools, data_folder, store)
