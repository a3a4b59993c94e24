"""A master key that still opens rows in quarantine is kept, unless somebody gives these rows up."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.features.connections import KeyOpensRows, RowsNotLookedFor
from dms_workbench.features.plans import PlanSummary
from dms_workbench.features.runs import Run, RunQueue
from dms_workbench.kernel.errors import WorkbenchError
from dms_workbench.kernel.master_keys import KeyInUse
from dms_workbench.workbench import Workbench
from tests.migrating import plan_between

from .conftest import NOW
from .test_replay import DATES, Work, run, work

__all__ = ["run", "work"]


def test_a_key_is_kept_while_rows_in_a_target_need_it(local: Workbench, run: Run) -> None:
    old = local.connections.rotate_keys().old_keys[0]

    with pytest.raises(KeyOpensRows) as refused:
        local.connections.forget_key(old)

    said = refused.value.message
    assert f"2 rows of customers of run {run.id} in " in said
    assert "target.duckdb" in said
    assert "--with-quarantine" in str(refused.value.as_dict()["next"])
    assert local.runs.preview_replay(run.id, "customers.born:invalid-value", "strptime(born, '%d.%m.%Y')").passing == 2


def test_rows_are_given_up_when_that_is_said(local: Workbench, run: Run) -> None:
    old = local.connections.rotate_keys().old_keys[0]

    local.connections.forget_key(old, with_quarantine=True)

    with pytest.raises(WorkbenchError) as sealed:
        local.runs.preview_replay(run.id, "customers.born:invalid-value", "strptime(born, '%d.%m.%Y')")
    assert sealed.value.code == "quarantine-sealed"
    assert local.runs.quarantine(run.id)[0].key == {"id": 2}


def test_a_key_that_opens_nothing_goes_although_there_are_other_rows(local: Workbench, run: Run) -> None:
    local.connections.rotate_keys()
    unused = sorted(local.connections.rotate_keys().old_keys)
    opens = []
    for key in unused:
        try:
            local.connections.forget_key(key)
        except KeyOpensRows:
            opens.append(key)

    assert len(unused) == 2
    assert len(opens) == 1
    assert local.runs.preview_replay(run.id, "customers.born:invalid-value", "strptime(born, '%d.%m.%Y')").passing == 2


def test_a_target_that_does_not_answer_keeps_the_key(local: Workbench, run: Run, tmp_path: Path) -> None:
    old = local.connections.rotate_keys().old_keys[0]
    (tmp_path / "target.duckdb").rename(tmp_path / "elsewhere.duckdb")

    with pytest.raises(RowsNotLookedFor, match=r"target\.duckdb, which does not answer"):
        local.connections.forget_key(old)

    local.connections.forget_key(old, with_quarantine=True)


def test_a_run_under_way_keeps_the_key(local: Workbench, plan: PlanSummary, queue: RunQueue, tmp_path: Path) -> None:
    begun = local.runs.start(plan.id)
    assert queue.claim(NOW) is not None
    sqlite3.connect(tmp_path / "target.db").close()
    local.connections.rotate_keys()
    old = local.connections.rotate_keys().old_keys[0]

    with pytest.raises(RowsNotLookedFor, match=f"run {begun.id}, which is under way"):
        local.connections.forget_key(old)


def test_the_current_key_is_refused_for_what_it_is(local: Workbench, run: Run) -> None:
    with pytest.raises(KeyInUse):
        local.connections.forget_key(local.connections.rotate_keys().key, with_quarantine=True)


@pytest.mark.parametrize(
    "server", [pytest.param("postgres", marks=pytest.mark.postgres), pytest.param("mariadb", marks=pytest.mark.mariadb)]
)
def test_rows_in_the_ledger_of_a_server_are_counted_before_their_key_goes(
    local: Workbench, work: Work, server: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    target: str = request.getfixturevalue(f"{server}_url")
    with closing(sqlite3.connect(tmp_path / "source.db")) as file:
        file.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, born TEXT)")
        file.execute("INSERT INTO customers VALUES (1, '1815-12-10'), (2, '13.07.1527'), (3, 'never'), (4, 'x')")
        file.commit()
    local.runs.start(plan_between(local, str(tmp_path / "source.db"), target, mapping_text=DATES).id)
    copied = work()
    assert copied.status == "succeeded_with_quarantine", copied
    old = local.connections.rotate_keys().old_keys[0]
    later = local.connections.rotate_keys().old_keys

    with pytest.raises(KeyOpensRows) as refused:
        local.connections.forget_key(old)

    assert f"3 rows of customers of run {copied.id} in " in refused.value.message
    local.runs.replay(copied.id, "customers.born:invalid-value", "strptime('13.07.1527', '%d.%m.%Y')")
    assert work().status == "succeeded"
    with pytest.raises(KeyOpensRows, match="3 rows of customers"):
        local.connections.forget_key(old)
    for unused in set(later) - {old}:
        local.connections.forget_key(unused)
    local.connections.forget_key(old, with_quarantine=True)
    assert local.runs.quarantine(copied.id) == []
