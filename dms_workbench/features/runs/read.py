"""Look at runs: how they stand, what happened, what they logged and which rows they put in quarantine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge, Gt, Le

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.locators import Place, locates
from ...kernel.messages import Query
from ...kernel.paging import Limit, Offset, Page, page
from . import store
from .errors import RunNotFound
from .model import ACTIVE, LogLine, Run, RunEvent, Status

if TYPE_CHECKING:
    from sqlalchemy import Connection

POLL_SECONDS = 0.1
EVENTS_PAGE = 1_000


@locates("run_id")
def locate_run(db: Connection, organisation_id: str, run_id: str) -> Place | None:
    """A run's project."""
    found = store.row(db, run_id, organisation_id)
    return None if found is None else Place(found["id"], found["project_id"])


def found_run(ctx: Context, run_id: str) -> Run:
    """The run as it stands. Raises RunNotFound."""
    run = store.get(ctx.db, run_id, ctx.caller.organisation_id)
    if run is None:
        raise RunNotFound(run_id=run_id)
    return run


class GetRun(Query[Run], route="GET /runs/{run_id}", scope="runs:read", raises=(RunNotFound,)):
    """A run as it stands now, with its progress, its books when it has ended and its error if it failed.

    run_id: the run.
    """

    run_id: str


@handles(GetRun)
def get_run(query: GetRun, ctx: Context) -> Run:
    return found_run(ctx, query.run_id)


class ListRuns(Query[Page[Run]], route="GET /runs", scope="runs:read"):
    """Runs, newest first.

    project_id: only those of this project.
    status: only those that have this status now.
    limit: runs in a page; offset: runs to leave out before it.
    """

    project_id: str | None = None
    status: Status | None = None
    limit: Limit = 50
    offset: Offset = 0


@handles(ListRuns)
def list_runs(query: ListRuns, ctx: Context) -> Page[Run]:
    conditions = [store.runs.c.organisation_id == ctx.caller.organisation_id]
    if query.project_id is not None:
        conditions.append(store.runs.c.project_id == query.project_id)
    visible = ctx.caller.visible_projects
    if visible is not None:
        conditions.append(store.runs.c.project_id.in_(visible))
    if query.status is not None:
        conditions.append(store.status_is(ctx.db, ctx.caller.organisation_id, query.status))
    found = store.page_of(ctx.db, conditions, limit=query.limit, offset=query.offset)
    return page(found, total=store.count(ctx.db, conditions), offset=query.offset, limit=query.limit)


class FindRun(Query[Run], route="GET /runs-by-key", scope="runs:read", raises=(RunNotFound,)):
    """The newest run of a resume key or of a request, for whoever repeats a command.

    resume_key: the key of what is moved, from a plan.
    request_key: the hash of a command's normal form, given when its plan was made.
    active: only one that is queued or running.
    """

    resume_key: str | None = None
    request_key: str | None = None
    active: bool = False


@handles(FindRun)
def find_run(query: FindRun, ctx: Context) -> Run:
    for run in store.by_keys(ctx.db, ctx.caller.organisation_id, query.resume_key, query.request_key):
        if ctx.caller.sees(run.project_id) and (run.status in ACTIVE or not query.active):
            return run
    raise RunNotFound(run_id=query.resume_key or query.request_key or "without a key")


class RunEvents(Query[list[RunEvent]], route="GET /runs/{run_id}/events", scope="runs:read", raises=(RunNotFound,)):
    """What happened in a run after a given event, waiting for news if there is none yet.

    run_id: the run.
    after: the number of the last event seen; 0 for all.
    wait_seconds: how long to wait for the next event; the list is empty when there is none in that time.
    """

    run_id: str
    after: Annotated[int, Ge(0)] = 0
    wait_seconds: Annotated[float, Ge(0), Le(30)] = 0.0


@handles(RunEvents)
def run_events(query: RunEvents, ctx: Context) -> list[RunEvent]:
    until = time.monotonic() + query.wait_seconds
    while True:
        events = store.events_after(ctx.db, query.run_id, query.after, EVENTS_PAGE)
        if events or time.monotonic() >= until or found_run(ctx, query.run_id).status == "interrupted":
            return events
        time.sleep(min(POLL_SECONDS, max(0.0, until - time.monotonic())))


class RunLog(Query[list[LogLine]], route="GET /runs/{run_id}/log", scope="runs:read", raises=(RunNotFound,)):
    """The log of a run, oldest line first.

    run_id: the run.
    after: the number of the last line seen; 0 for all.
    level: the least level to show.
    limit: lines at most.
    """

    run_id: str
    after: Annotated[int, Ge(0)] = 0
    level: Literal["debug", "info", "warning", "error"] = "info"
    limit: Annotated[int, Gt(0), Le(10_000)] = 1_000


@handles(RunLog)
def run_log(query: RunLog, ctx: Context) -> list[LogLine]:
    return store.lines_after(ctx.db, query.run_id, query.after, query.level, query.limit)
