from __future__ import annotations

import json
import shlex
import signal
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from tests.documents import ROOT
from tests.servers import PostgresServer, free_port
from tests.surfaces.cli.conftest import Dms, Done, read_until, sqlite_file

CASES: list[dict[str, Any]] = yaml.safe_load((ROOT / "tests/cases/command_line/bad_input.yaml").read_text("utf-8"))
CANARY = "canary"
READER = "reader_of_bad_input"
SERVER_WORDS = ("{postgres}", "{wrong_password}", "{reader}")


@pytest.fixture
def words(request: pytest.FixtureRequest, case: dict[str, Any], clean_environment: Path) -> dict[str, str]:
    """What stands for the words in braces."""
    found = {"port": str(free_port()), "home": str(clean_environment)}
    if any(word in case["command"] for word in SERVER_WORDS):
        server: PostgresServer = request.getfixturevalue("postgres")
        url = request.getfixturevalue("postgres_url")
        name = url.rpartition("/")[2].partition("?")[0]
        found |= {
            "postgres": url,
            "wrong_password": server.url(name, password=CANARY),
            "reader": reader(server, name),
        }
    return found


def reader(server: PostgresServer, name: str) -> str:
    """The URL of a user who may only read."""
    server.execute(f"DROP ROLE IF EXISTS {READER}")
    server.execute(f"CREATE ROLE {READER} LOGIN PASSWORD '{CANARY}'")
    return server.url(name, user=READER, password=CANARY)


def prepare(folder: Path, case: dict[str, Any]) -> None:
    """Make the files of a case."""
    for side in ("source", "target"):
        if side in case:
            sqlite_file(folder / f"{side}.sqlite", case[side])
    for name, text in case.get("files", {}).items():
        (folder / name).write_text(text, encoding="utf-8")


def command(case: dict[str, Any], words: dict[str, str]) -> list[str]:
    """The command of a case."""
    return [part.format_map(words) for part in shlex.split(case["command"])]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_bad_input_gets_an_error_that_names_the_thing_and_the_next_step(
    case: dict[str, Any], words: dict[str, str], dms: Dms
) -> None:
    prepare(dms.folder, case)
    before = contents(dms.folder)
    done = dms(*command(case, words), "--json")

    error = done.json["error"]
    assert (done.exit_code, error["code"]) == (case["exit"], case["code"]), error
    assert [name for name in case["names"] if name.format_map(words) not in error["message"]] == [], error
    assert case.get("next", "") in error["next"], error
    assert error["safe"]
    assert error["next"]
    assert error["message"] in done.err
    assert contents(dms.folder) == before, "something was written"
    assert no_password(done, dms.folder)


def contents(folder: Path) -> dict[str, Any]:
    """Names of the files, and what the databases among them hold."""
    return {path.name: tables(path) if path.suffix == ".sqlite" else "" for path in folder.iterdir() if path.is_file()}


def tables(path: Path) -> list[Any]:
    """The definitions in a SQLite file; no ledger among them before a run."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute("SELECT sql FROM sqlite_master").fetchall()
    except sqlite3.DatabaseError:
        return []


def no_password(done: Done, folder: Path) -> bool:
    """Is the password neither printed nor written anywhere?"""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".yaml"]
    written = [path for path in files if CANARY.encode() in path.read_bytes()]
    return CANARY not in done.out + done.err and quote(CANARY) not in done.out and not written


def test_a_run_that_was_refused_has_the_form_of_a_run(dms: Dms) -> None:
    done = dms("migrate", "absent.sqlite", "target.duckdb", "--json")

    assert {name: value for name, value in done.json.items() if name not in {"seconds", "error"}} == {
        "run_id": None,
        "status": "failed",
        "tables": [],
        "objects": [],
        "quarantine": [],
    }
    assert list(done.json["error"]) == ["code", "message", "where", "safe", "next"]


def test_a_project_name_that_is_taken_is_refused(dms: Dms) -> None:
    first, second = dms("projects", "create", "shop"), dms("projects", "create", "shop", "--json")

    assert (first.exit_code, second.exit_code) == (0, 1)
    assert list(second.json) == ["error"]
    assert second.json["error"]["code"] == "project-name-taken"
    assert second.json["error"]["next"] == "dms projects get shop"


def test_a_store_that_cannot_be_opened_is_one_sentence(dms: Dms) -> None:
    home = dms.folder / "home"
    home.mkdir()
    (home / "workbench.sqlite").mkdir()
    done = dms("projects", "list", environment={"DMS_HOME": str(home)})

    assert done.exit_code == 1
    assert done.err.startswith("✗ ")
    assert "Next: " in done.err


def test_ctrl_c_before_there_is_a_run_says_so(dms: Dms) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"postgresql://me@127.0.0.1:{silent.getsockname()[1]}/shop"
        with dms.start("migrate", address, "target.sqlite", "--json") as process:
            read_until(process, "Reading")
            connection, _ = silent.accept()
            with connection:
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=60)

    assert process.returncode == 5, err
    assert (json.loads(out)["status"], json.loads(out)["run_id"]) == ("cancelled", None)
    assert "Traceback" not in err
