"""Replay, repair, undo and the dropping of undo data over HTTP, as a program of another language asks for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from dms_workbench.kernel.context import Caller
from dms_workbench.kernel.store import Store
from dms_workbench.workbench import Workbench
from tests.features.runs.conftest import local, lock, queue
from tests.features.runs.test_replay import Work, work
from tests.migrating import make_plan, rows_in
from tests.workbenches import token_of

from .test_service import client

__all__ = ["client", "local", "lock", "queue", "work"]
CAUSE, SHORT = "customers.name:not-null", "coalesce(name, '?')"


@pytest.fixture
def copied(local: Workbench, work: Work, tmp_path: Path) -> dict[str, str]:
    """A merge with a row in quarantine, into a table that had a row: ids of its run and plan."""
    for name, table, rows in (
        ("source.db", "name TEXT", "(1, 'one'), (2, NULL), (3, 'three')"),
        ("target.db", "name TEXT NOT NULL", "(3, 'mine')"),
    ):
        with closing(sqlite3.connect(tmp_path / name)) as file:
            file.execute(f"CREATE TABLE customers (id INTEGER PRIMARY KEY, {table})")
            file.execute(f"INSERT INTO customers VALUES {rows}")
            file.commit()
    plan = make_plan(local, tmp_path / "source.db", tmp_path / "target.db", mode="upsert")
    local.runs.start(plan.id)
    done = work()
    assert done.status == "succeeded_with_quarantine", done
    return {"run": done.id, "plan": plan.id}


def answered(answer: httpx.Response) -> Any:
    """What a request brought. Fails unless it went well."""
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_replay_and_an_undo_are_queued_and_told_by_their_routes(
    client: httpx.Client,
    copied: dict[str, str],
    work: Work,
    tmp_path: Path,
) -> None:
    run = f"/runs/{copied['run']}"
    assert [each["name"] for each in answered(client.get(f"{run}/causes"))] == [CAUSE]
    asked = {"cause": CAUSE, "expression": SHORT}
    assert answered(client.get(f"{run}/replay-preview", params=asked))["passing"] == 1

    queued = answered(client.post(f"{run}/replays", json=asked))
    assert (queued["kind"], queued["status"]) == ("replay", "queued")
    assert answered(client.post(f"{run}/replays", json=asked))["id"] == queued["id"]
    assert work().status == "succeeded"
    assert answered(client.get(run))["status"] == "succeeded"
    assert rows_in(tmp_path / "target.db") == [(1, "one"), (2, "?"), (3, "three")]

    assert answered(client.post(f"{run}/undo", json={}))["settings"]["preview"] is True
    looked = work()
    assert answered(client.get(f"/runs/{looked.id}"))["result"]["undo"][0]["deleted"] == 2
    answered(client.post(f"{run}/undo", json={"preview": False}))
    assert work().status == "succeeded"
    assert rows_in(tmp_path / "target.db") == [(3, "mine")]
    assert answered(client.get(run))["status"] == "undone"
    refused = client.post(f"/runs/{queued['id']}/undo", json={"preview": False})
    assert (refused.status_code, refused.json()["code"]) == (409, "run-not-undoable")


def test_a_repair_mends_over_its_route(
    client: httpx.Client,
    copied: dict[str, str],
    work: Work,
    tmp_path: Path,
) -> None:
    with closing(sqlite3.connect(tmp_path / "target.db")) as file:
        file.execute("UPDATE customers SET name = 'wrong' WHERE id = 1")
        file.commit()

    queued = answered(client.post("/repairs", json={"plan_id": copied["plan"]}))

    assert queued["kind"] == "repair"
    work()
    assert (1, "one") in rows_in(tmp_path / "target.db")
    assert client.post("/repairs", json={"plan_id": "nothing"}).status_code == 404


def test_undo_data_are_dropped_by_their_route_and_only_by_who_may(
    client: httpx.Client,
    copied: dict[str, str],
    work: Work,
    local: Workbench,
    store: Store,
    tmp_path: Path,
) -> None:
    run = f"/runs/{copied['run']}"
    viewer = local.access.create_user("vera", role="viewer")
    token = token_of(store, Caller(viewer.id, viewer.name, "local", role="viewer"))
    refused = client.post(f"{run}/undo-data/drop", json={}, headers={"authorization": f"Bearer {token}"})
    assert (refused.status_code, refused.json()["code"]) == (404, "not-found")

    assert answered(client.post(f"{run}/undo-data/drop", json={}))["tables"] == 1
    assert answered(client.post(f"{run}/undo-data/drop", json={}))["tables"] == 0

    answered(client.post(f"{run}/undo", json={"preview": False}))
    assert work().status == "refused"
    assert rows_in(tmp_path / "target.db") == [(1, "one"), (3, "three")]
    assert client.post("/runs/nothing/undo-data/drop", json={}).status_code == 404


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The test itself is the worker: the service starts none."""
    from dms_workbench.features.runs import starting

    monkeypatch.setattr(starting, "ensure_worker", lambda _: None)
    yield
