from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from dms_workbench.surfaces.widgets.run_state import Pace, head_of, tables_of
from dms_workbench.surfaces.widgets.still import duration, html, plain, progress, still_name
from tests.surfaces.widgets.runs import RUN_ID, after, finished, run_with, table_result, undone


class Tags(HTMLParser):
    """The tags of a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)


def picture(run):
    return html(head_of(run, Pace(), after(60)), tables_of(run), still_name("m1"))


def text(run):
    return plain(head_of(run, Pace(), after(60)), tables_of(run))


def test_the_picture_shows_status_and_time_of_the_state():
    assert "Running" in picture(run_with())
    assert "As of 2026-11-22 07:01:00 UTC" in picture(run_with())


def test_names_from_a_database_are_text_in_the_picture():
    hostile = "<img src=x onerror=alert(1)>'\""
    run = finished(table_result(source=hostile, target=hostile))

    assert "img" not in Tags(picture(replace(run, tables=()))).found


def test_messages_of_errors_are_text_in_the_picture():
    error = {"message": "<script>x</script>", "safe": "<b>", "next": "<i>"}

    assert not {"script", "b", "i"} & set(Tags(picture(run_with(status="failed", error=error))).found)


def test_the_picture_of_very_many_tables_ends_with_their_number():
    table = run_with().tables[0]
    many = tuple(replace(table, source=f"t{number}", target=f"t{number}") for number in range(1500))

    assert "and 1\N{NARROW NO-BREAK SPACE}300 more tables" in picture(run_with(tables=many))


def test_text_shows_the_bar_and_each_table():
    assert text(run_with()).splitlines() == [
        f"Migration {RUN_ID}: Running",
        "Copying rows.",
        "[######..................] 250 of 1\N{NARROW NO-BREAK SPACE}000 rows",
        "  tbl_ord \N{RIGHTWARDS ARROW} orders  1\N{NARROW NO-BREAK SPACE}000 rows: "
        "written 240, filtered 7, quarantined 3",
    ]


def test_text_of_a_finished_run_holds_its_books():
    assert (
        text(finished())
        .splitlines()[-1]
        .endswith(
            "read 1\N{NARROW NO-BREAK SPACE}000 = written 990 + filtered 7 + quarantined 3, \N{CHECK MARK} verified"
        )
    )


def test_text_of_open_books_does_not_say_equal():
    assert "\N{NOT EQUAL TO} written 980" in text(finished(table_result(written=980)))


def test_text_of_a_failure_ends_with_the_next_command():
    error = {"message": "The target is full.", "safe": "Committed rows stay.", "next": "dms doctor"}

    assert "The target is full.\nCommitted rows stay.\nNext: dms doctor" in text(run_with(status="failed", error=error))


def test_while_verifying_the_bar_counts_the_rows_of_both_sides():
    run = run_with(phase="verify", tables=(replace(run_with().tables[0], written=990, verified_rows=995),))

    line = progress(head_of(run, Pace(), after(1)))

    assert line == "[############............] 995 of 1\N{NARROW NO-BREAK SPACE}990 rows of both sides compared"


def test_the_bar_names_pace_and_time_left():
    line = progress(head_of(run_with(), Pace("copy", 250, after(0), 50.0, work_per_second=50.0), after(1)))

    assert line.endswith("50 rows/s, 15 s left")


@pytest.mark.parametrize(("seconds", "words"), [(8.4, "8 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")])
def test_durations_use_the_two_largest_units(seconds, words):
    assert duration(seconds) == words


def test_the_picture_and_the_text_say_what_an_undo_took_back_and_show_no_bar():
    hostile = undone()
    assert hostile.result is not None
    hostile.result["undo"][0]["target"] = "<img>"

    assert "orders: 5 rows of the run taken out" in picture(undone())
    assert "img" not in Tags(picture(hostile)).found
    assert "\n    proof: equal to before" in text(undone())
    assert "[#" not in text(undone())
