"""The hook that bundles the widgets, without npm's registry: when it builds, and how it fails."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[3] / "widgets"


@pytest.fixture(scope="module")
def hook():
    pytest.importorskip("hatchling", reason="the build hook runs inside hatchling")
    described = importlib.util.spec_from_file_location("hatch_build", SOURCES / "hatch_build.py")
    assert described and described.loader
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module


@pytest.fixture
def sources(tmp_path, hook):
    folder = tmp_path / "widgets"
    folder.mkdir()
    for name in hook.INPUTS:
        hook.copy(SOURCES / name, folder / name)
    return folder


@pytest.fixture
def built(tmp_path, hook, sources):
    output = tmp_path / hook.OUTPUT
    output.mkdir(parents=True)
    for name in hook.expected(sources):
        (output / name).write_text("built", encoding="utf-8")
    (output / hook.HASH_FILE).write_text(hook.digest(sources), encoding="utf-8")
    return output


def test_fresh_bundles_are_not_built_again(hook, built, tmp_path):
    assert hook.ensure(tmp_path) is False


@pytest.mark.parametrize("name", ["src/run.tsx", "package-lock.json", "build.mjs"])
def test_a_changed_source_makes_them_stale(hook, sources, built, name):
    with (sources / name).open("a", encoding="utf-8") as file:
        file.write("\n")

    assert not hook.is_current(built, hook.digest(sources), hook.expected(sources))


def test_line_ends_of_windows_do_not_make_them_stale(hook, sources):
    before = hook.digest(sources)
    file = sources / "src/run.tsx"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))

    assert hook.digest(sources) == before


@pytest.mark.parametrize("name", ["run.js", "run.css", "LEGAL.txt"])
def test_a_missing_bundle_is_built(hook, sources, built, name):
    (built / name).unlink()

    assert not hook.is_current(built, hook.digest(sources), hook.expected(sources))


def test_a_tool_that_fails_is_quoted_with_the_way_out(hook, tmp_path):
    command = [sys.executable, "-c", "import sys; sys.exit('registry unreachable')"]

    with pytest.raises(
        hook.BundlesNotBuilt, match=r"(?s)install the packages.*registry unreachable.*DMS_SKIP_WIDGETS=1"
    ):
        hook.run(command, tmp_path, "install the packages")


def test_a_tool_that_is_missing_is_an_error_with_the_way_out(hook, tmp_path):
    with pytest.raises(hook.BundlesNotBuilt, match="DMS_SKIP_WIDGETS=1"):
        hook.run([str(tmp_path / "node")], tmp_path, "bundle the widgets")


def test_the_lock_file_names_no_registry():
    assert '"resolved"' not in (SOURCES / "package-lock.json").read_text(encoding="utf-8")
