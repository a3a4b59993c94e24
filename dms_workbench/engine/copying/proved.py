"""What an earlier attempt of the same run has verified already: a run that ended *not verified* goes on with what is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ..ledger import Accounts, LedgerRun
from ..planning.plan import PlannedTable
from .result import RunResult, TableResult

ACCOUNTS = ("filtered", "quarantined", "unchanged", "merged")


Proved = Mapping[int, TableResult]
"""The books of tables that were found equal, by map number."""


def proved_note(proved: Proved) -> str:
    """For the summary."""
    names = ", ".join(table.target for _, table in sorted(proved.items()))
    return f"Found equal before, at an earlier end of this run, and not compared once more: {names}"


def proved_before(known: LedgerRun | None, accounts: Mapping[int, Accounts], tables: Sequence[PlannedTable]) -> Proved:
    """What the ledger's entry of a run says is equal, where rows were rejected or replayed since not.

    Maps that go into one target table are proved together or not at all.
    """
    if known is None or known.status != "not_verified" or not known.result:
        return {}
    found = {
        table.map_no: table
        for table in RunResult.from_dict(json.loads(known.result)).tables
        if table.verified == "equal" and table.closed and stands(table, accounts.get(table.map_no, Accounts()))
    }
    missing = {table.target.name for table in tables if table.map_no not in found}
    return {table.map_no: found[table.map_no] for table in tables if table.target.name not in missing}


def stands(table: TableResult, accounts: Accounts) -> bool:
    """Does a table's entry say what the run's chunks say now?"""
    return all(getattr(table, name) == getattr(accounts, name) for name in ACCOUNTS)
