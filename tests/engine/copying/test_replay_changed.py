"""Quarantined rows put through after others have changed the target: theirs stays, and the books say what is not as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dms_workbench.engine.copying import read_causes
from tests.engine.copying.killed import undo
from tests.engine.copying.products import New, Sql, new, sql  # noqa: F401  fixtures
from tests.engine.copying.test_replay import Place, books

SERVERS = (
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("mysql", marks=pytest.mark.mariadb),
    "sqlite",
)
CAUSE, SHORT = "n.note:not-null", "coalesce(note, '?')"
MINE = "INSERT INTO n VALUES (2, 'mine')"
THERE = "SELECT id, note FROM n ORDER BY id"


@pytest.fixture
def rejected(new: New, sql: Sql, tmp_path: Path) -> Any:  # noqa: F811
    """A copy of three rows, two of which are in quarantine, in a mode; rows: what the target has before."""

    def make(product: str, mode: str, *rows: str) -> Place:
        source, target = new("sqlite"), new(product)
        sql(source, "CREATE TABLE n (id INTEGER PRIMARY KEY, note TEXT)")
        sql(source, "INSERT INTO n VALUES (1, 'a'), (2, NULL), (3, NULL)")
        sql(target, "CREATE TABLE n (id INTEGER NOT NULL PRIMARY KEY, note VARCHAR(9) NOT NULL)", *rows)
        place = Place(source, target, tmp_path / "spool", mode=mode)
        assert books(place.copy()) == (3, 1, 2, "equal", "succeeded_with_quarantine")
        return place

    return make


@pytest.mark.parametrize("product", SERVERS)
def test_a_row_that_others_have_entered_since_is_not_overwritten(product: str, rejected: Any, sql: Sql) -> None:  # noqa: F811
    place = rejected(product, "append")
    sql(place.target, MINE)

    found = place.replay(CAUSE, SHORT)

    assert (found.replay.tables[0].written, found.replay.tables[0].quarantined) == (1, 1)
    assert sql(place.target, THERE) == [(1, "a"), (2, "mine"), (3, "?")]
    assert sql_codes(place, sql) == [("unique",)]
    sql(place.target, "DELETE FROM n WHERE id = 2")
    (cause,) = [each.name for each in read_causes(place.target, place.run_id) if each.group.open]
    again = place.replay(cause, SHORT, column="note")
    assert again.replay.status == "succeeded", again.replay.error
    assert books(again.parent) == (3, 3, 0, "equal", "succeeded")


def sql_codes(place: Place, sql: Sql) -> list[tuple]:  # noqa: F811
    """Why rows are still in quarantine."""
    ledger = "dms_ledger.quarantine" if place.target.startswith("postgresql") else "dms_ledger_quarantine"
    return sql(place.target, f"SELECT code FROM {ledger} WHERE replayed_by IS NULL ORDER BY row_no")


@pytest.mark.parametrize("product", SERVERS)
def test_a_merge_meets_the_row_of_others_and_an_undo_gives_it_back(
    product: str,
    rejected: Any,
    sql: Sql,  # noqa: F811
) -> None:
    place = rejected(product, "upsert")
    sql(place.target, MINE)

    found = place.replay(CAUSE, SHORT)

    assert (found.replay.tables[0].written, found.replay.tables[0].merged) == (1, 1), found
    assert sql(place.target, THERE) == [(1, "a"), (2, "?"), (3, "?")]
    undone = undo(place.source, place.target, place.spool, place.run_id, mode="upsert")
    assert undone.status == "succeeded", undone.error
    assert sql(place.target, THERE) == [(2, "mine")]


@pytest.mark.parametrize("product", SERVERS)
def test_where_only_missing_rows_are_added_the_row_of_others_stays_and_the_books_tell_of_it(
    product: str,
    rejected: Any,
    sql: Sql,  # noqa: F811
) -> None:
    place = rejected(product, "insert-missing")
    sql(place.target, MINE)

    found = place.replay(CAUSE, SHORT)

    (table,) = found.replay.tables
    assert (table.written, table.unchanged, table.quarantined) == (1, 1, 0)
    assert sql(place.target, THERE) == [(1, "a"), (2, "mine"), (3, "?")]
    assert found.replay.status == "differences"
    assert "the target has 1 rows more than were there before and were written" in table.reason


@pytest.mark.parametrize("product", SERVERS)
def test_rows_of_the_copy_that_others_have_changed_since_are_told_and_stay(
    product: str,
    rejected: Any,
    sql: Sql,  # noqa: F811
) -> None:
    place = rejected(product, "append")
    sql(place.target, "UPDATE n SET note = 'theirs' WHERE id = 1")

    found = place.replay(CAUSE, SHORT)

    assert sql(place.target, THERE) == [(1, "theirs"), (2, "?"), (3, "?")]
    assert (found.replay.tables[0].written, found.replay.tables[0].quarantined) == (2, 0)
    assert found.parent is not None
    assert found.parent.status == "differences"
    assert [each["key"] for each in found.parent.tables[0].findings] == [{"id": "1"}]
