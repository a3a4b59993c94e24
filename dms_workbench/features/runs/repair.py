"""Mend the rows that a verification finds wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Command
from ..plans import GetPlan, PlanNotFound, PlanSummary
from . import store
from .errors import RunOfOtherProject
from .model import DONE, UNDONE, Run, RunSettings
from .start import active, queued, told


class RepairRows(Command[Run], route="POST /repairs", scope="runs:start", raises=(PlanNotFound, RunOfOtherProject)):
    """Compare every row of a plan's tables, mend those that are wrong and compare again; a worker carries it out.

    Missing rows are read again from the source, through the mapping, and added; rows that differ are replaced; equal rows are
    not touched. Sent again, it goes on with a repair that was interrupted.

    plan_id: the plan that says which tables belong together.
    delete_extra: delete rows that the source does not have; else they are listed and left.
    on_reject: what to do with a row the target cannot hold: ``quarantine`` it and go on, or ``stop``.
    lanes: parallel streams for each table, where both databases allow it.
    chunk_rows: rows per commit at most.
    """

    plan_id: str
    delete_extra: bool = False
    on_reject: Literal["quarantine", "stop"] = "quarantine"
    lanes: Annotated[int, Ge(1), Le(64)] = 1
    chunk_rows: Annotated[int, Gt(0)] = 50_000


@handles(RepairRows)
def repair_rows(command: RepairRows, ctx: Context) -> Run:
    plan = ctx.bus.send(GetPlan(command.plan_id))
    settings = RunSettings(
        delete_extra=command.delete_extra,
        on_reject=command.on_reject,
        lanes=command.lanes,
        chunk_rows=command.chunk_rows,
    )
    under_way = active(ctx, "repair", plan.resume_key)
    return under_way if under_way is not None else begin_repair(ctx, plan, settings)


def begin_repair(ctx: Context, plan: PlanSummary, settings: RunSettings) -> Run:
    """Queue a repair, or the one that did not come to its end again."""
    known = store.of_resume_key(ctx.db, ctx.caller.organisation_id, "repair", plan.resume_key)
    for run in store.with_progress(ctx.db, known):
        if run.status not in DONE | {UNDONE} and run.project_id == plan.project_id:
            again = replace(run, settings=settings, plan_id=plan.id, request_key=plan.request_key)
            return told(ctx, again, store.queue_again(ctx.db, again, at=ctx.now))
    return queued(ctx, plan, "repair", plan.resume_key, settings)
