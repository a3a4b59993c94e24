from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from dms_workbench.workbench import Workbench

OLD = "create table tblKunde (CustNo integer primary key, FName varchar(30), LName varchar(30), EMailAdr varchar(80), RegDt date)"
NEW = (
    "create table customers (id integer primary key, first_name varchar(100) not null, last_name varchar(100), "
    "email varchar(200), registered_at date, <b>loyalty</b> integer)"
).replace("<b>loyalty</b>", '"<b>loyalty</b>"')


def make(path: Path, statement: str) -> str:
    with closing(sqlite3.connect(path)) as file:
        file.execute(statement)
        file.commit()
    return str(path)


def test_suggestions_of_two_files_fill_in_what_is_sure_and_leave_the_rest_open(
    workbench: Workbench, tmp_path: Path
) -> None:
    found = workbench.mappings.suggest(
        make(tmp_path / "old.sqlite", OLD), make(tmp_path / "new.sqlite", NEW), min_confidence=0.5
    )

    best = {each.column: each.candidates[0].column for each in found.columns}
    assert best["first_name"] == "FName"
    assert best["email"] == "EMailAdr"
    assert "<b>loyalty</b>" in {each.column for each in found.open_columns}
    assert str(found).endswith("filled in at 0.50 or more")


def test_the_table_in_a_notebook_holds_names_as_text(workbench: Workbench, tmp_path: Path) -> None:
    found = workbench.mappings.suggest(make(tmp_path / "old.sqlite", OLD), make(tmp_path / "new.sqlite", NEW))

    html = found._repr_html_()
    assert "&lt;b&gt;loyalty&lt;/b&gt;" in html
    assert "<b>loyalty" not in html


def test_the_suggested_text_is_a_mapping_that_can_be_checked(workbench: Workbench, tmp_path: Path) -> None:
    source, target = make(tmp_path / "old.sqlite", OLD), make(tmp_path / "new.sqlite", NEW)
    found = workbench.mappings.suggest(source, target, min_confidence=0.5)

    saved = workbench.mappings.save(workbench.projects.ensure("default").id, "kunden", found.text)

    assert saved.number == 1
