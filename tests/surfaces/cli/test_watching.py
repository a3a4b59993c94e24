"""status, logs, runs pause | resume | cancel, doctor, ledger, worker and serve."""

from __future__ import annotations

import json
import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dms_workbench import Workbench
from dms_workbench.features.runs import Run, RunSettings
from dms_workbench.surfaces.cli import main
from dms_workbench.surfaces.cli.results import listing
from tests.surfaces.cli.conftest import Dms, long_table, read_until


@pytest.fixture
def run_id(dms: Dms, shop: Path) -> str:
    """A run that has ended."""
    return str(dms("migrate", str(shop), "new.sqlite", "--json").json["run_id"])


def test_status_lists_runs_and_shows_one_with_its_books(dms: Dms, run_id: str) -> None:
    every = dms("status")
    one = dms("status", run_id)
    told = dms("status", run_id, "--json")

    assert run_id in every.out
    assert "succeeded" in every.out
    assert "  2 tables      7  =        7  ✓ all equal" in one.out
    assert (told.json["run_id"], told.json["status"], told.exit_code) == (run_id, "succeeded", 0)


def test_status_tells_runs_apart_by_source_and_target(dms: Dms, run_id: str) -> None:
    assert run_id
    folder = dms.folder.name
    assert f"…/{folder}/shop.sqlite → …/{folder}/new.sqlite" in dms("status").out


def test_status_names_saved_connections_and_no_count_of_tables_before_there_are_any() -> None:
    run = Run("r1", "p", "plan", "copy", "failed", "run", "", RunSettings(), "", datetime.now(UTC), "me")
    assert "0 tables" not in listing([run], {"plan": "@old → @new"})
    assert listing([run], {"plan": "@old → @new"}).endswith("@old → @new")


def test_people_see_saved_connections_and_are_told_of_the_others(dms: Dms, run_id: str) -> None:
    assert run_id
    dms("connections", "create", "default", "old", "--url", "postgresql://me@db.example/shop")
    shown, every = dms("connections", "list"), dms("connections", "list", "--json")

    assert "db.example" in shown.out
    assert "sqlite:///" not in shown.out
    assert "2 connections made from URLs on the way: --ad-hoc shows them." in shown.err
    assert "sqlite:///" in dms("connections", "list", "--ad-hoc").out
    assert len(every.json["items"]) == 3


def test_status_lists_only_what_was_asked_for(dms: Dms, run_id: str) -> None:
    assert run_id
    assert dms("status", "--status", "paused", "--json").json["items"] == []
    assert len(dms("status", "--status", "succeeded", "--json").json["items"]) == 1
    assert dms("status", "--status", "asleep").exit_code == 2


def test_logs_show_what_a_run_did(dms: Dms, run_id: str) -> None:
    shown, told = dms("logs", run_id, "--follow"), dms("logs", run_id, "--json")

    assert "Copying rows." in shown.out
    assert "Copying rows." in [line["message"] for line in told.json]


def test_a_run_is_paused_resumed_and_cancelled_by_its_id(dms: Dms) -> None:
    long_table(dms.folder / "old.sqlite", 300_000)
    with dms.start("migrate", "old.sqlite", "new.sqlite", "--chunk-rows", "20", "--no-verify") as watching:
        read_until(watching, "Copying · ")
        run_id = dms("status", "--json").json["items"][0]["id"]
        assert dms("runs", "pause", run_id).exit_code == 0
        watching.communicate(timeout=60)
    assert watching.returncode == 5
    assert dms("status", run_id, "--json").json["status"] == "paused"

    assert dms("runs", "resume", run_id, "--json").json["status"] in {"queued", "running"}
    dms("runs", "cancel", run_id)
    with Workbench() as workbench:
        assert workbench.runs.get(run_id).wait(60).status == "cancelled"


def test_doctor_finds_everything_essential_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = {finding["name"]: finding for finding in told["findings"]}

    assert told["works"] is True
    assert {"Python", "packages", "DuckDB", "JupyterLab", "data folder", "keys", "store", "worker", "browser"} <= set(
        found
    )
    assert main(["doctor"]) == 0
    assert "Everything essential is there." in capsys.readouterr().out


def test_doctor_names_a_data_folder_that_cannot_be_used(
    dms: Dms, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (dms.folder / "file").write_text("")
    monkeypatch.setenv("DMS_HOME", str(dms.folder / "file"))

    assert main(["doctor"]) == 1
    assert "✗ missing" in capsys.readouterr().out


def test_doctor_says_which_key_files_others_may_read(
    clean_environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["projects", "create", "shop"])
    server = ["--database", "postgres", "--host", "h", "--database-name", "d", "--user", "me", "--password", "x"]
    assert main(["connections", "create", "shop", "old", *server]) == 0
    key = next(path for path in clean_environment.glob("*keys*/*") if path.is_file())
    key.chmod(0o644)
    capsys.readouterr()

    assert main(["doctor"]) == 1
    assert f"chmod 600 {key}" in capsys.readouterr().out


def test_the_ledgers_ddl_makes_a_ledger(dms: Dms) -> None:
    done = dms("ledger", "ddl", "new.sqlite")

    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(done.out)
        made = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert "dms_ledger_runs" in made
    assert not (dms.folder / "new.sqlite").exists()


def test_the_ledgers_ddl_is_known_for_a_saved_connection_too(dms: Dms) -> None:
    dms("projects", "create", "default")
    dms("connections", "create", "default", "new", "--url", "postgresql://me@db.example/shop")
    done = dms("ledger", "ddl", "@new", "--ledger-schema", "books", "--json")

    assert done.json["database"] == "postgres"
    assert done.json["ddl"][0] == 'CREATE SCHEMA IF NOT EXISTS "books"'


def test_the_ledgers_ddl_for_mariadb_needs_no_schema_of_its_own(dms: Dms) -> None:
    done = dms("ledger", "ddl", "mariadb://me@db.example/shop", "--json")

    assert done.json["database"] == "mysql"
    assert all(statement.startswith("CREATE TABLE IF NOT EXISTS `dms_ledger_") for statement in done.json["ddl"])


def test_a_worker_in_the_terminal_carries_out_runs_and_ends_at_ctrl_c(dms: Dms, shop: Path) -> None:
    with dms.start("worker") as worker:
        read_until(worker, "Carrying out queued runs")
        done = dms("migrate", str(shop), "new.sqlite", "--json")
        worker.send_signal(signal.SIGINT)
        worker.communicate(timeout=60)

    assert done.exit_code == 0
    assert worker.returncode == 0


def test_the_service_answers_with_its_token_and_migrates(dms: Dms, shop: Path) -> None:
    with dms.start("serve", "--port", "0", "--json") as service:
        assert service.stdout is not None
        place = json.loads("".join(service.stdout.readline() for _ in range(4)))
        there = {"DMS_WORKBENCH_URI": place["address"], "DMS_WORKBENCH_TOKEN": place["token"]}
        done = dms("migrate", str(shop), str(dms.folder / "new.sqlite"), "--json", environment=there)
        stranger = dms("projects", "list", "--json", environment={**there, "DMS_WORKBENCH_TOKEN": "dms_x"})
        service.send_signal(signal.SIGINT)
        service.communicate(timeout=60)

    assert place["address"].startswith("http://127.0.0.1:")
    assert (done.exit_code, stranger.exit_code) == (0, 1), done.err
    assert stranger.json["error"]["code"] == "not-signed-in"


def test_a_port_that_is_taken_is_named(dms: Dms) -> None:
    with dms.start("serve", "--port", "0", "--json") as service:
        assert service.stdout is not None
        port = json.loads("".join(service.stdout.readline() for _ in range(4)))["address"].rpartition(":")[2]
        second = dms("serve", "--port", port)
        service.send_signal(signal.SIGINT)
        service.communicate(timeout=60)

    assert second.exit_code == 1
    assert f"✗ Port {port} of this computer cannot be used" in second.err
