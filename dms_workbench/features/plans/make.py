"""Make plans and look at them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

from annotated_types import Ge, Le

from ...kernel.bus import handles, prepares
from ...kernel.context import Context
from ...kernel.locators import Place, locates
from ...kernel.messages import Command, Query
from ...kernel.paging import Limit, Offset, Page, page
from ..connections import connection_name, resolve_url
from . import store
from .errors import PlanNotFound
from .model import LedgerPlace, PlanSummary, PlanText, ddl_text, object_line, table_line

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ...engine.planning import Plan

PLACE = ("project_id", "source_connection_id", "target_connection_id", "request_key")


@locates("plan_id")
def locate_plan(db: Connection, organisation_id: str, plan_id: str) -> Place | None:
    """A plan's project."""
    found = store.find(db, organisation_id, plan_id)
    return None if found is None else Place(found.id, found.project_id)


class CreatePlan(Command[PlanSummary], route="POST /plans", scope="plans:make"):
    """Check both databases and the mapping, and write down everything a run will do; nothing is changed yet.

    project_id: the project it belongs to.
    source_connection_id: where the rows come from.
    target_connection_id: where they go.
    source_schema: the source's schema; its default one if left out.
    source_schemas: several schemas, as names or patterns, each into its namesake; then ``source_schema`` is left out.
    target_schema: the target's schema; its default one if left out.
    tables: only these source tables; all if left out.
    exclude: none of these source tables.
    where: filters of source tables, ``table: expression`` each; other rows are the account ``filtered``.
    subset: a share of a table's rows (``customers:10%``) or those of a filter, with all that hangs on them and all they need.
    content: ``all``, the ``schema`` only, or only the ``data``.
    prefix_schema: where the target has no schemas, call tables ``schema_table``.
    mapping_text: the content of a mapping file; without one every table goes to its namesake.
    mapping_path: what messages call that file.
    names: how names are made without a mapping: ``keep``, ``snake_case``, or ``adapt``: kept, but for those the target cannot have.
    mode: ``create`` wants target tables absent or empty, ``append`` adds to what is there, ``replace`` swaps the whole content,
        ``upsert`` gives rows of one key the source's values and adds the others, ``insert-missing`` only adds the others.
    keys: what tells rows apart for the last two, ``table: column, column`` each; the primary or a unique key if left out.
    undo_days: how long what an undo needs of rows that were there is kept in the target; 0 keeps nothing.
    create: may the run create tables that are missing in the target?
    purpose: ``copy``, or ``verify`` for tables that are there and filled already.
    ledger_schema: where the target keeps the books.
    new_run: plan for a run from the first row on, whatever the target's ledger holds.
    request_key: the hash of the command this plan answers, by which its run is found again.
    """

    project_id: str
    source_connection_id: str
    target_connection_id: str
    source_schema: str | None = None
    target_schema: str | None = None
    source_schemas: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    subset: str | None = None
    content: Literal["all", "schema", "data"] = "all"
    prefix_schema: bool = False
    mapping_text: str | None = None
    mapping_path: str = "mapping.yaml"
    names: Literal["keep", "snake_case", "adapt"] = "keep"
    mode: Literal["create", "append", "replace", "upsert", "insert-missing"] = "create"
    keys: tuple[str, ...] = ()
    undo_days: Annotated[int, Ge(0), Le(3650)] = 30
    create: bool = True
    purpose: Literal["copy", "verify"] = "copy"
    ledger_schema: str = "dms_ledger"
    new_run: bool = False
    request_key: str = ""


@prepares(CreatePlan)
def build(command: CreatePlan, ctx: Context) -> Plan:
    """The engine's plan of both databases as they are. Raises the errors of connecting, mapping and planning."""
    from ...engine.planning import PlanOptions, build_plan

    return build_plan(
        resolve_url(ctx, command.source_connection_id),
        resolve_url(ctx, command.target_connection_id),
        PlanOptions(**options_of(command)),
    )


def options_of(command: CreatePlan) -> dict[str, Any]:
    """What the engine is told of the command."""
    return {name: value for name, value in vars(command).items() if name not in PLACE}


@handles(CreatePlan)
def create_plan(command: CreatePlan, ctx: Context) -> PlanSummary:
    options = {name: value for name, value in options_of(command).items() if name != "mapping_text"}
    return keep_plan(ctx, ctx.prepared, command, options, request_key=command.request_key)


class Placed(Protocol):
    """A command that says which project and databases a plan is for."""

    @property
    def project_id(self) -> str: ...  # noqa: D102

    @property
    def source_connection_id(self) -> str: ...  # noqa: D102

    @property
    def target_connection_id(self) -> str: ...  # noqa: D102


def keep_plan(
    ctx: Context, plan: Plan, place: Placed, options: dict[str, Any], *, request_key: str = ""
) -> PlanSummary:
    """Enter a plan in the store."""
    from ...engine.planning import plan_to_json

    plan_id = ctx.new_id()
    store.add(
        ctx.db,
        id=plan_id,
        organisation_id=ctx.caller.organisation_id,
        project_id=place.project_id,
        source_connection_id=place.source_connection_id,
        target_connection_id=place.target_connection_id,
        resume_key=plan.resume_key,
        request_key=request_key,
        ledger_run_id=plan.ledger_run_id,
        ledger_status=plan.ledger_status,
        options=options,
        content=plan_to_json(plan),
        created_at=ctx.now,
        created_by=ctx.caller.name,
    )
    return found_plan(ctx, plan_id)


def found_plan(ctx: Context, plan_id: str) -> PlanSummary:
    """A kept plan. Raises PlanNotFound."""
    row = store.find(ctx.db, ctx.caller.organisation_id, plan_id)
    if row is None:
        raise PlanNotFound(plan_id=plan_id)
    return summary_of(row)


def summary_of(row: Any) -> PlanSummary:
    """A row as the summary that users see."""
    from ...engine.planning import plan_from_json

    plan = plan_from_json(row.content)
    return PlanSummary(
        id=row.id,
        project_id=row.project_id,
        source_connection_id=row.source_connection_id,
        target_connection_id=row.target_connection_id,
        created_at=row.created_at,
        created_by=row.created_by,
        mode=plan.mode,
        source_database=plan.source_database,
        target_database=plan.target_database,
        mapping_sha=plan.mapping_sha,
        resume_key=row.resume_key,
        request_key=row.request_key,
        ledger_run_id=row.ledger_run_id,
        ledger_status=row.ledger_status,
        tables=tuple(map(table_line, plan.tables)),
        objects=tuple(map(object_line, plan.objects)),
        options=row.options,
    )


class GetPlan(Query[PlanSummary], route="GET /plans/{plan_id}", scope="plans:read", raises=(PlanNotFound,)):
    """A plan: tables, objects with their DDL, and the run it continues.

    plan_id: the plan.
    """

    plan_id: str


@handles(GetPlan)
def get_plan(query: GetPlan, ctx: Context) -> PlanSummary:
    return found_plan(ctx, query.plan_id)


class ListPlans(Query[Page[PlanSummary]], route="GET /plans", scope="plans:read"):
    """Plans, newest first.

    project_id: only those of this project.
    limit: plans in a page; offset: plans to leave out before it.
    """

    project_id: str | None = None
    limit: Limit = 50
    offset: Offset = 0


@handles(ListPlans)
def list_plans(query: ListPlans, ctx: Context) -> Page[PlanSummary]:
    conditions = [store.plans.c.organisation_id == ctx.caller.organisation_id]
    if query.project_id is not None:
        conditions.append(store.plans.c.project_id == query.project_id)
    if ctx.caller.visible_projects is not None:
        conditions.append(store.plans.c.project_id.in_(ctx.caller.visible_projects))
    rows, total = store.page_of(ctx.db, conditions, query.limit, query.offset)
    return page([summary_of(row) for row in rows], total=total, offset=query.offset, limit=query.limit)


class PlanDdl(Query[PlanText], route="GET /plans/{plan_id}/ddl", scope="plans:read", raises=(PlanNotFound,)):
    """The statements a plan runs on the target, in order, for review or for a person who may create.

    plan_id: the plan.
    """

    plan_id: str


@handles(PlanDdl)
def plan_ddl(query: PlanDdl, ctx: Context) -> PlanText:
    return PlanText(ddl_text(full_plan(ctx, query.plan_id)))


def full_plan(ctx: Context, plan_id: str) -> Plan:
    """The engine's own plan, for the features that carry it out. Raises PlanNotFound."""
    from ...engine.planning import plan_from_json

    row = store.find(ctx.db, ctx.caller.organisation_id, plan_id)
    if row is None:
        raise PlanNotFound(plan_id=plan_id)
    return plan_from_json(row.content)


def plans_of(ctx: Context, project_id: str) -> list[PlanSummary]:
    """The newest plan of each resume key of a project."""
    conditions = [store.plans.c.organisation_id == ctx.caller.organisation_id, store.plans.c.project_id == project_id]
    newest: dict[str, PlanSummary] = {}
    for row in store.page_of(ctx.db, conditions, None, 0)[0]:
        if row.resume_key not in newest:
            newest[row.resume_key] = summary_of(row)
    return list(newest.values())


def ledger_places(ctx: Context, plan_ids: Collection[str]) -> list[LedgerPlace]:
    """Where the runs of plans keep their books, each place once; of every organisation. For whoever then tells only what is seen."""
    wanted, found = frozenset(plan_ids), {}
    for row in store.targets(ctx.db):
        schema = str(row.options["ledger_schema"])
        if row.id in wanted and (row.target_connection_id, schema) not in found:
            name = connection_name(ctx, row.target_connection_id)
            place = LedgerPlace(row.organisation_id, row.project_id, row.target_connection_id, name, schema)
            found[row.target_connection_id, schema] = place
    return list(found.values())


def ledger_schema(plan: PlanSummary) -> str:
    """Where the target keeps the books of a plan's runs."""
    return str(plan.options["ledger_schema"])
