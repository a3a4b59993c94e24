"""A run in a real store, and the hand of the worker that carries it out on another host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from dms_workbench.features.runs import store as runs_store
from dms_workbench.features.runs.model import TableProgress
from dms_workbench.kernel.store import Store
from dms_workbench.workbench import Workbench
from tests.surfaces.widgets.runs import RUN_ID, START, run_with
from tests.workbenches import empty_store_file, store, team, workbench

__all__ = ["empty_store_file", "store", "team", "workbench"]

LONG_LEASE = {"owner": "w", "owner_host": "elsewhere", "lease_until": 1e12}


class Hand:
    """Does to a run what its worker would do."""

    def __init__(self, store: Store, run_id: str) -> None:
        self.store = store
        self.run_id = run_id

    def copies(self, **counts: int) -> None:
        """Tell how far the first table is."""
        table = replace(TableProgress(0, "tbl_ord", "orders", "copy", rows_total=1000), **counts)  # type: ignore[arg-type]
        with self.store.writing() as db:
            runs_store.put_progress(db, self.run_id, "local", table)
            runs_store.enter_event(db, self.run_id, kind="progress", data={}, at=START)

    def sets(self, before: str, status: str, **values: Any) -> None:
        """Change the status."""
        with self.store.writing() as db:
            assert runs_store.set_status(db, self.run_id, before, {"status": status, **values})
            runs_store.enter_event(db, self.run_id, kind="status", data={"status": status}, at=START)


@pytest.fixture
def worker(store: Store, workbench: Workbench) -> Iterator[Hand]:
    """The worker of a run that is copying, with 250 of 1,000 rows accounted for."""
    project = workbench.projects.create("shop")
    with store.writing() as db:
        runs_store.queue(db, run_with(project_id=project.id, status="queued"), "local")
    hand = Hand(store, RUN_ID)
    hand.sets("queued", "running", phase="copy", started_at=START, **LONG_LEASE)
    hand.copies(read=250, written=240, filtered=7, quarantined=3)
    yield hand
