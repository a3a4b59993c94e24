"""How a run ended, by the books of its tables: the status, and the error that says what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...kernel.errors import WorkbenchError
from .kept_rows import MODE
from .result import Status, TableResult

OFF = "verification was off; dms verify compares all rows at any time"
WITHOUT_MODE = "dms verify with the same source and target, without --mode: it names every row that differs"


class Differences(
    WorkbenchError,
    code="differences",
    status=409,
    safe="The source was only read. What is in the target is in the ledger.",
    next="The findings name the rows. Look for triggers, rules or other writers on the target.",
):
    """Verification found the target different from the source: {tables}.{books}"""


class BooksOpen(
    WorkbenchError,
    code="books-open",
    status=409,
    safe="The source was only read. What is in the target is in the ledger.",
    next="Look for triggers, rules or other writers on the target, then repeat the command.",
):
    """The books do not close: {books}"""


class NotVerified(
    WorkbenchError,
    code="not-verified",
    status=409,
    safe="Comparing only reads: what was written is committed and stays. These tables are neither known to be equal nor different.",
    next="dms runs resume {run_id}",
):
    """Not every table could be compared: {tables}."""


def ending_of(tables: tuple[TableResult, ...], run_id: str, mode: str) -> tuple[Status, dict[str, Any] | None]:
    """The status of a run and its error, if any. run_id: to go on with; mode: of its plan."""
    open_books = [table for table in tables if table.counted and not table.closed]
    if any(table.verified == "different" for table in tables):
        return "differences", Differences(
            tables=names(t for t in tables if t.verified == "different"),
            books=f" {sentence(open_books)}" if open_books else "",
        ).as_dict()
    if open_books:
        return "differences", BooksOpen(books=sentence(open_books)).as_dict()
    unread = [table for table in tables if table.verified == "not_verified"]
    if unread:
        return "not_verified", not_verified(unread, run_id, mode)
    return ("succeeded_with_quarantine" if any(table.quarantined for table in tables) else "succeeded"), None


def not_verified(unread: list[TableResult], run_id: str, mode: str) -> dict[str, Any] | None:
    """The error of tables that could not be compared; None where nobody wanted them to be."""
    if all(table.reason == OFF for table in unread):
        return None
    where = ", ".join(table.target for table in unread)
    error = NotVerified(tables=names(unread), run_id=run_id, where=where)
    if mode == MODE:
        error.next = WITHOUT_MODE
    return error.as_dict()


def names(tables: Iterable[TableResult]) -> str:
    """Target tables with the reason of each."""
    return "; ".join(f"{table.target} ({table.reason})" if table.reason else table.target for table in tables)


def sentence(tables: Iterable[TableResult]) -> str:
    """The books that do not close, in figures."""
    return "; ".join(
        f"{table.source} → {table.target}: read {table.read} ≠ written {table.written} + unchanged {table.unchanged} + merged "
        f"{table.merged} + filtered {table.filtered} + quarantined {table.quarantined}"
        for table in tables
    )
