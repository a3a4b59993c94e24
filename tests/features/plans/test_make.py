from __future__ import annotations

from pathlib import Path

import pytest

from dms_workbench.engine.planning.errors import TableNotFound
from dms_workbench.kernel.errors import NotFound
from dms_workbench.workbench import Workbench
from tests.migrating import make_plan, make_source, rows_in


def test_a_plan_says_what_will_be_made_and_changes_nothing(workbench: Workbench, tmp_path: Path) -> None:
    plan = make_plan(workbench, make_source(tmp_path / "s.db"), tmp_path / "t.db", request_key="asked")

    assert [(table.source, table.target, table.creates) for table in plan.tables] == [("customers", "customers", True)]
    assert ("table", "customers", "created") in [(item.kind, item.name, item.outcome) for item in plan.objects]
    assert (plan.request_key, plan.ledger_run_id, plan.mode) == ("asked", None, "create")
    assert not (tmp_path / "t.db").exists()
    assert workbench.plans.get(plan.id) == plan
    assert "customers -> customers (2 columns, created)" in str(plan)
    assert "<td>customers</td>" in plan._repr_html_()


def test_the_ddl_of_a_plan_can_be_read(workbench: Workbench, tmp_path: Path) -> None:
    plan = make_plan(workbench, make_source(tmp_path / "s.db"), tmp_path / "t.db")

    assert "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL);" in str(workbench.plans.ddl(plan.id))


def test_the_same_request_has_the_same_resume_key(workbench: Workbench, tmp_path: Path) -> None:
    source = make_source(tmp_path / "s.db")

    first, second = (make_plan(workbench, source, tmp_path / "t.db") for _ in range(2))
    other = make_plan(workbench, source, tmp_path / "u.db")

    assert first.resume_key == second.resume_key != other.resume_key


def test_plans_are_listed_newest_first(workbench: Workbench, tmp_path: Path) -> None:
    source = make_source(tmp_path / "s.db")
    first, second = make_plan(workbench, source, tmp_path / "a.db"), make_plan(workbench, source, tmp_path / "b.db")

    assert [plan.id for plan in workbench.plans.list()] == [second.id, first.id]
    assert [plan.id for plan in workbench.plans.list(project_id="shop", limit=1, offset=1)] == [first.id]


def test_a_mapping_in_the_message_decides_the_names(workbench: Workbench, tmp_path: Path) -> None:
    text = "format: dms-mapping/1\nname: shop\ntables:\n  - source: customers\n    target: clients\n"

    plan = make_plan(workbench, make_source(tmp_path / "s.db"), tmp_path / "t.db", mapping_text=text)

    assert [table.target for table in plan.tables] == ["clients"]
    assert "mapping_text" not in plan.options


def test_a_table_that_is_not_there_is_told_and_nothing_is_kept(workbench: Workbench, tmp_path: Path) -> None:
    with pytest.raises(TableNotFound, match="custommers"):
        make_plan(workbench, make_source(tmp_path / "s.db"), tmp_path / "t.db", tables=("custommers",))

    assert workbench.plans.list().total == 0
    assert len(rows_in(tmp_path / "s.db")) == 1000


def test_a_plan_that_is_not_there_is_not_found(workbench: Workbench) -> None:
    with pytest.raises(NotFound):
        workbench.plans.get("no-such-plan")
    with pytest.raises(NotFound):
        workbench.plans.ddl("no-such-plan")
