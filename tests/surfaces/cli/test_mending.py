"""Quarantine, replay, undo and drop-undo as they are typed, into a real server, with workers that are killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dms_workbench.engine.failpoints import VARIABLE
from dms_workbench.workbench import open_store
from tests.engine.copying.conftest import new_database, run_sql
from tests.migrating import kill_workers

from .conftest import Dms, sqlite_file

__all__ = ["new_database"]
CAUSE, SHORT = "n.note:not-null", "coalesce(note, '?')"
THERE = "SELECT id, note FROM n ORDER BY id"


@pytest.fixture
def target(new_database, tmp_path: Path) -> Iterator[str]:
    """A PostgreSQL database with a row of its own, and a source of which two rows cannot go there."""
    sqlite_file(
        tmp_path / "old.sqlite",
        "CREATE TABLE n (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO n VALUES (1, 'a'), (2, NULL), (3, NULL), (4, 'new');",
    )
    url = new_database("postgres")
    run_sql(url, "CREATE TABLE n (id bigint PRIMARY KEY, note varchar(9) NOT NULL)", "INSERT INTO n VALUES (4, 'mine')")
    yield url
    kept = open_store()
    kill_workers(kept)
    kept.close()


@pytest.fixture
def run_id(dms: Dms, target: str) -> str:
    """A merge that left two rows in quarantine; its worker is gone."""
    done = dms("migrate", "old.sqlite", target, "--mode", "upsert", "--json")
    assert done.json["status"] == "succeeded_with_quarantine", done
    kept = open_store()
    kill_workers(kept)
    kept.close()
    return str(done.json["run_id"])


@pytest.mark.postgres
@pytest.mark.parametrize("point", ["chunk.committed", "replay.before-books"])
def test_a_replay_whose_worker_is_killed_goes_on_by_the_same_command_and_once_only(
    dms: Dms, run_id: str, target: str, point: str
) -> None:
    words = ("runs", "replay", run_id, "--cause", CAUSE, "--with", SHORT, "--chunk-rows", "1", "--json")

    killed = dms(*words, environment={VARIABLE: point})
    assert (killed.exit_code, killed.json["status"]) == (5, "interrupted")
    again = dms(*words)

    assert (again.exit_code, again.json["status"], again.json["run_id"]) == (0, "succeeded", killed.json["run_id"])
    assert again.json["parent"]["status"] == "succeeded"
    assert run_sql(target, THERE) == [(1, "a"), (2, "?"), (3, "?"), (4, "new")]
    twice = dms(*words)
    assert (twice.exit_code, twice.json["tables"]) == (0, [])
    assert "Nothing is left" in twice.json["notes"][0]
    assert run_sql(target, THERE) == [(1, "a"), (2, "?"), (3, "?"), (4, "new")]


@pytest.mark.postgres
def test_an_undo_is_shown_first_and_takes_replayed_rows_along(dms: Dms, run_id: str, target: str) -> None:
    dms("runs", "replay", run_id, "--cause", CAUSE, "--with", SHORT)
    looked = dms("runs", "undo", run_id, text="n\n")
    assert "Nothing was changed." in looked.err
    assert len(run_sql(target, THERE)) == 4

    undone = dms("runs", "undo", run_id, "--yes", "--json")

    assert undone.exit_code == 0, undone
    assert run_sql(target, THERE) == [(4, "mine")]


@pytest.mark.postgres
def test_without_its_undo_data_a_run_stays_as_it_is(dms: Dms, run_id: str, target: str) -> None:
    dropped = dms("runs", "drop-undo", run_id, "--json")
    assert (dropped.exit_code, dropped.json["tables"]) == (0, 1), dropped
    assert dms("runs", "drop-undo", run_id, "--json").json["tables"] == 0

    refused = dms("runs", "undo", run_id, "--yes")

    assert refused.exit_code != 0
    assert "undo data were not kept or have been dropped" in refused.out + refused.err
    assert run_sql(target, THERE) == [(1, "a"), (4, "new")]
    assert dms("runs", "drop-undo", "nothing").exit_code != 0


@pytest.mark.postgres
def test_undo_data_whose_time_is_over_go_after_a_question(dms: Dms, run_id: str, target: str) -> None:
    fresh = dms("ledger", "drop-expired-undo", target, "--yes", "--json")
    assert (fresh.exit_code, [each["run_id"] for each in fresh.json["left"]]) == (0, [run_id]), fresh
    run_sql(target, "update dms_ledger.images set kept_until = '2001-01-01T00:00:00+00:00'")

    refused = dms("ledger", "drop-expired-undo", target, "--json", text="n\n")
    assert f"To drop: run {run_id}, until 2001-01-01" in refused.err
    assert [each["run_id"] for each in refused.json["dropped"]] == [run_id]
    assert refused.json["preview"]
    assert "run " + run_id in dms("ledger", "drop-expired-undo", target, "--preview").out

    gone = dms("ledger", "drop-expired-undo", target, "--yes", "--json")
    assert ([each["run_id"] for each in gone.json["dropped"]], gone.json["preview"]) == ([run_id], False)
    assert dms("ledger", "drop-expired-undo", target).out == "The target keeps no undo data.\n"
