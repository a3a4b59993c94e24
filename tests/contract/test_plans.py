"""The pre-check, and plans as folders, the same embedded and through the service."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench import Workbench
from dms_workbench.engine.planning.errors import TargetNotEmpty
from dms_workbench.engine.planning.folder import PlanFolderInvalid
from dms_workbench.engine.planning.reopen import PlanOutdated
from dms_workbench.features.plans import PlanFolderTaken, PlanSummary
from dms_workbench.kernel.errors import NotPermitted
from dms_workbench.kernel.secrets import Secret
from tests.migrating import make_plan, make_source, rows_in
from tests.servers import PostgresServer
from tests.workbenches import Team

ROWS = 30
FILES = {"manifest.json", "plan.json", "before.sql", "after.sql", "mapping.yaml", "objects.csv", "runbook.md"}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small source."""
    return make_source(tmp_path / "source.db", ROWS)


@pytest.fixture
def plan(workbench: Workbench, source: Path) -> PlanSummary:
    """A plan from it into a file that does not exist yet."""
    return make_plan(workbench, source, source.parent / "target.db")


def files_of(workbench: Workbench, plan: PlanSummary) -> dict[str, str]:
    """The folder of a plan."""
    return {file.name: file.text for file in workbench.plans.folder(plan.id).files}


def reopened(workbench: Workbench, plan: PlanSummary, files: dict[str, str]) -> PlanSummary:
    """The plan of a folder, on the connections it was made for."""
    return workbench.plans.reopen(plan.project_id, plan.source_connection_id, plan.target_connection_id, files)


def change(database: Path, sql: str) -> None:
    """Run a script on a SQLite file."""
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(sql)


def test_a_check_of_two_files_finds_them_ready_and_makes_nothing(workbench: Workbench, plan: PlanSummary) -> None:
    report = workbench.plans.check(plan.source_connection_id, plan.target_connection_id)

    assert report.ready
    assert "Nothing stands in the way." in str(report)
    assert {finding.severity for finding in report.findings} <= {"warn", "note"}


@pytest.mark.postgres
def test_a_check_names_what_would_stop_the_run_and_what_to_do(
    workbench: Workbench, plan: PlanSummary, postgres: PostgresServer, postgres_url: str
) -> None:
    database = postgres_url.rsplit("/", 1)[1]
    postgres.execute(
        "create role check_only login password 'p w'; revoke create on schema public from public", database
    )
    try:
        url = postgres.url(database, user="check_only", password="p w")
        target = workbench.connections.ensure(plan.project_id, Secret(url))
        report = workbench.plans.check(plan.source_connection_id, target.id)
    finally:
        postgres.execute("drop role check_only")

    assert not report.ready
    assert (report.findings[0].severity, report.findings[0].side) == ("stop", "target")
    assert 'GRANT CREATE ON SCHEMA "public" TO "check_only"' in {finding.remedy for finding in report.findings}
    assert "would stop the run:" in str(report)


def test_a_folder_holds_what_is_reviewed_and_no_password(workbench: Workbench, plan: PlanSummary) -> None:
    files = files_of(workbench, plan)

    assert set(files) == FILES
    assert "CREATE TABLE customers" in files["before.sql"]
    assert "table,customers,created," in files["objects.csv"]
    assert "Nothing stands in the way." in files["runbook.md"]
    assert "source: customers" in files["mapping.yaml"]


def test_a_folder_is_written_once(workbench: Workbench, plan: PlanSummary, tmp_path: Path) -> None:
    folder = workbench.plans.folder(plan.id, check=False)

    place = folder.write(tmp_path / "review")

    assert {path.name for path in place.iterdir()} == FILES
    with pytest.raises(PlanFolderTaken, match="review"):
        folder.write(place)


def test_a_folder_becomes_the_same_plan_again(workbench: Workbench, plan: PlanSummary) -> None:
    again = reopened(workbench, plan, files_of(workbench, plan))

    assert again.id != plan.id
    assert (again.resume_key, again.tables, again.objects) == (plan.resume_key, plan.tables, plan.objects)


@pytest.mark.parametrize("name", sorted(FILES - {"manifest.json"}))
def test_a_folder_with_a_changed_file_is_refused(workbench: Workbench, plan: PlanSummary, name: str) -> None:
    files = files_of(workbench, plan)

    with pytest.raises(PlanFolderInvalid, match=f"{name} was changed") as refused:
        reopened(workbench, plan, {**files, name: files[name] + "\n"})

    assert refused.value.code == "plan-folder-invalid"


@pytest.mark.parametrize("name", ["manifest.json", "before.sql"])
def test_a_folder_that_lacks_a_file_is_refused(workbench: Workbench, plan: PlanSummary, name: str) -> None:
    files = files_of(workbench, plan)
    del files[name]

    with pytest.raises(PlanFolderInvalid, match=f"{name} is missing"):
        reopened(workbench, plan, files)


def test_a_plan_is_outdated_once_the_sources_structure_has_moved(
    workbench: Workbench, plan: PlanSummary, source: Path
) -> None:
    files = files_of(workbench, plan)
    change(source, "ALTER TABLE customers ADD COLUMN city TEXT")

    with pytest.raises(PlanOutdated, match="The source is not as it was planned for") as refused:
        reopened(workbench, plan, files)

    assert refused.value.code == "plan-outdated"
    change(source, "ALTER TABLE customers DROP COLUMN city")
    assert reopened(workbench, plan, files).resume_key == plan.resume_key


def test_a_plan_is_outdated_once_the_targets_structure_has_moved(
    workbench: Workbench, plan: PlanSummary, tmp_path: Path
) -> None:
    files = files_of(workbench, plan)
    change(
        tmp_path / "target.db", "CREATE TABLE customers (id INTEGER, name TEXT); INSERT INTO customers VALUES (1, 'a')"
    )

    with pytest.raises(PlanOutdated, match="The target is not as it was planned for"):
        reopened(workbench, plan, files)


def test_new_rows_do_not_outdate_a_plan(workbench: Workbench, plan: PlanSummary, source: Path) -> None:
    files = files_of(workbench, plan)
    change(source, "INSERT INTO customers VALUES (1000, 'late')")

    assert reopened(workbench, plan, files).resume_key == plan.resume_key


def test_a_plan_is_for_the_databases_it_was_made_for(workbench: Workbench, plan: PlanSummary, tmp_path: Path) -> None:
    other = workbench.connections.ensure(plan.project_id, Secret(str(make_source(tmp_path / "other.db", ROWS))))

    with pytest.raises(PlanOutdated, match=r"other\.db"):
        workbench.plans.reopen(plan.project_id, other.id, plan.target_connection_id, files_of(workbench, plan))


def test_a_target_that_was_filled_by_others_is_not_written_to(
    workbench: Workbench, source: Path, tmp_path: Path
) -> None:
    change(tmp_path / "target.db", "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    plan = make_plan(workbench, source, tmp_path / "target.db")
    files = files_of(workbench, plan)
    change(tmp_path / "target.db", "INSERT INTO customers VALUES (1, 'a')")

    with pytest.raises(TargetNotEmpty, match="customers"):
        reopened(workbench, plan, files)

    assert rows_in(tmp_path / "target.db") == [(1, "a")]


def test_a_developer_reads_a_folder_but_neither_looks_at_the_databases_nor_takes_it_up(
    team: Team, tmp_path: Path
) -> None:
    workbench = team.administrator
    plan = make_plan(workbench, make_source(tmp_path / "source.db", ROWS), tmp_path / "target.db")
    anna = team.person("anna")
    workbench.projects.add_member(plan.project_id, "anna", "developer")
    anna = team.again(anna)

    files = {file.name: file.text for file in anna.plans.folder(plan.id, check=False).files}

    assert set(files) == FILES
    with pytest.raises(NotPermitted, match="plans:make"):
        anna.plans.folder(plan.id)
    with pytest.raises(NotPermitted, match="plans:make"):
        reopened(anna, plan, files)
