from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dms_workbench.features.notebooks import books, causes, objects, outcome, started, verification
from dms_workbench.features.runs import Run, RunSettings

THIN = "\u202f"


def table(source: str, target: str, **accounts: Any) -> dict[str, Any]:
    zero = dict.fromkeys(("read", "written", "unchanged", "merged", "filtered", "quarantined"), 0)
    return {**zero, "source": source, "target": target, "verified": "equal", "reason": "", "findings": [], **accounts}


def run(status: str = "succeeded", *tables: dict[str, Any], error: dict[str, Any] | None = None, **result: Any) -> Run:
    return Run(
        id="r1", project_id="p1", plan_id="p2", kind="copy", status=status, wish="run", phase="done", settings=RunSettings(),
        resume_key="k", created_at=datetime(2030, 1, 1, tzinfo=UTC), created_by="me", seconds=1.26,
        result={"tables": list(tables), "objects": [], "quarantine": [], **result}, error=error,
    )  # fmt: skip


def test_books_show_only_accounts_that_hold_rows_and_the_sum() -> None:
    shown = books(
        run("succeeded", table("a", "a", read=1200, written=1200), table("b", "c", read=3, written=1, filtered=2))
    )
    assert shown.header == ["Table", "read", "=", "written", "+", "filtered", "verified"]
    assert [[str(cell) for cell in row] for row in shown.rows] == [
        ["a", f"1{THIN}200", "=", f"1{THIN}200", "+", "0", "✓ equal"],
        ["b → c", "3", "=", "1", "+", "2", "✓ equal"],
        ["2 tables", f"1{THIN}203", "=", f"1{THIN}201", "+", "2", "✓ all equal"],
    ]
    assert repr(shown).splitlines()[1] == f"a         1{THIN}200  =    1{THIN}200  +         0  ✓ equal"


def test_one_table_has_no_line_of_sums() -> None:
    assert len(books(run("succeeded", table("a", "a"))).rows) == 1


def test_a_difference_colours_the_sum() -> None:
    shown = books(run("differences", table("a", "a"), table("b", "b", verified="different")))
    assert str(shown.rows[-1][-1]) == "✗ different: 1"


def test_names_of_tables_are_escaped() -> None:
    html = books(run("succeeded", table("<b>", "<i>", read=1, written=1)))._repr_html_()
    assert "&lt;b&gt; → &lt;i&gt;" in html
    assert "<b>" not in html


def test_a_run_without_books_says_so() -> None:
    nothing = run("failed")
    assert repr(books(nothing)) == "No table was copied."
    assert repr(objects(nothing)) == "No object was touched."
    assert repr(causes(nothing)) == "No row is in quarantine."
    assert repr(verification(nothing)) == "Nothing was verified."
    assert "No table was copied." in books(nothing)._repr_html_()


def test_the_outcome_of_a_failed_run_is_its_error() -> None:
    shown = outcome(
        run("failed", error={"message": "It broke <here>.", "safe": "Nothing was changed.", "next": "dms status"})
    )
    assert repr(shown).splitlines() == ["The run failed.", "It broke <here>.", "Nothing was changed.", "dms status"]
    assert "It broke &lt;here&gt;." in shown._repr_html_()


def test_the_outcome_of_a_good_run_has_its_sums() -> None:
    text = repr(outcome(run("succeeded_with_quarantine", table("a", "a", read=10, written=8, quarantined=2))))
    assert text.splitlines()[1] == "10 rows read, 8 written, 2 quarantined, 1 table, 1.3 s in all"


def test_every_status_has_words() -> None:
    for status in (
        "succeeded",
        "differences",
        "not_verified",
        "refused",
        "paused",
        "cancelled",
        "interrupted",
        "queued",
    ):
        assert repr(outcome(run(status)))


def test_differences_are_listed_by_row() -> None:
    found = {"kind": "changed", "key": {"id": 7}, "columns": ["name"]}
    shown = verification(run("differences", table("a", "a", verified="different", reason="1 row", findings=[found])))
    assert [[str(cell) for cell in row] for row in shown.rows] == [  # type: ignore[union-attr]
        ["a", "✗ different", "1 row", ""],
        ["", "changed", "id = 7", "name"],
    ]


def test_equal_tables_are_told_in_one_sentence() -> None:
    text = repr(verification(run("succeeded", table("a", "a", written=3), table("b", "b", written=4))))
    assert text.splitlines() == [
        "All 2 tables are equal",
        "7 rows of the target were read back and compared through the mapping.",
    ]


def test_it_is_told_how_tables_were_compared_and_what_changed_since() -> None:
    here, there = {"compared": "rows compared here"}, {"compared": "hashes in both databases"}
    both = run("succeeded", table("a", "a", **here), table("b", "b", **there))
    assert repr(verification(both)).splitlines()[-1] == (
        "How: rows compared here (1 of 2 tables), hashes in both databases (1 of 2 tables)."
    )
    assert repr(verification(run("succeeded", table("a", "a", **here)))).splitlines()[-1] == "How: rows compared here."
    found = {"kind": "changed", "key": {"id": 7}, "columns": ["name"], "since": "target"}
    shown = verification(run("differences", table("a", "a", verified="different", findings=[found])))
    assert str(shown.rows[1][3]) == "name; changed in the target since the run"  # type: ignore[union-attr]


def test_causes_are_counted_and_sorted() -> None:
    rows = [{"table": "a", "column": column, "reason": "r"} for column in ("x", "y", "y", None)]
    assert causes(run("succeeded_with_quarantine", quarantine=rows)).rows == [
        ["a", "y", "r", "2"],
        ["a", "x", "r", "1"],
        ["a", "", "r", "1"],
    ]


def test_objects_are_counted_by_kind_and_named_when_left_out() -> None:
    items = [
        {"kind": "table", "name": "a", "outcome": "created", "reason": ""},
        {"kind": "table", "name": "b", "outcome": "created", "reason": ""},
        {"kind": "foreign key", "name": "b → a", "outcome": "left_out", "reason": "why"},
    ]
    shown = [[str(cell) for cell in row] for row in objects(run("succeeded", objects=items)).rows]
    assert shown == [["created", "table (2)", "a, b", ""], ["left out", "foreign key", "b → a", "why"]]


def test_a_started_run_names_itself_in_the_output() -> None:
    data, metadata = started(run("queued"))._repr_mimebundle_()
    assert data == {"text/plain": "Run r1 is queued."}
    assert metadata == {"dms_run_id": "r1"}
