"""Causes, previews and replays through the facade: the store follows the ledger."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.features.runs import Run, RunNotReplayable, RunQueue, assign, carry_out
from dms_workbench.features.runs.steering import News
from dms_workbench.kernel.store import Store
from dms_workbench.workbench import Workbench
from tests.migrating import make_plan

from .conftest import NOW

Work = Callable[[], Run]
DATES = """\
format: dms-mapping/1
name: short
tables:
  - {source: customers, target: customers, columns: {id: {source: id}, born: {source: born, type: DATE}}}
"""


@pytest.fixture
def work(local: Workbench, queue: RunQueue, store: Store, tmp_path: Path) -> Work:
    """Carry out the next queued run, as a worker does."""

    def carry() -> Run:
        job = queue.claim(NOW)
        assert job is not None
        spool = tmp_path / "spool"
        spool.mkdir(exist_ok=True)
        with store.reading() as db:
            bus: Any = local.bus
            assignment = assign(job, replace(bus, db=db).context(), spool)
        queue.finish(job, carry_out(assignment, Control()), News("done", ()), NOW, leaving=False)
        return local.runs.get(job.run.id)

    return carry


@pytest.fixture
def run(local: Workbench, work: Work, tmp_path: Path) -> Run:
    """A copy with two rows in quarantine: their dates are written otherwise."""
    with closing(sqlite3.connect(tmp_path / "source.db")) as file:
        file.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, born TEXT)")
        file.execute("INSERT INTO customers VALUES (1, '1815-12-10'), (2, '13.07.1527'), (3, '29.02.2024')")
        file.commit()
    plan = make_plan(local, tmp_path / "source.db", tmp_path / "target.duckdb", mapping_text=DATES)
    local.runs.start(plan.id)
    done = work()
    assert done.status == "succeeded_with_quarantine", done
    return done


def test_causes_say_what_would_help(local: Workbench, run: Run) -> None:
    (cause,) = local.runs.causes(run.id)

    assert (cause.name, cause.rows, cause.examples) == ("customers.born:invalid-value", 2, ({"id": 2}, {"id": 3}))
    assert (cause.proposals[0].expression, cause.proposals[0].passing) == ("strptime(born, '%d.%m.%Y')", 2)


def test_a_preview_shows_rows_before_and_after(local: Workbench, run: Run) -> None:
    found = local.runs.preview_replay(run.id, "customers.born:invalid-value", "strptime(born, '%d.%m.%Y')")

    assert (found.passing, found.examples[0].before, found.examples[0].after) == (
        2,
        {"born": "13.07.1527"},
        "1527-07-13",
    )


def test_a_replay_closes_the_books_of_its_run(local: Workbench, run: Run, work: Work) -> None:
    queued = local.runs.replay(run.id, "customers.born:invalid-value", "strptime(born, '%d.%m.%Y')")

    done = work()

    assert (done.id, done.kind, done.status) == (queued.id, "replay", "succeeded"), done
    parent = local.runs.get(run.id)
    assert parent.status == "succeeded"
    assert parent.result is not None
    assert [(table["written"], table["quarantined"]) for table in parent.result["tables"]] == [(3, 0)]
    assert local.runs.causes(run.id) == []


def test_a_replay_that_is_under_way_is_only_returned(local: Workbench, run: Run) -> None:
    first = local.runs.replay(run.id, "customers.born:invalid-value", "strptime(born, '%d.%m.%Y')")

    assert local.runs.replay(run.id, "customers.born:invalid-value", "strptime(born, '%d.%m.%Y')").id == first.id
    with pytest.raises(RunNotReplayable):
        local.runs.replay(first.id, "customers.born:invalid-value")


def test_the_ledger_shows_no_value_of_a_rejected_row(run: Run, tmp_path: Path) -> None:
    assert b"13.07.1527" not in (tmp_path / "target.duckdb").read_bytes()
    assert "13.07.1527" not in str(run.result)
