from __future__ import annotations

import io
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dms_workbench.features.runs import Run, RunSettings, TableProgress
from dms_workbench.surfaces.cli.progress import Lines, Pace, bars, painter
from dms_workbench.surfaces.cli.terminal import Terminal

TABLE = TableProgress(0, "old", "new", phase="copy", rows_total=1_000, written=400, quarantined=1)
RUN = Run(
    id="r1",
    project_id="p1",
    plan_id="l1",
    kind="copy",
    status="running",
    wish="run",
    phase="copy",
    settings=RunSettings(),
    resume_key="k",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    created_by="me",
    tables=(TABLE,),
)


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def on_screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Put a terminal of 120 columns in place of standard error."""
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    return screen


def test_pace_forgets_slowly_and_tells_the_time_left() -> None:
    pace = Pace()
    for second in range(1, 5):
        pace.take(second * 100, float(second))

    assert pace.per_second == pytest.approx(100)
    assert pace.left(1_000) == "6.0 s left"
    assert pace.left(400) == ""


def test_a_pace_that_is_not_known_gives_no_time_left() -> None:
    assert Pace().left(1_000) == ""


def test_the_time_left_of_a_run_counts_wide_rows_for_more_than_narrow_ones(capsys: pytest.CaptureFixture[str]) -> None:
    clock = iter([10.0, 20.0])
    lines = Lines(Terminal(), clock=lambda: next(clock))
    narrow, wide = (
        replace(TABLE, written=0, quarantined=0, row_bytes=10),
        TableProgress(1, "w", "w", rows_total=1_000, row_bytes=1_000),
    )
    for written in (0, 1_000):
        lines.show(replace(RUN, tables=(replace(narrow, written=written), wide)))

    assert capsys.readouterr().err.splitlines() == [
        "Copying",
        "Copying · 1\u202f000 of 2\u202f000 rows · 100 rows/s · 16 min 40 s left",
    ]


def test_lines_tell_phase_rows_and_total(capsys: pytest.CaptureFixture[str]) -> None:
    Lines(Terminal()).show(RUN)
    assert capsys.readouterr().err == "Copying · 401 of 1\u202f000 rows\n"


def test_lines_come_at_most_every_two_seconds_but_with_every_phase(capsys: pytest.CaptureFixture[str]) -> None:
    clock = iter([10.0, 10.5, 11.0, 13.0])
    lines = Lines(Terminal(), clock=lambda: next(clock))
    for written in (400, 500):
        lines.show(replace(RUN, tables=(replace(TABLE, written=written),)))
    lines.show(replace(RUN, phase="verify"))
    lines.show(replace(RUN, phase="verify", tables=(replace(TABLE, verified_rows=5_000),)))

    assert capsys.readouterr().err.splitlines() == [
        "Copying · 401 of 1\u202f000 rows",
        "Verifying",
        "Verifying · 1\u202f000 of 1\u202f000 rows · 500 rows/s",
    ]


def test_quiet_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with painter(Terminal(quiet=True)) as show:
        show(RUN)
    assert capsys.readouterr().err == ""


def test_bars_name_tables_share_and_rows_whatever_tables_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_screen(monkeypatch)
    with bars() as show:
        show(replace(RUN, tables=(replace(TABLE, source="[red]x", target="[red]x"),)))
        show(RUN)
        show(replace(RUN, phase="verify"))
    drawn = screen.getvalue()

    assert "Verifying" in drawn
    assert "[red]x" in drawn or "old → new" in drawn


def test_of_many_tables_only_those_that_move_have_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_screen(monkeypatch)
    still = [
        replace(TABLE, map_no=n, source=f"still{n}", target=f"still{n}", written=0, quarantined=0) for n in range(1, 30)
    ]
    with bars() as show:
        show(replace(RUN, tables=(TABLE, *still)))

    assert "old → new" in screen.getvalue()
    assert "still7" not in screen.getvalue()
