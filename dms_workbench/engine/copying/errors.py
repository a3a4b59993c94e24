"""Why a run cannot begin or go on, although its plan could be made."""

from __future__ import annotations

from ...kernel.errors import Refused, WorkbenchError


class SourceChanged(
    Refused, code="source-changed", next="Make the plan again: repeat the command, or dms plans create."
):
    """The structure of the source is not what the plan was made for{difference}."""


class TargetChanged(
    WorkbenchError,
    code="target-changed",
    status=409,
    safe="The open chunk was rolled back. What was committed stays, and is in the ledger.",
    next="Undo the change and repeat the command, or let the run go on with the table as it is now: repeat the command.",
):
    """The structure of the target table {table} has changed since the run began to fill it: {difference}."""


class RunUndone(Refused, code="run-undone", next="Repeat the command: it begins a new run."):
    """Run {run_id} was taken back, so it cannot go on."""


class OtherDatabase(Refused, code="other-database"):
    """{side} is not the database the plan was made for: it is {found}, planned was {planned}."""


class TargetTableGone(
    Refused, code="target-table-gone", next="dms migrate … --new-run starts again from the first row."
):
    """The target table {table}, which run {run_id} had begun to fill, is gone."""


class CannotMakeTable(
    Refused,
    code="cannot-make-table",
    safe="No table was made and no row written.",
    next="Make what is missing in the target, leave the table out (--exclude), or map it by a mapping file (--mapping FILE).",
):
    """The target cannot make the {what} {table}: {reason}"""
