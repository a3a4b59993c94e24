"""Look at rows in quarantine: one by one, by cause with what would help, and as an expression would change them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge, Gt, Le

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.master_keys import KeyUnusable
from ...kernel.messages import Query
from ..connections import purpose_keys, resolve_url
from ..plans import GetPlan, full_plan, ledger_schema
from .errors import RunNotFound
from .model import QuarantineCause, QuarantineLine, ReplayExample, ReplayPreview, ReplayProposal
from .read import found_run

if TYPE_CHECKING:
    from ...engine.copying import Example, Explained
    from ...engine.ledger import Seals

QUARANTINE_PAGE = 1_000
PURPOSE = "quarantine"


class RunQuarantine(
    Query[list[QuarantineLine]],
    route="GET /runs/{run_id}/quarantine",
    scope="rows:read",
    raises=(RunNotFound,),
    reads_rows=True,
):
    """The rows that a run put in quarantine: table, key, column, code and reason, read from the target's ledger.

    run_id: the run.
    after: the number of the last row seen; 0 for all.
    limit: rows at most.
    """

    run_id: str
    after: Annotated[int, Ge(0)] = 0
    limit: Annotated[int, Gt(0), Le(10_000)] = QUARANTINE_PAGE


@handles(RunQuarantine)
def run_quarantine(query: RunQuarantine, ctx: Context) -> list[QuarantineLine]:
    from ...engine.copying import read_quarantine

    plan = ctx.bus.send(GetPlan(found_run(ctx, query.run_id).plan_id))
    target_url = resolve_url(ctx, plan.target_connection_id)
    rows, _total = read_quarantine(
        target_url,
        query.run_id,
        offset=query.after,
        limit=query.limit,
        ledger_schema=ledger_schema(plan),
        seals=seals_to_look(ctx),
    )
    return [
        QuarantineLine(number=number, table=row.table, key=row.key, column=row.column, code=row.code, reason=row.reason)
        for number, row in enumerate(rows, query.after + 1)
    ]


class RunCauses(
    Query[list[QuarantineCause]],
    route="GET /runs/{run_id}/causes",
    scope="rows:read",
    raises=(RunNotFound,),
    reads_rows=True,
):
    """Why rows of a run are in quarantine: grouped by cause, with counts, examples, and expressions that would put them through.

    The expressions follow from the code, the types on both sides and the rejected values, and were tried on up to 200 rows.

    run_id: the run.
    """

    run_id: str


@handles(RunCauses)
def run_causes(query: RunCauses, ctx: Context) -> list[QuarantineCause]:
    from ...engine.copying import explain_causes

    plan = ctx.bus.send(GetPlan(found_run(ctx, query.run_id).plan_id))
    urls = (resolve_url(ctx, plan.source_connection_id), resolve_url(ctx, plan.target_connection_id))
    found = explain_causes(full_plan(ctx, plan.id), urls, query.run_id, seals=seals_to_look(ctx))
    return [cause_of(each) for each in found]


class PreviewReplay(
    Query[ReplayPreview],
    route="GET /runs/{run_id}/replay-preview",
    scope="rows:read",
    raises=(RunNotFound,),
    reads_rows=True,
):
    """Try on the rejected rows of a cause what a replay would do: how many would pass, and some of them before and after.

    The target is asked too which rows it refuses; nothing is written.

    run_id: the run.
    cause: its name, as the causes list it.
    expression: what makes the column's value for these rows; left out, the rows are tried as they are.
    column: the target column of the expression, where the cause names none.
    also: expressions of further target columns, ``column: expression`` each, for rows that fail in several.
    examples: rows to show before and after.
    """

    run_id: str
    cause: str
    expression: str | None = None
    column: str | None = None
    also: tuple[str, ...] = ()
    examples: Annotated[int, Ge(0), Le(200)] = 5


@handles(PreviewReplay)
def preview(query: PreviewReplay, ctx: Context) -> ReplayPreview:
    from ...engine.copying import Replay, preview_replay

    plan = ctx.bus.send(GetPlan(found_run(ctx, query.run_id).plan_id))
    urls = (resolve_url(ctx, plan.source_connection_id), resolve_url(ctx, plan.target_connection_id))
    asked = Replay(query.run_id, query.cause, query.expression, query.column, query.also)
    found = preview_replay(full_plan(ctx, plan.id), urls, asked, seals=seals_to_look(ctx), examples=query.examples)
    return ReplayPreview(
        cause=found.cause,
        expression=found.expression,
        rows=found.rows,
        passing=found.passing,
        filtered=found.filtered,
        staying=found.staying,
        examples=tuple(map(example_of, found.examples)),
    )


def seals_of(ctx: Context) -> Seals:
    """The keys that quarantined rows are sealed with. Raises KeyUnusable."""
    from ...engine.ledger import Seals

    return Seals(*purpose_keys(ctx, PURPOSE))


def seals_to_look(ctx: Context) -> Seals | None:
    """The same for whoever only looks: without a usable key, what is sealed stays so."""
    try:
        return seals_of(ctx)
    except KeyUnusable:
        return None


def cause_of(found: Explained) -> QuarantineCause:
    """A cause as users see it."""
    cause, group = found.cause, found.cause.group
    return QuarantineCause(
        name=cause.name,
        table=group.source,
        column=group.column,
        code=group.code,
        rows=group.open,
        replayed=group.replayed,
        reasons=cause.reasons,
        examples=tuple(row.key for row in cause.examples),
        help=found.help,
        proposals=tuple(
            ReplayProposal(
                expression=each.expression,
                meaning=each.meaning,
                lossy=each.lossy,
                passing=each.passing,
                tried=each.tried,
                example=None if each.example is None else example_of(each.example),
            )
            for each in found.proposals
        ),
    )


def example_of(found: Example) -> ReplayExample:
    """A row before and after as users see it."""
    return ReplayExample(key=found.key, before=found.before, after=found.after, reason=found.reason)


def replay_of(settings: Any) -> Any:
    """What a replay's settings ask of the engine."""
    from ...engine.copying import Replay

    return Replay(
        str(settings.parent_run_id), settings.cause, settings.expression, settings.column, tuple(settings.also)
    )
