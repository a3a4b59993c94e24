from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dms_workbench.features.profiles import DataProfile, ProfileNotFound, ProfileUnreadable, ReportNotWritten
from dms_workbench.features.profiles.charts import share, text
from dms_workbench.kernel.errors import NotFound
from dms_workbench.kernel.store import Store
from dms_workbench.workbench import Workbench, open_store

SECRET = "ada.lovelace17@example.org"
HOSTILE = "<script>alert(1)</script>"


def make_shop(path: Path, *, rows: int = 400, statuses: Sequence[str] = ("paid", "open"), null_every: int = 50) -> Path:
    """A shop with personal data and a hostile name and value."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            f'CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, status TEXT, "{HOSTILE}" TEXT, n REAL)'
        )
        connection.executemany(
            "INSERT INTO customers VALUES (?, ?, ?, ?, ?)",
            [
                (
                    number,
                    SECRET if number == 17 else f"someone.else{number}@example.org",
                    statuses[number % len(statuses)],
                    "<img src=x onerror=alert(1)>",
                    None if number % null_every == 0 else float(number % 100),
                )
                for number in range(rows)
            ],
        )
        connection.commit()
    return path


@pytest.fixture
def shop(tmp_path: Path) -> str:
    return str(make_shop(tmp_path / "shop.db"))


def test_a_profile_is_made_and_kept_with_its_history(workbench: Workbench, shop: str) -> None:
    first = workbench.profiles.of(shop)
    second = workbench.profiles.of(shop, tables="customers", sample="all")

    assert first.table("customers").column("id").distinct == 400
    assert [line.id for line in workbench.profiles.history(shop)] == [second.id, first.id]
    assert workbench.profiles.get(first.id) == first
    assert (first.summary.tables, first.summary.columns, first.summary.rows_read, first.summary.sampled) == (
        1,
        5,
        400,
        False,
    )


def test_the_figures_are_given_as_a_table_and_as_plain_data(workbench: Workbench, shop: str) -> None:
    found = workbench.profiles.of(shop)

    frame = found.to_polars()
    assert frame.filter(frame["name"] == "n")["nulls"].to_list() == [8]
    assert frame.filter(frame["name"] == "email")["personal"].to_list() == ["email"]
    plain = json.loads(json.dumps(found.to_dict()))
    assert (plain["format"], plain["tables"][0]["columns"][0]["name"]) == ("dms-profile/1", "id")


def test_values_of_personal_data_are_masked_unless_they_are_asked_for(
    workbench: Workbench, shop: str, tmp_path: Path
) -> None:
    found = workbench.profiles.of(shop)
    page = found.html(tmp_path / "report.html").read_text(encoding="utf-8")

    for shown in (json.dumps(found.to_dict()), found._repr_html_(), str(found), page):
        assert "@example.org" not in shown
    open_one = workbench.profiles.of(shop, show_personal=True)
    assert "@example.org" in (open_one.table("customers").column("email").least or "")


def test_no_personal_value_is_in_the_store(workbench: Workbench, store: Store, shop: str) -> None:
    workbench.profiles.of(shop, show_personal=True)

    with store.reading() as db:
        kept = "".join(
            str(row) for table in ("profiles", "audit_entries") for row in db.exec_driver_sql(f"SELECT * FROM {table}")
        )
    assert "customers" in kept
    assert "@example.org" not in kept


def test_names_and_values_are_text_in_html_and_nothing_comes_from_elsewhere(
    workbench: Workbench, shop: str, tmp_path: Path
) -> None:
    found = workbench.profiles.of(shop)
    for html in (found._repr_html_(), found.html(tmp_path / "report.html").read_text(encoding="utf-8")):
        assert "<script" not in html
        assert "<img" not in html
        assert "http" not in html
        assert "&lt;script&gt;alert(1)" in html
        assert "&lt;img src=x" in html


def test_a_report_of_very_many_columns_stays_below_five_megabytes(workbench: Workbench, tmp_path: Path) -> None:
    path = tmp_path / "wide.db"
    with closing(sqlite3.connect(path)) as connection:
        for table in range(2):
            connection.execute(f"CREATE TABLE t{table} ({', '.join(f'c{place} TEXT' for place in range(900))})")
            connection.executemany(f"INSERT INTO t{table} VALUES ({','.join('?' * 900)})",
                                   [[f"{'value' * 8}{number * place}" for place in range(900)] for number in range(12)])  # fmt: skip
        connection.commit()
    found = workbench.profiles.of(str(path))
    assert found.summary.columns == 1_800
    assert found.html(tmp_path / "report.html").stat().st_size < 5_000_000
    assert len(found._repr_html_().encode()) < 1_500_000


def test_drift_tells_rows_nulls_new_values_and_grades_them(workbench: Workbench, tmp_path: Path) -> None:
    path = make_shop(tmp_path / "shop.db")
    before = workbench.profiles.of(str(path))
    make_shop(path, rows=380, statuses=("paid", "open", "lost"), null_every=2)

    drift = workbench.profiles.drift(before, workbench.profiles.of(str(path)))

    told = {(change.column, change.what): change.severity for change in drift.changes}
    assert told["", "rows"] == "info"
    assert told["n", "nulls"] == "error"
    assert told["status", "new values"] == "warning"
    assert told["status", "distribution"] == "error"
    assert (drift.exit_code, drift.changes[0].severity) == (4, "error")


def test_equal_data_do_not_drift_and_a_target_is_compared_by_its_names(
    workbench: Workbench, shop: str, tmp_path: Path
) -> None:
    import duckdb

    target = tmp_path / "target.duckdb"
    with duckdb.connect(str(target)) as connection, closing(sqlite3.connect(shop)) as source:
        connection.execute(
            'CREATE TABLE CUSTOMERS (ID BIGINT, EMAIL TEXT, STATUS TEXT, "<SCRIPT>ALERT(1)</SCRIPT>" TEXT, N DOUBLE)'
        )
        connection.executemany(
            "INSERT INTO customers VALUES (?, ?, ?, ?, ?)", source.execute("SELECT * FROM customers").fetchall()
        )
    drift = workbench.profiles.drift(shop, str(target))

    assert drift.changes == ()
    assert drift.exit_code == 0
    assert "no drift" in str(drift)


def test_a_vanished_table_column_and_another_type_are_told(workbench: Workbench, tmp_path: Path) -> None:
    path = tmp_path / "made.db"
    befores = []
    for statements in (
        ["CREATE TABLE a (x INTEGER, y TEXT)", "INSERT INTO a VALUES (1, 'k')", "CREATE TABLE b (z TEXT)"],
        ["CREATE TABLE a (x TEXT, w TEXT)", "INSERT INTO a VALUES ('1', 'k')"],
    ):
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()
        befores.append(workbench.profiles.of(str(path)))
    drift = workbench.profiles.drift(befores[0].id, befores[1].id)

    told = {(change.table, change.column, change.what): change.severity for change in drift.changes}
    assert told["b", "", "table"] == "error"
    assert told["a", "y", "column"] == "error"
    assert told["a", "w", "column"] == "warning"
    assert told["a", "x", "type"] == "warning"
    assert workbench.profiles.compare(befores[0].id, befores[1].id).changes == drift.changes


def test_what_is_no_profile_is_refused_in_words(workbench: Workbench, shop: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    for content in ("{", "[]", '{"format": "dms-profile/1"}', '{"format": "dms-profile/9"}'):
        wrong.write_text(content)
        with pytest.raises(ProfileUnreadable):
            workbench.profiles.drift(str(wrong), shop)
    with pytest.raises((ProfileNotFound, NotFound)):
        workbench.profiles.get("00000000-0000-7000-8000-000000000000")
    with pytest.raises(ReportNotWritten):
        workbench.profiles.of(shop).html(tmp_path / "no" / "folder.html")


def test_progress_is_told_step_by_step(shop: str) -> None:
    seen: list[Any] = []
    with Workbench() as workbench:
        found: DataProfile = workbench.profiles.of(shop, watch=lambda *said: seen.append(said))
    assert found.summary.rows_read == 400
    assert [said[:2] for said in seen] == [("customers", "reading"), ("customers", "measuring")]


def test_control_characters_are_shown_and_shares_never_look_like_nothing() -> None:
    assert text("a\x00\n\u202eb&") == "a\ufffd\u2423\ufffdb&amp;"
    assert [share(each) for each in (0, 0.00001, 0.5, 0.99999, 1)] == [
        "0\u202f%", "<0.1\u202f%", "50\u202f%", ">99.9\u202f%", "100\u202f%",
    ]  # fmt: skip


def test_the_store_opens_with_the_new_table(clean_environment: Path) -> None:
    opened = open_store()
    with opened.reading() as db:
        assert db.exec_driver_sql("SELECT count(*) FROM profiles").scalar_one() == 0
    opened.close()
