from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import pytest

from dms_workbench.platform import is_locked
from dms_workbench.workbench import open_store
from tests.migrating import kill_workers, rows_in
from tests.surfaces.cli.conftest import Dms, Done, long_table, read_until, sqlite_file

ROWS = 30_000
SLOW = ("--chunk-rows", "20", "--no-verify")


def test_a_migration_gives_exactly_the_json_that_the_issue_promises(dms: Dms, shop: Path) -> None:
    done = dms("migrate", "shop.sqlite", "new.duckdb", "--json")

    assert done.exit_code == 0
    assert list(done.json) == ["run_id", "status", "seconds", "tables", "objects", "quarantine"]
    assert done.json["status"] == "succeeded"
    assert done.json["tables"][0] == {
        "source": "customers",
        "target": "customers",
        "read": 3,
        "written": 3,
        "unchanged": 0,
        "merged": 0,
        "filtered": 0,
        "quarantined": 0,
        "verified": "equal",
    }
    assert {tuple(item) for item in done.json["objects"]} == {("kind", "name", "outcome", "reason")}
    assert len(rows_in(dms.folder / "new.duckdb", "orders")) == 4
    assert shop.exists()


def test_a_person_sees_one_line_for_each_table_the_objects_and_the_end(dms: Dms, shop: Path) -> None:
    done = dms("migrate", str(shop), "new.duckdb")

    lines = done.out.splitlines()
    assert lines[0].split() == ["Table", "read", "=", "written", "verified"]
    assert "  customers     3  =        3  ✓ equal" in lines
    assert "  2 tables      7  =        7  ✓ all equal" in lines
    assert "  Objects created: 2 tables, 2 primary keys, 1 foreign key, 2 statistics" in lines
    assert "✓ Succeeded: the books close and the target was read back" in lines
    assert "Copying" in done.err
    assert "\x1b" not in done.out + done.err


def test_the_same_command_after_the_end_moves_nothing_and_says_so(dms: Dms, shop: Path) -> None:
    first = dms("migrate", str(shop), "new.duckdb", "--json")
    again = dms("migrate", str(shop), "new.duckdb")
    told = dms("migrate", str(shop), "new.duckdb", "--json")

    assert again.exit_code == 0
    assert "Done and verified at 20" in again.out
    assert "Next:" not in again.out
    assert told.json["already_done"] is True
    assert first.json["run_id"] in again.out
    assert len(rows_in(dms.folder / "new.duckdb", "orders")) == 4


def test_a_finished_run_whose_target_has_lost_rows_since_says_how_to_compare(dms: Dms, shop: Path) -> None:
    dms("migrate", str(shop), "new.sqlite", "--tables", "customers", "--quiet")
    with closing(sqlite3.connect(dms.folder / "new.sqlite")) as target:
        target.execute("DELETE FROM customers WHERE id = 3")
        target.commit()
    again = dms("migrate", str(shop), "new.sqlite", "--tables", "customers")
    command = again.out.partition("Next: ")[2].strip()

    assert "customers has 2 rows now, not the 3 it had then" in again.out
    assert command.startswith("dms verify ")
    assert dms(*command.split()[1:]).exit_code == 4


def test_a_finished_run_whose_target_is_gone_is_done_again(dms: Dms, shop: Path) -> None:
    first = dms("migrate", str(shop), "new.duckdb", "--json")
    (dms.folder / "new.duckdb").unlink()
    again = dms("migrate", str(shop), "new.duckdb", "--json")

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert again.json["run_id"] != first.json["run_id"]
    assert len(rows_in(dms.folder / "new.duckdb", "orders")) == 4


def test_another_run_of_the_same_rows_is_made_when_asked_for(dms: Dms, shop: Path) -> None:
    first = dms("migrate", str(shop), "new.sqlite", "--mode", "append", "--json")
    again = dms("migrate", str(shop), "new.sqlite", "--mode", "append", "--new-run", "--json")

    assert again.json["run_id"] != first.json["run_id"]
    assert again.json["quarantine"] != []
    assert again.exit_code == 3


def test_rows_that_do_not_fit_end_in_quarantine_with_key_column_and_reason(dms: Dms, tmp_path: Path) -> None:
    sqlite_file(
        tmp_path / "old.sqlite",
        "CREATE TABLE people (id INTEGER PRIMARY KEY, age INTEGER); INSERT INTO people VALUES (1, 30), (2, 'unknown');",
    )
    done = dms("migrate", "old.sqlite", "new.duckdb", "--json")

    assert done.exit_code == 3
    [row] = done.json["quarantine"]
    assert (row["table"], row["key"], row["column"]) == ("people", {"id": 2}, "age")
    assert row["code"]
    told = dms("migrate", "old.sqlite", "new.duckdb")
    assert "1 row in quarantine:" in told.out
    assert f"Next: dms runs quarantine {done.json['run_id']} lists all; correct the mapping" in told.out
    assert "id=2" in told.out
    every = dms("runs", "quarantine", done.json["run_id"], "--json")
    assert [line["key"] for line in every.json["rows"]] == [{"id": 2}]


def test_a_limit_on_rejects_fails_the_run_and_a_larger_one_goes_on(dms: Dms, tmp_path: Path) -> None:
    sqlite_file(
        tmp_path / "old.sqlite",
        "CREATE TABLE people (id INTEGER PRIMARY KEY, age INTEGER); INSERT INTO people VALUES (1, 30), (2, 'unknown');",
    )
    stopped = dms("migrate", "old.sqlite", "new.duckdb", "--max-rejects", "0", "--json")
    again = dms("migrate", "old.sqlite", "new.duckdb", "--max-rejects", "1", "--json")

    assert (stopped.exit_code, stopped.json["status"]) == (1, "failed")
    assert stopped.json["error"]["code"]
    assert (again.exit_code, again.json["run_id"]) == (3, stopped.json["run_id"])


def test_tables_are_chosen_by_repetition_by_commas_and_left_out(dms: Dms, shop: Path) -> None:
    one = dms("migrate", str(shop), "one.sqlite", "--tables", "customers", "--json")
    both = dms("migrate", str(shop), "two.sqlite", "--tables", "customers,orders", "--exclude", "orders", "--json")

    assert [table["source"] for table in one.json["tables"]] == ["customers"]
    assert [table["source"] for table in both.json["tables"]] == ["customers"]


def test_a_mapping_file_renames_and_computes(dms: Dms, shop: Path) -> None:
    (dms.folder / "shop.yaml").write_text(
        "format: dms-mapping/1\nname: shop\ntables:\n  - source: customers\n    target: client\n"
        '    columns:\n      id: id\n      shout: {expression: "upper(name)"}\n    ignore: [name, city]\n'
    )
    done = dms("migrate", str(shop), "new.duckdb", "--mapping", "shop.yaml", "--json")

    assert done.exit_code == 0, done.err
    assert rows_in(dms.folder / "new.duckdb", "client")[0] == (1, "ADA")


@pytest.mark.postgres
def test_a_wrong_password_of_a_saved_connection_is_replaced_by_rotating_it(
    dms: Dms, shop: Path, postgres_url: str
) -> None:
    parts = urlsplit(postgres_url)
    wrong = parts._replace(netloc=f"{parts.username}:wrong@{parts.hostname}:{parts.port}").geturl()
    dms("projects", "create", "default")
    saved = dms("connections", "create", "default", "new", "--url", wrong)
    refused = [dms("migrate", str(shop), target, "--json").json["error"] for target in ("@new", wrong)]

    assert saved.exit_code == 0
    assert [error["code"] for error in refused] == ["password-wrong", "password-wrong"]
    assert refused[0]["next"] == "dms connections rotate new"
    assert "in the URL" in refused[1]["next"]


@pytest.mark.postgres
def test_it_goes_to_postgresql_and_back_again(dms: Dms, shop: Path, postgres_url: str) -> None:
    there = dms("migrate", str(shop), postgres_url, "--json")
    back = dms("migrate", postgres_url, "back.sqlite", "--json")

    assert (there.exit_code, back.exit_code) == (0, 0), there.err + back.err
    assert rows_in(dms.folder / "back.sqlite") == rows_in(shop)


def test_quiet_leaves_only_the_result(dms: Dms, shop: Path) -> None:
    done = dms("migrate", str(shop), "new.duckdb", "--quiet")

    assert done.err == ""
    assert "Succeeded" in done.out


def test_verbose_shows_what_the_run_logs(dms: Dms, shop: Path) -> None:
    assert "info    Copying rows." in dms("migrate", str(shop), "new.duckdb", "--verbose").err


@pytest.fixture
def slow_copy(dms: Dms) -> subprocess.Popen[str]:
    """A copy of many small commits, in the middle of its rows."""
    long_table(dms.folder / "old.sqlite", ROWS)
    process = dms.start("migrate", "old.sqlite", "new.sqlite", *SLOW)
    read_until(process, "Copying · ")
    return process


def ended(process: subprocess.Popen[str]) -> Done:
    """How a process ends."""
    out, err = process.communicate(timeout=60)
    return Done(process.returncode, out, err)


def everything_is_there_once(dms: Dms) -> bool:
    """Does the target hold each row exactly once?"""
    return [row[0] for row in rows_in(dms.folder / "new.sqlite", "items")] == list(range(ROWS))


def test_ctrl_c_pauses_and_the_same_command_goes_on(dms: Dms, slow_copy: subprocess.Popen[str]) -> None:
    slow_copy.send_signal(signal.SIGINT)
    paused = ended(slow_copy)

    assert paused.exit_code == 5
    assert "· Paused" in paused.out
    assert "the same command again" in paused.out
    again = dms("migrate", "old.sqlite", "new.sqlite", "--no-verify", "--json")
    assert again.json["run_id"] in paused.out
    assert again.json["tables"][0]["written"] == ROWS
    assert everything_is_there_once(dms)


def test_a_second_ctrl_c_leaves_the_run_working(dms: Dms, slow_copy: subprocess.Popen[str]) -> None:
    slow_copy.send_signal(signal.SIGINT)
    read_until(slow_copy, "Pausing")
    slow_copy.send_signal(signal.SIGINT)
    left = ended(slow_copy)

    assert left.exit_code == 5
    assert "dms status" in left.out or "the same command again" in left.out
    dms("migrate", "old.sqlite", "new.sqlite", "--no-verify")
    assert everything_is_there_once(dms)


def test_a_command_repeated_meanwhile_watches_the_same_run(dms: Dms, slow_copy: subprocess.Popen[str]) -> None:
    other = dms("migrate", "old.sqlite", "new.sqlite", *SLOW, "--json")
    first = ended(slow_copy)

    assert "watching it" in other.err
    assert other.json["run_id"] in first.out
    assert everything_is_there_once(dms)


def test_a_killed_worker_leaves_an_interrupted_run_that_the_same_command_resumes(
    dms: Dms, slow_copy: subprocess.Popen[str]
) -> None:
    kept = open_store()
    kill_workers(kept)
    kept.close()
    broken = ended(slow_copy)

    assert broken.exit_code == 5
    assert "Interrupted" in broken.out
    assert "dms runs resume" in broken.out
    again = dms("migrate", "old.sqlite", "new.sqlite", "--no-verify", "--json")
    assert again.json["run_id"] in broken.out
    assert everything_is_there_once(dms)


def test_an_empty_store_finds_the_run_again_in_the_targets_ledger(dms: Dms, shop: Path) -> None:
    first = dms("migrate", str(shop), "new.duckdb", "--json")
    again = dms("migrate", str(shop), "new.duckdb", "--json", environment={"DMS_HOME": str(dms.folder / "elsewhere")})

    assert (again.exit_code, again.json["run_id"]) == (0, first.json["run_id"])
    end_worker(dms.folder / "elsewhere")


def end_worker(home: Path) -> None:
    """Ask the worker of another data folder to leave."""
    for path in home.glob("workers/*/alive/*.lock"):
        if is_locked(path):
            os.kill(int(path.read_text()), signal.SIGTERM)


def test_the_source_is_only_read(dms: Dms, shop: Path) -> None:
    before = shop.read_bytes()
    dms("migrate", str(shop), "new.duckdb")

    assert shop.read_bytes() == before
    with closing(sqlite3.connect(shop)) as source, duckdb.connect(str(dms.folder / "new.duckdb")) as target:
        names = "SELECT name FROM customers ORDER BY id"
        assert source.execute(names).fetchall() == target.execute(names).fetchall()
