from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.engine.planning import PlanOptions, build_plan
from dms_workbench.engine.planning.modes import ModesDiffer

MAPPING = """\
format: dms-mapping/1
name: shop
tables:
  - {source: a, mode: upsert}
  - source: b
  - {source: c, mode: replace, decision: rejected}
"""


@pytest.fixture
def urls(tmp_path: Path) -> tuple[str, str]:
    """A file with three tables, and one that is not there yet."""
    with closing(sqlite3.connect(tmp_path / "old.sqlite")) as file:
        for name in "abc":
            file.execute(f"create table {name} (id integer primary key)")
    return f"sqlite:///{tmp_path / 'old.sqlite'}", f"sqlite:///{tmp_path / 'new.sqlite'}"


def test_a_table_map_with_another_mode_than_the_runs_is_refused_with_what_to_do(urls: tuple[str, str]) -> None:
    with pytest.raises(ModesDiffer, match="writes a with mode upsert, and this run's mode is create") as caught:
        build_plan(*urls, PlanOptions(mapping_text=MAPPING))
    assert "--tables" in caught.value.next


def test_the_tables_of_one_mode_make_a_run(urls: tuple[str, str]) -> None:
    plan = build_plan(*urls, PlanOptions(mapping_text=MAPPING, tables=("b",)))
    assert [table.target_label for table in plan.tables] == ["b"]
    plan = build_plan(*urls, PlanOptions(mapping_text=MAPPING, tables=("a",), mode="upsert"))
    assert [table.target_label for table in plan.tables] == ["a"]
