"""How much of a run is done and left, by the width of its rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dms_workbench.features.runs import TableProgress, Work
from dms_workbench.features.runs.weighing import weights

NARROW = TableProgress(0, "narrow", "narrow", rows_total=1_000, row_bytes=10)
WIDE = TableProgress(1, "wide", "wide", rows_total=1_000, row_bytes=1_000)
TOTALS = {0: 1_000, 1: 1_000}


def test_rows_weigh_by_their_bytes_and_all_together_as_many_as_they_are() -> None:
    weight = weights([NARROW, WIDE])

    assert weight[1] == pytest.approx(100 * weight[0])
    assert 1_000 * weight[0] + 1_000 * weight[1] == pytest.approx(2_000)


def test_rows_of_unknown_width_weigh_as_the_mean_of_the_others() -> None:
    unknown = replace(NARROW, map_no=2, row_bytes=0)

    assert weights([NARROW, WIDE, unknown])[2] == 1.0
    assert weights([unknown]) == {2: 1.0}
    assert weights([]) == {}


def test_when_the_narrow_half_of_the_rows_is_done_nearly_all_work_is_left() -> None:
    work = Work().after([NARROW, WIDE], {0: 0, 1: 0}, TOTALS).after([NARROW, WIDE], {0: 1_000, 1: 0}, TOTALS)

    assert work.left / (work.done + work.left) == pytest.approx(100 / 101)


def test_what_was_done_before_the_first_look_is_not_counted_as_done_since() -> None:
    assert Work().after([NARROW, WIDE], {0: 900, 1: 500}, TOTALS).done == 0.0


def test_rows_that_are_taken_back_do_not_make_work_undone() -> None:
    before = Work().after([NARROW], {0: 0}, {0: 1_000}).after([NARROW], {0: 500}, {0: 1_000})

    assert before.after([NARROW], {0: 400}, {0: 1_000}).done == before.done
