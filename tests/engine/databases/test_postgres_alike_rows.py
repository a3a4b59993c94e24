"""Rows of one length, taken off the wire many at a time: all of them, whatever else is said, and a line in order afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np
import pytest

from dms_workbench.engine.databases.base import RowsRefused
from dms_workbench.engine.databases.going_back import go_back, keep_place
from dms_workbench.engine.databases.postgres import alike_rows as module
from dms_workbench.engine.databases.postgres.alike_rows import alike_rows
from dms_workbench.engine.databases.postgres.read import PostgresSource
from dms_workbench.engine.databases.urls import database_for

FORM = [("fields", ">i2"), ("size", ">i4"), ("h", ">i8")]


@pytest.fixture
def source(postgres_url: str) -> Iterator[PostgresSource]:
    found = cast(PostgresSource, database_for(postgres_url).open_source(postgres_url))
    keep_place(found, found)
    yield found
    found.close()


def copy(query: str) -> str:
    """A COPY of a query."""
    return f"COPY ({query}) TO STDOUT (FORMAT binary)"


@pytest.mark.parametrize("count", [0, 1, 7, 123_457])
def test_every_row_comes(source: PostgresSource, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(module, "ROWS_TOGETHER", 10_000)
    arrays = list(alike_rows(source.connection, copy(f"SELECT i::int8 FROM generate_series(1, {count}) i"), FORM))
    numbers = np.concatenate([array["h"] for array in arrays]) if arrays else np.array([])
    assert numbers.tolist() == list(range(1, count + 1))
    assert source.query("select 1") == [(1,)]


def test_rows_of_another_length_are_refused_and_the_line_can_be_used_again(source: PostgresSource) -> None:
    with pytest.raises(ValueError, match="another form"):
        list(alike_rows(source.connection, copy("SELECT repeat('x', i) FROM generate_series(1, 100000) i"), FORM))
    go_back(source, source)
    assert source.query("select 1") == [(1,)]


def test_a_read_that_is_left_early_is_cancelled_and_the_snapshot_stays(source: PostgresSource) -> None:
    rows = alike_rows(source.connection, copy("SELECT i::int8 FROM generate_series(1, 50000000) i"), FORM)
    next(rows)
    rows.close()  # type: ignore[attr-defined]
    go_back(source, source)
    assert source.query("select 1") == [(1,)]


def test_an_error_in_the_middle_is_told_and_the_line_can_be_used_again(source: PostgresSource) -> None:
    with pytest.raises(RowsRefused, match="division by zero"):
        list(
            alike_rows(source.connection, copy("SELECT 1 / (i - 90000)::int8 FROM generate_series(1, 100000) i"), FORM)
        )
    go_back(source, source)
    assert source.query("select 1") == [(1,)]
