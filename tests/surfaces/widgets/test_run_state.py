from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.features.runs.model import RESUMABLE, Status
from dms_workbench.surfaces.widgets.run_state import ACCOUNTS, TONES, WORDS, Pace, head_of, tables_of
from tests.surfaces.widgets.runs import START, after, finished, run_with, table_result, undone


def test_every_status_has_a_word_and_a_tone():
    assert set(WORDS) == set(TONES) == set(get_args(Status))


def test_a_running_run_shows_its_share_and_its_phase_in_a_sentence():
    head = head_of(run_with(), Pace(), after(5))

    assert (head["share"], head["rows_done"], head["rows_total"]) == (0.25, 250, 1000)
    assert (head["word"], head["sentence"], head["seconds"]) == ("Running", "Copying rows.", 5.0)


def test_the_head_and_the_tables_are_plain_json():
    run = finished()

    assert json.loads(json.dumps([head_of(run, Pace(), after(5)), tables_of(run)]))


def test_a_run_that_has_counted_nothing_has_no_share():
    assert head_of(run_with(tables=(), phase="connect"), Pace(), after(1))["share"] is None


def test_the_pace_and_the_time_left_follow_the_rows():
    early = run_with()
    late = run_with(tables=(replace(early.tables[0], written=740),))

    pace = Pace().seen(early, after(0)).seen(late, after(10))
    head = head_of(late, pace, after(10))

    assert (head["rows_per_second"], head["seconds_left"]) == (50, 5)


def test_the_time_left_counts_wide_rows_for_more_than_narrow_ones():
    narrow = replace(run_with().tables[0], written=0, filtered=0, quarantined=0, row_bytes=100)
    wide = replace(narrow, map_no=1, source="wide", row_bytes=10_000)
    pace = Pace().seen(run_with(tables=(narrow, wide)), after(0))
    halfway = run_with(tables=(replace(narrow, written=1000), wide))

    head = head_of(halfway, pace.seen(halfway, after(1)), after(1))

    assert head["share"] == 0.5
    assert head["seconds_left"] == 100


def test_a_width_that_is_learnt_later_does_not_upset_the_time_left():
    narrow = replace(run_with().tables[0], written=0, filtered=0, quarantined=0)
    wide = replace(narrow, map_no=1, source="wide")
    seen = [
        run_with(tables=(replace(narrow, written=100), wide)),
        run_with(tables=(replace(narrow, written=200, row_bytes=100), wide)),
        run_with(tables=(replace(narrow, written=300, row_bytes=100), wide)),
    ]
    pace = Pace()
    for second, run in enumerate(seen):
        pace = pace.seen(run, after(second))

    assert head_of(seen[-1], pace, after(2))["seconds_left"] == 17


def test_a_new_phase_begins_a_new_pace():
    copying = run_with()
    pace = Pace().seen(copying, after(0)).seen(run_with(tables=(replace(copying.tables[0], written=500),)), after(5))

    assert pace.seen(run_with(phase="verify"), after(6)).rows_per_second is None


def test_a_paused_run_has_no_pace():
    assert Pace("copy", 100, START, 50.0).seen(run_with(status="paused"), after(1)) == Pace()


def test_while_verifying_the_time_left_counts_the_rows_of_both_sides():
    table = replace(run_with().tables[0], written=990, verified_rows=1590)
    run = run_with(phase="verify", tables=(table,))

    head = head_of(run, Pace("verify", 1590, START, 100.0, work_per_second=100.0), after(1))

    assert (head["rows_compared"], head["rows_to_compare"], head["seconds_left"]) == (1590, 1990, 4)


def test_rows_that_verification_reads_twice_are_never_more_than_all():
    run = run_with(phase="verify", tables=(replace(run_with().tables[0], written=990, verified_rows=5000),))

    assert head_of(run, Pace(), after(1))["rows_compared"] == 1990
    assert tables_of(run)[0]["share_compared"] == 1.0


@pytest.mark.parametrize(("wish", "word"), [("pause", "Pausing"), ("cancel", "Cancelling")])
def test_what_was_asked_is_shown_until_it_has_happened(wish, word):
    assert head_of(run_with(wish=wish), Pace(), START)["word"] == word


def test_a_run_is_not_asked_twice_to_pause():
    assert head_of(run_with(wish="pause"), Pace(), START)["can"] == {"pause": False, "resume": False, "cancel": True}


@pytest.mark.parametrize("status", get_args(Status))
def test_exactly_the_resumable_statuses_offer_to_resume(status):
    assert head_of(run_with(status=status), Pace(), START)["can"]["resume"] == (status in RESUMABLE)


def test_a_finished_run_shows_books_that_close():
    books = head_of(finished(), Pace(), after(60))["books"]

    assert books["closes"]
    assert (books["read"], books["written"], books["filtered"], books["quarantined"], books["equal"]) == (
        1000,
        990,
        7,
        3,
        1,
    )


def test_one_table_that_does_not_close_leaves_the_books_open():
    run = finished(table_result(), table_result(source="b", target="b", written=989))

    assert not head_of(run, Pace(), after(60))["books"]["closes"]
    assert [table["closes"] for table in tables_of(run)] == [True, False]


def test_two_errors_that_cancel_each_other_out_do_not_close_the_books():
    run = finished(table_result(written=991), table_result(source="b", target="b", written=989))

    assert not head_of(run, Pace(), after(60))["books"]["closes"]


@pytest.mark.parametrize("status", ["queued", "running", "paused", "cancelled", "interrupted", "failed"])
def test_a_run_that_has_not_seen_every_row_shows_its_progress_and_no_books(status):
    run = replace(finished(), status=status)

    assert head_of(run, Pace(), after(1))["books"] is None
    assert [(table["written"], table["verified"], table["closes"]) for table in tables_of(run)] == [(240, "", None)]


def test_a_table_nobody_vouched_for_counts_as_not_verified():
    assert head_of(finished(table_result(verified=None)), Pace(), after(60))["books"]["not_verified"] == 1


def test_tables_known_only_from_the_books_are_shown_too():
    run = replace(finished(), tables=())

    assert [(table["source"], table["rows_total"]) for table in tables_of(run)] == [("tbl_ord", 1000)]


def test_the_books_count_where_progress_was_late():
    assert tables_of(finished())[0]["written"] == 990


def test_objects_left_out_are_listed_with_their_reasons():
    made = {"kind": "table", "name": "orders", "outcome": "created", "reason": ""}
    left = {"kind": "trigger", "name": "audit", "outcome": "left_out", "reason": "not carried over"}

    objects = head_of(finished(objects=(made, left)), Pace(), after(60))["objects"]

    assert objects["counts"] == {"created": 1, "altered": 0, "present": 0}
    assert objects["left_out"] == [{"kind": "trigger", "name": "audit", "reason": "not carried over"}]


def test_an_error_keeps_what_is_safe_and_the_next_command():
    error = {"code": "c", "message": "m", "where": "w", "safe": "s", "next": "n", "facts": {"row": 1}}

    assert head_of(run_with(status="failed", error=error), Pace(), START)["error"] == {
        "code": "c", "message": "m", "where": "w", "safe": "s", "next": "n",
    }  # fmt: skip


def test_quarantined_rows_are_counted_in_the_sentence():
    sentence = head_of(finished(status="succeeded_with_quarantine"), Pace(), after(60))["sentence"]

    assert sentence.startswith("3 rows could not be taken over")


def test_a_run_that_was_done_before_says_that_nothing_moved():
    head = head_of(replace(finished(), already_done=True), Pace(), after(60))

    assert head["sentence"] == "It was done and verified before; nothing was moved."


@given(
    st.lists(
        st.fixed_dictionaries({name: st.integers(0, 10**12) for name in ("read", *ACCOUNTS)}), min_size=1, max_size=5
    )
)
def test_the_books_close_exactly_when_every_line_does(lines):
    run = finished(*(table_result(source=str(number), target=str(number), **line) for number, line in enumerate(lines)))

    closes = all(line["read"] == sum(line[name] for name in ACCOUNTS) for line in lines)

    assert head_of(run, Pace(), after(60))["books"]["closes"] == closes
    assert all(table["closes"] for table in tables_of(run)[1:]) or not closes


def test_an_undo_says_what_it_took_back_and_counts_no_copied_rows():
    run = undone()
    head = head_of(run, Pace(), after(5))

    assert (head["title"], head["word"], head["counts_rows"], tables_of(run)) == ("Undo", "Succeeded", False, [])
    assert head["sentence"] == "What the run had brought into the target was taken back."
    assert head["told"] == [
        "orders: 5 rows of the run taken out, 1 row of the run left as it is (others have changed some)",
        "  stays: id=3",
        "  proof: equal to before",
        "table orders: stays: it holds rows of others",
    ]


def test_a_preview_of_an_undo_says_that_nothing_was_changed():
    head = head_of(undone(preview=True), Pace(), after(5))

    assert head["title"] == "Undo, a preview"
    assert head["sentence"] == "Nothing was changed: this is what would be taken back."
    assert head["told"][0].startswith("orders: 5 rows of the run to take out")


def test_an_undo_under_way_has_words_of_its_own():
    running = undone(status="running", phase="copy", result=None)

    assert "taking it back" in head_of(running, Pace(), after(1))["sentence"]
    assert head_of(running, Pace(), after(1))["told"] == []


def test_a_run_that_was_taken_back_shows_no_rows_as_if_they_were_there():
    run = run_with(status="undone")
    head = head_of(run, Pace(), after(5))

    assert (head["counts_rows"], head["books"], tables_of(run)) == (False, None, [])
    assert "the same migration begins a new run" in head["sentence"]


def test_very_many_lines_are_cut_and_counted():
    run = undone()
    assert run.result is not None
    many = {**run.result, "undo": run.result["undo"] * 1_000}
    told = head_of(undone(result=many), Pace(), after(5))["told"]

    assert len(told) == 501
    assert told[-1].endswith(f"more: dms status {run.id}")
