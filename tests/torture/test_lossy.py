"""Values change only under a rule of the mapping; then they are counted, and verification expects them so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dms_workbench.engine.copying import RunResult
from tests.torture.cases import read, run

NewDatabase = Callable[[str], str]
Migrate = Callable[..., RunResult]

AWKWARD = (
    "create table t01 (id integer not null primary key, v decimal(6,2), w text, x datetime, y real)",
    "insert into t01 values (1, 0.1 + 0.2, 'a' || char(0) || 'b', '2024-01-01 12:00:00+02:00', 1.5)",
    "insert into t01 values (2, 2.345, cast(x'ff41' as text), '2024-01-01T12:00:00.123Z', 2.5)",
    "insert into t01 values (3, 1.5, 'plain', '2024-01-01 12:00:00', null)",
)
RULES = """\
format: dms-mapping/1
name: lossy
types:
  text: {lossy: [strip-nul, replace-invalid]}
  datetime: {lossy: naive-utc}
tables:
  - source: t01
    columns:
      id: id
      v: {source: v, lossy: round}
      w: w
      x: x
      y: y
"""


def changes(result: RunResult) -> dict[tuple[str, str], int]:
    """How many values each rule has changed in each column."""
    return {(change["column"], change["rule"]): change["values"] for table in result.tables for change in table.changes}


@pytest.mark.parametrize(("target", "nul_changes"), [("postgres", 1), ("duckdb", 0), ("mysql", 0)])
def test_rules_change_what_does_not_fit_and_it_is_counted_and_verified(
    target: str, nul_changes: int, new_database: NewDatabase, migrate: Migrate
):
    source, there = new_database("sqlite"), new_database(target)
    run("sqlite", source, iter(AWKWARD))
    without = migrate(source, new_database(target))
    assert {row.key["id"] for row in without.quarantine} == {1, 2}

    result = migrate(source, there, mapping_text=RULES)

    assert (result.status, result.quarantine, result.error) == ("succeeded", (), None)
    assert [table.verified for table in result.tables] == ["equal"]
    counted = {("v", "round"): 2, ("w", "replace-invalid"): 1, ("x", "naive-utc"): 2}
    assert changes(result) == counted | ({("w", "strip-nul"): nul_changes} if nul_changes else {})
    assert {key: float(value or 0) for key, value in read(target, there, ["t01"])["t01"].items()} == {
        1: 0.3,
        2: 2.35,
        3: 1.5,
    }


@pytest.mark.parametrize("target", ["postgres", "duckdb"])
def test_zero_dates_become_null_only_by_their_rule(target: str, new_database: NewDatabase, migrate: Migrate):
    source, there = new_database("mysql"), new_database(target)
    statements = (
        "set sql_mode = ''",
        "create table t01 (id int primary key, v date)",
        "insert into t01 values (1, '0000-00-00'), (2, '0009-12-04')",
    )
    run("mysql", source, iter(statements))
    mapping = "format: dms-mapping/1\nname: z\ntypes: {date: {lossy: zero-date-to-null}}\ntables:\n  - source: t01\n"

    result = migrate(source, there, mapping_text=mapping)

    assert (result.status, changes(result)) == ("succeeded", {("v", "zero-date-to-null"): 1})
    assert read(target, there, ["t01"])["t01"] == {1: None, 2: "0009-12-04"}


def test_a_type_of_the_mapping_stands_for_the_one_of_the_table(new_database: NewDatabase, migrate: Migrate):
    source, there = new_database("mysql"), new_database("postgres")
    run(
        "mysql",
        source,
        iter(("create table t01 (id int primary key, v tinyint(1))", "insert into t01 values (1, 1), (2, 0), (3, 7)")),
    )
    mapping = "format: dms-mapping/1\nname: b\ntypes: {'tinyint(1)': boolean}\ntables:\n  - source: t01\n"

    result = migrate(source, there, mapping_text=mapping)

    assert read("postgres", there, ["t01"])["t01"] == {1: "t", 2: "f"}
    assert [row.key for row in result.quarantine] == [{"id": 3}]
