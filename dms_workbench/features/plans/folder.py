"""A plan as a folder for review, and a reviewed folder as a plan again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...kernel.bus import handles, prepares
from ...kernel.context import Context
from ...kernel.messages import Command, Query
from ...kernel.shown import Readable
from ..connections import GetConnection, resolve_url
from .check import CheckDatabases
from .errors import PlanFolderTaken, PlanNotFound
from .make import found_plan, full_plan, keep_plan
from .model import PlanSummary

if TYPE_CHECKING:
    from ...engine.planning import Plan


@dataclass(frozen=True)
class PlanFile(Readable):
    """One file of a plan's folder."""

    name: str
    text: str


@dataclass(frozen=True)
class PlanFiles(Readable):
    """A plan's folder, as files by name; `write` puts them on disk."""

    plan_id: str
    files: tuple[PlanFile, ...]

    def __str__(self) -> str:
        return "\n".join(f"{file.name}  {len(file.text.encode()):,} bytes" for file in self.files)

    def write(self, folder: str | Path) -> Path:
        """Write the files into a folder that is new or empty, and return it. Raises PlanFolderTaken."""
        place = Path(folder)
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise PlanFolderTaken(folder=str(place))
        place.mkdir(parents=True, exist_ok=True)
        for file in self.files:
            (place / file.name).write_text(file.text, encoding="utf-8", errors="surrogatepass", newline="")
        return place


class PlanFolder(Query[PlanFiles], route="GET /plans/{plan_id}/folder", scope="plans:read", raises=(PlanNotFound,)):
    """A plan as files for review: DDL before and after the rows, mapping, account of objects, runbook, and the plan itself.

    plan_id: the plan.
    check: look at both databases once more, and put what is found into the runbook.
    """

    plan_id: str
    check: bool = True


@handles(PlanFolder)
def plan_folder(query: PlanFolder, ctx: Context) -> PlanFiles:
    from ...engine.planning.folder import plan_files

    kept = found_plan(ctx, query.plan_id)
    findings = str(ctx.bus.send(check_of(kept))) if query.check else ""
    files = plan_files(
        full_plan(ctx, query.plan_id),
        source=ctx.bus.send(GetConnection(kept.source_connection_id)).url,
        target=ctx.bus.send(GetConnection(kept.target_connection_id)).url,
        findings=findings,
    )
    return PlanFiles(kept.id, tuple(PlanFile(name, text) for name, text in files.items()))


def check_of(plan: PlanSummary) -> CheckDatabases:
    """The pre-check of a plan's databases."""
    return CheckDatabases(
        plan.source_connection_id,
        plan.target_connection_id,
        source_schema=plan.options.get("source_schema"),
        target_schema=plan.options.get("target_schema"),
        tables=tuple(plan.options.get("tables", ())),
        exclude=tuple(plan.options.get("exclude", ())),
        ledger_schema=plan.options["ledger_schema"],
        source_schemas=tuple(plan.options.get("source_schemas", ())),
    )


class ReopenPlan(Command[PlanSummary], route="POST /plan-folders", scope="plans:make"):
    """Take a reviewed plan up again from its files; refused if a file was changed or either database's structure moved.

    project_id: the project it belongs to.
    source_connection_id: where the rows come from.
    target_connection_id: where they go.
    files: the content of the folder's files by name.
    """

    project_id: str
    source_connection_id: str
    target_connection_id: str
    files: dict[str, str]


@prepares(ReopenPlan)
def read_files(command: ReopenPlan, ctx: Context) -> Plan:
    """The engine's plan, checked against both databases. Raises PlanFolderInvalid, PlanOutdated, errors of connecting."""
    from ...engine.planning.folder import plan_of_files
    from ...engine.planning.reopen import reopen_plan

    plan = plan_of_files(command.files)
    return reopen_plan(
        plan, resolve_url(ctx, command.source_connection_id), resolve_url(ctx, command.target_connection_id)
    )


@handles(ReopenPlan)
def reopen(command: ReopenPlan, ctx: Context) -> PlanSummary:
    plan: Plan = ctx.prepared
    options = {
        "source_schema": plan.source_schema,
        "source_schemas": [
            schema for schema in plan.source_schemas if schema is not None and plan.source_schema is None
        ],
        "target_schema": plan.target_schema,
        "tables": [table.source_label for table in plan.tables],
        "exclude": [],
        "mode": plan.mode,
        "ledger_schema": plan.ledger_schema,
        "new_run": False,
    }
    return keep_plan(ctx, plan, command, options)
