"""Runs taken back through the facade: copies with their replays, repairs; and what cannot be."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.features.plans import PlanSummary
from dms_workbench.features.runs import Run, RunNotUndoable
from dms_workbench.workbench import Workbench
from tests.migrating import make_plan, rows_in

from .test_replay import Work, run, work

__all__ = ["run", "work"]
CAUSE, EXPRESSION = "customers.born:invalid-value", "strptime(born, '%d.%m.%Y')"


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as file:
        for statement in statements:
            file.execute(statement)
        file.commit()


@pytest.fixture
def merged(local: Workbench, tmp_path: Path) -> PlanSummary:
    """A plan that merges three rows into a table of two, of which it changes one."""
    source, target = tmp_path / "source.db", tmp_path / "target.db"
    execute(source, "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)")
    execute(source, "INSERT INTO customers VALUES (1, 'one'), (2, 'two'), (3, 'three')")
    execute(target, "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)")
    execute(target, "INSERT INTO customers VALUES (2, 'mine'), (9, 'nine')")
    return make_plan(local, source, target, mode="upsert")


def done(local: Workbench, work: Work, run_id: str, *, preview: bool = False) -> Run:
    local.runs.undo(run_id, preview=preview)
    return work()


def test_rows_of_replays_go_with_the_copy_they_belong_to(
    local: Workbench, run: Run, work: Work, tmp_path: Path
) -> None:
    local.runs.replay(run.id, CAUSE, EXPRESSION)
    replay = work()
    with pytest.raises(RunNotUndoable, match="a replay that is succeeded") as refused:
        local.runs.undo(replay.id, preview=False)
    assert f"dms runs undo {run.id}" in str(refused.value.as_dict()["next"])

    undone = done(local, work, run.id)

    assert undone.status == "succeeded", undone
    assert undone.result is not None
    assert undone.result["undo"][0]["deleted"] == 3
    assert undone.result["undo"][0]["proof"] == "empty, as before"
    assert local.runs.get(run.id).status == "undone"


def test_an_undo_cannot_be_taken_back_and_says_what_does(local: Workbench, run: Run, work: Work) -> None:
    undone = done(local, work, run.id)

    with pytest.raises(RunNotUndoable) as refused:
        local.runs.undo(undone.id, preview=False)

    assert "Repeat the migration" in str(refused.value.as_dict()["next"])


def test_a_merge_is_taken_back_and_proved(local: Workbench, merged: PlanSummary, work: Work, tmp_path: Path) -> None:
    copied = local.runs.start(merged.id)
    assert work().status == "succeeded"

    looked = done(local, work, copied.id, preview=True)
    assert len(rows_in(tmp_path / "target.db")) == 4
    undone = done(local, work, copied.id)

    assert rows_in(tmp_path / "target.db") == [(2, "mine"), (9, "nine")]
    assert "2 rows of the run to take out, 1 row to give back its values of before" in str(looked)
    assert "proof: equal to before by count and hash: 2 rows" in str(undone)
    assert "proof: 1 object is as before, and there is no other" in str(undone)


def test_what_others_wrote_since_is_listed_and_the_proof_says_so(
    local: Workbench, merged: PlanSummary, work: Work, tmp_path: Path
) -> None:
    copied = local.runs.start(merged.id)
    work()
    execute(
        tmp_path / "target.db",
        "UPDATE customers SET name = 'theirs' WHERE id = 2",
        "CREATE INDEX n ON customers (name)",
    )

    undone = done(local, work, copied.id)

    assert rows_in(tmp_path / "target.db") == [(2, "theirs"), (9, "nine")]
    assert "stays: id=2" in str(undone)
    assert "others have changed some; each row of the run was looked at by itself" in str(undone)
    assert "table customers: differs from before" in str(undone)


def test_a_repair_is_taken_back_without_its_copy(
    local: Workbench, merged: PlanSummary, work: Work, tmp_path: Path
) -> None:
    local.runs.start(merged.id)
    work()
    execute(
        tmp_path / "target.db", "UPDATE customers SET name = 'wrong' WHERE id = 1", "DELETE FROM customers WHERE id = 3"
    )
    local.runs.repair(merged.id)
    mended = work()
    assert rows_in(tmp_path / "target.db")[0] == (1, "one"), mended

    undone = done(local, work, mended.id)

    assert rows_in(tmp_path / "target.db") == [(1, "wrong"), (2, "two"), (9, "nine")]
    assert "equal to before by count and hash: 3 rows" in str(undone)


def test_without_what_was_kept_nothing_is_touched(
    local: Workbench, merged: PlanSummary, work: Work, tmp_path: Path
) -> None:
    copied = local.runs.start(merged.id)
    work()
    before = rows_in(tmp_path / "target.db")

    assert local.runs.drop_undo(copied.id).tables == 1
    assert local.runs.drop_undo(copied.id).tables == 0
    undone = done(local, work, copied.id)

    assert undone.status == "refused"
    assert "its undo data were not kept or have been dropped" in str(undone)
    assert rows_in(tmp_path / "target.db") == before
    assert local.runs.get(copied.id).status == "succeeded"


def test_after_the_time_they_are_kept_for_undo_data_still_serve_until_they_are_dropped(
    local: Workbench, merged: PlanSummary, work: Work, tmp_path: Path
) -> None:
    copied = local.runs.start(merged.id)
    work()
    execute(tmp_path / "target.db", "UPDATE dms_ledger_images SET kept_until = '2001-01-01T00:00:00+00:00'")

    assert done(local, work, copied.id).status == "succeeded"
    assert rows_in(tmp_path / "target.db") == [(2, "mine"), (9, "nine")]


def test_what_is_over_is_shown_first_and_then_dropped_for_all_runs_of_a_target(
    local: Workbench, merged: PlanSummary, work: Work, tmp_path: Path
) -> None:
    copied = local.runs.start(merged.id)
    work()
    target = merged.target_connection_id
    fresh = local.runs.drop_expired_undo(target, preview=False)
    assert (fresh.dropped, [data.run_id for data in fresh.left]) == ((), [copied.id])
    assert "There are no undo data whose time is over." in str(fresh)
    execute(tmp_path / "target.db", "UPDATE dms_ledger_images SET kept_until = '2001-01-01T00:00:00+00:00'")

    looked = local.runs.drop_expired_undo(target)
    assert looked.preview
    assert str(looked) == f"To drop: run {copied.id}, until 2001-01-01"
    gone = local.runs.drop_expired_undo(target, preview=False)
    assert str(gone) == f"Dropped: run {copied.id}, until 2001-01-01"
    assert str(local.runs.drop_expired_undo(target)) == "The target keeps no undo data."
    assert done(local, work, copied.id).status == "refused"
