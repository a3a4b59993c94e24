from __future__ import annotations

import uuid
from pathlib import Path

import psycopg
import pytest

from dms_workbench import Workbench
from dms_workbench.engine.control import Control
from dms_workbench.engine.copying import RunOptions, execute_run
from dms_workbench.engine.planning import PlanOptions, build_plan
from dms_workbench.features.schemas import connection_of
from dms_workbench.features.transforms import ProposedTransforms
from dms_workbench.features.transforms.propose import NoSuchProposal
from dms_workbench.kernel.errors import WorkbenchError
from tests.engine.cleansing.samples import COLUMNS, ROWS, clean, dirty, make

MAPPING = """format: dms-mapping/1
name: persons
# who answers: ana
tables:
  - source: person
    target: people   # the new name
    columns:
      id: id
      mail: email     # checked by hand
      name: { expression: "upper(full_name)", owner: ana }
      born: born
"""


@pytest.fixture
def source(tmp_path: Path) -> str:
    return make(tmp_path / "persons.sqlite")


def proposed(workbench: Workbench, source: str, **options: object) -> ProposedTransforms:
    found: ProposedTransforms = workbench.transforms.propose(connection_of(workbench.bus, source), **options)  # type: ignore[arg-type]
    return found


def test_the_proposals_go_into_the_mapping_file_and_every_other_line_and_comment_stays(
    workbench: Workbench, source: str
) -> None:
    text = proposed(workbench, source, mapping_text=MAPPING).mapping_text
    for line in MAPPING.splitlines():
        if "mail: email" not in line and "born: born" not in line:
            assert line in text.splitlines()
    assert "# checked by hand" in text
    assert "lower(tidy(email))" in text
    assert "cleansed: white space at an end" in text


def test_a_column_that_an_expression_is_made_of_already_is_left_to_its_author(
    workbench: Workbench, source: str
) -> None:
    found = proposed(workbench, source, mapping_text=MAPPING)
    told = {each.column: each.reason for each in found.left}
    assert "does not take this column as it is" in told["full_name"]
    assert 'expression: "upper(full_name)"' in found.mapping_text


def test_only_what_is_accepted_is_written(workbench: Workbench, source: str) -> None:
    found = proposed(workbench, source, mapping_text=MAPPING, accept=("person.born",))
    assert "mail: email     # checked by hand" in found.mapping_text
    assert "try_parse_date" in found.mapping_text
    assert {each.name for each in found.proposals} == {f"person.{column}" for column in COLUMNS}


def test_accepting_what_is_not_proposed_is_refused(workbench: Workbench, source: str) -> None:
    with pytest.raises(NoSuchProposal, match=r"person\.id"):
        proposed(workbench, source, accept=("person.id",))


def test_an_unknown_table_is_refused_with_those_there_are(workbench: Workbench, source: str) -> None:
    with pytest.raises(WorkbenchError, match="person"):
        proposed(workbench, source, tables=("nobody",))


def test_a_look_at_rows_is_in_the_audit(workbench: Workbench, source: str) -> None:
    proposed(workbench, source)
    assert "ProposeTransforms" in [entry.action for entry in workbench.audit.entries()]


def test_a_preview_shows_rows_before_and_after(workbench: Workbench, source: str) -> None:
    text = proposed(workbench, source, mapping_text=MAPPING).mapping_text
    shown = workbench.transforms.preview(connection_of(workbench.bus, source), text, "people", rows=20)
    assert len(shown.rows) == 20
    assert shown.rejected == 0
    assert shown.rows[3].source["email"] == " User3@Example.org"
    assert shown.rows[3].result is not None
    assert shown.rows[3].result["mail"] == "user3@example.org"


def test_a_run_with_the_proposals_changes_exactly_the_proposed_values_and_no_clean_one(
    workbench: Workbench, source: str, postgres_url: str, tmp_path: Path
) -> None:
    found = proposed(workbench, source)
    plan = build_plan(source, postgres_url, PlanOptions(mapping_text=found.mapping_text))
    result = execute_run(
        plan,
        source,
        postgres_url,
        run_id=str(uuid.uuid4()),
        options=RunOptions(),
        control=Control(),
        spool_directory=tmp_path,
    )
    assert (result.status, [table.verified for table in result.tables]) == ("succeeded", ["equal"])

    with psycopg.connect(postgres_url) as connection:
        rows = connection.execute(f"select id, {', '.join(COLUMNS)} from person order by id").fetchall()
    assert len(rows) == ROWS
    changed = dict.fromkeys(COLUMNS, 0)
    for number, *values in rows:
        before, wanted = dirty(number), clean(number)
        for column, value in zip(COLUMNS, values, strict=True):
            changed[column] += value != before[column]
            stays = number == 5 and column in ("phone", "born")
            assert value == (before if stays else wanted)[column], (number, column)
    assert changed == {each.column: each.changed for each in found.proposals}
