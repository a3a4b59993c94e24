"""What a replay would do is tried on the rejected rows, and expressions are proposed that would put them through."""

from __future__ import annotations

from pathlib import Path

import pytest

from dms_workbench.engine.copying import Explained, Replay, explain_causes, preview_replay
from dms_workbench.engine.copying.proposals import candidates
from dms_workbench.engine.databases.catalogue import Column, DataType
from dms_workbench.engine.planning.plan import PlannedColumn

from .conftest import run_sql
from .test_replay import SEALS, NewDatabase, Place


@pytest.fixture
def place(new_database: NewDatabase, tmp_path: Path) -> Place:
    """Rows that fail in as many ways as there are rows."""
    source, target = new_database("sqlite"), new_database("postgres")
    run_sql(
        source,
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, born DATE, small INTEGER, price TEXT, sold BOOLEAN)",
        "INSERT INTO item VALUES (1, 'good', '2001-02-03', 1, '1.50', 1), (2, 'much too long', '2001-02-03', 1, '1', 1),"
        " (3, 'c', '31.12.1999', 1, '1', 1), (4, 'd', '2001-02-03', 70000, '1', 1), (5, 'e', '2001-02-03', 1, '1.234,50', 1),"
        " (6, 'f', '2001-02-03', 1, '1', 'yes'), (7, NULL, '2001-02-03', 1, '1', 1), (8, 'h', '0000-00-00', 1, '1', 1)",
    )
    run_sql(
        target,
        "CREATE TABLE item (id bigint PRIMARY KEY, name varchar(5) NOT NULL, born date, small smallint NOT NULL,"
        " price numeric(10,2) NOT NULL, sold boolean NOT NULL)",
    )
    made = Place(source, target, tmp_path / "spool", mode="append")
    made.copy()
    return made


def explained(place: Place) -> dict[str, Explained]:
    """The causes by name."""
    found = explain_causes(place.plan, (place.source, place.target), place.run_id, seals=SEALS)
    return {each.cause.name: each for each in found}


def test_every_cause_has_an_expression_that_puts_its_rows_through(place: Place) -> None:
    causes = explained(place)

    assert {name: [proposal.expression for proposal in each.proposals] for name, each in causes.items()} == {
        "item.born:invalid-value": ["nullif(born, '0000-00-00')", "strptime(born, '%d.%m.%Y')", "NULL"],
        "item.name:not-null": ["coalesce(name, '')"],
        "item.name:too-long": ["rtrim(left(name, 5))"],
        "item.price:invalid-value": ["CAST(replace(replace(price, '.', ''), ',', '.') AS DECIMAL(38, 2))"],
        "item.small:out-of-range": ["least(greatest(small, -32768), 32767)"],
    }
    assert causes["item.name:too-long"].proposals[0].lossy
    assert [proposal.passing for proposal in causes["item.born:invalid-value"].proposals] == [1, 1, 2]


def test_the_best_proposals_empty_the_quarantine(place: Place) -> None:
    for name, each in explained(place).items():
        place.replay(name, each.proposals[0].expression)
    for name, each in explained(place).items():
        place.replay(name, each.proposals[0].expression)

    found = place.verify()

    assert (found.status, found.tables[0].written, found.quarantine_total) == ("succeeded", 8, 0)


def test_a_preview_shows_rows_before_and_after_and_writes_nothing(place: Place) -> None:
    asked = Replay(place.run_id, "item.born:invalid-value", "strptime(born, '%d.%m.%Y')")

    found = preview_replay(place.plan, (place.source, place.target), asked, seals=SEALS)

    assert (found.rows, found.passing, sum(found.staying.values())) == (2, 1, 1)
    assert [(each.key, each.before, each.after) for each in found.examples] == [
        ({"id": 3}, {"born": "31.12.1999"}, "1999-12-31"),
        ({"id": 8}, {"born": "0000-00-00"}, None),
    ]
    assert run_sql(place.target, "SELECT count(*) FROM item") == [(2,)]


def test_a_preview_asks_the_target_which_rows_it_refuses(place: Place) -> None:
    run_sql(place.target, "ALTER TABLE item ADD CHECK (name <> 'much')")

    asked = Replay(place.run_id, "item.name:too-long", "left(name, 4)")
    found = preview_replay(place.plan, (place.source, place.target), asked, seals=SEALS)

    assert (found.passing, list(found.staying)) == (0, ["a check constraint refuses it (item_name_check)"])


@pytest.mark.parametrize(
    ("type", "code", "value", "expected"),
    [
        (DataType("text", "varchar(3)", length=3), "nul-character", "a\0", "replace(x, chr(0), '')"),
        (
            DataType("decimal", "numeric(5,1)", precision=5, scale=1),
            "loses-precision",
            "1.25",
            "CAST(x AS DECIMAL(5, 1))",
        ),
        (DataType("timestamp", "timestamp"), "invalid-value", "1.2.2024 10:00", "strptime(x, '%d.%m.%Y %H:%M')"),
    ],
)
def test_expressions_follow_from_code_type_and_values(type: DataType, code: str, value: str, expected: str) -> None:
    column = PlannedColumn(Column("x", type, nullable=False), source="x")

    assert expected in [each.expression for each in candidates(column, code, [value])]


def test_a_default_is_proposed_for_keys_that_a_lookup_does_not_have() -> None:
    column = PlannedColumn(Column("x", DataType("text", "text"), nullable=True), expression="lookup('country', city)")

    assert candidates(column, "no-lookup", [])[0].expression == "lookup('country', city, NULL)"
