"""Parts of the engine load what is asked of them, and no more."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dms_workbench.engine import copying, mapping, planning
from dms_workbench.engine.mapping import sheet

LOADED = (
    "import sys; import {asked}; print('\\n'.join(name for name in sys.modules if name.startswith('dms_workbench')))"
)


def loaded_by(asked: str) -> set[str]:
    """Our modules that a process has which has imported one."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(asked=asked)], capture_output=True, text=True, check=True
    )
    return {name.removeprefix("dms_workbench.") for name in done.stdout.split()}


@pytest.mark.parametrize("package", [copying, mapping, planning, sheet])
def test_every_name_of_a_lazy_package_is_found(package):
    for name in package.__all__:
        assert getattr(package, name).__class__.__name__ != "module"


def test_a_name_that_a_lazy_package_does_not_have_is_no_name():
    with pytest.raises(AttributeError, match=r"module 'dms_workbench.engine.planning' has no attribute 'nothing'"):
        _ = planning.nothing


def test_the_errors_of_the_mapping_file_load_no_expressions():
    assert not any(name.startswith("engine.expressions") for name in loaded_by("dms_workbench.engine.mapping.errors"))


def test_a_copy_loads_neither_the_planner_nor_the_comparison_nor_the_ways_to_read_files_before_it_begins():
    loaded = loaded_by("dms_workbench.engine.copying.run")
    assert "engine.planning.build" not in loaded
    assert not any(name.startswith("engine.verifying") for name in loaded)
    assert not any(name.startswith(("engine.databases.files", "engine.databases.sqlite")) for name in loaded)
