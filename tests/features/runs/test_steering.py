from __future__ import annotations

from dms_workbench.engine.control import Progress
from dms_workbench.features.runs import RunControl, TableProgress


def told(written: int, **more: object) -> Progress:
    return Progress("copy", 0, "a", "b", rows_total=100, read=written, written=written, **more)  # type: ignore[arg-type]


def test_a_wish_is_answered_from_memory() -> None:
    control = RunControl()
    assert control.wish() == "run"

    control.hear("pause")

    assert control.wish() == "pause"


def test_a_table_is_told_at_most_once_a_second_and_with_its_newest_counts() -> None:
    control = RunControl()
    control.report(told(10))
    assert [table.written for table in control.news(0.0).tables] == [10]
    control.report(told(20))
    control.report(told(30))

    assert control.news(0.9).tables == ()
    assert [table.written for table in control.news(1.0).tables] == [30]
    assert not control.news(5.0)


def test_the_last_news_are_told_at_once() -> None:
    control = RunControl()
    control.report(told(10))
    control.news(0.0)
    control.report(told(20))

    assert [table.written for table in control.news(0.1, all_of_it=True).tables] == [20]


def test_what_a_report_leaves_out_stays_as_it_was() -> None:
    control = RunControl()
    control.report(told(10))

    control.report(Progress("verify", 0, verified_rows=5))

    assert control.news(0.0).tables == (TableProgress(0, "a", "b", "verify", 100, 10, 10, verified_rows=5),)


def test_messages_become_log_lines_in_their_order() -> None:
    control = RunControl()
    control.report(Progress("create", message="first"))
    control.report(Progress("create", 0, "a", "b", message="second", level="warning"))

    lines = control.news(0.0).lines
    assert lines[1:] == (("info", "first"), ("warning", "a -> b: second"))
    assert control.phase == "create"


def test_the_log_says_when_a_phase_begins() -> None:
    control = RunControl()
    for phase in ("connect", "connect", "copy"):
        control.report(Progress(phase))

    assert [message for _, message in control.news(0.0).lines] == ["Connecting to both databases.", "Copying rows."]


def test_news_that_could_not_be_written_are_kept_for_the_next_time() -> None:
    control = RunControl()
    control.report(told(10, message="hello"))
    news = control.news(0.0)

    control.take_back(news)

    assert control.news(1.0) == news
