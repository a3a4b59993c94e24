"""The rows of a table without key put right: what is missing is added as often as it is, what is too many goes one by one."""

from __future__ import annotations

from collections.abc import Sequence

from ....kernel.errors import Failed
from ...databases.base import Target
from ...databases.stages import BARE, OLD, StageSql
from ...databases.taking_back import EVERY
from ...failpoints import reach
from ...ledger import Ledger
from ...planning.plan import Plan, PlannedTable

DONE = "exchanged"
"""The fact that a table's rows were put right: how many were added and how many deleted."""


def is_exchanged(plan: Plan, table: PlannedTable) -> bool:
    """Is a table mended by all its rows? Of the modes that go by key only a repair comes to tables that have none."""
    return plan.mode == "upsert" and not table.key


def exchange(ledger: Ledger, epoch: int, table: PlannedTable, sql: StageSql, *, delete: bool) -> None:
    """Make a table hold the rows of its stage, exactly once, in one transaction with the ledger.

    delete: rows that are too many go; else they stay. Raises Failed, with nothing done, where others write meanwhile.
    """
    if DONE in ledger.facts().get(table.map_no, {}):
        return
    target = ledger.target
    with target.transaction():
        ledger.fence(epoch)
        added = target.execute(sql.keep_missing(BARE))
        deleted = take_out(target, sql) if delete else 0
        if target.execute(sql.insert_kept(BARE)) != added or deleted < 0:
            raise Failed(reason=f"Others write {table.target_label} while it is mended: none of its rows was touched.")
        ledger.add_facts(table.map_no, {DONE: [added, deleted], **({"deleted": deleted} if deleted else {})})
        reach("repair.before-exchange-commit")
    reach("repair.exchanged")


def take_out(target: Target, sql: StageSql) -> int:
    """Delete what is too many, with images; -1 where other rows went than were kept."""
    kept = target.execute(sql.keep_surplus())
    if not kept:
        return 0
    gone = target.execute(sql.delete_surplus()) if sql.row_id else take_alike(target, sql, OLD, sql.shape.kept)
    return gone if gone == kept else -1


def take_alike(target: Target, sql: StageSql, kind: str, names: Sequence[str], guard: str = EVERY) -> int:
    """Take out one stored row for each image of a kind that is like it in some columns, where rows have no numbers.

    Of rows of which there are more than images all go and the others come back: a few statements, however many rows there are.
    guard: on rows that may go. Returns how many are gone.
    """
    target.execute(sql.keep_spares(kind, names, guard))
    gone = target.execute(sql.delete_alike(kind, names, guard))
    back = target.execute(sql.put_spares())
    target.execute(sql.drop_spares())
    return gone - back
