from __future__ import annotations

from typing import Any

import pytest

from dms_workbench.surfaces.cli import show

TABLE = {
    "source": "old",
    "target": "new",
    "read": 12_345,
    "written": 12_340,
    "filtered": 3,
    "quarantined": 2,
    "verified": "equal",
}
REPORT: dict[str, Any] = {
    "run_id": "r1",
    "status": "succeeded",
    "seconds": 83.2,
    "tables": [TABLE],
    "objects": [],
    "quarantine": [],
    "quarantine_total": 0,
    "error": None,
    "notes": [],
    "already_done": False,
    "finished_at": "2026-11-22T08:27:54.123456+00:00",
}


def quarantined(number: int) -> dict[str, Any]:
    """A row in quarantine."""
    return {"table": "t", "key": {"id": number}, "column": "c", "code": "x", "reason": "too long"}


def test_books_leave_out_accounts_that_nobody_has() -> None:
    assert show.books([TABLE])[0].split() == [
        "Table",
        "read",
        "=",
        "written",
        "+",
        "filtered",
        "+",
        "quarantined",
        "verified",
    ]


def test_books_name_both_tables_where_they_differ_and_separate_thousands() -> None:
    assert show.books([TABLE])[2] == "  old → new  12\u202f345  =   12\u202f340  +         3  +            2  ✓ equal"


def test_books_of_several_tables_end_with_the_sum() -> None:
    lines = show.books([TABLE, {**TABLE, "verified": "different"}])

    assert lines[-1].startswith("  2 tables   24\u202f690  =")
    assert lines[-1].endswith("✗ different: 1")


def test_books_without_tables_are_empty() -> None:
    assert show.books([]) == []


def test_objects_are_counted_and_reasons_told_once() -> None:
    items = [{"kind": "table", "name": "a", "outcome": "created", "reason": ""}] + [
        {"kind": "index", "name": f"i{n}", "outcome": "left_out", "reason": "not carried"} for n in range(5)
    ]

    assert show.objects(items) == [
        "  Objects created: 1 table",
        "  Objects left out: 5 indexes",
        "    index i0, i1, i2 and 2 more: not carried",
    ]


def test_quarantine_shows_the_first_rows_and_where_the_others_are() -> None:
    lines = show.quarantine([quarantined(n) for n in range(25)], 1_500, "r1")

    assert lines[0] == "  1\u202f500 rows in quarantine, the first 20:"
    assert len(lines) == 1 + 1 + 20 + 1
    assert lines[2].split() == ["t", "id=0", "c", "too", "long"]
    assert lines[-1].strip() == "All of them: dms runs quarantine r1"


def test_differences_name_kind_key_and_columns() -> None:
    row = {**TABLE, "findings": [{"kind": "changed", "key": {"id": 7}, "columns": ["city", "name"]}]}

    assert show.differences([row])[-1].split() == ["changed", "id=7", "city,", "name"]


def test_the_ending_says_the_status_in_words_with_run_rows_and_time() -> None:
    assert show.ending(REPORT, "") == [
        "✓ Succeeded: the books close and the target was read back",
        "  Run r1, 12\u202f345 rows after 1 min 23 s",
    ]


def test_a_run_done_before_says_when() -> None:
    assert show.ending({**REPORT, "already_done": True}, "")[0] == (
        "✓ Done and verified at 2026-11-22 08:27:54 UTC; nothing was moved now"
    )


def test_a_failure_says_why_what_is_safe_and_what_to_do() -> None:
    error = {"message": "The disk is full.", "safe": "Nothing is lost.", "next": "dms runs resume r1"}
    lines = show.ending({**REPORT, "status": "failed", "error": error}, "")

    assert lines[0] == "✗ Failed"
    assert lines[2:] == ["  The disk is full.", "  Nothing is lost.", "  Next: dms runs resume r1"]


def test_a_summary_tells_every_note() -> None:
    assert "  Note: one lane was used" in show.summary({**REPORT, "notes": ["one lane was used"]})


def test_every_status_has_words() -> None:
    from dms_workbench.engine.copying.result import EXIT_CODES

    assert {*EXIT_CODES, "queued", "running"} == set(show.WORDS)


def test_books_that_do_not_close_are_shown_as_unequal() -> None:
    lines = show.books([TABLE | {"written": 12_339}, TABLE])
    assert "≠" in lines[2]
    assert "≠" not in lines[3]
    assert "≠" in lines[5]


def test_differences_tell_how_many_once() -> None:
    row = TABLE | {"verified": "different", "reason": "1 changed", "findings": [{"kind": "changed", "key": {"id": 7}}]}
    assert show.differences([row])[0] == "  old → new: rows that differ (1 changed)"
    assert show.reasons([row]) == []
    assert show.reasons([row | {"findings": []}]) == ["  old → new: 1 changed"]


def test_the_summary_says_how_tables_were_compared() -> None:
    hashed, read = TABLE | {"compared": "hashes in both databases"}, TABLE | {"compared": "rows compared here"}
    assert show.compared([hashed]) == ["  The table was compared by hashes that both databases made of each row."]
    assert show.compared([read, read]) == ["  All tables were compared row by row on this machine."]
    assert show.compared([hashed, read, TABLE]) == [
        "  Compared by hashes that both databases made of each row: old → new",
        "  Compared row by row on this machine: old → new",
    ]
    assert show.compared([TABLE]) == []
    assert "  All tables were compared row by row" in show.summary({**REPORT, "tables": [read, read]})


def test_rows_that_differ_are_told_with_what_has_changed_since_the_run() -> None:
    found = [{"kind": "changed", "key": {"id": 7}, "columns": ["a"], "since": since} for since in ("source", "neither")]
    lines = show.differences([TABLE | {"verified": "different", "findings": found}])
    assert lines[1].split() == ["kind", "key", "columns", "since", "the", "run"]
    assert [line.split() for line in lines[2:]] == [
        ["changed", "id=7", "a", "changed", "in", "the", "source"],
        ["changed", "id=7", "a", "was", "different", "then"],
    ]


def test_a_run_that_was_told_to_stop_says_so_until_it_has() -> None:
    assert "Pausing at the next safe point" in show.ending(REPORT | {"status": "running", "wish": "pause"}, "")[0]
    assert "Paused" in show.ending(REPORT | {"status": "paused", "wish": "pause"}, "")[0]


def test_a_table_of_which_every_row_is_in_quarantine_is_named_in_words() -> None:
    row = TABLE | {"source": "Artist", "read": 275, "written": 0, "filtered": 0, "quarantined": 275}
    assert show.whole([TABLE, row]) == ["  all 275 rows of Artist are in quarantine"]
    assert "  all 275 rows of Artist are in quarantine" in show.summary({**REPORT, "tables": [row]})


def test_after_quarantine_the_next_step_is_what_a_person_does() -> None:
    assert show.quarantine_command("r1") == "dms runs quarantine r1 lists all; correct the mapping or the source rows"


def test_rows_against_an_object_are_told_by_key() -> None:
    item = {"kind": "foreign key", "name": "f", "rows": [{"id": number} for number in range(3)], "rows_total": 7}

    assert show.against([item, {"kind": "table", "name": "t"}]) == [
        "  Rows against foreign key f: id=0; id=1; id=2; and 4 more"
    ]


def test_values_that_a_lossy_rule_changed_are_counted() -> None:
    change = {"column": "price", "rule": "round", "values": 2}

    assert show.changed([TABLE, {**TABLE, "changes": [change]}]) == [
        "  2 values of new.price changed by the rule round"
    ]


@pytest.mark.parametrize(
    ("kind", "several"),
    [("statistics", "statistics"), ("row security", "row security"), ("index", "indexes"), ("policy", "policies")],
)
def test_kinds_of_objects_have_a_plural(kind: str, several: str) -> None:
    assert show.plural(kind) == several
