"""Which tables a run that ended not verified need not compare once more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dms_workbench.engine.copying.proved import proved_before, proved_note
from dms_workbench.engine.copying.result import RunResult, TableResult
from dms_workbench.engine.databases.catalogue import Table, TableName
from dms_workbench.engine.ledger import Accounts, LedgerRun
from dms_workbench.engine.planning.plan import PlannedTable


def books(number: int, **changes: Any) -> TableResult:
    """The books of a table that was found equal."""
    given: dict[str, Any] = {"read": 10, "written": 9, "quarantined": 1, "verified": "equal"}
    return TableResult(number, f"s{number}", f"t{number}", **given | changes)


def planned(number: int, target: str = "") -> PlannedTable:
    """A table map."""
    source, made = (Table(TableName(None, name), ()) for name in (f"s{number}", target or f"t{number}"))
    return PlannedTable(number, source, made, (), creates=True)


def known(*tables: TableResult, status: str = "not_verified") -> LedgerRun:
    """The ledger's entry of a run that has ended so."""
    result = json.dumps(RunResult("r", "not_verified", 1.0, tables).as_dict())
    return LedgerRun("r", "key", "{}", status, 3, "2026-11-23T00:00:00+00:00", "", result)


AS_ENTERED = {number: Accounts(10, 9, 0, 1) for number in range(3)}


def test_what_was_found_equal_is_kept_and_named() -> None:
    found = proved_before(known(books(0), books(1, verified="not_verified")), AS_ENTERED, [planned(0), planned(1)])
    assert list(found) == [0]
    assert proved_note(found).endswith("not compared once more: t0")


@pytest.mark.parametrize("status", ["running", "paused", "interrupted", "differences", "succeeded"])
def test_only_a_run_that_ended_not_verified_keeps_anything(status: str) -> None:
    assert proved_before(known(books(0), status=status), AS_ENTERED, [planned(0)]) == {}


@pytest.mark.parametrize("changes", [{"verified": "different"}, {"verified": "not_verified"}, {"written": 8}])
def test_a_table_that_is_not_proved_is_compared_again(changes: dict[str, Any]) -> None:
    assert proved_before(known(books(0, **changes)), AS_ENTERED, [planned(0)]) == {}


def test_a_table_whose_rejected_rows_were_replayed_since_is_compared_again() -> None:
    assert proved_before(known(books(0)), {0: Accounts(10, 10, 0, 0)}, [planned(0)]) == {}


def test_table_maps_of_one_target_are_kept_together_or_not_at_all() -> None:
    tables = [planned(0, "both"), planned(1, "both"), planned(2)]
    entered = known(books(0), books(1, verified="not_verified"), books(2))
    assert list(proved_before(entered, AS_ENTERED, tables)) == [2]


def test_a_run_that_the_ledger_does_not_know_keeps_nothing() -> None:
    assert proved_before(None, {}, [planned(0)]) == {}
