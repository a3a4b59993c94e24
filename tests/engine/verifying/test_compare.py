"""Rows compared by their keys at once are told as rows compared by their hashes are."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.verifying.compare import Comparison, Shape, compare
from dms_workbench.engine.verifying.model import Finding
from dms_workbench.engine.verifying.workspace import Workspace

VALUES = (None, "", "a", "b", "N", "1")


def compared(workspace: Workspace, keys: tuple[int, ...], *, most_differ: bool) -> tuple[Comparison, Counter[str]]:
    """The comparison, and all that was told."""
    told: list[Finding] = []
    shape = Shape(("one", "two", "three"), keys)
    return compare(workspace, shape, "salt", told.append, most_differ=most_differ), Counter(map(repr, told))


def fill(workspace: Workspace, name: str, rows: list[tuple[str | None, ...]]) -> None:
    """A view's rows."""
    workspace.execute(f"CREATE OR REPLACE TABLE {name} (k0 VARCHAR, k1 VARCHAR, k2 VARCHAR)")
    for row in rows:
        workspace.connection.execute(f"INSERT INTO {name} VALUES (?, ?, ?)", list(row))


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("keys", [(0,), (0, 1)])
def test_both_ways_tell_the_same(tmp_path: Path, seed: int, keys: tuple[int, ...]) -> None:
    draw = random.Random(seed)
    workspace = Workspace(tmp_path, Control())
    numbers = [str(number) for number in range(12)] if seed % 2 else ["1", "2", "3", None, ""]
    for name in ("expected", "found"):
        drawn = draw.sample(numbers, 4) if seed % 2 else draw.choices(numbers, k=6)
        fill(workspace, name, [(key, draw.choice(VALUES), draw.choice(VALUES)) for key in drawn])
    fast, slow = (compared(workspace, keys, most_differ=most_differ) for most_differ in (True, False))
    workspace.close()
    assert (fast[0].missing, fast[0].extra, fast[0].changed) == (slow[0].missing, slow[0].extra, slow[0].changed)
    assert fast[1] == slow[1]
    assert Counter(map(repr, fast[0].findings)) == Counter(map(repr, slow[0].findings))


def test_equal_rows_among_those_that_differ_are_not_told(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, Control())
    fill(workspace, "expected", [("1", None, "a"), ("2", "", "b"), ("3", "x", "c")])
    fill(workspace, "found", [("1", None, "a"), ("2", None, "b"), ("4", "x", "c")])
    found, told = compared(workspace, (0,), most_differ=True)
    workspace.close()
    assert (found.missing, found.extra, found.changed) == (1, 1, 1)
    assert found.findings[0] == Finding("changed", {"one": "2"}, ("two",))
    assert sum(told.values()) == 3
