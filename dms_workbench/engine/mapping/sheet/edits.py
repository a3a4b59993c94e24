"""A column map with the cells of a row that were changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ..model import ColumnMap, Decision, Status, TableMap
from .layout import STATUSES, SheetRow

if TYPE_CHECKING:
    from .merge import Merge


def edited_column(
    merge: Merge, row: SheetRow, table: TableMap, old: ColumnMap, taken: dict[str, str]
) -> ColumnMap | None:
    """The column map with what was changed; None if that cannot be, which is noted."""
    problems = len(merge.problems)
    source = taken.get("source_column", old.source or "") or None
    expression = taken.get("expression", old.expression or "") or None
    if source is not None and expression is not None:
        merge.problem(row, "expression", "there is a source column as well: keep one of the two and clear the other")
        return None
    if source is not None and source != old.source:
        merge.names.check_source(merge.problem, row, table, source)
    if expression is not None and expression != old.expression:
        merge.names.check_expression(merge.problem, row, table, expression)
    status = taken.get("status", "" if old.decision is None else old.decision.status).casefold()
    if status and status not in STATUSES:
        merge.problem(row, "status", f"{status[:40]!r} is no status; it is accepted, open or rejected, or nothing")
    if len(merge.problems) > problems:
        return None
    new = replace(
        old,
        source=source,
        expression=expression,
        owner=taken.get("owner", old.owner or "") or None,
        remark=taken.get("remark", old.remark or "") or None,
    )
    return with_status(merge, row, table, new, status)


def with_status(merge: Merge, row: SheetRow, table: TableMap, new: ColumnMap, status: str) -> ColumnMap | None:
    """The column map with its decision; what is made of nothing is open unless someone turned it down."""
    old = new.decision
    if status == "rejected" and new.expression is not None:
        merge.problem(row, "status", "a rejected column is made of nothing: clear its rule, or keep it open")
        return None
    if status == "rejected" and new.source is not None:
        turned_down = (*(old.rejected if old is not None else ()), f"{table.source}.{new.source}")
        kept = replace(old or Decision("open"), rejected=tuple(dict.fromkeys(turned_down)))
        return replace(new, source=None, decision=replace(kept, status="rejected", by=merge.by, at=merge.at))
    if not new.made and status in {"", "accepted"}:
        if status == "accepted":
            merge.problem(row, "status", "nothing is accepted here: give a source column or a rule, or choose rejected")
            return None
        status = "open"
    if not status:
        return replace(new, decision=None)
    if new.decision is not None and new.decision.status == status:
        return new
    decision = replace(old or Decision("open"), status=cast(Status, status), by=merge.by, at=merge.at)
    return replace(new, decision=decision)
