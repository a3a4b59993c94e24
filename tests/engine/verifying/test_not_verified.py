"""What cannot be read to its end is not verified; a wish to stop is heard, and progress told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dms_workbench.engine.control import Control, Progress, Stopped, Wish
from dms_workbench.engine.databases.errors import ConnectionLost
from tests.engine.verifying.tables import KEYED, ROWS, MakeBench, Wrapped, same


def test_a_reader_that_fails_half_way_is_not_verified(bench: MakeBench) -> None:
    def fail(rows: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
        yield rows[:1]
        raise ConnectionLost(database="the test", reason="cut")

    made = same(bench, "sqlite", "duckdb", f"{KEYED};\n{ROWS}")
    for side in (0, 1):
        result = made.verify(
            adapt=lambda *both, side=side: tuple(Wrapped(s, fail) if n == side else s for n, s in enumerate(both))
        )
        assert (result.result, "cut" in result.reason) == ("not_verified", True)


def test_a_reader_that_ends_early_without_an_error_is_not_verified(bench: MakeBench) -> None:
    made = same(bench, "sqlite", "duckdb", f"{KEYED};\n{ROWS}")
    result = made.verify(
        adapt=lambda source, target: (
            Wrapped(source, lambda rows: iter([rows[:-1]])),
            Wrapped(target, lambda rows: iter([rows[:-1]])),
        )
    )
    assert (result.result, result.reason) == ("not_verified", "2 rows of t were read, but the database counts 3")


def test_an_error_of_a_driver_is_not_verified_and_shows_no_value(bench: MakeBench) -> None:
    def fail(rows: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
        raise ValueError(f"cannot read {rows}")

    made = same(bench, "sqlite", "duckdb", f"{KEYED};\n{ROWS}")
    result = made.verify(adapt=lambda source, target: (source, Wrapped(target, fail)))
    assert (result.result, result.reason) == ("not_verified", "ValueError while it was read or compared")


def test_a_missing_target_table_is_not_verified(bench: MakeBench) -> None:
    made = same(bench, "sqlite", "sqlite", f"{KEYED};\n{ROWS}")

    def dropping(source: Any, target: Any) -> tuple[Any, Any]:
        target.close()
        return source, target

    assert made.verify(adapt=dropping).result == "not_verified"


def test_a_wish_to_stop_is_heard(bench: MakeBench) -> None:
    class Impatient(Control):
        def wish(self) -> Wish:
            return "pause"

    made = same(bench, "sqlite", "sqlite", f"{KEYED};\n{ROWS}")
    made.control = Impatient()
    with pytest.raises(Stopped):
        made.verify()
    assert list(made.folder.glob("*.duckdb")) == []


def test_progress_counts_the_rows_of_both_sides(bench: MakeBench) -> None:
    seen: list[Progress] = []

    class Watching(Control):
        def report(self, progress: Progress) -> None:
            seen.append(progress)

    made = same(bench, "sqlite", "sqlite", f"{KEYED};\n{ROWS}")
    made.control = Watching()
    made.verify()
    assert [(progress.phase, progress.verified_rows) for progress in seen][-1] == ("verify", 6)
