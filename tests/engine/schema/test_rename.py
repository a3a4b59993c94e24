from __future__ import annotations

import hashlib
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from dms_workbench.engine.databases.urls import database_for
from dms_workbench.engine.schema.diff import compare
from dms_workbench.engine.schema.diff_model import Comparison, differences_of, open_renames
from dms_workbench.engine.schema.rename_sample import LiveSampler

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "schema_diff" / "renames.yaml").read_text())
ROWS = 60


def make(path: Path, sql: str, seeds: dict[str, int], same: dict[str, dict[str, str]]) -> str:
    """A file with the tables of a case, filled."""
    with closing(sqlite3.connect(path)) as file:
        file.executescript(sql)
        for table, seed in seeds.items():
            columns = file.execute(f"PRAGMA table_info({table})").fetchall()
            for number in range(ROWS):
                values = [value(row[1:3], same.get(table, {}), seed, number) for row in columns]
                file.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)
        file.commit()
    return f"sqlite:///{path}"


def value(column: tuple[str, str], same: dict[str, str], seed: int, number: int) -> Any:
    """The value of a cell: of text it depends on column, seed and row."""
    name, kind = column
    if kind == "BOOLEAN":
        return number % 2
    if kind != "TEXT":
        return number
    return hashlib.sha256(f"{same.get(name, name)}:{seed}:{number}".encode()).hexdigest()[:12]


def compared(case: dict[str, Any], folder: Path) -> Comparison:
    """The comparison of a case; with values where it has some."""
    seeds, same = case.get("values", {}), case.get("same_values", {})
    urls = [
        make(folder / f"{side}.sqlite", case[side], seeds.get(side, {}), same.get(side, {}))
        for side in ("first", "second")
    ]
    with ExitStack() as stack:
        sources = [stack.enter_context(closing(database_for(url).open_source(url))) for url in urls]
        sides = [(source.catalogue(), database_for(url)) for source, url in zip(sources, urls, strict=True)]
        return compare(sides[0], sides[1], sampler=LiveSampler(sources[0], sources[1]) if seeds else None)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_exactly_the_renames_of_the_corpus_are_recognised(case: dict[str, Any], tmp_path: Path) -> None:
    found = [[rename.kind, rename.second, rename.first] for rename in compared(case, tmp_path).renames]

    assert sorted(found) == sorted(case["renames"])


def named(name: str) -> dict[str, Any]:
    """The case of a name."""
    case: dict[str, Any] = next(case for case in CASES if case["name"] == name)
    return case


def test_a_rename_is_asked_about_and_never_drop_and_add(tmp_path: Path) -> None:
    found = compared(named("a column renamed, the name says so"), tmp_path)

    assert differences_of(found.certain, found.renames) == []
    assert len(open_renames(found.renames)) == 1


def test_an_accepted_rename_is_one_statement(tmp_path: Path) -> None:
    found = compared(named("a column renamed, the name says so"), tmp_path)
    found.renames[0].accept()

    [difference] = differences_of(found.certain, found.renames)
    assert difference.resolution.statements == ('ALTER TABLE "t" RENAME COLUMN "email" TO "email_address"',)
    assert not difference.resolution.destructive


def test_a_rejected_rename_is_something_missing_and_something_extra(tmp_path: Path) -> None:
    found = compared(named("a column renamed, the name says so"), tmp_path)
    found.renames[0].reject()

    differences = differences_of(found.certain, found.renames)
    assert [(each.change, each.resolution.destructive) for each in differences] == [("missing", False), ("extra", True)]


def test_columns_of_a_renamed_table_are_asked_about_after_the_table(tmp_path: Path) -> None:
    found = compared(named("a table and one of its columns"), tmp_path)
    assert [rename.kind for rename in open_renames(found.renames)] == ["table"]

    found.renames[0].accept()
    assert [rename.kind for rename in open_renames(found.renames)] == ["column"]

    found.renames[1].accept()
    differences = differences_of(found.certain, found.renames)
    assert [each.aspect for each in differences] == ["name", "name"]


def test_the_evidence_says_how_much_of_the_values_is_shared(tmp_path: Path) -> None:
    [rename] = compared(named("a table whose new name is quite another, told by its values"), tmp_path).renames

    assert rename.confidence > 0.7
    assert any("distinct values" in reason for reason in rename.evidence)
