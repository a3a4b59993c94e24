"""Quarantined rows put through: exactly once, with their own expression, and the books closed again."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import (
    Replay,
    ReplayResult,
    RunOptions,
    RunResult,
    execute_replay,
    execute_verify,
    read_causes,
)
from dms_workbench.engine.failpoints import VARIABLE
from dms_workbench.engine.ledger import SealedCount, Seals, open_for_reading, sealed_rows
from dms_workbench.engine.planning import PlanOptions, build_plan
from dms_workbench.engine.planning.plan import plan_to_json

from .conftest import run_sql

SEALS = Seals("mine", {"mine": secrets.token_bytes(32)})
NewDatabase = Callable[[str], str]


class Place:
    """A copy with rows in quarantine, to be replayed."""

    def __init__(self, source: str, target: str, spool: Path, **plan: Any) -> None:
        self.source, self.target, self.spool = source, target, spool
        self.plan_options = plan
        self.plan = build_plan(source, target, PlanOptions(**plan))
        spool.mkdir(exist_ok=True)

    def copy(self, options: RunOptions | None = None) -> RunResult:
        from dms_workbench.engine.copying import execute_run

        self.run_id = str(uuid.uuid4())
        return execute_run(
            self.plan,
            self.source,
            self.target,
            run_id=self.run_id,
            options=options or RunOptions(seals=SEALS),
            control=Control(),
            spool_directory=self.spool,
        )

    def replay(
        self,
        cause: str,
        expression: str | None = None,
        *,
        run_id: str = "",
        options: RunOptions | None = None,
        **more: Any,
    ) -> ReplayResult:
        return execute_replay(
            self.plan,
            self.source,
            self.target,
            run_id=run_id or str(uuid.uuid4()),
            asked=Replay(self.run_id, cause, expression, **more),
            options=options or RunOptions(seals=SEALS),
            control=Control(),
            spool_directory=self.spool,
        )

    def verify(self, seals: Seals | None = SEALS) -> RunResult:
        plan = build_plan(self.source, self.target, PlanOptions(**{**self.plan_options, "purpose": "verify"}))
        return execute_verify(
            plan, self.source, self.target, run_id="v", control=Control(), spool_directory=self.spool, seals=seals
        )

    def ledger(self, sql: str) -> list[tuple]:
        return run_sql(self.target, sql)


@pytest.fixture
def place(new_database: NewDatabase, tmp_path: Path) -> Place:
    """SQLite into PostgreSQL: names too long, dates written otherwise, and a NULL where none may be."""
    source, target = new_database("sqlite"), new_database("postgres")
    run_sql(
        source,
        "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, born TEXT)",
        "INSERT INTO person VALUES (1, 'Ada', '1815-12-10'), (2, 'Bartholomew the Elder', '1900-01-01'),"
        " (3, 'Cleopatra the Seventh', '1901-01-01'), (4, NULL, '1902-01-01'), (5, 'Dee', '13.07.1527'), (6, 'Eve', '29.02.2024')",
    )
    run_sql(target, "CREATE TABLE person (id bigint PRIMARY KEY, name varchar(10) NOT NULL, born date)")
    return Place(source, target, tmp_path / "spool", mode="append", mapping_text=None)


def books(result: RunResult | None) -> tuple[int, int, int, str, str]:
    """Read, written, quarantined, verdict and status of a run of one table."""
    assert result is not None
    (table,) = result.tables
    return table.read, table.written, table.quarantined, table.verified, result.status


def test_rows_of_a_cause_are_put_through_with_an_expression_and_the_books_close(place: Place) -> None:
    assert books(place.copy()) == (6, 1, 5, "equal", "succeeded_with_quarantine")

    found = place.replay("person.name:too-long", "left(name, 10)")

    assert found.replay.error is None
    assert books(found.replay) == (2, 2, 0, "equal", "succeeded")
    assert books(found.parent) == (6, 3, 3, "equal", "succeeded_with_quarantine")
    assert place.ledger("SELECT name FROM person WHERE id IN (2, 3) ORDER BY id") == [("Bartholome",), ("Cleopatra ",)]
    assert books(place.verify()) == (6, 3, 3, "equal", "succeeded_with_quarantine")


def test_when_the_last_row_has_left_the_quarantine_the_run_has_succeeded(place: Place) -> None:
    place.copy()
    place.replay("person.name:too-long", "left(name, 10)")
    place.replay("person.name:not-null", "coalesce(name, '?')")

    last = place.replay("person.born:invalid-value", "strptime(born, '%d.%m.%Y')")

    assert books(last.parent) == (6, 6, 0, "equal", "succeeded")
    assert place.ledger("SELECT born::text FROM person WHERE id IN (5, 6) ORDER BY id") == [
        ("1527-07-13",),
        ("2024-02-29",),
    ]
    assert books(place.verify()) == (6, 6, 0, "equal", "succeeded")


def test_a_replayed_row_that_was_changed_since_is_found_by_verification(place: Place) -> None:
    place.copy()
    place.replay("person.name:too-long", "left(name, 10)")
    run_sql(place.target, "UPDATE person SET name = 'another' WHERE id = 2")

    found = place.verify()

    assert found.status == "differences"
    assert [finding["key"] for finding in found.tables[0].findings] == [{"id": "2"}]


def test_replaying_twice_writes_nothing_twice(place: Place) -> None:
    place.copy()
    place.replay("person.name:too-long", "left(name, 10)")

    again = place.replay("person.name:too-long", "left(name, 10)")

    assert (again.replay.status, books(again.parent)) == ("succeeded", (6, 3, 3, "equal", "succeeded_with_quarantine"))
    assert "Nothing is left" in again.replay.notes[0]
    assert place.ledger("SELECT count(*) FROM person") == [(3,)]


def test_rows_go_through_as_they_are_when_the_target_was_widened(place: Place) -> None:
    place.copy()
    run_sql(place.target, "ALTER TABLE person ALTER COLUMN name TYPE text")

    found = place.replay("person.name:too-long")

    assert books(found.replay) == (2, 2, 0, "equal", "succeeded")
    assert books(place.verify())[3] == "equal"


def test_what_still_fails_stays_in_quarantine_with_its_new_reason(place: Place) -> None:
    place.copy()

    found = place.replay("person.name:too-long", "CASE WHEN id = 2 THEN 'Bart' END")

    assert books(found.replay) == (2, 1, 1, "equal", "succeeded_with_quarantine")
    assert books(found.parent) == (6, 2, 4, "equal", "succeeded_with_quarantine")
    codes = place.ledger(
        "SELECT code, count(*) FROM dms_ledger.quarantine WHERE replayed_by IS NULL GROUP BY 1 ORDER BY 1"
    )
    assert codes == [("invalid-value", 2), ("not-null", 2)]


def test_values_in_quarantine_are_sealed_and_keys_are_not(place: Place) -> None:
    place.copy()

    kept = place.ledger("SELECT row_key, row_values FROM dms_ledger.quarantine ORDER BY row_no")

    assert [json.loads(key) for key, _ in kept] == [{"id": number} for number in (2, 3, 4, 5, 6)]
    assert all(values.startswith('{"$sealed"') and "Bart" not in values for _, values in kept)
    result = place.ledger("SELECT result FROM dms_ledger.runs")[0][0]
    assert "Bartholomew" not in result


def test_a_host_without_the_key_verifies_and_does_not_replay(place: Place) -> None:
    place.copy()

    refused = place.replay("person.name:too-long", "left(name, 10)", options=RunOptions())

    assert refused.replay.error is not None
    assert refused.replay.error["code"] == "quarantine-sealed"
    assert books(place.verify(seals=None)) == (6, 1, 5, "equal", "succeeded_with_quarantine")


def test_a_sealed_row_that_was_moved_does_not_open(place: Place) -> None:
    place.copy()
    run_sql(
        place.target,
        "UPDATE dms_ledger.quarantine a SET row_values = b.row_values FROM dms_ledger.quarantine b "
        "WHERE a.run_id = b.run_id AND a.row_key LIKE '%2%' AND b.row_key LIKE '%3%'",
    )

    assert (place.replay("person.name:too-long", "left(name, 10)").replay.error or {})["code"] == "quarantine-damaged"


def test_a_row_whose_parent_has_arrived_goes_through(new_database: NewDatabase, tmp_path: Path) -> None:
    source, target = new_database("sqlite"), new_database("postgres")
    run_sql(
        source, "CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER)", "INSERT INTO child VALUES (1, 1), (2, 7)"
    )
    run_sql(
        target,
        "CREATE TABLE parent (id bigint PRIMARY KEY)",
        "INSERT INTO parent VALUES (1)",
        "CREATE TABLE child (id bigint PRIMARY KEY, parent bigint REFERENCES parent)",
    )
    place = Place(source, target, tmp_path / "spool", mode="append", tables=("child",))
    place.copy()
    (cause,) = [each.name for each in read_causes(target, place.run_id)]
    assert books(place.replay(cause).parent) == (2, 1, 1, "equal", "succeeded_with_quarantine")
    run_sql(target, "INSERT INTO parent VALUES (7)")

    assert books(place.replay(cause).parent) == (2, 2, 0, "equal", "succeeded")


def test_rows_of_a_table_without_key_are_replayed_and_verified(new_database: NewDatabase, tmp_path: Path) -> None:
    source, target = new_database("postgres"), new_database("postgres")
    run_sql(source, "CREATE TABLE note (text text)", "INSERT INTO note VALUES ('a'), ('too long'), ('too long'), ('b')")
    run_sql(target, "CREATE TABLE note (text varchar(3))")
    place = Place(source, target, tmp_path / "spool", mode="append")
    first = place.copy()
    assert books(first) == (4, 2, 2, "equal", "succeeded_with_quarantine")
    assert [row.key for row in first.quarantine] == [{}, {}]

    found = place.replay("note.text:too-long", "left(text, 3)")

    assert books(found.parent) == (4, 4, 0, "equal", "succeeded")
    assert books(place.verify()) == (4, 4, 0, "equal", "succeeded")
    assert books(place.verify(seals=None))[3] == "not_verified"


def test_rows_that_fail_in_two_columns_go_through_with_two_expressions(place: Place) -> None:
    run_sql(place.source, "INSERT INTO person VALUES (7, 'Gottfried Wilhelm', '01.07.1646')")
    place.copy()
    cause = next(each.name for each in read_causes(place.target, place.run_id) if each.group.open == 3)

    found = place.replay(cause, "left(name, 10)", also=("born: try_strptime(born, '%d.%m.%Y')",))

    assert (found.replay.tables[0].written, found.replay.tables[0].quarantined) == (3, 0)
    assert place.ledger("SELECT name, born::text FROM person WHERE id = 7") == [("Gottfried ", "1646-07-01")]
    assert books(place.verify())[3] == "equal"


POINTS = (
    "replay.begun",
    "chunk.rows-written",
    "chunk.before-commit",
    "chunk.committed",
    "replay.before-books",
    "replay.books-closed",
)


@pytest.mark.parametrize("point", POINTS)
def test_a_replay_that_is_killed_anywhere_writes_each_row_once(place: Place, point: str, tmp_path: Path) -> None:
    place.copy(RunOptions())
    run_id = str(uuid.uuid4())
    script = tmp_path / "replay.py"
    script.write_text(
        "import sys\nfrom pathlib import Path\n"
        "from dms_workbench.engine.control import Control\n"
        "from dms_workbench.engine.copying import Replay, RunOptions, execute_replay\n"
        "from dms_workbench.engine.planning.plan import plan_from_json\n"
        "plan, source, target, parent, run_id, spool = sys.argv[1:]\n"
        "execute_replay(plan_from_json(Path(plan).read_text()), source, target, run_id=run_id,\n"
        "    asked=Replay(parent, 'person.name:too-long', 'left(name, 10)'), options=RunOptions(chunk_rows=1),\n"
        "    control=Control(), spool_directory=Path(spool))\n"
    )
    plan = tmp_path / "plan.json"
    plan.write_text(plan_to_json(place.plan))

    words = [str(script), str(plan), place.source, place.target, place.run_id, run_id, str(place.spool)]
    killed = subprocess.run([sys.executable, *words], env={**os.environ, VARIABLE: point}, check=False)

    assert killed.returncode == -9
    found = place.replay("person.name:too-long", "left(name, 10)", run_id=run_id, options=RunOptions(chunk_rows=1))
    assert books(found.replay) == (2, 2, 0, "equal", "succeeded")
    assert books(found.parent) == (6, 3, 3, "equal", "succeeded_with_quarantine")
    assert place.ledger("SELECT count(*), count(DISTINCT id) FROM person") == [(3, 3)]


@pytest.mark.parametrize("product", ["sqlite", "duckdb"])
def test_rows_go_through_in_every_product(new_database: NewDatabase, tmp_path: Path, product: str) -> None:
    source, target = new_database("postgres"), new_database(product)
    run_sql(
        source, "CREATE TABLE n (id int PRIMARY KEY, note text)", "INSERT INTO n VALUES (1, 'a'), (2, NULL), (3, NULL)"
    )
    run_sql(target, "CREATE TABLE n (id INTEGER PRIMARY KEY, note VARCHAR NOT NULL)")
    place = Place(source, target, tmp_path / "spool", mode="append")
    place.copy()

    found = place.replay("n.note:not-null", "coalesce(note, '?')")

    assert books(found.parent) == (3, 3, 0, "equal", "succeeded")
    assert run_sql(target, "SELECT id, note FROM n ORDER BY id") == [(1, "a"), (2, "?"), (3, "?")]
    assert books(place.verify())[3] == "equal"


@pytest.mark.parametrize("product", ["postgres", "duckdb", "sqlite"])
def test_rows_that_a_key_has_sealed_are_counted_by_run_and_table(
    new_database: NewDatabase, tmp_path: Path, product: str
) -> None:
    source, target = new_database("sqlite"), new_database(product)
    run_sql(source, "CREATE TABLE n (id INTEGER PRIMARY KEY, note TEXT)", "INSERT INTO n VALUES (1, 'a'), (2, NULL)")
    run_sql(target, "CREATE TABLE n (id INTEGER PRIMARY KEY, note VARCHAR(9) NOT NULL)")
    place = Place(source, target, tmp_path / "spool", mode="append")
    place.copy()

    with closing(open_for_reading(target)) as opened:
        assert sealed_rows(opened, "mine") == [SealedCount(place.run_id, "n", 1)]
        assert sealed_rows(opened, "min") == []
