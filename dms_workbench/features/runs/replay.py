"""Put rejected rows through: a run of its own, exactly once, after which the books of the run they come from close again."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from annotated_types import Gt

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Command
from . import store
from .errors import RunNotFound, RunNotReplayable
from .model import DONE, Run, RunSettings
from .quarantine import replay_of
from .read import found_run
from .start import active, queued, told

ENDED = DONE | {"not_verified"}


class ReplayRows(
    Command[Run],
    route="POST /runs/{run_id}/replays",
    scope="runs:start",
    raises=(RunNotFound, RunNotReplayable),
):
    """Put exactly the rows of one cause through, and close the books of their run again; a worker carries it out.

    Rows that still fail stay in quarantine with their new reason. Sent again, it goes on with a replay that was interrupted;
    of rows that have gone through, none is written twice.

    run_id: the run whose quarantine it is.
    cause: its name, as the causes list it.
    expression: what makes the column's value for these rows, in the mapping's language; left out, the rows go through as they
        are: after the target was widened, or a row they refer to has arrived.
    column: the target column of the expression, where the cause names none.
    also: expressions of further target columns, ``column: expression`` each, for rows that fail in several.
    verify: read the tables concerned back and compare every row.
    chunk_rows: rows per commit at most.
    """

    run_id: str
    cause: str
    expression: str | None = None
    column: str | None = None
    also: tuple[str, ...] = ()
    verify: bool = True
    chunk_rows: Annotated[int, Gt(0)] = 10_000


@handles(ReplayRows)
def replay_rows(command: ReplayRows, ctx: Context) -> Run:
    parent = found_run(ctx, command.run_id)
    if parent.kind != "copy" or parent.status not in ENDED:
        raise RunNotReplayable(run_id=parent.id, kind=parent.kind, status=parent.status)
    settings = RunSettings(
        verify=command.verify,
        chunk_rows=command.chunk_rows,
        parent_run_id=parent.id,
        cause=command.cause,
        expression=command.expression,
        column=command.column,
        also=tuple(command.also),
    )
    key = replay_of(settings).resume_key
    under_way = active(ctx, "replay", key)
    if under_way is not None:
        return under_way
    return begin_replay(ctx, parent, key, settings)


def begin_replay(ctx: Context, parent: Run, key: str, settings: RunSettings) -> Run:
    """Queue a replay, or the one that did not come to its end again."""
    known = store.with_progress(ctx.db, store.of_resume_key(ctx.db, ctx.caller.organisation_id, "replay", key))
    for run in known:
        if run.status not in ENDED:
            again = replace(run, settings=settings, plan_id=parent.plan_id)
            return told(ctx, again, store.queue_again(ctx.db, again, at=ctx.now))
    return queued(ctx, parent, "replay", key, settings)
